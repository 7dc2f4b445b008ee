//! A text with its encodings undone, so that a secret is found however it is wrapped, with the places of the text itself.
//!
//! Each view is made in one pass, and there are few: the cost grows with the text alone.

use std::ops::Range;

use memchr::memchr3;

/// So often escapes are undone that are wrapped in each other: `%256e` is `%6e`, which is `n`.
const DEEPEST: usize = 8;

/// Whether a view knows where in the text it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Places {
    /// It does.
    Kept,
    /// It does not, and takes less time and memory.
    Lost,
}

/// A text in all the ways it can be read.
pub(super) struct Views<'t> {
    text: &'t str,
    /// With its escapes undone once, twice and so on.
    unescaped: Vec<View>,
    /// The last of them, folded.
    folded: View,
}

/// One way to read a text.
#[derive(Default)]
struct View {
    bytes: Vec<u8>,
    /// Where it differs from what it is made of.
    edits: Vec<Edit>,
}

/// From the byte `at` on, of which that one stands for `start..end` of the origin, and each further one for one after that.
struct Edit {
    at: usize,
    start: usize,
    end: usize,
}

impl<'t> Views<'t> {
    pub(super) fn new(text: &'t str, places: Places) -> Self {
        let mut unescaped: Vec<View> = Vec::new();
        while unescaped.len() < DEEPEST {
            let last = unescaped.last().map_or(text.as_bytes(), |view| &view.bytes);
            let Some(next) = unescape(last, places) else { break };
            unescaped.push(next);
        }
        let last = unescaped.last().map_or(text.as_bytes(), |view| &view.bytes);
        let folded = fold_with(last, places);
        Self { text, unescaped, folded }
    }

    /// The text, and what it is without its escapes; each with its depth.
    pub(super) fn plain(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let unescaped = self.unescaped.iter().map(|view| view.bytes.as_slice());
        std::iter::once(self.text.as_bytes()).chain(unescaped).enumerate()
    }

    /// What is left of the text when it is folded.
    pub(super) fn folded(&self) -> &[u8] {
        &self.folded.bytes
    }

    /// Where in the text stands what has this place in the view of a depth.
    pub(super) fn of_plain(&self, depth: usize, place: Range<usize>) -> Range<usize> {
        let below = self.unescaped[..depth].iter().rev();
        let place = below.fold(place, |place, view| view.origin(place));
        // What is found begins and ends with whole characters, but for text that is none.
        let start = (0..=place.start).rev().find(|start| self.text.is_char_boundary(*start));
        let end = (place.end..=self.text.len()).find(|end| self.text.is_char_boundary(*end));
        start.unwrap_or_default()..end.unwrap_or(self.text.len())
    }

    /// The same for the folded view.
    pub(super) fn of_folded(&self, place: Range<usize>) -> Range<usize> {
        self.of_plain(self.unescaped.len(), self.folded.origin(place))
    }

    /// The text without any of its escapes; `None` where it has none.
    pub(super) fn into_innermost(mut self) -> Option<Vec<u8>> {
        self.unescaped.pop().map(|view| view.bytes)
    }
}

impl View {
    fn put(&mut self, decoded: &[u8], origin: Range<usize>, places: Places) {
        for byte in decoded {
            self.mark(origin.clone(), places);
            self.bytes.push(*byte);
        }
    }

    fn mark(&mut self, origin: Range<usize>, places: Places) {
        if places == Places::Kept {
            self.edits.push(Edit { at: self.bytes.len(), start: origin.start, end: origin.end });
        }
    }

    /// Where what stands at a place comes from.
    fn origin(&self, place: Range<usize>) -> Range<usize> {
        self.origin_of(place.start).start..self.origin_of(place.end.saturating_sub(1)).end
    }

    fn origin_of(&self, at: usize) -> Range<usize> {
        let before = self.edits.partition_point(|edit| edit.at <= at);
        match before.checked_sub(1).map(|last| &self.edits[last]) {
            None => at..at + 1,
            Some(edit) if edit.at == at => edit.start..edit.end,
            Some(edit) => {
                let start = edit.end + (at - edit.at - 1);
                start..start + 1
            }
        }
    }
}

