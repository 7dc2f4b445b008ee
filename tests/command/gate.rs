//! What is demanded of a run: gates, baselines, trials that are run again, and what is published.

use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rstest::rstest;
use serde_json::Value;

use crate::hostile::{CASE, EMPTY, head, json, send, server};
use crate::project::{Ended, Project, ended};

const FEW: &str = "revoked_key_is_refused[listProjects";

/// An endpoint whose answers are wrong where `is_wrong` says so of their number, from 0.
fn unsteady(is_wrong: fn(usize) -> bool) -> String {
    let answered = Arc::new(AtomicUsize::new(0));
    server("127.0.0.1:0", move |mut stream: TcpStream| {
        head(&mut stream);
        let body = if is_wrong(answered.fetch_add(1, Ordering::SeqCst)) { "{}" } else { EMPTY };
        send(&mut stream, json("connection: close\r\n", body).as_bytes());
        let _ = stream.shutdown(Shutdown::Write);
    })
}

fn run_live(project: &Project, address: &str, arguments: &[&str]) -> Ended {
    let url = format!("http://{address}");
    let fixed = ["run", CASE, "--exact", "--url", &url, "--report", "json=run.json"];
    ended(project.command().env("NEON_API_KEY", "napi_some_key_of_an_account").args(fixed).args(arguments))
}

/// The first two answers are to the questions whether the key is good, and of which kind.
#[rstest]
#[case::at_once(|_| false, "2", 0, "passed", 1)]
#[case::the_second_time(|number| number == 2, "2", 0, "flaky", 2)]
#[case::the_third_time(|number| matches!(number, 2 | 3), "2", 0, "flaky", 3)]
#[case::not_allowed(|number| number == 2, "0", 1, "failed", 1)]
#[case::never(|number| number > 1, "2", 1, "failed", 3)]
fn what_passes_when_run_again_is_flaky(
    #[case] is_wrong: fn(usize) -> bool,
    #[case] retries: &str,
    #[case] code: i32,
    #[case] outcome: &str,
    #[case] attempts: u64,
) {
    let project = Project::new();
    let ended = run_live(&project, &unsteady(is_wrong), &["--retries", retries]);
    assert_eq!(ended.code, Some(code), "{ended:?}");
    let result: Value = serde_json::from_str(&project.read("run.json")).expect("it is JSON");
    let trial = &result["trials"][0];
    assert_eq!((&trial["outcome"], &trial["attempts"]), (&outcome.into(), &attempts.into()), "{ended:?}");
    assert_eq!(ended.stdout.contains("FLAKY"), outcome == "flaky", "{}", ended.stdout);
    let is_told = trial["findings"].as_array().is_some_and(|findings| !findings.is_empty());
    assert_eq!(is_told, outcome != "passed", "what was wrong is never hidden: {trial}");
}

