//! Walks at random: which move comes next is drawn from those that are possible.

use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;

use super::action::{ACTIONS, Action, Kind};
use super::walk::{Move, Way, is_known};
use crate::spec::Suite;
use crate::spec::absent::Absent;
use crate::spec::contract::OperationId;

/// How often a read comes next, of ten times.
const READS: u32 = 3;

/// How often what comes next is about what was changed last, of ten times.
const NEAR: u32 = 6;

/// Draws walks, one after the other.
pub(super) struct Draws<'s> {
    suite: &'s Suite,
    random: ChaCha12Rng,
    /// The places of the actions that both sides have.
    usable: Vec<usize>,
    /// How often each action was taken, by its place.
    uses: Vec<u32>,
}

impl<'s> Draws<'s> {
    pub(super) fn new(suite: &'s Suite, absent: &Absent, seed: u64) -> Self {
        let is_usable = |action: &Action| {
            is_known(suite, action) && !absent.contains_key(&OperationId(action.operation.clone()))
        };
        let usable = (0..ACTIONS.len()).filter(|action| is_usable(&ACTIONS[*action])).collect();
        Self { suite, random: ChaCha12Rng::seed_from_u64(seed), usable, uses: vec![0; ACTIONS.len()] }
    }

    /// The moves of the next walk: random ones, then the reads that show their result.
    pub(super) fn next(&mut self, steps: usize) -> Vec<Move> {
        let mut way = Way::new(self.suite);
        let mut number = 0;
        while way.moves.len() < steps && number < steps * 4 {
            number += 1;
            let Some(one) = self.one(&way, number) else { break };
            if way.take(&one) {
                self.uses[one.action] += 1;
            }
        }
        let closing: Vec<usize> = self.usable.iter().copied().filter(|action| is_closing(*action)).collect();
        let (removals, reads): (Vec<usize>, Vec<usize>) =
            closing.into_iter().partition(|action| ACTIONS[*action].removes);
        for action in reads.into_iter().chain(removals) {
            for mut one in possible(&way, action, 0) {
                number += 1;
                one.id = number;
                way.take(&one);
            }
        }
        way.moves
    }

    /// One of the moves that are possible now. What was done less often is more likely, and what is about the last change.
    fn one(&mut self, way: &Way<'_>, number: usize) -> Option<Move> {
        let all: Vec<Move> = self.usable.iter().flat_map(|action| possible(way, *action, number)).collect();
        let reads = !way.moves.is_empty() && self.random.random_range(0..10) < READS;
        let near = self.random.random_range(0..10) < NEAR;
        let is_near = |one: &&Move| one.subject.iter().any(|key| way.touched.contains(key));
        let of_kind: Vec<&Move> = all.iter().filter(|one| is_read(one.action) == reads).collect();
        let close: Vec<&Move> = of_kind.iter().copied().filter(is_near).collect();
        let from = if near && !close.is_empty() { close } else { of_kind };
        let mut actions: Vec<usize> = from.iter().map(|one| one.action).collect();
        actions.dedup();
        let weight =
            |action: &usize| f64::from(ACTIONS[*action].weight) / f64::from(1 + self.uses[*action]).powi(2);
        let action = *actions.choose_weighted(&mut self.random, weight).ok()?;
        let of_action: Vec<&Move> = from.into_iter().filter(|one| one.action == action).collect();
        of_action.choose(&mut self.random).map(|one| (*one).clone())
    }
}

/// Whether an action is done at the end of a walk to all that it can be done to: reads, and the removal of projects, as a walk that has
/// recovered one has removed it before.
fn is_closing(action: usize) -> bool {
    let Action { on, other, removes, .. } = &ACTIONS[action];
    (is_read(action) && other.is_none()) || (*removes && *on == Some(Kind::Project))
}

fn is_read(action: usize) -> bool {
    let operation = &ACTIONS[action].operation;
    operation.starts_with("get") || operation.starts_with("list")
}

/// All ways to do an action now.
fn possible(way: &Way<'_>, action: usize, id: usize) -> Vec<Move> {
    let keys = |is_needed: bool| -> Vec<Option<String>> {
        if is_needed {
            way.model.things.iter().map(|thing| Some(thing.key.clone())).collect()
        } else {
            vec![None]
        }
    };
    let others = keys(ACTIONS[action].other.is_some());
    let mut found = Vec::new();
    for subject in keys(ACTIONS[action].on.is_some()) {
        for other in &others {
            let one = Move { id, action, subject: subject.clone(), other: other.clone() };
            if way.admits(&one) {
                found.push(one);
            }
        }
    }
    found
}
