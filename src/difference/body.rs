//! Two versions of the bodies of a request.

use std::collections::{BTreeMap, BTreeSet};

use super::comparison::Comparison;
use super::operation::Pair;
use super::parameter::Written;
use super::{Contract, Level};
use crate::spec::contract::Operation;
use crate::spec::escape;
use crate::spec::form::Form;
use crate::spec::parameter::{Content, Writing};
use crate::spec::schema_ref::SchemaRef;
use crate::spec::way::Way;

const FORM: &str = "application/x-www-form-urlencoded";

impl Pair<'_> {
    pub(super) fn body(&mut self) {
        let has = |contract: &Contract, operation: &Operation| {
            contract.document().value().pointer(&format!("{}/requestBody", operation.pointer)).is_some()
        };
        match (has(self.old, self.before), has(self.new, self.after)) {
            (true, false) => return self.tell(Level::Breaking, "a body is no longer accepted", ""),
            (false, true) if self.after.body_required => {
                return self.tell(Level::Breaking, "a body is required now", "/requestBody");
            }
            (false, true) => return self.tell(Level::Additive, "a body is accepted now", "/requestBody"),
            (true, true) if self.before.body_required != self.after.body_required => {
                if self.after.body_required {
                    self.tell(Level::Breaking, "a body is required now", "/requestBody");
                } else {
                    self.tell(Level::Additive, "the body is optional now", "/requestBody");
                }
            }
            _ => {}
        }
        let (before, after) = (self.before, self.after);
        if let (Some(old), Some(new)) = (&before.body, &after.body) {
            let place = format!("{}, body", self.place());
            self.schemas(old, new, place);
        }
        for (media, old) in &before.contents {
            let Some(new) = after.contents.get(media) else { continue };
            let schemas = old.schema.as_ref().zip(new.schema.as_ref());
            if let Some((old, new)) = schemas.filter(|(old, _)| Some(*old) != before.body.as_ref()) {
                let place = format!("{}, body as {media}", self.place());
                self.schemas(old, new, place);
            }
            self.encodings(media, old, new);
        }
        self.media();
    }

    /// The media types that are accepted, where more than one is named.
    fn media(&mut self) {
        let (before, after) = (&self.before.contents, &self.after.contents);
        if before.is_empty() || after.is_empty() {
            return;
        }
        let is_in = |media: &str, contents: &BTreeMap<String, Content>| {
            let of_type = media.split('/').next().unwrap_or(media);
            [media, &format!("{of_type}/*"), "*/*"].iter().any(|range| contents.contains_key(*range))
        };
        for media in before.keys().filter(|media| !is_in(media, after)) {
            let message = format!("a body as {media} is no longer accepted");
            self.tell(Level::Breaking, message, "/requestBody");
        }
        for media in after.keys().filter(|media| !is_in(media, before)) {
            self.tell(Level::Additive, format!("a body as {media} is accepted now"), "/requestBody");
        }
    }

    fn schemas(&mut self, old: &SchemaRef, new: &SchemaRef, place: String) {
        let mut comparison = Comparison::new(self.old, self.new, Way::Request, place, self.changes);
        comparison.compare(&vec![old.clone()], &vec![new.clone()], "");
    }

    /// How the members of a form are written.
    fn encodings(&mut self, media: &str, old: &Content, new: &Content) {
        if media != FORM && !media.starts_with("multipart/") {
            return;
        }
        let named: BTreeSet<&String> = old.encoding.keys().chain(new.encoding.keys()).collect();
        for name in named {
            let written = (member(self.old, media, old, name), member(self.new, media, new, name));
            let (Some((old, was)), Some((new, is))) = written else { continue };
            let old = Written { name, schema: Some(&old), writing: &was };
            let new = Written { name, schema: Some(&new), writing: &is };
            let below = format!("/requestBody/content/{}/encoding/{}", escape(media), escape(name));
            self.written("member", &old, &new, &below);
        }
    }
}

