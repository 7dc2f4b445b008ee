//! A spec file as parsed: its text, and the value that it holds.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::diagnostic::Diagnostic;
use super::source::{Location, SourceText};
use super::yaml;
use crate::json::{self, Parsed};

/// A parsed spec file, YAML 1.2 or JSON. A mistake found long after parsing still has a line to point at.
#[derive(Debug, Clone)]
pub struct Document {
    source: Arc<SourceText>,
    value: Value,
}

impl Document {
    /// Parses the bytes of the file shown as `path`.
    ///
    /// # Errors
    /// A diagnostic where the bytes are not UTF-8, or the text is neither JSON nor one YAML document.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Diagnostic> {
        let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(path, bytes, error.valid_up_to()))?;
        Self::of(SourceText::new(path, text))
    }

    /// Parses a text.
    ///
    /// # Errors
    /// A diagnostic where it is neither JSON nor one YAML document.
    pub(crate) fn of(source: Arc<SourceText>) -> Result<Self, Diagnostic> {
        let text = source.text();
        if text.trim_start().starts_with(['{', '[']) {
            match json::parse(text.as_bytes()) {
                Ok(Parsed { value, repeated_name: None }) => return Ok(Self { source, value }),
                Err(error) if source.path().extension().is_some_and(|ending| ending == "json") => {
                    return Err(not_json(&source, &error));
                }
                // YAML looks like this as well, and knows where a name stands twice.
                _ => {}
            }
        }
        match yaml::read(text) {
            Ok(Some(value)) if !value.is_null() => Ok(Self { source, value }),
            Ok(_) => Err(Diagnostic::new(source.at_bytes(0..0), "the file is empty")
                .help("add content, or remove the file")),
            Err(mistake) => {
                let at = source.at_bytes(mistake.at..mistake.at);
                Err(Diagnostic::new(at, mistake.message).help(mistake.help))
            }
        }
    }

    /// The text it was parsed from.
    #[must_use]
    pub fn source(&self) -> &Arc<SourceText> {
        &self.source
    }

    /// The parsed value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where the value at `pointer` stands; its nearest ancestor's place if it has none.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Location {
        self.source.at(pointer)
    }

    /// Where the key that leads to `pointer` stands; the value's place if it is not in a mapping.
    #[must_use]
    pub fn at_key(&self, pointer: &str) -> Location {
        self.source.at_key(pointer)
    }
}

fn not_json(source: &Arc<SourceText>, error: &serde_json::Error) -> Diagnostic {
    let lines = source.text().split_inclusive('\n');
    let before: usize = lines.take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = (before + error.column().saturating_sub(1)).min(source.text().len());
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or(&message);
    Diagnostic::new(source.at_bytes(at..at), format!("the file is not valid JSON: {message}"))
        .help("check quotes, commas and brackets; JSON has no comments")
}

fn not_utf8(path: &Path, bytes: &[u8], valid: usize) -> Diagnostic {
    let source = SourceText::new(path, String::from_utf8_lossy(bytes));
    Diagnostic::new(
        source.at_bytes(valid..valid),
        format!("the file is not UTF-8: byte {valid} does not start a character"),
    )
    .help("save the file as UTF-8")
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
        assert_eq!(&status.text()[status.span()], "401");
        let key = document.at_key("/steps/0/expect/status");
        assert_eq!(&key.text()[key.span()], "status");
    }

    #[test]
    fn a_missing_value_is_shown_at_its_parent() {
        let document = parse("a:\n  b: 1\n");
        assert_eq!(document.at("/a/c/d").line(), 2);
    }

    #[test]
    fn a_key_with_a_slash_has_a_place() {
        assert_eq!(parse("responses:\n  200: a\n  a/b: d\n").at("/responses/a~1b").line(), 3);
    }

    #[test]
    fn json_is_read_as_json() {
        let emoji = r#"{"a": "\ud83d\ude00"}"#;
        assert_eq!(parse(emoji).value()["a"], "😀");
        let error =
            |text: &str| Document::parse(Path::new("a.json"), text.as_bytes()).expect_err("it is wrong");
        assert_eq!(error("{\"a\": 1,\n \"b\": 2,}").location().line(), 2);
        assert!(error("{\"a\": 1, \"a\": 2}").message().contains("duplicate key"));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_an_error() {
        let error = Document::parse(Path::new("a.yaml"), b"title: caf\xe9\n").unwrap_err();
        assert!(error.message().contains("not UTF-8"), "{error}");
    }
}
