//! The command line: one file a subcommand; each builds a request for the library and prints what comes back.

mod account;
mod audit;
mod badge;
mod check;
mod contract;
mod coverage;
mod doctor;
mod endpoint;
mod explain;
mod explore;
mod gate;
mod init;
mod interrupt;
mod judge;
mod list;
mod manual;
mod mock;
mod new;
mod parity;
mod postgres;
mod progress;
mod proxy;
mod report;
mod result_file;
mod run;
mod run_args;
mod schema;
mod sweep;
mod watch;

use std::io::{IsTerminal, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use miette::GraphicalTheme;
use neon_contract::exit_code::ExitCode;
use neon_contract::plan::{Generation, Sample, Selection};
use neon_contract::runner::{self, SetupError};
use neon_contract::secret::mask_alike;
use neon_contract::spec::absent::Absent;
use neon_contract::spec::{Diagnostics, Home, InputFileError, Suite};
use neon_contract::text;

/// Test whether an endpoint behaves like the Neon API
#[derive(Debug, Parser)]
#[command(
    name = "neon-contract",
    version,
    long_version = concat!(env!("CARGO_PKG_VERSION"), "\nsuite: ", env!("NEON_CONTRACT_SUITE_DIGEST")),
    max_term_width = 100,
    after_help = "\
Exit codes:
    0  The endpoint conforms
    1  The endpoint does not conform
    2  The command line, the spec files or the environment are wrong; nothing was sent
    3  The endpoint was unreachable, or created resources were left behind
    4  A required test was not run, or nothing was tested
   70  Internal error: a bug in neon-contract
  130  Interrupted by Ctrl-C

Examples:
  neon-contract run                     Run the whole suite against the embedded mock
  neon-contract run revoked --tag v1    Run the v1 trials with `revoked` in their name
  neon-contract mock --port 8080        Serve a local Neon for curl and clients
  neon-contract check                   Validate the spec files"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the suite and report a verdict
    Run(run_args::RunArgs),
    /// Run the suite and report the operations, statuses and requirements that it covers
    Coverage(coverage::CoverageArgs),
    /// Measure which injected faults the suite detects
    Audit(audit::AuditArgs),
    /// Compare two OpenAPI contracts
    Contract(contract::ContractArgs),
    /// Create a suite of your own on top of the built-in one
    Init(init::InitArgs),
    /// List trials, operations, requirements, checks, faults or snapshots
    List(list::ListArgs),
    /// Validate the spec files without sending requests
    Check(check::CheckArgs),
    /// Remove resources left on an endpoint by interrupted runs
    Sweep(sweep::SweepArgs),
    /// Run the same cases on two targets and report the differences
    Parity(parity::ParityArgs),
    /// Send random walks to an endpoint and shrink each that fails
    Explore(explore::ExploreArgs),
    /// Forward client traffic to an endpoint and check every response
    Proxy(proxy::ProxyArgs),
    /// Merge the results of shards, or create reports from a result file
    Report(report::ReportArgs),
    /// Create an SVG badge that shows a verdict
    Badge(badge::BadgeArgs),
    /// Create a case from a curl command, a recorded request or an operation
    New(new::NewArgs),
    /// Explain a requirement, a check or a fault
    Explain(explain::ExplainArgs),
    /// Check the suite, key, clock and endpoint before a run
    Doctor(doctor::DoctorArgs),
    /// Serve the stateful mock of the Neon API
    Mock(mock::MockArgs),
    /// Print the JSON Schema of a file format
    Schema(schema::SchemaArgs),
    /// Print a completion script for a shell
    Completions(manual::CompletionsArgs),
    /// Print the manual page, or write the pages of all commands
    Man(manual::ManArgs),
}

/// The headings under which `--help` lists options.
///
/// Each option names its own: a heading that is set for a flattened struct applies to all options after it as well.
mod heading {
    pub(super) const SELECTION: &str = "Selection";
    pub(super) const TARGET: &str = "Target";
    pub(super) const ACCOUNT: &str = "Account and safety";
    pub(super) const EXECUTION: &str = "Execution";
    pub(super) const SNAPSHOTS: &str = "Snapshots";
    pub(super) const REPORTS: &str = "Reports";
    pub(super) const GATE: &str = "Gate";
    pub(super) const OUTPUT: &str = "Output";
}

/// The location of the suite.
#[derive(Debug, Args)]
struct SpecsArgs {
    /// Directory of the suite [default: specs if it exists, else the built-in suite]
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
    /// OpenAPI document to use in place of the suite's contract for the same base path
    #[arg(long, value_name = "FILE|URL", env = "NEON_CONTRACT")]
    contract: Option<String>,
}

impl SpecsArgs {
    fn contract(&self) -> Option<&str> {
        self.contract.as_deref().filter(|contract| !contract.is_empty())
    }

    fn home(&self) -> Home {
        Home::found(self.specs.clone())
    }

    /// Loads the suite, or says why not.
    async fn load(&self) -> Result<Suite, ExitCode> {
        runner::suite(&self.home(), self.contract()).await.map_err(|error| refuse(&error))
    }
}

