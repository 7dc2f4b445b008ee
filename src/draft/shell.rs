//! The words of a shell command, with the quotes that browsers write, and what it is given as input.

mod ansi_c;

/// A command of the shell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) words: Vec<String>,
    /// A here-document, or a here-string.
    pub(super) input: Option<String>,
}

/// A text is no single command of a shell like bash.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShellError {
    /// A quote is not closed.
    #[error("the command has a quote that is not closed")]
    Quote,
    /// A here-document does not end.
    #[error("the command has a here-document (`<<`) whose last line is missing")]
    HereDocument,
    /// Its output goes to another command.
    #[error("the command contains a pipe; remove the `|` and everything after it")]
    Pipe,
    /// Its input is a file.
    #[error("the command reads a file with `<`; put the contents of the file into the command")]
    File,
    /// There are others.
    #[error(
        "an unquoted `&`, `;` or `||` ends the command; put the URL between single quotes, and pass one command"
    )]
    Several,
    /// It is written for another shell.
    #[error(
        "the command is written for cmd.exe (`^`); copy it for bash (`Copy as cURL (bash)` in a browser)"
    )]
    CmdExe,
    /// It is written for another shell.
    #[error("the command is written for PowerShell (a backtick at the end of a line); copy it for bash")]
    PowerShell,
}

/// Stands before what the shell would put something else in the place of: `$NAME`, `${NAME}`, `$(…)` and backticks. No command holds it.
const EXPANDED: char = '\u{F8FE}';

/// What in a text a shell would put something else in the place of.
pub(super) fn expansion(text: &str) -> Option<&str> {
    let expanded = text.split_once(EXPANDED)?.1;
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = match expanded.get(1..2) {
        Some("{") => expanded.find('}').map(|end| end + 1),
        Some(next) if next.starts_with(is_of_a_name) => {
            expanded[1..].find(|c| !is_of_a_name(c)).map(|end| end + 1)
        }
        _ => expanded.find([')', ' ']).map(|end| end + 1),
    };
    Some(&expanded[..end.unwrap_or(expanded.len())])
}

/// A text as it was written.
pub(super) fn as_written(text: &str) -> String {
    text.replace(EXPANDED, "")
}

/// Whether a shell would put something else in the place of a `$` before this.
fn is_expanded(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '{' | '('))
}

/// Reads a command.
///
/// # Errors
/// When it is none, or more than one.
pub(super) fn command(line: &str) -> Result<Command, ShellError> {
    // As the clipboard of Windows has it, and as old terminals do.
    let line = line.replace("\r\n", "\n");
    let line = if line.contains('\n') { line } else { line.replace('\r', "\n") };
    let mut reader = Reader { rest: &line, command: Command::default(), word: None, documents: Vec::new() };
    reader.read()?;
    Ok(reader.command)
}

/// What ends a here-document.
struct Document {
    end: String,
    /// `<<-`: tabs before each line are left out.
    is_indented: bool,
    /// What stands between quotes is taken as it is.
    is_quoted: bool,
}

