//! Fixture accounts that a file describes.

use std::path::Path;

use super::answers;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::Document;
use super::structure::Shape;
use crate::mock::{AccountFixture, MOST_PROJECTS};

/// Reads the bytes of the file shown as `path`.
///
/// # Errors
/// Everything that is wrong in it.
pub fn read(path: &Path, bytes: &[u8]) -> Result<AccountFixture, Diagnostics> {
    let document = Document::parse(path, bytes).map_err(|mistake| Diagnostics::from_iter([mistake]))?;
    let mut diagnostics = Diagnostics::default();
    let account = resolve(&Shape::new(), &document, &mut diagnostics);
    diagnostics.into_result(account.unwrap_or_default())
}

/// The account that a document describes, or `None` with everything that is wrong in `diagnostics`.
pub(super) fn resolve(
    shape: &Shape<AccountFixture>,
    document: &Document,
    diagnostics: &mut Diagnostics,
) -> Option<AccountFixture> {
    let answers = |diagnostics: &mut Diagnostics| answers::check(document, "/answers", diagnostics);
    let account = shape.read_with(document, diagnostics, answers)?;
    if let Some(id) = account.repeated_id() {
        let message = format!("duplicate ID `{id}`");
        diagnostics.push(Diagnostic::new(document.at(""), message).help("give each resource its own ID"));
    }
    if account.more_projects > MOST_PROJECTS {
        let message = format!("{} projects exceed the limit", account.more_projects);
        let at = document.at("/more_projects");
        diagnostics.push(Diagnostic::new(at, message).help(format!("request at most {MOST_PROJECTS}")));
    }
    Some(account)
}
