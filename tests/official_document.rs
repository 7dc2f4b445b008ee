//! Every answer of the mock, over the whole suite, is valid against the API's own document, where that is at hand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use neon_contract::mock::support;
use neon_contract::plan::{Selection, plan};
use neon_contract::runner::{Harness, Options, SnapshotMode, run};
use neon_contract::spec::{Document, Files, Suite};
use neon_contract::target::{Embedded, Limits};
use serde_json::{Value, json};

/// What the document itself can be held against.
const CHECKS: [&str; 4] = ["response-schema", "documented-status", "content-type", "error-shape"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = vec![Trial::ignorable_test("the_mock_speaks_the_official_document", || match document() {
        Some(path) => the_mock_speaks(&path).map(|()| Completion::Completed),
        None => Ok(Completion::ignored_with("the document is not at hand")),
    })];
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn document() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/neon/openapi");
    let files = std::fs::read_dir(folder).ok()?;
    files
        .flatten()
        .map(|file| file.path())
        .find(|path| path.extension().is_some_and(|ending| ending == "yaml"))
}

fn the_mock_speaks(path: &Path) -> Result<(), Failed> {
    let official = Document::parse(path, &std::fs::read(path)?).map_err(|error| error.to_string())?;
    let performed = performed(official.value())?;
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let files = Files::read(&specs)?.with("contract/v2.yaml", performed.to_string());
    let suite = Arc::new(Suite::from_files(&files).map_err(|mistakes| mistakes.to_string())?);
    let trials = plan(&suite, &Selection::default());

    let runtime = tokio::runtime::Runtime::new()?;
    let report = runtime.block_on(async {
        let target = Embedded::start(suite.accounts.clone(), [], Limits::default()).await?;
        let harness = Harness::new(suite.clone(), Arc::new(target), PathBuf::new(), SnapshotMode::Ignore);
        let options = Options { jobs: 8, fail_fast: false, is_everything: false };
        Ok::<_, Failed>(run(&Arc::new(harness), &trials, options, |_| {}).await)
    })?;

    let findings: BTreeSet<String> = report
        .trials
        .iter()
        .flat_map(|trial| &trial.findings)
        .filter(|finding| CHECKS.contains(&finding.check))
        .map(|finding| {
            format!(
                "{}: {} {}: expected {}, found {}",
                finding.check, finding.step, finding.subject, finding.expected, finding.actual
            )
        })
        .collect();
    let judged: usize = report
        .coverage
        .checks
        .iter()
        .filter(|(check, _)| CHECKS.contains(check))
        .map(|(_, judged)| judged.examined)
        .sum();
    assert!(judged > 5_000, "only {judged} answers were judged");
    if findings.is_empty() { Ok(()) } else { Err(findings.into_iter().collect::<Vec<_>>().join("\n").into()) }
}

/// The document with those operations only that the mock performs.
fn performed(official: &Value) -> Result<Value, Failed> {
    let mut document = official.clone();
    let ids: BTreeSet<&str> =
        support().filter(|row| row.support == "performed").map(|row| row.operation).collect();
    let paths = document["paths"].as_object_mut().ok_or("the document has no paths")?;
    // Our contract tells a key of an organization from a user's by the name of the parameter.
    if let Some(item) = paths.remove("/organizations/{org_id}/api_keys/{key_id}") {
        let renamed = serde_json::from_str(&item.to_string().replace("\"key_id\"", "\"org_key_id\""))?;
        paths.insert("/organizations/{org_id}/api_keys/{org_key_id}".to_owned(), renamed);
    }
    for item in paths.values_mut() {
        let operations = item.as_object_mut().ok_or("a path is no object")?;
        operations.retain(|key, operation| {
            operation["operationId"].as_str().is_none_or(|id| key != "parameters" && ids.contains(id))
        });
        for operation in operations.values_mut().filter(|operation| operation.is_object()) {
            // The cases expect 401, which the document leaves to its default.
            if let Some(Value::Object(responses)) = operation.get_mut("responses") {
                let refusal =
                    responses.get("default").cloned().unwrap_or_else(|| json!({ "description": "" }));
                responses.entry("401").or_insert(refusal);
            }
        }
    }
    paths.retain(|_, item| item.as_object().is_some_and(|item| item.keys().any(|key| key != "parameters")));
    Ok(document)
}
