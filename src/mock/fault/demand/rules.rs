//! The rules that are set, and how often each has answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;
use serde::Serialize;
use serde_json::Value;

use super::chosen::Chosen;
use super::rule::{AnswerRule, Often, When};
use crate::mock::fault::asked::Asked;
use crate::mock::model::{Caller, Owner, State, hash};
use crate::mock::router::Params;
use crate::sync::lock;

/// The rules that are set. Without any, a request costs the look at one flag.
#[derive(Debug, Default)]
pub(in crate::mock) struct Rules {
    are_set: AtomicBool,
    counted: Mutex<Vec<Counted>>,
}

#[derive(Debug)]
struct Counted {
    rule: Arc<AnswerRule>,
    matched: u32,
    answered: u32,
    /// Where its probability is drawn from.
    draws: ChaCha12Rng,
}

/// A rule that is set, and how often it has answered.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Given {
    /// Its number, counted from 1.
    pub number: usize,
    /// The number of requests that it is for, answered or not.
    pub matched: u32,
    /// The number of requests that it has answered.
    pub answered: u32,
    /// The rule.
    pub rule: AnswerRule,
}

/// A request as a rule looks at it.
pub(in crate::mock::fault) struct Sight<'a> {
    pub(in crate::mock::fault) asked: &'a Asked<'a>,
    pub(in crate::mock::fault) params: &'a Params,
    pub(in crate::mock::fault) body: &'a [u8],
    pub(in crate::mock::fault) state: &'a State,
    pub(in crate::mock::fault) caller: Option<Caller>,
}

impl Rules {
    /// These rules and no others; none has answered yet.
    pub(in crate::mock) fn set(&self, seed: u64, rules: impl IntoIterator<Item = AnswerRule>) {
        let mut counted = lock(&self.counted);
        counted.clear();
        counted.extend((0..).zip(rules).map(|(place, rule)| Counted::new(seed, place, rule)));
        self.are_set.store(!counted.is_empty(), Ordering::Relaxed);
    }

    /// These rules as well.
    pub(in crate::mock) fn add(&self, seed: u64, rules: impl IntoIterator<Item = AnswerRule>) {
        let mut counted = lock(&self.counted);
        for rule in rules {
            let place = counted.len() as u64;
            counted.push(Counted::new(seed, place, rule));
        }
        self.are_set.store(!counted.is_empty(), Ordering::Relaxed);
    }

    /// The rules, and how often each has answered.
    pub(in crate::mock) fn given(&self) -> Vec<Given> {
        let given = |(number, counted): (usize, &Counted)| Given {
            number,
            matched: counted.matched,
            answered: counted.answered,
            rule: (*counted.rule).clone(),
        };
        (1..).zip(lock(&self.counted).iter()).map(given).collect()
    }

    /// The rule that answers a request: of those that are for it, the first whose turn it is. All of them count it.
    pub(in crate::mock::fault) fn choose<'s>(&self, sight: impl FnOnce() -> Sight<'s>) -> Option<Chosen> {
        if !self.are_set.load(Ordering::Relaxed) {
            return None;
        }
        let sight = sight();
        let mut chosen = None;
        for (number, counted) in (1..).zip(lock(&self.counted).iter_mut()) {
            if counted.rule.when.holds(&sight) && counted.is_its_turn() && chosen.is_none() {
                counted.answered += 1;
                chosen = Some(Chosen { number, rule: counted.rule.clone() });
            }
        }
        chosen
    }
}

impl Counted {
    fn new(seed: u64, place: u64, rule: AnswerRule) -> Self {
        let draws =
            ChaCha12Rng::seed_from_u64(seed ^ place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self { rule: Arc::new(rule), matched: 0, answered: 0, draws }
    }

    /// Counts a request; whether it is one that gets the answer.
    fn is_its_turn(&mut self) -> bool {
        self.matched = self.matched.saturating_add(1);
        match self.rule.often {
            Often::Times(times) => self.answered < times,
            Often::Nth(nth) => self.matched == nth,
            Often::Probability(probability) => self.draws.random_bool(probability),
        }
    }
}

impl When {
    fn holds(&self, sight: &Sight<'_>) -> bool {
        let Sight { asked, .. } = sight;
        self.operations.as_ref().is_none_or(|operations| operations.contains(&asked.operation))
            && self.method.as_ref().is_none_or(|method| method == asked.method)
            && self.parameters.iter().all(|(name, value)| sight.has_parameter(name, value))
            && self.key.is_none_or(|key| asked.token().is_some_and(|token| hash(token) == key))
            && self.user.as_ref().is_none_or(|user| sight.is_of(user))
            && self.body.as_ref().is_none_or(|members| sight.has_members(members))
    }
}

impl Sight<'_> {
    fn has_parameter(&self, name: &str, value: &str) -> bool {
        self.params.iter().any(|(known, found)| *known == name && found == value)
            || url::form_urlencoded::parse(self.asked.query.as_bytes())
                .any(|(known, found)| known == name && found == value)
    }

    /// Whether the key belongs to this user or organization.
    fn is_of(&self, owner: &str) -> bool {
        let Some(caller) = self.caller else { return false };
        match &self.state.account(caller).owner {
            Owner::User(user) => user.email == owner || user.id.to_string() == owner,
            Owner::Organization(organization) => organization.id == owner,
        }
    }

    fn has_members(&self, members: &Value) -> bool {
        serde_json::from_slice::<Value>(self.body).is_ok_and(|body| has(&body, members))
    }
}

/// Whether a value is another, or an object with its members and others.
fn has(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(members), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| members.get(name).is_some_and(|member| has(member, wanted)))
        }
        _ => value == wanted,
    }
}
