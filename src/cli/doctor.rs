//! `neon-contract doctor`.

use std::path::PathBuf;

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::report;
use neon_contract::runner::{self, Diagnosis, Endpoint, Health, Setup};
use neon_contract::snapshot::Store;
use neon_contract::spec::case_file::Effect;

use super::account::{IdentityArgs, KeyArgs, LedgerArgs, OrganizationArgs};
use super::{SpecsArgs, block_on, complain_of, heading, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
Changes nothing and never shows a key.

Exit codes:
  0  A run can start
  2  A run cannot start

Examples:
  neon-contract doctor
  NEON_API_KEY=… neon-contract doctor --url https://console.neon.tech")]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    specs: SpecsArgs,
    /// Endpoint to check [default: the embedded mock]
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
    /// Directory of the snapshots [default: the one next to the suite]
    #[arg(long, value_name = "DIR", help_heading = heading::SNAPSHOTS)]
    snapshot_dir: Option<PathBuf>,
}

pub(super) fn doctor(args: DoctorArgs) -> ExitCode {
    block_on(async {
        let told = examine(&args).await;
        tell(&report::doctor(&told));
        if told.iter().any(|diagnosis| diagnosis.health == Health::Ill) {
            ExitCode::Usage
        } else {
            ExitCode::Conformant
        }
    })
}

async fn examine(args: &DoctorArgs) -> Vec<Diagnosis> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let mut told = vec![Diagnosis::well(
        "program",
        format!("neon-contract {} on {os} {arch}", env!("CARGO_PKG_VERSION")),
    )];
    let suite = match runner::suite(&args.specs.home(), args.specs.contract()).await {
        Ok(suite) => suite,
        Err(error) => {
            let help = "run the command in the directory that contains `specs/`, or use --specs; see `neon-contract check`";
            let first = error.to_string();
            if let runner::SetupError::Specs(mistakes) = &error {
                complain_of(mistakes, "the spec files");
            }
            told.push(Diagnosis::ill("suite", first.lines().next().unwrap_or_default(), help));
            return told;
        }
    };
    let (cases, requirements) = (suite.cases.len(), suite.requirements.len());
    let digest = &suite.digest;
    told.push(Diagnosis::well(
        "suite",
        format!("{cases} cases, {requirements} requirements, digest {digest}"),
    ));
    let snapshots = args.snapshot_dir.clone().or_else(|| args.specs.home().snapshots());
    let shown = snapshots.as_ref().map_or("the binary".to_owned(), |folder| folder.display().to_string());
    told.push(match Store::new(snapshots, suite.inherits).all() {
        Ok(all) if all.is_empty() => Diagnosis::noted(
            "snapshots",
            format!("none in {shown}"),
            "create them with `neon-contract run --update`",
        ),
        Ok(all) => Diagnosis::well("snapshots", format!("{} in {shown}", all.len())),
        Err(error) => {
            Diagnosis::ill("snapshots", error.to_string(), "choose another directory with --snapshot-dir")
        }
    });
    told.push(runner::examine_ledgers(&args.ledger.folder()));
    told.extend(args.ledger.old_folder().map(|old| runner::examine_ledgers(&old)));
    let Some(url) = args.url.clone().filter(|url| !url.is_empty()) else {
        let setup = Setup { snapshots: args.snapshot_dir.clone(), ..Setup::embedded(args.specs.home()) };
        told.push(match setup.harness(suite.into()).await {
            Ok(_) => Diagnosis::well("mock", "starts; neither --url nor NEON_API_URL is set"),
            Err(error) => {
                Diagnosis::ill("mock", error.to_string(), "check that `fixtures/` is next to the suite")
            }
        });
        return told;
    };
    let identity = match args.identity.read() {
        Ok(identity) => identity,
        Err(error) => {
            told.push(Diagnosis::ill("tls", error.to_string(), "correct --client-cert and --client-key"));
            return told;
        }
    };
    match Endpoint::new(url, Effect::Reads, &args.key.source()) {
        Ok(endpoint) => {
            let endpoint = endpoint.identified_by(identity);
            told.extend(runner::examine(endpoint.in_organization(args.organization.id()), &suite).await);
        }
        Err(error) => {
            let help = "set NEON_API_KEY, or use --key-file or --key-command";
            told.push(Diagnosis::ill("keys", error.to_string(), help));
        }
    }
    told
}
