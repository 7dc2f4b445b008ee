//! The matrix of a case: its axes and their values.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::{Named, Resolver};
use crate::spec::case::{Axis, AxisValues};
use crate::spec::case_file::{MatrixFile, OperationSelection, OperationsFile};
use crate::spec::contract::OperationId;
use crate::spec::credential::Credential;
use crate::spec::diagnostic::Diagnostic;
use crate::spec::pointer::escape;

/// More would fill the memory before the first is sent.
const MOST_TRIALS: usize = 1_000_000;

impl Resolver<'_> {
    pub(super) fn matrix(&mut self, mut matrix: MatrixFile) -> Vec<Arc<Axis>> {
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
}
