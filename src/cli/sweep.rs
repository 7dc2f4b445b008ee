//! `neon-contract sweep`.

use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::runner::{self, Cleaned, CleanupTime, Endpoint, Found, SetupError};
use neon_contract::spec::Suite;
use neon_contract::spec::case_file::Effect;
use neon_contract::target::{Ledger, LedgerError, Live, RunName, Target, same_origin};
use neon_contract::text;

use super::account::{IdentityArgs, KeyArgs, LedgerArgs, OrganizationArgs};
use super::{SpecsArgs, block_on, complain, heading, log, refuse, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
A run records each resource in a ledger before it creates it, and removes its resources at its end, also after Ctrl-C. \
If a run was killed, `sweep` finishes its work: it removes the resources that the endpoint lists under the names of the \
runs in the ledger directory.

Only resources that carry the name of a run (`nc-`, six hexadecimal digits, `-`) and did not exist before the run are \
removed, whatever a ledger contains. `sweep` then lists the resources again, and keeps a ledger until nothing is left. \
Ledgers of active runs are skipped.

Examples:
  neon-contract sweep --url https://console.neon.tech --key-command 'pass show neon/api-key'
  neon-contract sweep --url https://console.neon.tech --prefix nc-          List only
  neon-contract sweep --url https://console.neon.tech --prefix nc- --yes    Remove")]
pub(super) struct SweepArgs {
    #[command(flatten)]
    specs: SpecsArgs,
    /// Endpoint to clean up; ledgers of other endpoints are skipped
    #[arg(long, value_name = "URL", env = "NEON_API_URL", help_heading = heading::TARGET)]
    url: Option<String>,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    organization: OrganizationArgs,
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Find the projects and keys of all runs whose name begins with PREFIX, such as nc- or nc-0a1b2c, instead of using ledgers
    #[arg(long, value_name = "PREFIX", requires = "url", help_heading = heading::SELECTION)]
    prefix: Option<String>,
    /// Remove the resources that --prefix finds [default: only list them]
    #[arg(long, requires = "prefix", help_heading = heading::SELECTION)]
    yes: bool,
    /// Stop after this time, and leave the rest to the ledgers
    #[arg(long, value_name = "TIME", default_value = "15m", help_heading = heading::EXECUTION, value_parser = humantime::parse_duration)]
    time_budget: Duration,
}

pub(super) fn sweep(args: SweepArgs) -> ExitCode {
    block_on(async {
        let suite = match args.specs.load().await {
            Ok(suite) => suite,
            Err(code) => return code,
        };
        match &args.prefix {
            Some(prefix) => by_prefix(&args, &suite, prefix).await,
            None => by_ledger(&args, &suite).await,
        }
    })
}

impl SweepArgs {
    fn url(&self) -> Option<&str> {
        self.url.as_deref().filter(|url| !url.is_empty())
    }

    /// The time that is left for a sweep that began then.
    fn time(&self, began: Instant) -> CleanupTime {
        CleanupTime { grace: self.ledger.grace, limit: self.time_budget.saturating_sub(began.elapsed()) }
    }
}

async fn by_ledger(args: &SweepArgs, suite: &Suite) -> ExitCode {
    let (mut whole, mut broken) = (Vec::new(), Vec::new());
    for folder in std::iter::once(args.ledger.folder()).chain(args.ledger.old_folder()) {
        match ledgers(&folder) {
            Ok((some, others)) => {
                whole.extend(some);
                broken.extend(others);
            }
            Err(error) => return refuse(&error.into()),
        }
    }
    for error in &broken {
        let hint = if error.is_in_use() {
            ""
        } else {
            "; remove the file if it is not yours, and list leftover resources with `sweep --prefix nc-`"
        };
        complain(&format!("{error}{hint}"));
    }
    let folder = args.ledger.folder();
    let folder = folder.display();
    let (ledgers, others): (Vec<Ledger>, Vec<Ledger>) =
        whole.into_iter().partition(|ledger| args.url().is_some_and(|url| same_origin(url, ledger.origin())));
    // A key goes nowhere that only a file names.
    for other in &others {
        complain(&format!(
            "{} belongs to {}; clean it up with --url",
            other.path().display(),
            other.origin()
        ));
    }
    let is_all = broken.is_empty() && others.is_empty();
    let Some(url) = args.url().filter(|_| !ledgers.is_empty()) else {
        if is_all {
            log(&format!("nothing to remove: no ledger in {folder}"));
        }
        return if is_all { ExitCode::Conformant } else { ExitCode::Usage };
    };
    let live = match live(args, url) {
        Ok(live) => live,
        Err(error) => return refuse(&error),
    };
    let mut cleaned = Cleaned::default();
    let began = Instant::now();
    for ledger in &ledgers {
        let Some(key) = live.shared_key() else { continue };
        let one = runner::clean(&live, key, suite, ledger, args.time(began)).await;
        cleaned.removed.extend(one.removed);
        cleaned.left.extend(one.left);
        cleaned.appeared.extend(one.appeared);
    }
    let code = conclude(&cleaned);
    if code == ExitCode::Conformant && !is_all { ExitCode::Usage } else { code }
}

async fn by_prefix(args: &SweepArgs, suite: &Suite, prefix: &str) -> ExitCode {
    if !RunName::may_begin_with(prefix) {
        complain(&format!(
            "`{prefix}` is not the start of the name of a run; use `nc-`, or more of a name such as `nc-0a1b2c`"
        ));
        return ExitCode::Usage;
    }
    let live = match live(args, args.url().unwrap_or_default()) {
        Ok(live) => live,
        Err(error) => return refuse(&error),
    };
    let Some(key) = live.shared_key() else { return ExitCode::Usage };
    let time = args.time(Instant::now());
    if !args.yes {
        let (found, unseen) = runner::find(&live, key, suite, prefix, time).await;
        for Found { name, removal } in &found {
            tell(&format!("{}\n", text::line(&format!("{name}  {removal}"))));
        }
        for reason in &unseen {
            complain(reason);
        }
        log(&format!("found {}; add --yes to remove them", found.len()));
        return if unseen.is_empty() { ExitCode::Conformant } else { ExitCode::Unreachable };
    }
    conclude(&runner::remove_by_prefix(&live, key, suite, prefix, time).await)
}

fn live(args: &SweepArgs, url: &str) -> Result<Live, SetupError> {
    let endpoint = Endpoint::new(url.to_owned(), Effect::Destroys, &args.key.source())?;
    let endpoint = endpoint.identified_by(args.identity.read()?);
    endpoint.in_organization(args.organization.id()).connect()
}

/// The ledgers in a folder, and why others cannot be read.
fn ledgers(folder: &Path) -> Result<(Vec<Ledger>, Vec<LedgerError>), LedgerError> {
    let (mut whole, mut broken) = (Vec::new(), Vec::new());
    Ledger::clear_unnamed(folder);
    for path in Ledger::all_in(folder)? {
        match Ledger::resume(&path) {
            Ok(ledger) => whole.push(ledger),
            Err(error) => broken.push(error),
        }
    }
    Ok((whole, broken))
}

fn conclude(cleaned: &Cleaned) -> ExitCode {
    for removed in &cleaned.removed {
        tell(&format!("removed {}\n", text::line(removed)));
    }
    for left in &cleaned.left {
        complain(&format!("left behind: {left}"));
    }
    for one in &cleaned.appeared {
        complain(&format!(
            "new on the account since the run began, under another name, and left alone: {one}; remove it if nobody else made it"
        ));
    }
    log(&format!("{} removed, {} left behind", cleaned.removed.len(), cleaned.left.len()));
    if cleaned.left.is_empty() { ExitCode::Conformant } else { ExitCode::Unreachable }
}
