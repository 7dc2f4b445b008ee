//! The file format of `endpoint.yaml`: the parts of the API that an endpoint implements.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operation_pattern::OperationPattern;

/// The declaration of an endpoint. It must implement every operation that is not declared absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "neon-contract endpoint")]
pub struct EndpointFile {
    /// The profiles that it implements (see `profiles` in `specs/suite.yaml`). Default: all profiles.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub profiles: Option<Vec<String>>,
    /// The operations that it lacks: an ID, a glob over IDs or paths, `tag:NAME` or `contract:NAME`.
    #[serde(default)]
    pub absent: Vec<OperationPattern>,
}
