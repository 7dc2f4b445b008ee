//! Operations that a contract describes and the mock does not know: requests are held against the contract, and answers are made
//! from its schemas. Nothing is kept of them.

mod answer;
mod echo;
mod flat;
mod number;
mod page;
mod pattern;
mod request;
mod text;
mod value;

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::Method;
use axum::http::request::Parts;
use serde::Serialize;

use self::answer::Asked;
use self::request::Sent;
use super::error::ApiError;
use super::handlers::Answer;
use super::router::{self, Found};
use crate::spec::contract::Operation;
use crate::spec::{Contract, Diagnostic, Diagnostics};

/// What the paths of the API begin with.
const API: &str = "/api/";

/// What a mock makes of the operations of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractSupport {
    /// The number of operations that the mock performs.
    pub performed: usize,
    /// The operations that are answered by the schemas of the contract, in its order.
    pub generated: Vec<GeneratedOperation>,
}

/// An operation that is answered by the schemas of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GeneratedOperation {
    /// Its name in the contract.
    pub operation: String,
    /// The method.
    pub method: String,
    /// The path, with the names of its parameters in braces.
    pub path: String,
    /// Why no answer can be generated, where none can: requests get 501.
    pub problem: Option<String>,
}

/// The operations that a contract describes and the mock does not know.
#[derive(Debug)]
pub(super) struct Generated {
    contract: Contract,
    /// By their places in the contract.
    operations: Vec<usize>,
    /// The number of the others.
    performed: usize,
}

/// A request for one of them.
#[derive(Debug)]
pub(super) struct Match<'a> {
    pub(super) operation: &'a Operation,
    params: BTreeMap<String, String>,
}

impl Generated {
    /// Tells which operations of a contract the mock does not know.
    ///
    /// # Errors
    /// When no operation is below the paths of the API.
    pub(super) fn new(contract: Contract) -> Result<Self, Diagnostics> {
        let of_the_api: Vec<usize> = (0..contract.operations.len())
            .filter(|place| contract.operations[*place].path.starts_with(API))
            .collect();
        if of_the_api.is_empty() {
            let document = contract.document();
            let has_server = document.value().get("servers").is_some();
            let at = document.at(if has_server { "/servers" } else { "/paths" });
            let message = format!("no path of the contract starts with {API}");
            let help = "add the prefix to the URL of its first server, or to its paths";
            return Err(Diagnostics::from_iter([Diagnostic::new(at, message).help(help)]));
        }
        let is_known = |place: &usize| {
            let operation = &contract.operations[*place];
            router::is_performed(&operation.method, &operation.shape())
        };
        let (performed, operations): (Vec<usize>, Vec<usize>) = of_the_api.into_iter().partition(is_known);
        Ok(Self { performed: performed.len(), operations, contract })
    }

    /// What the mock makes of each operation of the contract.
    pub(super) fn support(&self) -> ContractSupport {
        let generated = |operation: &Operation| GeneratedOperation {
            operation: operation.id.to_string(),
            method: operation.method.clone(),
            path: operation.path.clone(),
            problem: self.plain_answer(operation).err(),
        };
        ContractSupport { performed: self.performed, generated: self.operations().map(generated).collect() }
    }

    fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().map(|place| &self.contract.operations[*place])
    }

    /// What a request is, the contract heeded: what the mock performs stays what it is, unless an operation of the contract names more
    /// of the path. HEAD is answered as GET (RFC 9110 §9.3.2).
    pub(super) fn look<'s>(
        &'s self,
        method: &Method,
        path: &str,
        found: Found,
    ) -> (Found, Option<Match<'s>>) {
        let on_path: Vec<Match<'s>> = self
            .operations()
            .filter_map(|operation| Some(Match { operation, params: operation.parameters_in(path)? }))
            .collect();
        if on_path.is_empty() {
            return (found, None);
        }
        let mut allowed: Vec<String> = on_path.iter().map(|one| one.operation.method.clone()).collect();
        let as_method = |wanted: &Method| {
            let fitting = on_path.iter().filter(|one| one.operation.method == wanted.as_str());
            // `/projects/shared` is not the project `shared` (OpenAPI 3.1 §4.8.8.1).
            fitting
                .min_by_key(|one| one.params.len())
                .map(|one| Match { operation: one.operation, params: one.params.clone() })
        };
        let head = || as_method(&Method::GET).filter(|_| method == Method::HEAD);
        let wanted = as_method(method).or_else(head);
        match (found, wanted) {
            (Ok((route, params)), Some(wanted))
                if route.is_performed() && params.len() <= wanted.params.len() =>
            {
                (Ok((route, params)), None)
            }
            (_, Some(wanted)) => (Err(ApiError::not_implemented(&wanted.operation.id.0)), Some(wanted)),
            (Ok(known), None) => (Ok(known), None),
            (Err(error), None) => {
                let known = error.allow.as_deref().unwrap_or_default().split(", ");
                allowed.extend(known.filter(|method| !method.is_empty()).map(str::to_owned));
                if allowed.iter().any(|method| method == "GET") {
                    allowed.push("HEAD".to_owned());
                }
                let mut listed: Vec<String> = Vec::new();
                for method in allowed {
                    if !listed.contains(&method) {
                        listed.push(method);
                    }
                }
                (Err(ApiError::method_not_allowed(listed.join(", "))), None)
            }
        }
    }

    /// Answers a request, by the seed of the mock and what is asked.
    pub(super) fn answer(
        &self,
        wanted: &Match<'_>,
        seed: u64,
        parts: &Parts,
        body: Option<&Bytes>,
    ) -> Answer {
        let body = body.ok_or_else(ApiError::too_large)?;
        let query = parts.uri.query().unwrap_or_default();
        let sent = Sent { params: &wanted.params, query, headers: &parts.headers, body };
        request::check(&self.contract.schemas, wanted.operation, &sent)?;
        let parts: [&[u8]; 4] =
            [wanted.operation.method.as_bytes(), parts.uri.path().as_bytes(), query.as_bytes(), body];
        let asked = Asked { params: &wanted.params, query, chance: answer::chance(seed, &parts) };
        self.made(wanted.operation, &asked)
            .map_err(|why| ApiError::not_generated(&wanted.operation.id.0, &why))
    }
}

#[cfg(test)]
mod tests;