struct Reader<'l> {
    rest: &'l str,
    command: Command,
    /// The word under way.
    word: Option<String>,
    /// Those that begin on the next line.
    documents: Vec<Document>,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), ShellError> {
        while let Some(character) = self.next() {
            match character {
                '\n' => {
                    self.end_word();
                    self.here_documents()?;
                }
                blank if blank.is_whitespace() => self.end_word(),
                '#' if self.word.is_none() => {
                    let end = self.rest.find('\n').unwrap_or(self.rest.len());
                    self.rest = &self.rest[end..];
                }
                '^' if self.rest.is_empty() || self.rest.starts_with(['"', '\n', '\\', '{', '%', '^']) => {
                    return Err(ShellError::CmdExe);
                }
                '`' if self.rest.starts_with('\n') => return Err(ShellError::PowerShell),
                '|' if self.rest.starts_with('|') => return Err(ShellError::Several),
                '|' => return Err(ShellError::Pipe),
                '&' if self.rest.starts_with('>') => {}
                '&' | ';' if self.rest.trim().is_empty() => break,
                '&' | ';' => return Err(ShellError::Several),
                '>' => self.output()?,
                '<' => self.input()?,
                other => self.part(other)?,
            }
        }
        self.end_word();
        if self.documents.is_empty() { Ok(()) } else { Err(ShellError::HereDocument) }
    }

    fn next(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn end_word(&mut self) {
        self.command.words.extend(self.word.take());
    }

    /// A part of a word, which begins with this character.
    fn part(&mut self, character: char) -> Result<(), ShellError> {
        let mut text = String::new();
        match character {
            '\'' => text.push_str(self.up_to_quote()?),
            '"' => self.between_quotes(&mut text)?,
            '\\' => match self.next() {
                Some('\n') => return Ok(()),
                Some(escaped) => text.push(escaped),
                None => {}
            },
            '$' if self.take("'") => {
                let (taken, rest) = ansi_c::quoted(self.rest).ok_or(ShellError::Quote)?;
                text = taken;
                self.rest = rest;
            }
            // A text to be translated.
            '$' if self.take("\"") => self.between_quotes(&mut text)?,
            other => self.push_unquoted(other, &mut text),
        }
        self.word.get_or_insert_default().push_str(&text);
        Ok(())
    }

    /// A character to which a shell may give a meaning, also between double quotes.
    fn push_unquoted(&self, character: char, text: &mut String) {
        if character == '`' || (character == '$' && is_expanded(self.rest)) {
            text.push(EXPANDED);
        }
        text.push(character);
    }

    fn up_to_quote(&mut self) -> Result<&str, ShellError> {
        let (text, rest) = self.rest.split_once('\'').ok_or(ShellError::Quote)?;
        self.rest = rest;
        Ok(text)
    }

    fn between_quotes(&mut self, text: &mut String) -> Result<(), ShellError> {
        loop {
            match self.next().ok_or(ShellError::Quote)? {
                '"' => return Ok(()),
                '\\' => match self.next().ok_or(ShellError::Quote)? {
                    '\n' => {}
                    escaped @ ('$' | '`' | '"' | '\\') => text.push(escaped),
                    other => text.extend(['\\', other]),
                },
                '$' if self.rest.starts_with("(cat <<") || self.rest.starts_with("(cat<<") => {
                    self.printed_document(text)?;
                }
                other => self.push_unquoted(other, text),
            }
        }
    }

    /// `$(cat <<'EOF' … )` stands for the text of the document, without line breaks at its end.
    fn printed_document(&mut self, text: &mut String) -> Result<(), ShellError> {
        let word = self.word.take();
        let _ = self.take("(cat");
        self.rest = self.rest.trim_start_matches(' ');
        let _ = self.take("<<");
        let document = self.document()?;
        let (_, rest) = self.rest.split_once('\n').ok_or(ShellError::HereDocument)?;
        self.rest = rest;
        let printed = self.lines(&document)?;
        self.rest = self.rest.trim_start();
        self.word = word;
        text.push_str(printed.trim_end_matches('\n'));
        if self.take(")") { Ok(()) } else { Err(ShellError::HereDocument) }
    }

    /// The next word, which belongs to what stands before it, and whether there is a quote in it.
    fn operand(&mut self) -> Result<(String, bool), ShellError> {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        let start = self.rest;
        self.word = None;
        while let Some(character) = self.rest.chars().next() {
            if character.is_whitespace() || matches!(character, '|' | '&' | ';' | '<' | '>') {
                break;
            }
            let character = self.next().unwrap_or_default();
            self.part(character)?;
        }
        let written = &start[..start.len() - self.rest.len()];
        Ok((self.word.take().unwrap_or_default(), written.contains(['\'', '"', '\\'])))
    }

    /// Where the output goes says nothing of the request.
    fn output(&mut self) -> Result<(), ShellError> {
        if self.word.as_ref().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        let _ = self.take(">") || self.take("&");
        self.operand().map(|_| ())
    }

    fn input(&mut self) -> Result<(), ShellError> {
        self.end_word();
        if self.take("<<") {
            let (text, _) = self.operand()?;
            self.command.input = Some(format!("{text}\n"));
        } else if self.take("<") {
            let document = self.document()?;
            self.documents.push(document);
        } else {
            return Err(ShellError::File);
        }
        Ok(())
    }

    fn document(&mut self) -> Result<Document, ShellError> {
        let is_indented = self.take("-");
        let (end, is_quoted) = self.operand()?;
        Ok(Document { end, is_indented, is_quoted })
    }

    /// The documents that begin here.
    fn here_documents(&mut self) -> Result<(), ShellError> {
        for document in std::mem::take(&mut self.documents) {
            self.command.input = Some(self.lines(&document)?);
        }
        Ok(())
    }

    /// The lines of a document, up to its end.
    fn lines(&mut self, document: &Document) -> Result<String, ShellError> {
        let mut text = String::new();
        while !self.rest.is_empty() {
            let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            self.rest = rest;
            let line = if document.is_indented { line.trim_start_matches('\t') } else { line };
            if line == document.end {
                return Ok(if document.is_quoted { text } else { unescaped(&text) });
            }
            text.push_str(line);
            text.push('\n');
        }
        Err(ShellError::HereDocument)
    }
}

