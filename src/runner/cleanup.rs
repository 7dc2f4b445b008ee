//! Removing what a run has left behind: what the endpoint shows under the run's name, until a read shows that it is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tokio::time::Instant;

use super::breaker::Breaker;
use super::census::{Collection, Listed, Reader, collections};
use super::ownership::{Owned, is_new, prove, prove_of_any_run};
use crate::spec::Suite;
use crate::target::{Ledger, RunName, Target, Undo};

/// The default time in which a request without a usable response may still take effect.
pub const USUAL_GRACE: Duration = Duration::from_secs(10);

/// The first pause between two looks at the account; each further one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Nobody waits longer than this between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What was used so long before the last use that is told may be the key that looks.
const IN_USE: SignedDuration = SignedDuration::from_mins(1);

/// Removing what a run has left behind takes no longer, whatever the endpoint shows.
pub(super) const LONGEST_CLEANING: Duration = Duration::from_secs(15 * 60);

/// The number of looks that must agree before a resource without a ledger is removed.
const AGREEING_LOOKS: usize = 3;

/// The maximum ratio of removals to requested creations: an endpoint may list ever more under the name of the run.
const MOST_REMOVALS: usize = 3;

/// A thing that does not go away is asked to no more often than this.
const REMOVALS: u32 = 3;

/// Something on an account that bears the name of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// The request that would remove it: `DELETE /api/v2/projects/…`.
    pub removal: String,
}

/// The result of a cleanup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The removed resources, whose absence was verified: `DELETE /api/v2/projects/…`.
    pub removed: Vec<String>,
    /// The resources that could not be removed, each with the reason.
    pub left: Vec<String>,
    /// What else the account lists since the run began: `project_id calm-sea-00000001, named "demo"`. It may be somebody else's.
    pub appeared: Vec<String>,
}

/// The lists of an account at one moment.
struct Census<'s> {
    /// The items of each collection; `None` if the endpoint has no such list.
    lists: Vec<(Collection<'s>, Option<Vec<Listed>>)>,
    /// The reasons why other lists cannot be read.
    unreadable: Vec<String>,
}

impl<'s> Census<'s> {
    async fn take(reader: &Reader<'s>) -> Self {
        let mut census = Self { lists: Vec::new(), unreadable: Vec::new() };
        for collection in collections(reader.suite) {
            match reader.list(&collection).await {
                Ok(items) => census.lists.push((collection, items)),
                Err(unreadable) => census.unreadable.push(unreadable.reason),
            }
        }
        census
    }

