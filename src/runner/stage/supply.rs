//! Values that the suite supplies to a case: parameters and revoked keys.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;
use serde_json::Value;

use super::prepare::Prepared;
use super::{Halt, Stage};
use crate::exchange::Role;
use crate::json::plain;
use crate::plan::needs_of_parameter;
use crate::runner::guard::BEYOND;
use crate::spec::Source;
use crate::spec::case::{Call, Step};
use crate::spec::case_file::Effect;
use crate::spec::contract::{Operation, Place};
use crate::spec::credential::Credential;
use crate::spec::template::Scope;

/// The values that the suite has supplied to a trial.
#[derive(Default)]
pub(in crate::runner) struct Supplied {
    /// Values of parameters.
    known: BTreeMap<String, Value>,
    /// Those of them that were found, and that others may remove at any time.
    found: BTreeSet<String>,
}

/// What the trials of a run share on an account that is not the run's own: made once, and removed when the run is over. Only requests that
/// must be refused are sent to it.
#[derive(Default)]
pub(in crate::runner) struct Shared {
    /// Values of parameters; `None` where nothing has been made yet.
    known: Option<BTreeMap<String, Value>>,
    /// The reasons why other values could not be supplied.
    failed: BTreeMap<String, String>,
    /// Keys that were minted and revoked.
    revoked: BTreeMap<Credential, SecretString>,
}

impl<'a> Stage<'a> {
    /// Whether nothing is lost by asking for what is there, in place of something made for it: the trial only reads, or it must
    /// be refused throughout and has an account of its own.
    pub(super) fn may_take_what_is_there(&self) -> bool {
        self.trial.effect == Effect::Reads || (self.session.exclusive && self.is_refused_throughout())
    }

    fn is_refused_throughout(&self) -> bool {
        let is_refused =
            |step: &Step| self.trial.variant.credential_of(step).is_refused() && step.key.is_none();
        self.trial.case.steps.iter().all(is_refused)
    }

    /// Whether the trial does not make for itself what it only asks for.
    fn takes_what_is_shared(&self) -> bool {
        !self.session.exclusive && !self.is_sharing && self.trial.effect > Effect::Reads
    }

    /// What all trials share of this name. The first that asks makes all there is to share, so that nothing appears while others look.
    async fn share(&mut self, name: &str) -> Result<Value, Halt> {
        if !self.has_room {
            return Err(Halt::Untested("--max-projects leaves no room for a shared project".to_owned()));
        }
        let mut shared = self.shared.lock().await;
        if shared.known.is_none() {
            self.is_sharing = true;
            let own_undos = self.undos.len();
            for (name, supply) in &self.suite.supply.params {
                if !matches!(supply.source, Source::Steps { .. }) || !self.can_supply(name) {
                    continue;
                }
                match Box::pin(self.supply(name)).await {
                    Ok(_) => {}
                    Err(Halt::Untested(reason)) => {
                        shared.failed.insert(name.clone(), reason);
                    }
                    Err(halt) => {
                        self.is_sharing = false;
                        return Err(halt);
                    }
                }
            }
            self.is_sharing = false;
            // The ledger takes it back, when the run is over.
            self.undos.truncate(own_undos);
            shared.known = Some(std::mem::take(&mut self.supplied.known));
            // What was seen before does not show it.
            self.looks.forget();
        }
        let known = shared.known.as_ref().and_then(|known| known.get(name)).cloned();
        let value =
            known.ok_or_else(|| {
                let reason = shared.failed.get(name);
                Halt::Untested(reason.cloned().unwrap_or_else(|| {
                    format!("the suite supplies no value for the path parameter `{name}`")
                }))
            })?;
        self.supplied.known.insert(name.to_owned(), value.clone());
        Ok(value)
    }

    /// Whether the suite says how a parameter is come by, and the endpoint has what it takes.
    pub(super) fn can_supply(&self, name: &str) -> bool {
        self.suite.supply.params.contains_key(name)
            && needs_of_parameter(self.suite, name).iter().all(|id| !self.absent.contains_key(id))
    }

