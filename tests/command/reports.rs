//! Reports of a run, and results that are joined.

use rstest::rstest;
use serde_json::Value;

use crate::project::{Ended, Project};

/// A run of a few cases with a fault, and its reports.
fn faulty(project: &Project, reports: &str) -> Ended {
    let arguments =
        ["run", "key_is_refused[", "v1/", "--snapshots", "ignore", "--fault", "revoked-key-accepted"];
    project.run(&[&arguments[..], &["--report", reports]].concat())
}

fn result(project: &Project, name: &str) -> Value {
    serde_json::from_str(&project.read(name)).expect("it is JSON")
}

#[test]
fn a_result_is_as_its_schema_says() {
    let project = Project::new();
    let ended = faulty(&project, "json=run.json");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let schema: Value = serde_json::from_str(&project.run(&["schema", "result"]).stdout).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let run = result(&project, "run.json");
    let mistakes: Vec<String> = validator.iter_errors(&run).map(|error| error.to_string()).collect();
    assert_eq!(mistakes, [""; 0]);
    assert!(!validator.is_valid(&serde_json::json!({"version": 1})), "it demands something");
    assert_eq!((&run["version"], &run["verdict"]), (&1.into(), &"does-not-conform".into()));
    let failed = run["trials"].as_array().expect("they are told");
    let failed = failed.iter().find(|trial| trial["outcome"] == "failed").expect("one has failed");
    assert!(failed["exchanges"].as_array().is_some_and(|exchanges| !exchanges.is_empty()), "{failed}");
}

#[test]
fn one_broken_rule_is_one_finding() {
    let project = Project::new();
    let ended = faulty(&project, "markdown,github,junit=run.xml,html=run.html");
    let status = ended.stdout.matches("expected  401: the key is revoked").count();
    assert_eq!(status, 1, "{}", ended.stdout);
    let last = &ended.stdout[ended.stdout.find("Finding 1 of").expect("it is told")..];
    for part in ["CRITICAL refusal", "AUTH-REVOKED", "KEY-REVOKE-EVERYWHERE", "trials, first", "curl -sSi"] {
        assert!(last.contains(part), "`{part}` in {last}");
    }
    assert!(last.contains("## ❌") && last.contains("**critical** `refusal`"), "Markdown: {last}");
    assert!(last.contains("::error file=specs/cases/"), "annotations: {last}");
    let page = project.read("run.html");
    assert!(page.contains("does not conform") && page.contains("id=\"cause-1\""));
    assert!(!page.contains("http-equiv=\"refresh\"") && !page.contains(" src="), "nothing is loaded");
    let xml = project.read("run.xml");
    assert!(xml.contains("<failure ") && xml.contains("classname=\"v1/"), "{}", &xml[..2000]);
}

#[test]
fn no_report_holds_a_key() {
    let project = Project::new();
    faulty(&project, "json=run.json,junit=run.xml,html=run.html,markdown=run.md");
    for name in ["run.json", "run.xml", "run.html", "run.md"] {
        let text = project.read(name);
        let keys = text.match_indices("napi_").map(|(at, _)| &text[at..text.len().min(at + 40)]);
        let made_up = ["napi_$(openssl", "napi_<"];
        let keys: Vec<&str> =
            keys.filter(|key| !made_up.iter().any(|shown| key.starts_with(shown))).collect();
        assert!(keys.is_empty(), "{name}: {keys:?}");
    }
}

