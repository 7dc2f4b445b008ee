//! A spec file as parsed: its value, and where each part of it stands in the text.
//!
//! YAML 1.2 and JSON alike (every JSON text is YAML). Values are kept as JSON, positions by JSON
//! Pointer (RFC 6901), so that a mistake found long after parsing still has a line to point at.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

use super::diagnostic::Diagnostic;

/// A place in a spec file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file, as it should be shown.
    pub path: Arc<PathBuf>,
    /// The whole text of the file.
    pub text: Arc<str>,
    /// The bytes meant.
    pub span: Range<usize>,
}

impl Location {
    /// The line, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.text[..self.span.start.min(self.text.len())].bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    /// The line itself.
    pub(super) fn line_text(&self) -> &str {
        self.text.lines().nth(self.line() - 1).unwrap_or_default()
    }

    /// The same file, from its beginning.
    #[must_use]
    pub fn of_file(path: &Path, text: &str) -> Self {
        Self { path: Arc::new(path.to_path_buf()), text: text.into(), span: 0..0 }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line())
    }
}

/// A parsed spec file.
#[derive(Debug, Clone)]
pub struct Document {
    path: Arc<PathBuf>,
    text: Arc<str>,
    value: Value,
    /// By JSON Pointer.
    places: HashMap<Box<str>, Place>,
}

/// Where a value stands, and the key that leads to it; bytes of the text.
#[derive(Debug, Clone)]
struct Place {
    value: Range<u32>,
    key: Option<Range<u32>>,
}

impl Document {
    /// Parses the bytes of the file shown as `path`.
    ///
    /// # Errors
    /// A diagnostic where the bytes are not UTF-8, or the text is not one YAML document.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Diagnostic> {
        let path = Arc::new(path.to_path_buf());
        let text: Arc<str> = match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(error) => return Err(not_utf8(path, bytes, error.valid_up_to())),
        };
        let options = serde_saphyr::options! {
            strict_booleans: true,
            with_snippet: false,
        };
        let root: Spanned<Node> = serde_saphyr::from_str_with_options(&text, options)
            .map_err(|error| not_yaml(&path, &text, &error))?;
        if matches!(root.value, Node::Scalar(Value::Null)) {
            let location = Location { path, text, span: 0..0 };
            return Err(
                Diagnostic::new(location, "the file is empty").help("write something, or remove the file")
            );
        }
        let mut document = Self { path, text, value: Value::Null, places: HashMap::new() };
        document.value = document.place(root, None, &mut String::new());
        document.places.shrink_to_fit();
        Ok(document)
    }

    /// What stands in no file.
    pub(crate) fn of_nothing() -> Self {
        Self { path: Arc::default(), text: "".into(), value: Value::Null, places: HashMap::new() }
    }

    /// The file, as it is shown.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text it was parsed from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The parsed value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where the value at `pointer` stands; its nearest ancestor's place if it has none.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Location {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.places.get(pointer) {
                return self.location(&place.value);
            }
            match pointer.rfind('/') {
                Some(slash) => pointer = &pointer[..slash],
                None => return self.location(&(0..0)),
            }
        }
    }

    /// Where the key that leads to `pointer` stands; the value's place if it is not in a mapping.
    #[must_use]
    pub fn at_key(&self, pointer: &str) -> Location {
        match self.places.get(pointer).and_then(|place| place.key.as_ref()) {
            Some(span) => self.location(span),
            None => self.at(pointer),
        }
    }

    fn location(&self, span: &Range<u32>) -> Location {
        let span = span.start as usize..span.end as usize;
        Location { path: self.path.clone(), text: self.text.clone(), span }
    }

    /// Turns a node into JSON and remembers where it stood.
    fn place(&mut self, node: Spanned<Node>, key: Option<Range<u32>>, pointer: &mut String) -> Value {
        let value = self.span(&node.referenced);
        self.places.insert(pointer.as_str().into(), Place { value, key });
        match node.value {
            Node::Scalar(value) => value,
            Node::Sequence(items) => Value::Array(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| {
                        within(pointer, &index.to_string(), |pointer| self.place(item, None, pointer))
                    })
                    .collect(),
            ),
            Node::Mapping(entries) => {
                let mut map = Map::new();
                for (key, value) in entries {
                    let span = Some(self.span(&key.referenced));
                    let value = within(pointer, &key.value, |pointer| self.place(value, span, pointer));
                    map.insert(key.value, value);
                }
                Value::Object(map)
            }
        }
    }

    fn span(&self, location: &serde_saphyr::Location) -> Range<u32> {
        let span = span_in(&self.text, location);
        // Nobody writes a spec file of 4 GiB; the line of what stands behind would be wrong.
        let short = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        short(span.start)..short(span.end)
    }
}

fn within<T>(pointer: &mut String, token: &str, then: impl FnOnce(&mut String) -> T) -> T {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(&escape(token));
    let result = then(pointer);
    pointer.truncate(length);
    result
}

