//! `neon-contract report`, and what `--report` asks for.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, Subcommand};
use neon_contract::exit_code::ExitCode;
use neon_contract::input;
use neon_contract::report::{self, FORMATS, Format, RunResult, merge};
use neon_contract::secret::Secrets;
use neon_contract::spec::closest;

use super::gate::GateArgs;
use super::{complain, log, tell};

/// Reports to make.
#[derive(Debug, Args)]
pub(super) struct ReportsArgs {
    /// Make a report: json=FILE, junit=FILE, html=FILE, proof=FILE, badge=FILE, markdown[=FILE], github[=FILE] (may be repeated, or joined by commas)
    #[arg(long = "report", value_name = "FORM[=FILE]", value_delimiter = ',')]
    reports: Vec<Wanted>,
}

/// A report that is asked for.
#[derive(Debug, Clone)]
struct Wanted {
    format: Format,
    /// Where to; `None` for standard output.
    file: Option<PathBuf>,
}

/// These are read where they are printed; the others are files.
const PRINTED: [&str; 2] = ["github", "markdown"];

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => {
                (name, Some(PathBuf::from(file)).filter(|file| !file.as_os_str().is_empty()))
            }
            None => (text, None),
        };
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        let Some(format) = FORMATS.into_iter().find(|format| format.name == name) else {
            let hint =
                closest(name, &names).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            return Err(format!("there is no report `{name}`, but {}{hint}", names.join(", ")));
        };
        if file.is_none() && !PRINTED.contains(&name) {
            return Err(format!("name a file: {name}=report.{}", format.extension));
        }
        Ok(Self { format, file })
    }
}

impl ReportsArgs {
    /// Whether all files have a place; told before a long run, and not after it.
    pub(super) fn check(&self) -> Result<(), String> {
        let files = self.reports.iter().filter_map(|wanted| wanted.file.as_deref());
        for file in files {
            report::check_writable(file).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Makes the reports; `None` where all are made.
    pub(super) fn make(&self, result: &RunResult, secrets: &Secrets) -> Option<ExitCode> {
        for Wanted { format, file } in &self.reports {
            let mut text = (format.render)(result);
            if secrets.hides_in(&text) {
                text = (format.render)(&result.masked(secrets));
            }
            match file {
                None => tell(&secrets.replace(&text)),
                Some(file) => match report::write(file, &text, secrets) {
                    Ok(()) => log(&format!("report: {}", file.display())),
                    Err(error) => {
                        complain(&error.to_string());
                        return Some(ExitCode::Usage);
                    }
                },
            }
        }
        None
    }
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tell what a result file holds, or make other reports from it
    #[command(after_help = "\
Examples:
  neon-contract report show last.json
  neon-contract report show last.json --report html=last.html,junit=last.xml")]
    Show(ShowArgs),
    /// Join the results of all shards of a run
    #[command(after_help = "\
A shard that is missing, or is there twice, is an error. The exit code is that of the whole run.

Examples:
  neon-contract run --shard 3/8 --report json=shard-3.json
  neon-contract report merge shard-*.json --report json=all.json,html=all.html")]
    Merge(MergeArgs),
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// A result file, made by `run --report json=FILE`
    file: PathBuf,
    #[command(flatten)]
    told: ToldArgs,
}

#[derive(Debug, Args)]
struct MergeArgs {
    /// The result files of all shards
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    told: ToldArgs,
}

/// What is demanded and told of a result.
#[derive(Debug, Args)]
struct ToldArgs {
    #[command(flatten)]
    reports: ReportsArgs,
    #[command(flatten)]
    gate: GateArgs,
}

pub(super) fn report(args: ReportArgs) -> ExitCode {
    let (result, told) = match &args.command {
        Command::Show(args) => (read(&args.file), &args.told),
        Command::Merge(args) => {
            let parts: Result<Vec<RunResult>, String> = args.files.iter().map(|file| read(file)).collect();
            let whole = parts.and_then(|parts| merge(parts).map_err(|error| error.to_string()));
            (whole, &args.told)
        }
    };
    let mut result = match result {
        Ok(result) => result,
        Err(message) => {
            complain(&message);
            return ExitCode::Usage;
        }
    };
    let demands = match told.gate.read(None) {
        Ok(demands) => demands,
        Err(code) => return code,
    };
    if let Err(message) = told.reports.check() {
        complain(&message);
        return ExitCode::Usage;
    }
    let code = demands.decide(&mut result);
    tell(&report::summary(&result));
    told.reports.make(&result, &Secrets::default()).unwrap_or(code)
}

/// Reads a result file.
pub(super) fn read(file: &Path) -> Result<RunResult, String> {
    let text =
        input::read_text(file, input::RECORD).map_err(|error| format!("{}: {error}", file.display()))?;
    report::read_result(&text).map_err(|error| format!("{}: {error}", file.display()))
}
