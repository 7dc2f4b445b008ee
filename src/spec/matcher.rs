//! Matchers: what a value found in an answer must be.

use regex::Regex;
use serde_json::{Number, Value};

use super::case_file::{JsonType, MatchersFile};

/// What a value must be. Strings in it may be templates; [`Matcher::map`] fills them in.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// Equal to this, as most are.
    Literal(Value),
    /// What several conditions say.
    Conditions(Box<Conditions>),
}

/// What must hold of the values that a path finds.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// All of these must hold of each value.
    pub each: Vec<Condition>,
    /// How many values there must be; any number from one up, where it is not given.
    pub count: Option<usize>,
    /// The values, one by one.
    pub in_order: Option<Vec<Value>>,
}

/// One condition on one value.
#[derive(Debug, Clone)]
pub enum Condition {
    /// Equal; numbers by value, objects whatever the order of their members.
    Equals(Value),
    /// Not so.
    Not(Box<Matcher>),
    /// Equal to one of these.
    OneOf(Vec<Value>),
    /// A string in which the expression finds something.
    Matches(Regex),
    /// A string with this in it, or a list with an element equal to this.
    Contains(Value),
    /// Of this type.
    Type(JsonType),
    /// Of this length: characters, elements or members.
    Length(Value),
    /// A number not below this.
    AtLeast(f64),
    /// A number not above this.
    AtMost(f64),
}

impl Matcher {
    /// Reads what an author wrote: a mapping is a set of matchers, all else a literal.
    ///
    /// # Errors
    /// What is wrong, as one lowercase sentence.
    pub fn read(written: Value) -> Result<Self, String> {
        if let Some(number) = beyond_64_bits(&written) {
            return Err(format!("`{number}` has more digits than are compared; compare a number of 64 bits"));
        }
        if !written.is_object() {
            return Ok(Self::Literal(written));
        }
        let file: MatchersFile = serde_json::from_value(written).map_err(|error| error.to_string())?;
        let mut each = Vec::new();
        if let Some(value) = file.equals {
            each.push(Condition::Equals(value));
        }
        if let Some(matcher) = file.not {
            each.push(Condition::Not(Box::new(Self::read(matcher.0)?)));
        }
        if let Some(values) = file.one_of {
            each.push(Condition::OneOf(values));
        }
        if let Some(expression) = file.matches {
            let regex =
                Regex::new(&expression).map_err(|_| format!("`{expression}` is not a regular expression"))?;
            each.push(Condition::Matches(regex));
        }
        if let Some(value) = file.contains {
            each.push(Condition::Contains(value));
        }
        if let Some(kind) = file.r#type {
            each.push(Condition::Type(kind));
        }
        if let Some(length) = file.length {
            each.push(Condition::Length(length));
        }
        if let Some(bound) = file.at_least.iter().chain(&file.at_most).find(|bound| bound.abs() >= EXACT) {
            return Err(format!("the bound `{bound}` is not compared exactly; it must be below 2^53"));
        }
        if let Some(bound) = file.at_least {
            each.push(Condition::AtLeast(bound));
        }
        if let Some(bound) = file.at_most {
            each.push(Condition::AtMost(bound));
        }
        let conditions = Conditions { each, count: file.count, in_order: file.in_order };
        Ok(Self::Conditions(Box::new(conditions)))
    }

    /// Whether `value` is as it must be.
    #[must_use]
    pub fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Literal(expected) => equal(expected, value),
            Self::Conditions(conditions) => conditions.each.iter().all(|condition| condition.holds(value)),
        }
    }

    /// Whether all of `found`, what a path finds, is as it must be.
    #[must_use]
    pub fn holds_for(&self, found: &[&Value]) -> bool {
        self.is_number(found.len()) && self.is_sequence(found) && found.iter().all(|value| self.holds(value))
    }

    /// Whether so many values are as many as there must be.
    #[must_use]
    pub fn is_number(&self, found: usize) -> bool {
        match self {
            Self::Literal(_) => found > 0,
            Self::Conditions(conditions) => {
                let any = found > 0 || conditions.in_order.is_some();
                conditions.count.map_or(any, |count| found == count)
            }
        }
    }

    /// Whether the values are the ones there must be, in their order.
    #[must_use]
    pub fn is_sequence(&self, found: &[&Value]) -> bool {
        let is = |wanted: &Vec<Value>| {
            wanted.len() == found.len()
                && wanted.iter().zip(found).all(|(wanted, found)| equal(wanted, found))
        };
        match self {
            Self::Literal(_) => true,
            Self::Conditions(conditions) => conditions.in_order.as_ref().is_none_or(is),
        }
    }

    /// What is expected, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Literal(value) => value.to_string(),
            Self::Conditions(conditions) => conditions.describe(),
        }
    }

    /// The matcher with `fill` applied to each literal value in it.
    ///
    /// # Errors
    /// The first error of `fill`.
    pub fn map<E>(&self, fill: &mut impl FnMut(&Value) -> Result<Value, E>) -> Result<Self, E> {
        Ok(match self {
            Self::Literal(value) => Self::Literal(fill(value)?),
            Self::Conditions(conditions) => Self::Conditions(Box::new(conditions.map(fill)?)),
        })
    }
}

