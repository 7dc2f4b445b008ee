//! What the run owns on an account that is not its own. Ownership is proven, not believed: the endpoint itself has shown the thing under the
//! run's name, in a read, and did not list it before the run's first write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::census::{Collection, Listed, Reader, Unreadable, collections, request, sightings};
use super::stage::fill_path;
use crate::exchange::Request;
use crate::spec::Suite;
use crate::spec::contract::Operation;
use crate::sync::lock;
use crate::target::{Ledger, RunName, is_plain};

/// The number of attempts, with pauses, to find a resource that was just created.
const LOOKS: u32 = 4;

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// A list of what was there before the run takes no longer than this, however slowly its pages come.
const LONGEST_LIST: Duration = Duration::from_secs(5 * 60);

/// A thing that is the run's own. There is no other way to come by one than [`prove`], and nothing is removed without.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owned {
    parameter: String,
    id: String,
    name: String,
}

impl Owned {
    /// None where the id may lead elsewhere.
    fn named(parameter: &str, item: &Listed) -> Option<Self> {
        let (id, name) = (item.id.clone(), item.name.clone());
        is_plain(&id).then(|| Self { parameter: parameter.to_owned(), id, name })
    }

    /// The id that it was shown with.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The name that it was shown under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Method and path of the request that removes it.
    pub(super) fn removal(&self, collection: &Collection<'_>) -> (String, String) {
        let params = BTreeMap::from([(self.parameter.clone(), self.id.clone())]);
        (collection.removal.method.clone(), fill_path(&collection.removal.path, &params))
    }

    /// The request that removes it.
    pub(super) fn request(&self, reader: &Reader<'_>, collection: &Collection<'_>) -> Request {
        let (method, path) = self.removal(collection);
        request(reader.key, &method, &path)
    }
}

/// Clocks differ: what was made so long before a run began was made by somebody else.
const SKEW: SignedDuration = SignedDuration::from_hours(48);

/// The proof that a thing is a run's own, from how the endpoint shows it: it bears the name of the run, was not there before, was not made
/// long before the run began, was never shown under another name, and has an id that leads to it and to nothing else.
pub(super) fn prove(ledger: &Ledger, parameter: &str, item: &Listed) -> Option<Owned> {
    let is_own = ledger.prefix().is_borne_by(&item.name)
        && is_new(ledger, parameter, item)
        && !ledger.is_foreign(parameter, &item.id);
    is_own.then(|| Owned::named(parameter, item)).flatten()
}

/// Whether something was made before a run began, by whatever clock.
pub(super) fn is_before(created: Timestamp, began: Timestamp) -> bool {
    created <= began - SKEW
}

/// Whether a thing has come to the account since the run began: who has made it is not known.
pub(super) fn is_new(ledger: &Ledger, parameter: &str, item: &Listed) -> bool {
    let is_old = ledger.began().zip(item.created).is_some_and(|(began, created)| is_before(created, began));
    !is_old && !ledger.was_present(parameter, &item.id)
}

/// Whether a thing is shown as somebody else's: it was not there before the run, and does not bear its name. What lacks a name or an id says nothing.
fn is_shown_as_foreign(ledger: &Ledger, parameter: &str, item: &Listed) -> bool {
    !item.name.is_empty()
        && !item.id.is_empty()
        && !ledger.prefix().is_borne_by(&item.name)
        && !ledger.was_present(parameter, &item.id)
}

/// Takes note of what is shown as somebody else's: no other read proves that it is the run's.
pub(super) fn note_foreign<'i>(ledger: &Ledger, shown: impl IntoIterator<Item = (&'i str, &'i Listed)>) {
    for (parameter, item) in shown {
        if is_shown_as_foreign(ledger, parameter, item) {
            ledger.note_foreign(parameter, &item.id);
        }
    }
}

/// The same of any run, of which nothing more is known.
pub(super) fn prove_of_any_run(parameter: &str, item: &Listed) -> Option<Owned> {
    RunName::of(&item.name).and_then(|_| Owned::named(parameter, item))
}

/// The reason why a resource is not known to belong to the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotOwned {
    /// It belongs to somebody else: it existed before the run, or has another name.
    Foreign(String),
    /// The endpoint does not show it.
    Unseen(String),
    /// The endpoint cannot be reached.
    Unreachable(String),
}

