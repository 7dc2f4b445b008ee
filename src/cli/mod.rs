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
mod gate;
mod init;
mod interrupt;
mod list;
mod manual;
mod mock;
mod new;
mod parity;
mod progress;
mod proxy;
mod report;
mod run;
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
use neon_contract::spec::endpoint::Absent;
use neon_contract::spec::{Diagnostics, Home, Suite};
use neon_contract::text;

/// Proves whether an endpoint really is the Neon API.
#[derive(Debug, Parser)]
#[command(
    name = "neon-contract",
    version,
    long_version = concat!(env!("CARGO_PKG_VERSION"), "\nsuite: ", env!("NEON_CONTRACT_SUITE_DIGEST")),
    max_term_width = 100,
    after_help = "\
Exit codes:
  0  the endpoint conforms       1  findings
  2  specs or command line are wrong; nothing was sent
  3  the endpoint could not be reached, or what was made there could not be removed
  4  something is untested though demanded, or nothing was tested
 70  a bug in neon-contract    130  stopped by Ctrl-C

Examples:
  neon-contract run                          the whole suite against the embedded mock
  neon-contract run revoked --tag v1         the trials of v1 with `revoked` in their name
  neon-contract mock --port 8080             a local Neon for curl and clients
  neon-contract check                        are the spec files sound?"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run trials and tell the verdict
    Run(run::RunArgs),
    /// Run trials and tell what they cover: operations, statuses, credentials, requirements
    Coverage(coverage::CoverageArgs),
    /// Try the suite on mocks that break a rule each, and tell which it notices
    Audit(audit::AuditArgs),
    /// Compare contracts
    Contract(contract::ContractArgs),
    /// Make a suite of your own, which builds on the one in the binary
    Init(init::InitArgs),
    /// List trials, operations, requirements, checks, faults or snapshots
    List(list::ListArgs),
    /// Check the spec files without sending anything
    Check(check::CheckArgs),
    /// Remove what runs that were killed have left on an endpoint
    Sweep(sweep::SweepArgs),
    /// Run the same cases on two targets, and tell where they differ
    Parity(parity::ParityArgs),
    /// Pass the traffic of any client on to an endpoint, and judge it
    Proxy(proxy::ProxyArgs),
    /// Join the results of shards, or make other reports from a result
    Report(report::ReportArgs),
    /// Make an image of a verdict
    Badge(badge::BadgeArgs),
    /// Make a case from a curl command, a recorded request or an operation
    New(new::NewArgs),
    /// Tell what a requirement, a check or a fault means, and its source
    Explain(explain::ExplainArgs),
    /// Look whether a run can begin: suite, key, clock, endpoint
    Doctor(doctor::DoctorArgs),
    /// Serve the stateful mock
    Mock(mock::MockArgs),
    /// Print the JSON Schema of a spec file
    Schema(schema::SchemaArgs),
    /// Print completions for a shell
    Completions(manual::CompletionsArgs),
    /// Print the manual page, or write all of them
    Man(manual::ManArgs),
}

/// Where the suite is.
#[derive(Debug, Args)]
struct SpecsArgs {
    /// The folder of the suite [default: specs, or else the suite in the binary]
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
    /// An OpenAPI document in place of the suite's contract for the same path, such as a newer release of the API's own
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

/// Which trials.
#[derive(Debug, Args)]
struct SelectionArgs {
    /// Only trials with this in their name (any of them, if there are several)
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// The filters are whole names
    #[arg(long)]
    exact: bool,
    /// Only cases with this tag (may be repeated: any of them)
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Only cases that prove this requirement (may be repeated: any of them)
    #[arg(long = "requirement", value_name = "ID")]
    requirements: Vec<String>,
    /// So many trials of requests made from the contract, that it does not allow [default: 500 on the mock, 0 elsewhere]
    #[arg(long, value_name = "N")]
    generate: Option<usize>,
    /// Only so many trials, spread over all cases; the rest is told as left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
    /// Chooses what --generate and --sample take: the same seed, the same trials
    #[arg(long, value_name = "SEED", default_value_t = 0)]
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
        Command::Run(args) => run::run(args),
        Command::Coverage(args) => coverage::coverage(args),
        Command::Audit(args) => audit::audit(args),
        Command::Contract(args) => contract::contract(args),
        Command::Init(args) => init::init(args),
        Command::List(args) => list::list(&args),
        Command::Check(args) => check::check(&args),
        Command::Parity(args) => parity::parity(args),
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
        complain("this is a bug in neon-contract; please report it with the lines above");
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
            complain(&format!("the runtime cannot start: {error}"));
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

/// Prints what is wrong with the spec files.
fn complain_of(diagnostics: &Diagnostics) {
    let count = diagnostics.len();
    let _ = write!(anstream::stderr(), "{}", text::styled(&diagnostics.render(theme())));
    complain(&format!(
        "{count} mistake{} in the spec files; nothing was sent",
        if count == 1 { "" } else { "s" }
    ));
}

/// Prints what is wrong with an imported contract and can be borne.
fn warn_of(warnings: &Diagnostics, at_most: usize) {
    let _ = write!(anstream::stderr(), "{}", text::styled(&warnings.render_warnings(theme(), at_most)));
    if warnings.len() > at_most {
        let left = warnings.len() - at_most;
        log(&format!(
            "{left} more warnings about the contract; `neon-contract check --contract` tells them all"
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
        SetupError::Specs(diagnostics) => complain_of(diagnostics),
        other => complain(&other.to_string()),
    }
    ExitCode::Usage
}
