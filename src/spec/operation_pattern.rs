//! Words that select operations: what profiles, and declarations of what an endpoint lacks, are written in.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contract::Operation;

/// Selects operations: by `operationId` or a glob over them (`*Snapshot*`), by a tag of the contract (`tag:Branch`), by
/// contract (`contract:v1`), or by a glob over paths (`/api/v2/organizations/**`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OperationPattern(#[schemars(length(min = 1))] pub String);

impl OperationPattern {
    /// The operations it selects.
    ///
    /// # Errors
    /// Why it is no pattern.
    pub fn select<'o>(
        &self,
        operations: impl IntoIterator<Item = &'o Operation>,
    ) -> Result<Vec<&'o Operation>, String> {
        let matcher = self.matcher()?;
        Ok(operations.into_iter().filter(|operation| matcher.matches(operation)).collect())
    }

    fn matcher(&self) -> Result<Matcher<'_>, String> {
        if let Some(tag) = self.0.strip_prefix("tag:") {
            return Ok(Matcher::Tag(tag));
        }
        if let Some(contract) = self.0.strip_prefix("contract:") {
            return Ok(Matcher::Contract(contract));
        }
        let glob = GlobBuilder::new(&self.0).literal_separator(true).backslash_escape(false).build();
        let glob =
            glob.map_err(|error| format!("`{self}` is not a pattern: {}", error.kind()))?.compile_matcher();
        Ok(if self.0.starts_with('/') { Matcher::Path(glob) } else { Matcher::Id(glob) })
    }
}

impl fmt::Display for OperationPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

enum Matcher<'p> {
    Tag(&'p str),
    Contract(&'p str),
    Path(GlobMatcher),
    Id(GlobMatcher),
}

impl Matcher<'_> {
    fn matches(&self, operation: &Operation) -> bool {
        match self {
            Self::Tag(tag) => operation.tags.iter().any(|own| own.eq_ignore_ascii_case(tag)),
            Self::Contract(contract) => operation.contract == *contract,
            // A path parameter is one segment: braces in the contract's path are no alternatives of the pattern.
            Self::Path(glob) => glob.is_match(&operation.path),
            Self::Id(glob) => glob.is_match(&operation.id.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::spec::contract::OperationId;

    fn operation(id: &str, path: &str, tag: &str) -> Operation {
        Operation {
            id: OperationId(id.to_owned()),
            contract: path.split('/').nth(2).unwrap_or_default().to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            tags: vec![tag.to_owned()],
            parameters: Vec::new(),
            body_required: false,
            contents: std::collections::BTreeMap::new(),
            body: None,
            responses: Vec::new(),
            own_responses: Vec::new(),
            mirrors: None,
            pointer: String::new(),
            is_deprecated: false,
            is_foreign: false,
        }
    }

    #[rstest]
    #[case::an_id("listSnapshots", &["listSnapshots"])]
    #[case::a_glob("*Snapshot*", &["listSnapshots", "createSnapshot"])]
    #[case::a_tag("tag:snapshot", &["listSnapshots", "createSnapshot"])]
    #[case::a_contract("contract:v1", &["v1ListProjects"])]
    #[case::a_path("/api/v2/projects/*/snapshot", &["createSnapshot"])]
    #[case::a_path_and_below("/api/v2/**", &["listSnapshots", "createSnapshot"])]
    #[case::nothing("listsnapshots", &[])]
    fn operations_are_selected(#[case] pattern: &str, #[case] expected: &[&str]) {
        let operations = [
            operation("listSnapshots", "/api/v2/projects/{project_id}/snapshots", "Snapshot"),
            operation("createSnapshot", "/api/v2/projects/{project_id}/snapshot", "Snapshot"),
            operation("v1ListProjects", "/api/v1/projects", "Project"),
        ];
        let selected = OperationPattern(pattern.to_owned()).select(&operations).expect("it is a pattern");
        assert_eq!(selected.iter().map(|operation| operation.id.0.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_no_glob_is_an_error() {
        assert!(OperationPattern("list[".to_owned()).select([]).unwrap_err().contains("`list[`"));
    }
}