    /// What of it is of one run, or of any whose name begins so.
    fn owned(&self, whose: &Whose<'_>) -> Vec<(Collection<'s>, Owned)> {
        let mut found = Vec::new();
        for (collection, items) in &self.lists {
            let used_last = used_last(items.iter().flatten());
            // What is listed under another name as well is somebody else's.
            let others: BTreeSet<&str> = items
                .iter()
                .flatten()
                .filter(|item| RunName::of(&item.name).is_none())
                .map(|item| item.id.as_str())
                .collect();
            for item in items.iter().flatten().filter(|item| !others.contains(item.id.as_str())) {
                let owned = match whose {
                    Whose::Run(ledger) => prove(ledger, collection.parameter, item),
                    // Whoever looks uses a key, and it may bear such a name.
                    Whose::Prefix(_) if used_last.is_some_and(|last| item.used >= Some(last)) => None,
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
    fn items(&self) -> impl Iterator<Item = (&'s str, &Listed)> {
        self.lists.iter().flat_map(|(collection, items)| {
            items.iter().flatten().map(move |item| (collection.parameter, item))
        })
    }

    /// Why what bears the name of the run, and was not there before it, is not removed.
    fn unproven(&self, ledger: &Ledger) -> Vec<String> {
        let of_the_run = self.items().filter(|(parameter, item)| {
            ledger.prefix().is_borne_by(&item.name)
                && !ledger.was_present(parameter, &item.id)
                && prove(ledger, parameter, item).is_none()
        });
        let told = of_the_run.map(|(parameter, item)| {
            let why = match item.created {
                Some(created) if !is_new(ledger, parameter, item) => {
                    format!("was created at {created}, long before the run")
                }
                _ => "has an id that may lead elsewhere".to_owned(),
            };
            format!("`{}` has the name of the run but {why}: it was not touched", item.name)
        });
        told.collect()
    }

    /// The lists that the account of a run had, and that are not there any more.
    fn missing(&self, ledger: &Ledger) -> Vec<String> {
        let lists = self.lists.iter().filter(|(_, items)| items.is_none()).map(|(collection, _)| collection);
        let gone = lists.filter(|collection| ledger.knows(collection.parameter));
        let told = gone.map(|collection| {
            format!("GET {} is not there any more: leftover resources cannot be listed", collection.list.path)
        });
        told.collect()
    }

    /// What bears such a name, and may be in use: whoever looks uses a key.
    fn in_use(&self, prefix: &str) -> Vec<String> {
        let last = used_last(self.items().map(|(_, item)| item));
        let used = self.items().map(|(_, item)| item).filter(|item| {
            item.name.starts_with(prefix)
                && RunName::of(&item.name).is_some()
                && last.is_some_and(|last| item.used >= Some(last))
        });
        used.map(|item| item.name.clone()).collect()
    }

    /// What the account did not list before the run, and does not bear its name.
    fn appeared(&self, ledger: &Ledger) -> Vec<String> {
        let others = self.items().filter(|(parameter, item)| {
            ledger.knows(parameter)
                && is_new(ledger, parameter, item)
                && !ledger.prefix().is_borne_by(&item.name)
        });
        others.map(|(parameter, item)| format!("{parameter} {}, named {:?}", item.id, item.name)).collect()
    }

    /// Whether nothing is listed of what the account of a run had.
    fn is_of_another_account(&self, ledger: &Ledger) -> bool {
        let had: Vec<_> =
            self.lists.iter().filter(|(collection, _)| ledger.had_any(collection.parameter)).collect();
        let is_known = |(collection, items): &&&(Collection<'_>, Option<Vec<Listed>>)| {
            items.iter().flatten().any(|item| ledger.was_present(collection.parameter, &item.id))
        };
        !had.is_empty() && !had.iter().any(|list| is_known(&list))
    }

    /// What an answer has claimed to be made, that is not listed without a reason: nothing was asked to remove it.
    fn unexplained(&self, suite: &Suite, ledger: &Ledger) -> Vec<(Collection<'s>, String)> {
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
    fn listed(&self, parameter: &str, id: &str) -> Standing<'_> {
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

/// Since when something of a list is taken to be in use: shortly before the last use that any of it tells.
fn used_last<'l>(items: impl Iterator<Item = &'l Listed>) -> Option<Timestamp> {
    items.filter_map(|item| item.used).max().map(|last| last - IN_USE)
}

/// Whose things are looked for.
enum Whose<'a> {
    Run(&'a Ledger),
    Prefix(&'a str),
}

/// The name of an item in a list.
enum Standing<'a> {
    Listed(&'a str),
    Gone,
    Unknown,
}

/// Removes what a run has made, and looks whether it is gone. Where a request had no usable answer, what it may still make is looked for
/// by the run's name until `grace` is over. A ledger of which nothing is left is removed from the disk.
pub async fn clean(
    target: &dyn Target,
    key: &SecretString,
    suite: &Suite,
    ledger: &Ledger,
    grace: Duration,
) -> Cleaned {
    if ledger.organization() != target.organization() {
        let whose = ledger
            .organization()
            .map_or("no organization".to_owned(), |id| format!("the organization `{id}`"));
        let reason =
            format!("{}: its run worked in {whose}: name the same with --org-id", ledger.path().display());
        return Cleaned { left: vec![reason], ..Cleaned::default() };
    }
    let breaker = Breaker::default();
    let reader = Reader { target, key, suite, breaker: &breaker };
    let cleaned = tokio::time::timeout(LONGEST_CLEANING, clean_as(&reader, ledger, grace)).await;
    cleaned.unwrap_or_else(|_| unended(ledger))
}

/// The result of a cleanup that did not end in time.
pub(super) fn unended(ledger: &Ledger) -> Cleaned {
    let reason =
        format!("not all was removed in time; what is left is in {}: sweep again", ledger.path().display());
    Cleaned { left: vec![reason], ..Cleaned::default() }
}

/// The same for who has read the account before.
pub(super) async fn clean_as(reader: &Reader<'_>, ledger: &Ledger, grace: Duration) -> Cleaned {
    let mut cleaned = Cleaned::default();
    if ledger.has_asked() {
        // Nothing comes late any more where the run itself ended long ago.
        let late = if ledger.outstanding().unanswered.is_empty() {
            Duration::ZERO
        } else {
            grace.saturating_sub(ledger.age().unwrap_or_default())
        };
        // A run under way knows its account.
        if ledger.age().is_some() && Census::take(reader).await.is_of_another_account(ledger) {
            let reason = format!(
                "{}: this account lists nothing of what that of its run had: sweep with a key of that account",
                ledger.path().display()
            );
            return Cleaned { left: vec![reason], ..cleaned };
        }
        let mut census = remove_all(reader, &Whose::Run(ledger), grace, late, &mut cleaned).await;
        if ledger.age().is_some() {
            census = doubt(reader, ledger, grace, census, &mut cleaned).await;
        } else {
            for (collection, id) in census.unexplained(reader.suite, ledger) {
                if reader.is_gone(&collection, &id).await {
                    ledger.expect_gone(collection.parameter, &id);
                }
            }
        }
        cleaned.left.extend(census.unproven(ledger));
        cleaned.left.extend(census.missing(ledger));
        settle(reader.suite, ledger, &census, grace, &mut cleaned);
        cleaned.appeared = census.appeared(ledger);
    }
    if cleaned.left.is_empty()
        && let Err(error) = ledger.close()
    {
        cleaned.left.push(error.to_string());
    }
    cleaned
}

/// Looks again where only a list says that something is gone, as after a run that was killed: a list that lacks some of what is there is
/// not believed at once.
async fn doubt<'s>(
    reader: &Reader<'s>,
    ledger: &Ledger,
    grace: Duration,
    mut census: Census<'s>,
    cleaned: &mut Cleaned,
) -> Census<'s> {
    let whose = Whose::Run(ledger);
    for _ in 1..AGREEING_LOOKS {
        if !cleaned.left.is_empty() || census.unexplained(reader.suite, ledger).is_empty() {
            break;
        }
        tokio::time::sleep(FIRST_PAUSE).await;
        if !Census::take(reader).await.owned(&whose).is_empty() {
            census = remove_all(reader, &whose, grace, Duration::ZERO, cleaned).await;
        }
    }
    census
}

/// What of runs is listed on an account under a name that begins with `prefix`. With it, which lists could not be read, and why.
pub async fn find(
    target: &dyn Target,
    key: &SecretString,
    suite: &Suite,
    prefix: &str,
) -> (Vec<Found>, Vec<String>) {
    let breaker = Breaker::default();
    let reader = Reader { target, key, suite, breaker: &breaker };
    let Ok(census) = tokio::time::timeout(LONGEST_CLEANING, Census::take(&reader)).await else {
        return (Vec::new(), vec!["the account could not be listed in time".to_owned()]);
    };
    let found = census.owned(&Whose::Prefix(prefix)).into_iter().map(|(collection, owned)| {
        let (method, path) = owned.removal(&collection);
        Found { name: owned.name().to_owned(), removal: format!("{method} {path}") }
    });
    (found.collect(), census.unreadable)
}

/// Removes what [`find`] finds, and looks whether it is gone.
pub async fn remove_by_prefix(
    target: &dyn Target,
    key: &SecretString,
    suite: &Suite,
    prefix: &str,
    grace: Duration,
) -> Cleaned {
    let mut cleaned = Cleaned::default();
    let whose = Whose::Prefix(prefix);
    let breaker = Breaker::default();
    let reader = Reader { target, key, suite, breaker: &breaker };
    let removing = remove_all(&reader, &whose, grace, Duration::ZERO, &mut cleaned);
    let Ok(census) = tokio::time::timeout(LONGEST_CLEANING, removing).await else {
        cleaned.left.push("not all was removed in time: sweep again".to_owned());
        return cleaned;
    };
    let in_use = census.in_use(prefix).into_iter();
    cleaned.left.extend(in_use.map(|name| {
        format!("`{name}` was used within a minute of the last use of any key, and may be in use: sweep again later")
    }));
    cleaned
}

/// Looks and removes until nothing is listed any more, for `grace` at most, and for as long as something may come late; returns what is listed
/// then.
async fn remove_all<'s>(
    reader: &Reader<'s>,
    whose: &Whose<'_>,
    grace: Duration,
    late: Duration,
    cleaned: &mut Cleaned,
) -> Census<'s> {
    let began = Instant::now();
    let mut asked: BTreeMap<String, (u32, String)> = BTreeMap::new();
    let mut gone: BTreeSet<String> = BTreeSet::new();
    let mut pause = FIRST_PAUSE;
    let agreed = match whose {
        Whose::Run(_) => None,
        Whose::Prefix(_) => Some(agreed(reader, whose).await),
    };
    let most = match whose {
        Whose::Run(ledger) => Some(MOST_REMOVALS * (ledger.asked() + 10)),
        Whose::Prefix(_) => None,
    };
    loop {
        let census = Census::take(reader).await;
        let mut owned = census.owned(whose);
        owned.retain(|(_, owned)| agreed.as_ref().is_none_or(|agreed| agreed.contains(owned)));
        let still: BTreeSet<String> =
            owned.iter().map(|(collection, owned)| shown(collection, owned)).collect();
        gone.extend(asked.keys().filter(|removal| !still.contains(*removal)).cloned());
        gone.retain(|removal| !still.contains(removal));
        let is_over = began.elapsed() >= grace;
        let is_quiet = still.is_empty() && census.unreadable.is_empty() && began.elapsed() >= late;
        let was_asked = still.iter().all(|removal| asked.contains_key(removal));
        let is_endless = most.is_some_and(|most| gone.len() > most);
        if is_quiet || (is_over && was_asked) || is_endless {
            // Only what is seen to be gone is; what a list no longer shows since it cannot be read is not.
            if census.unreadable.is_empty() {
                cleaned.removed.extend(gone);
            }
            for (removal, owned) in owned.iter().map(|(collection, owned)| (shown(collection, owned), owned))
            {
                let how = asked.get(&removal).map_or("was not sent", |(_, how)| how);
                cleaned.left.push(format!("{removal} {how}, but `{}` is still listed", owned.name()));
            }
            let unread = census.unreadable.iter();
            cleaned
                .left
                .extend(unread.map(|reason| format!("{reason}: leftover resources cannot be listed")));
            return census;
        }
        for (collection, owned) in &owned {
            let (times, how) = asked.entry(shown(collection, owned)).or_default();
            if *times < REMOVALS {
                *times += 1;
                if let Whose::Run(ledger) = whose {
                    ledger.expect_gone(collection.parameter, owned.id());
                }
                *how = remove(reader, collection, owned).await;
            }
        }
        // What was just removed is looked at again at once.
        if owned.is_empty() || asked.values().any(|(times, _)| *times > 1) {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// What several looks at an account agree on, in a list and each by itself.
async fn agreed(reader: &Reader<'_>, whose: &Whose<'_>) -> BTreeSet<Owned> {
    let mut agreed: Option<BTreeSet<Owned>> = None;
    for look in 0..AGREEING_LOOKS {
        if look > 0 {
            tokio::time::sleep(FIRST_PAUSE).await;
        }
        let census = Census::take(reader).await;
        let mut seen = BTreeSet::new();
        for (collection, owned) in census.owned(whose) {
            let alone = reader.read(&collection, owned.id()).await.ok().flatten();
            if alone.and_then(|item| prove_of_any_run(collection.parameter, &item)).as_ref() == Some(&owned) {
                seen.insert(owned);
            }
        }
        agreed = Some(match agreed {
            Some(before) => before.intersection(&seen).cloned().collect(),
            None => seen,
        });
    }
    agreed.unwrap_or_default()
}

fn shown(collection: &Collection<'_>, owned: &Owned) -> String {
    let (method, path) = owned.removal(collection);
    format!("{method} {path}")
}

/// Asks for one thing to be removed; how that was answered.
async fn remove(reader: &Reader<'_>, collection: &Collection<'_>, owned: &Owned) -> String {
    let request = owned.request(reader, collection);
    match reader.answer(&request, &collection.removal.path).await {
        Ok(response) => format!("answered {}", response.status),
        Err(unreadable) => format!("got no response ({})", unreadable.reason),
    }
}

/// Settles what the ledger says and the account no longer lists; says of the rest why it stays. Without a grace, what may still come late
/// stays until it is old.
fn settle(suite: &Suite, ledger: &Ledger, census: &Census<'_>, grace: Duration, cleaned: &mut Cleaned) {
    let outstanding = ledger.outstanding();
    // Whoever waits for nothing does not know what is still to come.
    let may_come = grace.is_zero() && ledger.age().is_none_or(|age| age < USUAL_GRACE);
    let is_seen = cleaned.left.is_empty();
    for (number, undo) in &outstanding.made {
        match reason_to_keep(suite, ledger, census, undo) {
            None => enter(ledger, *number, cleaned),
            // It was said above what of the run is still listed.
            Some(Reason::OfTheRun) => {}
            Some(Reason::Other(reason)) => {
                cleaned.left.push(format!("{} {}: {reason}", undo.method, undo.target));
            }
        }
    }
    for (number, route) in outstanding.unanswered.iter().filter(|_| is_seen) {
        if may_come {
            cleaned
                .left
                .push(format!("{route} got no usable response, and may still take effect: sweep again"));
        } else {
            enter(ledger, *number, cleaned);
        }
    }
}

enum Reason {
    OfTheRun,
    Other(String),
}

/// The parameter and the id of what the request of a ledger names first: that holds all that its other parameters name.
fn named<'s>(suite: &'s Suite, undo: &Undo) -> Result<(&'s str, String), &'static str> {
    let path = undo.target.split('?').next().unwrap_or_default();
    // A file may say anything: what is looked at is what its request names, not what it says beside it.
    let (operation, params) =
        suite.operation_at(&undo.method, path).ok_or("its ledger names an unknown operation")?;
    let first = operation.path_parameters().next();
    first
        .and_then(|name| Some((name, params.get(name)?.clone())))
        .ok_or("its ledger does not name the resource to remove")
}

/// The reason why a resource in the ledger was not removed.
fn reason_to_keep(suite: &Suite, ledger: &Ledger, census: &Census<'_>, undo: &Undo) -> Option<Reason> {
    let other = |reason: String| Some(Reason::Other(reason));
    let (parameter, id) = match named(suite, undo) {
        Ok((parameter, id)) => (parameter, id),
        Err(reason) => return other(reason.to_owned()),
    };
    match census.listed(parameter, &id) {
        // After a run that was killed, nothing but lists tells what is gone.
        Standing::Gone if ledger.age().is_some() || ledger.expects_gone(parameter, &id) => None,
        Standing::Gone => {
            other("no list shows it, and nothing has removed it: it may still be there".to_owned())
        }
        Standing::Listed(name)
            if ledger.prefix().is_borne_by(name) && !ledger.was_present(parameter, &id) =>
        {
            Some(Reason::OfTheRun)
        }
        Standing::Listed(name) => other(format!(
            "it is named `{name}`, which is not a name of the run {}, so it was not touched; if it is yours, remove the ledger {}",
            ledger.prefix(),
            ledger.path().display()
        )),
        Standing::Unknown => other("no list operation shows whether it was removed".to_owned()),
    }
}

fn enter(ledger: &Ledger, number: u64, cleaned: &mut Cleaned) {
    if let Err(error) = ledger.settle(number) {
        cleaned.left.push(error.to_string());
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::of_several(&[Some(500), Some(900), None], Some(840))]
    #[case::of_none_that_was_used(&[None], None)]
    fn what_is_in_use_was_used_last(#[case] used: &[Option<i64>], #[case] expected: Option<i64>) {
        let at = |second: i64| Timestamp::from_second(second).expect("it is a time");
        let listed = |used: &Option<i64>| Listed {
            id: String::new(),
            name: String::new(),
            used: used.map(at),
            created: None,
        };
        let items: Vec<Listed> = used.iter().map(listed).collect();
        assert_eq!(used_last(items.iter()), expected.map(at));
    }
}
