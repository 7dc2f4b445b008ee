//! Branches, with the roles and databases on them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::auth::Auth;
use super::services::Services;
use crate::mock::error::ApiError;

/// A branch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Branch {
    pub(in crate::mock) id: String,
    pub(in crate::mock) name: String,
    pub(in crate::mock) parent: Option<Parent>,
    pub(in crate::mock) is_default: bool,
    pub(in crate::mock) protected: bool,
    pub(in crate::mock) init_source: Option<String>,
    pub(in crate::mock) restored: Option<Restoration>,
    pub(in crate::mock) is_ready: bool,
    pub(in crate::mock) state_changed_at: Timestamp,
    pub(in crate::mock) expires_at: Option<Timestamp>,
    pub(in crate::mock) last_reset_at: Option<Timestamp>,
    pub(in crate::mock) annotation: Map<String, Value>,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) updated_at: Timestamp,
    pub(in crate::mock) removed_at: Option<Timestamp>,
    pub(in crate::mock) roles: Vec<Role>,
    pub(in crate::mock) databases: Vec<Database>,
    /// None, where it was never enabled, or its data are gone.
    #[serde(default)]
    pub(in crate::mock) auth: Option<Box<Auth>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) services: Option<Box<Services>>,
}

/// Where a branch came from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Parent {
    pub(in crate::mock) id: String,
    /// The moment of the parent's that it began with.
    pub(in crate::mock) timestamp: Timestamp,
}

/// That a branch was made from a snapshot.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Restoration {
    pub(in crate::mock) snapshot: String,
    /// The branch that it is to stand for.
    pub(in crate::mock) target: String,
    /// Whether it has taken that one's place.
    pub(in crate::mock) is_final: bool,
}

/// What a client may say of a new branch.
#[derive(Debug, Clone, Default)]
pub(in crate::mock) struct NewBranch {
    pub(in crate::mock) name: Option<String>,
    pub(in crate::mock) parent_id: Option<String>,
    pub(in crate::mock) parent_timestamp: Option<Timestamp>,
    pub(in crate::mock) protected: bool,
    pub(in crate::mock) init_source: Option<String>,
    pub(in crate::mock) expires_at: Option<Timestamp>,
    pub(in crate::mock) annotation: Map<String, Value>,
}

/// A Postgres role.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Role {
    /// Its number, as v1 shows it.
    pub(in crate::mock) id: i64,
    pub(in crate::mock) name: String,
    /// None, where it cannot log in.
    pub(in crate::mock) password: Option<String>,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) updated_at: Timestamp,
}

/// A Postgres database.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Database {
    pub(in crate::mock) id: i64,
    pub(in crate::mock) name: String,
    pub(in crate::mock) owner_name: String,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) updated_at: Timestamp,
}

impl Branch {
    pub(super) fn new(id: String, name: String, now: Timestamp) -> Self {
        Self {
            id,
            name,
            parent: None,
            is_default: false,
            protected: false,
            init_source: None,
            restored: None,
            is_ready: false,
            state_changed_at: now,
            expires_at: None,
            last_reset_at: None,
            annotation: Map::new(),
            created_at: now,
            updated_at: now,
            removed_at: None,
            roles: Vec::new(),
            databases: Vec::new(),
            auth: None,
            services: None,
        }
    }

    /// What is set up for it.
    pub(in crate::mock) fn services(&self) -> &Services {
        self.services.as_deref().unwrap_or(Services::nothing())
    }

    /// What is set up for it, to be changed.
    pub(in crate::mock) fn services_mut(&mut self) -> &mut Services {
        self.services.get_or_insert_default()
    }

    pub(in crate::mock) fn role(&self, name: &str) -> Result<&Role, ApiError> {
        self.roles.iter().find(|role| role.name == name).ok_or_else(|| ApiError::not_found("role", name))
    }

    pub(in crate::mock) fn role_mut(&mut self, name: &str) -> Result<&mut Role, ApiError> {
        let role = self.roles.iter_mut().find(|role| role.name == name);
        role.ok_or_else(|| ApiError::not_found("role", name))
    }

    pub(in crate::mock) fn database(&self, name: &str) -> Result<&Database, ApiError> {
        let database = self.databases.iter().find(|database| database.name == name);
        database.ok_or_else(|| ApiError::not_found("database", name))
    }

    /// A role that no other on the branch is called like.
    pub(in crate::mock) fn add_role(&mut self, role: Role) -> Result<(), ApiError> {
        if self.roles.iter().any(|other| other.name == role.name) {
            return Err(ApiError::exists("role", &role.name));
        }
        self.roles.push(role);
        Ok(())
    }

    /// A database with an owner on the branch, that no other is called like.
    pub(in crate::mock) fn add_database(&mut self, database: Database) -> Result<(), ApiError> {
        self.role(&database.owner_name)?;
        if self.databases.iter().any(|other| other.name == database.name) {
            return Err(ApiError::exists("database", &database.name));
        }
        self.databases.push(database);
        Ok(())
    }

    /// Another name or owner for a database; its new state.
    pub(in crate::mock) fn change_database(
        &mut self,
        name: &str,
        new_name: Option<String>,
        owner: Option<String>,
        now: Timestamp,
    ) -> Result<Database, ApiError> {
        self.database(name)?;
        if let Some(owner) = &owner {
            self.role(owner)?;
        }
        if let Some(new_name) = new_name.as_ref().filter(|new_name| *new_name != name)
            && self.database(new_name).is_ok()
        {
            return Err(ApiError::exists("database", new_name));
        }
        let database = self.databases.iter_mut().find(|database| database.name == name);
        let database = database.ok_or_else(|| ApiError::not_found("database", name))?;
        database.owner_name = owner.unwrap_or_else(|| database.owner_name.clone());
        database.name = new_name.unwrap_or_else(|| database.name.clone());
        database.updated_at = now.max(database.created_at);
        let database = database.clone();
        if let Some(auth) = self.auth.as_mut().filter(|auth| auth.data.database == name) {
            auth.data.database.clone_from(&database.name);
        }
        Ok(database)
    }

    /// A role that owns a database stays.
    pub(in crate::mock) fn remove_role(&mut self, name: &str) -> Result<Option<Role>, ApiError> {
        if let Some(database) = self.databases.iter().find(|database| database.owner_name == name) {
            let message =
                format!("the role {name} owns the database {}: remove or change it first", database.name);
            return Err(ApiError::unprocessable(message));
        }
        let index = self.roles.iter().position(|role| role.name == name);
        Ok(index.map(|index| self.roles.remove(index)))
    }

    /// What Neon Auth keeps goes with the database that it is in.
    pub(in crate::mock) fn remove_database(&mut self, name: &str) -> Option<Database> {
        let index = self.databases.iter().position(|database| database.name == name)?;
        self.auth.take_if(|auth| auth.data.database == name);
        Some(self.databases.remove(index))
    }
}
