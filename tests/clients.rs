//! Official clients against `neon-contract mock`, unchanged. They are installed by `tests/clients/install`; what is not
//! installed is reported as ignored.

#[allow(dead_code, reason = "shared with the tests of the command")]
#[path = "command/project.rs"]
mod project;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use project::{Project, RunningMock};

/// A client, the program that runs its scenario, and the scenario.
const CLIENTS: [(&str, &str, &str); 3] = [
    ("cli", "node_modules/.bin/neon", "cli.sh"),
    ("api_client", "node_modules/@neondatabase/api-client", "api_client.mjs"),
    ("neon_api", "python/bin/python", "python_client.py"),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = CLIENTS.map(|(name, needs, scenario)| {
        Trial::ignorable_test(name, move || {
            let needs = clients().join(needs);
            if !needs.exists() {
                return Ok(Completion::ignored_with("it is not installed: run tests/clients/install"));
            }
            run(&needs, scenario).map(|()| Completion::Completed)
        })
    });
    libtest_mimic::run(&arguments, tests.into()).exit_code()
}

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients")
}

fn run(needs: &Path, scenario: &str) -> Result<(), Failed> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(scenario);
    let mock = RunningMock::start(&Project::new(), &[]);
    let program = match script.extension().and_then(|ending| ending.to_str()) {
        Some("sh") => Path::new("bash"),
        Some("mjs") => Path::new("node"),
        _ => needs,
    };
    let output = Command::new(program)
        .arg(&script)
        .env("NEON_API_URL", &mock.url)
        .env("NEON_API_KEY", &mock.key)
        .env("CLI", needs)
        .env("CLIENTS", clients())
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Err(said.join("\n").into())
}
