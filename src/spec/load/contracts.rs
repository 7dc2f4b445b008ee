//! The contracts of a suite, and one from outside in the place of one of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CONTRACTS, Loader, SCHEMAS};
use crate::spec::contract::{self, Operation, OperationId};
use crate::spec::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::document::Document;
use crate::spec::example;
use crate::spec::import::Imported;
use crate::spec::overlay::{by_prefix, overlay};
use crate::spec::reference::references;
use crate::spec::schema::Schemas;
use crate::spec::schema_ref::SchemaRef;
use crate::spec::suite_file::SuiteFile;
use crate::spec::way::Way;

impl Loader<'_> {
    pub(super) fn contracts(
        &mut self,
        suite: Option<&Document>,
        suite_file: Option<&SuiteFile>,
    ) -> (BTreeMap<OperationId, Operation>, Option<Schemas>) {
        let mut documents: BTreeMap<String, Arc<Document>> = BTreeMap::new();
        for folder in [CONTRACTS, SCHEMAS] {
            documents.extend(self.take_documents(folder));
        }
        let contracts = suite_file.map(|file| &file.contracts[..]).unwrap_or_default();
        let (schemas, read) = rayon::join(
            || Schemas::collect(&documents, self.imported, &mut self.diagnostics, &mut self.warnings),
            || -> Vec<_> {
                let read = |path: &String| Some(operations(path, documents.get(path)?));
                contracts.iter().map(read).collect()
            },
        );
        let mut operations: BTreeMap<OperationId, Operation> = BTreeMap::new();
        let (Some(suite), Some(suite_file)) = (suite, suite_file) else {
            return (operations, schemas);
        };
        for (index, (path, read)) in contracts.iter().zip(read).enumerate() {
            let at = suite.at(&format!("/contracts/{index}"));
            let Some((documented, mut mistakes)) = read else {
                if self.files.get(path).is_none() {
                    let known =
                        documents.keys().map(String::as_str).filter(|path| path.starts_with("contract/"));
                    self.diagnostics.push(
                        Diagnostic::new(at, format!("there is no contract `{path}`")).suggest(path, known),
                    );
                }
                continue;
            };
            mistakes.move_from(0, &mut self.diagnostics);
            for operation in documented {
                if let Some(other) = operations.get(&operation.id) {
                    self.diagnostics.push(
                        Diagnostic::new(
                            at.clone(),
                            format!(
                                "the operation `{}` is declared twice, in {} and {}",
                                operation.id, other.contract, operation.contract
                            ),
                        )
                        .help("an `operationId` must be unique in the suite"),
                    );
                }
                operations.insert(operation.id.clone(), operation);
            }
        }
        if let (Some(imported), Some(schemas)) = (self.imported, &schemas) {
            self.import(imported, schemas, &documents, suite_file, &mut operations);
        }
        for (id, mirrored) in
            operations.values().filter_map(|operation| Some((&operation.id, operation.mirrors.as_ref()?)))
        {
            if !operations.contains_key(mirrored) {
                let known = operations.keys().map(|id| id.0.as_str());
                let message = format!("`{id}` mirrors `{mirrored}`, which is in no contract");
                self.diagnostics
                    .push(Diagnostic::new(suite.at("/contracts"), message).suggest(&mirrored.0, known));
            }
        }
        (operations, schemas)
    }

    /// Puts an imported contract in the place of the one that serves the same path.
    fn import(
        &mut self,
        imported: &Imported,
        schemas: &Schemas,
        documents: &BTreeMap<String, Arc<Document>>,
        suite_file: &SuiteFile,
        operations: &mut BTreeMap<OperationId, Operation>,
    ) {
        let document = imported.document();
        if let Err(mistake) = contract::is_openapi(document) {
            return self.diagnostics.push(mistake);
        }
        self.warnings.extend(contract::note_of_version(document));
        let before = self.warnings.len();
        for (pointer, reference) in references(document.value()) {
            if !reference.starts_with('#') && is_of_an_operation(&pointer) {
                let message =
                    format!("`{reference}` refers to another file, which is not read for operations");
                let help = "move parameters, bodies, responses and paths into this file; only schemas can be in other files";
                self.warnings.push(Diagnostic::new(document.at(&pointer), message).help(help));
            }
        }
        let mut documented = contract::operations(&imported.file, "", document, &mut self.warnings);
        if documented.is_empty() {
            // There is nothing to go on with.
            self.warnings.move_from(before, &mut self.diagnostics);
            return;
        }
        for response in documented.iter_mut().flat_map(|operation| &mut operation.responses) {
            let is_unusable = |schema: &SchemaRef| {
                schemas.validator(schema, Way::Answer).is_err() || schemas.is_in_part_unusable(schema)
            };
            response.is_unchecked |= response.content.values().flatten().any(is_unusable);
        }
        for schema in documented.iter_mut().flat_map(Operation::schemas_mut) {
            let Some(known) = schema else { continue };
            if let Err(error) = schemas.validator(known, Way::Answer) {
                let at = known.location(imported.documents.get(known.file()).unwrap_or(document));
                self.warnings.push(Diagnostic::new(at, error).help("bodies are not checked against it"));
                *schema = None;
            }
        }
        for (file, document) in &imported.documents {
            example::check(schemas, file, document, &mut self.warnings);
        }
        let shown = document.source().path().display().to_string();
        let prefixes: Vec<(String, String)> = suite_file
            .contracts
            .iter()
            .filter_map(|path| {
                Some((contract::stem(path), contract::server_prefix(documents.get(path)?.value())))
            })
            .collect();
        let (by_contract, outside) = by_prefix(documented, &prefixes);
        if by_contract.is_empty() {
            let known: Vec<&str> = prefixes.iter().map(|(_, prefix)| prefix.as_str()).collect();
            let at =
                document.at(if document.value().get("servers").is_some() { "/servers" } else { "/paths" });
            let message = format!("no path of the contract starts with {}", known.join(" or "));
            let help = "add the prefix to the URL of its first server, or to its paths";
            self.diagnostics.push(Diagnostic::new(at, message).help(help));
            return;
        }
        for operation in outside {
            let message =
                format!("`{} {}` is not part of the API and is ignored", operation.method, operation.path);
            self.warnings.push(Diagnostic::new(document.at("/paths"), message));
        }
        for (contract, documented) in by_contract {
            self.undocumented.extend(overlay(operations, &contract, documented, &shown));
        }
    }
}

/// Whether what stands at `pointer` in an OpenAPI document is a path, or a part of an operation that is no schema.
fn is_of_an_operation(pointer: &str) -> bool {
    matches!(
        pointer.split('/').skip(1).collect::<Vec<_>>()[..],
        ["paths", _]
            | ["paths", _, _, "requestBody"]
            | ["paths", _, "parameters", _]
            | ["paths", _, _, "parameters" | "responses", _]
            | ["components", "parameters" | "responses" | "requestBodies", _]
    )
}

/// The operations of a contract, and what is wrong with them.
fn operations(path: &str, document: &Document) -> (Vec<Operation>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let operations = contract::operations(path, &contract::stem(path), document, &mut diagnostics);
    (operations, diagnostics)
}
