//! Functions of a branch. Their code is not kept, and does not run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A function.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Function {
    pub(in crate::mock) id: String,
    pub(in crate::mock) slug: String,
    /// The slug, where it has none.
    pub(in crate::mock) name: Option<String>,
    pub(in crate::mock) created_at: Timestamp,
    /// It comes from an ancestor of the branch.
    pub(in crate::mock) is_inherited: bool,
    /// How many deployments there have been.
    pub(in crate::mock) deployments: i64,
    pub(in crate::mock) active: Deployment,
}

/// What a function runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Deployment {
    pub(in crate::mock) id: i64,
    pub(in crate::mock) runtime: String,
    /// The names of its variables.
    pub(in crate::mock) environment: Vec<String>,
    pub(in crate::mock) created_at: Timestamp,
}

/// What is said of a new deployment.
#[derive(Debug, Clone, Default)]
pub(in crate::mock) struct NewDeployment {
    pub(in crate::mock) has_code: bool,
    pub(in crate::mock) runtime: Option<String>,
    /// The variables with their values; an empty one removes a variable.
    pub(in crate::mock) environment: Option<Vec<(String, String)>>,
}
