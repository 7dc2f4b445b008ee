//! `neon-contract coverage`, and the gate that demands proof.

use rstest::rstest;
use serde_json::Value;

use crate::project::Project;

/// The credentials that open nothing.
const REFUSED: [&str; 11] = [
    "altered-case",
    "altered-longer",
    "altered-shorter",
    "invalid",
    "malformed-basic",
    "malformed-empty-token",
    "malformed-no-scheme",
    "malformed-scheme-only",
    "missing",
    "revoked",
    "revoked-by-itself",
];

#[test]
fn every_operation_refuses_every_credential_that_opens_nothing() {
    let ended = Project::new().run(&["coverage", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let ledger: Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    let operations = ledger["operations"].as_object().expect("they are told");
    assert_eq!(operations.len(), 165, "163 of v2 and 2 of v1");
    for (id, operation) in operations {
        let refused: Vec<&String> = operation["refused"].as_object().expect("they are told").keys().collect();
        assert_eq!(refused, REFUSED, "{id}");
        assert!(operation["checks"]["refusal"]["examined"].as_u64() >= Some(11), "{id}");
        assert_eq!(operation["checks"]["refusal"]["violated"], 0, "{id}");
    }
    assert_eq!(operations["listProjects"]["succeeded"], true);
    assert_eq!(operations["getProjectBranchBucketObject"]["succeeded"], false);
    let open: Vec<&String> = ledger["requirements"]
        .as_object()
        .expect("they are told")
        .iter()
        // No trial proves what a client does.
        .filter(|(_, requirement)| requirement["proven"] == false && requirement["subject"] != "client")
        .map(|(id, _)| id)
        .collect();
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn every_check_on_every_operation_has_a_verdict_or_a_reason() {
    let ended = Project::new().run(&["coverage", "--json", "projects/", "--fault", "created-at-moves"]);
    let ledger: Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    let of = |operation: &str, check: &str| ledger["operations"][operation]["checks"][check].clone();
    assert_eq!(of("getProject", "created-at-fixed")["verdict"], "failed");
    assert_eq!(of("getProject", "asked-id")["verdict"], "passed");
    assert_eq!(of("getProject", "paging")["verdict"], "untested");
    assert!(
        of("getProject", "paging")["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("a limit or a cursor"))
    );
    assert_eq!(of("getAuthDetails", "paging")["reason"], "nothing was sent");
    assert!(
        of("getProjectBranchSchema", "paging")["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("the mock"))
    );
    for (id, operation) in ledger["operations"].as_object().expect("they are told") {
        assert_eq!(
            operation["checks"].as_object().map(serde_json::Map::len),
            Some(neon_contract::judge::CHECKS.len()),
            "{id}"
        );
    }
}

#[test]
fn what_was_not_sent_is_told() {
    let filter = "revoked_key_is_refused[listProjects";
    let ended = Project::new().run(&["coverage", filter, "--fault", "revoked-key-accepted"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let line = |id: &str| {
        let wanted = format!(" {id} ");
        ended.stdout.lines().find(|line| line.contains(&wanted)).unwrap_or_default()
    };
    assert!(line("getProject").contains("nothing was sent"), "{}", ended.stdout);
    assert!(line("listProjects").contains("findings"), "{}", ended.stdout);
    assert!(line("AUTH-REVOKED").contains("it does not hold"), "{}", ended.stdout);
    assert!(line("PROJ-CRUD").contains("no executed trial proves it"), "{}", ended.stdout);
}

#[test]
fn what_binds_clients_is_listed_apart() {
    let project = Project::new();
    let filter = "revoked_key_is_refused[listProjects";
    let ended = project.run(&["coverage", filter]);
    let (endpoint, clients) = ended.stdout.split_once("Of clients, and not proven here").expect("it is told");
    assert!(endpoint.contains("Not proven\n") && !endpoint.contains("RETRY-423"), "{}", ended.stdout);
    let clients = clients.split("\nChecks").next().unwrap_or_default();
    assert!(clients.contains("RETRY-423") && clients.contains("CLIENT-REQUEST"), "{clients}");
    assert!(!clients.contains("PROJ-CRUD"), "{clients}");

    let ended = project.run(&["coverage", filter, "--json"]);
    let ledger: Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    assert_eq!(ledger["requirements"]["RETRY-423"]["subject"], "client");
    assert_eq!(ledger["requirements"]["AUTH-REVOKED"]["subject"], "endpoint");

    let ended = project.run(&["run", filter, "--report", "markdown=a.md,html=a.html"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let markdown = project.read("a.md");
    let (_, clients) = markdown.split_once(" requirements of clients not proven").expect("it is told");
    assert!(clients.contains("RETRY-423") && !clients.contains("PROJ-CRUD"), "{markdown}");
    let page = project.read("a.html");
    let (endpoint, clients) = page.split_once("<section id=\"client-requirements\"").expect("it is there");
    assert!(!endpoint.contains("id=\"req-RETRY-423\"") && clients.contains("id=\"req-RETRY-423\""));
    assert!(clients.contains("<small>0 of ") && !clients.contains("id=\"req-PROJ-CRUD\""));
}

#[rstest]
#[case("AUTH-REVOKED", 0, "Gate passed")]
#[case("PROJ-CRUD", 4, "PROJ-CRUD is required but not proven: no executed trial proves it")]
#[case("all-musts", 4, "KEY-MANY is required but not proven")]
#[case("AUTH-REVOKD", 2, "did you mean `AUTH-REVOKED`?")]
fn a_gate_demands_proof(#[case] required: &str, #[case] code: i32, #[case] told: &str) {
    let ended = Project::new().run(&["run", "revoked_key_is_refused[listProjects", "--require", required]);
    assert_eq!(ended.code, Some(code), "{}", ended.stderr);
    let output = if code == 2 { &ended.stderr } else { &ended.stdout };
    assert!(output.contains(told), "{output}");
}
