//! Schemas that are named: `$id`, `$anchor` and `$dynamicAnchor` (JSON Schema 2020-12 §8.2) become references by place, as all others are.
//!
//! Everything that looks up a schema then has one way to do it. What a `$dynamicRef` leads to depends on how it was reached where several
//! schemas bear its name; then it allows everything, and a warning tells of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use url::Url;

use super::pointer::escape;
use super::walk::{below, within};

/// What the schemas of a document are called.
#[derive(Default)]
struct Names {
    /// The place of each resource, by its URI.
    resources: BTreeMap<Url, String>,
    /// The places of each anchor, by the URI of its resource and its name.
    anchors: BTreeMap<(Url, String), String>,
    /// How many schemas bear the name of a dynamic anchor.
    dynamic: BTreeMap<String, usize>,
}

/// Writes references to names as references to places. Returns the places of the references that are not followed.
pub(super) fn resolve(document: &mut Value, uri: &str) -> Vec<String> {
    let Ok(base) = Url::parse(uri) else { return Vec::new() };
    let mut names = Names::default();
    names.resources.insert(base.clone(), String::new());
    collect(document, &base, &mut String::new(), false, &mut names);
    if names.resources.len() == 1 && names.anchors.is_empty() {
        return Vec::new();
    }
    let mut rewriting = Rewriting { names: &names, skipped: Vec::new() };
    rewriting.rewrite(document, &base, &mut String::new(), false);
    rewriting.skipped
}

/// The base that holds within a schema.
fn base_within(members: &Map<String, Value>, base: &Url, holds_names: bool) -> Url {
    let id = members.get("$id").and_then(Value::as_str).filter(|_| !holds_names);
    let within = id.and_then(|id| base.join(id).ok());
    within.map_or_else(|| base.clone(), without_fragment)
}

fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}

fn collect(value: &Value, base: &Url, pointer: &mut String, holds_names: bool, names: &mut Names) {
    if let Value::Object(members) = value {
        let base = base_within(members, base, holds_names);
        if !holds_names {
            if members.get("$id").is_some_and(Value::is_string) {
                names.resources.entry(base.clone()).or_insert_with(|| pointer.clone());
            }
            for keyword in ["$anchor", "$dynamicAnchor"] {
                if let Some(Value::String(name)) = members.get(keyword) {
                    names.anchors.entry((base.clone(), name.clone())).or_insert_with(|| pointer.clone());
                    *names.dynamic.entry(name.clone()).or_default() +=
                        usize::from(keyword == "$dynamicAnchor");
                }
            }
        }
        each(pointer, members.iter(), holds_names, |member, pointer, holds_names| {
            collect(member, &base, pointer, holds_names, names);
        });
    } else if let Value::Array(items) = value {
        each_item(pointer, items.iter(), |item, pointer| collect(item, base, pointer, false, names));
    }
}

/// References that are rewritten.
struct Rewriting<'a> {
    names: &'a Names,
    /// The places of those that are not followed.
    skipped: Vec<String>,
}

impl Rewriting<'_> {
    fn rewrite(&mut self, value: &mut Value, base: &Url, pointer: &mut String, holds_names: bool) {
        if let Value::Object(members) = value {
            let base = base_within(members, base, holds_names);
            if !holds_names {
                if let Some(Value::String(reference)) = members.get_mut("$ref")
                    && let Some(place) = self.names.place(&base, reference)
                {
                    *reference = place;
                }
                if let Some(Value::String(reference)) = members.remove("$dynamicRef") {
                    let anchor = reference.split_once('#').map_or("", |(_, anchor)| anchor);
                    match self.names.place(&base, &reference) {
                        Some(place) if self.names.dynamic.get(anchor).is_none_or(|many| *many < 2) => {
                            also(members, json!({ "$ref": place }));
                        }
                        _ => self.skipped.push(pointer.clone()),
                    }
                }
                for keyword in ["$id", "$anchor", "$dynamicAnchor"] {
                    members.remove(keyword);
                }
            }
            each(pointer, members.iter_mut(), holds_names, |member, pointer, holds_names| {
                self.rewrite(member, &base, pointer, holds_names);
            });
        } else if let Value::Array(items) = value {
            each_item(pointer, items.iter_mut(), |item, pointer| {
                self.rewrite(item, base, pointer, false);
            });
        }
    }
}

