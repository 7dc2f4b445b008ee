//! The suite: everything under `specs/`, loaded and checked. A `Suite` cannot be invalid.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::Value;

use crate::mock::AccountFixture;

use super::account;
use super::case::{Case, Expectation, Step};
use super::case_file::{CaseFile, StepFile};
use super::contract::{self, Operation, OperationId};
use super::credential::Credential;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::Document;
use super::endpoint::Absent;
use super::example;
use super::files::{ACCOUNTS, File, Files, digest};
use super::home::Home;
use super::import::Imported;
use super::known_failure::{self, KnownFailure, KnownFailuresFile};
use super::overlay::{by_prefix, overlay};
use super::reference::references;
use super::requirement::{self, Requirement, RequirementId, RequirementsFile};
use super::resolve::{Named, Names, Resolver};
use super::schema::{Schemas, Way};
use super::source::{Location, escape};
use super::structure::Shape;
use super::suite_file::{OrganizationSupplyFile, SuiteFile};
use super::template::Scope;

const SUITE: &str = "suite.yaml";

/// The folders of what a suite is made of, beside the accounts.
const CASES: &str = "cases/";
const CONTRACTS: &str = "contract/";
const KNOWN_FAILURES: &str = "known-failures/";
const REQUIREMENTS: &str = "requirements/";
const SCHEMAS: &str = "schemas/";

/// A loaded suite.
#[derive(Debug)]
pub struct Suite {
    /// The beginning of the SHA-256 of all its files that were read.
    pub digest: String,
    /// The same of each contract, by its path, with an imported one among them.
    pub contracts: BTreeMap<String, String>,
    /// The normative statements, by id.
    pub requirements: BTreeMap<RequirementId, Requirement>,
    /// The operations of all contracts, by id.
    pub operations: BTreeMap<OperationId, Operation>,
    /// The schemas of `schemas/` and the contracts.
    pub schemas: Schemas,
    /// The operations that the suite knows and the imported contract does not, each with the reason to tell.
    pub undocumented: Absent,
    /// What is wrong with the imported contract and can be borne.
    pub warnings: Diagnostics,
    /// The cases, by name.
    pub cases: Vec<Arc<Case>>,
    /// The parts of the API that an endpoint may do without as a whole, each with its operations.
    pub profiles: BTreeMap<String, BTreeSet<OperationId>>,
    /// What requests generated from the contracts prove.
    pub generated_requirements: Vec<RequirementId>,
    /// What is supplied to steps that leave something out.
    pub supply: Supply,
    /// What each operation lists, where it lists something: kept here by whoever works it out.
    pub(crate) lists: OnceLock<BTreeMap<OperationId, (String, String)>>,
    /// Deviations that are known, by the endpoint's name.
    pub known_failures: BTreeMap<String, Vec<KnownFailure>>,
    /// The fixture accounts, by name.
    pub accounts: BTreeMap<String, AccountFixture>,
    /// Files and snapshots of the suite in the binary are its own as well.
    pub inherits: bool,
    /// For a case that is read after the others.
    case_shape: Shape<CaseFile>,
}

/// What is supplied to steps that leave something out.
#[derive(Debug, Default)]
pub struct Supply {
    /// Path parameters by name.
    pub params: BTreeMap<String, ParameterSupply>,
    /// Bodies by operation.
    pub bodies: BTreeMap<OperationId, Value>,
    /// How a revoked key of each kind comes to be; captures `token`.
    pub revoked_keys: BTreeMap<Credential, Vec<Step>>,
    /// Reads that show whether a refused write took effect.
    pub witnesses: Vec<Step>,
    /// How an account that works in an organization names it.
    pub organization: Option<OrganizationSupply>,
    /// What any good key opens.
    pub key_check: Option<Step>,
    /// What tells of which kind a key is.
    pub key_kind: Option<Step>,
    /// How work that a response begins is seen to end.
    pub work: Option<Work>,
}