/// The trials to run.
#[derive(Debug, Args)]
struct SelectionArgs {
    /// Select trials whose name contains this text; repeat to select more
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Match filters against whole trial names
    #[arg(long, help_heading = heading::SELECTION)]
    exact: bool,
    /// Select cases with this tag; repeat to select more
    #[arg(long = "tag", value_name = "TAG", help_heading = heading::SELECTION)]
    tags: Vec<String>,
    /// Select cases that prove this requirement; repeat to select more
    #[arg(long = "requirement", value_name = "ID", help_heading = heading::SELECTION)]
    requirements: Vec<String>,
    /// Add up to N trials with generated requests that violate the contract [default: 500 on the mock, 0 elsewhere]
    #[arg(long, value_name = "N", help_heading = heading::SELECTION)]
    generate: Option<usize>,
    /// Run a sample of N trials, spread over all cases
    #[arg(long, value_name = "N", help_heading = heading::SELECTION, value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
    /// Seed for --generate and --sample; the same seed selects the same trials
    #[arg(long, value_name = "SEED", default_value_t = 0, help_heading = heading::SELECTION)]
    seed: u64,
}

impl SelectionArgs {
    /// The selection for an endpoint that lacks some operations.
    fn selection(&self, is_embedded: bool, absent: &Absent) -> Selection {
        let at_most = self.generate.unwrap_or(if is_embedded { Generation::DEFAULT } else { 0 });
        Selection {
            generation: Generation { at_most, seed: self.seed, absent: absent.keys().cloned().collect() },
            sample: self.sample.map(|size| Sample { size: size as usize, seed: self.seed }),
            filters: self.filters.clone(),
            exact: self.exact,
            tags: self.tags.clone(),
            requirements: self.requirements.clone(),
        }
    }
}

/// Parses the command line and does what it says.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Conformant };
            // There is nobody to tell when even this cannot be printed.
            let _ = match code {
                // It may quote the command line.
                ExitCode::Usage => {
                    write!(anstream::stderr(), "{}", mask_alike(&error.render().ansi().to_string()))
                }
                _ => error.print(),
            };
            return code;
        }
    };
    let done = catch_unwind(AssertUnwindSafe(|| match cli.command {
        Command::Run(args) if args.watch() => watch::watch(args),
        Command::Run(args) => run::run(&args),
        Command::Coverage(args) => coverage::coverage(args),
        Command::Audit(args) => audit::audit(args),
        Command::Contract(args) => contract::contract(args),
        Command::Init(args) => init::init(args),
        Command::List(args) => list::list(&args),
        Command::Check(args) => check::check(&args),
        Command::Parity(args) => parity::parity(args),
        Command::Explore(args) => explore::explore(args),
        Command::Proxy(args) => proxy::proxy(args),
        Command::New(args) => new::new(args),
        Command::Explain(args) => explain::explain(args),
        Command::Doctor(args) => doctor::doctor(args),
        Command::Completions(args) => manual::completions(args),
        Command::Man(args) => manual::man(args),
        Command::Badge(args) => badge::badge(args),
        Command::Report(args) => report::report(args),
        Command::Mock(args) => mock::mock(args),
        Command::Sweep(args) => sweep::sweep(args),
        Command::Schema(args) => schema::schema(args),
    }));
    done.unwrap_or_else(|_| {
        complain("internal error: this is a bug in neon-contract; please report it with the lines above");
        ExitCode::Bug
    })
}

/// Runs what waits for the network.
fn block_on(work: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            let code = runtime.block_on(work);
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            complain(&format!("cannot start the runtime: {error}"));
            ExitCode::Usage
        }
    }
}

/// Leaves what is large to the end of the process, which is near: the system frees it sooner than we could.
fn leave<T>(value: T) {
    std::mem::forget(value);
}

/// Prints to standard output. Where nobody listens any more (`| head`), what is left is dropped.
fn tell(text: &str) {
    let _ = write!(anstream::stdout(), "{}", text::styled(text));
}

/// Prints an error. Nobody knows what it quotes.
fn complain(message: &str) {
    let message = text::message(message);
    let _ = writeln!(anstream::stderr(), "\u{1b}[1;31merror\u{1b}[0m: {message}");
}

/// Prints a line of a log.
fn log(line: &str) {
    let _ = writeln!(anstream::stderr(), "{}", text::message(line));
}

/// Prints the errors in files.
fn complain_of(diagnostics: &Diagnostics, files: &str) {
    let count = diagnostics.len();
    let _ = write!(anstream::stderr(), "{}", text::styled(&diagnostics.render(theme())));
    complain(&format!("{count} error{} in {files}; nothing was sent", if count == 1 { "" } else { "s" }));
}

/// Prints what is wrong with an imported contract and can be borne.
fn warn_of(warnings: &Diagnostics, at_most: usize) {
    let _ = write!(anstream::stderr(), "{}", text::styled(&warnings.render_warnings(theme(), at_most)));
    if warnings.len() > at_most {
        let left = warnings.len() - at_most;
        log(&format!(
            "{left} more warnings about the contract; run `neon-contract check --contract` to see all"
        ));
    }
}

/// How mistakes in files are drawn.
fn theme() -> GraphicalTheme {
    if std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    }
}

/// Prints why a run cannot begin.
fn refuse(error: &SetupError) -> ExitCode {
    match error {
        SetupError::Specs(diagnostics) => complain_of(diagnostics, "the spec files"),
        SetupError::File(InputFileError::Invalid { kind, diagnostics }) => {
            complain_of(diagnostics, &format!("the {kind} file"));
        }
        other => complain(&other.to_string()),
    }
    ExitCode::Usage
}
