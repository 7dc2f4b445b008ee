//! The commands in a report show the finding again, on another account and another server. They need bash, curl and jq.

#[expect(dead_code, reason = "shared with the tests of the command")]
#[path = "command/project.rs"]
mod project;

use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use project::{Project, RunningMock};

/// A case, the trials of it to look at, an expectation in it that is made wrong, and the status that their commands must
/// bring about.
const SPOILT: [(&str, &str, &str, &str, &str); 6] = [
    ("projects/unknown_project_is_404", "", "status: 404", "status: 410", "HTTP/1.1 404"),
    ("api-keys/revoked_key_is_refused", "", "status: 401", "status: 402", "HTTP/1.1 401"),
    ("authentication/revoked_key_is_refused", "Project,", "status: 401", "status: 402", "HTTP/1.1 401"),
    ("authentication/malformed_header_is_refused", "Project,", "status: 401", "status: 402", "HTTP/1.1 401"),
    ("authentication/invalid_key_is_refused", "ApiKey,", "status: 401", "status: 402", "HTTP/1.1 401"),
    (
        "authentication/missing_key_is_refused",
        "ProjectBranchRole,",
        "status: 401",
        "status: 402",
        "HTTP/1.1 401",
    ),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = SPOILT.iter().map(|(case, variants, right, wrong, answer)| {
        Trial::ignorable_test(*case, || match missing_program() {
            Some(program) => Ok(Completion::ignored_with(format!("{program} is not installed"))),
            None => the_commands_show_it_again(case, variants, right, wrong, answer)
                .map(|()| Completion::Completed),
        })
    });
    libtest_mimic::run(&arguments, tests.collect()).exit_code()
}

fn missing_program() -> Option<&'static str> {
    ["bash", "curl", "jq", "openssl"]
        .into_iter()
        .find(|program| Command::new(program).arg("--help").output().is_err())
}

fn the_commands_show_it_again(
    case: &str,
    variants: &str,
    right: &str,
    wrong: &str,
    answer: &str,
) -> Result<(), Failed> {
    let project = Project::new();
    project.edit(&format!("specs/cases/{case}.yaml"), right, wrong);
    let list = project.run(&["list", case]).stdout;
    let of_organizations = |name: &str| name.contains("Org");
    let trials: Vec<&str> =
        list.lines().filter(|name| name.contains(variants) && !of_organizations(name)).collect();
    let report = project.run(&[&["run", "--quiet", "--exact"], trials.as_slice()].concat()).stdout;
    let mock = RunningMock::start(&project, &[]);
    let scripts = scripts(&report);
    if scripts.is_empty() {
        return Err(format!("there are no commands in\n{report}").into());
    }
    for script in scripts {
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &script])
            .env("NEON_API_URL", &mock.url)
            .env("NEON_API_KEY", &mock.key)
            .output()?;
        let shown = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() || !shown.contains(answer) {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(format!("no `{answer}` from\n{script}\n{shown}\n{errors}").into());
        }
    }
    Ok(())
}

/// The commands in a report: the lines that are indented by four, each time after an announcement.
fn scripts(report: &str) -> Vec<String> {
    let announced = report.split("to reproduce (set NEON_API_KEY):\n").skip(1);
    announced
        .map(|rest| rest.lines().map_while(|line| line.strip_prefix("    ")).collect::<Vec<_>>().join("\n"))
        .collect()
}
