//! JSON as it came over the wire: strict about what `serde_json` lets pass.

mod numbers;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Value};

pub(crate) use self::numbers::{at, exact, has_fraction, numbers};

/// A parsed text.
#[derive(Debug, Clone)]
pub(crate) struct Parsed {
    pub(crate) value: Value,
    /// A name that stands twice in one object.
    pub(crate) repeated_name: Option<String>,
}

/// Parses a JSON text (RFC 8259), and notes a name that stands twice.
pub(crate) fn parse(bytes: &[u8]) -> Result<Parsed, serde_json::Error> {
    let mut repeated_name = None;
    let least = if has_less_than_64_bits_hold(bytes) { LEAST.next_down() } else { LEAST };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { repeated_name: &mut repeated_name, least }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(Parsed { value, repeated_name })
}

/// The least integer of 64 bits. Some that are less are read as this one.
const LEAST: f64 = -9_223_372_036_854_775_808.0;

/// Whether an integer stands in a text that is less than the least of 64 bits, and would be read as that one.
fn has_less_than_64_bits_hold(bytes: &[u8]) -> bool {
    if memchr::memmem::find(bytes, b"-922337203685477").is_none() {
        return false;
    }
    let is_less = |number: &str| {
        let is_integer = !number.contains(['.', 'e', 'E']);
        is_integer && number.parse::<i64>().is_err() && number.parse() == Ok(LEAST)
    };
    std::str::from_utf8(bytes).is_ok_and(|text| numbers(text).any(is_less))
}

/// Changes every string of a value, but for the names of members.
pub(crate) fn each_string(value: &mut Value, change: &impl Fn(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_string(item, change)),
        Value::Object(members) => members.values_mut().for_each(|member| each_string(member, change)),
        _ => {}
    }
}

/// Reads a value; of a name that stands twice the last member counts.
struct Strict<'r> {
    repeated_name: &'r mut Option<String>,
    /// What is read where the least integer of 64 bits is not read as an integer.
    least: f64,
}

impl Strict<'_> {
    fn inner(&mut self) -> Strict<'_> {
        Strict { repeated_name: self.repeated_name, least: self.least }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        let value = if value.to_bits() == LEAST.to_bits() { self.least } else { value };
        Ok(whole(value).map_or_else(|| value.into(), Into::into))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(self.inner())? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let member = map.next_value_seed(self.inner())?;
            match members.entry(name) {
                Entry::Vacant(entry) => _ = entry.insert(member),
                Entry::Occupied(mut entry) => {
                    self.repeated_name.get_or_insert_with(|| entry.key().clone());
                    entry.insert(member);
                }
            }
        }
        Ok(Value::Object(members))
    }
}

/// `1.053e3` and `1053.0` are the integer 1053 (JSON Schema 2020-12 §4.2.3), and so is an id in a path; beyond 2^53 none is exact.
#[expect(clippy::cast_possible_truncation, reason = "it is whole, and within the range")]
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
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
    use rstest::rstest;
    use serde_json::json;

    use super::parse;

    #[test]
    fn a_name_that_stands_twice_is_noted() {
        let parsed = parse(br#"{"a": {"b": 1, "b": [2]}, "c": null}"#).expect("it is JSON");
        assert_eq!(parsed.repeated_name.as_deref(), Some("b"));
        assert_eq!(parsed.value, json!({"a": {"b": [2]}, "c": null}));
    }

    #[test]
    fn a_whole_number_is_an_integer_however_it_is_written() {
        let parsed = parse(b"[1.053e3, 1053.0, -0.0, 2.5e-1, 1e300]").expect("it is JSON");
        assert_eq!(parsed.value, json!([1053, 1053, 0, 0.25, 1e300]));
    }

    #[rstest]
    #[case::the_least("-9223372036854775808", true)]
    #[case::as_a_fraction("-9223372036854775808.0", true)]
    #[case::one_less("-9223372036854775809", false)]
    #[case::much_less("-9223372036854780000", false)]
    fn what_64_bits_do_not_hold_is_less_than_what_they_do(#[case] written: &str, #[case] is_within: bool) {
        let parsed = parse(format!("[\"-9223372036854775809\", {written}]").as_bytes()).expect("it is JSON");
        let schema = json!({"items": {"minimum": i64::MIN}});
        assert_eq!(jsonschema::is_valid(&schema, &parsed.value), is_within);
    }

    #[test]
    fn what_is_not_json_is_an_error() {
        assert!(parse(b"<html>").is_err());
        assert!(parse(b"\"\xff\"").is_err());
        assert!(parse(b"{} {}").is_err());
    }
}
