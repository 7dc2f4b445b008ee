//! `neon-contract mock`.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use neon_contract::exit_code::ExitCode;
use neon_contract::input;
use neon_contract::mock::{
    Account, AccountFixture, CONSOLE, ContractSupport, Fault, GeneratedOperation, JournalEntry, Latency,
    Mock, MockBuilder, MockError, OperationClock, PageOrigin, RateLimit, Scenario, manual,
};
use neon_contract::spec::{Contract, Diagnostics, account, answers, closest};
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use super::contract::{WARNINGS_SHOWN, load};
use super::interrupt::Interrupts;
use super::judge::JudgingArgs;
use super::postgres::{self, PostgresArgs};
use super::{block_on, complain, heading, log, refuse, tell, warn_of};

const SERVER: &str = "Server";
const STATE: &str = "State";
const RULES: &str = "Limits and faults";

/// What the first account has unless another fixture is named.
const USUAL_FIXTURE: &str = "seed";

#[derive(Debug, Args)]
#[command(after_help = "\
Prints `export` lines that point clients at the mock, and serves until Ctrl-C.

Examples:
  neon-contract mock --port 8080
  curl -H \"Authorization: Bearer $NEON_API_KEY\" \"$NEON_API_URL/api/v1/projects\" | jq
  neon-contract mock --fixture many-projects
  neon-contract mock --operations 2s
  neon-contract mock --persist my-neon.json
  neon-contract mock --postgres   # connection URIs open real databases
  neon-contract mock --admin --operations manual --log text
  curl -X POST \"$NEON_API_URL/_mock/clock\" --data '{\"finish\": true}'
  neon-contract mock --console   # then open http://127.0.0.1:8080/console
  neon-contract mock --scenario rate-limited --latency 80ms±30ms
  neon-contract mock --judge client   # Ctrl-C prints what the client did wrong
  neon-contract mock --contract api-client.yaml   # new operations are answered by their schemas
  neon-contract mock --matrix
  neon-contract mock --fixture ./my-account.yaml --fault revoked-key-accepted")]
pub(super) struct MockArgs {
    /// Port to listen on; 0 lets the system choose
    #[arg(long, help_heading = SERVER, value_name = "PORT", default_value_t = 8080)]
    port: u16,
    /// Address to listen on
    #[arg(long, help_heading = SERVER, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// Initial account: seed, empty, many-projects, team, or a YAML file (see `schema account`) [default: seed]
    #[arg(long, help_heading = STATE, value_name = "NAME|FILE")]
    fixture: Option<String>,
    /// Seed of generated IDs and tokens; the same seed generates the same values
    #[arg(long, help_heading = STATE, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// Time at which operations finish: immediate (by the next request), manual (on demand, see --admin), or after a duration [default: immediate]
    #[arg(long, help_heading = STATE, value_name = "immediate|manual|TIME")]
    operations: Option<OperationClock>,
    /// Keep the state in this file across restarts; it is written before the response to every change
    #[arg(long, help_heading = STATE, value_name = "FILE")]
    persist: Option<PathBuf>,
    /// Maximum number of requests per minute, or per second with /s; further requests get 429 with Retry-After (the service allows 700/m)
    #[arg(long, help_heading = RULES, value_name = "N[/s|/m|/h]")]
    rate_limit: Option<RateLimit>,
    /// Time that responses take, with a spread drawn from the seed, such as 80ms±30ms or 80ms+-30ms
    #[arg(long, help_heading = RULES, value_name = "TIME[±TIME]")]
    latency: Option<Latency>,
    /// Let pages of this origin use the API from a browser, such as `http://localhost:5173`, or * for all; may be repeated
    #[arg(long, help_heading = SERVER, value_name = "ORIGIN")]
    cors: Vec<PageOrigin>,
    /// Misbehave as a scenario says: gateway-page, locked-then-free, lost-answer, rate-limited, slow-operations (see `list --of scenarios`), or a YAML file; may be repeated
    #[arg(long = "scenario", help_heading = RULES, value_name = "NAME|FILE")]
    scenarios: Vec<String>,
    /// Serve an admin API under /_mock: reset, accounts, clock, journal, faults, answers (GET /_mock describes it)
    #[arg(long, help_heading = SERVER)]
    admin: bool,
    /// Serve a page under /console to sign in and manage keys
    #[arg(long, help_heading = SERVER)]
    console: bool,
    /// Log each request to standard error, with secrets masked
    #[arg(long, help_heading = heading::OUTPUT, value_name = "FORMAT")]
    log: Option<LogFormat>,
    /// Print the manual of the mock as Markdown and exit: supported operations, and rules with their evidence
    #[arg(long, help_heading = heading::OUTPUT)]
    matrix: bool,
    /// Inject a fault (see `list --of faults`); may be repeated
    #[arg(long = "fault", help_heading = RULES, value_name = "FAULT", value_parser = super::run_args::parse_fault)]
    faults: Vec<Fault>,
    #[command(flatten)]
    postgres: PostgresArgs,
    #[command(flatten)]
    judging: JudgingArgs,
}

