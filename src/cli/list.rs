//! `neon-contract list`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use neon_contract::exit_code::ExitCode;
use neon_contract::judge::all_checks;
use neon_contract::mock::{Fault, Scenario};
use neon_contract::plan::plan;
use neon_contract::snapshot::{Confirmation, Confirmed, Standing, Store};
use neon_contract::spec::Suite;
use neon_contract::target::Embedded;
use serde_json::{Value, json};

use super::{SelectionArgs, SpecsArgs, block_on, complain, leave, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  neon-contract list
  neon-contract list --of operations
  neon-contract list revoked --format json | jq -r '.[].name'")]
pub(super) struct ListArgs {
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    specs: SpecsArgs,
    /// Kind of items to list
    #[arg(long, value_enum, value_name = "KIND", default_value = "trials")]
    of: Of,
    /// Directory of the snapshots [default: the one next to the suite]
    #[arg(long, value_name = "DIR")]
    snapshot_dir: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Of {
    /// The trials that `run` would run
    Trials,
    /// The operations of the contracts
    Operations,
    /// The requirements, with the number of cases that prove each
    Requirements,
    /// The checks that every exchange is judged by
    Checks,
    /// The faults of the mock
    Faults,
    /// The scenarios of the mock
    Scenarios,
    /// The snapshots, with the date of their last confirmation by an endpoint
    Snapshots,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// One line per item
    Text,
    /// A JSON array
    Json,
}

pub(super) fn list(args: &ListArgs) -> ExitCode {
    block_on(async {
        match args.specs.load().await {
            Ok(suite) => {
                let code = list_of(&suite, args);
                leave(suite);
                code
            }
            Err(code) => code,
        }
    })
}

fn list_of(suite: &Suite, args: &ListArgs) -> ExitCode {
    // Each row is what JSON shows; its first members are what a line of text shows.
    let rows: Vec<(String, Value)> = match args.of {
        Of::Trials => trials(suite, args),
        Of::Operations => operations(suite),
        Of::Requirements => requirements(suite),
        Of::Checks => all_checks()
            .map(|check| {
                let json =
                    json!({ "id": check.id, "summary": check.summary, "requirements": check.requirements });
                (format!("{:<20} {}", check.id, check.summary), json)
            })
            .collect(),
        Of::Faults => Fault::all()
            .map(|fault| {
                let json = json!({
                    "id": fault.id(),
                    "class": fault.class().word(),
                    "severity": fault.severity().word(),
                    "requirement": fault.requirement(),
                    "summary": fault.summary(),
                });
                (format!("{:<36} {:<9} {}", fault.id(), fault.severity().word(), fault.summary()), json)
            })
            .collect(),
        Of::Scenarios => Scenario::builtin_names()
            .into_iter()
            .filter_map(|name| {
                let summary = Scenario::builtin(name)?.summary;
                let line = format!("{name:<20} {summary}");
                Some((line, json!({ "name": name, "summary": summary })))
            })
            .collect(),
        Of::Snapshots => {
            match snapshots(
                args.snapshot_dir.clone().or_else(|| args.specs.home().snapshots()),
                suite.inherits,
            ) {
                Ok(rows) => rows,
                Err(message) => {
                    complain(&message);
                    return ExitCode::Usage;
                }
            }
        }
    };
    match args.format {
        Format::Text => tell(&rows.iter().map(|(line, _)| format!("{line}\n")).collect::<String>()),
        Format::Json => {
            let rows: Value = rows.into_iter().map(|(_, row)| row).collect();
            tell(&format!("{rows:#}\n"));
        }
    }
    ExitCode::Conformant
}

fn trials(suite: &Suite, args: &ListArgs) -> Vec<(String, Value)> {
    let mut absent = suite.undocumented.clone();
    absent.extend(Embedded::lacking());
    plan(suite, &args.selection.selection(true, &absent))
        .into_iter()
        .map(|trial| {
            let json = json!({
                "name": trial.name,
                "title": trial.case.title,
                "file": trial.case.source.path(),
                "tags": trial.case.tags,
                "requirements": trial.case.requirements,
                "effect": trial.effect,
                "account": trial.case.account,
            });
            (trial.name.to_string(), json)
        })
        .collect()
}

/// The snapshots, and how each stands.
fn snapshots(folder: Option<PathBuf>, inherits: bool) -> Result<Vec<(String, Value)>, String> {
    let confirmed = folder.as_deref().map_or_else(|| Ok(Confirmed::default()), Confirmed::read)?;
    let all = Store::new(folder, inherits).all().map_err(|error| error.to_string())?;
    let rows = all.into_iter().map(|(name, text)| {
        let (word, confirmation) = match confirmed.standing(&name, &text) {
            Standing::Confirmed(confirmation) => ("confirmed", Some(confirmation)),
            Standing::Changed(confirmation) => ("changed", Some(confirmation)),
            Standing::Never => ("never confirmed", None),
        };
        let told = match confirmation {
            None => word.to_owned(),
            Some(Confirmation { on, at, .. }) if word == "confirmed" => format!("confirmed on {on} at {at}"),
            Some(Confirmation { on, at, .. }) => format!("changed since it was confirmed on {on} at {at}"),
        };
        let json = json!({
            "name": name,
            "standing": word,
            "on": confirmation.map(|confirmation| confirmation.on),
            "at": confirmation.map(|confirmation| &confirmation.at),
        });
        (format!("{name:<70} {told}"), json)
    });
    Ok(rows.collect())
}

fn operations(suite: &Suite) -> Vec<(String, Value)> {
    suite
        .operations
        .values()
        .map(|operation| {
            let line = format!("{:<20} {:<7} {}", operation.id.0, operation.method, operation.path);
            let json = json!({
                "id": operation.id, "contract": operation.contract, "method": operation.method, "path": operation.path,
            });
            (line, json)
        })
        .collect()
}

fn requirements(suite: &Suite) -> Vec<(String, Value)> {
    suite
        .requirements
        .values()
        .map(|requirement| {
            let cases = suite.cases.iter().filter(|case| case.requirements.contains(&requirement.id)).count();
            let line = format!("{:<24} {cases:>3} cases  {}", requirement.id.0, requirement.statement);
            let mut json = json!(requirement);
            json["cases"] = json!(cases);
            (line, json)
        })
        .collect()
}