/// The ownership of the resources on an account, as far as the run knows it.
#[derive(Default)]
pub(super) struct Ownership {
    /// By parameter: why its list could not be read before the first write.
    unlisted: OnceCell<BTreeMap<String, String>>,
    owned: Mutex<BTreeSet<Owned>>,
    /// What the run has removed: an endpoint may give its id to somebody else's.
    removed: Mutex<BTreeSet<Owned>>,
}

impl Ownership {
    /// Lists the account before the run's first write, and keeps the ids in the ledger.
    ///
    /// # Errors
    /// When the endpoint cannot be reached, or the ledger cannot be written.
    pub(super) async fn begin(&self, reader: &Reader<'_>, ledger: &Ledger) -> Result<(), NotOwned> {
        let listing = async {
            let mut unlisted = BTreeMap::new();
            let mut listed = BTreeSet::new();
            for collection in collections(reader.suite) {
                let late = || format!("GET {} did not end in time", collection.list.path);
                let list = tokio::time::timeout(LONGEST_LIST, reader.list(&collection)).await;
                match list.unwrap_or_else(|_| Err(Unreadable::answered(late()))) {
                    Ok(None) => {
                        let reason = format!("the endpoint does not have {}", collection.list.path);
                        unlisted.insert(collection.parameter.to_owned(), reason);
                    }
                    Ok(Some(items)) => {
                        listed.insert(collection.parameter);
                        let ids = items.into_iter().map(|item| item.id).filter(|id| !id.is_empty()).collect();
                        ledger
                            .note_present(collection.parameter, ids)
                            .map_err(|error| NotOwned::Unreachable(error.to_string()))?;
                    }
                    Err(Unreadable { reason, is_unreachable: true }) => {
                        return Err(NotOwned::Unreachable(reason));
                    }
                    Err(Unreadable { reason, .. }) => {
                        unlisted.insert(collection.parameter.to_owned(), reason);
                    }
                }
            }
            // One list that can be read is enough.
            unlisted.retain(|parameter, _| !listed.contains(parameter.as_str()));
            Ok(unlisted)
        };
        self.unlisted.get_or_try_init(|| listing).await.map(|_| ())
    }

    /// Whether it is known what the account had before of what this parameter names; of anything, where none is given.
    ///
    /// # Errors
    /// The reason.
    pub(super) fn knows_what_was_there(&self, parameter: Option<&str>) -> Result<(), String> {
        let unlisted = self.unlisted.get().into_iter().flatten();
        let mut unlisted = unlisted.filter(|(name, _)| parameter.is_none_or(|parameter| parameter == *name));
        match unlisted.next() {
            None => Ok(()),
            Some((_, reason)) => {
                Err(format!("the resources that existed before the run cannot be listed: {reason}"))
            }
        }
    }

    /// Learns from the answer to a read of a trial what the run owns.
    pub(super) fn learn(
        &self,
        suite: &Suite,
        ledger: &Ledger,
        (operation, params): (&Operation, &BTreeMap<String, String>),
        body: &Value,
    ) {
        let shown = sightings(suite, operation, params, body);
        note_foreign(ledger, shown.iter().map(|(parameter, item)| (parameter.as_str(), item)));
        for (parameter, item) in shown {
            if let Some(owned) = prove(ledger, &parameter, &item)
                && find(&self.removed, &parameter, &item.id).is_none()
            {
                lock(&self.owned).insert(owned);
            }
        }
    }

    /// Takes note that a request has removed a thing: whatever has its id from now on is looked at again.
    pub(super) fn forget(&self, parameter: &str, id: &str) {
        if let Some(owned) = find(&self.owned, parameter, id) {
            lock(&self.owned).remove(&owned);
            lock(&self.removed).insert(owned);
        }
    }

