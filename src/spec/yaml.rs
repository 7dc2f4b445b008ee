//! YAML 1.2 read as JSON, by the core schema (YAML 1.2.2 §10.3).

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::pointer::escape;
use super::yaml_mistake::{self, Mistake};
use super::yaml_scalar::{Unwritable, plain};

/// Deeper, a value would be no use, and a trap for whatever walks it.
const DEEPEST: usize = 128;

/// What the names of the core schema's tags begin with.
const CORE: &str = "tag:yaml.org,2002:";

/// How many bytes anchors and aliases may take together; a few lines of aliases of aliases could fill the memory.
const MOST_UNFOLDED: usize = 64 << 20;

/// Where a value stands, and the key that leads to it; bytes of the text, of one line.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) value: Range<usize>,
    pub(super) key: Option<Range<usize>>,
}

/// The value of the only document in `text`; `None` where there is nothing.
pub(super) fn read(text: &str) -> Result<Option<Value>, Mistake> {
    Reader::new(text, None).document()
}

/// Where each value stands, by JSON Pointer (RFC 6901); as far as `text` can be read.
pub(super) fn places(text: &str) -> HashMap<Box<str>, Place> {
    let places = Places { offsets: Offsets::of(text), pointer: String::new(), found: HashMap::new() };
    let mut reader = Reader::new(text, Some(places));
    // What is wrong with it has been told when its value was read.
    let _ = reader.document();
    reader.places.map(|places| places.found).unwrap_or_default()
}

struct Reader<'t> {
    text: &'t str,
    events: Parser<'t, StrInput<'t>>,
    /// What anchors stand for.
    anchored: HashMap<usize, Anchored>,
    /// The bytes that they and their aliases take.
    unfolded: usize,
    /// Where somebody wants to know.
    places: Option<Places<'t>>,
}

/// What an anchor stands for.
struct Anchored {
    value: Value,
    /// How deep it is nested.
    height: usize,
    bytes: usize,
}

