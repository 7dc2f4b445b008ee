//! The Data API of a branch's databases.

use serde_json::{Map, Value};

use super::Project;
use crate::mock::error::ApiError;
use crate::mock::model::endpoint::ComputeType;
use crate::mock::model::services::DataApi;

impl Project {
    /// The Data API of a database.
    pub(in crate::mock) fn data_api(&self, branch: &str, database: &str) -> Result<&DataApi, ApiError> {
        let branch = self.branch(branch)?;
        let number = branch.database(database)?.id;
        let api = branch.services().data_apis.iter().find(|api| api.database == number);
        api.ok_or_else(|| ApiError::not_found("Data API of database", database))
    }

    /// Sets one up, at the endpoint of the branch that writes.
    pub(in crate::mock) fn create_data_api(
        &mut self,
        branch: &str,
        database: &str,
        settings: Map<String, Value>,
    ) -> Result<&DataApi, ApiError> {
        let number = self.branch(branch)?.database(database)?.id;
        if self.data_api(branch, database).is_ok() {
            return Err(ApiError::exists("Data API of database", database));
        }
        let endpoint = self
            .endpoints_of(branch)
            .find(|endpoint| endpoint.compute.kind == ComputeType::ReadWrite)
            .map(|endpoint| endpoint.id.clone());
        let Some(endpoint) = endpoint else {
            return Err(ApiError::unprocessable("the branch has no read_write endpoint"));
        };
        let apis = &mut self.branch_mut(branch)?.services_mut().data_apis;
        // Of a database that is gone, nothing stays.
        apis.retain(|api| api.database != number);
        apis.push(DataApi { database: number, endpoint, settings });
        self.data_api(branch, database)
    }

    /// The Data API of a database, to be changed.
    pub(in crate::mock) fn data_api_mut(
        &mut self,
        branch: &str,
        database: &str,
    ) -> Result<&mut DataApi, ApiError> {
        let number = self.data_api(branch, database)?.database;
        let apis = &mut self.branch_mut(branch)?.services_mut().data_apis;
        let api = apis.iter_mut().find(|api| api.database == number);
        api.ok_or_else(|| ApiError::not_found("Data API of database", database))
    }

    /// Takes one out.
    pub(in crate::mock) fn remove_data_api(&mut self, branch: &str, database: &str) -> Result<(), ApiError> {
        let number = self.data_api(branch, database)?.database;
        self.branch_mut(branch)?.services_mut().data_apis.retain(|api| api.database != number);
        Ok(())
    }
}
