//! Two versions of the parameters of an operation and the headers of an answer.

use super::Level;
use super::comparison::Comparison;
use super::operation::{Pair, shown};
use crate::spec::contract::{Operation, Parameter, Place, Response};
use crate::spec::escape;
use crate::spec::form::Form;
use crate::spec::parameter::{Header, Writing};
use crate::spec::schema::Schemas;
use crate::spec::schema_ref::SchemaRef;
use crate::spec::way::Way;

impl Pair<'_> {
    pub(super) fn parameters(&mut self) {
        let in_path =
            |operation: &Operation| operation.path_parameters().map(str::to_owned).collect::<Vec<_>>();
        for (old, new) in in_path(self.before).into_iter().zip(in_path(self.after)) {
            if old != new {
                self.tell(Level::Documentation, format!("the path parameter `{old}` is called `{new}`"), "");
            }
            let (before, after) = (self.before, self.after);
            if let (Some(before), Some(after)) =
                (before.parameter(&old, Place::Path), after.parameter(&new, Place::Path))
            {
                self.parameter(before, after);
            }
        }
        let others = |operation: &'_ Operation| {
            let others = operation.parameters.iter().filter(|parameter| parameter.place != Place::Path);
            others.cloned().collect::<Vec<_>>()
        };
        let (old, new) = (others(self.before), others(self.after));
        for before in &old {
            let Some(after) = new.iter().find(|after| is_same(before, after)) else {
                let message = format!("the parameter `{}` is gone", before.name);
                let at = self.old.document().at_key(&format!("{}/parameters", self.before.pointer));
                let place = self.place();
                self.changes.add(Level::Breaking, message, at, &place);
                continue;
            };
            let name = &after.name;
            match (before.required, after.required) {
                (false, true) => {
                    self.tell(
                        Level::Breaking,
                        format!("the parameter `{name}` is required now"),
                        "/parameters",
                    );
                }
                (true, false) => {
                    let message = format!("the parameter `{name}` is optional now");
                    self.tell(Level::Additive, message, "/parameters");
                }
                _ => {}
            }
            self.parameter(before, after);
        }
        for after in new.iter().filter(|after| !old.iter().any(|before| is_same(before, after))) {
            let (level, needed) =
                if after.required { (Level::Breaking, " and required") } else { (Level::Additive, "") };
            self.tell(level, format!("the parameter `{}` is new{needed}", after.name), "/parameters");
        }
    }

    fn parameter(&mut self, before: &Parameter, after: &Parameter) {
        let old = Written { name: &before.name, schema: before.schema.as_ref(), writing: &before.writing };
        let new = Written { name: &after.name, schema: after.schema.as_ref(), writing: &after.writing };
        self.written("parameter", &old, &new, "/parameters");
        let place = format!("{}, parameter `{}`", self.place(), after.name);
        self.values(&old, &new, Way::Request, place);
    }

    /// The headers of an answer. Their names are the same in any case (RFC 9110 §5.1).
    pub(super) fn headers(&mut self, old: &Response, new: &Response, below: &str) {
        let status = shown(new.status);
        let find = |headers: &[Header], name: &str| {
            headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).cloned()
        };
        for before in &old.headers {
            let name = &before.name;
            let Some(after) = find(&new.headers, name) else {
                let message = format!("the response {status} no longer has the header `{name}`");
                self.tell(Level::Breaking, message, below);
                continue;
            };
            let below = format!("{below}/headers/{}", escape(&after.name));
            match (before.required, after.required) {
                (false, true) => {
                    self.tell(Level::Additive, format!("the header `{name}` is required now"), &below);
                }
                (true, false) => {
                    self.tell(Level::Breaking, format!("the header `{name}` is optional now"), &below);
                }
                _ => {}
            }
            let old = Written { name, schema: before.schema.as_ref(), writing: &before.writing };
            let new = Written { name, schema: after.schema.as_ref(), writing: &after.writing };
            self.written("header", &old, &new, &below);
            let place = format!("{}, response {status}, header `{name}`", self.place());
            self.values(&old, &new, Way::Answer, place);
        }
        for after in new.headers.iter().filter(|after| find(&old.headers, &after.name).is_none()) {
            let below = format!("{below}/headers/{}", escape(&after.name));
            let message = format!("the response {status} has the header `{}` now", after.name);
            self.tell(Level::Additive, message, &below);
        }
    }

    /// Whether the same value becomes other text.
    pub(super) fn written(&mut self, what: &str, old: &Written<'_>, new: &Written<'_>, below: &str) {
        let (was, is) = (old.text(&self.old.schemas), new.text(&self.new.schemas));
        if was != is {
            let message = format!("the {what} `{}` was written {was}, is written {is}", new.name);
            self.tell(Level::Breaking, message, below);
        }
    }

    pub(super) fn values(&mut self, old: &Written<'_>, new: &Written<'_>, way: Way, place: String) {
        if let (Some(old), Some(new)) = (old.value(), new.value()) {
            let mut comparison = Comparison::new(self.old, self.new, way, place, self.changes);
            comparison.compare(&vec![old.clone()], &vec![new.clone()], "");
        }
    }
}

