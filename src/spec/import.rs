//! A contract from outside of the suite: an OpenAPI document, and the files that it refers to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::Document;
use super::reference::{join, references};
use super::schema_ref::SchemaRef;
use super::source::Location;
use crate::input;

/// An OpenAPI document, and the files that it refers to.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The document among the files.
    pub(super) file: String,
    /// The files, by path.
    pub(super) documents: BTreeMap<String, Arc<Document>>,
}

impl Imported {
    /// Reads a document, and all files that its references lead to. One that is not there is told when the references are followed.
    ///
    /// # Errors
    /// When the document, or a file that it refers to, cannot be read or is not YAML.
    pub fn read(path: &Path) -> Result<Self, Diagnostics> {
        let document = parse(path)?;
        if files_referred_to(&document).is_empty() {
            return Ok(Self::alone(&name_of(path), document));
        }
        // From the root, so that no reference can lead out of what is known.
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let file = absolute.to_string_lossy().trim_start_matches('/').to_owned();
        let mut documents = BTreeMap::new();
        let mut open = vec![(file.clone(), path.to_path_buf(), document)];
        while let Some((file, path, document)) = open.pop() {
            for reference in files_referred_to(&document) {
                let Some(target) = join(&file, &reference) else { continue };
                let target_path = path.parent().unwrap_or(Path::new("")).join(&reference);
                let is_known = documents.contains_key(&target) || target == file;
                if !is_known && !open.iter().any(|(file, ..)| *file == target) && target_path.is_file() {
                    let document = parse(&target_path)?;
                    open.push((target, target_path, document));
                }
            }
            documents.insert(file, Arc::new(document));
        }
        Ok(Self { file, documents })
    }

    /// A document that came over the network from `address`; its references to other files lead nowhere.
    ///
    /// # Errors
    /// When it is not YAML.
    pub fn received(address: &str, bytes: &[u8]) -> Result<Self, Diagnostics> {
        let document = Document::parse(Path::new(address), bytes).map_err(only)?;
        Ok(Self::alone(&name_of(Path::new(address)), document))
    }

    fn alone(name: &str, document: Document) -> Self {
        Self { file: name.to_owned(), documents: BTreeMap::from([(name.to_owned(), Arc::new(document))]) }
    }

    /// The OpenAPI document's path among the files.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Where a schema stands.
    pub(crate) fn location(&self, schema: &SchemaRef) -> Option<Location> {
        Some(schema.location(self.documents.get(schema.file())?))
    }

    /// The OpenAPI document.
    pub(crate) fn document(&self) -> &Arc<Document> {
        &self.documents[&self.file]
    }
}

fn only(diagnostic: Diagnostic) -> Diagnostics {
    Diagnostics::from_iter([diagnostic])
}

fn parse(path: &Path) -> Result<Document, Diagnostics> {
    let bytes = input::read(path, input::DOCUMENT).map_err(|error| {
        let message = format!("cannot read the contract: {}", input::cause(&error));
        only(
            Diagnostic::new(Location::of_file(path, ""), message)
                .help("pass the path or the URL of an OpenAPI document"),
        )
    })?;
    Document::parse(path, &bytes).map_err(only)
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().map_or_else(PathBuf::new, PathBuf::from);
    name.to_string_lossy().into_owned()
}

/// The other files that a document refers to, as it writes them.
fn files_referred_to(document: &Document) -> Vec<String> {
    let references = references(document.value());
    let files = references.iter().map(|(_, reference)| reference.split('#').next().unwrap_or_default());
    files.filter(|file| !file.is_empty() && !file.contains("://")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_followed_wherever_they_are() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder can be made");
            std::fs::write(&path, text).expect("a file can be written");
            path
        };
        let path = write(
            "contract/v.yaml",
            "a: { $ref: ../schemas/a.json }\nb: { $ref: ../schemas/missing.json }\n",
        );
        write("schemas/a.json", r#"{"$ref": "b.json"}"#);
        write("schemas/b.json", r#"{"$ref": "a.json#"}"#);
        let imported = Imported::read(&path).expect("it can be read");
        let names: Vec<&str> = imported.documents.keys().filter_map(|file| file.rsplit('/').next()).collect();
        assert_eq!(names, ["v.yaml", "a.json", "b.json"]);
    }

    #[test]
    fn a_document_that_is_not_there_is_told() {
        let error = Imported::read(Path::new("no-such.yaml")).expect_err("it is not there");
        assert!(error.to_string().contains("no-such.yaml"), "{error}");
    }
}