/// Work that goes on after a response, and how it is seen to end.
#[derive(Debug)]
pub struct Work {
    /// A JSONPath to each piece of work that a response tells of.
    pub begun: String,
    /// The request that shows one of them.
    pub read: Step,
    /// What shows that it has ended.
    pub ended: Arc<[Expectation]>,
    /// What shows that it has ended well.
    pub succeeded: Arc<[Expectation]>,
    /// The pause between two requests.
    pub every: Duration,
    /// How long to wait for one piece.
    pub limit: Duration,
}

impl Work {
    /// The name under which templates see a piece of work.
    pub(crate) const NAME: &'static str = "work";

    /// What the templates of the read may use for one piece.
    pub(crate) fn scope(piece: serde_json::Value) -> Scope {
        Scope::from_iter([(Self::NAME.to_owned(), piece)])
    }
}

/// Where the id of an organization stands in requests that do not name one.
#[derive(Debug)]
pub struct OrganizationSupply {
    /// The path parameter that it is the value of.
    pub param: String,
    /// Query parameters by operation.
    pub query: BTreeMap<OperationId, String>,
    /// Places in bodies by operation, as JSON Pointers.
    pub bodies: BTreeMap<OperationId, String>,
}

impl Supply {
    /// Puts the id of an organization into the query of a request that needs one and names none.
    pub fn name_organization(&self, id: &str, operation: &OperationId, query: &mut BTreeMap<String, String>) {
        let name = self.organization.as_ref().and_then(|supply| supply.query.get(operation));
        if let Some(name) = name {
            query.entry(name.clone()).or_insert_with(|| id.to_owned());
        }
    }

    /// The same for a body.
    pub fn name_organization_in(&self, id: &str, operation: &OperationId, body: &mut Value) {
        let place = self.organization.as_ref().and_then(|supply| supply.bodies.get(operation));
        let Some((parent, name)) = place.and_then(|place| place.rsplit_once('/')) else { return };
        if let Some(Value::Object(members)) = body.pointer_mut(parent) {
            members.entry(name).or_insert_with(|| id.into());
        }
    }
}

/// Where the value of a parameter comes from; each step captures it by its name.
#[derive(Debug)]
pub struct ParameterSupply {
    /// The fixture account that has one.
    pub account: Option<String>,
    /// How it is come by.
    pub source: Source,
}