/// A here-document that does not stand between quotes, without its escapes.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match characters.peek() {
            Some('\n') if character == '\\' => _ = characters.next(),
            Some('$' | '`' | '\\') if character == '\\' => plain.extend(characters.next()),
            next if character == '`'
                || (character == '$'
                    && next.is_some_and(|next| is_expanded(next.encode_utf8(&mut [0; 4])))) =>
            {
                plain.extend([EXPANDED, character]);
            }
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain("curl 'a b' \"c d\" e\\ f", &["curl", "a b", "c d", "e f"])]
    #[case::empty("curl '' \"\"", &["curl", "", ""])]
    #[case::lines_of_an_old_terminal("curl \\\r a\r", &["curl", "a"])]
    #[case::lines("curl \\\n a\\\nb \\\r\n c", &["curl", "ab", "c"])]
    #[case::a_quote(r"$'it\'s'", &["it's"])]
    #[case::letters(r"$'\u0041\x42\103\U0001F600 ${x} \t!'", &["ABC😀 ${x} \t!"])]
    #[case::bytes_of_one_letter(r"$'h\xc3\xbcgel'", &["hügel"])]
    #[case::marks(r#"$'\\ \" \? \q \xz'"#, &[r#"\ " ? \q \xz"#])]
    #[case::in_a_word(r"-H$'a: \u0021'b", &["-Ha: !b"])]
    #[case::between_other_quotes(r#""$'a'" '$' \$'b'"#, &["$'a'", "$", "$b"])]
    #[case::to_be_translated("$\"a b\"", &["a b"])]
    #[case::an_escaped_quote(r#""a\"$'" $'b'"#, &["a\"$'", "b"])]
    #[case::pretty_json(r#"$'{\n  "a": "it\u0021 \041"\n}'"#, &["{\n  \"a\": \"it! !\"\n}"])]
    #[case::backslashes_in_quotes(r#""a\n\$x""#, &["a\\n$x"])]
    #[case::a_printed_document("-d \"$(cat <<'EOF'\n{\"a\": \"it's\"}\nEOF\n)\" b", &["-d", "{\"a\": \"it's\"}", "b"])]
    #[case::shifts_in_quotes("-d 'a << b' \"c <<EOF d\"", &["-d", "a << b", "c <<EOF d"])]
    #[case::a_comment("curl a # b 'c", &["curl", "a"])]
    #[case::output("curl a > b 2>&1 2>/dev/null >>c -s", &["curl", "a", "-s"])]
    #[case::operators_in_quotes("curl 'a|b' \"c;d\" e\\&f", &["curl", "a|b", "c;d", "e&f"])]
    #[case::a_semicolon_at_the_end("curl a ;\n", &["curl", "a"])]
    #[case::a_caret("curl 'a^b' c^d", &["curl", "a^b", "c^d"])]
    fn words_are_what_bash_makes_of_them(#[case] line: &str, #[case] expected: &[&str]) {
        assert_eq!(command(line).expect("it is a command").words, expected);
    }

    #[rstest]
    #[case::quoted("curl -d @- a <<'EOF'\n{\"a\": \"it's $x \\\"\"}\nEOF\n", "{\"a\": \"it's $x \\\"\"}\n")]
    #[case::unquoted("curl <<EOF a -d @-\n\\$a \\\\ \\q \\\nb\nEOF", "$a \\ \\q b\n")]
    #[case::in_double_quotes("curl -d @- << \"END\"\na\n EOF\nEND\n", "a\n EOF\n")]
    #[case::indented("curl -d @- <<-EOF\n\t\ta\n\tEOF\n", "a\n")]
    #[case::goes_on("curl -d @- <<EOF \\\n  -s\na\nEOF\n", "a\n")]
    #[case::of_windows("curl -d @- <<'EOF'\r\na\r\nEOF\r\n", "a\n")]
    #[case::a_string("curl -d @- <<< 'a b'", "a b\n")]
    fn its_input_is_read(#[case] line: &str, #[case] expected: &str) {
        let command = command(line).expect("it is a command");
        assert_eq!(command.input.as_deref(), Some(expected));
        assert_eq!(command.words.first().map(String::as_str), Some("curl"));
        assert!(command.words.iter().any(|word| word == "@-" || word == "-s"), "{command:?}");
    }

    #[rstest]
    #[case("'a", ShellError::Quote)]
    #[case("$'a", ShellError::Quote)]
    #[case(r"$'a\'", ShellError::Quote)]
    #[case(r"$'a\", ShellError::Quote)]
    #[case("\"a\\\"", ShellError::Quote)]
    #[case("curl -d @- <<EOF\na\n", ShellError::HereDocument)]
    #[case("curl -d @- <<EOF", ShellError::HereDocument)]
    #[case("curl -d \"$(cat <<EOF\na\nEOF\n", ShellError::HereDocument)]
    #[case("curl a | jq .", ShellError::Pipe)]
    #[case("curl a |& b", ShellError::Pipe)]
    #[case("curl a || b", ShellError::Several)]
    #[case("curl a?b=1&c=2", ShellError::Several)]
    #[case("curl a && curl b", ShellError::Several)]
    #[case("curl a; curl b", ShellError::Several)]
    #[case("curl -d @- < a.json", ShellError::File)]
    #[case("curl ^\"a^\" ^\r\n  -H ^\"b^\"", ShellError::CmdExe)]
    #[case("curl \"a\" ^\n  -H \"b\"", ShellError::CmdExe)]
    #[case("curl \"a\" `\n  -H \"b\"", ShellError::PowerShell)]
    fn what_is_no_single_command_is_told(#[case] line: &str, #[case] expected: ShellError) {
        assert_eq!(command(line), Err(expected));
    }
}
