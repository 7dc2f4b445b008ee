//! The conditions that a run must meet, such as before a release: `gate.yaml`.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::diagnostic::{Diagnostic, Diagnostics, closest};
use super::document::Document;
use super::input_file::InputFileError;
use super::requirement::{Level, RequirementId, Subject};
use super::structure::Shape;
use super::suite::Suite;
use crate::input;

/// The kind of file that holds a gate.
const KIND: &str = "gate";

/// The word for every `must` requirement of an endpoint.
pub const ALL_MUSTS: &str = "all-musts";

/// The conditions that a run must meet. A condition that is omitted does not apply; a finding that is not a known failure always fails
/// the run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, title = "neon-contract gate")]
pub struct Gate {
    /// The requirements that must be proven; `all-musts` stands for every `must` requirement.
    pub require: Vec<String>,
    /// The profiles that the endpoint must implement completely.
    pub profiles: Vec<String>,
    /// The maximum number of trials that are untested or not started.
    pub max_untested: Option<usize>,
    /// The maximum number of flaky trials.
    pub max_flaky: Option<usize>,
    /// The maximum number of known failures.
    pub max_known_failures: Option<usize>,
    /// The failures that count.
    pub failures: Failures,
    /// Whether a failed `should` requirement fails the run.
    pub strict: bool,
}

/// The failures that count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Failures {
    /// All failures.
    #[default]
    All,
    /// Failures that the baseline does not have.
    New,
}

/// Reads a gate.
///
/// # Errors
/// When the file cannot be read, or every error in it: an invalid structure, or a requirement or profile that the suite does not have.
pub fn read(path: &Path, suite: Option<&Suite>) -> Result<Gate, InputFileError> {
    let bytes =
        input::read(path, input::DOCUMENT).map_err(|error| InputFileError::unreadable(KIND, path, &error))?;
    let document = Document::parse(path, &bytes).map_err(InputFileError::invalid_by(KIND))?;
    let invalid = InputFileError::invalid(KIND);
    let mut diagnostics = Diagnostics::default();
    let gate = Shape::<Gate>::new().read(&document, &mut diagnostics).unwrap_or_default();
    let Some(suite) = suite else { return diagnostics.into_result(gate).map_err(invalid) };
    let requirements: Vec<&str> = suite.requirements.keys().map(|id| id.0.as_str()).collect();
    let profiles: Vec<&str> = suite.profiles.keys().map(String::as_str).collect();
    for (member, what, names, known) in [
        ("require", "requirement", &gate.require, requirements),
        ("profiles", "profile", &gate.profiles, profiles),
    ] {
        for (index, name) in names.iter().enumerate() {
            let is_known = known.contains(&name.as_str()) || (member == "require" && name == ALL_MUSTS);
            if !is_known {
                let at = document.at(&format!("/{member}/{index}"));
                let message = format!("there is no {what} `{name}`");
                diagnostics.push(Diagnostic::new(at, message).suggest(name, known.iter().copied()));
            }
        }
    }
    diagnostics.into_result(gate).map_err(invalid)
}

impl Gate {
    /// Returns `true` if the gate has a condition.
    #[must_use]
    pub fn demands(&self) -> bool {
        *self != Self::default()
    }

    /// Returns `true` if the gate requires a proof of the requirement.
    #[must_use]
    pub fn requires(&self, id: &RequirementId, level: Level, subject: Subject) -> bool {
        let is_must = level == Level::Must && subject == Subject::Endpoint;
        self.require.iter().any(|word| *word == id.0 || (word == ALL_MUSTS && is_must))
    }

    /// Checks that every required requirement exists.
    ///
    /// # Errors
    /// The first unknown requirement, with a suggestion.
    pub fn check(&self, known: &[&str]) -> Result<(), String> {
        match self.require.iter().find(|word| *word != ALL_MUSTS && !known.contains(&word.as_str())) {
            None => Ok(()),
            Some(word) => {
                let hint = match closest(word, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "run `neon-contract list --of requirements` for a list".to_owned(),
                };
                Err(format!("there is no requirement `{word}`; {hint}"))
            }
        }
    }
}
