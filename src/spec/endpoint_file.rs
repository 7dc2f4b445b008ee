//! The file format of `endpoint.yaml`: what an endpoint is, where it is less than the whole API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operation_pattern::OperationPattern;

/// What an endpoint is. What it is not said to lack is demanded of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "neon-contract endpoint")]
pub struct EndpointFile {
    /// The profiles that it has (see `profiles` in `specs/suite.yaml`); all, where this is left out.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub profiles: Option<Vec<String>>,
    /// Operations that it lacks: by id or a glob over ids, by `tag:NAME`, by `contract:NAME`, by a glob over paths.
    #[serde(default)]
    pub absent: Vec<OperationPattern>,
}