/// The format of the request log.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogFormat {
    /// One line per request
    Text,
    /// One JSON object per line, with headers and bodies
    Json,
}

/// An entry of the journal as one line.
fn log_line(entry: &JournalEntry, format: LogFormat) -> String {
    if let LogFormat::Json = format {
        return serde_json::to_string(entry).unwrap_or_else(|error| error.to_string());
    }
    let query = if entry.query.is_empty() { String::new() } else { format!("?{}", entry.query) };
    let JournalEntry { at, status, method, path, milliseconds, .. } = entry;
    let operation = entry.operation.as_deref().unwrap_or("-");
    let status = if *status == 0 { "---".to_owned() } else { status.to_string() };
    let mut line = format!("{at:.3} {status} {method} {path}{query} {operation} {milliseconds:.1}ms");
    if let Some(rule) = entry.rule {
        line.push_str(&format!("; answer on demand: rule {rule}"));
    }
    if entry.generated {
        line.push_str("; generated from the contract");
    }
    if let Some(near) = &entry.nearest {
        let why = near.why.join(", ");
        line.push_str(&format!(
            "; nearest operation: {} {} ({}): {why}",
            near.method, near.path, near.operation
        ));
    }
    line
}

pub(super) fn mock(args: MockArgs) -> ExitCode {
    if args.matrix {
        tell(&manual());
        return ExitCode::Conformant;
    }
    let named = args.fixture.as_deref();
    if let (Some(named), Some(path)) = (named, args.persist.as_deref().filter(|path| path.exists())) {
        log(&format!(
            "note: {} keeps an account already: it is used, and the fixture `{named}` is not; move the file away to use the fixture",
            path.display()
        ));
    }
    let read = fixture(named.unwrap_or(USUAL_FIXTURE)).and_then(|fixture| {
        let scenarios = args.scenarios.iter().map(|name| scenario(name));
        Ok((fixture, scenarios.collect::<Result<Vec<_>, _>>()?))
    });
    let (fixture, scenarios) = match read {
        Ok(read) => read,
        Err(message) => {
            complain(&message);
            return ExitCode::Usage;
        }
    };
    block_on(async {
        let contract = match described(args.judging.contract()).await {
            Ok(contract) => contract,
            Err(code) => return code,
        };
        let judging = match args.judging.read().await {
            Ok(judging) => judging,
            Err(code) => return code,
        };
        let builder = scenarios.into_iter().fold(Mock::builder(), MockBuilder::scenario);
        let builder = match args.operations {
            // What is asked for by itself goes before what a scenario says.
            Some(clock) => builder.operations(clock),
            None => builder,
        };
        let builder = builder
            .host(args.host)
            .port(args.port)
            .seed(args.seed)
            .faults(args.faults)
            .cors(args.cors)
            .admin(args.admin)
            .console(args.console);
        let builder = match args.log {
            // A log that nobody can read any more does not stop the mock.
            Some(format) => builder.observe(move |entry| log(&log_line(entry, format))),
            None => builder,
        };
        let builder = judging.iter().fold(builder, |builder, judging| judging.watch(builder));
        let builder = contract.into_iter().fold(builder, MockBuilder::contract);
        let builder = match args.persist {
            Some(path) => builder.persist(path),
            None => builder,
        };
        let builder = match args.postgres.options() {
            Some(options) => builder.postgres(options).notices(log),
            None => builder,
        };
        let builder = match args.rate_limit {
            Some(limit) => builder.rate_limit(limit),
            None => builder,
        };
        let builder = match args.latency {
            Some(latency) => builder.latency(latency),
            None => builder,
        };
        let mock = match builder.start().await {
            Ok(mock) => mock,
            Err(error) => return not_started(error),
        };
        let account = mock.first_account(&fixture);
        let mut interrupts = Interrupts::listen();
        greet(&mock, &account, args.console);
        let (origin, end) = (mock.origin().to_owned(), CancellationToken::new());
        let serving = async {
            interrupts.next().await;
            tokio::select! {
                () = mock.shutdown() => {}
                // Whoever asks twice does not want to wait for answers under way.
                () = interrupts.next() => {}
            }
            end.cancel();
        };
        let Some(judging) = judging else {
            serving.await;
            return ExitCode::Conformant;
        };
        tokio::join!(serving, judging.judge(&origin, end.clone())).1
    })
}

