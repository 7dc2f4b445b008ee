//! `neon-contract init`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use neon_contract::exit_code::ExitCode;

use super::{complain, log, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
Runs then use the built-in suite and the files in specs/, which replace built-in files of the same name. Existing files are never changed.

Examples:
  neon-contract init
  neon-contract init conformance --ci github
  neon-contract init --rust                    the trials as tests of `cargo test`")]
pub(super) struct InitArgs {
    /// Directory of the project
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Add a job for a CI service
    #[arg(long, value_enum)]
    ci: Option<Ci>,
    /// Add tests/conformance.rs and print what Cargo.toml needs
    #[arg(long)]
    rust: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Ci {
    /// .github/workflows/conformance.yml
    Github,
    /// .gitlab-ci.yml
    Gitlab,
}

/// A suite that builds on the one in the binary.
const SUITE: &str = "\
# The suite in the binary, and what is in this folder besides: cases/, requirements/, known-failures/.
extends: built-in
";

const CASE: &str = "\
title: A page of projects has at most as many as it is asked for
requirements: [PAGE-LIMIT]
operation: listProjects
query: { limit: 2 }
";

const GITHUB: &str = "\
name: conformance
on: [push, pull_request]
jobs:
  conformance:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: cargo install --locked neon-contract
      # On the mock. For an endpoint: set NEON_API_URL here, and NEON_API_KEY from a secret.
      - run: neon-contract run --report junit=conformance.xml --report markdown=\"$GITHUB_STEP_SUMMARY\"
";

const GITLAB: &str = "\
conformance:
  image: rust:1
  script:
    - cargo install --locked neon-contract
    # On the mock. For an endpoint: set the variables NEON_API_URL and, masked, NEON_API_KEY.
    - neon-contract run --report junit=conformance.xml
  artifacts:
    when: always
    reports: { junit: conformance.xml }
";

const TEST: &str = "\
//! Every trial of the suite as a test.

fn main() -> std::process::ExitCode {
    neon_contract::conformance::main()
}
";

pub(super) fn init(args: InitArgs) -> ExitCode {
    let mut files = vec![("specs/suite.yaml", SUITE), ("specs/cases/mine/pages_are_limited.yaml", CASE)];
    files.extend(args.ci.map(|ci| match ci {
        Ci::Github => (".github/workflows/conformance.yml", GITHUB),
        Ci::Gitlab => (".gitlab-ci.yml", GITLAB),
    }));
    if args.rust {
        files.push(("tests/conformance.rs", TEST));
    }
    let paths: Vec<(PathBuf, &str)> =
        files.into_iter().map(|(name, text)| (args.folder.join(name), text)).collect();
    let there: Vec<String> =
        paths.iter().filter(|(path, _)| path.exists()).map(|(path, _)| path.display().to_string()).collect();
    if !there.is_empty() {
        complain(&format!("these files exist already, so nothing was written: {}", there.join(", ")));
        return ExitCode::Usage;
    }
    for (path, text) in &paths {
        if let Err(code) = write(path, text) {
            return code;
        }
        tell(&format!("{}\n", path.display()));
    }
    if args.rust {
        log(
            "add to Cargo.toml: [dev-dependencies] neon-contract, and [[test]] name = \"conformance\", harness = false",
        );
    }
    let place = if args.folder == Path::new(".") {
        String::new()
    } else {
        format!("cd {} && ", args.folder.display())
    };
    log(&format!("next: {place}neon-contract run mine/"));
    ExitCode::Conformant
}

/// Makes `suite.yaml` in a folder that has none.
pub(super) fn suite(folder: &Path) -> Result<(), ExitCode> {
    let path = folder.join("suite.yaml");
    if path.exists() { Ok(()) } else { write(&path, SUITE) }
}

fn write(path: &Path, text: &str) -> Result<(), ExitCode> {
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).and_then(|()| fs::write(path, text)).map_err(|error| {
        complain(&format!("{} cannot be written: {error}", path.display()));
        ExitCode::Usage
    })
}
