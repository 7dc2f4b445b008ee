//! The functions of a branch.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Project;
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;
use crate::mock::model::services::{Deployment, Function, NewDeployment};

/// What functions run on where nothing is said.
const USUAL_RUNTIME: &str = "nodejs24";

impl Project {
    /// The functions of a branch, or that the feature is off there.
    pub(in crate::mock) fn functions(&self, branch: &str) -> Result<&[Function], ApiError> {
        let functions = self.branch(branch)?.services().functions.as_deref();
        functions.ok_or_else(|| ApiError::feature_off("functions"))
    }

    /// One of them.
    pub(in crate::mock) fn function(&self, branch: &str, slug: &str) -> Result<&Function, ApiError> {
        let functions = self.functions(branch)?;
        let function = functions.iter().find(|function| function.slug == slug);
        function.ok_or_else(|| ApiError::not_found("function", slug))
    }

    /// Another name for a function of the branch itself; the slug, where there is none.
    pub(in crate::mock) fn rename_function(
        &mut self,
        branch: &str,
        slug: &str,
        name: Option<String>,
    ) -> Result<(), ApiError> {
        if self.function(branch, slug)?.is_inherited {
            return Err(ApiError::not_found("function of the branch itself", slug));
        }
        let functions = self.branch_mut(branch)?.services_mut().functions.iter_mut().flatten();
        for function in functions.filter(|function| function.slug == slug) {
            function.name.clone_from(&name);
        }
        Ok(())
    }

    /// Takes a function out.
    pub(in crate::mock) fn remove_function(&mut self, branch: &str, slug: &str) -> Result<(), ApiError> {
        self.function(branch, slug)?;
        if let Some(functions) = &mut self.branch_mut(branch)?.services_mut().functions {
            functions.retain(|function| function.slug != slug);
        }
        Ok(())
    }

    /// Something new for a function to run. What is not said is as in the deployment before; the first one makes the function.
    pub(in crate::mock) fn deploy(
        &mut self,
        branch: &str,
        slug: &str,
        new: NewDeployment,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<&Function, ApiError> {
        self.branch(branch)?;
        if !new.has_code && self.function(branch, slug).is_err() {
            return Err(ApiError::unprocessable("the first deployment of a function must have code (zip)"));
        }
        let functions = self.branch_mut(branch)?.services_mut().functions.get_or_insert_default();
        let place = functions.iter().position(|function| function.slug == slug);
        let place = place.unwrap_or_else(|| {
            functions.push(Function::new(ids.uuid().to_string(), slug, now));
            functions.len() - 1
        });
        functions[place].deploy(new, now);
        self.function(branch, slug)
    }
}

impl Function {
    /// A function that runs nothing yet.
    fn new(id: String, slug: &str, now: Timestamp) -> Self {
        Self {
            id,
            slug: slug.to_owned(),
            name: None,
            created_at: now,
            is_inherited: false,
            deployments: 0,
            active: Deployment {
                id: 0,
                runtime: USUAL_RUNTIME.to_owned(),
                environment: Vec::new(),
                created_at: now,
            },
        }
    }

    fn deploy(&mut self, new: NewDeployment, now: Timestamp) {
        let mut names: BTreeSet<String> = self.active.environment.iter().cloned().collect();
        for (name, value) in new.environment.into_iter().flatten() {
            if value.is_empty() {
                names.remove(&name);
            } else {
                names.insert(name);
            }
        }
        self.is_inherited = false;
        self.deployments += 1;
        self.active = Deployment {
            id: self.deployments,
            runtime: new.runtime.unwrap_or_else(|| self.active.runtime.clone()),
            environment: names.into_iter().collect(),
            created_at: now,
        };
    }
}