/// How the value of a parameter is come by.
#[derive(Debug)]
pub enum Source {
    /// By requests.
    Steps {
        /// Finds one that is there already.
        find: Option<Box<Step>>,
        /// Makes one.
        make: Box<Step>,
    },
    /// It is always this one, which names nothing.
    Value(Value),
}

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
            let suite = Self::from_files_with(&Files::built_in(is_wanted), imported)?;
            return Ok(Self { inherits: true, ..suite });
        };
        match Files::read_where(root, is_wanted) {
            Ok(files) => match files.extends_built_in() {
                Ok(true) => {
                    let files = files.over(Files::built_in(is_wanted));
                    Ok(Self { inherits: true, ..Self::from_files_with(&files, imported)? })
                }
                Ok(false) => Self::from_files_with(&files, imported),
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
                Diagnostics::from_iter([diagnostic])
                    .into_result(())
                    .map(|()| unreachable!("there is a mistake"))
            }
        }
    }

    /// Loads a suite from files in memory.
    ///
    /// # Errors
    /// Every mistake in every file, at once.
    pub fn from_files(files: &Files) -> Result<Self, Diagnostics> {
        Self::from_files_with(files, None)
    }

    fn from_files_with(files: &Files, imported: Option<&Imported>) -> Result<Self, Diagnostics> {
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
            None => loader
                .diagnostics
                .into_result(())
                .map(|()| unreachable!("a suite that is missing has a mistake")),
        }
    }

    /// Reads one more case, as if it were in `cases/` under this name.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn case(&self, name: String, document: &Document) -> Result<Case, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let Some(file) = self.case_shape.read(document, &mut diagnostics) else {
            return diagnostics.into_result(()).map(|()| unreachable!("there is a mistake"));
        };
        let contracts = self.operations.values().map(|operation| operation.contract.clone()).collect();
        let names = Names {
            requirements: &self.requirements,
            operations: &self.operations,
            contracts: &contracts,
            schemas: Some(&self.schemas),
            accounts: &self.accounts.keys().cloned().collect(),
            supplied: &self.supply.params.keys().cloned().collect(),
            revoked_keys: &self.supply.revoked_keys.keys().copied().collect(),
            has_work: self.supply.work.is_some(),
            unsure: BTreeSet::new(),
        };
        let case = Resolver::new(&names, document, &mut diagnostics).case(name, file);
        diagnostics.into_result(case)
    }

    /// The operation that a request spelled out is one of, with the path parameters in it.
    #[must_use]
    pub fn operation_at(&self, method: &str, path: &str) -> Option<(&Operation, BTreeMap<String, String>)> {
        let path = path.split('?').next().unwrap_or(path);
        self.operations
            .values()
            .filter(|operation| operation.method == method)
            .filter_map(|operation| Some((operation, operation.parameters_in(path)?)))
            // `/projects/shared` is not the project `shared` (OpenAPI 3.1 §4.8.8.1).
            .min_by_key(|(_, params)| params.len())
    }

    /// What the paths of each contract begin with: `/api/v2`.
    #[must_use]
    pub fn prefixes(&self) -> BTreeSet<String> {
        let mut prefixes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for operation in self.operations.values() {
            let segments: Vec<&str> = operation.path.split('/').collect();
            // The last segment is what the operation is about.
            let above = &segments[..segments.len().saturating_sub(1)];
            let common = prefixes.entry(&operation.contract).or_insert_with(|| above.to_vec());
            let alike = common.iter().zip(above).take_while(|(one, other)| one == other).count();
            common.truncate(alike);
        }
        prefixes.into_values().map(|segments| segments.join("/")).collect()
    }

    /// The operations whose path a request spelled out has, whatever its method.
    pub(crate) fn operations_on<'s>(&'s self, path: &'s str) -> impl Iterator<Item = &'s Operation> {
        let path = path.split('?').next().unwrap_or(path);
        self.operations.values().filter(move |operation| operation.parameters_in(path).is_some())
    }

    /// An operation that is known to exist.
    #[must_use]
    pub fn operation(&self, id: &OperationId) -> &Operation {
        &self.operations[id]
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

/// The documents of a suite's parts, or what keeps one from being a document; by path.
type Documents<'a> = BTreeMap<&'a str, Result<Arc<Document>, Diagnostic>>;

/// The documents of some parts: folders, or a file.
fn parse<'a>(files: &'a Files, parts: &[&str]) -> Documents<'a> {
    let files: Vec<(&str, &File)> =
        parts.iter().flat_map(|part| files.under(part)).filter(|(path, _)| is_document(path)).collect();
    files.into_par_iter().map(|(path, file)| (path, file.document().map(Arc::new))).collect()
}