    /// A value for a parameter that has its form, and names nothing.
    pub(super) fn nothing(&self, operation: &Operation, name: &str) -> Value {
        let schema = operation.parameter(name, Place::Path).and_then(|parameter| parameter.schema.as_ref());
        let schema = schema.and_then(|schema| self.suite.schemas.get(schema));
        let keyword = |keyword: &str| schema.and_then(|schema| schema[keyword].as_str()).unwrap_or_default();
        match (keyword("type"), keyword("format")) {
            ("integer", "int32") => i32::MAX.into(),
            ("integer" | "number", _) => BEYOND.into(),
            (_, "uuid") => uuid::Uuid::nil().to_string().into(),
            _ => format!("no-such-{}", name.replace('_', "-")).into(),
        }
    }

    /// The value of a path parameter that no step names.
    pub(super) async fn supply(&mut self, name: &str) -> Result<Value, Halt> {
        if let Some(value) = self.supplied.known.get(name) {
            return Ok(value.clone());
        }
        let is_organization =
            self.suite.supply.organization.as_ref().is_some_and(|supply| supply.param == name);
        if self.is_refused_throughout() && self.takes_what_is_shared() {
            // What must be refused must be so for an organization that is none, and then nothing of the user's is asked to change.
            return if is_organization {
                Err(Halt::Untested("an organization is never the run's own".to_owned()))
            } else {
                self.share(name).await
            };
        }
        if let Some(id) = self.target.organization().filter(|_| is_organization) {
            return Ok(id.into());
        }
        let Some(source) = self.suite.supply.params.get(name) else {
            return Err(Halt::Untested(format!(
                "the suite supplies no value for the path parameter `{name}`"
            )));
        };
        let (step, is_found) = match &source.source {
            Source::Value(value) => return Ok(value.clone()),
            Source::Steps { find: Some(find), .. } if self.may_take_what_is_there() => (find, true),
            Source::Steps { make, .. } => (make, false),
        };
        let hint = if is_organization { " (set an organization with --org-id)" } else { "" };
        let otherwise = format!("no value for `{name}` could be supplied{hint}");
        let value = self.supporting(std::slice::from_ref(step), name, &otherwise).await?;
        self.supplied.known.insert(name.to_owned(), value.clone());
        if is_found && !self.session.exclusive {
            self.supplied.found.insert(name.to_owned());
        }
        Ok(value)
    }

