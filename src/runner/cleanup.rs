//! Removing what a run has left behind: what the endpoint shows under the run's name, until a read shows that it is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;

use super::breaker::Breaker;
use super::census::{Collection, Reader, collections};
use super::holdings::{Holdings, Standing, Whose, named};
use super::ownership::{Owned, note_foreign, prove_of_any_run};
use crate::spec::Suite;
use crate::target::{Ledger, Target, Undo};

/// The default time in which a request without a usable response may still take effect.
pub const USUAL_GRACE: Duration = Duration::from_secs(10);

/// The first pause between two looks at the account; each further one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Nobody waits longer than this between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Removing what a run has left behind takes no longer by default, whatever the endpoint shows.
pub(super) const LONGEST_CLEANING: Duration = Duration::from_secs(15 * 60);

/// The number of looks that must agree before a resource without a ledger is removed.
const AGREEING_LOOKS: usize = 3;

/// The number of looks in a row that must show nothing of a run: a single list may hide what its removal has left.
const QUIET_LOOKS: usize = 2;

/// The maximum ratio of removals to requested creations: an endpoint may list ever more under the name of the run.
const MOST_REMOVALS: usize = 3;

/// A thing that does not go away is asked to no more often than this.
const REMOVALS: u32 = 3;

/// The time that a cleanup may take.
#[derive(Debug, Clone, Copy)]
pub struct CleanupTime {
    /// The time in which a request without a usable response may still take effect.
    pub grace: Duration,
    /// The time for all of it; what is left then stays in its ledger.
    pub limit: Duration,
}

impl Default for CleanupTime {
    fn default() -> Self {
        Self { grace: USUAL_GRACE, limit: LONGEST_CLEANING }
    }
}

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

/// Removes what a run has made, and looks whether it is gone. Where a request had no usable answer, what it may still make is looked for
/// by the run's name until the grace is over. A ledger of which nothing is left is removed from the disk.
pub async fn clean(
    target: &dyn Target,
    key: &SecretString,
    suite: &Suite,
    ledger: &Ledger,
    time: CleanupTime,
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
    let cleaned = tokio::time::timeout(time.limit, clean_as(&reader, ledger, time.grace)).await;
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
        if ledger.age().is_some() && Holdings::take(reader).await.is_of_another_account(ledger) {
            let reason = format!(
                "{}: this account lists nothing of what that of its run had: sweep with a key of that account",
                ledger.path().display()
            );
            return Cleaned { left: vec![reason], ..cleaned };
        }
        let mut holdings = remove_all(reader, &Whose::Run(ledger), grace, late, &mut cleaned).await;
        if ledger.age().is_some() {
            holdings = doubt(reader, ledger, grace, holdings, &mut cleaned).await;
        } else {
            for (collection, id) in holdings.unexplained(reader.suite, ledger) {
                if reader.is_gone(&collection, &id).await {
                    ledger.expect_gone(collection.parameter, &id);
                }
            }
        }
        cleaned.left.extend(holdings.unproven(ledger));
        cleaned.left.extend(kept_in_use(&holdings, &Whose::Run(ledger)));
        cleaned.left.extend(holdings.missing(ledger));
        settle(reader.suite, ledger, &holdings, grace, &mut cleaned);
        cleaned.appeared = holdings.appeared(ledger);
    }
    if cleaned.left.is_empty()
        && let Err(error) = ledger.close()
    {
        cleaned.left.push(error.to_string());
    }
    cleaned
}

/// Looks again where only a list says that something is gone, as after a run that was killed: a list that lacks some of what is there is
/// not believed at once, and not at all where a read shows the thing itself.
async fn doubt<'s>(
    reader: &Reader<'s>,
    ledger: &Ledger,
    grace: Duration,
    mut holdings: Holdings<'s>,
    cleaned: &mut Cleaned,
) -> Holdings<'s> {
    let whose = Whose::Run(ledger);
    for _ in 1..AGREEING_LOOKS {
        if !cleaned.left.is_empty() || holdings.unexplained(reader.suite, ledger).is_empty() {
            break;
        }
        tokio::time::sleep(FIRST_PAUSE).await;
        if !Holdings::take(reader).await.owned(&whose).is_empty() {
            holdings = remove_all(reader, &whose, grace, Duration::ZERO, cleaned).await;
        }
    }
    for (collection, id) in holdings.unexplained(reader.suite, ledger) {
        if !matches!(reader.read(&collection, &id).await, Ok(Some(_))) {
            ledger.expect_gone(collection.parameter, &id);
        }
    }
    holdings
}

/// What of runs is listed on an account under a name that begins with `prefix`. With it, which lists could not be read, and why.
pub async fn find(
    target: &dyn Target,
    key: &SecretString,
    suite: &Suite,
    prefix: &str,
    time: CleanupTime,
) -> (Vec<Found>, Vec<String>) {
    let breaker = Breaker::default();
    let reader = Reader { target, key, suite, breaker: &breaker };
    let Ok(holdings) = tokio::time::timeout(time.limit, Holdings::take(&reader)).await else {
        return (Vec::new(), vec!["the account could not be listed in time".to_owned()]);
    };
    let found = holdings.owned(&Whose::Prefix(prefix)).into_iter().map(|(collection, owned)| {
        let (method, path) = owned.removal(&collection);
        Found { name: owned.name().to_owned(), removal: format!("{method} {path}") }
    });
    (found.collect(), holdings.unreadable)
}

