//! What CI servers, clusters and containers run: the commands of the manifests, run as they stand there.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use neon_contract::spec::Document;
use rstest::rstest;
use serde_json::Value;

use crate::project::{Ended, Project, RunningMock, ended};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All documents of a YAML file of the project.
fn manifest(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(Path::new(ROOT).join(name)).expect("it is there");
    let documents = text.split("\n---\n").map(|text| Document::parse(Path::new(name), text.as_bytes()));
    documents
        .map(|document| document.unwrap_or_else(|error| panic!("{name}: {error}")).value().clone())
        .collect()
}

/// A folder with the program under its name.
fn programs(project: &Project) -> PathBuf {
    let folder = project.path("runner/neon-contract/bin");
    fs::create_dir_all(&folder).expect("the folder can be made");
    let program = folder.join("neon-contract");
    if !program.exists() {
        symlink(env!("CARGO_BIN_EXE_neon-contract"), program).expect("it can be linked");
    }
    folder
}

/// A shell, with the environment that the project's command has.
fn shell(project: &Project, shell: &str, options: &[&str], script: &str) -> Command {
    let program = programs(project);
    let like = project.command();
    let mut command = Command::new(shell);
    for (name, value) in like.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    command.args(options).args(["-c", script]).env("PATH", path).current_dir(project.path("."));
    command
}

/// Runs the action's last step as GitHub does.
fn act(project: &Project, inputs: &[(&str, &str)]) -> Ended {
    let [action] = &manifest("action.yml")[..] else { panic!("it is one document") };
    for (name, _) in inputs {
        assert!(action["inputs"].get(name).is_some(), "there is no input {name}");
    }
    let steps = action["runs"]["steps"].as_array().expect("it has steps");
    let step = steps.last().expect("it has one");
    let script = step["run"].as_str().expect("it runs something");
    assert!(!script.contains("${{"), "an input is never part of a script");
    let mut command = shell(project, "bash", &["--noprofile", "--norc", "-eo", "pipefail"], script);
    for (variable, expression) in step["env"].as_object().expect("it has an environment") {
        let name = expression.as_str().and_then(|text| text.strip_prefix("${{ inputs."));
        let name = name.and_then(|text| text.strip_suffix(" }}")).expect("it is an input");
        let given = inputs.iter().find(|(input, _)| *input == name).map(|(_, value)| *value);
        let value = given.or(action["inputs"][name]["default"].as_str()).unwrap_or_default();
        command.env(variable, value);
    }
    command
        .env("CI", "true")
        .env("GITHUB_ACTION_PATH", ROOT)
        .env("GITHUB_STEP_SUMMARY", project.path("summary.md"))
        .env("RUNNER_TEMP", project.path("runner"));
    ended(&mut command)
}

#[rstest]
#[case::conforms(&[("arguments", "users/\n")], 0, "conforms")]
#[case::a_fault(&[("arguments", "v1/\n--fault\nlimit-ignored\nprojects/"), ("retries", "1")], 1, "does not conform")]
#[case::a_gate(&[("arguments", "users/"), ("gate", "gate.yaml"), ("reports", "some where/else")], 4, "AUTH-REVOKED")]
#[case::a_part(&[("arguments", "users/"), ("shard", "1/1")], 0, "conforms")]
#[case::a_suite_of_ones_own(&[("specs", "specs"), ("arguments", "mine/")], 0, "1 passed")]
fn the_action_gates_a_job(#[case] inputs: &[(&str, &str)], #[case] code: i32, #[case] told: &str) {
    let project = Project::new();
    project.write("gate.yaml", "require: [AUTH-REVOKED]\n");
    project.write(
        "specs/cases/mine/me.yaml",
        "title: A key tells whose it is\nrequirements: [USER-ME]\noperation: getCurrentUserInfo\nsnapshot: { omit: true }\n",
    );
    let ended = act(&project, inputs);
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert!(project.read("summary.md").contains(told), "{}", project.read("summary.md"));
    let folder =
        inputs.iter().find(|(name, _)| *name == "reports").map_or("neon-contract", |(_, value)| value);
    for report in ["result.json", "junit.xml", "report.html", "proof.json"] {
        assert!(project.path(folder).join(report).exists(), "{report}");
    }
}