#[test]
fn a_gate_allows_so_much_flakiness() {
    let project = Project::new();
    let ended = run_live(&project, &unsteady(|number| number == 2), &["--retries", "1", "--max-flaky", "0"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("1 trial flaky, but at most 0 allowed"), "{}", ended.stdout);
}

#[test]
fn what_is_critical_is_not_run_again() {
    let ended = Project::new().run(&[
        "run",
        FEW,
        "--fault",
        "revoked-key-accepted",
        "--retries",
        "3",
        "--report",
        "json=run.json",
    ]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(!ended.stdout.contains("flaky") && ended.stdout.contains("CRITICAL"), "{}", ended.stdout);
}

#[test]
fn a_run_is_held_beside_an_earlier_one() {
    let project = Project::new();
    let run = |faults: &[&str], arguments: &[&str]| {
        let select = ["run", FEW, "limit", "--generate", "0", "--snapshots", "ignore"];
        project.run(&[&select[..], faults, arguments].concat())
    };
    let well = run(&[], &["--report", "json=well.json"]);
    assert_eq!(well.code, Some(0), "{well:?}");
    let limit = ["--fault", "limit-ignored"];
    let new =
        run(&limit, &["--baseline", "well.json", "--report", "json=bad.json,markdown=bad.md,html=bad.html"]);
    assert_eq!(new.code, Some(1), "{new:?}");
    assert!(
        new.stdout.contains("Compared with the run of") && !new.stdout.contains("new 0 trials"),
        "{}",
        new.stdout
    );
    assert!(project.read("bad.md").contains("new since the run of"), "{}", project.read("bad.md"));
    assert!(project.read("bad.html").contains("new since the run of"));
    let same = run(&limit, &["--baseline", "bad.json", "--only-new"]);
    assert_eq!(same.code, Some(0), "{same:?}");
    assert!(same.stdout.contains("failed, as in the baseline"), "{}", same.stdout);
    let more = run(
        &[&limit[..], &["--fault", "revoked-key-accepted"]].concat(),
        &["--baseline", "bad.json", "--only-new"],
    );
    assert_eq!(more.code, Some(1), "{more:?}");
    let fixed = run(&[], &["--baseline", "bad.json"]);
    assert_eq!(fixed.code, Some(0), "{fixed:?}");
    assert!(!fixed.stdout.contains("fixed 0 trials"), "{}", fixed.stdout);
    // A result is held against demands and an earlier run as well.
    let shown = project.run(&["report", "show", "bad.json", "--baseline", "bad.json", "--only-new"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
}

#[rstest]
#[case::form("requires: [AUTH-REVOKED]", "requires")]
#[case::requirement("require: [AUTH-REVOKD]", "did you mean `AUTH-REVOKED`")]
#[case::profile("profiles: [v3]", "there is no profile `v3`")]
#[case::type_of_number("max_flaky: few", "gate.yaml:1:12")]
#[case::no_baseline("failures: new", "--baseline FILE")]
fn a_wrong_gate_is_told_before_anything_is_sent(#[case] text: &str, #[case] told: &str) {
    let project = Project::new();
    project.write("gate.yaml", text);
    let ended = project.run(&["run", FEW, "--gate", "gate.yaml"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
}

#[test]
fn a_gate_file_says_what_flags_say() {
    let project = Project::new();
    project.write(
        "gate.yaml",
        "require: [AUTH-REVOKED, PROJ-CRUD]\nprofiles: [v1, v2]\nmax_untested: 0\nmax_flaky: 0\n",
    );
    let ended = project.run(&["run", FEW, "--gate", "gate.yaml", "--report", "json=run.json"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stdout.contains("Gate failed\n  PROJ-CRUD is required but not proven"), "{}", ended.stdout);
    let result: Value = serde_json::from_str(&project.read("run.json")).expect("it is JSON");
    assert_eq!(result["gate"]["passed"], false);
    project.edit("gate.yaml", ", PROJ-CRUD", "");
    assert_eq!(project.run(&["run", FEW, "--gate", "gate.yaml"]).code, Some(0));
}

#[test]
fn a_proof_is_published_and_makes_a_badge() {
    let project = Project::new();
    let ended = project.run(&["run", FEW, "--report", "json=run.json,proof=proof.json,badge=run.svg"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let schema: Value = serde_json::from_str(&project.run(&["schema", "proof"]).stdout).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let proof: Value = serde_json::from_str(&project.read("proof.json")).expect("it is JSON");
    assert!(validator.is_valid(&proof), "{proof}");
    for member in ["tool", "target", "began", "suite", "counts", "verdict", "requirements"] {
        assert!(!proof[member].is_null(), "{member}");
    }
    assert!(
        proof["trials"].is_null()
            && proof["suite"]["contracts"].as_object().is_some_and(|all| !all.is_empty())
    );
    let svg = project.read("run.svg");
    assert!(svg.starts_with("<svg ") && svg.contains("conforms ·"), "{svg}");
    for file in ["proof.json", "run.json"] {
        assert_eq!(project.run(&["badge", file]).stdout, svg, "{file}");
    }
    let ended = project.run(&["badge", "proof.json", "--output", "other.svg"]);
    assert_eq!((ended.code, project.read("other.svg")), (Some(0), svg), "{ended:?}");
    for (file, told) in [
        ("nothing.json", "nothing.json"),
        ("specs/suite.yaml", "not a neon-contract result file"),
        ("package.json", "it has version 7"),
    ] {
        project.write("package.json", "{\"version\": 7}");
        let ended = project.run(&["badge", file]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
}