impl Conditions {
    fn describe(&self) -> String {
        let mut words: Vec<String> = self.each.iter().map(Condition::describe).collect();
        if let Some(count) = self.count {
            words.push(format!("found {count} times"));
        }
        if let Some(values) = &self.in_order {
            words.push(format!("in this order: {}", Value::Array(values.clone())));
        }
        words.join(", ")
    }

    fn map<E>(&self, fill: &mut impl FnMut(&Value) -> Result<Value, E>) -> Result<Self, E> {
        let each = self
            .each
            .iter()
            .map(|condition| {
                Ok(match condition {
                    Condition::Equals(value) => Condition::Equals(fill(value)?),
                    Condition::Contains(value) => Condition::Contains(fill(value)?),
                    Condition::Length(value) => Condition::Length(fill(value)?),
                    Condition::OneOf(values) => {
                        Condition::OneOf(values.iter().map(&mut *fill).collect::<Result<_, E>>()?)
                    }
                    Condition::Not(matcher) => Condition::Not(Box::new(matcher.map(fill)?)),
                    other => other.clone(),
                })
            })
            .collect::<Result<_, E>>()?;
        let in_order = match &self.in_order {
            Some(values) => Some(values.iter().map(fill).collect::<Result<_, E>>()?),
            None => None,
        };
        Ok(Self { each, count: self.count, in_order })
    }
}

impl Condition {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Equals(expected) => equal(expected, value),
            Self::Not(matcher) => !matcher.holds(value),
            Self::OneOf(choices) => choices.iter().any(|choice| equal(choice, value)),
            Self::Matches(regex) => value.as_str().is_some_and(|text| regex.is_match(text)),
            Self::Contains(part) => match value {
                Value::String(text) => part.as_str().is_some_and(|part| text.contains(part)),
                Value::Array(items) => items.iter().any(|item| equal(part, item)),
                _ => false,
            },
            Self::Type(kind) => *kind == type_of(value) || (*kind == JsonType::Number && value.is_number()),
            Self::Length(expected) => length(value)
                .is_some_and(|length| expected.as_u64().is_some_and(|expected| expected == length as u64)),
            Self::AtLeast(bound) => value.as_f64().is_some_and(|number| number >= *bound),
            Self::AtMost(bound) => value.as_f64().is_some_and(|number| number <= *bound),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Equals(value) => value.to_string(),
            Self::Not(matcher) => format!("not {}", matcher.describe()),
            Self::OneOf(choices) => {
                let choices: Vec<String> = choices.iter().map(Value::to_string).collect();
                format!("one of {}", choices.join(", "))
            }
            Self::Matches(regex) => format!("a string matching /{regex}/"),
            Self::Contains(part) => format!("containing {part}"),
            Self::Type(kind) => format!("of type {}", type_name(*kind)),
            Self::Length(length) => format!("of length {length}"),
            Self::AtLeast(bound) => format!("at least {bound}"),
            Self::AtMost(bound) => format!("at most {bound}"),
        }
    }
}

/// Equality of JSON values: numbers by value, objects whatever the order of their members.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i128(), b.as_i128()) {
            // A float does not hold every integer.
            (Some(a), Some(b)) => a == b,
            (Some(integer), None) => b.as_f64().is_some_and(|float| is_integer(float, integer)),
            (None, Some(integer)) => a.as_f64().is_some_and(|float| is_integer(float, integer)),
            (None, None) => a.as_f64() == b.as_f64(),
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is beyond is no integer of 64 bits")]
fn is_integer(float: f64, integer: i128) -> bool {
    float.fract() == 0.0 && float as i128 == integer
}

