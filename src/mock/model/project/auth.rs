//! Neon Auth on the branches of a project.

use jiff::Timestamp;

use super::Project;
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;
use crate::mock::model::auth::{Auth, AuthData, Integration, Provider};
use crate::mock::model::branch::Branch;

/// What is missing where Neon Auth is not enabled.
const INTEGRATION: &str = "Neon Auth integration of branch";

impl Project {
    /// The integration of a branch, with its data.
    pub(in crate::mock) fn auth(&self, branch: &str) -> Result<(&Integration, &AuthData), ApiError> {
        let Auth { integration, data } =
            self.branch(branch)?.auth.as_deref().ok_or_else(|| ApiError::not_found(INTEGRATION, branch))?;
        let integration = integration.as_ref().ok_or_else(|| ApiError::not_found(INTEGRATION, branch))?;
        Ok((integration, data))
    }

    /// The same, to be changed.
    pub(in crate::mock) fn auth_mut(
        &mut self,
        branch: &str,
    ) -> Result<(&mut Integration, &mut AuthData), ApiError> {
        let auth = self.branch_mut(branch)?.auth.as_deref_mut();
        let Auth { integration, data } = auth.ok_or_else(|| ApiError::not_found(INTEGRATION, branch))?;
        let integration = integration.as_mut().ok_or_else(|| ApiError::not_found(INTEGRATION, branch))?;
        Ok((integration, data))
    }

    /// Connects a branch to a provider. Data that an earlier integration has left in the database are there again.
    pub(in crate::mock) fn enable_auth(
        &mut self,
        branch: &str,
        provider: Provider,
        database: Option<String>,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let of: &Branch = self.branch(branch)?;
        let database = if let Some(name) = database {
            of.database(&name)?.name.clone()
        } else {
            let first = of.databases.first();
            first.ok_or_else(|| ApiError::unprocessable("the branch has no database"))?.name.clone()
        };
        if self.auth(branch).is_ok() {
            return Err(ApiError::exists(INTEGRATION, branch));
        }
        self.must_be_idle(branch)?;
        let branch = self.branch_mut(branch)?;
        let left = branch.auth.take().map(|auth| auth.data).filter(|data| data.database == database);
        let data = left.unwrap_or_else(|| AuthData::new(database));
        let integration = Some(Integration::new(provider, ids, now));
        branch.auth = Some(Box::new(Auth { integration, data }));
        Ok(())
    }

    /// Ends the integration of a branch; its data stay in the database, unless they are to go.
    pub(in crate::mock) fn disable_auth(&mut self, branch: &str, with_data: bool) -> Result<(), ApiError> {
        self.auth(branch)?;
        self.must_be_idle(branch)?;
        let auth = &mut self.branch_mut(branch)?.auth;
        match auth {
            Some(auth) if !with_data => auth.integration = None,
            auth => *auth = None,
        }
        Ok(())
    }
}
