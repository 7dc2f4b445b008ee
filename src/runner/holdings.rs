//! What an account holds at one moment, and what of it is whose.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::census::{Collection, Listed, Reader, collections};
use super::ownership::{Owned, is_new, prove, prove_of_any_run};
use crate::spec::Suite;
use crate::target::{Ledger, RunName, Undo};

/// A key that was used within this time before the last use of any may be the one that looks.
const IN_USE: SignedDuration = SignedDuration::from_mins(1);

/// A use that lies further back, by the clock of this machine, is not the one of whoever looks.
const JUST_NOW: SignedDuration = SignedDuration::from_mins(10);

/// The lists of an account at one moment.
pub(super) struct Holdings<'s> {
    /// The items of each collection; `None` if the endpoint has no such list.
    pub(super) lists: Vec<(Collection<'s>, Option<Vec<Listed>>)>,
    /// The reasons why other lists cannot be read.
    pub(super) unreadable: Vec<String>,
}

impl<'s> Holdings<'s> {
    pub(super) async fn take(reader: &Reader<'s>) -> Self {
        let mut holdings = Self { lists: Vec::new(), unreadable: Vec::new() };
        for collection in collections(reader.suite) {
            match reader.list(&collection).await {
                Ok(items) => holdings.lists.push((collection, items)),
                Err(unreadable) => holdings.unreadable.push(unreadable.reason),
            }
        }
        holdings
    }

    /// What of it is of one run, or of any whose name begins so.
    pub(super) fn owned(&self, whose: &Whose<'_>) -> Vec<(Collection<'s>, Owned)> {
        let mut found = Vec::new();
        for (collection, items) in &self.lists {
            let in_use = in_use_since(collection.holds_keys, items.iter().flatten(), Timestamp::now());
            // What is listed under another name as well is somebody else's.
            let others: BTreeSet<&str> = items
                .iter()
                .flatten()
                .filter(|item| RunName::of(&item.name).is_none())
                .map(|item| item.id.as_str())
                .collect();
            for item in items.iter().flatten().filter(|item| !others.contains(item.id.as_str())) {
                let knows = whose.knows_what_was_there(collection.parameter);
                let owned = match whose {
                    // Whoever looks uses a key, and it may bear such a name.
                    _ if !knows && in_use.is_some_and(|since| item.may_be_in_use(since)) => None,
                    Whose::Run(ledger) => prove(ledger, collection.parameter, item),
                    Whose::Prefix(prefix) if item.name.starts_with(prefix) => {
                        prove_of_any_run(collection.parameter, item)
                    }
                    Whose::Prefix(_) => None,
                };
                found.extend(owned.map(|owned| (*collection, owned)));
            }
        }
        found
    }

    /// All that is listed, each with the parameter that names it.
    pub(super) fn items(&self) -> impl Iterator<Item = (&'s str, &Listed)> {
        self.lists.iter().flat_map(|(collection, items)| {
            items.iter().flatten().map(move |item| (collection.parameter, item))
        })
    }

    /// Why what bears the name of the run, and was not there before it, is not removed.
    pub(super) fn unproven(&self, ledger: &Ledger) -> Vec<String> {
        let of_the_run = self.items().filter(|(parameter, item)| {
            ledger.prefix().is_borne_by(&item.name)
                && !ledger.was_present(parameter, &item.id)
                && prove(ledger, parameter, item).is_none()
        });
        let told = of_the_run.map(|(parameter, item)| {
            let why = match item.created {
                _ if ledger.is_foreign(parameter, &item.id) => "was shown under another name".to_owned(),
                Some(created) if !is_new(ledger, parameter, item) => {
                    format!("was created at {created}, long before the run")
                }
                _ if item.id.is_empty() => "is listed without an id".to_owned(),
                _ => "has an id that may lead elsewhere".to_owned(),
            };
            format!("`{}` has the name of the run but {why}: it was not touched", item.name)
        });
        told.collect()
    }

    /// The lists that the account of a run had, and that are not there any more.
    pub(super) fn missing(&self, ledger: &Ledger) -> Vec<String> {
        let lists = self.lists.iter().filter(|(_, items)| items.is_none()).map(|(collection, _)| collection);
        let gone = lists.filter(|collection| ledger.knows(collection.parameter));
        let told = gone.map(|collection| {
            format!("GET {} is not there any more: leftover resources cannot be listed", collection.list.path)
        });
        told.collect()
    }

    /// What bears such a name, and may be in use: whoever looks uses a key.
    pub(super) fn in_use(&self, whose: &Whose<'_>) -> Vec<String> {
        let prefix = whose.prefix();
        let of_list = |(collection, items): &(Collection<'s>, Option<Vec<Listed>>)| -> Vec<String> {
            if whose.knows_what_was_there(collection.parameter) {
                return Vec::new();
            }
            let items = || items.iter().flatten();
            let since = in_use_since(collection.holds_keys, items(), Timestamp::now());
            let used = items().filter(|item| {
                item.name.starts_with(prefix)
                    && RunName::of(&item.name).is_some()
                    && since.is_some_and(|since| item.may_be_in_use(since))
            });
            used.map(|item| item.name.clone()).collect()
        };
        self.lists.iter().flat_map(of_list).collect()
    }

