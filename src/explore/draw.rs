//! Walks at random: which move comes next is drawn from those that are possible.

use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;

use super::action::{ACTIONS, Action};
use super::walk::{Move, Way, is_known};
use crate::spec::Suite;
use crate::spec::absent::Absent;
use crate::spec::contract::OperationId;

/// How often a read comes next, of ten times.
const READS: u32 = 4;

/// How often what comes next is about what was changed last, of ten times.
const NEAR: u32 = 6;

/// The moves of a walk: so many drawn at random, and after them the reads that show what has come of it all.
pub(super) fn draw(suite: &Suite, absent: &Absent, seed: u64, steps: usize) -> Vec<Move> {
    let mut draws = ChaCha12Rng::seed_from_u64(seed);
    let is_usable = |action: &Action| {
        is_known(suite, action) && !absent.contains_key(&OperationId(action.operation.clone()))
    };
    let usable: Vec<usize> = (0..ACTIONS.len()).filter(|action| is_usable(&ACTIONS[*action])).collect();
    let mut way = Way::new(suite);
    let mut number = 0;
    while way.moves.len() < steps {
        number += 1;
        let all: Vec<Move> =
            usable.iter().flat_map(|action| possible(&way, *action, number)).collect();
        let reads = !way.moves.is_empty() && draws.random_range(0..10) < READS;
        let near = draws.random_range(0..10) < NEAR;
        let is_near = |one: &&Move| one.subject.iter().any(|key| way.touched.contains(key));
        let of_kind: Vec<&Move> = all.iter().filter(|one| is_read(one.action) == reads).collect();
        let close: Vec<&Move> = of_kind.iter().copied().filter(is_near).collect();
        let from = if near && !close.is_empty() { close } else { of_kind };
        // Each action as often as its weight says, on whatever it can be done to.
        let mut weighted: Vec<usize> = Vec::new();
        for action in &usable {
            if from.iter().any(|one| one.action == *action) {
                weighted.extend(std::iter::repeat_n(*action, ACTIONS[*action].weight));
            }
        }
        let Some(action) = weighted.choose(&mut draws).copied() else { break };
        let of_action: Vec<&Move> = from.into_iter().filter(|one| one.action == action).collect();
        let Some(one) = of_action.choose(&mut draws).map(|one| (*one).clone()) else { break };
        way.take(&one);
        if number > steps * 4 {
            break;
        }
    }
    for action in usable.iter().filter(|action| is_read(**action) && ACTIONS[**action].other.is_none()) {
        for mut one in possible(&way, *action, 0) {
            number += 1;
            one.id = number;
            way.take(&one);
        }
    }
    let removal = usable.iter().find(|action| ACTIONS[**action].name == "remove a project");
    let removals: Vec<Move> = removal.into_iter().flat_map(|action| possible(&way, *action, 0)).collect();
    for mut one in removals {
        number += 1;
        one.id = number;
        way.take(&one);
    }
    way.moves
}

fn is_read(action: usize) -> bool {
    let operation = &ACTIONS[action].operation;
    operation.starts_with("get") || operation.starts_with("list")
}

/// All ways to do an action now.
fn possible(way: &Way<'_>, action: usize, id: usize) -> Vec<Move> {
    let keys = |is_needed: bool| -> Vec<Option<String>> {
        if is_needed { way.model.things.iter().map(|thing| Some(thing.key.clone())).collect() } else { vec![None] }
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
