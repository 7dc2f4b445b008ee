//! Waiting for the work that a response has begun: that work and no other, since what else goes on in a project need not end.

use serde_json::Value;
use tokio::time::Instant;

use super::{Halt, Stage, holds_everywhere};
use crate::exchange::{Response, Role};
use crate::json::plain;
use crate::json_path::find;
use crate::spec::Work;
use crate::spec::case::{Call, Step};

impl Stage<'_> {
    /// Waits for the end of all work that the response to a step tells of. What did not succeed leaves the trial untested: the contract
    /// allows work to fail.
    pub(super) async fn await_work(&mut self, step: &Step) -> Result<(), Halt> {
        let Some(work) = &self.suite.supply.work else { return Ok(()) };
        let is_absent = |id| self.absent.contains_key(id);
        if matches!(&work.read.call, Call::Operation(id) if is_absent(id)) {
            return Ok(());
        }
        let last = self.exchanges.last().and_then(|exchange| exchange.response.json());
        let begun: Vec<Value> =
            last.map(|body| find(&work.begun, body).into_iter().cloned().collect()).unwrap_or_default();
        for piece in begun {
            let scope_of_case = std::mem::replace(&mut self.scope, Work::scope(piece));
            let ended = self.end_of(step, work).await;
            self.scope = scope_of_case;
            ended?;
        }
        Ok(())
    }

    async fn end_of(&mut self, step: &Step, work: &Work) -> Result<(), Halt> {
        let started_work = format!("the work that `{}` starts", self.text(&step.name)?);
        let awaited = format!("the end of {started_work}");
        if self.breaker.is_open(&awaited) {
            return Err(Halt::Untested(format!("{awaited} did not occur within three attempts")));
        }
        let mut prepared = self.prepare(&work.read).await?;
        let patience = self.target.patience();
        let (every, limit) = (work.every.min(patience / 2), work.limit.min(patience));
        let started = Instant::now();
        loop {
            let response = self.send(&work.read, &mut prepared).await?;
            // Work that the endpoint does not show cannot be waited for.
            let is_seen = response.is_success() && response.json().is_some();
            let has = |wanted: &[_]| wanted.iter().all(|one| holds_everywhere(one, &response));
            if !is_seen || has(&work.ended) {
                let is_well = !is_seen || has(&work.succeeded);
                let state = state(work, &response);
                self.record(&work.read, Role::Supply, prepared, response, None);
                let failed = || Halt::Untested(format!("{started_work} is {state}"));
                return if is_well { Ok(()) } else { Err(failed()) };
            }
            if started.elapsed() + every > limit {
                self.breaker.waited_in_vain(&awaited);
                let state = state(work, &response);
                self.record(&work.read, Role::Supply, prepared, response, None);
                return Err(Halt::Untested(format!(
                    "{awaited} did not occur within {limit:?}; the state is {state}"
                )));
            }
            self.record(&work.read, Role::Poll, prepared.again(), response, None);
            self.within_run(tokio::time::sleep(every)).await?;
        }
    }
}

/// What a response shows where the end of work is looked for.
fn state(work: &Work, response: &Response) -> String {
    let body = response.json().unwrap_or(&Value::Null);
    let found = work.ended.iter().flat_map(|one| find(&one.subject, body));
    format!("`{}`", found.map(plain).collect::<Vec<_>>().join("`, `"))
}
