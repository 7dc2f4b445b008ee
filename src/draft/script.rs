//! What surrounds a curl command where it is copied from: here-documents, pipes, and the line ends of other systems.

/// The word that stands for a body which is fed to the command.
const STDIN: &str = "@-";

/// A command that a case can be made of, or why there is none.
pub(super) fn command(text: &str) -> Result<String, String> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if is_of_cmd(text) {
        return Err("the command is in the form of cmd.exe, with `^`: copy it as cURL (bash)".to_owned());
    }
    fed(text)
}

/// Whether a command is as browsers copy it for the command line of Windows.
fn is_of_cmd(text: &str) -> bool {
    text.lines().any(|line| line.ends_with(" ^")) || text.contains(" ^\"")
}

/// A command with what a here-document feeds it in the place where it is taken from.
fn fed(text: &str) -> Result<String, String> {
    let Some((before, after)) = text.split_once("<<") else { return Ok(text.to_owned()) };
    let (strips, after) = match after.strip_prefix('-') {
        Some(after) => (true, after),
        None => (false, after),
    };
    let (first, rest) = after.split_once('\n').unwrap_or((after, ""));
    let word = first.trim_start().split([' ', '\t', ')', '"', '|', ';']).find(|word| !word.is_empty());
    let Some(word) = word.filter(|_| !before.ends_with('<') && !after.starts_with('<')) else {
        return Ok(text.to_owned());
    };
    let end = word.trim_matches(['\'', '"', '\\']);
    let mut body = Vec::new();
    let mut lines = rest.lines();
    let closed = lines.by_ref().any(|line| {
        let line = if strips { line.trim_start_matches('\t') } else { line };
        if line != end {
            body.push(line);
        }
        line == end
    });
    if !closed {
        return Err(format!("the here-document `<<{word}` has no line `{end}` that ends it"));
    }
    let body = format!("'{}'", body.join("\n").replace('\'', r"'\''"));
    let after_word = &first[first.find(word).map_or(first.len(), |at| at + word.len())..];
    let after: Vec<&str> = std::iter::once(after_word).chain(lines).collect();
    let after = after.join("\n");
    // `"$(cat <<'EOF' … )"` stands for its text.
    if let Some(before) = before.trim_end().strip_suffix("\"$(cat") {
        let after = after.trim_start().strip_prefix(")\"").ok_or("`$(cat <<…)` is not closed")?;
        return Ok(format!("{before}{body}{after}"));
    }
    match before.rfind(STDIN) {
        Some(at) => Ok(format!("{}{body}{}{after}", &before[..at], &before[at + STDIN.len()..])),
        None => Err(format!("the here-document `<<{word}` feeds nothing: write `-d @-`")),
    }
}

/// Why the words of a line are more than one command.
pub(super) fn is_alone(words: &[String]) -> Result<(), String> {
    const MARKS: [&str; 10] = ["|", "||", "&", "&&", ";", ">", ">>", "<", "2>", "2>&1"];
    match words.iter().find(|word| MARKS.contains(&word.as_str())) {
        Some(mark) => Err(format!("the line goes on with `{mark}`: give the curl command alone")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::none("curl http://h", "curl http://h")]
    #[case::of_windows("curl http://h \\\r\n -s\r\n", "curl http://h \\\n -s")]
    #[case::fed(
        "curl http://h -d @- <<'EOF'\n{\"a\": \"it's\"}\nEOF\n",
        r#"curl http://h -d '{"a": "it'\''s"}' "#
    )]
    #[case::fed_from_within("curl -d @- http://h <<EOF\n1\n2\nEOF", "curl -d '1\n2' http://h ")]
    #[case::with_tabs("curl http://h -d @- <<-X\n\t1\n\tX", "curl http://h -d '1' ")]
    #[case::printed("curl http://h -d \"$(cat <<'EOF'\n{}\nEOF\n)\" -s", "curl http://h -d '{}' -s")]
    fn what_feeds_a_command_is_in_it(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(command(text).as_deref(), Ok(expected));
    }

    #[rstest]
    #[case::of_cmd("curl ^\"http://h^\" ^\n -s", "cmd.exe")]
    #[case::without_end("curl -d @- http://h <<EOF\n{}", "no line `EOF`")]
    #[case::to_nothing("curl http://h <<EOF\n{}\nEOF", "feeds nothing")]
    fn what_cannot_be_read_is_told(#[case] text: &str, #[case] told: &str) {
        let error = command(text).expect_err("it is refused");
        assert!(error.contains(told), "{error}");
    }
}
