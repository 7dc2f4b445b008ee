//! References between schemas (`$ref`): what they lead to, and those that lead nowhere or in a circle.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::pointer::escape;
use super::schema_ref::SchemaRef;
use super::walk;

/// Every `$ref` must lead somewhere, and none to itself: what does not, with the pointer of the schema it stands in.
pub(super) fn check(
    files: &BTreeMap<String, Value>,
    file: &str,
    value: &Value,
    document: &Document,
) -> Vec<(String, Diagnostic)> {
    let mut wrong = Vec::new();
    for (pointer, reference) in references(value) {
        let at = || document.at(&format!("{pointer}/$ref"));
        let Some(target) = resolve(files, file, &reference) else {
            let (word, known) = near_references(files, file, &reference);
            let diagnostic = Diagnostic::new(at(), format!("`{reference}` refers to no schema of the suite"))
                .suggest(word, known.iter().map(String::as_str));
            wrong.push((pointer, diagnostic));
            continue;
        };
        if leads_to(files, &target, &SchemaRef::new(file, pointer.clone())) {
            let diagnostic = Diagnostic::new(
                at(),
                format!("`{reference}` is a cycle: the schema refers to itself"),
            )
            .help("a schema can contain itself in `properties` or `items`, but cannot be an alias of itself");
            wrong.push((pointer, diagnostic));
        }
    }
    wrong
}

/// The part of a reference that leads nowhere, and what may have been meant: other files, or other places in its file.
fn near_references<'a>(
    files: &BTreeMap<String, Value>,
    file: &str,
    reference: &'a str,
) -> (&'a str, Vec<String>) {
    let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let target = if path.is_empty() { Some(file.to_owned()) } else { join(file, path) };
    if target.as_ref().is_none_or(|target| fragment.is_empty() || !files.contains_key(target)) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let prefix = join(file, if folder.is_empty() { "." } else { folder }).unwrap_or_default();
        let known = files.keys().filter_map(|known| known.strip_prefix(&format!("{prefix}/")));
        let written = known.map(|name| match folder {
            "" => name.to_owned(),
            _ => format!("{folder}/{name}"),
        });
        return (path, written.collect());
    }
    let parent = fragment.rsplit_once('/').map_or("", |(parent, _)| parent);
    let known = target
        .and_then(|target| files.get(&target))
        .and_then(|value| value.pointer(&percent_decode(parent)))
        .and_then(Value::as_object)
        .map(|members| members.keys().map(|key| format!("{path}#{parent}/{}", escape(key))).collect())
        .unwrap_or_default();
    (reference, known)
}

/// Whether following references and combinations from `from` comes to `to`, without going into the instance.
fn leads_to(files: &BTreeMap<String, Value>, from: &SchemaRef, to: &SchemaRef) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.clone()];
    while let Some(schema) = open.pop() {
        if schema == *to {
            return true;
        }
        if !seen.insert(schema.clone()) {
            continue;
        }
        let members = files.get(&schema.file).and_then(|value| value.pointer(&schema.pointer));
        if let Some(Value::Object(members)) = members {
            open.extend(applied_in_place(files, &schema, members));
        }
    }
    false
}

/// Whether a schema, or what it refers to or is made of (`allOf`), has `keyword: true`.
pub(super) fn says(files: &BTreeMap<String, Value>, schema: &SchemaRef, keyword: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![schema.clone()];
    while let Some(schema) = open.pop() {
        let value = files.get(&schema.file).and_then(|value| value.pointer(&schema.pointer));
        let Some(Value::Object(members)) = value else { continue };
        if members.get(keyword) == Some(&Value::Bool(true)) {
            return true;
        }
        if seen.insert(schema.clone()) {
            open.extend(
                members.get("$ref").and_then(Value::as_str).and_then(|to| resolve(files, &schema.file, to)),
            );
            let parts = members.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
            open.extend((0..parts).map(|index| schema.child("allOf").child(&index.to_string())));
        }
    }
    false
}

/// Whether a schema, or one that it refers to or has in it, has `keyword: true`.
pub(super) fn has_within(files: &BTreeMap<String, Value>, schema: &SchemaRef, keyword: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![schema.clone()];
    while let Some(schema) = open.pop() {
        let value = files.get(&schema.file).and_then(|value| value.pointer(&schema.pointer));
        let Some(value) = value.filter(|_| seen.insert(schema.clone())) else { continue };
        let mut has_it = false;
        walk::each(value, &mut |_, members| {
            has_it |= members.get(keyword) == Some(&Value::Bool(true));
            let reference = members.get("$ref").and_then(Value::as_str);
            open.extend(reference.and_then(|to| resolve(files, &schema.file, to)));
        });
        if has_it {
            return true;
        }
    }
    false
}

/// Characters that stand in no fragment of a URI (RFC 3986 §3.5), though documents have them in names; `%` begins an escape.
const NOT_IN_FRAGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Writes the pointers of references as fragments of URIs, where a document has names in them as they are.
pub(super) fn percent_encode(document: &mut Value) {
    walk::each_mut(document, &mut |_, members| {
        let Some(Value::String(reference)) = members.get_mut("$ref") else { return };
        let Some((file, fragment)) = reference.split_once('#') else { return };
        *reference = format!("{file}#{}", utf8_percent_encode(fragment, NOT_IN_FRAGMENT));
    });
}

/// All `$ref`s of a value, with the pointer of the mapping that holds each.
pub(super) fn references(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk::each(value, &mut |pointer, members| {
        if let Some(Value::String(reference)) = members.get("$ref") {
            found.push((pointer.to_owned(), reference.clone()));
        }
    });
    found
}

/// The schemas a schema applies to the very same instance.
pub(super) fn applied_in_place(
    files: &BTreeMap<String, Value>,
    schema: &SchemaRef,
    members: &Map<String, Value>,
) -> Vec<SchemaRef> {
    let mut applied = Vec::new();
    if let Some(Value::String(reference)) = members.get("$ref") {
        applied.extend(resolve(files, &schema.file, reference));
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = members.get(keyword) {
            let branch = schema.child(keyword);
            applied.extend((0..branches.len()).map(|index| branch.child(&index.to_string())));
        }
    }
    for keyword in ["if", "then", "else", "not"] {
        if members.contains_key(keyword) {
            applied.push(schema.child(keyword));
        }
    }
    applied
}

/// What `reference`, written in `file`, leads to.
pub(super) fn resolve(files: &BTreeMap<String, Value>, file: &str, reference: &str) -> Option<SchemaRef> {
    let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let file = if path.is_empty() { file.to_owned() } else { join(file, path)? };
    let pointer = percent_decode(fragment);
    files.get(&file)?.pointer(&pointer)?;
    Some(SchemaRef::new(file, pointer))
}

/// A relative path, as written in `file`, from the suite's folder; `None` where it leads out of it.
pub(super) fn join(file: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn percent_decode(fragment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = fragment.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = (first == b'%').then(|| tail.get(..2)).flatten();
        let decoded = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(decoded.unwrap_or(first));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
