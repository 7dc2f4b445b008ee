//! Bodies: what the schema does not allow, what is no JSON, and what is merely strange.

use std::fmt;

use serde_json::{Map, Value, json};

use super::Idea;
use super::sample;
use super::sample::{kind, sample};
use super::step::complete;
use crate::spec::Suite;
use crate::spec::contract::Operation;
use crate::spec::form::{Form, Node};
use crate::spec::template::with_placeholders;
use crate::spec::way::Way;

/// So deep members are looked into.
const DEEPEST: usize = 4;

/// A list longer than any, and shorter than what servers refuse to read.
const MOST_ITEMS: usize = 10_000;

/// A text longer than any name, and shorter than what servers refuse to read.
const LONG: usize = 100_000;

/// Deeper than any body, and shallower than what servers refuse to read.
const DEEP: usize = 500;

pub(super) fn ideas(suite: &Suite, operation: &Operation) -> Vec<Idea> {
    let Some(schema) = &operation.body else { return Vec::new() };
    let node = vec![schema.clone()];
    let Ok(validator) = suite.schemas.validator(schema, Way::Request) else { return Vec::new() };
    // What is wrong with a body shows only in one that is right but for that.
    let is_right = |body: &Value| validator.is_valid(&filled(body));
    let supplied = suite.supply.bodies.get(&operation.id).cloned().filter(is_right);
    let Some(base) = supplied.or_else(|| sample::body(suite, schema)) else { return Vec::new() };
    let mut writer = Writer { suite, found: Vec::new(), strings: Vec::new() };
    writer.violate(&node, &base, &[]);
    let Writer { found, strings, .. } = writer;
    let mut ideas: Vec<Idea> = found
        .into_iter()
        .filter(|fault| !is_right(&fault.body))
        .map(|fault| {
            let step = complete(suite, operation, json!({ "body": fault.body }));
            Idea::refused(format!("body.{}", fault.slug), fault.words, step)
        })
        .collect();
    ideas.extend(no_json(suite, operation, &base));
    ideas.extend(strange(suite, operation, &base, &strings));
    ideas
}

/// A body as it will be sent, as far as its form goes: a name of the run stands where a template does.
fn filled(body: &Value) -> Value {
    match body {
        Value::String(text) => with_placeholders(text, "nc-000000-000").into(),
        Value::Array(items) => items.iter().map(filled).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), filled(member))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// One step on the way from a body to a value in it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Member(String),
    /// The first one of a list.
    Item,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(name) => f.write_str(name),
            Self::Item => f.write_str("0"),
        }
    }
}

/// A place as it is written in reports: `endpoints.0.type`.
fn written(path: &[Token]) -> String {
    path.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

/// What the names of ideas about a place begin with, and how the place is shown.
fn named(path: &[Token]) -> (String, String) {
    if path.is_empty() {
        (String::new(), "the body".to_owned())
    } else {
        (format!("{}-", written(path)), format!("`{}`", written(path)))
    }
}

/// A body that the schema should not allow.
struct Fault {
    slug: String,
    words: String,
    body: Value,
}

struct Writer<'a> {
    suite: &'a Suite,
    found: Vec<Fault>,
    /// The places of strings that are free in form.
    strings: Vec<(Vec<Token>, Value)>,
}

