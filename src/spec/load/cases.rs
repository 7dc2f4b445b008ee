//! The cases of a suite.

use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::is_document;
use super::{CASES, Loader};
use crate::spec::case::Case;
use crate::spec::case_file::CaseFile;
use crate::spec::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::files::File;
use crate::spec::resolve::{Names, Resolver};
use crate::spec::structure::Shape;

impl Loader<'_> {
    pub(super) fn cases(&mut self, shape: &Shape<CaseFile>, names: &Names<'_>) -> Vec<Arc<Case>> {
        let files: Vec<(&str, &File)> =
            self.files.under(CASES).filter(|(path, _)| is_document(path)).collect();
        let read = |(path, file): (&str, &File)| {
            let mut diagnostics = Diagnostics::default();
            let case = match file.document() {
                Ok(document) => {
                    let file = shape.read(&document, &mut diagnostics);
                    file.map(|file| {
                        Arc::new(
                            Resolver::new(names, &document, &mut diagnostics)
                                .case(case_name(path).to_owned(), file),
                        )
                    })
                }
                Err(diagnostic) => {
                    diagnostics.push(diagnostic);
                    None
                }
            };
            (case, diagnostics)
        };
        // In the order of the files, whoever reads them.
        let read: Vec<(Option<Arc<Case>>, Diagnostics)> = files.into_par_iter().map(read).collect();
        let mut cases: Vec<Arc<Case>> = Vec::with_capacity(read.len());
        for (case, mut diagnostics) in read {
            diagnostics.move_from(0, &mut self.diagnostics);
            cases.extend(case);
        }
        let mut by_name: Vec<&Arc<Case>> = cases.iter().collect();
        by_name.sort_by(|one, other| one.name.cmp(&other.name));
        for pair in by_name.windows(2) {
            if let [other, case] = pair
                && case.name == other.name
            {
                let message = format!("duplicate case `{}`", case.name);
                let help = format!("the other case is {}; rename one of them", other.source.path().display());
                self.diagnostics.push(Diagnostic::new(case.source.at(""), message).help(help));
            }
        }
        cases
    }
}

/// A case's name: its file's path in the folder of cases, without the ending.
pub(super) fn case_name(path: &str) -> &str {
    let name = path.strip_prefix(CASES).unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(name, _)| name)
}