fn not_started(error: MockError) -> ExitCode {
    if let MockError::Contract(mistakes) = error {
        return refuse(&mistakes.into());
    }
    let hint = if matches!(error, MockError::Listen { .. }) {
        " With `--port 0` the system chooses a free one."
    } else {
        ""
    };
    complain(&format!("{error}{hint}"));
    ExitCode::Usage
}

/// Says where the mock is, which key opens it and what it serves.
fn greet(mock: &Mock, account: &Account, has_console: bool) {
    // The key of a mock opens nothing but this mock: it is there to be shown.
    tell(&format!(
        "export NEON_API_URL={}\nexport NEON_API_KEY={}\n",
        mock.origin(),
        account.key.expose_secret()
    ));
    if let Some(support) = mock.contract_support() {
        announce(&support);
    }
    postgres::announce(mock);
    if has_console {
        log(&format!("the console is at {}{CONSOLE}", mock.origin()));
    }
}

/// The contract that describes what the mock does not know.
async fn described(contract: Option<&str>) -> Result<Option<Contract>, ExitCode> {
    let Some(contract) = contract else { return Ok(None) };
    let contract = load(contract).await.map_err(|error| refuse(&error))?;
    warn_of(&contract.warnings, WARNINGS_SHOWN);
    Ok(Some(contract))
}

/// Says which operations of a contract are answered by its schemas.
fn announce(support: &ContractSupport) {
    let ContractSupport { performed, generated, .. } = support;
    let end = if generated.is_empty() { "." } else { ":" };
    log(&format!(
        "operations of the contract: {performed} performed by the mock, {} generated from its schemas{end}",
        generated.len()
    ));
    for GeneratedOperation { operation, method, path, problem, .. } in generated {
        match problem {
            None => log(&format!("  {method} {path} ({operation})")),
            Some(why) => {
                log(&format!("  {method} {path} ({operation}); warning: it gets 501, because {why}"));
            }
        }
    }
}

/// A built-in fixture by name, or one in a file.
fn fixture(name: &str) -> Result<AccountFixture, String> {
    let known = AccountFixture::builtin_names();
    named("fixture", name, (AccountFixture::builtin, &known), account::read)
}

/// A built-in scenario by name, or one in a file.
fn scenario(name: &str) -> Result<Scenario, String> {
    let known = Scenario::builtin_names();
    named("scenario", name, (Scenario::builtin, &known), answers::read_scenario)
}

type BuiltIn<'n, T> = (fn(&str) -> Option<T>, &'n [&'static str]);

type Read<T> = fn(&Path, &[u8]) -> Result<T, Diagnostics>;

fn named<T>(what: &str, name: &str, (builtin, known): BuiltIn<'_, T>, read: Read<T>) -> Result<T, String> {
    if let Some(found) = builtin(name) {
        return Ok(found);
    }
    let is_file = name.contains(['/', '\\', '.']);
    if !is_file {
        return Err(match closest(name, known) {
            Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
            None => format!("there is no {what} `{name}`; use {}, or a YAML file", known.join(", ")),
        });
    }
    let bytes = input::read(Path::new(name), input::DOCUMENT)
        .map_err(|error| format!("cannot read the {what} {name}: {}", input::cause(&error)))?;
    read(Path::new(name), &bytes).map_err(|mistakes| format!("invalid {what} {name}:\n{mistakes}"))
}
