//! What is set up for a branch beside its roles and databases. Most branches have nothing of it.

mod anonymization;
mod credential;
mod data_api;
mod function;
mod schedule;
mod storage;

use serde::{Deserialize, Serialize};

pub(in crate::mock) use anonymization::{Anonymization, Run};
pub(in crate::mock) use credential::{Credential, SCOPES};
pub(in crate::mock) use data_api::DataApi;
pub(in crate::mock) use function::{Deployment, Function, NewDeployment};
pub(in crate::mock) use schedule::{FREQUENCIES, Schedule};
pub(in crate::mock) use storage::Bucket;

/// All of one branch.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::mock) struct Services {
    pub(in crate::mock) data_apis: Vec<DataApi>,
    pub(in crate::mock) schedule: Schedule,
    /// `None`: there has never been a bucket, and clients are told that the feature is off. So are functions and credentials.
    pub(in crate::mock) buckets: Option<Vec<Bucket>>,
    pub(in crate::mock) functions: Option<Vec<Function>>,
    pub(in crate::mock) credentials: Option<Vec<Credential>>,
    pub(in crate::mock) anonymization: Option<Anonymization>,
}

/// What a branch has of which nothing is set up.
static NOTHING: Services = Services {
    data_apis: Vec::new(),
    schedule: Schedule::new(),
    buckets: None,
    functions: None,
    credentials: None,
    anonymization: None,
};

impl Services {
    pub(super) fn nothing() -> &'static Self {
        &NOTHING
    }

    /// What a child of the branch has of it.
    pub(super) fn inherited(&self) -> Option<Box<Self>> {
        if self.buckets.is_none() && self.functions.is_none() {
            return None;
        }
        let mut functions = self.functions.clone();
        for function in functions.iter_mut().flatten() {
            function.is_inherited = true;
        }
        Some(Box::new(Self { buckets: self.buckets.clone(), functions, ..Self::default() }))
    }
}