/// Removes what [`find`] finds, and looks whether it is gone.
pub async fn remove_by_prefix(
    target: &dyn Target,
    key: &SecretString,
    suite: &Suite,
    prefix: &str,
    time: CleanupTime,
) -> Cleaned {
    let mut cleaned = Cleaned::default();
    let whose = Whose::Prefix(prefix);
    let breaker = Breaker::default();
    let reader = Reader { target, key, suite, breaker: &breaker };
    let removing = remove_all(&reader, &whose, time.grace, Duration::ZERO, &mut cleaned);
    let Ok(holdings) = tokio::time::timeout(time.limit, removing).await else {
        cleaned.left.push("not all was removed in time: sweep again".to_owned());
        return cleaned;
    };
    cleaned.left.extend(kept_in_use(&holdings, &whose));
    cleaned
}

/// Why keys that bear such a name are kept.
fn kept_in_use(holdings: &Holdings<'_>, whose: &Whose<'_>) -> Vec<String> {
    let in_use = holdings.in_use(whose).into_iter();
    let told = in_use.map(|name| {
        format!("`{name}` may be the key in use: it was used last, or no key shows a use just now; sweep again later, or revoke it")
    });
    told.collect()
}

/// Looks and removes until nothing is listed any more, for `grace` at most, and for as long as something may come late; returns what is listed
/// then.
async fn remove_all<'s>(
    reader: &Reader<'s>,
    whose: &Whose<'_>,
    grace: Duration,
    late: Duration,
    cleaned: &mut Cleaned,
) -> Holdings<'s> {
    let began = Instant::now();
    let mut asked: BTreeMap<String, (u32, String)> = BTreeMap::new();
    let mut gone: BTreeSet<String> = BTreeSet::new();
    let mut pause = FIRST_PAUSE;
    let is_known = |collection: &Collection<'_>| whose.knows_what_was_there(collection.parameter);
    let agreed = if collections(reader.suite).all(|collection| is_known(&collection)) {
        BTreeSet::new()
    } else {
        agreed(reader, whose).await
    };
    let most = match whose {
        Whose::Run(ledger) => Some(MOST_REMOVALS * (ledger.asked() + 10)),
        Whose::Prefix(_) => None,
    };
    let mut quiet_looks = 0;
    loop {
        let looked = began.elapsed();
        let holdings = Holdings::take(reader).await;
        if let Whose::Run(ledger) = whose {
            note_foreign(ledger, holdings.items());
        }
        let mut owned = holdings.owned(whose);
        owned.retain(|(collection, owned)| is_known(collection) || agreed.contains(owned));
        let still: BTreeSet<String> =
            owned.iter().map(|(collection, owned)| shown(collection, owned)).collect();
        gone.extend(asked.keys().filter(|removal| !still.contains(*removal)).cloned());
        gone.retain(|removal| !still.contains(removal));
        let is_over = looked >= grace;
        let shows_nothing = still.is_empty() && holdings.unreadable.is_empty();
        quiet_looks = if shows_nothing && looked >= late { quiet_looks + 1 } else { 0 };
        let is_quiet = quiet_looks >= QUIET_LOOKS;
        let was_asked = still.iter().all(|removal| asked.contains_key(removal));
        let is_endless = most.is_some_and(|most| gone.len() > most);
        if is_quiet || (is_over && was_asked && !shows_nothing) || is_endless {
            // Only what is seen to be gone is; what a list no longer shows since it cannot be read is not.
            if holdings.unreadable.is_empty() {
                cleaned.removed.extend(gone);
            }
            for (removal, owned) in owned.iter().map(|(collection, owned)| (shown(collection, owned), owned))
            {
                let how = asked.get(&removal).map_or("was not sent", |(_, how)| how);
                cleaned.left.push(format!("{removal} {how}, but `{}` is still listed", owned.name()));
            }
            let unread = holdings.unreadable.iter();
            cleaned
                .left
                .extend(unread.map(|reason| format!("{reason}: leftover resources cannot be listed")));
            return holdings;
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
        // What was just removed is looked at again at once, and so is an account that shows nothing any more.
        if quiet_looks > 0 {
            continue;
        }
        if owned.is_empty() || asked.values().any(|(times, _)| *times > 1) {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// What several looks at an account agree on, in a list and each by itself, where it is not known what was there before.
async fn agreed(reader: &Reader<'_>, whose: &Whose<'_>) -> BTreeSet<Owned> {
    let mut agreed: Option<BTreeSet<Owned>> = None;
    for look in 0..AGREEING_LOOKS {
        if look > 0 {
            tokio::time::sleep(FIRST_PAUSE).await;
        }
        let holdings = Holdings::take(reader).await;
        let mut seen = BTreeSet::new();
        let owned = holdings.owned(whose).into_iter();
        for (collection, owned) in
            owned.filter(|(collection, _)| !whose.knows_what_was_there(collection.parameter))
        {
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
fn settle(suite: &Suite, ledger: &Ledger, holdings: &Holdings<'_>, grace: Duration, cleaned: &mut Cleaned) {
    let outstanding = ledger.outstanding();
    // Whoever waits for nothing does not know what is still to come.
    let may_come = grace.is_zero() && ledger.age().is_none_or(|age| age < USUAL_GRACE);
    let is_seen = cleaned.left.is_empty();
    for (number, undo) in &outstanding.made {
        match reason_to_keep(suite, ledger, holdings, undo) {
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

/// The reason why a resource in the ledger was not removed.
fn reason_to_keep(suite: &Suite, ledger: &Ledger, holdings: &Holdings<'_>, undo: &Undo) -> Option<Reason> {
    let other = |reason: String| Some(Reason::Other(reason));
    let (parameter, id) = match named(suite, undo) {
        Ok((parameter, id)) => (parameter, id),
        Err(reason) => return other(reason.to_owned()),
    };
    match holdings.listed(parameter, &id) {
        Standing::Gone if ledger.expects_gone(parameter, &id) => None,
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
