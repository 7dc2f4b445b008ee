//! `neon-contract doctor`.

use std::path::PathBuf;

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::report;
use neon_contract::runner::{self, Diagnosis, Endpoint, Health, Setup};
use neon_contract::snapshot::Store;
use neon_contract::spec::case_file::Effect;

use super::account::{IdentityArgs, KeyArgs, LedgerArgs, OrganizationArgs};
use super::{SpecsArgs, block_on, complain_of, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is changed anywhere; a key is never shown. The exit code is 0 where a run can begin, and 2 where it cannot.

Examples:
  neon-contract doctor
  NEON_API_KEY=… neon-contract doctor --url https://console.neon.tech")]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    specs: SpecsArgs,
    /// The endpoint to look at; the embedded mock, if there is none
    #[arg(long, value_name = "URL", env = "NEON_API_URL")]
    url: Option<String>,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    organization: OrganizationArgs,
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// The folder of the snapshots [default: the one beside the suite]
    #[arg(long, value_name = "DIR")]
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
            let help = "run it in the folder of the suite, or name that with --specs; `neon-contract check` tells more";
            let first = error.to_string();
            if let runner::SetupError::Specs(mistakes) = &error {
                complain_of(mistakes);
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
            format!("there are none in {shown}"),
            "`neon-contract run --update` makes them",
        ),
        Ok(all) => Diagnosis::well("snapshots", format!("{} in {shown}", all.len())),
        Err(error) => {
            Diagnosis::ill("snapshots", error.to_string(), "name another folder with --snapshot-dir")
        }
    });
    told.push(runner::examine_ledgers(&args.ledger.folder()));
    told.extend(args.ledger.old_folder().map(|old| runner::examine_ledgers(&old)));
    let Some(url) = args.url.clone().filter(|url| !url.is_empty()) else {
        let setup = Setup { snapshots: args.snapshot_dir.clone(), ..Setup::embedded(args.specs.home()) };
        told.push(match setup.harness(suite.into()).await {
            Ok(_) => Diagnosis::well("mock", "it starts; no --url or NEON_API_URL names another endpoint"),
            Err(error) => Diagnosis::ill("mock", error.to_string(), "are the fixtures beside the suite?"),
        });
        return told;
    };
    let identity = match args.identity.read() {
        Ok(identity) => identity,
        Err(error) => {
            told.push(Diagnosis::ill(
                "tls",
                error.to_string(),
                "mend what --client-cert and --client-key name",
            ));
            return told;
        }
    };
    match Endpoint::new(url, Effect::Reads, &args.key.source()) {
        Ok(endpoint) => {
            let endpoint = endpoint.identified_by(identity);
            told.extend(runner::examine(endpoint.in_organization(args.organization.id()), &suite).await);
        }
        Err(error) => {
            let help = "set NEON_API_KEY, or give --key-file or --key-command";
            told.push(Diagnosis::ill("keys", error.to_string(), help));
        }
    }
    told
}
