//! Endpoints that lie at random, and runs that may be killed: whatever comes, nothing of the user's is touched, and what is left is told.

use std::process::Stdio;
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::liar::TRIALS;
use crate::lying::{Liar, Lie, TIMEOUT};
use crate::users_account::Account;

/// Lies at random, most of the time none; the same ones for the same seed.
fn at_random(seed: u64) -> impl FnMut() -> Lie + Send + 'static {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let lies = [
        Lie::FindsWhatIsThere,
        Lie::NamesAnother,
        Lie::KeepsAndAnswers(404),
        Lie::KeepsAndAnswers(200),
        Lie::KeepsAndHidesOnce,
        Lie::RemovesLate,
        Lie::CreatesLate,
        Lie::CreatesAndAnswers("{}"),
        Lie::CreatesAndAnswers("\u{feff}<html></html>"),
        Lie::CreatesAfterATimeOut,
        Lie::CreatesAndMarks,
        Lie::CreatesAndEncodes,
        Lie::CreatesAndListsNothing("{}"),
        Lie::CreatesAndListsNothing("<html>"),
        Lie::HangsUp,
        Lie::HangsUpBefore,
        Lie::Renames(None),
        Lie::Renames(Some(422)),
        Lie::Renames(Some(500)),
        Lie::CutsLists,
        Lie::FailsAndLosesLists,
        Lie::FailsByAnOldClock,
        Lie::FailsByOddIds,
        Lie::ReusesIds,
        Lie::ShowsTheirBranch,
    ];
    move || if random.random_bool(0.4) { lies[random.random_range(0..lies.len())] } else { Lie::Nothing }
}

/// How many random runs: a few, unless the environment asks for more.
fn random_runs() -> u64 {
    std::env::var("RANDOM_RUNS").ok().and_then(|many| many.parse().ok()).unwrap_or(8)
}

/// Random runs under way at once: most of their time they wait.
const LANES: u64 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_users_is_touched_by_random_runs() {
    let given = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let first: u64 = given.unwrap_or_else(rand::random);
    let mut lanes = tokio::task::JoinSet::new();
    for lane in 0..LANES.min(random_runs()) {
        lanes.spawn(async move {
            let account = Account::new().await;
            for number in (lane..random_runs()).step_by(usize::try_from(LANES).expect("they are few")) {
                a_random_run(&account, first.wrapping_add(number)).await;
            }
        });
    }
    while let Some(lane) = lanes.join_next().await {
        lane.expect("no random run has failed");
    }
}

/// Tells how to repeat what has failed, wherever it has.
struct Repeat(u64);

impl Drop for Repeat {
    #[expect(clippy::print_stderr, reason = "the harness of tests shows it where one fails")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to repeat it: SEED={} RANDOM_RUNS=1", self.0);
        }
    }
}

/// A run that may be killed, a sweep while the endpoint still lies, and one when it is honest again.
async fn a_random_run(account: &Account, seed: u64) {
    let _repeat = Repeat(seed);
    let (url, liar) = Liar::start(&account.mock.url, at_random(seed)).await;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let timeout = format!("{}s", TIMEOUT.as_secs());
    let mut command = account.project.command();
    command
        .args(TRIALS)
        .args(["branches/life_of_a_branch", "--allow", "destroys", "--url", &url])
        .args(["--grace", "1s", "--timeout", &timeout])
        .env("NEON_API_KEY", &account.mock.key)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut run = command.spawn().expect("it starts");
    // Half of the runs are killed on their way; the others are given the time they need.
    let is_killed = random.random_bool(0.5);
    if is_killed {
        tokio::time::sleep(Duration::from_millis(random.random_range(100..1500))).await;
        let _ = run.kill();
    }
    let ended = tokio::task::spawn_blocking(move || run.wait_with_output()).await.expect("it is waited for");
    let ended = ended.expect("it ends");
    let (code, told) = (ended.status.code(), String::from_utf8_lossy(&ended.stdout).into_owned());
    liar.has_done_all().await;
    let label = format!("SEED={seed} (killed: {is_killed}, ended with {code:?})");
    assert_eq!(account.of_the_user().await, account.before, "{label}");
    let (left, ledgers) = (account.left_overs().await, account.ledgers());
    for one in &left {
        assert!(one.is_in(&ledgers), "{label}: {one:?} is in no ledger of {ledgers:?}");
        // Whether it is there is not known where the lists cannot be read: that is told.
        let is_told = one.is_told(&told) || tells_of_lists(&told);
        assert!(is_killed || (is_told && code == Some(3)), "{label}: {one:?} is not told: {told}");
    }
    let renamed = account.renamed().await;
    let swept = account.run(&url, &["sweep"]).await;
    for (list, id) in renamed {
        let is_told =
            [&told, &swept.stderr].into_iter().any(|told| told.contains(&id) || tells_of_lists(told));
        // What some list has not shown cannot be told by its name.
        assert!(is_told || liar.has_hidden(&id), "{label}: {list}/{id} is not told: {told} {swept:?}");
    }
    liar.has_done_all().await;
    assert_eq!(account.of_the_user().await, account.before, "{label}: {swept:?}");
    let (left, ledgers) = (account.left_overs().await, account.ledgers());
    for one in &left {
        assert!(one.is_in(&ledgers), "{label}: {one:?} is in no ledger of {ledgers:?}: {swept:?}");
    }
    liar.repent();
    account.remove_renamed().await;
    let swept = account.run(&url, &["sweep"]).await;
    let left = account.left_overs().await;
    assert!(left.is_empty(), "{label}: {left:?} {swept:?}");
    // Where a list was cut before the first write, an answer may have put a thing of the user's into the ledger; where it showed other ids,
    // the account looks like another one. It is said, and left.
    let doubts = ["which is not a name of the run", ANOTHER_ACCOUNT];
    if swept.code == Some(3) && doubts.iter().any(|doubt| swept.stderr.contains(doubt)) {
        std::fs::remove_dir_all(account.project.ledgers()).expect("it is there");
    } else {
        assert_eq!((swept.code, account.ledgers().len()), (Some(0), 0), "{label}: {swept:?}");
    }
    assert_eq!(account.of_the_user().await, account.before, "{label}: {swept:?}");
}

/// What a sweep says of an account whose lists show nothing that was there before the run.
const ANOTHER_ACCOUNT: &str = "lists nothing of what that of its run had";

/// Whether something says that lists cannot be read, or are not those of the account.
fn tells_of_lists(told: &str) -> bool {
    ["cannot be listed", "is not there any more", ANOTHER_ACCOUNT].iter().any(|word| told.contains(word))
}
