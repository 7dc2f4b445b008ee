//! `neon-contract report`, and what `--report` asks for.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use neon_contract::exit_code::ExitCode;
use neon_contract::report::{self, FORMATS, Format};
use neon_contract::result::{RunResult, merge, trends};
use neon_contract::secret::Secrets;
use neon_contract::spec::closest;

use super::gate::GateArgs;
use super::result_file::read;
use super::{complain, heading, log, tell};

/// The reports to create.
#[derive(Debug, Args)]
pub(super) struct ReportsArgs {
    /// Create reports: json=FILE, junit=FILE, html=FILE, proof=FILE, badge=FILE, markdown[=FILE], github[=FILE]; may be repeated or comma-separated
    #[arg(long = "report", value_name = "FORMAT[=FILE]", help_heading = heading::REPORTS, value_delimiter = ',')]
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
            return Err(format!("a file is required: {name}=report.{}", format.extension));
        }
        Ok(Self { format, file })
    }
}

impl ReportsArgs {
    /// Whether none is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.reports.is_empty()
    }

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
            let text = rendered(format, result, secrets);
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

/// A report without what may not be shown.
fn rendered(format: &Format, result: &RunResult, secrets: &Secrets) -> String {
    let text = (format.render)(result);
    if secrets.hides_in(&text) { (format.render)(&result.masked(secrets)) } else { text }
}

/// The report for programs.
pub(super) fn for_programs(result: &RunResult, secrets: &Secrets) -> String {
    let json = FORMATS.iter().find(|format| format.name == "json");
    json.map(|format| secrets.replace(&rendered(format, result, secrets))).unwrap_or_default()
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the summary of a result file, and create other reports from it
    #[command(after_help = "\
Examples:
  neon-contract report show last.json
  neon-contract report show last.json --report html=last.html,junit=last.xml")]
    Show(ShowArgs),
    /// Merge the result files of all shards of a run
    #[command(after_help = "\
Every shard must be given exactly once. The exit code is that of the whole run.

Examples:
  neon-contract run --shard 3/8 --report json=shard-3.json
  neon-contract report merge shard-*.json --report json=all.json,html=all.html")]
    Merge(MergeArgs),
    /// Show how the results of runs changed over time
    #[command(after_help = "\
Runs are put in order by their times, those of each target together. The page draws the `must` requirements of each run \
and the response times of each operation. The exit code does not depend on the results.

Examples:
  neon-contract report trend results/*.json
  neon-contract report trend results/*.json --html trend.html")]
    Trend(TrendArgs),
}

#[derive(Debug, Args)]
struct TrendArgs {
    /// Result files, created with `run --report json=FILE`
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Write a page with pictures
    #[arg(long, value_name = "FILE", help_heading = heading::OUTPUT)]
    html: Option<PathBuf>,
    /// Print JSON
    #[arg(long, help_heading = heading::OUTPUT)]
    json: bool,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// Result file, created with `run --report json=FILE`
    file: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
struct MergeArgs {
    /// Result files of all shards, created with `run --report json=FILE`
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

/// The reports and the gate of a result.
#[derive(Debug, Args)]
struct OutputArgs {
    #[command(flatten)]
    reports: ReportsArgs,
    #[command(flatten)]
    gate: GateArgs,
}

pub(super) fn report(args: ReportArgs) -> ExitCode {
    let (result, output) = match &args.command {
        Command::Show(args) => (read(&args.file), &args.output),
        Command::Merge(args) => {
            let parts: Result<Vec<RunResult>, String> = args.files.iter().map(|file| read(file)).collect();
            let whole = parts.and_then(|parts| merge(parts).map_err(|error| error.to_string()));
            (whole, &args.output)
        }
        Command::Trend(args) => return show_trend(args),
    };
    let mut result = match result {
        Ok(result) => result,
        Err(message) => {
            complain(&message);
            return ExitCode::Usage;
        }
    };
    let demands = match output.gate.read(None) {
        Ok(demands) => demands,
        Err(code) => return code,
    };
    if let Err(message) = output.reports.check() {
        complain(&message);
        return ExitCode::Usage;
    }
    let code = demands.decide(&mut result);
    tell(&report::summary(&result));
    output.reports.make(&result, &Secrets::default()).unwrap_or(code)
}

fn show_trend(args: &TrendArgs) -> ExitCode {
    let results: Result<Vec<RunResult>, String> = args.files.iter().map(|file| read(file)).collect();
    let trends = match results.and_then(trends) {
        Ok(trends) => trends,
        Err(message) => {
            complain(&message);
            return ExitCode::Usage;
        }
    };
    tell(&if args.json { report::trend_json(&trends) } else { report::trend(&trends) });
    let Some(file) = &args.html else { return ExitCode::Conformant };
    match report::write(file, &report::trend_html(&trends), &Secrets::default()) {
        Ok(()) => {
            log(&format!("report: {}", file.display()));
            ExitCode::Conformant
        }
        Err(error) => {
            complain(&error.to_string());
            ExitCode::Usage
        }
    }
}