/// From here on, a float stands for several integers.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A whole number of more than 64 bits: of its digits, only the first were read.
pub(super) fn beyond_64_bits(value: &Value) -> Option<&Number> {
    const LEAST: f64 = 9_223_372_036_854_775_808.0;
    match value {
        Value::Number(number) => {
            let is_beyond = number.is_f64() && number.as_f64().is_some_and(|float| float.abs() >= LEAST);
            is_beyond.then_some(number)
        }
        Value::Array(items) => items.iter().find_map(beyond_64_bits),
        Value::Object(members) => members.values().find_map(beyond_64_bits),
        _ => None,
    }
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        Value::Object(members) => Some(members.len()),
        _ => None,
    }
}

fn type_of(value: &Value) -> JsonType {
    match value {
        Value::Null => JsonType::Null,
        Value::Bool(_) => JsonType::Boolean,
        Value::Number(number) if number.is_i64() || number.is_u64() => JsonType::Integer,
        Value::Number(_) => JsonType::Number,
        Value::String(_) => JsonType::String,
        Value::Array(_) => JsonType::Array,
        Value::Object(_) => JsonType::Object,
    }
}

fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "null",
        JsonType::Boolean => "boolean",
        JsonType::Integer => "integer",
        JsonType::Number => "number",
        JsonType::String => "string",
        JsonType::Array => "array",
        JsonType::Object => "object",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::Matcher;

    #[rstest]
    #[case(json!(1), json!(1.0), true)]
    #[case(json!(9_007_199_254_740_992_u64), json!(9_007_199_254_740_993_u64), false)]
    #[case(json!(u64::MAX), json!(18_446_744_073_709_551_616.0), false)]
    #[case(json!(9_223_372_036_854_775_808_u64), json!(9_223_372_036_854_775_808.0), true)]
    #[case(json!("a"), json!("b"), false)]
    #[case(json!(null), json!(null), true)]
    #[case(json!({"equals": {"a": 1, "b": 2}}), json!({"b": 2, "a": 1}), true)]
    #[case(json!({"equals": null}), json!(1), false)]
    #[case(json!({"not": null}), json!(1), true)]
    #[case(json!({"not": {"type": "string"}}), json!("a"), false)]
    #[case(json!({"one_of": ["a", "b"]}), json!("b"), true)]
    #[case(json!({"matches": "^[a-z]+-\\d+$"}), json!("wave-42"), true)]
    #[case(json!({"matches": "^x"}), json!(1), false)]
    #[case(json!({"contains": "av"}), json!("wave"), true)]
    #[case(json!({"contains": 2}), json!([1, 2]), true)]
    #[case(json!({"contains": 3}), json!([1, 2]), false)]
    #[case(json!({"type": "integer"}), json!(1), true)]
    #[case(json!({"type": "number"}), json!(1), true)]
    #[case(json!({"type": "integer"}), json!(1.5), false)]
    #[case(json!({"length": 2}), json!("äö"), true)]
    #[case(json!({"length": 2}), json!([1]), false)]
    #[case(json!({"at_least": 1, "at_most": 3}), json!(3), true)]
    #[case(json!({"at_least": 1, "at_most": 3}), json!(4), false)]
    fn a_matcher_holds_or_not(#[case] matcher: Value, #[case] value: Value, #[case] expected: bool) {
        let matcher = Matcher::read(matcher).expect("the matcher is sound");
        assert_eq!(matcher.holds(&value), expected, "{}", matcher.describe());
    }

    #[rstest]
    #[case::alone(json!(123_456_789_012_345_678_901_234_567_890.0), "has more digits than are compared")]
    #[case::within(json!({"not": {"one_of": [1, 18_446_744_073_709_551_616.0]}}), "has more digits than are compared")]
    #[case::a_bound(json!({"at_most": 9_007_199_254_740_992_u64}), "the bound `9007199254740992` is not compared exactly")]
    fn what_cannot_be_compared_exactly_is_refused(#[case] matcher: Value, #[case] message: &str) {
        let error = Matcher::read(matcher).unwrap_err();
        assert!(error.contains(message), "{error}");
    }

    #[test]
    fn a_bad_expression_is_refused() {
        let error = Matcher::read(json!({"matches": "("})).unwrap_err();
        assert_eq!(error, "`(` is not a regular expression");
    }
}