/// A text with each escape undone once; `None` where there is none.
fn unescape(bytes: &[u8], places: Places) -> Option<View> {
    let mut view = View::default();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = memchr3(b'%', b'\\', b'&', &bytes[at..]) {
        let start = at + found;
        at = start + 1;
        if let Some((decoded, length)) = escape(&bytes[start..]) {
            at = start + length;
            view.bytes.extend_from_slice(&bytes[copied..start]);
            match decoded {
                Decoded::Byte(byte) => view.put(&[byte], start..at, places),
                Decoded::Character(character) => {
                    view.put(character.encode_utf8(&mut [0; 4]).as_bytes(), start..at, places);
                }
            }
            copied = at;
        }
    }
    if copied == 0 {
        return None;
    }
    view.bytes.extend_from_slice(&bytes[copied..]);
    Some(view)
}

/// What an escape stands for.
enum Decoded {
    Byte(u8),
    Character(char),
}

/// The escape that a text begins with, and its length.
fn escape(bytes: &[u8]) -> Option<(Decoded, usize)> {
    match bytes {
        // As `escape()` of JavaScript does it.
        [b'%', b'u', rest @ ..] => {
            let (number, _) = number(rest, 16, 4, 4)?;
            Some((Decoded::Character(char::from_u32(number)?), 6))
        }
        [b'%', rest @ ..] => byte(rest).map(|byte| (Decoded::Byte(byte), 3)),
        [b'\\', rest @ ..] => after_backslash(rest).map(|(decoded, length)| (decoded, length + 1)),
        [b'&', b'#', b'x' | b'X', rest @ ..] => entity(rest, 16, 8).map(|(decoded, end)| (decoded, end + 3)),
        [b'&', b'#', rest @ ..] => entity(rest, 10, 10).map(|(decoded, end)| (decoded, end + 2)),
        [b'&', rest @ ..] => {
            let (name, character) = ENTITIES
                .iter()
                .find(|(name, _)| rest.starts_with(name.as_bytes()) && rest.get(name.len()) == Some(&b';'))?;
            Some((Decoded::Character(*character), name.len() + 2))
        }
        _ => None,
    }
}

/// The names of HTML for what may stand in a secret.
const ENTITIES: [(&str, char); 21] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("lowbar", '_'),
    ("UnderBar", '_'),
    ("nbsp", '\u{a0}'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("plus", '+'),
    ("equals", '='),
    ("sol", '/'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("period", '.'),
    ("commat", '@'),
    ("num", '#'),
    ("percnt", '%'),
    ("dollar", '$'),
    ("excl", '!'),
];

fn entity(bytes: &[u8], radix: u32, longest: usize) -> Option<(Decoded, usize)> {
    let (number, length) = number(bytes, radix, 1, longest)?;
    let length = if bytes.get(length) == Some(&b';') { length + 1 } else { length };
    Some((Decoded::Character(char::from_u32(number)?), length))
}

/// What follows a backslash in JSON, JavaScript, Rust, C and the shell.
fn after_backslash(bytes: &[u8]) -> Option<(Decoded, usize)> {
    match bytes {
        [b'u', b'{', rest @ ..] => {
            let (number, length) = number(rest, 16, 1, 6)?;
            let is_closed = rest.get(length) == Some(&b'}');
            is_closed.then_some(())?;
            Some((Decoded::Character(char::from_u32(number)?), length + 3))
        }
        [b'u', rest @ ..] => {
            let (first, _) = number(rest, 16, 4, 4)?;
            if let Some(character) = char::from_u32(first) {
                return Some((Decoded::Character(character), 5));
            }
            // One half of a pair (RFC 8259 §7).
            let (second, _) = number(rest.get(4..)?.strip_prefix(b"\\u")?, 16, 4, 4)?;
            let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
            Some((Decoded::Character(char::decode_utf16(pair).next()?.ok()?), 11))
        }
        [b'U', rest @ ..] => {
            let (number, _) = number(rest, 16, 8, 8)?;
            Some((Decoded::Character(char::from_u32(number)?), 9))
        }
        [b'x', rest @ ..] => byte(rest).map(|byte| (Decoded::Byte(byte), 3)),
        [b'0'..=b'3', ..] => {
            let (number, _) = number(bytes, 8, 3, 3)?;
            Some((Decoded::Byte(u8::try_from(number).ok()?), 3))
        }
        [b'n', ..] => Some((Decoded::Byte(b'\n'), 1)),
        [b'r', ..] => Some((Decoded::Byte(b'\r'), 1)),
        [b't', ..] => Some((Decoded::Byte(b'\t'), 1)),
        [mark, ..] if mark.is_ascii_punctuation() => Some((Decoded::Byte(*mark), 1)),
        _ => None,
    }
}

/// Two hexadecimal digits.
fn byte(bytes: &[u8]) -> Option<u8> {
    number(bytes, 16, 2, 2).and_then(|(number, _)| u8::try_from(number).ok())
}

/// The digits that a text begins with, as a number, and how many they are: at most `longest`, at least `shortest`.
fn number(bytes: &[u8], radix: u32, shortest: usize, longest: usize) -> Option<(u32, usize)> {
    let digits = bytes.iter().take(longest).map_while(|byte| char::from(*byte).to_digit(radix));
    let mut length = 0;
    let mut number = 0_u32;
    for digit in digits {
        number = number.checked_mul(radix)?.checked_add(digit)?;
        length += 1;
    }
    (length >= shortest).then_some((number, length))
}

/// A text without blanks, without what is not seen, without backslashes, in lower case, and with one form of the two that base64
/// has for its last characters.
pub(super) fn fold(text: &str) -> Vec<u8> {
    fold_with(text.as_bytes(), Places::Lost).bytes
}

fn fold_with(bytes: &[u8], places: Places) -> View {
    let mut view = View { bytes: Vec::with_capacity(bytes.len()), edits: Vec::new() };
    let (mut at, mut has_gap) = (0, false);
    while let Some(byte) = bytes.get(at) {
        let skipped = ignored(&bytes[at..]);
        if skipped > 0 {
            at += skipped;
            has_gap = true;
            continue;
        }
        if has_gap {
            view.mark(at..at + 1, places);
            has_gap = false;
        }
        view.bytes.push(match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other.to_ascii_lowercase(),
        });
        at += 1;
    }
    view
}

