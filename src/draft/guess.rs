//! What a case is called and what it proves, where nobody says so: cases of the same operation suggest it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::spec::Suite;
use crate::spec::case::{Call, Case};
use crate::spec::contract::Operation;
use crate::spec::requirement::RequirementId;

/// The cases that call the operation.
fn calling<'s>(operation: Option<&Operation>, suite: &'s Suite) -> Vec<&'s Case> {
    let calls = |case: &&Arc<Case>| {
        let is_it = |call: &Call| matches!((call, operation), (Call::Operation(id), Some(operation)) if *id == operation.id);
        case.steps.iter().any(|step| is_it(&step.call))
    };
    suite.cases.iter().filter(calls).map(|case| &**case).collect()
}

/// The cases that call nothing but the operation, or those that call it, where there are none.
pub(super) fn alike<'s>(operation: Option<&Operation>, suite: &'s Suite) -> Vec<&'s Case> {
    let all = calling(operation, suite);
    let alone: Vec<&Case> = all.iter().copied().filter(|case| case.steps.len() == 1).collect();
    if alone.is_empty() { all } else { alone }
}

/// What a refusal is about; or the requirement, of those that cases of the operation prove, whose sentence has most in common
/// with the title, the operation and the names of what is sent.
pub(super) fn likely_requirement(
    title: Option<&str>,
    step: &Map<String, Value>,
    operation: Option<&Operation>,
    suite: &Suite,
) -> RequirementId {
    let status = step.get("expect").and_then(|expect| expect.get("status")).and_then(Value::as_u64);
    let by_status = match status {
        Some(401) if step.get("credential") == Some(&json!("missing")) => Some("AUTH-MISSING"),
        Some(401) => Some("AUTH-INVALID"),
        Some(404) => Some("ERR-404"),
        Some(400..500) => Some("ERR-400"),
        _ => None,
    };
    let known =
        by_status.map(|id| RequirementId(id.to_owned())).filter(|id| suite.requirements.contains_key(id));
    let query = step.get("query").and_then(Value::as_object);
    let asked = query.into_iter().flat_map(Map::keys).cloned();
    let called = operation.map(|operation| snake(&operation.id.0));
    let said: BTreeSet<String> = title
        .map(str::to_owned)
        .into_iter()
        .chain(called)
        .chain(asked)
        .flat_map(|text| words(&text))
        .collect();
    let sentences: BTreeMap<&RequirementId, BTreeSet<String>> =
        suite.requirements.iter().map(|(id, requirement)| (id, words(&requirement.statement))).collect();
    // A word counts the more, the fewer requirements have it: in thousandths.
    let in_common = |id: &RequirementId| -> usize {
        let shared = |word: &&String| sentences.get(id).is_some_and(|sentence| sentence.contains(*word));
        let rarity = |word: &String| {
            1000 / sentences.values().filter(|sentence| sentence.contains(word)).count().max(1)
        };
        said.iter().filter(shared).map(rarity).sum()
    };
    let all = calling(operation, suite);
    let proving = |id: &RequirementId| all.iter().filter(|case| case.requirements.contains(id)).count();
    let named = all.iter().flat_map(|case| case.requirements.iter());
    let likely = named.max_by_key(|id| (in_common(id), proving(id), std::cmp::Reverse(*id))).cloned();
    let any = || suite.requirements.keys().next().cloned();
    known.or(likely).or_else(any).unwrap_or_else(|| RequirementId("REQUIREMENT".to_owned()))
}

/// The words of a text that tell something, without their endings, so that `creates` is `created`.
fn words(text: &str) -> BTreeSet<String> {
    let letters = text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
    let stem = |word: String| {
        let endings = ["es", "ed", "s", "e"];
        endings.iter().find_map(|ending| word.strip_suffix(ending)).map(str::to_owned).unwrap_or(word)
    };
    letters.filter(|word| word.len() > 3).map(stem).collect()
}

/// A name beside the cases of the same operation, that no case has.
pub(super) fn free_name(
    operation: Option<&Operation>,
    status: Option<u16>,
    alike: &[&Case],
    suite: &Suite,
) -> String {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for (folder, _) in alike.iter().filter_map(|case| case.name.rsplit_once('/')) {
        *folders.entry(folder).or_default() += 1;
    }
    let usual = folders.into_iter().max_by_key(|(_, count)| *count).map(|(folder, _)| folder.to_owned());
    let tag =
        || operation.and_then(|operation| operation.tags.first()).map(|tag| snake(tag).replace('_', "-"));
    let folder = usual.or_else(tag).unwrap_or_else(|| "mine".to_owned());
    let what = operation.map_or("request".to_owned(), |operation| snake(&operation.id.0));
    let comes = status.map_or(String::new(), |status| format!("_{status}"));
    let is_free = |name: &String| suite.cases.iter().all(|case| case.name != *name);
    let mut names = (1..).map(|number| match number {
        1 => format!("{folder}/{what}{comes}"),
        again => format!("{folder}/{what}{comes}_{again}"),
    });
    names.find(is_free).unwrap_or_default()
}

/// `createProjectBranch` as `create_project_branch`.
fn snake(word: &str) -> String {
    let mut out = String::new();
    for character in word.chars() {
        if character.is_ascii_uppercase() && out.ends_with(|last: char| last.is_ascii_lowercase()) {
            out.push('_');
        }
        match character {
            letter if letter.is_ascii_alphanumeric() => out.push(letter.to_ascii_lowercase()),
            _ if !out.is_empty() && !out.ends_with('_') => out.push('_'),
            _ => {}
        }
    }
    out.trim_end_matches('_').to_owned()
}