/// Names of headers are the same in any case (RFC 9110 §5.1).
fn is_same(a: &Parameter, b: &Parameter) -> bool {
    let is_named_so = match a.place {
        Place::Header => a.name.eq_ignore_ascii_case(&b.name),
        _ => a.name == b.name,
    };
    a.place == b.place && is_named_so
}

/// A value and how it becomes text.
pub(super) struct Written<'a> {
    pub(super) name: &'a str,
    pub(super) schema: Option<&'a SchemaRef>,
    pub(super) writing: &'a Writing,
}

impl Written<'_> {
    fn value(&self) -> Option<&SchemaRef> {
        match self.writing {
            Writing::Style { .. } => self.schema,
            Writing::Content { schema, .. } => schema.as_ref(),
        }
    }

    /// How the value becomes text, in words that are the same where the text is (OpenAPI 3.0.3, Style Examples): a single value has no
    /// delimiters, and a list that is repeated none either; a number has no characters that may be reserved.
    fn text(&self, schemas: &Schemas) -> String {
        let (style, explode, is_reserved) = match self.writing {
            Writing::Content { media, .. } => return format!("as {media}"),
            Writing::Style { style, explode, is_reserved } => (style.as_str(), *explode, *is_reserved),
        };
        let kinds = match self.schema {
            Some(schema) => kinds(schemas, schema),
            None => Kinds { texts: true, ..Kinds::default() },
        };
        let text = styled(style, explode, &kinds);
        if is_reserved && (kinds.texts || kinds.lists || kinds.objects) {
            format!("{text} with reserved characters as they are")
        } else {
            text
        }
    }
}

fn styled(style: &str, explode: bool, kinds: &Kinds) -> String {
    let is_in_query = matches!(style, "form" | "spaceDelimited" | "pipeDelimited" | "deepObject");
    match kinds {
        Kinds { lists: false, objects: false, .. } if is_in_query => "as `form`".to_owned(),
        Kinds { lists: false, objects: false, .. } => format!("as `{style}`"),
        Kinds { lists: true, objects: false, .. } if is_in_query && explode => {
            "as `form`, exploded".to_owned()
        }
        Kinds { objects: false, .. } if style == "simple" => "as `simple`".to_owned(),
        Kinds { .. } if style == "deepObject" => "as `deepObject`".to_owned(),
        Kinds { .. } if explode => format!("as `{style}`, exploded"),
        Kinds { .. } => format!("as `{style}`"),
    }
}

/// Whether a value may be a list, an object, or text.
#[derive(Default)]
struct Kinds {
    lists: bool,
    objects: bool,
    texts: bool,
}

/// So deep alternatives within alternatives are asked.
const DEEPEST: usize = 8;

