//! Reads the files of a suite, all of them whatever is wrong with one, and tells every mistake at once.

mod cases;
mod contracts;
mod supply;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use cases::case_name;

use super::account;
use super::case_file::CaseFile;
use super::contract::{self, Operation, OperationId};
use super::credential::Credential;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::Document;
use super::files::{ACCOUNTS, File, Files, digest};
use super::import::Imported;
use super::known_failure::{self, KnownFailure, KnownFailuresFile};
use super::requirement::{self, Requirement, RequirementId, RequirementsFile};
use super::resolve::{Named, Names};
use super::source::Location;
use super::structure::Shape;
use super::suite::{Suite, Supply};
use super::suite_file::SuiteFile;
use crate::mock::AccountFixture;
use crate::spec::absent::Absent;
use crate::spec::home::Home;
use crate::spec::pointer::escape;

const SUITE: &str = "suite.yaml";

/// The folders of what a suite is made of, beside the accounts.
const CASES: &str = "cases/";
const CONTRACTS: &str = "contract/";
const KNOWN_FAILURES: &str = "known-failures/";
const REQUIREMENTS: &str = "requirements/";
const SCHEMAS: &str = "schemas/";

/// The documents of a suite's parts, or what keeps one from being a document; by path.
type Documents<'a> = BTreeMap<&'a str, Result<Arc<Document>, Diagnostic>>;

impl Suite {
    /// Loads the suite in the folder `root`.
    ///
    /// # Errors
    /// Every mistake in every file, at once.
    pub fn load(root: &Path) -> Result<Self, Diagnostics> {
        Self::load_with(&root.into(), None, None)
    }

    /// Loads the suite at `home`, with a contract from outside in place of the one that has the same server path.
    /// Where it is for one `trial` only, the trial's whole name, cases that cannot have it are not read.
    ///
    /// # Errors
    /// Every mistake in every file that is read, at once, but for those in the imported contract that can be borne: they become
    /// warnings.
    pub fn load_with(
        home: &Home,
        imported: Option<&Imported>,
        trial: Option<&str>,
    ) -> Result<Self, Diagnostics> {
        // What a matrix makes of a case stands in brackets behind its name.
        let is_of = |trial: &str, case: &str| {
            trial.strip_prefix(case).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        };
        let may_have = |path: &str| trial.is_none_or(|trial| is_of(trial, case_name(path)));
        let is_wanted = |path: &str| !path.starts_with(CASES) || may_have(path);
        let Some(root) = home.folder() else {
            let suite = suite(&Files::built_in(is_wanted), imported)?;
            return Ok(Self { inherits: true, ..suite });
        };
        match Files::read_where(root, is_wanted) {
            Ok(files) => match files.extends_built_in() {
                Ok(true) => {
                    let files = files.over(Files::built_in(is_wanted));
                    Ok(Self { inherits: true, ..suite(&files, imported)? })
                }
                Ok(false) => suite(&files, imported),
                Err(mistake) => Err(Diagnostics::from_iter([mistake])),
            },
            Err(error) => {
                let location = Location::of_file(&error.path, "");
                let help = if error.path == root {
                    "use the directory of a suite, or omit `--specs` to use the built-in suite"
                } else {
                    "every file in the directory is part of the suite; make it readable, or move it"
                };
                let message = format!("cannot read the suite: {}", error.cause);
                let diagnostic = Diagnostic::new(location, message).help(help);
                Err(Diagnostics::from_iter([diagnostic]))
            }
        }
    }

    /// Loads a suite from files in memory.
    ///
    /// # Errors
    /// Every mistake in every file, at once.
    pub fn from_files(files: &Files) -> Result<Self, Diagnostics> {
        suite(files, None)
    }
}

/// The suite that files make, with an imported contract in the place of one of theirs.
fn suite(files: &Files, imported: Option<&Imported>) -> Result<Suite, Diagnostics> {
    let mut loader = Loader {
        files,
        documents: Documents::new(),
        imported,
        diagnostics: Diagnostics::default(),
        warnings: Diagnostics::default(),
        undocumented: Absent::new(),
    };
    let (suite, digest) = rayon::join(|| loader.load(), || files.digest());
    match suite {
        Some(suite) => loader.diagnostics.into_result(Suite { digest, ..suite }),
        None => Err(loader.diagnostics.sorted()),
    }
}

/// The documents of some parts: folders, or a file.
fn parse<'a>(files: &'a Files, parts: &[&str]) -> Documents<'a> {
    let files: Vec<(&str, &File)> =
        parts.iter().flat_map(|part| files.under(part)).filter(|(path, _)| is_document(path)).collect();
    files.into_par_iter().map(|(path, file)| (path, file.document().map(Arc::new))).collect()
}

