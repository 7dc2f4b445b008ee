//! An endpoint that lies about the account of a user: whatever it answers, nothing of the user's is touched, and what a run leaves is said.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rstest::rstest;

use crate::lying::{Liar, Lie, TIMEOUT};
use crate::users_account::Account;

/// Trials that make, change and remove projects and keys.
pub(crate) const TRIALS: [&str; 5] = [
    "run",
    "projects/life_of_a_project",
    "api-keys/",
    "authentication/revoked_key_is_refused[deleteProject",
    "--quiet",
];

/// How a run and a sweep after it must end.
enum Ends {
    /// Nothing is left.
    Clean,
    /// What is left is said, and is in the ledger.
    Left,
    /// Nothing is left, but what looks like it is said.
    Told,
}

#[rstest]
#[case::what_is_there(Lie::FindsWhatIsThere, Ends::Clean, "existed before the run")]
#[case::another_id(Lie::NamesAnother, Ends::Clean, "existed before the run")]
#[case::removal_404(Lie::KeepsAndAnswers(404), Ends::Left, "is still listed")]
#[case::removal_200(Lie::KeepsAndAnswers(200), Ends::Left, "is still listed")]
#[case::removal_hidden_once(Lie::KeepsAndHidesOnce, Ends::Left, "is still listed")]
#[case::removal_late(Lie::RemovesLate, Ends::Clean, "")]
#[case::removal_without_an_answer(Lie::HangsUpOnRemovals, Ends::Clean, "a complete HTTP response")]
#[case::no_removal(Lie::HangsUpBeforeRemovals, Ends::Left, "is still listed")]
#[case::create_late(Lie::CreatesLate, Ends::Clean, "504")]
#[case::create_after_a_time_out(Lie::CreatesAfterATimeOut, Ends::Clean, "no complete response within 2s")]
#[case::an_empty_object(Lie::CreatesAndAnswers("{}"), Ends::Clean, "a member `project`")]
#[case::a_page(Lie::CreatesAndAnswers("<html></html>"), Ends::Clean, "json-body")]
#[case::a_page_that_is_marked(Lie::CreatesAndAnswers("\u{feff}<html>"), Ends::Clean, "json-body")]
#[case::a_mark(Lie::CreatesAndMarks, Ends::Clean, "json-body")]
#[case::an_encoding(Lie::CreatesAndEncodes, Ends::Clean, "deflate")]
#[case::an_empty_object_and_no_lists(Lie::CreatesAndListsNothing("{}"), Ends::Left, "cannot be listed")]
#[case::a_page_and_no_lists(Lie::CreatesAndListsNothing("<html>"), Ends::Left, "cannot be listed")]
#[case::a_mark_and_no_lists(Lie::CreatesAndListsNothing("\u{feff}{}"), Ends::Left, "cannot be listed")]
#[case::no_answer(Lie::HangsUp, Ends::Clean, "a complete HTTP response")]
#[case::no_request(Lie::HangsUpBefore, Ends::Clean, "a complete HTTP response")]
#[case::half_a_list(Lie::CutsLists, Ends::Left, "no list shows it, and nothing has removed it")]
#[case::lists_that_go(Lie::FailsAndLosesLists, Ends::Left, "is not there any more")]
#[case::an_old_clock(Lie::FailsByAnOldClock, Ends::Left, "long before the run")]
#[case::odd_ids(Lie::FailsByOddIds, Ends::Left, "has an id that may lead elsewhere")]
#[case::no_ids(Lie::FailsByLackingIds, Ends::Left, "is listed without an id")]
#[case::an_id_that_is_used_again(Lie::ReusesIds, Ends::Told, "which is not a name of the run")]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_users_is_touched(#[case] lie: Lie, #[case] ends: Ends, #[case] said: &str) {
    let account = Account::new().await;
    let (url, liar) = Liar::start(&account.mock.url, move || lie).await;
    let timeout = format!("{}s", TIMEOUT.as_secs());
    let arguments = match lie {
        Lie::CreatesAfterATimeOut => &["--allow", "destroys", "--timeout", &timeout][..],
        _ => &["--allow", "destroys"],
    };
    let run = account.run(&url, &[&TRIALS[..], arguments].concat()).await;
    liar.has_done_all().await;
    assert_eq!(account.of_the_user().await, account.before, "{lie:?}: {run:?}");
    assert!(liar.has_created.load(Ordering::SeqCst), "{lie:?}: nothing was asked for: {run:?}");
    assert!(run.stdout.contains(said), "{lie:?}: {}", run.stdout);
    let (left, ledgers) = (account.left_overs().await, account.ledgers());
    match ends {
        Ends::Clean => {
            assert_eq!((left.len(), ledgers.len()), (0, 0), "{lie:?}: {left:?} {run:?}");
            assert_ne!(run.code, Some(3), "{run:?}");
        }
        Ends::Told => assert_eq!((run.code, left.len()), (Some(3), 0), "{run:?}"),
        Ends::Left => {
            assert!(!left.is_empty() && ledgers.len() == 1, "{lie:?}: {run:?}");
            assert!(left.iter().all(|one| one.is_in(&ledgers)), "{lie:?}: {left:?} {ledgers:?}");
            assert_eq!(run.code, Some(3), "{run:?}");
            // An honest endpoint has it removed.
            let ledger = std::fs::read_to_string(&ledgers[0]).expect("it can be read");
            std::fs::write(&ledgers[0], ledger.replace(&url, &account.mock.url)).expect("it can be written");
            let swept = account.run(&account.mock.url, &["sweep"]).await;
            assert_eq!(swept.code, Some(0), "{swept:?}");
            assert_eq!((account.left_overs().await.len(), account.ledgers().len()), (0, 0), "{swept:?}");
        }
    }
    assert_eq!(account.of_the_user().await, account.before, "{lie:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_is_not_taken_for_made(
    #[values(Lie::FindsWhatIsThere, Lie::NamesAnother)] lie: Lie,
    #[values("writes", "destroys")] allowed: &str,
) {
    let account = Account::new().await;
    let (url, liar) = Liar::start(&account.mock.url, move || lie).await;
    let more = ["branches/life_of_a_branch", "--allow", allowed];
    let run = account.run(&url, &[&TRIALS[..], &more].concat()).await;
    assert_eq!(account.of_the_user().await, account.before, "{run:?}");
    assert_eq!(
        (run.code, account.left_overs().await.len(), account.ledgers().len()),
        (Some(1), 0, 0),
        "{run:?}"
    );
    assert!(run.stdout.contains("made-anew"), "{}", run.stdout);
    // Nothing goes on from there: what the answer names is not even asked to change.
    let ids: Vec<String> = ["projects", "keys"]
        .iter()
        .flat_map(|list| account.before[list].as_array().into_iter().flatten())
        .map(|item| item["id"].to_string().trim_matches('"').to_owned())
        .collect();
    let writes = liar.writes();
    assert!(!writes.is_empty() && ids.len() > 3, "{run:?}");
    for write in writes {
        assert!(!ids.iter().any(|id| write.contains(&format!("/{id}"))), "{write}: {run:?}");
    }
}

