//! Scenarios: answers on demand under one name.

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use super::fault::{AnswerRule, RuleFile};
use super::model::OperationClock;
use crate::spec::Document;

/// A misbehaviour of the mock, as written in `fixtures/scenarios/*.yaml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What clients meet, in one sentence.
    pub summary: String,
    /// When operations finish: `immediate`, `manual`, or a time such as `5s`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub operations: Option<OperationClock>,
    /// What clients get instead of the usual responses.
    #[serde(default)]
    #[schemars(with = "Vec<RuleFile>")]
    pub answers: Vec<AnswerRule>,
}

/// The scenarios that come with the program.
const BUILTIN: [(&str, &str); 5] = [
    ("gateway-page", include_str!("../../fixtures/scenarios/gateway-page.yaml")),
    ("locked-then-free", include_str!("../../fixtures/scenarios/locked-then-free.yaml")),
    ("lost-answer", include_str!("../../fixtures/scenarios/lost-answer.yaml")),
    ("rate-limited", include_str!("../../fixtures/scenarios/rate-limited.yaml")),
    ("slow-operations", include_str!("../../fixtures/scenarios/slow-operations.yaml")),
];

impl Scenario {
    /// A scenario that comes with the program.
    ///
    /// # Panics
    /// Never: the built-in scenarios are tested to be sound.
    #[must_use]
    pub fn builtin(name: &str) -> Option<Self> {
        let (_, text) = BUILTIN.iter().find(|(builtin, _)| *builtin == name)?;
        let document =
            Document::parse(Path::new(name), text.as_bytes()).expect("the built-in scenarios are sound");
        Some(Self::deserialize(document.value()).expect("the built-in scenarios are sound"))
    }

    /// The names [`Scenario::builtin`] knows.
    #[must_use]
    pub fn builtin_names() -> Vec<&'static str> {
        BUILTIN.iter().map(|(name, _)| *name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Scenario;

    #[test]
    fn every_builtin_is_sound() {
        for name in Scenario::builtin_names() {
            let scenario = Scenario::builtin(name).expect("it is built in");
            assert!(!scenario.answers.is_empty(), "{name} has no answers");
        }
    }
}
