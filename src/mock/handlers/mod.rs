//! What each operation does: reads the request, asks the model, shows the answer. One file for each kind of object.

pub(super) mod advisors;
pub(super) mod anonymization;
pub(super) mod api_keys;
pub(super) mod auth;
pub(super) mod branches;
pub(super) mod consumption;
pub(super) mod credentials;
pub(super) mod data_api;
pub(super) mod databases;
pub(super) mod endpoints;
pub(super) mod functions;
pub(super) mod jwks;
pub(super) mod members;
pub(super) mod operations;
pub(super) mod organizations;
pub(super) mod permissions;
pub(super) mod projects;
pub(super) mod regions;
pub(super) mod roles;
mod settings;
pub(super) mod snapshot_schedule;
pub(super) mod snapshots;
pub(super) mod spending;
pub(super) mod storage;
pub(super) mod transfers;
pub(super) mod users;
pub(super) mod v1;
pub(super) mod vpc;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::RangeInclusive;

use axum::http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use serde_json::Value;

use super::body::parse;
use super::error::ApiError;
use super::model::{Opened, Project, State};
use super::view;
use crate::mock::model::Caller;

/// What stands as it is in one segment of a path (RFC 3986 §3.3: unreserved characters).
pub(super) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An authenticated request.
pub(super) struct Call<'a> {
    pub(super) caller: Caller,
    /// The parameters in the path, by name.
    pub(super) params: Vec<(&'static str, String)>,
    pub(super) query: HashMap<String, String>,
    pub(super) body: Cow<'a, [u8]>,
    pub(super) now: Timestamp,
}

/// An answer; 204 and the like have no body.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Option<Value>,
    /// The media type, where it is not that of the API; a string is sent as it is, if it is none of JSON.
    pub(super) media: Option<HeaderValue>,
}

/// What an operation answers.
pub(super) type Answer = Result<Reply, ApiError>;

impl Call<'_> {
    /// A parameter in the path; empty where the path has no such.
    pub(super) fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    }

    /// An id in the path, where it may be one at all: what is no id names nothing that could have been removed.
    pub(super) fn id(&self, name: &str) -> Result<&str, ApiError> {
        let id = self.param(name);
        if is_id(id) { Ok(id) } else { Err(ApiError::not_found(name.trim_end_matches("_id"), id)) }
    }

    /// The project in the path.
    pub(super) fn open<'s>(&self, state: &'s mut State) -> Result<Opened<'s>, ApiError> {
        state.open(self.caller, self.param("project_id"), self.now)
    }

    /// The body, which must be there.
    pub(super) fn json(&self) -> Result<Value, ApiError> {
        parse(&self.body)
    }

    /// The body, where there is one.
    pub(super) fn json_if_any(&self) -> Result<Option<Value>, ApiError> {
        if self.body.is_empty() { Ok(None) } else { parse(&self.body).map(Some) }
    }

    /// The length of a page.
    pub(super) fn limit(&self, default: usize, most: usize) -> Result<usize, ApiError> {
        let Some(limit) = self.query.get("limit") else { return Ok(default) };
        let limit = limit.parse().ok().filter(|limit| (1..=most).contains(limit));
        limit.ok_or_else(|| ApiError::parameter("limit", &format!("must be an integer from 1 to {most}")))
    }

    /// Where a page begins.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.query.get("cursor").map(String::as_str).filter(|cursor| !cursor.is_empty())
    }

    /// A text in the query that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        let value = self.query.get(name).filter(|value| !value.is_empty());
        value.map(String::as_str).ok_or_else(|| ApiError::parameter(name, "query parameter is required"))
    }

    /// A text in the query that may be there, of so many characters.
    pub(super) fn text(&self, name: &str, length: RangeInclusive<usize>) -> Result<Option<String>, ApiError> {
        let Some(text) = self.query.get(name) else { return Ok(None) };
        if length.contains(&text.chars().count()) {
            return Ok(Some(text.clone()));
        }
        let detail = format!("length must be from {} to {}", length.start(), length.end());
        Err(ApiError::parameter(name, &detail))
    }

    /// An integer in the query that may be there, in a range.
    pub(super) fn integer(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.query.get(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.map(Some).ok_or_else(|| {
            let detail = format!("must be an integer from {} to {}", range.start(), range.end());
            ApiError::parameter(name, &detail)
        })
    }

    /// A time (RFC 3339) in the query that may be there.
    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        let Some(text) = self.query.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| ApiError::parameter(name, "must be a time in RFC 3339"))
    }

    /// A boolean in the query, in whatever case (the service takes Python's `True`).
    pub(super) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.query.get(name).map(|value| value.to_ascii_lowercase()).as_deref() {
            None | Some("" | "false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ApiError::parameter(name, "must be a boolean")),
        }
    }

    /// One of several words in the query.
    pub(super) fn choice<'w>(&self, name: &str, words: &[&'w str]) -> Result<&'w str, ApiError> {
        let Some(value) = self.query.get(name) else { return Ok(words[0]) };
        let word = words.iter().find(|word| *word == value);
        word.copied()
            .ok_or_else(|| ApiError::parameter(name, &format!("must be one of {}", words.join(", "))))
    }

    /// Whether something of this id and name is searched for.
    pub(super) fn search(&self) -> impl Fn(&str, &str) -> bool + use<> {
        let search = self.query.get("search").map(|search| search.to_lowercase()).unwrap_or_default();
        move |id, name| name.to_lowercase().contains(&search) || id.to_lowercase().contains(&search)
    }
}

impl Reply {
    pub(super) fn of(status: StatusCode, body: Option<Value>) -> Self {
        Self { status, body, media: None }
    }

    pub(super) fn ok(body: Value) -> Self {
        Self::of(StatusCode::OK, Some(body))
    }

    pub(super) fn created(body: Value) -> Self {
        Self::of(StatusCode::CREATED, Some(body))
    }

    pub(super) fn accepted(body: Value) -> Self {
        Self::of(StatusCode::ACCEPTED, Some(body))
    }

    /// It is done, and there is nothing to show.
    pub(super) fn done() -> Self {
        Self::of(StatusCode::OK, None)
    }

    /// It is made, and there is nothing to show.
    pub(super) fn made() -> Self {
        Self::of(StatusCode::CREATED, None)
    }

    /// There is nothing, and nothing to say.
    pub(super) fn no_content() -> Self {
        Self::of(StatusCode::NO_CONTENT, None)
    }
}

/// Whether a text has the form of an id: of a project, a branch, an endpoint or an organization.
fn is_id(text: &str) -> bool {
    let is_of_ids = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=60).contains(&text.len()) && text.chars().all(is_of_ids)
}

/// The operations that have begun since there were so many.
fn begun(project: &Project, before: usize) -> Vec<Value> {
    project.operations[before..].iter().map(|operation| view::operation(project, operation)).collect()
}
