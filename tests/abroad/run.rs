//! The command, run against a server of a style.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use regex::Regex;

use crate::serve::{Server, Started};
use crate::style::{Style, Switch};

/// What this server does not do.
const ENDPOINT: &str = "absent: ['tag:Consumption', 'tag:Auth', 'tag:Auth (legacy)', 'tag:DataAPI', 'tag:Buckets', 'tag:Functions', '*SnapshotSchedule', getProjectBranchStorage, getProjectBranchAiGateway, '*redential*', '*Mask*', '*nonymiz*', getAvailablePreloadLibraries, getProjectAdvisorSecurityIssues]\n";

/// What a run must come to at the least.
pub(crate) struct Floor {
    pub(crate) proven: usize,
    /// So many of a hundred trials may be untested or skipped, those of operations that the server lacks aside.
    pub(crate) open: usize,
}

/// Runs the suite there: it must find nothing, and test enough.
pub(crate) fn conforms(style: &'static Style, selection: &[&str], floor: &Floor) {
    let server = Server::start(style);
    let output = run(&server, &server.key, style, selection);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "on the style {}:\n{said}", style.name);
    let numbers = |expression: &str| -> Vec<usize> {
        let expression = Regex::new(expression).expect("it is an expression");
        let found = expression.captures(&said).unwrap_or_else(|| panic!("{expression} is not in:\n{said}"));
        found.iter().skip(1).flatten().map(|number| number.as_str().parse().expect("digits")).collect()
    };
    // Where nobody else is, only the run's own trials remove what others of them have found, which is seldom.
    if !style.has(Switch::BusyAccount) {
        let gone = said.matches("was removed by another client").count();
        assert!(gone <= 3, "on the style {}, nobody has removed that:\n{said}", style.name);
    }
    let musts = numbers(r"Musts: (\d+) proven, (\d+) untested, 0 failed");
    assert!(musts[0] >= floor.proven, "on the style {}, too little is proven:\n{said}", style.name);
    let trials = numbers(r"conforms[^:]*: (\d+) passed.* of (\d+) trials");
    let lacking = numbers(r"conforms.*?(?: (\d+) not applicable| of \d+ trials)");
    let lacking = lacking.first().copied().unwrap_or_default();
    let (open, all) = (trials[1] - trials[0] - lacking, trials[1] - lacking);
    assert!(open * 100 <= all * floor.open, "on the style {}, too much is open:\n{said}", style.name);
}

/// Runs the suite there with a key that may do less than a user's: it must say so, and test nothing.
pub(crate) fn refuses_lesser_keys(style: &'static Style) {
    let server = Server::start(style);
    for key in &server.lesser_keys {
        let output = run(&server, key, style, &[]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("provide the personal key of a user") && !said.contains("Musts"), "{said}");
    }
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

fn run(server: &Started, key: &str, style: &Style, selection: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let endpoint = folder.path().join("endpoint.yaml");
    fs::write(&endpoint, ENDPOINT).expect("the file can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_neon-contract"));
    for (name, _) in std::env::vars()
        .filter(|(name, _)| name.starts_with("NEON_") || name == "CI" || name == "INSTA_UPDATE")
    {
        command.env_remove(name);
    }
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("XDG_STATE_HOME", folder.path())
        .env("NEON_API_KEY", key)
        .env("NEON_API_KEY_OTHER", &server.other_key)
        .env("NEON_REVOKED_API_KEY", &server.revoked_key)
        .args([
            "run",
            "--url",
            &server.url,
            "--allow",
            "destroys",
            "--jobs",
            "48",
            "--grace",
            "1s",
            "--quiet",
            "--endpoint",
        ])
        .arg(&endpoint)
        .args(selection);
    if style.has(Switch::ProblemErrors) {
        command.arg("--contract").arg(contract_of_problems(folder.path()));
    }
    command.output().expect("the command starts")
}

/// Writes the contract of an endpoint whose errors have a media type of their own.
fn contract_of_problems(folder: &Path) -> std::path::PathBuf {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let text = fs::read_to_string(specs.join("contract/v2.yaml")).expect("the contract is there");
    let (paths, shared) = text.split_once("\n  responses:").expect("errors are shared");
    let shared = shared.replace("application/json:", "application/problem+json:");
    fs::create_dir(folder.join("contract")).expect("a folder can be made");
    fs::create_dir(folder.join("schemas")).expect("a folder can be made");
    for schema in fs::read_dir(specs.join("schemas")).expect("they are there") {
        let schema = schema.expect("it can be read").path();
        let name = schema.file_name().expect("it has a name");
        fs::copy(&schema, folder.join("schemas").join(name)).expect("it can be copied");
    }
    let contract = folder.join("contract/v2.yaml");
    fs::write(&contract, format!("{paths}\n  responses:{shared}")).expect("it can be written");
    contract
}
