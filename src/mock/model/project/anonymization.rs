//! Branches whose data are to be masked.

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Project;
use crate::mock::error::ApiError;
use crate::mock::model::services::{Anonymization, Run};

impl Project {
    /// How a branch is masked.
    pub(in crate::mock) fn anonymization(&self, branch: &str) -> Result<&Anonymization, ApiError> {
        let anonymization = self.branch(branch)?.services().anonymization.as_ref();
        anonymization.ok_or_else(|| ApiError::not_found("anonymized branch", branch))
    }

    /// Makes a branch one whose data are to be masked.
    pub(in crate::mock) fn set_up_anonymization(
        &mut self,
        branch: &str,
        rules: Vec<Map<String, Value>>,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        self.branch_mut(branch)?.services_mut().anonymization = Some(Anonymization::new(rules, now));
        Ok(())
    }

    /// Other rules in the place of those that there are.
    pub(in crate::mock) fn set_masking_rules(
        &mut self,
        branch: &str,
        rules: Vec<Map<String, Value>>,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let anonymization = self.anonymization_mut(branch)?;
        if anonymization.is_running() {
            return Err(ApiError::conflict("the branch is being anonymized"));
        }
        anonymization.rules = rules;
        anonymization.updated_at = now;
        Ok(())
    }

    /// Begins to apply the rules.
    pub(in crate::mock) fn anonymize(
        &mut self,
        branch: &str,
        triggered_by: Option<(Uuid, String)>,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let due = self.clock.due(now);
        let anonymization = self.anonymization_mut(branch)?;
        if anonymization.is_running() {
            return Err(ApiError::conflict("the branch is being anonymized"));
        }
        anonymization.updated_at = now;
        anonymization.last_run = Some(Run {
            started_at: now,
            completed_at: None,
            due,
            triggered_by,
            masked_columns: anonymization.rules.len(),
        });
        Ok(())
    }

    /// What is under way is done, if it is due, or in any case.
    pub(super) fn finish_anonymizations(&mut self, now: Timestamp, in_any_case: bool) {
        let services = self.branches.iter_mut().filter_map(|branch| branch.services.as_deref_mut());
        for anonymization in services.filter_map(|services| services.anonymization.as_mut()) {
            anonymization.finish(now, in_any_case);
        }
    }

    fn anonymization_mut(&mut self, branch: &str) -> Result<&mut Anonymization, ApiError> {
        self.anonymization(branch)?;
        let anonymization = self.branch_mut(branch)?.services_mut().anonymization.as_mut();
        anonymization.ok_or_else(ApiError::internal)
    }
}
