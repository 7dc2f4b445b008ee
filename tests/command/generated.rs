//! Requests made from the contract: what it does not allow is sent, and must be refused.

use std::collections::BTreeSet;

use crate::project::Project;

fn listed(project: &Project, arguments: &[&str]) -> Vec<String> {
    let ended = project.run(&[&["list", "generated/"], arguments].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn the_mock_refuses_all_that_the_contract_does_not_allow() {
    let ended = Project::new().run(&["run", "-q", "generated/", "--generate", "1000000"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    let all = listed(&Project::new(), &["--generate", "1000000"]).len();
    assert!(all > 1_000, "only {all} requests can be made");
    assert!(ended.stdout.contains(&format!("of {all} trials")), "{}", ended.stdout);
}

#[test]
fn the_same_seed_makes_the_same_requests() {
    let project = Project::new();
    let first = listed(&project, &["--generate", "200", "--seed", "7"]);
    assert_eq!(first.len(), 200);
    assert_eq!(first, listed(&project, &["--generate", "200", "--seed", "7"]));
    assert_ne!(first, listed(&project, &["--generate", "200", "--seed", "8"]));
    assert!(listed(&project, &["--generate", "0"]).is_empty());
}

#[test]
fn a_few_requests_are_spread_over_the_operations() {
    let operations: BTreeSet<String> = listed(&Project::new(), &["--generate", "70"])
        .iter()
        .filter_map(|name| Some(name.split('/').nth(1)?.to_owned()))
        .collect();
    assert!(operations.len() >= 60, "only {operations:?}");
}

#[test]
fn one_that_fails_can_be_kept_and_run_again() {
    let project = Project::new();
    let fault = ["--fault", "unknown-project-fails"];
    let generated = ["run", "-q", "generated/getProject/"];
    let ended = project.run(&[&generated[..], &fault].concat());
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(ended.stderr.contains("--save-failures DIR"), "{}", ended.stderr);

    let keep = [&generated[..], &fault, &["--save-failures", "specs/cases/kept"]].concat();
    let ended = project.run(&keep);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    let files = |stderr: &str| -> Vec<String> {
        stderr.lines().filter_map(|line| line.strip_prefix("case file: ")).map(str::to_owned).collect()
    };
    let kept = files(&ended.stderr);
    assert!(!kept.is_empty(), "{}", ended.stderr);
    assert_eq!(files(&project.run(&keep).stderr), kept, "the same files are no obstacle");

    let again = ["run", "-q", "--generate", "0", "kept/"];
    let healthy = project.run(&again);
    assert_eq!(healthy.code, Some(0), "{}{}", healthy.stdout, healthy.stderr);
    let broken = project.run(&[&again[..], &fault].concat());
    assert_eq!(broken.code, Some(1), "{}", broken.stdout);
    assert!(broken.stdout.contains(&kept[0]), "{} is not in {}", kept[0], broken.stdout);

    let other = kept[0].replace("specs/cases/kept", "other");
    project.write(&other, "title: mine\n");
    let ended = project.run(&[&generated[..], &fault, &["--save-failures", "other"]].concat());
    assert!(
        ended.stderr.contains("cannot write a failed case") && ended.stderr.contains(&other),
        "{}",
        ended.stderr
    );
    assert_eq!(project.read(&other), "title: mine\n");
}

#[test]
fn a_requirement_that_is_not_there_is_told() {
    let project = Project::new();
    project.edit("specs/suite.yaml", "generated_requirements: [ERR-400]", "generated_requirements: [ERR-40]");
    let ended = project.run(&["check"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stdout);
    assert!(ended.stderr.contains("did you mean `ERR-400`?"), "{}", ended.stderr);
}

#[test]
fn a_sample_takes_something_of_every_case() {
    let project = Project::new();
    let list = |arguments: &[&str]| -> Vec<String> {
        let ended = project.run(&[&["list", "--generate", "0"], arguments].concat());
        ended.stdout.lines().map(str::to_owned).collect()
    };
    let case_of = |name: &String| name.split('[').next().unwrap_or_default().to_owned();
    let all: BTreeSet<String> = list(&[]).iter().map(case_of).collect();
    let sample = list(&["--sample", "150", "--seed", "3"]);
    assert_eq!(sample.len(), 150);
    assert_eq!(sample.iter().map(case_of).collect::<BTreeSet<_>>(), all);
    assert_eq!(sample, list(&["--sample", "150", "--seed", "3"]));
    assert_ne!(sample, list(&["--sample", "150", "--seed", "4"]));
    assert_eq!(list(&["--sample", "1000000"]), list(&[]));
}

#[test]
fn what_a_sample_leaves_out_is_told() {
    let ended = Project::new().run(&["run", "-q", "--generate", "0", "--sample", "120"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stderr.contains("a sample of 120 of 3450 trials (--seed 0)"), "{}", ended.stderr);
}
