//! The people who have an account where Neon Auth works.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::data::AuthData;
use crate::mock::error::ApiError;

/// One of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct AuthUser {
    pub(in crate::mock) id: String,
    pub(in crate::mock) email: String,
    pub(in crate::mock) name: Option<String>,
    pub(in crate::mock) roles: Vec<String>,
    pub(in crate::mock) created_at: Timestamp,
}

impl AuthData {
    /// Somebody more. No two have one address, in whatever case.
    pub(in crate::mock) fn add_user(&mut self, user: AuthUser) -> Result<(), ApiError> {
        if self.users.iter().any(|other| other.email.eq_ignore_ascii_case(&user.email)) {
            return Err(ApiError::exists("user", &user.email));
        }
        self.users.push(user);
        Ok(())
    }

    /// What somebody may do from now on.
    pub(in crate::mock) fn set_roles(&mut self, id: &str, roles: Vec<String>) -> Result<(), ApiError> {
        let user = self.users.iter_mut().find(|user| user.id == id);
        user.ok_or_else(|| ApiError::not_found("user", id))?.roles = roles;
        Ok(())
    }

    /// Takes somebody out.
    pub(in crate::mock) fn remove_user(&mut self, id: &str) -> Result<(), ApiError> {
        let index = self.users.iter().position(|user| user.id == id);
        self.users.remove(index.ok_or_else(|| ApiError::not_found("user", id))?);
        Ok(())
    }
}
