//! From what an author wrote to what it means: names are looked up, paths, templates and matchers are checked.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::case::{
    Axis, AxisValues, Body, Call, Capture, Case, CredentialRef, Expect, Expectation, Pages, SnapshotRule,
    StatusRange, StatusSet, Step, Until,
};
use super::case_file::{
    CaptureFile, CaseFile, ExpectFile, MatcherFile, MatrixFile, OperationSelection, OperationsFile,
    PagesFile, StatusFile, StepFile, UndoFile, UntilFile,
};
use super::contract::{Operation, OperationId};
use super::credential::Credential;
use super::diagnostic::{Diagnostic, Diagnostics, closest};
use super::document::Document;
use super::matcher::Matcher;
use super::requirement::{Level, Requirement, RequirementId};
use super::schema::Schemas;
use super::source::{Location, escape};
use super::suite::Work;
use super::suite_file::WorkFile;
use super::template;
use super::unknown::{Unknown, unknown};
use crate::json_path;

/// More would fill the memory before the first is sent.
const MOST_TRIALS: usize = 1_000_000;

/// What every template may use.
const ALWAYS_IN_SCOPE: [&str; 1] = ["run.prefix"];

/// The parts of a suite that a case may name.
pub(crate) struct Names<'a> {
    pub(crate) requirements: &'a BTreeMap<RequirementId, Requirement>,
    pub(crate) operations: &'a BTreeMap<OperationId, Operation>,
    pub(crate) contracts: &'a BTreeSet<String>,
    pub(crate) schemas: Option<&'a Schemas>,
    pub(crate) accounts: &'a BTreeSet<String>,
    pub(crate) supplied: &'a BTreeSet<String>,
    pub(crate) revoked_keys: &'a BTreeSet<Credential>,
    /// The suite says how work that a response begins is seen to end.
    pub(crate) has_work: bool,
    /// What could not be read whole: a name of this kind that is not known may well exist.
    pub(crate) unsure: BTreeSet<Named>,
}

/// What a name in a case may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    Account,
    Contract,
    Credential,
    Operation,
    Requirement,
    Schema,
    Supply,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Account => "account",
            Self::Contract => "contract",
            Self::Credential => "credential",
            Self::Operation => "operation",
            Self::Requirement => "requirement",
            Self::Schema => "schema",
            Self::Supply => "supply",
        })
    }
}

