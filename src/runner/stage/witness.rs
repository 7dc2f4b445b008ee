//! Looking at what is there before and after a write that must be refused.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use super::prepare::Prepared;
use super::{Halt, Stage};
use crate::exchange::{Response, Role};
use crate::runner::looks::{Look, fresh};
use crate::spec::case::{Call, Step};
use crate::spec::case_file::Effect;
use crate::spec::contract::effect_of;
use crate::spec::credential::Credential;

impl Stage<'_> {
    /// Looks before a write, at what its parameters name.
    pub(super) async fn look_before(&mut self, params: &BTreeMap<String, String>) -> Result<(), Halt> {
        // What the trial itself has made or changed was not seen by others.
        let has_written = self.exchanges.iter().any(|exchange| {
            effect_of(&exchange.request.method) > Effect::Reads && !exchange.credential.is_refused()
        });
        let since = if has_written { None } else { fresh() };
        self.witness(Role::WitnessBefore, params, since.unwrap_or_else(Instant::now)).await
    }

    /// Looks after a write, at what its parameters name.
    pub(super) async fn look_after(&mut self, params: BTreeMap<String, String>) -> Result<(), Halt> {
        self.witness(Role::WitnessAfter, &params, Instant::now()).await?;
        self.witnessed = Some(params);
        Ok(())
    }

    /// Whether what was seen after the last refused write is what is there before the next.
    pub(super) fn has_just_seen(&self, params: &BTreeMap<String, String>) -> bool {
        self.exchanges.last().is_some_and(|last| last.role == Role::WitnessAfter)
            && self.witnessed.as_ref() == Some(params)
    }

    /// Sends those of the suite's witnesses that look closest: whose path parameters are known, and of these the ones with most. What was
    /// asked for since `since` need not be asked for again.
    async fn witness(
        &mut self,
        role: Role,
        params: &BTreeMap<String, String>,
        since: Instant,
    ) -> Result<(), Halt> {
        let needs = |witness: &Step| -> Option<usize> {
            let Call::Operation(id) = &witness.call else { return None };
            if self.absent.contains_key(id) {
                return None;
            }
            let mut names = self.suite.operation(id).path_parameters();
            let known = |name: &str| params.contains_key(name) || witness.params.contains_key(name);
            names.all(known).then(|| self.suite.operation(id).path_parameters().count())
        };
        let closest = self.suite.supply.witnesses.iter().filter_map(needs).max();
        for witness in self
            .suite
            .supply
            .witnesses
            .iter()
            .filter(|witness| closest.is_some() && needs(witness) == closest)
        {
            let mut witness = witness.clone();
            for (name, value) in params {
                witness.params.entry(name.clone()).or_insert_with(|| Value::String(value.clone()));
            }
            let mut prepared = self.prepare(&witness).await?;
            prepared.since = self.may_borrow(&prepared).then_some(since);
            self.once(&witness, role, prepared).await?;
        }
        Ok(())
    }

    /// Whether another trial may have sent a request as well: it reads what is the same for all, on an account of them all.
    pub(super) fn may_borrow(&self, prepared: &Prepared) -> bool {
        !self.session.exclusive
            && prepared.credential == Credential::Valid
            && effect_of(&prepared.request.method) == Effect::Reads
    }

    /// Takes what another trial has seen since, or waits for who is looking, or looks.
    pub(super) async fn look(
        &mut self,
        step: &Step,
        prepared: &mut Prepared,
        since: Instant,
    ) -> Result<Response, Halt> {
        let place = self.looks.at(&prepared.request.target);
        let mut last = self.within_run(place.lock()).await?;
        if let Some(look) = last.as_ref().filter(|look| look.asked >= since) {
            prepared.borrowed = Some(look.began);
            return Ok(look.response.clone());
        }
        let asked = Instant::now();
        let response = self.send(step, prepared).await?;
        let began = Timestamp::now() - response.elapsed;
        *last = response.fault.is_none().then(|| Look { asked, began, response: response.clone() });
        Ok(response)
    }
}