/// A member of a form, and how it is written.
fn member(contract: &Contract, media: &str, content: &Content, name: &str) -> Option<(SchemaRef, Writing)> {
    let form = Form::of(&contract.schemas, &vec![content.schema.clone()?]);
    let member = form.members.get(name)?;
    let kind = Form::of(&contract.schemas, member);
    let has = |form: &Form, kind: &str| form.kinds().is_some_and(|kinds| kinds.contains(kind));
    let is_single = !has(&kind, "object") && !has(&kind, "array");
    let encoding = content.encoding.get(name);
    let style = encoding.and_then(|encoding| encoding.style.clone());
    let media_type = encoding.and_then(|encoding| encoding.media.clone());
    let as_media = |media: String| Writing::Content { media, schema: None };
    let writing = if media == FORM {
        let usual = Writing::Style { style: "form".to_owned(), explode: true, is_reserved: false };
        style.or_else(|| media_type.filter(|_| !is_single).map(as_media)).unwrap_or(usual)
    } else {
        // OpenAPI 3.0 has no styles here (OpenAPI 3.0.3, Encoding Object).
        let is_of_3_0 = contract.document().value()["openapi"].as_str().is_some_and(|v| v.starts_with("3.0"));
        let items = Form::of(&contract.schemas, &kind.items);
        let part = if has(&kind, "array") { &items } else { &kind };
        let usual = match () {
            () if has(part, "object") => "application/json",
            () if part.formats.contains("binary") => "application/octet-stream",
            () => "text/plain",
        };
        style
            .filter(|_| !is_of_3_0)
            .unwrap_or_else(|| as_media(media_type.unwrap_or_else(|| usual.to_owned()).to_ascii_lowercase()))
    };
    Some((member.first()?.clone(), writing))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::super::tests::{document, told};
    use super::*;
    use Level::{Additive, Breaking};

    const MULTIPART: &str = "multipart/form-data";

    fn form(media: &str, encoding: Value) -> Value {
        let schema = json!({"type": "object", "properties": {
            "l": {"type": "array", "items": {"type": "string"}}, "o": {"type": "object"}, "s": {"type": "string"},
        }});
        document(json!({"requestBody": {"content": {media: {"schema": schema, "encoding": encoding}}}}))
    }

    #[rstest]
    #[case::not_repeated(FORM, json!({"l": {"explode": false}}), "`l` was written as `form`, exploded, is written as `form`")]
    #[case::a_style(
        FORM,
        json!({"l": {"style": "pipeDelimited", "explode": false}}),
        "`l` was written as `form`, exploded, is written as `pipeDelimited`"
    )]
    #[case::a_media_type(FORM, json!({"o": {"contentType": "application/json"}}), "is written as application/json")]
    #[case::reserved(FORM, json!({"s": {"allowReserved": true}}), "with reserved characters")]
    #[case::of_a_part(MULTIPART, json!({"s": {"contentType": "image/png"}}), "was written as text/plain, is written as image/png")]
    fn a_member_that_is_written_otherwise_breaks(
        #[case] media: &str,
        #[case] encoding: Value,
        #[case] message: &str,
    ) {
        let (plain, other) = (form(media, json!({})), form(media, encoding));
        let changes = told(&plain, &other);
        assert!(matches!(&changes[..], [(Breaking, told)] if told.contains(message)), "{changes:?}");
        assert_eq!(told(&other, &plain).len(), 1);
    }

    #[rstest]
    #[case::the_defaults(FORM, json!({"l": {"style": "form", "explode": true}, "s": {"contentType": "text/plain"}}))]
    #[case::the_defaults_of_parts(MULTIPART, json!({"o": {"contentType": "application/json"}, "l": {"contentType": "text/plain"}}))]
    #[case::of_nothing(FORM, json!({"x": {"explode": false}}))]
    #[case::where_nothing_is_encoded("application/xml", json!({"l": {"explode": false}}))]
    fn the_same_text_is_no_change(#[case] media: &str, #[case] encoding: Value) {
        assert_eq!(told(&form(media, json!({})), &form(media, encoding)), []);
    }

    #[test]
    fn bodies_of_each_media_type_are_compared() {
        let of = |media: &str, kind: &str| json!({media: {"schema": {"type": kind}}});
        let with = |content: Value| document(json!({"requestBody": {"content": content}}));
        let changes = told(&with(of(FORM, "object")), &with(of(FORM, "array")));
        assert_eq!(changes, [(Breaking, "the types were object, are array".to_owned())]);
        let (one, mut both) = (of(FORM, "object"), of(FORM, "object"));
        both["text/csv"] = json!({});
        let message = |word: &str| format!("a body as text/csv is {word}");
        assert_eq!(told(&with(one.clone()), &with(both.clone())), [(Additive, message("accepted now"))]);
        assert_eq!(told(&with(both.clone()), &with(one)), [(Breaking, message("no longer accepted"))]);
        let any = with(json!({"*/*": {"schema": {"type": "object"}}}));
        assert_eq!(told(&with(both), &any), [(Additive, "a body as */* is accepted now".to_owned())]);
    }
}