fn kinds(schemas: &Schemas, schema: &SchemaRef) -> Kinds {
    let mut found = Kinds::default();
    let mut open = vec![(vec![schema.clone()], 0)];
    while let Some((node, depth)) = open.pop() {
        let form = Form::of(schemas, &node);
        if let Some(kinds) = form.kinds() {
            found.lists |= kinds.contains("array");
            found.objects |= kinds.contains("object");
            found.texts |= kinds.contains("string");
        } else {
            found.texts = true;
            found.lists |= !form.items.is_empty();
            found.objects |= !form.members.is_empty();
        }
        if depth < DEEPEST {
            open.extend(form.alternatives.into_iter().map(|node| (node, depth + 1)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::super::tests::{document, told};
    use Level::{Additive, Breaking};

    use super::*;

    fn parameter(keys: Value) -> Value {
        let mut parameter = json!({"name": "q", "in": "query"});
        for (key, value) in keys.as_object().into_iter().flatten() {
            parameter[key] = value.clone();
        }
        document(json!({ "parameters": [parameter] }))
    }

    fn list(style: Value) -> Value {
        let mut keys = style;
        keys["schema"] = json!({"type": "array", "items": {"type": "string"}});
        parameter(keys)
    }

    fn object(style: Value) -> Value {
        let mut keys = style;
        keys["schema"] = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        parameter(keys)
    }

    #[rstest]
    #[case::a_list_no_longer_repeated(list(json!({})), list(json!({"explode": false})), "as `form`, exploded", "as `form`")]
    #[case::another_delimiter(
        list(json!({"explode": false})),
        list(json!({"style": "pipeDelimited", "explode": false})),
        "as `form`",
        "as `pipeDelimited`"
    )]
    #[case::brackets(
        object(json!({"style": "deepObject", "explode": true})),
        object(json!({})),
        "as `deepObject`",
        "as `form`, exploded"
    )]
    #[case::a_media_type(
        parameter(json!({"schema": {"type": "string"}})),
        parameter(json!({"content": {"application/json": {"schema": {"type": "string"}}}})),
        "as `form`",
        "as application/json"
    )]
    #[case::an_object_in_a_header(
        object(json!({"in": "header"})),
        object(json!({"in": "header", "explode": true})),
        "as `simple`",
        "as `simple`, exploded"
    )]
    #[case::reserved_characters(
        parameter(json!({"schema": {"type": "string"}})),
        parameter(json!({"schema": {"type": "string"}, "allowReserved": true})),
        "as `form`",
        "as `form` with reserved characters as they are"
    )]
    fn other_text_for_the_same_value_breaks(
        #[case] old: Value,
        #[case] new: Value,
        #[case] was: &str,
        #[case] is: &str,
    ) {
        let message = |was: &str, is: &str| format!("the parameter `q` was written {was}, is written {is}");
        assert_eq!(told(&old, &new), [(Breaking, message(was, is))]);
        assert_eq!(told(&new, &old), [(Breaking, message(is, was))]);
    }

    #[rstest]
    #[case::the_defaults_of_a_query(list(json!({})), list(json!({"style": "form", "explode": true})))]
    #[case::the_defaults_of_a_header(
        object(json!({"in": "header"})),
        object(json!({"in": "header", "style": "simple", "explode": false}))
    )]
    #[case::a_single_value(
        parameter(json!({"schema": {"type": "string"}})),
        parameter(json!({"schema": {"type": "string"}, "style": "spaceDelimited", "explode": false}))
    )]
    #[case::a_number_without_reserved_characters(
        parameter(json!({"schema": {"type": "integer"}})),
        parameter(json!({"schema": {"type": "integer"}, "allowReserved": true}))
    )]
    #[case::a_header_with_what_concerns_a_query(
        parameter(json!({"in": "header"})),
        parameter(json!({"in": "header", "allowReserved": true}))
    )]
    #[case::a_list_that_is_repeated(list(json!({})), list(json!({"style": "pipeDelimited", "explode": true})))]
    #[case::a_list_in_a_header(list(json!({"in": "header"})), list(json!({"in": "header", "explode": true})))]
    #[case::a_header_in_another_case(
        parameter(json!({"in": "header", "name": "X-Id"})),
        parameter(json!({"in": "header", "name": "x-id"}))
    )]
    #[case::a_header_that_is_described_elsewhere(
        parameter(json!({"in": "header", "name": "Accept", "required": true})),
        document(json!({}))
    )]
    fn the_same_text_is_no_change(#[case] one: Value, #[case] other: Value) {
        assert_eq!(told(&one, &other), []);
        assert_eq!(told(&other, &one), []);
    }

    #[test]
    fn a_parameter_of_the_query_in_another_case_is_another() {
        let (old, new) = (parameter(json!({"name": "q"})), parameter(json!({"name": "Q"})));
        assert_eq!(told(&old, &new)[0], (Breaking, "the parameter `q` is gone".to_owned()));
    }

    fn headers(headers: Value) -> Value {
        document(json!({ "responses": { "200": { "headers": headers } } }))
    }

    #[rstest]
    #[case::gone(json!({"X-A": {}}), json!({}), Breaking, "the response 200 no longer has the header `X-A`")]
    #[case::new(json!({}), json!({"X-A": {"required": true}}), Additive, "the response 200 has the header `X-A` now")]
    #[case::that_may_be_missing(
        json!({"X-A": {"required": true}}),
        json!({"X-A": {}}),
        Breaking,
        "the header `X-A` is optional now"
    )]
    #[case::that_must_be_there(
        json!({"X-A": {}}),
        json!({"x-a": {"required": true}}),
        Additive,
        "the header `X-A` is required now"
    )]
    #[case::of_another_type(
        json!({"X-A": {"schema": {"type": "string"}}}),
        json!({"X-A": {"schema": {"type": "integer"}}}),
        Breaking,
        "the types were string, are integer"
    )]
    #[case::of_another_media_type(
        json!({"X-A": {"schema": {"type": "string"}}}),
        json!({"X-A": {"content": {"application/json": {"schema": {"type": "string"}}}}}),
        Breaking,
        "the header `X-A` was written as `simple`, is written as application/json"
    )]
    fn headers_of_answers(
        #[case] old: Value,
        #[case] new: Value,
        #[case] level: Level,
        #[case] message: &str,
    ) {
        assert_eq!(told(&headers(old), &headers(new)), [(level, message.to_owned())]);
    }

    #[test]
    fn the_media_type_is_told_by_the_content() {
        assert_eq!(told(&headers(json!({"Content-Type": {}})), &headers(json!({}))), []);
    }
}
