//! A trial: a case with one value for each axis of its matrix.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::spec::case::{Axis, AxisValues, Call, Case, CredentialRef, Step};
use crate::spec::case_file::Effect;
use crate::spec::contract::OperationId;
use crate::spec::credential::Credential;
use crate::spec::template::Scope;
use crate::text;

/// What is run and named.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Its place in the plan.
    pub number: usize,
    /// The case's name and the variant: `authentication/refused[listProjects,revoked]`.
    pub name: Arc<str>,
    /// The case.
    pub case: Arc<Case>,
    /// Its place in the matrix.
    pub variant: Variant,
    /// The fixture account it starts from: its case's, or the one that has what it needs.
    pub account: Option<String>,
    /// What it does to an account. A revoked key is made on the way, where it is not given.
    pub effect: Effect,
    /// The operations that it must be let into: where one of them is missing, it does not apply. What it is refused everywhere
    /// is not among them, nor how a revoked key comes to be.
    pub needs: Arc<BTreeSet<OperationId>>,
}

impl Trial {
    /// The kinds of revoked keys that its steps are sent with.
    pub fn revoked(&self) -> impl Iterator<Item = Credential> {
        let credentials = self.case.steps.iter().map(|step| self.variant.credential_of(step));
        credentials.filter(|credential| credential.is_revoked())
    }

    /// Whether it was made from the contract, and stands in no file.
    #[must_use]
    pub fn is_generated(&self) -> bool {
        self.case.name.starts_with(GENERATED)
    }
}

/// What the names of cases that are made from the contract begin with.
pub(super) const GENERATED: &str = "generated/";

/// One value for each axis of a matrix.
#[derive(Debug, Clone, Default)]
pub struct Variant {
    values: Box<[AxisValue]>,
}

/// A value of an axis, which all trials of the matrix share.
#[derive(Debug, Clone)]
struct AxisValue {
    axis: Arc<Axis>,
    index: usize,
}

impl Variant {
    /// The same with the value at `index` of one more axis.
    pub(super) fn with(&self, axis: &Arc<Axis>, index: usize) -> Self {
        let values = self.values.iter().cloned().chain([AxisValue { axis: axis.clone(), index }]);
        Self { values: values.collect() }
    }

    /// The values as they stand in the trial's name.
    pub(super) fn labels(&self) -> Vec<String> {
        self.values.iter().map(|AxisValue { axis, index }| text::line(&axis.values.text(*index))).collect()
    }

    /// What templates may use.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let members = self.values.iter();
        members.map(|AxisValue { axis, index }| (axis.name.clone(), axis.values.value(*index))).collect()
    }

    /// The operation, where there is such an axis.
    #[must_use]
    pub fn operation(&self) -> Option<&OperationId> {
        self.values.iter().find_map(|value| match &value.axis.values {
            AxisValues::Operations(ids) => Some(&ids[value.index]),
            _ => None,
        })
    }

    /// The credential, where there is such an axis.
    #[must_use]
    pub fn credential(&self) -> Option<Credential> {
        self.values.iter().find_map(|value| match &value.axis.values {
            AxisValues::Credentials(credentials) => Some(credentials[value.index]),
            _ => None,
        })
    }

    /// The operation a step calls; none where the request is spelled out.
    #[must_use]
    pub fn operation_of<'a>(&'a self, step: &'a Step) -> Option<&'a OperationId> {
        match &step.call {
            Call::Operation(id) => Some(id),
            Call::EachOperation => self.operation(),
            Call::Raw { .. } => None,
        }
    }

    /// How a step is authenticated.
    #[must_use]
    pub fn credential_of(&self, step: &Step) -> Credential {
        match step.credential {
            CredentialRef::Fixed(credential) => credential,
            CredentialRef::Each => self.credential().unwrap_or(Credential::Valid),
        }
    }
}