/// How many bytes at the beginning are a character that nobody sees, or a backslash.
fn ignored(bytes: &[u8]) -> usize {
    match bytes {
        [0..=b' ' | b'\\' | 0x7f, ..] => 1,
        // Controls, and a hyphen or a space that may be none; the mark of Arabic letters.
        [0xc2, 0x80..=0xa0 | 0xad, ..] | [0xd8, 0x9c, ..] => 2,
        // What has no width, or changes the direction; a byte order mark.
        [0xe2, 0x80, 0x8b..=0x8f | 0xa8..=0xaf, ..]
        | [0xe2, 0x81, 0xa0..=0xaf, ..]
        | [0xef, 0xbb, 0xbf, ..] => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::percent("%6E%61pi", "napi")]
    #[case::percent_twice("%256e%2561pi", "napi")]
    #[case::of_javascript("%u006eapi", "napi")]
    #[case::json(r"\u006e\u0061pi\/x\\", r"napi/x\")]
    #[case::json_in_json(r"\\u006eapi", "napi")]
    #[case::a_pair(r"\ud83d\ude00", "😀")]
    #[case::rust_and_shell(r"\u{6e}\x61\160i", "napi")]
    #[case::html("&#110;&#x61;&#112i&lowbar;", "napi_")]
    #[case::mixed("&#37;6e\\u0061pi", "napi")]
    #[case::percent_of_more_bytes("h%C3%BCgel", "hügel")]
    #[case::none(
        "100 % & \\q &; &#; %zz \\u12 \\ud83d \\u{} &copy;",
        "100 % & \\q &; &#; %zz \\u12 \\ud83d \\u{} &copy;"
    )]
    fn escapes_are_undone(#[case] text: &str, #[case] expected: &str) {
        let innermost = Views::new(text, Places::Lost).into_innermost();
        let undone = innermost.map_or(text.to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert_eq!(undone, expected);
    }

    #[rstest]
    #[case::plain("the key", "key")]
    #[case::percent("a %6bey b", "key")]
    #[case::percent_twice("a k%2565y b", "key")]
    #[case::beside_wide_characters("é%C3%A9key%C3%A9é", "key")]
    #[case::blanks("é k\u{200b}e \n y é", "key")]
    #[case::blanks_in_escapes("%0A%6b%0A%65\\n\u{202e}y!", "key")]
    fn the_places_are_those_of_the_text(#[case] text: &str, #[case] word: &str) {
        let views = Views::new(text, Places::Kept);
        let start = memchr::memmem::find(views.folded(), word.as_bytes()).expect("it is there");
        let found = &text[views.of_folded(start..start + word.len())];
        assert_eq!(Views::new(found, Places::Lost).folded(), word.as_bytes());
        let edges = [found.chars().next(), found.chars().last()];
        assert!(edges.iter().flatten().all(|edge| !edge.is_whitespace()), "`{found}`");
    }

    #[test]
    fn what_is_wrapped_without_end_is_undone_so_often() {
        let text = format!("%{}6e", "25".repeat(1000));
        assert_eq!(Views::new(&text, Places::Lost).unescaped.len(), DEEPEST);
    }
}
