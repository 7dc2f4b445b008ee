//! A request as faults look at it.

use std::sync::OnceLock;

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};

use super::demand::Chosen;

/// A request as faults look at it.
pub(in crate::mock) struct Asked<'a> {
    /// What it is; empty where it is no operation.
    pub(in crate::mock) operation: &'static str,
    pub(in crate::mock) method: &'a Method,
    pub(in crate::mock) path: &'a str,
    pub(in crate::mock) query: &'a str,
    pub(in crate::mock) headers: &'a HeaderMap,
    /// The rule that says what it is answered, once one was chosen.
    pub(super) chosen: OnceLock<Chosen>,
}

impl<'a> Asked<'a> {
    pub(in crate::mock) fn new(operation: &'static str, parts: &'a Parts) -> Self {
        Self {
            operation,
            method: &parts.method,
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            chosen: OnceLock::new(),
        }
    }

    /// The rule that says what it is answered.
    pub(in crate::mock) fn chosen(&self) -> Option<&Chosen> {
        self.chosen.get()
    }

    /// Whether the query has a parameter of this name.
    pub(super) fn has_query(&self, name: &str) -> bool {
        url::form_urlencoded::parse(self.query.as_bytes())
            .any(|(known, value)| known == name && !value.is_empty())
    }

    /// What stands behind the scheme of the `Authorization` header.
    pub(super) fn token(&self) -> Option<&str> {
        self.headers
            .get(header::AUTHORIZATION)?
            .to_str()
            .ok()?
            .split(' ')
            .next_back()
            .filter(|token| !token.is_empty())
    }
}