impl Writer<'_> {
    /// Breaks what the schemas of `node` say of the value at `path`; in `base` there is one that they allow.
    fn violate(&mut self, node: &Node, base: &Value, path: &[Token]) {
        // What is only read a server may pass over.
        let form = Form::of(&self.suite.schemas, node).going(&self.suite.schemas, Way::Request);
        for (what, fault, value) in wrong_values(&form) {
            self.add(base, path, what, &fault, value);
        }
        if kind(&form) == "string"
            && form.values.is_none()
            && form.alternatives.is_empty()
            && form.formats.is_empty()
            && form.patterns.is_empty()
        {
            self.strings.push((path.to_vec(), base.clone()));
        }
        for name in &form.required {
            let place = [path, &[Token::Member(name.clone())]].concat();
            let mut body = base.clone();
            if remove(&mut body, &place) {
                self.push(&place, "missing", "is missing", body);
            }
        }
        if path.len() >= DEEPEST {
            return;
        }
        for (name, node) in &form.members {
            let place = [path, &[Token::Member(name.clone())]].concat();
            self.violate(node, &self.with(base, &place, node), &place);
        }
        if !form.items.is_empty() {
            let place = [path, &[Token::Item]].concat();
            self.violate(&form.items, &self.with(base, &place, &form.items), &place);
        }
    }

    /// The body, with something that the schema allows at `path`.
    fn with(&self, base: &Value, path: &[Token], node: &Node) -> Value {
        let mut body = base.clone();
        if at(&body, path).is_none() {
            set(&mut body, path, sample(self.suite, node));
        }
        body
    }

    fn add(&mut self, base: &Value, path: &[Token], slug: &str, fault: &str, value: Value) {
        let mut body = base.clone();
        set(&mut body, path, value);
        self.push(path, slug, fault, body);
    }

    fn push(&mut self, path: &[Token], slug: &str, fault: &str, body: Value) {
        let (place, shown) = named(path);
        self.found.push(Fault { slug: format!("{place}{slug}"), words: format!("{shown} {fault}"), body });
    }
}

