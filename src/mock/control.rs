//! What tests do to a mock from outside its API: begin anew, make accounts, move time, switch faults.

use jiff::SignedDuration;
use uuid::Uuid;

use super::fault::{AnswerRule, Fault, Faults};
use super::fixture::AccountFixture;
use super::model::{OperationClock, State};
use super::service::Service;
use crate::sync::lock;

impl Service {
    /// A new account: its user, with the token of a key.
    pub(super) fn create_account(&self, fixture: &AccountFixture) -> (Uuid, String) {
        let created = self.state_mut().create_account(fixture, self.now());
        self.add_answers(fixture, created.0);
        self.touch();
        created
    }

    /// The first account, which is remembered as what the mock begins with; see [`State::first_account`].
    pub(super) fn first_account(&self, fixture: &AccountFixture) -> (Uuid, String) {
        *lock(&self.first) = Some(fixture.clone());
        let first = self.state_mut().first_account(fixture, self.now());
        self.add_answers(fixture, first.0);
        self.touch();
        first
    }

    /// As at the start: nothing but the first account, with the same ids and tokens, the time on the wall, the clock, the faults and
    /// the answers that were asked for, and an empty journal. Another seed or another first account may be given. The first account,
    /// where there is one.
    pub(super) fn reset(
        &self,
        seed: Option<u64>,
        fixture: Option<&AccountFixture>,
    ) -> Option<(Uuid, String)> {
        self.return_to_the_present();
        let faults = Faults::new(self.beginning.faults.iter().copied(), self.rules.clone());
        let mut state = State::new(seed.unwrap_or(self.beginning.seed));
        state.set_clock(self.beginning.clock);
        state.keep_tokens(faults.need_tokens());
        state.set_data(self.state().data().cloned());
        self.set_faults(faults);
        let first = lock(&self.first).clone();
        let fixture = fixture.or(first.as_ref());
        let account = fixture.map(|fixture| state.create_account(fixture, self.now()));
        let seed = state.seed();
        *self.state_mut() = state;
        self.rules.set(seed, self.beginning.answers.iter().cloned());
        if let (Some(fixture), Some((user, _))) = (fixture, &account) {
            self.rules.add(seed, answers_of(fixture, *user));
        }
        self.real.forget();
        if let Some(limiter) = &self.pace.limiter {
            limiter.clear();
        }
        if let Some(delays) = &self.pace.delays {
            delays.reset();
        }
        if let Some(journal) = &self.journal {
            journal.clear();
        }
        if let Some(resets) = &self.beginning.resets {
            // Nobody listens any more after the verdict.
            let _ = resets.send(());
        }
        self.touch();
        account
    }

    /// Puts what a fixture has into an account that is there.
    pub(super) fn seed(&self, user: Uuid, fixture: &AccountFixture) -> Result<(), SeedError> {
        let mut state = self.state_mut();
        let number = state.number_of(user).ok_or(SeedError::NoSuchUser)?;
        if let Some(taken) = state.taken(number, fixture) {
            return Err(SeedError::Taken(taken));
        }
        state.furnish(number, fixture, self.now());
        drop(state);
        self.add_answers(fixture, user);
        self.touch();
        Ok(())
    }

    /// Finishes all operations that are under way; how many there were.
    pub(super) fn finish_operations(&self) -> usize {
        let finished = self.state_mut().finish_all(self.now());
        self.touch();
        finished
    }

    /// Moves the mock's time ahead: what is due by then is done, what could be recovered until then is gone.
    /// Whether it could be: there is no time after the year 9999.
    pub(super) fn advance_by(&self, by: SignedDuration) -> bool {
        let is_ahead = self.advance(by);
        self.state_mut().settle_all(self.now());
        self.touch();
        is_ahead
    }

    /// Another clock for operations that begin from now on.
    pub(super) fn set_clock(&self, clock: OperationClock) {
        self.state_mut().set_clock(clock);
    }

    /// Breaks these rules and no others.
    pub(super) fn break_rules(&self, faults: impl IntoIterator<Item = Fault>) {
        let faults = Faults::new(faults, self.rules.clone());
        self.state_mut().keep_tokens(faults.need_tokens());
        self.set_faults(faults);
    }

    /// These answers on demand and no others.
    pub(super) fn set_answers(&self, answers: impl IntoIterator<Item = AnswerRule>) {
        let seed = self.state().seed();
        self.rules.set(seed, answers);
    }

    fn add_answers(&self, fixture: &AccountFixture, user: Uuid) {
        let seed = self.state().seed();
        self.rules.add(seed, answers_of(fixture, user));
    }
}

/// The answers on demand of a fixture, which only the keys of its user get.
fn answers_of(fixture: &AccountFixture, user: Uuid) -> impl Iterator<Item = AnswerRule> {
    fixture.answers.iter().map(move |rule| rule.clone().of(&user.to_string()))
}

/// Why an account cannot be given what a fixture has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// There is no account of this user.
    #[error("there is no such user")]
    NoSuchUser,
    /// The id of a project or organization.
    #[error("`{0}` is there already")]
    Taken(String),
}
