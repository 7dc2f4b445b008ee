//! `neon-contract mock`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::mock::{AccountFixture, Fault, Mock, MockError, OperationClock, manual};
use neon_contract::spec::closest;
use secrecy::ExposeSecret;

use super::{block_on, complain, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
Prints shell lines that point clients at the mock, and serves until Ctrl-C.

Examples:
  neon-contract mock --port 8080
  curl -H \"Authorization: Bearer $NEON_API_KEY\" \"$NEON_API_URL/api/v1/projects\" | jq
  neon-contract mock --fixture many-projects
  neon-contract mock --operations 2s
  neon-contract mock --persist my-neon.json
  neon-contract mock --matrix
  neon-contract mock --fixture ./my-account.yaml --fault revoked-key-accepted")]
pub(super) struct MockArgs {
    /// The port to listen on; 0 lets the system choose
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// What the account starts with: seed, empty, many-projects, or a YAML file
    #[arg(long, value_name = "NAME|FILE", default_value = "seed")]
    fixture: String,
    /// What ids and tokens are made from: the same seed makes the same ones
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// When operations are finished: immediate (by the next request), manual (never by themselves), or after a time
    #[arg(long, value_name = "immediate|manual|TIME", default_value = "immediate", value_parser = parse_clock)]
    operations: OperationClock,
    /// Keep the state in this file across restarts; written whole, before each answer that tells of a change
    #[arg(long, value_name = "FILE")]
    persist: Option<PathBuf>,
    /// So many requests a minute; more are answered with 429 and Retry-After (the service allows 700)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate_limit: Option<u32>,
    /// Print what the mock does, as Markdown, and end: behaviours with their evidence, operations with their support
    #[arg(long)]
    matrix: bool,
    /// Break a rule (may be repeated; see `list --of faults`)
    #[arg(long = "fault", value_name = "FAULT", value_parser = super::run::parse_fault)]
    faults: Vec<Fault>,
}

fn parse_clock(text: &str) -> Result<OperationClock, String> {
    match text {
        "immediate" => Ok(OperationClock::Immediate),
        "manual" => Ok(OperationClock::Manual),
        time => humantime::parse_duration(time)
            .map(OperationClock::Timed)
            .map_err(|_| "write `immediate`, `manual`, or a time such as 2s or 500ms".to_owned()),
    }
}

pub(super) fn mock(args: MockArgs) -> ExitCode {
    if args.matrix {
        tell(&manual());
        return ExitCode::Conformant;
    }
    let fixture = match fixture(&args.fixture) {
        Ok(fixture) => fixture,
        Err(message) => {
            complain(&message);
            return ExitCode::Usage;
        }
    };
    block_on(async {
        let builder = Mock::builder()
            .host(args.host)
            .port(args.port)
            .seed(args.seed)
            .operations(args.operations)
            .faults(args.faults);
        let builder = match args.persist {
            Some(path) => builder.persist(path),
            None => builder,
        };
        let builder = match args.rate_limit {
            Some(a_minute) => builder.rate_limit(a_minute),
            None => builder,
        };
        let mock = match builder.start().await {
            Ok(mock) => mock,
            Err(error) => {
                let hint = if matches!(error, MockError::Listen { .. }) {
                    " With `--port 0` the system chooses a free one."
                } else {
                    ""
                };
                complain(&format!("{error}{hint}"));
                return ExitCode::Usage;
            }
        };
        let account = mock.first_account(&fixture);
        // The key of a mock opens nothing but this mock: it is there to be shown.
        tell(&format!(
            "export NEON_API_URL={}\nexport NEON_API_KEY={}\n",
            mock.origin(),
            account.key.expose_secret()
        ));
        if tokio::signal::ctrl_c().await.is_err() {
            complain("Ctrl-C cannot be heard; stopping");
        }
        mock.shutdown().await;
        ExitCode::Conformant
    })
}

/// A built-in fixture by name, or one in a file.
fn fixture(name: &str) -> Result<AccountFixture, String> {
    if let Some(fixture) = AccountFixture::builtin(name) {
        return Ok(fixture);
    }
    let is_file = name.contains(['/', '\\', '.']);
    if !is_file {
        let known = AccountFixture::builtin_names();
        return Err(match closest(name, &known) {
            Some(near) => format!("there is no fixture `{name}`; did you mean `{near}`?"),
            None => {
                format!("there is no fixture `{name}`; there are {}, or name a YAML file", known.join(", "))
            }
        });
    }
    let text = std::fs::read_to_string(name)
        .map_err(|error| format!("the fixture {name} cannot be read: {error}"))?;
    AccountFixture::parse(&text).map_err(|error| format!("the fixture {name} is wrong: {error}"))
}
