//! The schema of a database, and how it differs from that of another branch: only real data have one.

use axum::http::request::Parts;
use serde_json::json;
use similar::TextDiff;

use super::error::ApiError;
use super::handlers::{Answer, Call, Reply};
use super::model::Caller;
use super::router::{self, Params};
use super::service::{Service, form_urlencoded};
use crate::postgres::Postgres;

/// The parameters that name an earlier moment.
const EARLIER: [&str; 4] = ["lsn", "timestamp", "base_lsn", "base_timestamp"];

impl Service {
    /// What a request for a schema gets from real data; `None` where it is no such request, or there are none.
    pub(super) async fn schema(&self, caller: Caller, parts: &Parts) -> Option<Answer> {
        let postgres = self.real.postgres()?;
        let (route, params) = router::find(&parts.method, parts.uri.path()).ok()?;
        let is_compared = match route.operation() {
            "getProjectBranchSchema" => false,
            "getProjectBranchSchemaComparison" => true,
            _ => return None,
        };
        Some(self.read_schema(postgres, caller, params, parts, is_compared).await)
    }

    async fn read_schema(
        &self,
        postgres: &Postgres,
        caller: Caller,
        params: Params,
        parts: &Parts,
        is_compared: bool,
    ) -> Answer {
        let query = form_urlencoded(parts.uri.query().unwrap_or_default());
        let call = Call { caller, params, query, body: Vec::new().into(), now: self.now() };
        let database = call.required("db_name")?;
        call.choice("format", &["sql"])?;
        let (branch, base) = self.branches_of(&call, database, is_compared)?;
        let schema = dump(postgres, &branch, database).await?;
        let Some(base) = base else { return Ok(Reply::ok(json!({ "sql": schema }))) };
        let before = dump(postgres, &base, database).await?;
        let difference = TextDiff::from_lines(&before, &schema);
        let (old, new) = (format!("a/{database}"), format!("b/{database}"));
        let shown = difference.unified_diff().header(&old, &new).to_string();
        Ok(Reply::ok(json!({ "diff": shown })))
    }

    /// The branch, and the one that it is compared with; both have the database.
    fn branches_of(
        &self,
        call: &Call<'_>,
        database: &str,
        is_compared: bool,
    ) -> Result<(String, Option<String>), ApiError> {
        let state = self.state();
        let id = call.param("project_id");
        let account = state.account_at(state.account_of(call.caller, id)?);
        let project = account.projects.get(id).ok_or_else(|| ApiError::not_found("project", id))?;
        let is_earlier = EARLIER.iter().any(|name| call.query.contains_key(*name));
        project.only_without_data(is_earlier, "the schema of an earlier moment")?;
        let branch = project.branch(call.param("branch_id"))?;
        branch.database(database)?;
        if !is_compared {
            return Ok((branch.id.clone(), None));
        }
        let parent = branch.parent.as_ref().map(|parent| &parent.id);
        let base = call.query.get("base_branch_id").or(parent);
        let base = base.ok_or_else(|| ApiError::parameter("base_branch_id", "the branch has no parent"))?;
        let base = project.branch(base)?;
        base.database(database)?;
        Ok((branch.id.clone(), Some(base.id.clone())))
    }
}

async fn dump(postgres: &Postgres, branch: &str, database: &str) -> Result<String, ApiError> {
    let dumped = postgres.schema(branch, database).await;
    dumped.map_err(|failure| ApiError::not_done(&failure.message))
}
