//! Request bodies: JSON objects, read member by member, with the place of whatever is wrong.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::ApiError;

/// An object in a request body. Members it does not know are ignored: clients may be newer than the server.
pub(super) struct Object<'a> {
    path: String,
    members: &'a Map<String, Value>,
}

/// Reads a body as JSON.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Err(ApiError::body("unexpected end of body"));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        ApiError::body(format!("line {} column {}: unexpected input", error.line(), error.column()))
    })
}

/// Whether a text can be the address of a person.
pub(super) fn is_address(email: &str) -> bool {
    email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}

impl<'a> Object<'a> {
    /// The body as a whole.
    pub(super) fn root(body: &'a Value) -> Result<Self, ApiError> {
        match body {
            Value::Object(members) => Ok(Self { path: String::new(), members }),
            _ => Err(ApiError::body("the body must be an object")),
        }
    }

    /// The object as it was sent.
    pub(super) fn members(&self) -> &Map<String, Value> {
        self.members
    }

    /// An object that must be there.
    pub(super) fn required_object(&self, name: &str) -> Result<Object<'a>, ApiError> {
        self.object(name)?.ok_or_else(|| self.invalid(name, "field required"))
    }

    /// An object that may be there.
    pub(super) fn object(&self, name: &str) -> Result<Option<Object<'a>>, ApiError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Object { path: self.path_to(name), members })),
            Some(_) => Err(self.invalid(name, "must be an object")),
        }
    }

    /// A string that must be there, of so many characters.
    pub(super) fn required_string(
        &self,
        name: &str,
        length: RangeInclusive<usize>,
    ) -> Result<String, ApiError> {
        self.string(name, length)?.ok_or_else(|| self.invalid(name, "field required"))
    }

    /// A string that may be there, of so many characters.
    pub(super) fn string(
        &self,
        name: &str,
        length: RangeInclusive<usize>,
    ) -> Result<Option<String>, ApiError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if length.contains(&text.chars().count()) => Ok(Some(text.clone())),
            Some(Value::String(_)) => {
                Err(self
                    .invalid(name, &format!("length must be from {} to {}", length.start(), length.end())))
            }
            Some(_) => Err(self.invalid(name, "must be a string")),
        }
    }

    /// One of several words, where it is there.
    pub(super) fn choice<T: DeserializeOwned>(
        &self,
        name: &str,
        words: &[&str],
    ) -> Result<Option<T>, ApiError> {
        let Some(value) = self.members.get(name) else { return Ok(None) };
        let choice = T::deserialize(value).map(Some);
        choice.map_err(|_| self.invalid(name, &format!("must be one of {}", words.join(", "))))
    }

    /// What must be there.
    pub(super) fn required<T>(&self, name: &str, value: Option<T>) -> Result<T, ApiError> {
        value.ok_or_else(|| self.invalid(name, "field required"))
    }

    /// An integer that may be there, in a range.
    pub(super) fn integer(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, ApiError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) if range.contains(&number) => Ok(Some(number)),
                Some(_) => {
                    Err(self.invalid(name, &format!("must be from {} to {}", range.start(), range.end())))
                }
                None => Err(self.invalid(name, "must be an integer")),
            },
        }
    }

    /// A number that may be there, not below `least`.
    pub(super) fn number(&self, name: &str, least: f64) -> Result<Option<f64>, ApiError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                Some(number) if number >= least => Ok(Some(number)),
                Some(_) => Err(self.invalid(name, &format!("must not be below {least}"))),
                None => Err(self.invalid(name, "must be a number")),
            },
        }
    }

    /// A boolean that may be there.
    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(self.invalid(name, "must be a boolean")),
        }
    }

    /// A time (RFC 3339) that may be there.
    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => {
                text.parse().map(Some).map_err(|_| self.invalid(name, "must be a time in RFC 3339"))
            }
            Some(_) => Err(self.invalid(name, "must be a string")),
        }
    }

    /// The objects of a list that may be there.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Object<'a>>, ApiError> {
        match self.members.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(index, item)| match item {
                    Value::Object(members) => {
                        Ok(Object { path: format!("{}.{index}", self.path_to(name)), members })
                    }
                    _ => Err(self.invalid(name, "must be a list of objects")),
                })
                .collect(),
            Some(_) => Err(self.invalid(name, "must be a list")),
        }
    }

    /// The strings of a list that may be there, at most so many.
    pub(super) fn strings(&self, name: &str, most: usize) -> Result<Option<Vec<String>>, ApiError> {
        let Some(value) = self.members.get(name) else { return Ok(None) };
        let items = value.as_array().ok_or_else(|| self.invalid(name, "must be a list"))?;
        if items.len() > most {
            return Err(self.invalid(name, &format!("must have at most {most} items")));
        }
        let strings = items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>();
        strings.map(Some).ok_or_else(|| self.invalid(name, "must be a list of strings"))
    }

    /// The integers of a list that may be there.
    pub(super) fn integers(&self, name: &str) -> Result<Option<Vec<i64>>, ApiError> {
        let Some(value) = self.members.get(name) else { return Ok(None) };
        let items = value.as_array().ok_or_else(|| self.invalid(name, "must be a list"))?;
        let integers = items.iter().map(Value::as_i64).collect::<Option<_>>();
        integers.map(Some).ok_or_else(|| self.invalid(name, "must be a list of integers"))
    }

    /// An object whose members are all strings, where it is there.
    pub(super) fn texts(&self, name: &str) -> Result<(), ApiError> {
        let Some(object) = self.object(name)? else { return Ok(()) };
        match object.members.iter().find(|(_, value)| !value.is_string()) {
            Some((member, _)) => Err(object.invalid(member, "must be a string")),
            None => Ok(()),
        }
    }

    /// Whether a member is there, and null.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(Value::is_null)
    }

    fn path_to(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The refusal of a member.
    pub(super) fn invalid(&self, name: &str, detail: &str) -> ApiError {
        ApiError::body(format!("invalid: {} ({detail})", self.path_to(name)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let body = json!({"project": {"name": 7}});
        let root = Object::root(&body).expect("it is an object");
        let project = root.required_object("project").expect("it is there");
        let error = project.string("name", 1..=256).unwrap_err();
        assert_eq!(
            error.message,
            "invalid request: decode application/json: invalid: project.name (must be a string)"
        );
    }

    #[test]
    fn a_missing_object_reads_as_the_service_says_it() {
        let body = json!({});
        let error = Object::root(&body)
            .and_then(|root| root.required_object("project"))
            .err()
            .expect("it is missing");
        assert_eq!(
            error.message,
            "invalid request: decode application/json: invalid: project (field required)"
        );
    }
}