    /// Whether others have removed what a request asked for, and the suite has found: it looks again, and something else is there, or
    /// nothing. Other people use the account too.
    pub(super) async fn has_gone(&mut self, role: Role, prepared: &Prepared) -> Result<bool, Halt> {
        let asked = prepared.params.iter().chain(&prepared.query);
        let asked: BTreeMap<String, String> = asked
            .filter(|(name, value)| {
                self.supplied.found.contains(*name)
                    && self.supplied.known.get(*name).is_some_and(|known| plain(known) == **value)
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if asked.is_empty() || !matches!(role, Role::Step | Role::Supply) {
            return Ok(false);
        }
        // It may have gone since others saw it.
        self.looks.forget();
        for name in std::mem::take(&mut self.supplied.found) {
            self.supplied.known.remove(&name);
        }
        // What is within something else is found there.
        let mut asked: Vec<(String, String)> = asked.into_iter().collect();
        asked.sort_by_key(|(name, _)| self.read_of(name).map(|read| read.path_parameters().count()));
        for (name, before) in &asked {
            match Box::pin(self.supply(name)).await {
                Ok(now) if plain(&now) == *before => continue,
                Ok(_) | Err(Halt::Untested(_)) => {}
                Err(halt) => return Err(halt),
            }
            if !self.is_still_there(name, before).await? {
                return Ok(true);
            }
            self.supplied.known.insert(name.clone(), before.as_str().into());
            self.supplied.found.insert(name.clone());
        }
        Ok(false)
    }

    /// The value of a parameter that was supplied last.
    pub(super) fn known(&self, name: &str) -> Option<&Value> {
        self.supplied.known.get(name)
    }

    /// The operation that reads what a path parameter names.
    fn read_of(&self, name: &str) -> Option<&'a Operation> {
        let end = format!("/{{{name}}}");
        let reads = |operation: &&Operation| operation.method == "GET" && operation.path.ends_with(&end);
        let mut all = self.suite.operations.values();
        all.find(|operation| reads(operation) && !self.absent.contains_key(&operation.id))
    }

    /// Whether what was found is there, though something else is found in its place: others may have come before it.
    async fn is_still_there(&mut self, name: &str, value: &str) -> Result<bool, Halt> {
        let source = self.suite.supply.params.get(name).map(|supply| &supply.source);
        let (Some(Source::Steps { find: Some(find), .. }), Some(read)) = (source, self.read_of(name)) else {
            return Ok(false);
        };
        let mut step = Step::clone(find);
        step.call = Call::Operation(read.id.clone());
        step.params = BTreeMap::from([(name.to_owned(), value.into())]);
        step.query.clear();
        step.captures.clear();
        let mut prepared = self.prepare(&step).await?;
        let response = self.send(&step, &mut prepared).await?;
        let is_there = response.is_success();
        self.record(&step, Role::Poll, prepared, response, None);
        Ok(is_there)
    }

    /// Sends steps that are not the case's own, in a scope of their own, and returns what they capture as `export`.
    /// If they fail, the case could not be tested.
    pub(super) async fn supporting(
        &mut self,
        steps: &[Step],
        export: &str,
        otherwise: &str,
    ) -> Result<Value, Halt> {
        let run = self.scope.get("run").cloned().unwrap_or_default();
        let scope_of_case = std::mem::replace(&mut self.scope, Scope::from_iter([("run".to_owned(), run)]));
        let outcome = self.supporting_steps(steps, otherwise).await;
        let scope = std::mem::replace(&mut self.scope, scope_of_case);
        outcome?;
        scope
            .get(export)
            .cloned()
            .ok_or_else(|| Halt::Untested(format!("{otherwise}: `{export}` was not captured")))
    }

    pub(super) async fn supporting_steps(&mut self, steps: &[Step], otherwise: &str) -> Result<(), Halt> {
        for step in steps {
            match Box::pin(self.step(step, Role::Supply)).await {
                Err(Halt::Unexpected) => {
                    let status = self.exchanges.last().map_or(0, |exchange| exchange.response.status);
                    let without = if (200..300).contains(&status) { " without any" } else { "" };
                    let reason = format!("{otherwise}: `{}` answered {status}{without}", step.name);
                    return Err(Halt::Untested(reason));
                }
                other => other?,
            }
        }
        Ok(())
    }

    /// A key that was minted, seen to work, and revoked: never a made-up one.
    pub(super) async fn revoked_key(&mut self, kind: Credential) -> Result<SecretString, Halt> {
        if let Some(key) = self.revoked.get(&kind) {
            return Ok(key.clone());
        }
        if let (Credential::Revoked, Some(key)) = (kind, &self.session.revoked) {
            return Ok(key.clone());
        }
        let key = if self.session.exclusive { self.mint(kind).await? } else { self.shared_key(kind).await? };
        self.revoked.insert(kind, key.clone());
        Ok(key)
    }

    /// The key of this kind that all trials share; the first that asks mints it.
    async fn shared_key(&mut self, kind: Credential) -> Result<SecretString, Halt> {
        let mut shared = self.shared.lock().await;
        if let Some(key) = shared.revoked.get(&kind) {
            return Ok(key.clone());
        }
        self.is_sharing = true;
        let minted = self.mint(kind).await;
        self.is_sharing = false;
        let key = minted?;
        shared.revoked.insert(kind, key.clone());
        Ok(key)
    }

    async fn mint(&mut self, kind: Credential) -> Result<SecretString, Halt> {
        let Some(steps) = self.suite.supply.revoked_keys.get(&kind) else {
            return Err(Halt::Untested("the suite does not describe how to create a revoked key".to_owned()));
        };
        let missing = steps.iter().find_map(|step| self.absent.get(self.trial.variant.operation_of(step)?));
        if let Some(reason) = missing {
            return Err(Halt::Untested(format!("no key can be created and revoked: {reason}")));
        }
        let token = self.supporting(steps, "token", "no key could be created and revoked").await?;
        Ok(SecretString::from(plain(&token)))
    }
}