#[test]
fn shards_together_are_the_run() {
    let project = Project::new();
    let select = ["projects/", "api-keys/", "revoked_key_is_refused[list", "--generate", "0"];
    let run = |arguments: &[&str]| {
        let ended = project.run(&[&["run"], &select[..], &["--fault", "limit-ignored"], arguments].concat());
        assert!(matches!(ended.code, Some(0 | 1 | 4)), "{ended:?}");
    };
    run(&["--report", "json=whole.json"]);
    let names: Vec<String> = (1..=8).map(|number| format!("shard-{number}.json")).collect();
    for (number, name) in names.iter().enumerate() {
        let shard = format!("{}/8", number + 1);
        // By names alone, and by how long trials took.
        run(&["--shard", &shard, "--baseline", "whole.json", "--report", &format!("json={name}")]);
    }
    let files: Vec<&str> = names.iter().map(String::as_str).collect();
    let merged = project.run(&[&["report", "merge"], &files[..], &["--report", "json=merged.json"]].concat());
    assert_eq!(merged.code, Some(1), "{merged:?}");
    let (whole, merged) = (result(&project, "whole.json"), result(&project, "merged.json"));
    let told = |run: &Value| -> Vec<Value> {
        let trials = run["trials"].as_array().expect("they are told").iter();
        trials
            .map(|trial| {
                serde_json::json!([trial["number"], trial["name"], trial["outcome"], trial["requests"]])
            })
            .collect()
    };
    assert_eq!(told(&whole), told(&merged));
    for part in ["verdict", "counts", "requirements", "suite", "shard"] {
        assert_eq!(whole[part], merged[part], "{part}");
    }
    let told = |run: &Value| -> Vec<Value> {
        let operations = run["operations"].as_array().expect("they are told").iter();
        operations.map(|told| serde_json::json!([told["id"], told["requests"], told["statuses"]])).collect()
    };
    assert_eq!(told(&whole), told(&merged));

    for (files, told) in [
        (&files[..7], "shards are missing: 8"),
        (&[files[0], files[0]][..], "shard 1 is given twice"),
        (&["whole.json"][..], "expected a shard"),
        (&["specs/suite.yaml"][..], "not a neon-contract result file"),
        (&["nothing.json"][..], "nothing.json"),
    ] {
        let ended = project.run(&[&["report", "merge"], files].concat());
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
}

#[test]
fn a_result_makes_other_reports() {
    let project = Project::new();
    faulty(&project, "json=run.json,html=run.html,junit=run.xml");
    let ended = project.run(&[
        "report",
        "show",
        "run.json",
        "--report",
        "html=again.html,junit=again.xml,json=again.json",
    ]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("Finding 1 of"), "{}", ended.stdout);
    for (one, other) in [("run.html", "again.html"), ("run.xml", "again.xml"), ("run.json", "again.json")] {
        assert!(project.read(one) == project.read(other), "{one} and {other} differ");
    }
}

#[rstest]
#[case("htm=x.html", "did you mean `html`?")]
#[case("html", "a file is required: html=report.html")]
#[case("json=", "a file is required")]
#[case("json=no/such/folder/x.json", "no/such/folder")]
fn a_report_that_cannot_be_is_refused_before_the_run(#[case] report: &str, #[case] told: &str) {
    let project = Project::new();
    let ended = project.run(&["run", "v1/", "--report", report]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert!(!ended.stdout.contains("pass"), "it ran");
}

#[rstest]
#[case("9/8", None, "there is no shard 9 of 8")]
#[case("third", None, "expected 3/8")]
#[case("index/8", None, "JOB_COMPLETION_INDEX is not set")]
#[case("index/8", Some("8"), "there is no shard 9 of 8")]
#[case("index/8", Some("x"), "not a number")]
fn a_part_that_cannot_be_is_refused(#[case] shard: &str, #[case] index: Option<&str>, #[case] told: &str) {
    let project = Project::new();
    let mut command = project.command();
    command.args(["run", "v1/", "--shard", shard]);
    index.map(|index| command.env("JOB_COMPLETION_INDEX", index));
    let ended = crate::project::ended(&mut command);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
}

#[test]
fn runs_over_time_are_shown_in_their_order() {
    let project = Project::new();
    let few = ["run", "v1/documented_example", "--snapshots", "ignore", "--report"];
    assert_eq!(project.run(&[&few[..], &["json=good.json"]].concat()).code, Some(0));
    let faulty = ["json=bad.json", "--fault", "v1-databases-null"];
    assert_eq!(project.run(&[&few[..], &faulty].concat()).code, Some(1));
    let shown =
        project.run(&["report", "trend", "bad.json", "good.json", "bad.json", "--html", "trend.html"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.stdout.starts_with("the embedded mock: 2 runs\n"), "{}", shown.stdout);
    let (good, bad) = (shown.stdout.find("  conforms\n"), shown.stdout.find("  does not conform\n"));
    assert!(good.is_some() && good < bad, "{}", shown.stdout);
    assert!(shown.stdout.contains("Last run: 1 failure new since the run of "), "{}", shown.stdout);
    let page = project.read("trend.html");
    assert!(page.contains("<polyline points=\"") && page.contains(">v1ListProjects<"), "{page}");
    assert!(!page.contains(" src=") && !page.contains("<script"), "nothing is loaded");
    let told = project.run(&["report", "trend", "bad.json", "good.json", "--json"]);
    let told: Value = serde_json::from_str(&told.stdout).expect("it is JSON");
    let verdicts: Vec<&Value> =
        told[0]["runs"].as_array().into_iter().flatten().map(|run| &run["verdict"]).collect();
    assert_eq!(verdicts, ["conforms", "does-not-conform"]);
}

#[rstest]
#[case::that_is_not_there("none.json", "cannot read the result file", "none.json")]
#[case::of_a_shard("shard.json", "shard 1/2 of a run; merge all its shards first", "")]
#[case::that_is_no_result("other.json", "not a neon-contract result file", "other.json")]
fn a_trend_wants_whole_results(#[case] file: &str, #[case] expected: &str, #[case] named: &str) {
    let project = Project::new();
    project.write("other.json", "{}");
    let shard = ["run", "v1/", "--snapshots", "ignore", "--shard", "1/2", "--report", "json=shard.json"];
    assert_eq!(project.run(&shard).code, Some(0));
    let refused = project.run(&["report", "trend", file]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains(expected) && refused.stderr.contains(named), "{}", refused.stderr);
}
