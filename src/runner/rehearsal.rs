//! A run that sends nothing.

use std::collections::BTreeMap;

use super::harness::Harness;
use crate::plan::{Forecast, Trial, forecast, shared};

/// The requests that a run would send: first those that its trials share, then those of each trial, in order.
#[derive(Debug, Default)]
pub struct Rehearsal<'a> {
    /// The resources created once for all trials.
    pub shared: Vec<Forecast>,
    /// The requests of each trial.
    pub trials: Vec<(&'a Trial, Vec<Forecast>)>,
    /// Trials that are not run, by reason.
    pub left_out: BTreeMap<String, usize>,
}

impl Harness {
    /// Returns the requests that a run of these trials would send.
    #[must_use]
    pub fn rehearse<'t>(&self, trials: &'t [Trial]) -> Rehearsal<'t> {
        let mut rehearsal = Rehearsal::default();
        let mut shares = false;
        for trial in trials {
            match self.admit(trial) {
                Ok(session) => {
                    shares = !session.exclusive;
                    rehearsal.trials.push((trial, forecast(self.suite(), trial, shares)));
                }
                Err(outcome) => {
                    *rehearsal
                        .left_out
                        .entry(outcome.reason().unwrap_or_default().to_owned())
                        .or_default() += 1;
                }
            }
        }
        if shares {
            rehearsal.shared = shared(self.suite(), rehearsal.trials.iter().map(|(trial, _)| *trial));
        }
        rehearsal
    }
}
