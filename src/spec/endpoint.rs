//! The operations that an endpoint is declared without: trials that need them are not applicable, and everything else is required.

use std::path::Path;

use super::absent::Absent;
use super::contract::Operation;
use super::diagnostic::{Diagnostic, Diagnostics, closest};
use super::document::Document;
use super::endpoint_file::EndpointFile;
use super::input_file::InputFileError;
use super::operation_pattern::OperationPattern;
use super::structure::Shape;
use super::suite::Suite;
use crate::input;

/// The kind of file that declares an endpoint.
const KIND: &str = "endpoint";

/// Reads a declaration of an endpoint.
///
/// # Errors
/// When the file cannot be read, or everything that is wrong in it: its form, a profile the suite does not have, a pattern that
/// selects no operation.
pub fn read(path: &Path, suite: &Suite) -> Result<Absent, InputFileError> {
    let mut diagnostics = Diagnostics::default();
    let bytes =
        input::read(path, input::DOCUMENT).map_err(|error| InputFileError::unreadable(KIND, path, &error))?;
    let document = Document::parse(path, &bytes).map_err(InputFileError::invalid_by(KIND))?;
    let invalid = InputFileError::invalid(KIND);
    let Some(file) = Shape::<EndpointFile>::new().read(&document, &mut diagnostics) else {
        return diagnostics.into_result(Absent::new()).map_err(invalid);
    };
    let absent = resolve(&file, suite, |mistake| {
        diagnostics.push(
            Diagnostic::new(document.at(&mistake.pointer), mistake.message)
                .suggest(&mistake.word, mistake.known.iter().map(String::as_str)),
        );
    });
    diagnostics.into_result(absent).map_err(invalid)
}

/// Resolves the profiles and patterns of a command line to the operations that an endpoint is declared without.
///
/// # Errors
/// The first of them that the suite does not know, with a suggestion.
pub fn declare(profiles: &[String], absent: &[String], suite: &Suite) -> Result<Absent, String> {
    let file = EndpointFile {
        profiles: (!profiles.is_empty()).then(|| profiles.to_vec()),
        absent: absent.iter().map(|pattern| OperationPattern(pattern.clone())).collect(),
    };
    let mut wrong = None;
    let absent = resolve(&file, suite, |mistake| {
        let known: Vec<&str> = mistake.known.iter().map(String::as_str).collect();
        let hint =
            closest(&mistake.word, &known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        wrong.get_or_insert(format!("{}{hint}", mistake.message));
    });
    wrong.map_or(Ok(absent), Err)
}

/// A name in a declaration that the suite does not know.
struct Mistake {
    pointer: String,
    message: String,
    word: String,
    known: Vec<String>,
}

fn resolve(file: &EndpointFile, suite: &Suite, mut wrong: impl FnMut(Mistake)) -> Absent {
    let mut absent = Absent::new();
    let profiles = file.profiles.as_deref();
    for (index, name) in profiles.unwrap_or_default().iter().enumerate() {
        if !suite.profiles.contains_key(name) {
            wrong(Mistake {
                pointer: format!("/profiles/{index}"),
                message: format!("there is no profile `{name}`"),
                word: name.clone(),
                known: suite.profiles.keys().cloned().collect(),
            });
        }
    }
    for (name, operations) in &suite.profiles {
        if profiles.is_some_and(|declared| !declared.contains(name)) {
            let reason = format!("the endpoint is declared without the profile `{name}`");
            absent.extend(operations.iter().map(|id| (id.clone(), reason.clone())));
        }
    }
    for (index, pattern) in file.absent.iter().enumerate() {
        let pointer = format!("/absent/{index}");
        match selected(pattern, suite) {
            Ok(operations) => {
                for Operation { id, .. } in operations {
                    absent
                        .entry(id.clone())
                        .or_insert_with(|| format!("the endpoint is declared without `{id}`"));
                }
            }
            Err(message) => {
                let known = suite.operations.keys().map(|id| id.0.clone());
                let tags = suite.operations.values().flat_map(|operation| &operation.tags);
                let known = known.chain(tags.map(|tag| format!("tag:{tag}"))).collect();
                wrong(Mistake { pointer, message, word: pattern.0.clone(), known });
            }
        }
    }
    absent
}

/// The operations of a pattern that selects some.
fn selected<'s>(pattern: &OperationPattern, suite: &'s Suite) -> Result<Vec<&'s Operation>, String> {
    match pattern.select(suite.operations.values()) {
        Ok(operations) if operations.is_empty() => Err(format!("`{pattern}` selects no operations")),
        other => other,
    }
}
