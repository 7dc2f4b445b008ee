//! A contract by itself: what a document from outside describes, where no suite is asked.

use std::collections::BTreeMap;

use super::contract::{self, Operation};
use super::diagnostic::Diagnostics;
use super::document::Document;
use super::import::Imported;
use super::schema::Schemas;

/// A contract by itself.
#[derive(Debug)]
pub struct Contract {
    pub(crate) imported: Imported,
    pub(crate) operations: Vec<Operation>,
    pub(crate) schemas: Schemas,
    /// What the paths of its first server begin with.
    pub(crate) prefix: String,
    /// What is wrong with it and can be borne.
    pub warnings: Diagnostics,
}

impl Contract {
    /// Reads the operations and schemas of a document.
    ///
    /// # Errors
    /// When it is no OpenAPI document, or has no operation.
    pub fn new(imported: Imported) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let mut warnings = Diagnostics::default();
        let schemas = Schemas::collect(&BTreeMap::new(), Some(&imported), &mut diagnostics, &mut warnings);
        let document = imported.document();
        warnings.extend(contract::note_of_version(document));
        let before = warnings.len();
        let operations = contract::operations(imported.file(), "", document, &mut warnings);
        if operations.is_empty() {
            warnings.move_from(before, &mut diagnostics);
        }
        let prefix = contract::server_prefix(document.value());
        match schemas {
            Some(schemas) if diagnostics.is_empty() => {
                Ok(Self { operations, schemas, prefix, warnings: warnings.sorted(), imported })
            }
            _ => Err(diagnostics.sorted()),
        }
    }

    pub(crate) fn document(&self) -> &Document {
        self.imported.document()
    }
}
