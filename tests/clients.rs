//! Official clients, unchanged, and a browser against `neon-contract mock`. They are installed by `tests/clients/install`, the
//! browser by the system; what is not installed is reported as ignored.

#[allow(dead_code, reason = "shared with the tests of the command")]
#[path = "command/project.rs"]
mod project;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use project::{Project, RunningMock, RunningProxy};

/// The client whose traffic is judged.
const THROUGH_THE_PROXY: &str = "cli_through_the_proxy";

/// A client, what must be installed for it, its scenario, and what the mock is to do beside the API.
const CLIENTS: [(&str, &str, &str, &[&str]); 5] = [
    ("cli", "node_modules/.bin/neon", "cli.sh", &[]),
    (THROUGH_THE_PROXY, "node_modules/.bin/neon", "cli.sh", &[]),
    ("api_client", "node_modules/@neondatabase/api-client", "api_client.mjs", &[]),
    ("neon_api", "python/bin/python", "python_client.py", &[]),
    ("console", "node_modules/puppeteer-core", "console.mjs", &["--console"]),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = CLIENTS.map(|(name, needs, scenario, mock)| {
        Trial::ignorable_test(name, move || {
            let needs = clients().join(needs);
            if !needs.exists() {
                return Ok(Completion::ignored_with("it is not installed: run tests/clients/install"));
            }
            let browser = browser();
            if name == "console" && browser.is_none() {
                return Ok(Completion::ignored_with("there is no chromium"));
            }
            run(name, &needs, scenario, mock, browser.as_deref()).map(|()| Completion::Completed)
        })
    });
    libtest_mimic::run(&arguments, tests.into()).exit_code()
}

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients")
}

/// The browser, where there is one on the path.
fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("chromium")).find(|program| program.exists())
}

fn run(
    name: &str,
    needs: &Path,
    scenario: &str,
    mock: &[&str],
    browser: Option<&Path>,
) -> Result<(), Failed> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(scenario);
    let project = Project::new();
    let mock = RunningMock::start(&project, mock);
    let proxy = (name == THROUGH_THE_PROXY).then(|| RunningProxy::start(&project, &mock.url, &["--quiet"]));
    let url = proxy.as_ref().map_or(&mock.url, |proxy| &proxy.url);
    let program = match script.extension().and_then(|ending| ending.to_str()) {
        Some("sh") => Path::new("bash"),
        Some("mjs") => Path::new("node"),
        _ => needs,
    };
    let output = Command::new(program)
        .arg(&script)
        .env("NEON_API_URL", url)
        .env("NEON_API_KEY", &mock.key)
        .env("CLI", needs)
        .env("CLIENTS", clients())
        .env("CHROMIUM", browser.unwrap_or(Path::new("")))
        .output()?;
    if output.status.success() {
        return match proxy.map(RunningProxy::stop) {
            Some(ended) if ended.code != Some(0) => Err(ended.stdout.into()),
            _ => Ok(()),
        };
    }
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Err(said.join("\n").into())
}