#[rstest]
#[case::answered_so(None)]
#[case::refused(Some(422))]
#[case::failed(Some(500))]
#[case::unauthorized(Some(401))]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_under_another_name_is_told(#[case] status: Option<u16>) {
    let account = Account::new().await;
    let (url, _) = Liar::start(&account.mock.url, move || Lie::Renames(status)).await;
    let run = account.run(&url, &[&TRIALS[..], &["--allow", "destroys"]].concat()).await;
    assert_eq!(account.of_the_user().await, account.before, "{run:?}");
    let renamed = account.renamed().await;
    assert!(!renamed.is_empty(), "{run:?}");
    for (_, id) in renamed {
        assert!(run.stdout.contains(&id), "{id} is not told: {}", run.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_of_another_project_is_not_touched() {
    let account = Account::new().await;
    let (url, liar) = Liar::start(&account.mock.url, || Lie::ShowsTheirBranch).await;
    let run = account.run(&url, &["run", "branches/life_of_a_branch", "--allow", "writes"]).await;
    assert!(liar.has_reused(), "it never lied: {run:?}");
    assert_eq!(account.of_the_user().await, account.before, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_is_put_off_ends_with_the_time_of_the_run() {
    let account = Account::new().await;
    let (url, _) = Liar::start(&account.mock.url, || Lie::PutsOff).await;
    let began = std::time::Instant::now();
    let few =
        ["run", "projects/life_of_a_project", "api-keys/", "--allow", "destroys", "--time-budget", "2s"];
    let run = account.run(&url, &few).await;
    assert!(began.elapsed() < Duration::from_secs(60), "{run:?}");
    assert_eq!((run.code, account.ledgers().len()), (Some(3), 1), "{run:?}");
    assert_eq!(account.of_the_user().await, account.before, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_though_it_is_put_off_is_asked_for_by_few_trials() {
    let account = Account::new().await;
    let (url, liar) = Liar::start(&account.mock.url, || Lie::CreatesAndPutsOff).await;
    let run = account.run(&url, &["run", "projects/", "--allow", "destroys", "--quiet", "--jobs", "3"]).await;
    assert_eq!(account.of_the_user().await, account.before, "{run:?}");
    let creates = liar.writes().iter().filter(|write| *write == "POST /api/v2/projects").count();
    // Seven times each by the first three, and once by whoever has asked already.
    assert!((21..=30).contains(&creates), "{creates} creates: {run:?}");
    assert!(run.stdout.contains("was put off with 423 or 503 three times"), "{run:?}");
    assert_eq!((account.left_overs().await.len(), account.ledgers().len()), (0, 0), "{run:?}");
}
