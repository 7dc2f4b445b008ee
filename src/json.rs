//! JSON as it came over the wire: strict about what `serde_json` lets pass.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A parsed text.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) value: Value,
    /// A name that stands twice in one object.
    pub(crate) repeated_name: Option<String>,
}

/// Parses a JSON text (RFC 8259), and notes a name that stands twice.
pub(crate) fn parse(bytes: &[u8]) -> Result<Parsed, serde_json::Error> {
    let mut node: Node = serde_json::from_slice(bytes)?;
    let mut repeated_name = None;
    let value = settle(&mut node, &mut repeated_name);
    Ok(Parsed { value, repeated_name })
}

enum Node {
    Scalar(Value),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

fn settle(node: &mut Node, repeated: &mut Option<String>) -> Value {
    match node {
        Node::Scalar(value) => value.take(),
        Node::List(items) => Value::Array(items.iter_mut().map(|item| settle(item, repeated)).collect()),
        Node::Object(members) => {
            let mut map = Map::new();
            for (name, member) in members {
                if map.insert(name.clone(), settle(member, repeated)).is_some() {
                    repeated.get_or_insert_with(|| name.clone());
                }
            }
            Value::Object(map)
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NodeVisitor;

        impl<'de> Visitor<'de> for NodeVisitor {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar(Value::Null))
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

            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = sequence.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Node::Object(members))
            }
        }

        deserializer.deserialize_any(NodeVisitor)
    }
}

/// A value as it stands in a path, a query or a shell.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn a_name_that_stands_twice_is_noted() {
        let parsed = parse(br#"{"a": {"b": 1, "b": [2]}, "c": null}"#).expect("it is JSON");
        assert_eq!(parsed.repeated_name.as_deref(), Some("b"));
        assert_eq!(parsed.value, json!({"a": {"b": [2]}, "c": null}));
    }

    #[test]
    fn what_is_not_json_is_an_error() {
        assert!(parse(b"<html>").is_err());
        assert!(parse(b"\"\xff\"").is_err());
        assert!(parse(b"{} {}").is_err());
    }
}
