//! What the run owns on an account that is not its own. Ownership is proven, not believed: the endpoint itself has shown the thing under the
//! run's name, in a read, and did not list it before the run's first write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::OnceCell;

use super::census::{Collection, Reader, Unreadable, collections, request, sightings};
use super::stage::fill_path;
use crate::exchange::Request;
use crate::spec::Suite;
use crate::spec::contract::Operation;
use crate::sync::lock;
use crate::target::{Ledger, RunName};

/// The number of attempts, with pauses, to find a resource that was just created.
const LOOKS: u32 = 4;

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// A thing that is the run's own. There is no other way to come by one than [`prove`], and nothing is removed without.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owned {
    parameter: String,
    id: String,
    name: String,
}

impl Owned {
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

/// The proof that a thing is a run's own, from how the endpoint shows it: it bears the name of the run, or of any run where none is given, and was
/// not there before.
pub(super) fn prove(
    run: Option<&RunName>,
    parameter: &str,
    (id, name): (&str, &str),
    was_present: bool,
) -> Option<Owned> {
    let bears_it = match run {
        Some(run) => run.is_borne_by(name),
        None => RunName::of(name).is_some(),
    };
    (bears_it && !was_present).then(|| Owned {
        parameter: parameter.to_owned(),
        id: id.to_owned(),
        name: name.to_owned(),
    })
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
}

impl Ownership {
    /// Lists the account before the run's first write, and keeps the ids in the ledger.
    ///
    /// # Errors
    /// When the endpoint cannot be reached, or the ledger cannot be written.
    pub(super) async fn begin(&self, reader: &Reader<'_>, ledger: &Ledger) -> Result<(), NotOwned> {
        let listing = async {
            let mut unlisted = BTreeMap::new();
            for collection in collections(reader.suite) {
                match reader.list(&collection).await {
                    Ok(None) => {}
                    Ok(Some(items)) => {
                        let ids = items.into_iter().map(|item| item.id).collect();
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
        for (parameter, item) in sightings(suite, operation, params, body) {
            let was_present = ledger.was_present(&parameter, &item.id);
            let seen = (item.id.as_str(), item.name.as_str());
            if let Some(owned) = prove(Some(ledger.prefix()), &parameter, seen, was_present) {
                lock(&self.owned).insert(owned);
            }
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
        let known =
            lock(&self.owned).iter().find(|owned| owned.parameter == parameter && owned.id == id).cloned();
        if let Some(owned) = known {
            return Ok(owned);
        }
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
                Ok(None) => {}
                Ok(Some(item)) => {
                    let seen = (item.id.as_str(), item.name.as_str());
                    let proven = prove(Some(ledger.prefix()), parameter, seen, false);
                    if let Some(owned) = &proven {
                        lock(&self.owned).insert(owned.clone());
                    }
                    return proven.ok_or_else(|| {
                        NotOwned::Foreign(format!(
                            "`{id}` is named `{}`, which is not a name of this run",
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::of_the_run("nc-abcdef-001", false, true)]
    #[case::of_another_run("nc-000000-001", false, false)]
    #[case::of_the_user("nc-production", false, false)]
    #[case::there_before("nc-abcdef-001", true, false)]
    #[case::without_a_name("", false, false)]
    fn only_what_bears_the_runs_name_and_was_not_there_is_owned(
        #[case] name: &str,
        #[case] was_present: bool,
        #[case] expected: bool,
    ) {
        let run = RunName::parse("nc-abcdef").expect("it is a name");
        let proven = prove(Some(&run), "project_id", ("p", name), was_present);
        assert_eq!(proven.is_some(), expected);
    }
}
