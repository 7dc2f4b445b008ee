//! Answers on demand: in the body of a request, in fixture accounts, and in scenarios.

use std::path::Path;

use serde::Deserialize as _;
use serde_json::Value;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::Document;
use super::structure::Shape;
use crate::mock::{AnswerRule, RuleFile, Scenario};

/// Reads a list of rules, YAML or JSON.
///
/// # Errors
/// Everything that is wrong in it.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Vec<AnswerRule>, Diagnostics> {
    let document = Document::parse(path, bytes).map_err(|mistake| Diagnostics::from_iter([mistake]))?;
    let mut diagnostics = Diagnostics::default();
    Shape::<Vec<RuleFile>>::new().read_with(&document, &mut diagnostics, |diagnostics| {
        check(&document, "", diagnostics);
    });
    let rules = Vec::deserialize(document.value()).unwrap_or_default();
    diagnostics.into_result(rules)
}

/// Reads the scenario in the file shown as `path`.
///
/// # Errors
/// Everything that is wrong in it.
pub fn read_scenario(path: &Path, bytes: &[u8]) -> Result<Scenario, Diagnostics> {
    let document = Document::parse(path, bytes).map_err(|mistake| Diagnostics::from_iter([mistake]))?;
    let mut diagnostics = Diagnostics::default();
    let scenario = Shape::<Scenario>::new().read_with(&document, &mut diagnostics, |diagnostics| {
        check(&document, "/answers", diagnostics);
    });
    match scenario {
        Some(scenario) => diagnostics.into_result(scenario),
        None => Err(diagnostics.sorted()),
    }
}

/// Adds what is wrong in rules that have the right form.
pub(super) fn check(document: &Document, pointer: &str, diagnostics: &mut Diagnostics) {
    let rules = document.value().pointer(pointer).and_then(Value::as_array);
    for (place, rule) in rules.into_iter().flatten().enumerate() {
        let Ok(rule) = RuleFile::deserialize(rule) else { continue };
        if let Err(mistake) = rule.build() {
            let at = document.at(&format!("{pointer}/{place}{}", mistake.pointer));
            diagnostics.push(Diagnostic::new(at, mistake.message).help(mistake.help));
        }
    }
}
