//! The mock conforms to the API's own document, where that is at hand: the whole suite, judged by it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let test = |name: &str, run: fn(&Path) -> Result<(), Failed>| {
        Trial::ignorable_test(name, move || match document() {
            Some(path) => run(&path).map(|()| Completion::Completed),
            None => Ok(Completion::ignored_with("the document is not at hand")),
        })
    };
    let tests = vec![
        test("the_mock_conforms_to_the_official_document", the_mock_conforms),
        test("an_answer_that_it_does_not_allow_is_found", another_document_is_another_verdict),
    ];
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

fn run(arguments: &[&str], contract: &Path) -> Result<Output, Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_neon-contract"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).arg("--contract").arg(contract);
    for name in ["NEON_API_URL", "NEON_API_KEY", "NEON_TARGET", "NEON_ENDPOINT"] {
        command.env_remove(name);
    }
    Ok(command.output()?)
}

fn the_mock_conforms(document: &Path) -> Result<(), Failed> {
    let output = run(&["coverage", "--json"], document)?;
    if output.status.code() != Some(0) {
        return Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)).into());
    }
    let ledger: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let operations = ledger["operations"].as_object().ok_or("no operations are told")?;
    assert_eq!(operations.len(), 165, "163 of the document, and 2 of v1");
    let succeeded = operations.values().filter(|operation| operation["succeeded"] == true).count();
    assert!(succeeded >= 66, "only {succeeded} operations succeeded");
    let judged = ledger["checks"]["response-schema"]["examined"].as_u64().unwrap_or_default();
    assert!(judged > 10_000, "only {judged} answers were held against a schema");
    let by_the_document =
        |schema: &serde_json::Value| schema.as_str().is_some_and(|name| name.contains("api-client"));
    let used = ledger["schemas"]["used"].as_array().ok_or("no schemas are told")?;
    let used = used.iter().filter(|schema| by_the_document(schema)).count();
    assert!(used >= 60, "only {used} schemas of the document were used");
    Ok(())
}

fn another_document_is_another_verdict(document: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let changed = folder.path().join("api-client.yaml");
    let text = std::fs::read_to_string(document)?;
    let spoilt = text.replacen(
        "    ApiKeysListResponseItem:\n      type: object",
        "    ApiKeysListResponseItem:\n      type: string",
        1,
    );
    if spoilt == text {
        return Err("the document has no such schema any more; spoil another one".into());
    }
    std::fs::write(&changed, spoilt)?;
    let output = run(&["run", "-q", "api-keys/"], &changed)?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("response-schema") && told.contains("of type string (api-client.yaml#"), "{told}");
    Ok(())
}
