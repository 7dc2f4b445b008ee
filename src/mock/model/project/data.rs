//! Real data behind the branches of a project.

use super::Project;
use crate::mock::error::ApiError;
use crate::mock::model::data::{RESERVED_DATABASES, RESERVED_ROLES, must_be_a_name};
use crate::postgres::Change;
use crate::sync::lock;

impl Project {
    /// Something is done to the data of a branch, where there are any.
    pub(in crate::mock::model) fn note(&self, change: impl FnOnce() -> Change) {
        if let Some(data) = &self.data {
            lock(&data.changes).push(change());
        }
    }

    /// The data of one are copied to another.
    pub(in crate::mock::model) fn note_copy(&self, from: &str, to: &str) {
        self.note(|| Change::Copy { from: from.to_owned(), to: to.to_owned() });
    }

    /// Refuses what real data cannot do.
    pub(in crate::mock) fn only_without_data(&self, is_asked: bool, what: &str) -> Result<(), ApiError> {
        if self.data.is_none() || !is_asked {
            return Ok(());
        }
        let message =
            format!("{what} is not possible with --postgres: the mock keeps the data of this moment only");
        Err(ApiError::unprocessable(message))
    }

    /// Whether a role can be called so.
    pub(in crate::mock) fn must_be_a_role(&self, name: &str) -> Result<(), ApiError> {
        self.must_be_a_name("role", name, RESERVED_ROLES.contains(&name) || name.starts_with("pg_"))
    }

    /// Whether a database can be called so.
    pub(in crate::mock) fn must_be_a_database(&self, name: &str) -> Result<(), ApiError> {
        self.must_be_a_name("database", name, RESERVED_DATABASES.contains(&name))
    }

    pub(super) fn must_be_a_name(&self, what: &str, name: &str, is_reserved: bool) -> Result<(), ApiError> {
        must_be_a_name(self.data.as_deref(), what, name, is_reserved)
    }
}
