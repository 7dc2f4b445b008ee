//! A step: what is sent, by whom, and what is done about it afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::expect::statuses;
use super::{Named, Resolver};
use crate::spec::case::{Body, Call, CredentialRef, Pages, Step, Until};
use crate::spec::case_file::{PagesFile, StepFile, UndoFile, UntilFile};
use crate::spec::contract::{Operation, OperationId};
use crate::spec::credential::Credential;
use crate::spec::diagnostic::{Diagnostic, closest};
use crate::spec::pointer::escape;
use crate::spec::suite::Work;
use crate::spec::suite_file::WorkFile;
use crate::spec::template;
use crate::spec::unknown::{Unknown, unknown};

impl Resolver<'_> {
    pub(super) fn step(
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

    pub(super) fn needs_revoked_key(&mut self, pointer: &str, credential: Credential) {
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

    pub(super) fn operation(&mut self, pointer: &str, id: &str) -> Option<OperationId> {
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

    fn pages(&mut self, pointer: &str, file: PagesFile) -> Pages {
        let document = self.document;
        self.json_path(&file.cursor, || document.at(&format!("{pointer}/cursor")));
        self.json_path(&file.items, || document.at(&format!("{pointer}/items")));
        Pages { cursor: file.cursor, items: file.items, parameter: file.parameter, at_most: file.at_most }
    }
}

fn is_axis(source: &str, axis: &str) -> bool {
    template::is_template(source) && source.trim_matches(['{', '}', ' ']) == axis
}