/// A key as a JSON Pointer token (RFC 6901 §3).
#[must_use]
pub fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// A JSON Pointer token as the key it stands for (RFC 6901 §4).
#[must_use]
pub fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// The bytes of the first line a YAML node takes: enough to underline it.
fn span_in(text: &str, location: &serde_saphyr::Location) -> Range<usize> {
    let span = location.span();
    let (Some(start), Some(length)) = (span.byte_offset(), span.byte_len()) else {
        return 0..0;
    };
    let start = usize::try_from(start).unwrap_or(0).min(text.len());
    let end = (start + usize::try_from(length).unwrap_or(0)).min(text.len());
    let shown = text.get(start..end).unwrap_or("");
    let first_line = shown.lines().next().unwrap_or("").trim_end();
    start..start + first_line.len()
}

fn not_utf8(path: Arc<PathBuf>, bytes: &[u8], valid: usize) -> Diagnostic {
    let text: Arc<str> = String::from_utf8_lossy(bytes).into();
    let location = Location { path, text, span: valid..valid };
    Diagnostic::new(location, format!("the file is not UTF-8: byte {valid} begins no character"))
        .help("save the file as UTF-8")
}

fn not_yaml(path: &Arc<PathBuf>, text: &Arc<str>, error: &serde_saphyr::Error) -> Diagnostic {
    let span = error.location().map_or(0..0, |location| {
        let start = location.span().byte_offset().and_then(|offset| usize::try_from(offset).ok());
        let start = start.unwrap_or_else(|| offset_of_line(text, location.line()));
        start.min(text.len())..start.min(text.len())
    });
    let location = Location { path: path.clone(), text: text.clone(), span };
    let message = error.without_snippet().to_string();
    let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
    if message.starts_with("multiple YAML documents") {
        return Diagnostic::new(location, "the file holds several YAML documents")
            .help("put each into a file of its own, and leave out `---`");
    }
    Diagnostic::new(location, format!("the file cannot be read as YAML: {message}"))
        .help("check indentation, quotes and repeated keys; a value with `: `, `#`, `{` or `*` needs quotes")
}

fn offset_of_line(text: &str, line: u64) -> usize {
    text.split_inclusive('\n').take(usize::try_from(line.saturating_sub(1)).unwrap_or(0)).map(str::len).sum()
}

/// A YAML node before its places are taken down.
#[derive(Debug)]
enum Node {
    Scalar(Value),
    Sequence(Vec<Spanned<Node>>),
    Mapping(Vec<(Spanned<String>, Spanned<Node>)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NodeVisitor;

        impl<'de> Visitor<'de> for NodeVisitor {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a YAML value that JSON can hold")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar(Value::Null))
            }

            fn visit_none<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar(Value::Null))
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
                Node::deserialize(deserializer)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
                serde_json::Number::from_f64(value)
                    .map(|number| Node::Scalar(Value::Number(number)))
                    .ok_or_else(|| E::custom("JSON has no infinite number and no NaN"))
            }

            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_string<E>(self, value: String) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = sequence.next_element()? {
                    items.push(item);
                }
                Ok(Node::Sequence(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut entries: Vec<(Spanned<String>, Spanned<Node>)> = Vec::new();
                while let Some(entry) = map.next_entry::<Spanned<String>, _>()? {
                    if entries.iter().any(|(key, _)| key.value == entry.0.value) {
                        return Err(A::Error::custom(format!("the key `{}` stands twice", entry.0.value)));
                    }
                    entries.push(entry);
                }
                Ok(Node::Mapping(entries))
            }
        }

        deserializer.deserialize_any(NodeVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Document {
        Document::parse(Path::new("a.yaml"), text.as_bytes()).expect("the text is YAML")
    }

    #[test]
    fn every_value_knows_its_line() {
        let document = parse("title: x\nsteps:\n  - name: one\n    expect: { status: 401 }\n");
        assert_eq!(document.at("/steps/0/expect/status").line(), 4);
        assert_eq!(document.at("/steps/0/name").to_string(), "a.yaml:3");
        let status = document.at("/steps/0/expect/status");
        assert_eq!(&status.text[status.span.clone()], "401");
        let key = document.at_key("/steps/0/expect/status");
        assert_eq!(&key.text[key.span.clone()], "status");
    }

    #[test]
    fn a_missing_value_is_shown_at_its_parent() {
        let document = parse("a:\n  b: 1\n");
        assert_eq!(document.at("/a/c/d").line(), 2);
    }

    #[test]
    fn keys_are_strings_whatever_they_look_like() {
        let document = parse("responses:\n  200: a\n  true: b\n  $.x: c\n  a/b: d\n");
        assert_eq!(
            document.value(),
            &serde_json::json!({"responses": {"200": "a", "true": "b", "$.x": "c", "a/b": "d"}})
        );
        assert_eq!(document.at("/responses/a~1b").line(), 5);
    }

    #[test]
    fn json_is_read_too() {
        assert_eq!(parse("{\"a\": [1, 2.5, null, true, \"x\"]}").value()["a"][1], 2.5);
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error() {
        let error = Document::parse(Path::new("a.yaml"), b"a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!(error.location().line(), 3);
    }

    #[test]
    fn bytes_that_are_not_utf8_are_an_error() {
        let error = Document::parse(Path::new("a.yaml"), b"title: caf\xe9\n").unwrap_err();
        assert!(error.message().contains("not UTF-8"), "{error}");
    }
}