struct Loader<'a> {
    files: &'a Files,
    /// Those that are parsed and not taken yet; never those of cases, which are many.
    documents: Documents<'a>,
    imported: Option<&'a Imported>,
    diagnostics: Diagnostics,
    /// What is wrong with the imported contract and can be borne.
    warnings: Diagnostics,
    /// What the imported contract lacks.
    undocumented: Absent,
}

impl Loader<'_> {
    fn load(&mut self) -> Option<Suite> {
        self.refuse_strange_files();
        let mut unsure = BTreeSet::new();
        let files = self.files;
        // The contract is as long as all the rest.
        let (contracts, (requirements, accounts, suite_document, suite_file, case_shape)) = rayon::join(
            || parse(files, &[CONTRACTS, SCHEMAS]),
            || {
                self.documents = parse(files, &[SUITE, REQUIREMENTS, ACCOUNTS, KNOWN_FAILURES]);
                let requirements = self.sure(Named::Requirement, &mut unsure, Self::requirements);
                let accounts = self.sure(Named::Account, &mut unsure, Self::accounts);
                let (document, file) = self.sure(Named::Operation, &mut unsure, Self::suite_file);
                (requirements, accounts, document, file, Shape::<CaseFile>::new())
            },
        );
        self.documents.extend(contracts);
        let (operations, schemas) = self.sure(Named::Operation, &mut unsure, |loader| {
            loader.contracts(suite_document.as_deref(), suite_file.as_ref())
        });
        if unsure.contains(&Named::Operation) {
            unsure.insert(Named::Contract);
        }
        let account_names: BTreeSet<String> = accounts.keys().cloned().collect();
        let contracts: BTreeSet<String> =
            operations.values().map(|operation| operation.contract.clone()).collect();
        let suite_file = suite_file.unwrap_or_default();
        let contract_files = suite_file.contracts.clone();
        let generated_requirements = suite_file.generated_requirements.clone();
        for (index, id) in generated_requirements.iter().enumerate() {
            if let Some(document) = &suite_document
                && !requirements.contains_key(id)
                && !unsure.contains(&Named::Requirement)
            {
                let at = document.at(&format!("/generated_requirements/{index}"));
                let known = requirements.keys().map(|id| id.0.as_str());
                let diagnostic = Diagnostic::new(at, format!("there is no requirement `{id}`"));
                self.diagnostics.push(diagnostic.suggest(&id.0, known));
            }
        }
        let profiles = match &suite_document {
            Some(document) if !unsure.contains(&Named::Operation) => {
                self.profiles(&suite_file, document, &operations)
            }
            _ => BTreeMap::new(),
        };
        let supplied: BTreeSet<String> = suite_file.supply.params.keys().cloned().collect();
        let revoked_keys: BTreeSet<Credential> = suite_file.revoked_keys().map(|(kind, ..)| kind).collect();
        let mut names = Names {
            requirements: &requirements,
            operations: &operations,
            contracts: &contracts,
            schemas: schemas.as_ref(),
            accounts: &account_names,
            supplied: &supplied,
            revoked_keys: &revoked_keys,
            has_work: suite_file.work.is_some(),
            unsure,
        };
        let mut unsure = BTreeSet::new();
        let supply = self.sure(Named::Supply, &mut unsure, |loader| match &suite_document {
            Some(document) => loader.supply(&names, document, suite_file),
            None => Supply::default(),
        });
        names.unsure.append(&mut unsure);
        let cases = self.cases(&case_shape, &names);
        let are_known = (!names.unsure.contains(&Named::Operation)).then_some(&operations);
        let known_failures = self.known_failures(are_known);
        let imported = self.imported.iter().flat_map(|imported| &imported.documents);
        let imported =
            imported.map(|(name, document)| (name.clone(), digest(document.source().text().as_bytes())));
        let own = contract_files
            .iter()
            .filter_map(|path| Some((path.clone(), digest(self.files.get(path)?.bytes()))));
        Some(Suite {
            digest: String::new(),
            contracts: own.chain(imported).collect(),
            known_failures,
            cases,
            profiles,
            generated_requirements,
            supply,
            accounts,
            schemas: schemas?,
            requirements,
            operations,
            inherits: false,
            undocumented: std::mem::take(&mut self.undocumented),
            warnings: std::mem::take(&mut self.warnings).sorted(),
            lists: OnceLock::new(),
            case_shape,
        })
    }

    /// Reads a part of the suite; where it has mistakes, what is missing from it may be due to them.
    fn sure<T>(&mut self, what: Named, unsure: &mut BTreeSet<Named>, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.diagnostics.len();
        let part = read(self);
        if self.diagnostics.len() > before {
            unsure.insert(what);
        }
        part
    }

    /// A file whose ending is not known would be passed over in silence.
    fn refuse_strange_files(&mut self) {
        for (path, file) in self.files.under("") {
            let name = path.rsplit('/').next().unwrap_or(path);
            if !matches!(ending(path), "yaml" | "yml" | "json" | "md") {
                let text = String::from_utf8_lossy(file.bytes());
                self.diagnostics.push(
                    Diagnostic::new(
                        Location::of_file(&self.files.shown(path), &text),
                        format!("`{name}` is not a spec file"),
                    )
                    .help("spec files end in .yaml, .yml or .json; notes in .md"),
                );
            }
        }
    }

    fn suite_file(&mut self) -> (Option<Arc<Document>>, Option<SuiteFile>) {
        let missing = || {
            Diagnostic::new(Location::of_file(&self.files.shown(SUITE), ""), "suite.yaml is missing")
                .help("run the command in the directory that contains `specs/`, or use `--specs DIR`")
        };
        let parsed = self.documents.remove(SUITE).unwrap_or_else(|| Err(missing()));
        let document = self.told(parsed);
        let shape = Shape::<SuiteFile>::new();
        let file = document.as_ref().and_then(|document| shape.read(document, &mut self.diagnostics));
        (document, file)
    }

    /// What was read; of what was not, it is told why.
    fn told(&mut self, read: Result<Arc<Document>, Diagnostic>) -> Option<Arc<Document>> {
        read.map_err(|diagnostic| self.diagnostics.push(diagnostic)).ok()
    }

    /// All documents in a folder, by path; they can be taken once.
    fn take_documents(&mut self, folder: &str) -> Vec<(String, Arc<Document>)> {
        let (within, rest): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.documents).into_iter().partition(|(path, _)| path.starts_with(folder));
        self.documents = rest;
        within.into_iter().filter_map(|(path, read)| Some((path.to_owned(), self.told(read)?))).collect()
    }

    fn requirements(&mut self) -> BTreeMap<RequirementId, Requirement> {
        let shape = Shape::<RequirementsFile>::new();
        let files = self
            .take_documents(REQUIREMENTS)
            .into_iter()
            .filter_map(|(_, document)| {
                let file = shape.read(&document, &mut self.diagnostics)?;
                Some((document, file))
            })
            .collect();
        requirement::collect(files, &mut self.diagnostics)
    }

    fn known_failures(
        &mut self,
        operations: Option<&BTreeMap<OperationId, Operation>>,
    ) -> BTreeMap<String, Vec<KnownFailure>> {
        let shape = OnceCell::new();
        let mut known = BTreeMap::new();
        for (path, document) in self.take_documents(KNOWN_FAILURES) {
            let shape = shape.get_or_init(Shape::<KnownFailuresFile>::new);
            let Some(file) = shape.read(&document, &mut self.diagnostics) else { continue };
            let failures = known_failure::resolve(&document, file, operations, &mut self.diagnostics);
            // An endpoint's name may have dots in it.
            let name = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
            known.insert(name, failures);
        }
        known
    }

    fn accounts(&mut self) -> BTreeMap<String, AccountFixture> {
        let mut accounts: BTreeMap<String, AccountFixture> = AccountFixture::builtin_names()
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), AccountFixture::builtin(name)?)))
            .collect();
        let shape = Shape::new();
        for (path, document) in self.take_documents(ACCOUNTS) {
            if let Some(account) = account::resolve(&shape, &document, &mut self.diagnostics) {
                accounts.insert(contract::stem(&path), account);
            }
        }
        accounts
    }

    fn profiles(
        &mut self,
        file: &SuiteFile,
        document: &Document,
        operations: &BTreeMap<OperationId, Operation>,
    ) -> BTreeMap<String, BTreeSet<OperationId>> {
        let mut profiles: BTreeMap<String, BTreeSet<OperationId>> = BTreeMap::new();
        for (name, patterns) in &file.profiles {
            let profile = profiles.entry(name.clone()).or_default();
            for (index, pattern) in patterns.iter().enumerate() {
                let at = document.at(&format!("/profiles/{}/{index}", escape(name)));
                match pattern.select(operations.values()) {
                    Ok(selected) if selected.is_empty() => {
                        let known = operations.keys().map(|id| id.0.as_str());
                        let message = format!("`{pattern}` selects no operations");
                        self.diagnostics.push(Diagnostic::new(at, message).suggest(&pattern.0, known));
                    }
                    Ok(selected) => {
                        profile.extend(selected.into_iter().map(|operation| operation.id.clone()));
                    }
                    Err(message) => self.diagnostics.push(Diagnostic::new(at, message)),
                }
            }
        }
        profiles
    }
}

/// Whether a file is one that is parsed.
fn is_document(path: &str) -> bool {
    matches!(ending(path), "yaml" | "yml" | "json")
}

/// What comes after a file's last dot.
fn ending(path: &str) -> &str {
    Path::new(path).extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}
