//! What a run must come to, so that a release may go on: `gate.yaml`.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::diagnostic::{Diagnostic, Diagnostics, closest};
use super::document::Document;
use super::requirement::{Level, RequirementId, Subject};
use super::source::Location;
use super::structure::Shape;
use super::suite::Suite;
use crate::input;

/// Stands for every requirement that an endpoint must meet.
pub const ALL_MUSTS: &str = "all-musts";

/// What a run must come to. What is left out is not demanded; a finding that is not known fails all the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, title = "neon-contract gate")]
pub struct Gate {
    /// Requirements that must be proven; `all-musts` for all that must hold.
    pub require: Vec<String>,
    /// Profiles that the endpoint must have as a whole.
    pub profiles: Vec<String>,
    /// So many trials may be untested or not begun.
    pub max_untested: Option<usize>,
    /// So many trials may pass only when they are run again.
    pub max_flaky: Option<usize>,
    /// So many trials may fail as it is known of the endpoint.
    pub max_known_failures: Option<usize>,
    /// Which failures count.
    pub failures: Failures,
    /// Advice fails as well: what should hold must.
    pub strict: bool,
}

/// Which failures count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Failures {
    /// All.
    #[default]
    All,
    /// Those that the baseline does not have.
    New,
}

/// Reads a gate.
///
/// # Errors
/// When the file cannot be read, or everything that is wrong in it: its form, requirements and profiles that the suite does not have.
pub fn read(path: &Path, suite: Option<&Suite>) -> Result<Gate, Diagnostics> {
    let bytes = input::read(path, input::DOCUMENT).map_err(|error| {
        let message = format!("the gate cannot be read: {error}");
        Diagnostics::from_iter([Diagnostic::new(Location::of_file(path, ""), message)
            .help("docs/src/guides/ci-gate.md shows one; or leave out `--gate`")])
    })?;
    let document = Document::parse(path, &bytes).map_err(|mistake| Diagnostics::from_iter([mistake]))?;
    let mut diagnostics = Diagnostics::default();
    let gate = Shape::<Gate>::new().read(&document, &mut diagnostics).unwrap_or_default();
    let Some(suite) = suite else { return diagnostics.into_result(gate) };
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
    diagnostics.into_result(gate)
}

impl Gate {
    /// Whether anything is demanded.
    #[must_use]
    pub fn demands(&self) -> bool {
        *self != Self::default()
    }

    /// Whether a requirement must be proven.
    #[must_use]
    pub fn requires(&self, id: &RequirementId, level: Level, subject: Subject) -> bool {
        let is_must = level == Level::Must && subject == Subject::Endpoint;
        self.require.iter().any(|word| *word == id.0 || (word == ALL_MUSTS && is_must))
    }

    /// Whether there are all requirements that must be proven.
    ///
    /// # Errors
    /// The first that there is not, with what may have been meant.
    pub fn check(&self, known: &[&str]) -> Result<(), String> {
        match self.require.iter().find(|word| *word != ALL_MUSTS && !known.contains(&word.as_str())) {
            None => Ok(()),
            Some(word) => {
                let hint = match closest(word, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`neon-contract list --of requirements` names them all".to_owned(),
                };
                Err(format!("there is no requirement `{word}`; {hint}"))
            }
        }
    }
}