/// The operations of a contract, and what is wrong with them.
fn operations(path: &str, document: &Document) -> (Vec<Operation>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let operations = contract::operations(path, &contract::stem(path), document, &mut diagnostics);
    (operations, diagnostics)
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

    fn contracts(
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

    fn supply(&mut self, names: &Names<'_>, document: &Arc<Document>, file: SuiteFile) -> Supply {
        let mut supply = Supply::default();
        let numbered = |key: &str, steps: Vec<_>| {
            steps
                .into_iter()
                .enumerate()
                .map(|(index, step)| (format!("/{key}/{index}"), step))
                .collect::<Vec<_>>()
        };
        for (kind, key, steps) in file.revoked_keys() {
            let mut resolver = Resolver::new(names, document, &mut self.diagnostics);
            supply.revoked_keys.insert(kind, resolver.steps(numbered(key, steps.clone()), &["token"]));
        }
        for (name, source) in file.supply.params {
            let pointer = format!("/supply/params/{}", escape(&name));
            let account = source.account.clone();
            if let Some(account) = &account
                && !names.accounts.contains(account)
                && !names.unsure.contains(&Named::Account)
            {
                let known = names.accounts.iter().map(String::as_str);
                let at = document.at(&format!("{pointer}/account"));
                self.diagnostics.push(
                    Diagnostic::new(at, format!("there is no account `{account}`")).suggest(account, known),
                );
            }
            let mut one = |part: &str, step| {
                let mut resolver = Resolver::new(names, document, &mut self.diagnostics);
                resolver.steps(vec![(format!("{pointer}/{part}"), step)], &[&name]).pop().map(Box::new)
            };
            let find = source.find.and_then(|step| one("find", step));
            let make = source.make.map(|step| one("make", step));
            let source = match (make, source.value) {
                (Some(Some(make)), None) => Source::Steps { find, make },
                (None, Some(value)) if find.is_none() => Source::Value(value),
                // What is wrong with the step has been told.
                (Some(None), None) => continue,
                _ => {
                    let message = format!("ambiguous supply of `{name}`");
                    let help = "use `make` (with an optional `find`), or only `value`";
                    self.diagnostics.push(Diagnostic::new(document.at_key(&pointer), message).help(help));
                    continue;
                }
            };
            supply.params.insert(name, ParameterSupply { account, source });
        }
        let mut operation = |part: &str, id: String| {
            let pointer = format!("/supply/{part}/{}", escape(&id));
            let id = OperationId(id);
            if !names.operations.contains_key(&id) && !names.unsure.contains(&Named::Operation) {
                let known = names.operations.keys().map(|id| id.0.as_str());
                self.diagnostics.push(
                    Diagnostic::new(document.at_key(&pointer), format!("there is no operation `{id}`"))
                        .suggest(&id.0, known),
                );
            }
            id
        };
        for (id, body) in file.supply.bodies {
            supply.bodies.insert(operation("bodies", id), body);
        }
        supply.organization = file.supply.organization.map(|organization| {
            let OrganizationSupplyFile { param, query, bodies } = organization;
            let mut places = |part: &str, places: BTreeMap<String, String>| {
                places.into_iter().map(|(id, place)| (operation(part, id), place)).collect()
            };
            OrganizationSupply {
                param,
                query: places("organization/query", query),
                bodies: places("organization/bodies", bodies),
            }
        });
        let mut one = |key: &str, step: Option<StepFile>| {
            let mut resolver = Resolver::new(names, document, &mut self.diagnostics);
            step.and_then(|step| resolver.steps(vec![(format!("/{key}"), step)], &[]).pop())
        };
        supply.key_check = one("key_check", file.key_check);
        supply.key_kind = one("key_kind", file.key_kind);
        supply.work =
            file.work.map(|work| Resolver::new(names, document, &mut self.diagnostics).work("/work", work));
        supply.witnesses = numbered("witnesses", file.witnesses)
            .into_iter()
            .flat_map(|step| Resolver::new(names, document, &mut self.diagnostics).steps(vec![step], &[]))
            .collect();
        supply
    }

    fn cases(&mut self, shape: &Shape<CaseFile>, names: &Names<'_>) -> Vec<Arc<Case>> {
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
fn case_name(path: &str) -> &str {
    let name = path.strip_prefix(CASES).unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(name, _)| name)
}

/// Whether a file is one that is parsed.
fn is_document(path: &str) -> bool {
    matches!(ending(path), "yaml" | "yml" | "json")
}

/// What comes after a file's last dot.
fn ending(path: &str) -> &str {
    Path::new(path).extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}