/// Resolves the parts of one file.
pub(crate) struct Resolver<'a> {
    names: &'a Names<'a>,
    document: &'a Document,
    diagnostics: &'a mut Diagnostics,
    /// What templates may use here.
    scope: BTreeSet<String>,
    /// What templates have used.
    used: BTreeSet<String>,
    /// The axis `operation`, where the case has one.
    each_operation: Option<Vec<OperationId>>,
    each_credential: bool,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(
        names: &'a Names<'a>,
        document: &'a Document,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        Self {
            names,
            document,
            diagnostics,
            scope: BTreeSet::new(),
            used: BTreeSet::new(),
            each_operation: None,
            each_credential: false,
        }
    }

    /// The whole case; what is wrong with it goes to the diagnostics.
    pub(crate) fn case(&mut self, name: String, file: CaseFile) -> Case {
        self.requirements(&file.requirements);
        if let Some(account) = &file.account
            && !self.names.accounts.contains(account)
        {
            let known = self.names.accounts.iter().map(String::as_str);
            self.report_unknown("/account", Named::Account, account, known);
        }
        let axes = file.for_each.map(|matrix| self.matrix(matrix)).unwrap_or_default();
        let is_single = file.steps.is_empty();
        if !is_single && file.only != StepFile::default() {
            self.misplaced_step_keys();
        }
        let mut captures = Vec::new();
        let steps = if is_single {
            vec![self.step("", file.only, is_single, &mut captures)]
        } else {
            file.steps
                .into_iter()
                .enumerate()
                .map(|(index, step)| self.step(&format!("/steps/{index}"), step, is_single, &mut captures))
                .collect()
        };
        self.unused(&captures);
        self.proofs(&file.requirements, &steps);
        let replace = file.snapshot.replace.into_iter().collect::<Vec<_>>();
        let document = self.document;
        for (path, _) in &replace {
            self.json_path(path, || document.at_key(&format!("/snapshot/replace/{}", escape(path))));
        }
        Case {
            name,
            title: file.title.into(),
            kept_because: file.kept_because,
            requirements: file.requirements.into(),
            tags: file.tags,
            effect: file.effect,
            account: file.account,
            axes,
            steps,
            snapshot: SnapshotRule { family: file.snapshot.family, omit: file.snapshot.omit, replace },
            source: self.document.source().clone(),
        }
    }

    /// Steps that are not of a case; `exports` are the captures someone else uses.
    pub(crate) fn steps(&mut self, steps: Vec<(String, StepFile)>, exports: &[&str]) -> Vec<Step> {
        let mut captures = Vec::new();
        let steps: Vec<Step> = steps
            .into_iter()
            .map(|(pointer, step)| self.step(&pointer, step, false, &mut captures))
            .collect();
        for export in exports {
            if steps.iter().flat_map(|step| &step.captures).any(|capture| capture.name == *export) {
                self.used.insert((*export).to_owned());
            } else if let Some(step) = steps.last() {
                self.report(
                    Diagnostic::new(step.at(""), format!("`{export}` is not captured"))
                        .help(format!("add `capture: {{ {export}: … }}`")),
                );
            }
        }
        self.unused(&captures);
        steps
    }

    fn requirements(&mut self, ids: &[RequirementId]) {
        for (index, id) in ids.iter().enumerate() {
            if !self.names.requirements.contains_key(id) {
                let known = self.names.requirements.keys().map(|id| id.0.as_str());
                self.report_unknown(&format!("/requirements/{index}"), Named::Requirement, &id.0, known);
            }
        }
    }

    /// Steps prove requirements of their case, and say which where not all are equally binding.
    fn proofs(&mut self, requirements: &[RequirementId], steps: &[Step]) {
        let document = self.document;
        for step in steps {
            for (index, id) in step.proves.iter().enumerate().filter(|(_, id)| !requirements.contains(id)) {
                let known = requirements.iter().map(|id| id.0.as_str());
                let at = document.at(&format!("{}/proves/{index}", step.pointer));
                let message = format!("the case does not prove `{id}`");
                self.report(Diagnostic::new(at, message).suggest(&id.0, known));
            }
        }
        let names = self.names;
        let level = |id: &RequirementId| names.requirements.get(id).map(|requirement| requirement.level);
        if !requirements.iter().any(|id| level(id) == Some(Level::Must)) {
            return;
        }
        let is_claimed = |id: &RequirementId| steps.iter().any(|step| step.proves.contains(id));
        for (index, id) in requirements.iter().enumerate() {
            if level(id) == Some(Level::Should) && !is_claimed(id) {
                let at = document.at(&format!("/requirements/{index}"));
                self.report(
                    Diagnostic::new(
                        at,
                        format!("no step states that it proves `{id}`, which is a `should` in a case with `must` requirements"),
                    )
                    .help(format!(
                        "add `proves: [{id}]` to the steps that prove it; their failures are then reported as advice"
                    )),
                );
            }
        }
    }

    fn misplaced_step_keys(&mut self) {
        let step_keys = [
            "name",
            "operation",
            "request",
            "params",
            "query",
            "headers",
            "body",
            "raw_body",
            "key",
            "credential",
            "expect",
            "capture",
            "undo",
            "until",
            "pages",
            "may_decline",
            "proves",
            "settles",
            "unknown",
        ];
        for key in step_keys {
            if self.document.value().get(key).is_some() {
                let at = self.document.at_key(&format!("/{key}"));
                self.report(
                    Diagnostic::new(at, format!("`{key}` is not allowed together with `steps`"))
                        .help("move it into the step it belongs to"),
                );
            }
        }
    }

    // --- the matrix ---

    fn matrix(&mut self, mut matrix: MatrixFile) -> Vec<Arc<Axis>> {
        let names: Vec<String> = match &self.document.value()["for_each"] {
            Value::Object(axes) => axes.keys().cloned().collect(),
            _ => Vec::new(),
        };
        let axes: Vec<Arc<Axis>> =
            names.into_iter().filter_map(|name| self.axis(name, &mut matrix)).map(Arc::new).collect();
        let trials = axes.iter().try_fold(1_usize, |trials, axis| trials.checked_mul(axis.values.len()));
        if trials.is_none_or(|trials| trials > MOST_TRIALS) {
            let at = self.document.at_key("/for_each");
            self.report(
                Diagnostic::new(at, format!("the matrix expands to more than {MOST_TRIALS} trials"))
                    .help("remove values, or split the case"),
            );
        }
        axes
    }

    fn axis(&mut self, name: String, matrix: &mut MatrixFile) -> Option<Axis> {
        let pointer = format!("/for_each/{}", escape(&name));
        let values = match name.as_str() {
            "operation" => {
                let operations = self.operations(&pointer, matrix.operation.as_ref()?);
                self.each_operation = Some(operations.clone());
                AxisValues::Operations(operations)
            }
            "credential" => {
                self.each_credential = true;
                AxisValues::Credentials(self.credentials(&pointer, matrix.credential.as_ref()?))
            }
            _ => {
                if name == "run" {
                    let at = self.document.at_key(&pointer);
                    self.report(
                        Diagnostic::new(at, "`run` is a reserved name").help("give the axis another name"),
                    );
                }
                AxisValues::Values(matrix.values.remove(&name)?)
            }
        };
        let mut known = HashSet::new();
        let repeated = !(0..values.len()).all(|index| known.insert(values.text(index)));
        if repeated {
            let at = self.document.at_key(&pointer);
            self.report(
                Diagnostic::new(at, format!("a value of `{name}` is repeated"))
                    .help("each value names a trial; remove one"),
            );
        }
        self.scope.insert(name.clone());
        Some(Axis { name, values })
    }

    fn operations(&mut self, pointer: &str, file: &OperationsFile) -> Vec<OperationId> {
        match file {
            OperationsFile::Named(ids) => ids
                .iter()
                .enumerate()
                .filter_map(|(index, id)| self.operation(&format!("{pointer}/{index}"), id))
                .collect(),
            OperationsFile::Selected(selection) => self.select(pointer, selection),
        }
    }

    fn select(&mut self, pointer: &str, selection: &OperationSelection) -> Vec<OperationId> {
        for (index, contract) in selection.contract.iter().flatten().enumerate() {
            if !self.names.contracts.contains(contract) {
                let known = self.names.contracts.iter().map(String::as_str);
                self.report_unknown(&format!("{pointer}/contract/{index}"), Named::Contract, contract, known);
            }
        }
        for (index, id) in selection.except.iter().enumerate() {
            self.operation(&format!("{pointer}/except/{index}"), id);
        }
        let wanted = |list: &Option<Vec<String>>, value: &str| {
            list.as_ref().is_none_or(|list| list.iter().any(|item| item.eq_ignore_ascii_case(value)))
        };
        let selected: Vec<OperationId> = self
            .names
            .operations
            .values()
            .filter(|operation| wanted(&selection.contract, &operation.contract))
            .filter(|operation| wanted(&selection.method, &operation.method))
            .filter(|operation| selection.described.is_none_or(|wanted| operation.is_described() == wanted))
            .filter(|operation| !selection.except.contains(&operation.id.0))
            .map(|operation| operation.id.clone())
            .collect();
        if selected.is_empty() && !self.names.unsure.contains(&Named::Operation) {
            let at = self.document.at_key(pointer);
            self.report(
                Diagnostic::new(at, "the matrix is empty: it selects no operations")
                    .help("run `neon-contract list --of operations` for a list"),
            );
        }
        selected
    }

    fn credentials(&mut self, pointer: &str, words: &[String]) -> Vec<Credential> {
        let mut credentials = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let group = Credential::group(word);
            if group.is_empty() {
                let known = Credential::ALL.map(Credential::word).into_iter().chain(Credential::GROUPS);
                self.report_unknown(&format!("{pointer}/{index}"), Named::Credential, word, known);
            }
            for credential in &group {
                self.needs_revoked_key(&format!("{pointer}/{index}"), *credential);
            }
            credentials.extend(group);
        }
        credentials
    }

    // --- a step ---

    fn step(
        &mut self,
        pointer: &str,
        file: StepFile,
        is_single: bool,
        captures: &mut Vec<(String, String)>,
    ) -> Step {
        let call = self.call(pointer, &file, is_single);
        let credential = self.credential(pointer, &file, is_single);
        self.exclusive(pointer, "body", file.body.is_some(), "raw_body", file.raw_body.is_some());
        self.exclusive(pointer, "key", file.key.is_some(), "credential", file.credential.is_some());
        for (key, value) in &file.params {
            self.templates(&format!("{pointer}/params/{}", escape(key)), value);
        }
        for (key, value) in &file.query {
            self.templates(&format!("{pointer}/query/{}", escape(key)), value);
        }
        for (key, value) in &file.headers {
            self.header(&format!("{pointer}/headers/{}", escape(key)), key, value);
        }
        if let Some(body) = &file.body {
            self.templates(&format!("{pointer}/body"), body);
        }
        if let Some(body) = &file.raw_body {
            self.template(&format!("{pointer}/raw_body"), body);
        }
        if let Some(key) = &file.key {
            self.template(&format!("{pointer}/key"), key);
        }
        self.parameters(pointer, &call, &file.params);
        if !file.unknown {
            self.unknown(pointer, &call, &file);
        }
        let is_unsure = |named| self.names.unsure.contains(&named);
        if file.settles && !self.names.has_work && !is_unsure(Named::Operation) && !is_unsure(Named::Supply) {
            let at = self.document.at_key(&format!("{pointer}/settles"));
            self.report(
                Diagnostic::new(at, "the suite does not describe how to detect the end of work")
                    .help("add `work:` to suite.yaml"),
            );
        }
        let expect = self.expect(&format!("{pointer}/expect"), file.expect);
        let own = self.captures(&format!("{pointer}/capture"), file.capture, captures);
        let undo = file.undo.map(|undo| Box::new(self.undo(&format!("{pointer}/undo"), undo)));
        let until = file.until.map(|until| Box::new(self.until(&format!("{pointer}/until"), until)));
        let pages = file.pages.map(|pages| Box::new(self.pages(&format!("{pointer}/pages"), pages)));
        let name = file.name.unwrap_or_else(|| match &call {
            Call::Operation(id) => id.0.clone(),
            Call::EachOperation => "{{ operation }}".to_owned(),
            Call::Raw { method, path } => format!("{method} {path}"),
        });
        Step {
            name,
            source: self.document.source().clone(),
            pointer: pointer.to_owned(),
            call,
            params: file.params,
            query: file.query,
            headers: file.headers,
            body: match (file.body, file.raw_body) {
                (Some(body), _) => Body::Json(body),
                (None, Some(raw)) => Body::Raw(raw),
                (None, None) => Body::Default,
            },
            key: file.key,
            credential,
            expect,
            captures: own,
            undo,
            until,
            pages,
            may_decline: file.may_decline.as_ref().map(statuses),
            proves: file.proves.into(),
            settles: file.settles,
        }
    }

    /// How work that a response begins is seen to end.
    pub(crate) fn work(&mut self, pointer: &str, file: WorkFile) -> Work {
        let document = self.document;
        self.json_path(&file.begun, || document.at(&format!("{pointer}/begun")));
        self.scope.insert(Work::NAME.to_owned());
        let read = self.step(&format!("{pointer}/read"), file.read, false, &mut Vec::new());
        Work {
            begun: file.begun,
            read,
            ended: self.matchers(&format!("{pointer}/ended"), file.ended, true),
            succeeded: self.matchers(&format!("{pointer}/succeeded"), file.succeeded, true),
            every: self.duration(
                &format!("{pointer}/every"),
                file.every.as_deref(),
                Duration::from_millis(500),
            ),
            limit: self.duration(&format!("{pointer}/limit"), file.limit.as_deref(), Duration::from_secs(60)),
        }
    }

    fn call(&mut self, pointer: &str, file: &StepFile, is_single: bool) -> Call {
        self.exclusive(pointer, "operation", file.operation.is_some(), "request", file.request.is_some());
        if let Some(request) = &file.request {
            let at = format!("{pointer}/request");
            self.template(&at, request);
            let (method, path) = request.split_once(' ').unwrap_or((request, "/"));
            return Call::Raw { method: method.to_owned(), path: path.to_owned() };
        }
        match &file.operation {
            Some(id) if is_axis(id, "operation") && self.each_operation.is_some() => {
                self.used.insert("operation".to_owned());
                Call::EachOperation
            }
            Some(id) => {
                self.operation(&format!("{pointer}/operation"), id);
                Call::Operation(OperationId(id.clone()))
            }
            None if is_single && self.each_operation.is_some() => Call::EachOperation,
            None => {
                let at = self.document.at(pointer);
                self.report(
                    Diagnostic::new(at, "the step sends nothing")
                        .help("add `operation: <operationId>` or `request: GET /path`"),
                );
                Call::Raw { method: "GET".to_owned(), path: "/".to_owned() }
            }
        }
    }

    fn credential(&mut self, pointer: &str, file: &StepFile, is_single: bool) -> CredentialRef {
        match &file.credential {
            Some(word) if is_axis(word, "credential") && self.each_credential => {
                self.used.insert("credential".to_owned());
                CredentialRef::Each
            }
            Some(word) => {
                let at = format!("{pointer}/credential");
                if let Ok(credential) = word.parse() {
                    self.needs_revoked_key(&at, credential);
                    CredentialRef::Fixed(credential)
                } else {
                    self.report_unknown(&at, Named::Credential, word, Credential::ALL.map(Credential::word));
                    CredentialRef::Fixed(Credential::Valid)
                }
            }
            None if is_single && self.each_credential => CredentialRef::Each,
            None => CredentialRef::Fixed(Credential::Valid),
        }
    }

    fn needs_revoked_key(&mut self, pointer: &str, credential: Credential) {
        if credential.is_revoked()
            && !self.names.revoked_keys.contains(&credential)
            && !self.names.unsure.contains(&Named::Operation)
        {
            let at = self.document.at(pointer);
            self.report(
                Diagnostic::new(at, format!("the suite does not describe how to create a `{credential}` key")).help(
                    "add `revoked_key:` or `self_revoked_key:` to suite.yaml, with steps that create, use and revoke a key",
                ),
            );
        }
    }

    fn operation(&mut self, pointer: &str, id: &str) -> Option<OperationId> {
        let id = OperationId(id.to_owned());
        if self.names.operations.contains_key(&id) {
            return Some(id);
        }
        let known = self.names.operations.keys().map(|id| id.0.as_str());
        self.report_unknown(pointer, Named::Operation, &id.0, known);
        None
    }

    /// Parameters that are named must exist, and those that are not must be supplied.
    fn parameters(&mut self, pointer: &str, call: &Call, params: &BTreeMap<String, Value>) {
        let operations: Vec<&Operation> = match call {
            Call::Operation(id) => self.names.operations.get(id).into_iter().collect(),
            Call::EachOperation => {
                self.each_operation.iter().flatten().filter_map(|id| self.names.operations.get(id)).collect()
            }
            Call::Raw { .. } => {
                if let Some(name) = params.keys().next() {
                    let at = self.document.at_key(&format!("{pointer}/params/{}", escape(name)));
                    self.report(
                        Diagnostic::new(at, "path parameters are not allowed with `request`")
                            .help("write the value into the path"),
                    );
                }
                return;
            }
        };
        for name in params.keys() {
            let known: BTreeSet<&str> =
                operations.iter().flat_map(|operation| operation.path_parameters()).collect();
            if !operations.is_empty() && !known.contains(name.as_str()) {
                let at = self.document.at_key(&format!("{pointer}/params/{}", escape(name)));
                self.report(
                    Diagnostic::new(at, format!("the path of the operation has no parameter `{name}`"))
                        .suggest(name, known),
                );
            }
        }
        if self.names.unsure.contains(&Named::Operation) || self.names.unsure.contains(&Named::Supply) {
            return;
        }
        let missing: BTreeSet<&str> = operations
            .iter()
            .filter(|operation| !operation.is_foreign)
            .flat_map(|operation| operation.path_parameters())
            .filter(|name| !params.contains_key(*name) && !self.names.supplied.contains(*name))
            .collect();
        for name in missing {
            let at = self.document.at(pointer);
            self.report(
                Diagnostic::new(at, format!("the path parameter `{name}` has no value"))
                    .help(format!("add `params: {{ {name}: … }}`, or `supply.params.{name}` to suite.yaml")),
            );
        }
    }

    fn expect(&mut self, pointer: &str, file: ExpectFile) -> Expect {
        let schema = file.schema.and_then(|name| {
            let schemas = self.names.schemas?;
            let schema = schemas.named(&name);
            if schema.is_none() {
                self.report_unknown(&format!("{pointer}/schema"), Named::Schema, &name, schemas.names());
            }
            schema
        });
        let document = self.document;
        for (index, path) in file.absent.iter().enumerate() {
            self.json_path(path, || document.at(&format!("{pointer}/absent/{index}")));
        }
        Expect {
            status: file.status.map(|status| statuses(&status)),
            schema,
            headers: self.matchers(&format!("{pointer}/headers"), file.headers, false),
            values: self.matchers(&format!("{pointer}/where"), file.r#where, true),
            absent: file.absent,
        }
    }

    fn matchers(
        &mut self,
        pointer: &str,
        files: BTreeMap<String, MatcherFile>,
        are_paths: bool,
    ) -> Arc<[Expectation]> {
        if files.is_empty() {
            return Arc::default();
        }
        let (mapping, source): (Arc<str>, _) = (pointer.into(), self.document.source());
        files
            .into_iter()
            .filter_map(|(subject, MatcherFile(written))| {
                let subject: Arc<str> = subject.into();
                let location = source.at_member(mapping.clone(), subject.clone());
                if are_paths {
                    self.json_path(&subject, || location.clone());
                }
                let has_template = template::is_in(&written);
                let pointer = || format!("{mapping}/{}", escape(&subject));
                if has_template {
                    self.templates(&pointer(), &written);
                }
                match Matcher::read(written) {
                    Ok(matcher) => {
                        let is_template = has_template || template::is_template(&subject);
                        Some(Expectation { subject, matcher, location, is_template })
                    }
                    Err(error) => {
                        let at = source.at(pointer());
                        self.report(Diagnostic::new(at, error));
                        None
                    }
                }
            })
            .collect()
    }

    fn captures(
        &mut self,
        pointer: &str,
        files: BTreeMap<String, CaptureFile>,
        all: &mut Vec<(String, String)>,
    ) -> Vec<Capture> {
        let captures: Vec<Capture> = files
            .into_iter()
            .map(|(name, file)| match file {
                CaptureFile::Path(path) => Capture { name, path, secret: false },
                CaptureFile::Full(full) => Capture { name, path: full.path, secret: full.secret },
            })
            .collect();
        let document = self.document;
        for capture in &captures {
            let pointer = format!("{pointer}/{}", escape(&capture.name));
            self.json_path(&capture.path, || document.at(&pointer));
            if capture.name == "run" || self.each_name(&capture.name) {
                let at = self.document.at_key(&pointer);
                self.report(
                    Diagnostic::new(at, format!("the name `{}` is already in use", capture.name))
                        .help("give the capture another name"),
                );
            }
        }
        for capture in &captures {
            self.scope.insert(capture.name.clone());
            all.push((format!("{pointer}/{}", escape(&capture.name)), capture.name.clone()));
        }
        captures
    }

    fn each_name(&self, name: &str) -> bool {
        (name == "operation" && self.each_operation.is_some())
            || (name == "credential" && self.each_credential)
    }

    fn undo(&mut self, pointer: &str, file: UndoFile) -> Step {
        let step = StepFile {
            name: Some(format!("undo {}", file.operation)),
            operation: Some(file.operation),
            params: file.params,
            body: file.body,
            ..StepFile::default()
        };
        self.step(pointer, step, false, &mut Vec::new())
    }

    fn until(&mut self, pointer: &str, file: UntilFile) -> Until {
        if file.status.is_none() && file.r#where.is_empty() {
            let at = self.document.at_key(pointer);
            self.report(Diagnostic::new(at, "`until` has no condition").help("add `status:` or `where:`"));
        }
        Until {
            status: file.status.map(|status| statuses(&status)),
            values: self.matchers(&format!("{pointer}/where"), file.r#where, true),
            every: self.duration(
                &format!("{pointer}/every"),
                file.every.as_deref(),
                Duration::from_millis(250),
            ),
            limit: self.duration(&format!("{pointer}/limit"), file.limit.as_deref(), Duration::from_secs(10)),
        }
    }

    fn duration(&mut self, pointer: &str, written: Option<&str>, default: Duration) -> Duration {
        let Some(written) = written else { return default };
        humantime::parse_duration(written).unwrap_or_else(|_| {
            let at = self.document.at(pointer);
            self.report(
                Diagnostic::new(at, format!("`{written}` is not a duration"))
                    .help("write it as `250ms`, `10s` or `1m`"),
            );
            default
        })
    }

    fn pages(&mut self, pointer: &str, file: PagesFile) -> Pages {
        let document = self.document;
        self.json_path(&file.cursor, || document.at(&format!("{pointer}/cursor")));
        self.json_path(&file.items, || document.at(&format!("{pointer}/items")));
        Pages { cursor: file.cursor, items: file.items, parameter: file.parameter, at_most: file.at_most }
    }

    // --- strings ---

    /// A JSONPath, which may be a template.
    fn json_path(&mut self, path: &str, at: impl Fn() -> Location) {
        let checked = if template::is_template(path) {
            // What stands for an expression may be a number or a word. Where the path goes wrong, it is another one.
            json_path::check(&template::with_placeholders(path, "1"))
                .or_else(|_| json_path::check(&template::with_placeholders(path, "x")))
                .map_err(|mistake| (None, mistake))
        } else {
            json_path::check(path).map_err(|mistake| (Some(mistake.column(path)), mistake))
        };
        if let Err((column, mistake)) = checked {
            let place = column.map_or(String::new(), |column| format!(" at its character {column}"));
            let at = if column.is_some() { at().within(path, mistake.at) } else { at() };
            let message = format!("`{path}` is not a JSONPath{place}: {}", mistake.message);
            self.report(Diagnostic::new(at, message).help(mistake.help));
        }
        self.template_at(at, path);
    }

    fn templates(&mut self, pointer: &str, value: &Value) {
        match value {
            Value::String(source) => self.template(pointer, source),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.templates(&format!("{pointer}/{index}"), item);
                }
            }
            Value::Object(members) => {
                for (key, member) in members {
                    self.templates(&format!("{pointer}/{}", escape(key)), member);
                }
            }
            _ => {}
        }
    }

    /// A header that can be sent (RFC 9110 §5.1, §5.5).
    fn header(&mut self, pointer: &str, name: &str, value: &str) {
        if name.parse::<axum::http::HeaderName>().is_err() {
            let at = self.document.at_key(pointer);
            self.report(
                Diagnostic::new(at, format!("`{name}` is not a header name"))
                    .help("header names consist of letters, digits and `-`"),
            );
        }
        if value.parse::<axum::http::HeaderValue>().is_err() {
            let at = self.document.at(pointer);
            self.report(Diagnostic::new(at, "this is not a valid header value").help("remove line breaks"));
        }
        self.template(pointer, value);
    }

    fn template(&mut self, pointer: &str, source: &str) {
        let document = self.document;
        self.template_at(|| document.at(pointer), source);
    }

    fn template_at(&mut self, at: impl Fn() -> Location, source: &str) {
        let names = match template::names(source) {
            Ok(names) => names,
            Err(error) => {
                let diagnostic = Diagnostic::new(at(), error).help("an expression is written `{{ name }}`");
                return self.report(diagnostic);
            }
        };
        for name in names {
            let root = name.split('.').next().unwrap_or(&name).to_owned();
            if self.scope.contains(&root) {
                self.used.insert(root);
            } else if !ALWAYS_IN_SCOPE.contains(&name.as_str()) {
                let known: Vec<&str> = self.scope.iter().map(String::as_str).chain(ALWAYS_IN_SCOPE).collect();
                let what = if root == "run" { "a run has no" } else { "no step before this one captures" };
                self.diagnostics
                    .push(Diagnostic::new(at(), format!("{what} `{name}`")).suggest(&name, known));
            }
        }
    }

    // --- reports ---

    fn unused(&mut self, captures: &[(String, String)]) {
        for (pointer, name) in captures {
            if !self.used.contains(name) {
                let at = self.document.at_key(pointer);
                self.report(
                    Diagnostic::new(at, format!("the capture `{name}` is never used"))
                        .help(format!("use it as `{{{{ {name} }}}}`, or remove it")),
                );
            }
        }
    }

    fn exclusive(&mut self, pointer: &str, a: &str, has_a: bool, b: &str, has_b: bool) {
        if has_a && has_b {
            let at = self.document.at_key(&format!("{pointer}/{b}"));
            self.report(
                Diagnostic::new(at, format!("`{a}` and `{b}` cannot be combined")).help("remove one of them"),
            );
        }
    }

    /// What the operation of a step does not know, where the suite's own contract speaks of it.
    fn unknown(&mut self, pointer: &str, call: &Call, file: &StepFile) {
        let Call::Operation(id) = call else { return };
        let own = self.names.operations.get(id).filter(|operation| !operation.is_described_elsewhere());
        let (Some(operation), Some(schemas)) = (own, self.names.schemas) else { return };
        let found = unknown(operation, schemas, file.query.keys(), file.body.as_ref());
        for Unknown { pointer: below, what, name, known } in found {
            let at = self.document.at_key(&format!("{pointer}{below}"));
            let message = format!("`{id}` has no {what} `{name}`");
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let help = match closest(&name, &known) {
                Some(near) => format!("did you mean `{near}`? If not, add `unknown: true` to the step"),
                None => "correct it, or add `unknown: true` to the step if it is meant".to_owned(),
            };
            self.report(Diagnostic::new(at, message).help(help));
        }
    }

    fn report_unknown<'n>(
        &mut self,
        pointer: &str,
        what: Named,
        word: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        if !self.names.unsure.contains(&what) {
            let at = self.document.at(pointer);
            self.report(Diagnostic::new(at, format!("there is no {what} `{word}`")).suggest(word, known));
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

fn is_axis(source: &str, axis: &str) -> bool {
    template::is_template(source) && source.trim_matches(['{', '}', ' ']) == axis
}

fn statuses(file: &StatusFile) -> StatusSet {
    StatusSet(match file {
        StatusFile::Code(code) => vec![StatusRange::Code(*code)],
        StatusFile::Class(class) => class[..1].parse().map(StatusRange::Class).into_iter().collect(),
        StatusFile::Any(any) => any.iter().flat_map(|file| statuses(file).0).collect(),
    })
}
