//! Requests made from the contract: what it does not allow must be refused, what is merely strange must be borne.
//!
//! Each is a case file like any other, so that one that fails can be kept and run again. None rests on more than the contract
//! says: a body or a value that its schema allows after all is left out.

mod body;
mod request;
mod sample;
mod step;

pub(crate) use sample::body as sample_body;

use std::path::Path;
use std::sync::Arc;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::selection::Selection;
use super::trial::GENERATED;
use crate::spec::case::Case;
use crate::spec::case_file::Effect;
use crate::spec::contract::Operation;
use crate::spec::{Document, Suite};

/// One request that should be refused or borne.
struct Idea {
    /// What tells it from others of its operation, as a part of a file name: `body.project.name-too-long`.
    slug: String,
    /// What is wrong with it: `` `project.name` is too long ``.
    fault: String,
    /// The keys of its step.
    step: Map<String, Value>,
    /// Whether an endpoint may do as it is asked.
    may_succeed: bool,
}

impl Idea {
    /// A request that the contract does not allow.
    fn refused(slug: impl Into<String>, fault: impl Into<String>, step: Value) -> Self {
        let step = if let Value::Object(step) = step { step } else { Map::new() };
        Self { slug: slug.into(), fault: fault.into(), step, may_succeed: false }
    }

    /// A request that is strange and not forbidden.
    fn borne(slug: impl Into<String>, fault: impl Into<String>, step: Value) -> Self {
        Self { may_succeed: true, ..Self::refused(slug, fault, step) }
    }
}

/// The cases that a selection's generation takes, by operation, and of these the ones whose name is selected.
pub(super) fn generate(suite: &Suite, selection: &Selection) -> Vec<Arc<Case>> {
    let generation = &selection.generation;
    if generation.at_most == 0 || suite.generated_requirements.is_empty() {
        return Vec::new();
    }
    let is_there = |operation: &&Operation| {
        !generation.absent.contains(&operation.id) && selection.may_take_of(&folder_of(operation))
    };
    let operations: Vec<&Operation> = suite.operations.values().filter(is_there).collect();
    let ideas = operations.par_iter().enumerate().flat_map_iter(|(place, operation)| {
        let mut ideas: Vec<Idea> = request::ideas(suite, operation, &generation.absent);
        ideas.extend(body::ideas(suite, operation));
        ideas.sort_by_cached_key(|idea| rank(generation.seed, operation, &idea.slug));
        ideas.into_iter().enumerate().map(move |(round, idea)| (round, place, idea))
    });
    let mut taken: Vec<(usize, usize, Idea)> = ideas.collect();
    // One of each operation, then a second one of each, and so on.
    taken.sort_by_key(|(round, place, _)| (*round, *place));
    if !selection.is_by_name() {
        taken.truncate(generation.at_most);
    }
    taken.sort_by(|(_, a, one), (_, b, other)| (a, &one.slug).cmp(&(b, &other.slug)));
    let cases = taken.par_iter().filter_map(|(_, place, idea)| {
        let operation = operations[*place];
        let name = name_of(operation, idea);
        if selection.takes_name(&name) { case(suite, operation, name, idea).map(Arc::new) } else { None }
    });
    cases.collect()
}

/// Where a request stands among those of its operation: the same everywhere.
fn rank(seed: u64, operation: &Operation, slug: &str) -> [u8; 32] {
    Sha256::digest(format!("{seed} {} {slug}", operation.id)).into()
}

/// What the names of an operation's cases begin with.
fn folder_of(operation: &Operation) -> String {
    format!("{GENERATED}{}/", file_name(&operation.id.0))
}

fn name_of(operation: &Operation, idea: &Idea) -> String {
    format!("{}{}", folder_of(operation), file_name(&idea.slug))
}

fn case(suite: &Suite, operation: &Operation, name: String, idea: &Idea) -> Option<Case> {
    let verb = if idea.may_succeed { "bears" } else { "refuses" };
    let mut file = json!({
        "title": format!("{} {verb} a request in which {}", operation.id, idea.fault),
        "requirements": suite.generated_requirements,
        "tags": ["generated"],
    });
    if operation.effect() > Effect::Reads {
        // What is done all the same, nobody takes back.
        file["effect"] = json!(Effect::Destroys);
    }
    for (key, value) in &idea.step {
        file[key] = value.clone();
    }
    if file.get("request").is_none() {
        file["operation"] = json!(operation.id);
    }
    file["expect"] =
        if idea.may_succeed { json!({ "status": ["2xx", "4xx"] }) } else { json!({ "status": "4xx" }) };
    file["snapshot"] = json!({ "omit": true });
    let text = serde_saphyr::to_string(&file).ok()?;
    let document = Document::parse(Path::new(&format!("{name}.yaml")), text.as_bytes()).ok()?;
    suite.case(name, &document).ok()
}

/// A word as a part of a file name on any system.
fn file_name(word: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '-' };
    word.chars().map(allowed).collect()
}
