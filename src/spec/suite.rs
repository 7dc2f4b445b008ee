//! The suite: everything under `specs/`, loaded and checked. A `Suite` cannot be invalid.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::Value;

use super::absent::Absent;
use super::case::{Case, Expectation, Step};
use super::case_file::CaseFile;
use super::contract::{Operation, OperationId};
use super::credential::Credential;
use super::diagnostic::{Diagnostics, closest};
use super::document::Document;
use super::known_failure::KnownFailure;
use super::requirement::{Requirement, RequirementId};
use super::resolve::{Names, Resolver};
use super::schema::Schemas;
use super::structure::Shape;
use super::template::Scope;
use crate::mock::AccountFixture;

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
    pub(super) case_shape: Shape<CaseFile>,
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

    /// Whether a list, which takes no organization, need not show what an operation made in one.
    #[must_use]
    pub fn may_lack(&self, list: &Operation, made_by: &OperationId) -> bool {
        self.organization.as_ref().is_some_and(|supply| {
            let shows_what_takes_one =
                list.mirrors.as_ref().is_some_and(|list| supply.query.contains_key(list));
            shows_what_takes_one
                && !supply.query.contains_key(&list.id)
                && supply.bodies.contains_key(made_by)
        })
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
    /// The known failures in `known-failures/NAME.yaml`.
    ///
    /// # Errors
    /// When there is no such file, with the name that comes nearest.
    pub fn known_failures_named(&self, name: &str) -> Result<&[KnownFailure], String> {
        self.known_failures.get(name).map(Vec::as_slice).ok_or_else(|| {
            let names: Vec<&str> = self.known_failures.keys().map(String::as_str).collect();
            let hint =
                closest(name, &names).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            format!("the suite has no `known-failures/{name}.yaml`{hint}")
        })
    }

    /// Reads one more case, as if it were in `cases/` under this name.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn case(&self, name: String, document: &Document) -> Result<Case, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let Some(file) = self.case_shape.read(document, &mut diagnostics) else {
            return Err(diagnostics.sorted());
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