/// Values that a schema should not allow: what is wrong as a slug and in words, and the value. Null is not among them: many
/// servers take it for nothing.
pub(super) fn wrong_values(form: &Form) -> Vec<(&'static str, String, Value)> {
    let mut wrong: Vec<(&'static str, String, Value)> = Vec::new();
    let mut add = |slug, fault: &str, value| wrong.push((slug, fault.to_owned(), value));
    let allows = |kind: &str| form.types.as_ref().is_none_or(|types| types.contains(kind));
    for (kind, slug, words, value) in [
        ("string", "a-string", "is a string", json!("seven")),
        ("number", "a-number", "is a number", json!(7.5)),
        ("boolean", "a-boolean", "is a boolean", json!(true)),
        ("array", "a-list", "is a list", json!([])),
        ("object", "an-object", "is an object", json!({})),
    ] {
        if !allows(kind) && form.values.is_none() {
            add(slug, words, value);
        }
    }
    if let Some(values) = &form.values {
        add("unknown-value", "has a value that is not allowed", json!("no-such-value"));
        let texts = values.iter().filter_map(|value| serde_json::from_str::<String>(value).ok());
        if let Some(other) = texts.map(|text| swap_case(&text)).find(|text| !text.is_empty()) {
            add("other-case", "has an allowed value in other case", json!(other));
        }
    }
    let bound = |name: &str| form.bounds.get(name).copied();
    for (bounded, slug, words, step) in
        [("minimum", "too-small", "is too small", -1_i32), ("maximum", "too-large", "is too large", 1)]
    {
        match (form.whole(bounded), bound(bounded)) {
            (Some(limit), _) => add(slug, words, json!(limit + i64::from(step))),
            (None, Some(limit)) if limit.fract() != 0.0 => add(slug, words, json!(limit + f64::from(step))),
            _ => {}
        }
    }
    if allows("integer") && !allows("number") {
        add("huge", "is larger than any integer", json!(1e30));
    }
    if bound("minimum").is_some_and(|least| least > 0.0) {
        add("zero", "is 0", json!(0));
    }
    if let Some(least) = form.length("minLength").filter(|least| *least > 0) {
        add("too-short", "is too short", json!("a".repeat(least - 1)));
    }
    if let Some(most) = form.length("maxLength").filter(|most| *most < LONG) {
        add("too-long", "is too long", json!("a".repeat(most + 1)));
    }
    if let Some(most) = form.length("maxItems").filter(|most| *most < MOST_ITEMS) {
        add("too-many", "has too many items", json!(vec!["a"; most + 1]));
    }
    for format in &form.formats {
        add("of-no-format", &format!("is not a {format}"), json!("yesterday"));
    }
    if !form.patterns.is_empty() {
        add("of-no-pattern", "does not match its pattern", json!("!\u{1F418} UPPER"));
    }
    wrong
}

fn swap_case(text: &str) -> String {
    let swap = |c: char| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(swap).collect()
}

/// Bodies that are not what they say.
fn no_json(suite: &Suite, operation: &Operation, base: &Value) -> Vec<Idea> {
    let whole = base.to_string();
    let refused = |slug: &str, fault: &str, step: Value| {
        Idea::refused(format!("body.{slug}"), fault, complete(suite, operation, step))
    };
    let mut ideas = vec![
        refused("truncated", "the body ends too early", json!({ "raw_body": whole[..whole.len() - 1] })),
        refused("not-json", "the body is not JSON", json!({ "raw_body": "this is not JSON" })),
    ];
    if operation.body_required {
        let xml = json!({ "raw_body": "<a/>", "headers": { "content-type": "application/xml" } });
        ideas.push(refused("xml", "the body is XML", xml));
    }
    ideas
}

/// Bodies that no schema forbids.
fn strange(suite: &Suite, operation: &Operation, base: &Value, strings: &[(Vec<Token>, Value)]) -> Vec<Idea> {
    let borne = |slug: &str, fault: &str, step: Value| {
        Idea::borne(format!("body.{slug}"), fault, complete(suite, operation, step))
    };
    let mut ideas = Vec::new();
    if let Some(rest) = base.to_string().strip_prefix('{') {
        let nested = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
        let comma = if rest == "}" { "" } else { "," };
        let raw = format!("{{\"nested\":{nested}{comma}{rest}");
        ideas.push(borne(
            "deep",
            &format!("an unknown member is {DEEP} lists deep"),
            json!({ "raw_body": raw }),
        ));
    }
    for (path, base) in strings {
        let (place, shown) = named(path);
        for (slug, fault, text) in [
            ("long", format!("{shown} is {LONG} characters long"), "a".repeat(LONG)),
            ("control", format!("{shown} holds control characters"), "a\u{0}b\u{7}c".to_owned()),
            (
                "unicode",
                format!("{shown} holds unusual Unicode"),
                "\u{202E}\u{1F418}\u{FEFF}e\u{301}\u{FFFF}".to_owned(),
            ),
        ] {
            let mut body = base.clone();
            set(&mut body, path, json!(text));
            ideas.push(borne(&format!("{place}{slug}"), &fault, json!({ "body": body })));
        }
    }
    ideas
}

fn at<'v>(value: &'v Value, path: &[Token]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, token| match token {
        Token::Member(name) => value.get(name),
        Token::Item => value.get(0),
    })
}

/// Puts a value where `path` leads to; what is on the way there becomes an object or a list.
fn set(body: &mut Value, path: &[Token], value: Value) {
    match path.split_first() {
        None => *body = value,
        Some((Token::Member(name), rest)) => {
            if !body.is_object() {
                *body = json!({});
            }
            set(&mut body[name], rest, value);
        }
        Some((Token::Item, rest)) => {
            if body.get(0).is_none() {
                *body = json!([null]);
            }
            set(&mut body[0], rest, value);
        }
    }
}

/// Takes away a member; whether it was there.
fn remove(body: &mut Value, path: &[Token]) -> bool {
    let Some((Token::Member(last), parents)) = path.split_last() else { return false };
    let parent = parents.iter().try_fold(body, |value, token| match token {
        Token::Member(name) => value.get_mut(name),
        Token::Item => value.get_mut(0),
    });
    parent.and_then(Value::as_object_mut).is_some_and(|members| members.shift_remove(last).is_some())
}
