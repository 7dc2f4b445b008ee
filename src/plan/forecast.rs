//! What a trial will send, as far as that can be known before anything is sent.

use std::collections::BTreeSet;

use super::trial::{Trial, Variant};
use crate::spec::case::{Call, Step};
use crate::spec::case_file::Effect;
use crate::spec::contract::effect_of;
use crate::spec::template;
use crate::spec::{Source, Suite};

/// A request that will be sent, once at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// The method and the path, as the contract writes them.
    pub route: String,
    /// Why: `step`, `supplies project_id`, `reads the state before and after`, `mints a revoked key`, `undoes`.
    pub why: String,
    /// How it is authenticated.
    pub credential: &'static str,
    /// What it may do to the account.
    pub effect: Effect,
    /// How often.
    pub times: usize,
}

/// What `trial` will send, in order; `shares` where the account is not the run's own: what must be refused is then sent to what the run has
/// made for all trials, and what that takes is not told here (see [`shared`]).
#[must_use]
pub fn forecast(suite: &Suite, trial: &Trial, shares: bool) -> Vec<Forecast> {
    let refused = |step: &Step| trial.variant.credential_of(step).is_refused() && step.key.is_none();
    let is_refused = trial.case.steps.iter().all(refused);
    let mut forecaster = Forecaster {
        suite,
        finds: trial.effect == Effect::Reads || (is_refused && !shares),
        is_supplied: is_refused && shares && trial.effect > Effect::Reads,
        known: Vec::new(),
        requests: Vec::new(),
        undos: Vec::new(),
    };
    for kind in trial.revoked().filter(|_| !shares) {
        for step in suite.supply.revoked_keys.get(&kind).into_iter().flatten() {
            forecaster.step(step, &Variant::default(), &format!("creates a {kind} key"));
        }
    }
    for step in &trial.case.steps {
        forecaster.step(step, &trial.variant, "step");
    }
    forecaster.end()
}

/// How many projects a trial has at once, at most, where what must be refused is sent to one that is shared.
#[must_use]
pub fn projects(suite: &Suite, trial: &Trial) -> usize {
    let makes_one = |forecast: &&Forecast| {
        forecast.route.starts_with("POST ")
            && forecast.route.ends_with("/projects")
            && forecast.credential == "valid"
    };
    forecast(suite, trial, true).iter().filter(makes_one).map(|forecast| forecast.times).sum()
}

/// What is sent once for all trials of a run that must be refused, where the account is not the run's own.
#[must_use]
pub fn shared<'t>(suite: &Suite, trials: impl Iterator<Item = &'t Trial> + Clone) -> Vec<Forecast> {
    let mut forecaster = Forecaster {
        suite,
        finds: false,
        is_supplied: false,
        known: Vec::new(),
        requests: Vec::new(),
        undos: Vec::new(),
    };
    let kinds: BTreeSet<_> = trials.clone().flat_map(Trial::revoked).collect();
    for kind in kinds {
        for step in suite.supply.revoked_keys.get(&kind).into_iter().flatten() {
            forecaster.step(step, &Variant::default(), &format!("creates a {kind} key"));
        }
    }
    let is_refused_write = |trial: &Trial| {
        trial.effect > Effect::Reads
            && trial.case.steps.iter().all(|step| trial.variant.credential_of(step).is_refused())
    };
    if trials.clone().any(is_refused_write) {
        // What is in a fixture account only is not the run's to make.
        for (name, _) in suite.supply.params.iter().filter(|(_, supply)| supply.account.is_none()) {
            forecaster.supply(name);
        }
    }
    forecaster.end()
}

struct Forecaster<'a> {
    suite: &'a Suite,
    /// Parameters are found where they can be, and made elsewhere.
    finds: bool,
    /// Parameters are supplied by what all trials share.
    is_supplied: bool,
    known: Vec<String>,
    requests: Vec<Forecast>,
    undos: Vec<Step>,
}

impl Forecaster<'_> {
    fn step(&mut self, step: &Step, variant: &Variant, why: &str) {
        let credential = variant.credential_of(step);
        let (method, path) = match (variant.operation_of(step), &step.call) {
            (Some(id), _) => {
                let operation = self.suite.operation(id);
                let in_query = operation.required_query().filter(|name| !step.query.contains_key(*name));
                let in_path = operation.path_parameters().filter(|name| !step.params.contains_key(*name));
                for name in in_path.chain(in_query) {
                    self.supply(name);
                }
                (operation.method.clone(), operation.path.clone())
            }
            (None, Call::Raw { method, path }) => {
                (method.clone(), template::fill(path, &variant.scope()).unwrap_or_else(|_| path.clone()))
            }
            (None, _) => return,
        };
        let effect = effect_of(&method);
        let is_refused_write = credential.is_refused() && effect > Effect::Reads && why == "step";
        if is_refused_write {
            self.witnesses(&path);
        }
        let shown = if step.key.is_some() { "a key for this trial" } else { credential.word() };
        self.push(format!("{method} {path}"), why, shown, effect);
        self.undos.extend(step.undo.as_deref().cloned());
        if is_refused_write {
            self.witnesses(&path);
        }
    }

    /// The reads around a write that must be refused: those that know as much of the path as any does.
    fn witnesses(&mut self, path: &str) {
        let witnesses = self.suite.supply.witnesses.iter().filter_map(|step| match &step.call {
            Call::Operation(id) => Some((step, self.suite.operation(id))),
            _ => None,
        });
        let known =
            |name: &str, step: &Step| path.contains(&format!("{{{name}}}")) || step.params.contains_key(name);
        let fitting: Vec<_> = witnesses
            .filter(|(step, operation)| operation.path_parameters().all(|name| known(name, step)))
            .map(|(_, operation)| (operation.path_parameters().count(), operation))
            .collect();
        let most = fitting.iter().map(|(count, _)| *count).max();
        for (_, operation) in fitting.into_iter().filter(|(count, _)| Some(*count) == most) {
            self.push(
                format!("GET {}", operation.path),
                "reads the state before and after",
                "valid",
                Effect::Reads,
            );
        }
    }

    fn supply(&mut self, name: &str) {
        if self.is_supplied || self.known.iter().any(|known| known == name) {
            return;
        }
        self.known.push(name.to_owned());
        let Some(supply) = self.suite.supply.params.get(name) else { return };
        let Source::Steps { find, make, .. } = &supply.source else { return };
        let step = find.as_ref().filter(|_| self.finds).unwrap_or(make);
        self.step(step, &Variant::default(), &format!("supplies {name}"));
    }

    fn end(mut self) -> Vec<Forecast> {
        let undos = std::mem::take(&mut self.undos);
        for undo in undos.iter().rev() {
            if let Call::Operation(id) = &undo.call {
                let operation = self.suite.operation(id);
                let route = format!("{} {}", operation.method, operation.path);
                self.push(route, "undoes", "valid", effect_of(&operation.method));
            }
        }
        self.requests
    }

    fn push(&mut self, route: String, why: &str, credential: &'static str, effect: Effect) {
        let why = why.to_owned();
        match self.requests.last_mut() {
            Some(last) if (&last.route, &last.why, last.credential) == (&route, &why, credential) => {
                last.times += 1;
            }
            _ => self.requests.push(Forecast { route, why, credential, effect, times: 1 }),
        }
    }
}