/// Has a schema apply as well.
fn also(members: &mut Map<String, Value>, schema: Value) {
    if let Value::Array(all) = members.entry("allOf").or_insert_with(|| json!([])) {
        all.push(schema);
    }
}

fn each<V>(
    pointer: &mut String,
    members: impl Iterator<Item = (impl AsRef<str>, V)>,
    holds_names: bool,
    mut visit: impl FnMut(V, &mut String, bool),
) {
    for (key, member) in members {
        if let Some(holds_names) = below(key.as_ref(), holds_names) {
            within(pointer, &escape(key.as_ref()), |pointer| visit(member, pointer, holds_names));
        }
    }
}

fn each_item<V>(pointer: &mut String, items: impl Iterator<Item = V>, mut visit: impl FnMut(V, &mut String)) {
    for (index, item) in items.enumerate() {
        within(pointer, &index.to_string(), |pointer| visit(item, pointer));
    }
}

impl Names {
    /// Where a reference leads, as a reference by place; `None` where it leads out of the document, or is one already.
    fn place(&self, base: &Url, reference: &str) -> Option<String> {
        let target = base.join(reference).ok()?;
        let fragment = reference.split_once('#').map_or("", |(_, fragment)| fragment);
        let resource = without_fragment(target);
        let root = self.resources.get(&resource)?;
        let place = if fragment.is_empty() || fragment.starts_with('/') {
            format!("{root}{fragment}")
        } else {
            self.anchors.get(&(resource, fragment.to_owned()))?.clone()
        };
        Some(format!("#{place}"))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn resolved(mut document: Value) -> (Value, Vec<String>) {
        let skipped = resolve(&mut document, "specs:///api/a.yaml");
        (document, skipped)
    }

    #[rstest]
    #[case::an_anchor("#pet", "#/components/schemas/Pet")]
    #[case::an_id("https://example.org/cat", "#/components/schemas/Cat")]
    #[case::within_an_id("https://example.org/cat#/$defs/tail", "#/components/schemas/Cat/$defs/tail")]
    #[case::an_anchor_of_an_id("https://example.org/cat#fur", "#/components/schemas/Cat/$defs/fur")]
    #[case::a_place("#/components/schemas/Pet", "#/components/schemas/Pet")]
    #[case::another_file("b.yaml#/Pet", "b.yaml#/Pet")]
    #[case::nothing("#none", "#none")]
    fn a_name_becomes_a_place(#[case] reference: &str, #[case] expected: &str) {
        let (document, skipped) = resolved(json!({
            "components": { "schemas": {
                "Pet": { "$anchor": "pet", "properties": { "$id": { "type": "string" } } },
                "Cat": {
                    "$id": "https://example.org/cat",
                    "$defs": { "tail": { "$ref": "#fur" }, "fur": { "$anchor": "fur", "$ref": "#/$defs/tail" } },
                },
            } },
            "asks": { "$ref": reference },
        }));
        assert_eq!(document["asks"]["$ref"], expected);
        let cat = "/components/schemas/Cat/$defs";
        let reference = |name: &str| document.pointer(&format!("{cat}/{name}/$ref")).cloned();
        assert_eq!(reference("tail"), Some(json!(format!("#{cat}/fur"))));
        assert_eq!(reference("fur"), Some(json!(format!("#{cat}/tail"))));
        let pet = &document["components"]["schemas"]["Pet"];
        assert_eq!(pet, &json!({ "properties": { "$id": { "type": "string" } } }));
        assert!(skipped.is_empty());
    }

    #[rstest]
    #[case::of_one_schema(&["tree"], json!({ "allOf": [{ "$ref": "#/s/0" }] }), &[])]
    #[case::of_several(&["tree", "tree"], json!({}), &["/asks"])]
    fn a_dynamic_reference_leads_to_the_only_one(
        #[case] anchors: &[&str],
        #[case] expected: Value,
        #[case] left: &[&str],
    ) {
        let schemas: Vec<Value> = anchors.iter().map(|name| json!({ "$dynamicAnchor": name })).collect();
        let (document, skipped) = resolved(json!({ "s": schemas, "asks": { "$dynamicRef": "#tree" } }));
        assert_eq!(
            (&document["asks"], skipped),
            (&expected, left.iter().map(|at| (*at).to_owned()).collect())
        );
    }
}
