//! JWKS: where the keys are published that verify a project's JSON Web Tokens (RFC 7517 §5).

use jiff::Timestamp;

use super::Project;
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;
use crate::mock::model::jwks::{Jwks, NewJwks};

impl Project {
    /// One more. No two are of one URL and branch.
    pub(in crate::mock) fn add_jwks(
        &mut self,
        new: NewJwks,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<&Jwks, ApiError> {
        if let Some(branch) = &new.branch {
            self.branch(branch)?;
        }
        if self.jwks.iter().any(|other| other.of.url == new.url && other.of.branch == new.branch) {
            return Err(ApiError::exists("JWKS URL", &new.url));
        }
        self.jwks.push(Jwks { id: ids.uuid().to_string(), created_at: now, of: new });
        self.jwks.last().ok_or_else(ApiError::internal)
    }

    /// Takes one out.
    pub(in crate::mock) fn remove_jwks(&mut self, id: &str) -> Result<Jwks, ApiError> {
        let index = self.jwks.iter().position(|jwks| jwks.id == id);
        index.map(|index| self.jwks.remove(index)).ok_or_else(|| ApiError::not_found("JWKS", id))
    }
}
