//! The normative statements that cases prove.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::Document;

/// The id of a requirement, such as `KEY-REVOKE-IMMEDIATE`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RequirementId(pub String);

impl fmt::Display for RequirementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How binding a requirement is (RFC 2119).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The endpoint is not the Neon API without it.
    Must,
    /// Clients rely on it, but an endpoint may have its reasons.
    Should,
}

/// Whom a requirement binds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// Whoever answers.
    #[default]
    Endpoint,
    /// Whoever asks: no endpoint can break it.
    Client,
}

/// How it is known that the service behaves so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// A published document says so.
    Documented,
    /// The live service was seen to do so.
    Observed,
    /// It follows from a documented sentence.
    Inferred,
}

/// One normative statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Requirement {
    /// The id, upper-case words joined by hyphens.
    #[schemars(regex(pattern = "^[A-Z0-9]+(-[A-Z0-9]+)*$"))]
    pub id: RequirementId,
    /// How binding it is.
    pub level: Level,
    /// Whom it binds.
    #[serde(default)]
    pub subject: Subject,
    /// How it is known. What was only observed is no `must`.
    pub evidence: Evidence,
    /// The statement, one sentence.
    pub statement: String,
    /// Where it comes from: a document and its section, or what was observed.
    pub source: String,
}

/// A file in `requirements/`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RequirementsFile {
    pub(crate) requirements: Vec<Requirement>,
}

/// Collects the requirements of all files; an id that stands twice is a mistake.
pub(crate) fn collect(
    files: Vec<(Arc<Document>, RequirementsFile)>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<RequirementId, Requirement> {
    let mut requirements = BTreeMap::new();
    for (document, file) in files {
        for (index, requirement) in file.requirements.into_iter().enumerate() {
            let id = requirement.id.clone();
            if requirement.level == Level::Must && requirement.evidence == Evidence::Observed {
                diagnostics.push(
                    Diagnostic::new(
                        document.at(&format!("/requirements/{index}/level")),
                        format!("`{id}` is a `must`, but only observed"),
                    )
                    .help("a `must` requires a document: use `should`, or cite the document as the source"),
                );
            }
            if requirements.insert(id.clone(), requirement).is_some() {
                diagnostics.push(
                    Diagnostic::new(
                        document.at(&format!("/requirements/{index}/id")),
                        format!("the requirement `{id}` is declared twice"),
                    )
                    .help("an ID identifies one statement; rename or remove one of the two"),
                );
            }
        }
    }
    requirements
}
