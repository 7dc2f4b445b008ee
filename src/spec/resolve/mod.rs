//! From what an author wrote to what it means: names are looked up, paths, templates and matchers are checked.

mod expect;
mod matrix;
mod step;
mod strings;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::case::{Case, SnapshotRule, Step};
use super::case_file::{CaseFile, StepFile};
use super::contract::{Operation, OperationId};
use super::credential::Credential;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::Document;
use super::requirement::{Level, Requirement, RequirementId};
use super::schema::Schemas;
use super::structure::schema_of;
use crate::spec::pointer::escape;

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
        let shape = schema_of::<StepFile>();
        let members = shape.get("properties").and_then(Value::as_object);
        let step_keys = members.into_iter().flatten().map(|(key, _)| key);
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
