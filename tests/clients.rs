//! Programs of others, unchanged: official clients against `neon-contract mock`, and what reads reports, a browser and Jenkins'
//! schema. They are installed by `tests/clients/install`, the browser by the system; what is not installed is reported as ignored.

#[expect(dead_code, reason = "shared with the tests of the command")]
#[path = "command/project.rs"]
mod project;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use project::{Project, RunningMock, RunningProxy};
use serde_json::Value;

/// What a program of others meets.
#[derive(Clone, Copy)]
enum Meets {
    /// The mock, with these options.
    Mock(&'static [&'static str]),
    /// The mock, with a real Postgres and these options.
    Postgres(&'static [&'static str]),
    /// The mock, through `neon-contract proxy`, which is to have no complaint.
    Proxy,
    /// A mock for each scenario.
    Scenarios,
    /// The files that this makes.
    Files(fn(&Project)),
}

/// The name of a test, what must be installed for it, its script, and what that meets. A script in a browser drives `puppeteer`.
const CLIENTS: [(&str, &str, &str, Meets); 14] = [
    ("cli", "node_modules/.bin/neon", "cli.sh", Meets::Mock(&[])),
    ("cli_groups", "node_modules/.bin/neon", "cli_groups.sh", Meets::Postgres(&["--fixture", "company"])),
    ("cli_through_the_proxy", "node_modules/.bin/neon", "cli.sh", Meets::Proxy),
    ("api_client", "node_modules/@neondatabase/api-client", "api_client.mjs", Meets::Mock(&[])),
    ("neon_api", "python/bin/python", "python_client.py", Meets::Mock(&[])),
    ("console", BROWSER, "console.mjs", Meets::Mock(&["--console"])),
    ("serverless", "node_modules/@neondatabase/serverless", "serverless.mjs", Meets::Postgres(&[])),
    ("psycopg", PSYCOPG, "psycopg_client.py", Meets::Postgres(&[])),
    ("pytest_neon", "python/pytest_neon", "pytest_neon.py", Meets::Postgres(LOOPBACK)),
    ("neon_testing", NEON_TESTING, "neon_testing.py", Meets::Postgres(&["--admin"])),
    ("mcp", "mcp/node_modules/@neondatabase/mcp-server-neon", "mcp.mjs", Meets::Postgres(&[])),
    ("scenarios", NEON_TESTING, "scenarios.py", Meets::Scenarios),
    ("junit", "junit-10.xsd", "junit.py", Meets::Files(junit_reports)),
    ("html", BROWSER, "html.mjs", Meets::Files(html_report)),
];

const BROWSER: &str = "node_modules/puppeteer-core";

/// A link to the package: its place has the version of Python in its name.
const PSYCOPG: &str = "python/psycopg";

/// In a folder of its own: it does not bear the API client that the others have.
const NEON_TESTING: &str = "neon-testing/node_modules/neon-testing";

/// For clients that make URIs of a host alone, and whose requests are counted.
const LOOPBACK: &[&str] = &["--admin", "--postgres-host", "loopback"];

/// So many trials are in the page that a browser opens.
const TRIALS: usize = 10_000;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = CLIENTS.map(|(name, needs, script, meets)| {
        Trial::ignorable_test(name, move || {
            if !clients().join(needs).exists() {
                return Ok(Completion::ignored_with("it is not installed: run tests/clients/install"));
            }
            if needs == BROWSER && browser().is_none() {
                return Ok(Completion::ignored_with("there is no chromium"));
            }
            if matches!(meets, Meets::Postgres(_)) && !has_postgres() {
                return Ok(Completion::ignored_with("PostgreSQL is not installed"));
            }
            if matches!(meets, Meets::Postgres(LOOPBACK)) && !cfg!(target_os = "linux") {
                return Ok(Completion::ignored_with("hosts on the loopback interface are for Linux only"));
            }
            let project = Project::new();
            meet(&project, needs, script, meets).map(|()| Completion::Completed)
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

/// A Postgres whose data, and with them the certificate to verify it with, are in a folder that is known.
const POSTGRES: &[&str] =
    &["--postgres", "--postgres-port", "0", "--persist", "state.json", "--postgres-data", "data"];

#[cfg(unix)]
fn allow_to_enter(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711))
}

#[cfg(not(unix))]
fn allow_to_enter(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Whether the mock finds a Postgres.
fn has_postgres() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|version| version.path().join("bin"));
    std::env::split_paths(&path).chain(debian).any(|folder| folder.join("initdb").exists())
}

fn meet(project: &Project, needs: &str, script: &str, meets: Meets) -> Result<(), Failed> {
    let options = match meets {
        Meets::Mock(options) => options.to_vec(),
        Meets::Postgres(options) => {
            // The user that Postgres runs as must get to its data.
            allow_to_enter(&project.path("."))?;
            [POSTGRES, options].concat()
        }
        Meets::Proxy => Vec::new(),
        Meets::Scenarios => return play(project, needs, script),
        Meets::Files(make) => {
            make(project);
            return run(needs, script, &[("FILES", &project.path(".").display().to_string())]);
        }
    };
    let mock = RunningMock::start(project, &options);
    let proxy = matches!(meets, Meets::Proxy).then(|| RunningProxy::start(project, &mock.url, &["--quiet"]));
    let url = proxy.as_ref().map_or(&mock.url, |proxy| &proxy.url);
    let authority = project.path("data/ca.pem").display().to_string();
    let mut variables = vec![("NEON_API_URL", &**url), ("NEON_API_KEY", &*mock.key)];
    if matches!(meets, Meets::Postgres(_)) {
        variables.extend([("NEON_POSTGRES_CA", &*authority), ("NODE_EXTRA_CA_CERTS", &*authority)]);
    }
    run(needs, script, &variables)?;
    match proxy.map(RunningProxy::stop) {
        Some(ended) if ended.code != Some(0) => Err(ended.stdout.into()),
        _ => Ok(()),
    }
}

/// The page that tells what clients do about trouble.
const PAGE: &str = "docs/src/reference/clients-on-scenarios.md";

/// Runs a script with a mock for each scenario that is built in, and for one more. The script compares what it sees with the page.
fn play(project: &Project, needs: &str, script: &str) -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(root.join("fixtures/scenarios"))?.flatten().map(|file| file.path()).collect();
    files.sort();
    files.push(root.join("tests/clients/scenarios/unavailable.yaml"));
    let mocks: Vec<(String, RunningMock)> = files
        .iter()
        .map(|file| {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let options = ["--admin", "--scenario", &file.display().to_string()];
            (name, RunningMock::start(project, &options))
        })
        .collect();
    let scenarios: serde_json::Map<String, Value> = mocks
        .iter()
        .map(|(name, mock)| (name.clone(), serde_json::json!({ "url": mock.url, "key": mock.key })))
        .collect();
    let page = root.join(PAGE).display().to_string();
    run(needs, script, &[("SCENARIOS", &Value::Object(scenarios).to_string()), ("PAGE", &page)])
}