#[test]
fn the_action_tests_an_endpoint() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let ended = act(&project, &[("url", &mock.url), ("key", &mock.key), ("arguments", "users/")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(project.read("summary.md").contains(&mock.url), "{}", project.read("summary.md"));
}

/// The script of a manifest's container, with these in place of what it says.
fn container(name: &str, instead: &[(&str, &str)]) -> String {
    let job = manifest(name).pop().expect("it has documents");
    let command = &job["spec"]["template"]["spec"]["containers"][0]["command"];
    assert_eq!((command[0].as_str(), command[1].as_str()), (Some("sh"), Some("-c")));
    instead.iter().fold(command[2].as_str().expect("it has a script").to_owned(), |script, (old, new)| {
        assert!(script.contains(old), "{name} has no `{old}`");
        script.replace(old, new)
    })
}

#[test]
fn an_indexed_job_comes_to_one_verdict() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--fault", "limit-ignored"]);
    let reports = project.path("reports").display().to_string();
    fs::create_dir(&reports).expect("it can be made");
    let few = "users/ v1/ pages/ projects/ --rate unlimited";
    let run = container(".github/kubernetes.yaml", &[("/reports", &reports), ("--rate 80/min", few)]);
    let completions = &manifest(".github/kubernetes.yaml")[1]["spec"]["completions"];
    for index in 0..completions.as_u64().expect("it is a number") {
        let mut part = shell(&project, "sh", &[], &run);
        part.env("NEON_API_URL", &mock.url)
            .env("NEON_API_KEY", &mock.key)
            .env("JOB_COMPLETION_INDEX", index.to_string());
        let ended = ended(&mut part);
        assert_eq!(ended.code, Some(0), "a part that has findings has done its work: {ended:?}");
    }
    let merge = container(".github/kubernetes-verdict.yaml", &[("/reports", &reports)]);
    let verdict = ended(&mut shell(&project, "sh", &[], &merge));
    assert_eq!(verdict.code, Some(1), "{verdict:?}");
    assert!(verdict.stdout.contains("does not conform"), "{}", verdict.stdout);
    fs::remove_file(project.path("reports/part-3.json")).expect("it is there");
    let missing = ended(&mut shell(&project, "sh", &[], &merge));
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(missing.stderr.contains("shards are missing: 4"), "{}", missing.stderr);
}

#[test]
fn the_workflow_has_as_many_parts_as_it_says() {
    let [workflow] = &manifest(".github/workflows/shards.yml")[..] else { panic!("it is one document") };
    let run = &workflow["jobs"]["run"];
    let parts = run["strategy"]["matrix"]["shard"].as_array().expect("it has parts").len();
    let action = run["steps"].as_array().expect("it has steps").iter().find(|step| step["uses"] == "./");
    let inputs = &action.expect("it uses the action")["with"];
    assert_eq!(inputs["shard"], format!("${{{{ matrix.shard }}}}/{parts}"));
    let known = &manifest("action.yml")[0]["inputs"];
    for input in inputs.as_object().expect("it has inputs").keys() {
        assert!(known.get(input).is_some(), "the action has no input {input}");
    }
}

#[test]
fn the_container_has_all_that_the_build_needs() {
    let text = fs::read_to_string(Path::new(ROOT).join("Containerfile")).expect("it is there");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let build = text.split("\nFROM ").nth(1).expect("it has a stage");
    let copied = build.lines().filter_map(|line| line.strip_prefix("COPY "));
    for path in copied.flat_map(|line| line.split(' ').rev().skip(1)) {
        symlink(Path::new(ROOT).join(path), folder.path().join(path)).expect("it can be linked");
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--offline", "--no-deps", "--locked", "--format-version", "1"]);
    let ended = ended(cargo.current_dir(folder.path()));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let rest = text.lines().filter_map(|line| line.strip_prefix("COPY "));
    for path in rest.filter(|line| !line.starts_with("--")).flat_map(|line| line.split(' ').rev().skip(1)) {
        assert!(Path::new(ROOT).join(path).exists(), "{path}");
    }
}