    /// What the account did not list before the run, and does not bear its name: whatever time it shows, it was not there.
    pub(super) fn appeared(&self, ledger: &Ledger) -> Vec<String> {
        let others = self.items().filter(|(parameter, item)| {
            ledger.knows(parameter)
                && !item.id.is_empty()
                && !ledger.was_present(parameter, &item.id)
                && !ledger.prefix().is_borne_by(&item.name)
        });
        others.map(|(parameter, item)| format!("{parameter} {}, named {:?}", item.id, item.name)).collect()
    }

    /// Whether nothing is listed of what the account of a run had.
    pub(super) fn is_of_another_account(&self, ledger: &Ledger) -> bool {
        let had: Vec<_> =
            self.lists.iter().filter(|(collection, _)| ledger.had(collection.parameter) > 0).collect();
        let is_known = |(collection, items): &&&(Collection<'_>, Option<Vec<Listed>>)| {
            items.iter().flatten().any(|item| ledger.was_present(collection.parameter, &item.id))
        };
        !had.is_empty() && !had.iter().any(|list| is_known(&list))
    }

    /// What an answer has claimed to be made, that is not listed without a reason: nothing was asked to remove it.
    pub(super) fn unexplained(&self, suite: &Suite, ledger: &Ledger) -> Vec<(Collection<'s>, String)> {
        let mut found = Vec::new();
        for undo in ledger.outstanding().made.values() {
            let Ok((parameter, id)) = named(suite, undo) else { continue };
            let mut lists = self.lists.iter().filter(|(collection, _)| collection.parameter == parameter);
            if let (Some((collection, _)), Standing::Gone) = (lists.next(), self.listed(parameter, &id))
                && !ledger.expects_gone(parameter, &id)
            {
                found.push((*collection, id));
            }
        }
        found
    }

    /// The name of an item in a list.
    pub(super) fn listed(&self, parameter: &str, id: &str) -> Standing<'_> {
        let mut lists = self.lists.iter().filter(|(collection, _)| collection.parameter == parameter);
        match lists.next() {
            Some((_, Some(items))) => match items.iter().find(|item| item.id == id) {
                Some(item) => Standing::Listed(&item.name),
                None => Standing::Gone,
            },
            _ => Standing::Unknown,
        }
    }
}

/// Since when an item of a list counts as in use: shortly before the last use of any. One key was used just now; where none shows it, any may be
/// the one.
fn in_use_since<'l>(
    are_keys: bool,
    items: impl Iterator<Item = &'l Listed>,
    now: Timestamp,
) -> Option<Timestamp> {
    let last = items.filter_map(|item| item.used).max();
    match last.filter(|last| !are_keys || *last >= now - JUST_NOW) {
        Some(last) => Some(last - IN_USE),
        None => are_keys.then_some(Timestamp::MIN),
    }
}

impl Listed {
    fn may_be_in_use(&self, since: Timestamp) -> bool {
        self.used.unwrap_or(Timestamp::MIN) >= since
    }
}

/// Whose things are looked for.
pub(super) enum Whose<'a> {
    Run(&'a Ledger),
    Prefix(&'a str),
}

impl Whose<'_> {
    /// How the names of these things begin.
    fn prefix(&self) -> &str {
        match self {
            Self::Run(ledger) => ledger.prefix().as_str(),
            Self::Prefix(prefix) => prefix,
        }
    }

    /// Whether it is known what the account had of what this parameter names. A ledger that was cut, or made by hand, does not say.
    pub(super) fn knows_what_was_there(&self, parameter: &str) -> bool {
        match self {
            Self::Run(ledger) => ledger.knows(parameter),
            Self::Prefix(_) => false,
        }
    }
}

/// The name of an item in a list.
pub(super) enum Standing<'a> {
    Listed(&'a str),
    Gone,
    Unknown,
}

/// The parameter and the id of what the request of a ledger names first: that holds all that its other parameters name.
pub(super) fn named<'s>(suite: &'s Suite, undo: &Undo) -> Result<(&'s str, String), &'static str> {
    let path = undo.target.split('?').next().unwrap_or_default();
    // A file may say anything: what is looked at is what its request names, not what it says beside it.
    let (operation, params) =
        suite.operation_at(&undo.method, path).ok_or("its ledger names an unknown operation")?;
    let first = operation.path_parameters().next();
    first
        .and_then(|name| Some((name, params.get(name)?.clone())))
        .ok_or("its ledger does not name the resource to remove")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::the_last_ones(false, &[Some(500), Some(900), None], Some(840))]
    #[case::nothing_that_was_used(false, &[None], None)]
    #[case::the_last_keys(true, &[Some(500), Some(900), None], Some(840))]
    #[case::any_key_where_none_was_used(true, &[None, None], Some(i64::MIN))]
    #[case::any_key_where_none_was_used_just_now(true, &[Some(300), None], Some(i64::MIN))]
    fn what_may_be_in_use_was_used_last(
        #[case] are_keys: bool,
        #[case] used: &[Option<i64>],
        #[case] expected: Option<i64>,
    ) {
        let at = |second: i64| Timestamp::from_second(second).unwrap_or(Timestamp::MIN);
        let listed = |used: &Option<i64>| Listed {
            id: String::new(),
            name: String::new(),
            used: used.map(at),
            created: None,
        };
        let items: Vec<Listed> = used.iter().map(listed).collect();
        assert_eq!(in_use_since(are_keys, items.iter(), at(1000)), expected.map(at));
    }
}