/// Runs a script, which tells what is wrong.
fn run(needs: &str, script: &str, variables: &[(&str, &str)]) -> Result<(), Failed> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    let program = match script.extension().and_then(|ending| ending.to_str()) {
        Some("sh") => PathBuf::from("bash"),
        Some("mjs") => PathBuf::from("node"),
        _ => clients().join("python/bin/python"),
    };
    let output = Command::new(program)
        .arg(&script)
        .envs(variables.iter().copied())
        .env("CLI", clients().join(needs))
        .env("CLIENTS", clients())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("CHROMIUM", browser().unwrap_or_default())
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Err(said.join("\n").into())
}

const FAULT: [&str; 2] = ["--fault", "revoked-key-accepted"];

/// Reports of a run that conforms, of one that does not, of its shards, and of every outcome there is.
fn junit_reports(project: &Project) {
    let report = |code: i32, arguments: &[&str]| {
        let ended = project.run(arguments);
        assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
    };
    report(0, &["run", "-q", "users/", "v1/", "--report", "junit=conforms.xml"]);
    let faulty = |rest: &[&str]| {
        report(
            1,
            &[&["run", "-q", "api-keys/", "revoked"], &FAULT[..], &["--snapshots", "ignore"], rest].concat(),
        );
    };
    faulty(&["--report", "json=faulty.json,junit=faulty.xml"]);
    faulty(&["--shard", "1/2", "--report", "json=shard-1.json"]);
    faulty(&["--shard", "2/2", "--report", "json=shard-2.json"]);
    report(1, &["report", "merge", "shard-1.json", "shard-2.json", "--report", "junit=merged.xml"]);
    multiply(project, "faulty.json", "every.json", 500);
    report(1, &["report", "show", "every.json", "--report", "junit=every.xml"]);
}

/// The page about as many trials as a large suite has, and about few.
fn html_report(project: &Project) {
    let ended = project.run(&[&["run", "-q", "--report", "json=faulty.json"], &FAULT[..]].concat());
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    multiply(project, "faulty.json", "large.json", TRIALS);
    multiply(project, "faulty.json", "small.json", 200);
    for size in ["small", "large"] {
        let (from, to) = (format!("{size}.json"), format!("html={size}.html"));
        let ended = project.run(&["report", "show", &from, "--report", &to]);
        assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    }
}

/// Writes a result of so many trials, in which all outcomes come up.
fn multiply(project: &Project, from: &str, to: &str, count: usize) {
    const OTHERS: [&str; 5] = ["flaky", "known-failure", "untested", "skipped", "errored"];
    let mut result: Value = serde_json::from_str(&project.read(from)).expect("it is JSON");
    let trials = result["trials"].as_array().expect("it has trials").clone();
    let again = trials.iter().cycle().take(count).enumerate().map(|(number, trial)| {
        let mut trial = trial.clone();
        trial["number"] = number.into();
        if number >= trials.len() {
            trial["name"] =
                format!("{} {}", trial["name"].as_str().unwrap_or_default(), number / trials.len()).into();
        }
        if number % 20 < OTHERS.len() {
            trial["outcome"] = OTHERS[number % 20].into();
            trial["reason"] = "a reason <b>with</b> \"marks\" & \u{1b}[31mcolours".into();
        }
        trial
    });
    result["trials"] = again.collect();
    project.write(to, &result.to_string());
}