    /// The proof that what a path parameter names is the run's own: from what was seen so far, or else from a read.
    pub(super) async fn prove(
        &self,
        reader: &Reader<'_>,
        ledger: &Ledger,
        (parameter, id): (&str, &str),
    ) -> Result<Owned, NotOwned> {
        if ledger.was_present(parameter, id) {
            return Err(NotOwned::Foreign(format!("`{id}` existed before the run")));
        }
        if ledger.is_foreign(parameter, id) {
            return Err(NotOwned::Foreign(format!("`{id}` was shown under a name that is not the run's")));
        }
        if let Some(owned) = find(&self.owned, parameter, id) {
            return Ok(owned);
        }
        let removed = find(&self.removed, parameter, id);
        let Some(collection) = collections(reader.suite).find(|collection| collection.parameter == parameter)
        else {
            return Err(NotOwned::Unseen(format!(
                "no list operation shows the resource that `{parameter}` names"
            )));
        };
        self.knows_what_was_there(Some(parameter)).map_err(NotOwned::Unseen)?;
        let mut reason = format!("the endpoint does not list `{id}`, although it reported its creation");
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            match reader.read(&collection, id).await {
                Ok(None) => {
                    // What has gone is there for nobody. A list that lacks other things as well may lack it, whosever it is now.
                    if let Some(removed) = &removed {
                        if collection.read.is_some() || reader.lists_all_of(ledger, &collection).await {
                            return Ok(removed.clone());
                        }
                        reason = format!(
                            "the list without `{id}` lacks resources that existed before the run as well"
                        );
                    }
                }
                Ok(Some(item)) => {
                    note_foreign(ledger, [(parameter, &item)]);
                    let proven = prove(ledger, parameter, &item);
                    // What was removed and is still there is looked at each time.
                    if let Some(owned) = proven.as_ref().filter(|_| removed.is_none()) {
                        lock(&self.owned).insert(owned.clone());
                    }
                    return proven.ok_or_else(|| {
                        NotOwned::Foreign(format!(
                            "`{id}` is named `{}`, and nothing shows that this run has made it",
                            item.name
                        ))
                    });
                }
                Err(Unreadable { reason, is_unreachable: true }) => {
                    return Err(NotOwned::Unreachable(reason));
                }
                Err(unreadable) => {
                    reason = unreadable.reason;
                    break;
                }
            }
        }
        Err(NotOwned::Unseen(reason))
    }
}

fn find(things: &Mutex<BTreeSet<Owned>>, parameter: &str, id: &str) -> Option<Owned> {
    lock(things).iter().find(|owned| owned.parameter == parameter && owned.id == id).cloned()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::of_the_run("p", "nc-abcdef-001", 0, true)]
    #[case::of_another_run("p", "nc-000000-001", 0, false)]
    #[case::of_the_user("p", "nc-production", 0, false)]
    #[case::there_before("there", "nc-abcdef-001", 0, false)]
    #[case::there_before_in_other_letters("THERE", "nc-abcdef-001", 0, false)]
    #[case::made_long_before("p", "nc-abcdef-001", -200, false)]
    #[case::made_by_another_clock("p", "nc-abcdef-001", -30, true)]
    #[case::without_a_name("p", "", 0, false)]
    #[case::without_an_id("", "nc-abcdef-001", 0, false)]
    #[case::with_an_id_that_leads_elsewhere("x/../p", "nc-abcdef-001", 0, false)]
    fn only_what_bears_the_runs_name_and_is_new_is_owned(
        #[case] id: &str,
        #[case] name: &str,
        #[case] hours: i64,
        #[case] expected: bool,
    ) {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let run = RunName::parse("nc-abcdef").expect("it is a name");
        let ledger =
            Ledger::begin(folder.path(), "http://localhost:1", None, &run).expect("it can be written");
        ledger.note_present("project_id", BTreeSet::from(["there".to_owned()])).expect("it can be written");
        let created = Some(jiff::Timestamp::now() + SignedDuration::from_hours(hours));
        let item = Listed { id: id.to_owned(), name: name.to_owned(), used: None, created };
        assert_eq!(prove(&ledger, "project_id", &item).is_some(), expected);
    }

    #[rstest]
    #[case::the_users("shop", false)]
    #[case::of_another_run("nc-000000-001", false)]
    #[case::of_the_run("nc-abcdef-002", true)]
    #[case::none("", true)]
    fn what_was_shown_under_another_name_is_not_owned(#[case] shown: &str, #[case] expected: bool) {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let run = RunName::parse("nc-abcdef").expect("it is a name");
        let ledger =
            Ledger::begin(folder.path(), "http://localhost:1", None, &run).expect("it can be written");
        let listed =
            |name: &str| Listed { id: "p".to_owned(), name: name.to_owned(), used: None, created: None };
        note_foreign(&ledger, [("project_id", &listed(shown))]);
        let path = ledger.path().to_owned();
        let is_owned = |ledger: &Ledger| prove(ledger, "project_id", &listed("nc-abcdef-001")).is_some();
        assert_eq!(is_owned(&ledger), expected);
        drop(ledger);
        assert_eq!(is_owned(&Ledger::resume(&path).expect("it can be read")), expected, "whoever sweeps");
    }
}
