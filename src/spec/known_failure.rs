//! Deviations that are known and accepted, each for a reason: `known-failures/<endpoint>.yaml`.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use super::contract::{Operation, OperationId};
use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::Document;
use super::source::Location;

/// A file in `known-failures/`: the known failures of one endpoint.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "neon-contract known failures")]
pub struct KnownFailuresFile {
    /// The known failures. An entry that no longer occurs fails the run until it is removed.
    #[schemars(length(min = 1))]
    pub known_failures: Vec<KnownFailureFile>,
}

/// A known failure.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct KnownFailureFile {
    /// The check that reports it (see `list --of checks`).
    pub check: String,
    /// The operation that it occurs in. Default: any operation.
    #[serde(default)]
    pub operation: Option<String>,
    /// The subject of the finding, in which `*` matches any text: `body /projects/*/name`.
    #[serde(default)]
    pub subject: Option<String>,
    /// Why it is accepted.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// The date on which it was observed, such as `2024-01-23`.
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub date: String,
    /// The last date on which it is accepted.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub expires: Option<String>,
    /// A link to more information.
    #[serde(default)]
    pub link: Option<String>,
}

/// A known failure of an endpoint.
#[derive(Debug, Clone)]
pub struct KnownFailure {
    /// The check that reports it.
    pub check: String,
    /// The operation that it occurs in.
    pub operation: Option<OperationId>,
    /// The subject of the finding.
    pub(crate) subject: Option<GlobMatcher>,
    /// Why it is accepted.
    pub reason: String,
    /// The date on which it was observed.
    pub date: Date,
    /// The last date on which it is accepted.
    pub expires: Option<Date>,
    /// A link to more information.
    pub link: Option<String>,
    /// The location of the entry.
    pub location: Location,
}

impl KnownFailure {
    /// Returns `true` if a finding is this known failure.
    #[must_use]
    pub fn is(&self, check: &str, operation: Option<&OperationId>, subject: &str) -> bool {
        self.check == check
            && self.operation.as_ref().is_none_or(|wanted| Some(wanted) == operation)
            && self.subject.as_ref().is_none_or(|wanted| wanted.is_match(subject))
    }

    /// Whether it is accepted no more.
    #[must_use]
    pub fn has_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| today > last)
    }
}

/// What a file says; what is wrong with it goes to the diagnostics.
pub(super) fn resolve(
    document: &Arc<Document>,
    file: KnownFailuresFile,
    operations: Option<&BTreeMap<OperationId, Operation>>,
    diagnostics: &mut Diagnostics,
) -> Vec<KnownFailure> {
    let mut known = Vec::new();
    for (index, entry) in file.known_failures.into_iter().enumerate() {
        let at = |part: &str| document.at(&format!("/known_failures/{index}/{part}"));
        let operation = entry.operation.map(OperationId);
        if let (Some(id), Some(operations)) = (&operation, operations)
            && !operations.contains_key(id)
        {
            let mistake = Diagnostic::new(at("operation"), format!("there is no operation `{id}`"));
            diagnostics.push(mistake.suggest(&id.0, operations.keys().map(|id| id.0.as_str())));
        }
        let glob = |pattern: &String| GlobBuilder::new(pattern).build().map(|glob| glob.compile_matcher());
        let subject = entry.subject.as_ref().map(glob).transpose().unwrap_or_else(|error| {
            diagnostics.push(Diagnostic::new(at("subject"), format!("invalid pattern: {error}")));
            None
        });
        let mut day = |part: &str, text: &str| {
            text.parse::<Date>()
                .map_err(|_| {
                    let mistake = Diagnostic::new(at(part), format!("`{text}` is not a calendar date"));
                    diagnostics.push(mistake.help("write it as 2024-01-23"));
                })
                .ok()
        };
        let date = day("date", &entry.date);
        let expires = entry.expires.as_deref().and_then(|text| day("expires", text));
        let Some(date) = date else { continue };
        known.push(KnownFailure {
            check: entry.check,
            operation,
            subject,
            reason: entry.reason,
            date,
            expires,
            link: entry.link,
            location: document.at(&format!("/known_failures/{index}")),
        });
    }
    known
}