struct Places<'t> {
    offsets: Offsets<'t>,
    pointer: String,
    found: HashMap<Box<str>, Place>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, places: Option<Places<'t>>) -> Self {
        Self { text, events: Parser::new_from_str(text), anchored: HashMap::new(), unfolded: 0, places }
    }

    fn document(&mut self) -> Result<Option<Value>, Mistake> {
        let mut document = None;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(document),
                (Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd, _) => {}
                (_, span) if document.is_some() => return Err(self.several_documents(span)),
                (event, span) => document = Some(self.node(event, span, None, 0)?),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), Mistake> {
        match self.events.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err(self.not_yaml(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// The value that begins with `event`, read to its end.
    fn node(
        &mut self,
        event: Event<'t>,
        span: Span,
        key: Option<Span>,
        depth: usize,
    ) -> Result<Value, Mistake> {
        self.shallow(depth, span)?;
        self.note(span, key);
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (self.scalar(text, style, tag.as_deref(), span)?, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.is_tagged(tag.as_deref(), "seq", span)?;
                (self.sequence(depth)?, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.is_tagged(tag.as_deref(), "map", span)?;
                (self.mapping(depth)?, anchor)
            }
            Event::Alias(anchor) => (self.alias(anchor, span, depth)?, 0),
            other => unreachable!("{other:?} does not start a value"),
        };
        self.anchor(anchor, &value, span)?;
        Ok(value)
    }

    fn anchor(&mut self, anchor: usize, value: &Value, span: Span) -> Result<(), Mistake> {
        if anchor > 0 {
            let (height, bytes) = measure(value);
            self.unfold(bytes, span)?;
            self.anchored.insert(anchor, Anchored { value: value.clone(), height, bytes });
        }
        Ok(())
    }

    fn unfold(&mut self, bytes: usize, span: Span) -> Result<(), Mistake> {
        self.unfolded = self.unfolded.saturating_add(bytes);
        if self.unfolded <= MOST_UNFOLDED {
            return Ok(());
        }
        let message = format!("aliases expand to more than {} MiB", MOST_UNFOLDED >> 20);
        Err(self.mistake(span, message, "write the value out"))
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, Mistake> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Array(items)),
                (event, span) => {
                    let outer = self.enter(|| items.len().to_string());
                    let item = self.node(event, span, None, depth + 1)?;
                    self.leave(outer);
                    items.push(item);
                }
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, Mistake> {
        let mut members = Map::new();
        loop {
            let (key, key_span) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Value::Object(members)),
                (Event::Scalar(key, ScalarStyle::Plain, ..), span) if key == "<<" => {
                    let message = "YAML 1.2 has no merge key `<<`".to_owned();
                    return Err(self.mistake(span, message, "write the value out, or quote the key"));
                }
                // Keys are strings, whatever they look like.
                (Event::Scalar(key, _, anchor, tag), span) => {
                    self.core_tag(tag.as_deref(), span)?;
                    self.anchor(anchor, &Value::String(key.clone().into_owned()), span)?;
                    (key, span)
                }
                (Event::Alias(anchor), span)
                    if self.anchored.get(&anchor).is_some_and(|anchored| anchored.value.is_string()) =>
                {
                    let key = self.alias(anchor, span, depth)?;
                    (Cow::Owned(key.as_str().unwrap_or_default().to_owned()), span)
                }
                (_, span) => {
                    let message = "the key is not a word or a number".to_owned();
                    let help = "keys must be strings; quote a template: `\"{{ name }}\"`";
                    return Err(self.mistake(span, message, help));
                }
            };
            let (event, span) = self.next()?;
            let outer = self.enter(|| escape(&key).into_owned());
            let value = self.node(event, span, Some(key_span), depth + 1)?;
            self.leave(outer);
            match members.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(value);
                }
                Entry::Occupied(other) => {
                    let message = format!("duplicate key `{}`", other.key());
                    return Err(self.mistake(key_span, message, "remove one of them"));
                }
            }
        }
    }

    fn alias(&mut self, anchor: usize, span: Span, depth: usize) -> Result<Value, Mistake> {
        let Some(Anchored { height, bytes, .. }) = self.anchored.get(&anchor) else {
            let message = "an alias is used inside its own definition".to_owned();
            return Err(self.mistake(span, message, "write the value out"));
        };
        self.shallow(depth + height, span)?;
        self.unfold(*bytes, span)?;
        Ok(self.anchored[&anchor].value.clone())
    }

    fn shallow(&self, depth: usize, span: Span) -> Result<(), Mistake> {
        if depth <= DEEPEST {
            return Ok(());
        }
        let message = format!("the nesting is deeper than {DEEPEST} levels");
        Err(self.mistake(span, message, "move parts into files of their own"))
    }

    fn scalar(
        &self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<Value, Mistake> {
        let kind = self.core_tag(tag, span)?;
        if kind == Some("str") || (kind.is_none() && style != ScalarStyle::Plain) {
            return Ok(Value::String(text.into_owned()));
        }
        let value = plain(&text).map_err(|Unwritable| {
            let message = "JSON cannot represent this number".to_owned();
            self.mistake(span, message, "remove it, or quote it")
        })?;
        let is_so = match (kind, &value) {
            (None, _)
            | (Some("null"), Some(Value::Null))
            | (Some("bool"), Some(Value::Bool(_)))
            | (Some("float"), Some(Value::Number(_))) => true,
            (Some("int"), Some(Value::Number(number))) => !number.is_f64(),
            _ => false,
        };
        if !is_so {
            let message = format!("the value is not a `!!{}`", kind.unwrap_or_default());
            return Err(self.mistake(span, message, "remove the tag"));
        }
        Ok(value.unwrap_or_else(|| Value::String(text.into_owned())))
    }

    /// What a tag of the core schema (YAML 1.2.2 §10.3.1) says that a value is; `!` says that it is a string (§6.9.1).
    fn core_tag<'g>(&self, tag: Option<&'g Tag>, span: Span) -> Result<Option<&'g str>, Mistake> {
        let Some(tag) = tag else { return Ok(None) };
        let in_core =
            if tag.handle == CORE { Some(tag.suffix.as_str()) } else { tag.suffix.strip_prefix(CORE) };
        match in_core {
            Some("null" | "bool" | "int" | "float" | "str" | "seq" | "map") => Ok(in_core),
            None if tag.handle.is_empty() && tag.suffix == "!" => Ok(Some("str")),
            _ => {
                let written = in_core.map_or_else(|| tag.to_string(), |kind| format!("!!{kind}"));
                let message = format!("the tag `{written}` is unknown");
                Err(self.mistake(span, message, "remove it, or quote a value that starts with `!`"))
            }
        }
    }

    /// Whether the tag of a list or a mapping says so.
    fn is_tagged(&self, tag: Option<&Tag>, kind: &str, span: Span) -> Result<(), Mistake> {
        match self.core_tag(tag, span)? {
            Some(other) if other != kind => {
                Err(self.mistake(span, format!("the value is not a `!!{other}`"), "remove the tag"))
            }
            _ => Ok(()),
        }
    }

    // --- places ---

    fn note(&mut self, span: Span, key: Option<Span>) {
        if let Some(places) = &mut self.places {
            let line = |span| places.offsets.first_line(span);
            let place = Place { value: line(span), key: key.map(line) };
            places.found.insert(places.pointer.as_str().into(), place);
        }
    }

    /// Steps into a member; [`leave`](Self::leave) takes what this returns.
    fn enter(&mut self, token: impl FnOnce() -> String) -> usize {
        self.places.as_mut().map_or(0, |places| {
            let length = places.pointer.len();
            places.pointer.push('/');
            places.pointer.push_str(&token());
            length
        })
    }

    fn leave(&mut self, length: usize) {
        if let Some(places) = &mut self.places {
            places.pointer.truncate(length);
        }
    }

    // --- mistakes ---

    fn mistake(&self, span: Span, message: String, help: &'static str) -> Mistake {
        Mistake { message, help: help.into(), at: Offsets::of(self.text).byte(span.start) }
    }

    fn several_documents(&self, span: Span) -> Mistake {
        let message = "the file contains several YAML documents".to_owned();
        self.mistake(span, message, "move each into its own file, and remove `---`")
    }

    fn not_yaml(&self, error: &ScanError) -> Mistake {
        yaml_mistake::explain(self.text, Offsets::of(self.text).byte(*error.marker()), error.info())
    }
}

/// How deep a value is nested, and about how many bytes it takes.
fn measure(value: &Value) -> (usize, usize) {
    let own = size_of::<Value>();
    let all = |below: &mut dyn Iterator<Item = (usize, usize)>| {
        below.fold((0, own), |(height, bytes), (below, more)| (height.max(below + 1), bytes + more))
    };
    match value {
        Value::String(text) => (0, own + text.len()),
        Value::Array(items) => all(&mut items.iter().map(measure)),
        Value::Object(members) => all(&mut members.iter().map(|(name, member)| {
            let (height, bytes) = measure(member);
            (height, bytes + name.len() + own)
        })),
        _ => (0, own),
    }
}

/// The byte that each character begins with.
struct Offsets<'t> {
    text: &'t str,
    /// Empty where each character is one byte.
    starts: Vec<usize>,
}

impl<'t> Offsets<'t> {
    fn of(text: &'t str) -> Self {
        let starts =
            if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(start, _)| start).collect() };
        Self { text, starts }
    }

    fn byte(&self, marker: Marker) -> usize {
        let end = self.text.len();
        if self.starts.is_empty() {
            marker.index().min(end)
        } else {
            self.starts.get(marker.index()).copied().unwrap_or(end)
        }
    }

    /// The first line that a node takes: enough to underline it.
    fn first_line(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start);
        let end = self.byte(span.end).max(start);
        let first_line = self.text[start..end].lines().next().unwrap_or("").trim_end();
        start..start + first_line.len()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn value(text: &str) -> Value {
        read(text).expect("it is YAML").expect("it is not empty")
    }

    #[rstest]
    #[case("~", json!(null))]
    #[case("NULL", json!(null))]
    #[case("nUll", json!("nUll"))]
    #[case("True", json!(true))]
    #[case("on", json!("on"))]
    #[case("'true'", json!("true"))]
    #[case("!!str true", json!("true"))]
    #[case("! 12", json!("12"))]
    #[case("!!int 12", json!(12))]
    #[case("!!int '12'", json!(12))]
    #[case("!<tag:yaml.org,2002:str> 12", json!("12"))]
    #[case("!!map {a: !!seq [!!null '', !!bool true, !!float 1]}", json!({"a": [null, true, 1]}))]
    #[case("'<<': 1", json!({"<<": 1}))]
    #[case("&k a: 1\nb: *k", json!({"a": 1, "b": "a"}))]
    #[case("a: &k b\n*k : c", json!({"a": "b", "b": "c"}))]
    #[case("0b11", json!("0b11"))]
    #[case("0x", json!("0x"))]
    #[case("12", json!(12))]
    #[case("-12", json!(-12))]
    #[case("+12", json!(12))]
    #[case("007", json!(7))]
    #[case("0o17", json!(15))]
    #[case("0xfF", json!(255))]
    #[case("0x+f", json!("0x+f"))]
    #[case("0xg", json!("0xg"))]
    #[case("18446744073709551615", json!(u64::MAX))]
    #[case("18446744073709551616", json!(18_446_744_073_709_551_616.0))]
    #[case("1.", json!(1.0))]
    #[case(".5", json!(0.5))]
    #[case("-1.5e-3", json!(-0.0015))]
    #[case("1e", json!("1e"))]
    #[case(".", json!("."))]
    #[case("1_000", json!("1_000"))]
    #[case("infinity", json!("infinity"))]
    #[case("2025-01-02", json!("2025-01-02"))]
    #[case("1.2.3", json!("1.2.3"))]
    #[case("\u{feff}a: 1", json!({"a": 1}))]
    #[case("a: &x [1, {b: 2}]\nc: *x", json!({"a": [1, {"b": 2}], "c": [1, {"b": 2}]}))]
    #[case("a: |\n  x\n  y\nb:\nc: >-\n  x\n  y\n", json!({"a": "x\ny\n", "b": null, "c": "x y"}))]
    #[case("{\"a\": [1, 2.5, null, true, \"x\\u00e9\"]}", json!({"a": [1, 2.5, null, true, "xé"]}))]
    #[case("200: a\ntrue: b\n$.x: c\na/b: d\n", json!({"200": "a", "true": "b", "$.x": "c", "a/b": "d"}))]
    fn a_text_is_its_value(#[case] text: &str, #[case] expected: Value) {
        assert_eq!(value(text), expected);
    }

    #[rstest]
    #[case(".inf", 0, "cannot represent this number")]
    #[case("a: -.INF", 3, "cannot represent this number")]
    #[case("a: 1e999", 3, "cannot represent this number")]
    #[case("[.nan]", 1, "cannot represent this number")]
    #[case("é: !secret x", 4, "the tag `!secret`")]
    #[case("a: 1\nb: 2\na: 3\n", 10, "duplicate key `a`")]
    #[case("? [a]\n: b", 2, "the key is not a word")]
    #[case("a: {{ b }}", 4, "the key is not a word")]
    #[case("a: &k [b]\n*k : c", 10, "the key is not a word")]
    #[case("0xFFFFFFFFFFFFFFFFF", 0, "cannot represent this number")]
    #[case("a: &d {b: 1}\nc:\n  <<: *d", 18, "no merge key")]
    #[case("a: !!int abc", 3, "not a `!!int`")]
    #[case("!secret a: 1", 0, "the tag `!secret`")]
    #[case("a: !!str [b]", 3, "not a `!!str`")]
    #[case("a: !!binary abc", 3, "the tag `!!binary`")]
    #[case("a: 1\n---\nb: 2\n", 9, "several YAML documents")]
    #[case("a: [1", 3, "the `[` that starts here is not closed")]
    #[case("a: *b", 3, "not valid YAML")]
    #[case("a: &a [*a]", 7, "inside its own definition")]
    fn a_mistake_is_told_with_its_place(#[case] text: &str, #[case] at: usize, #[case] message: &str) {
        let mistake = read(text).expect_err("it is no YAML that JSON can hold");
        assert!(mistake.message.contains(message), "{mistake:?}");
        assert_eq!(mistake.at, at, "{mistake:?}");
    }

    #[test]
    fn what_would_fill_the_memory_or_the_stack_is_a_mistake() {
        read(&"[".repeat(100_000)).expect_err("it is deep");
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert!(read(&deep).expect_err("it is deep").message.contains("128 levels"));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..20 {
            let below = format!("*a{}, ", level - 1).repeat(10);
            bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert!(read(&bomb).expect_err("it is large").message.contains("64 MiB"));
        let long = format!("a: &a {}\nb: [{}]", "x".repeat(1 << 20), "*a, ".repeat(100));
        assert!(read(&long).expect_err("it is large").message.contains("64 MiB"));
        let mut chain = "a0: &a0 x\n".to_owned();
        for level in 1..5 {
            let (open, close) = ("{k: ".repeat(40), "}".repeat(40));
            chain.push_str(&format!("a{level}: &a{level} {open}*a{}{close}\n", level - 1));
        }
        assert!(read(&chain).expect_err("it is deep").message.contains("128 levels"));
    }

    #[test]
    fn a_place_is_in_bytes_whatever_the_characters_are() {
        let text = "é: 1\r\nß: { 'ü': two }\r\n";
        let places = places(text);
        let place = &places["/ß/ü"];
        assert_eq!(&text[place.value.clone()], "two");
        assert_eq!(&text[place.key.clone().expect("it has one")], "'ü'");
    }
}
