//! The commands, cases and messages in the README and in `docs/` work as shown.

use neon_contract::spec::credential::Credential;

use crate::project::Project;

const WRITE_A_CASE: &str = "docs/src/guides/write-a-case.md";

fn page(path: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).expect("there is such a page")
}

/// The block of code in this language that has these words in it.
fn block<'p>(page: &'p str, language: &str, words: &str) -> &'p str {
    let fence = format!("```{language}\n");
    let mut blocks = page.split(&fence).skip(1).filter_map(|rest| rest.split("```").next());
    blocks.find(|block| block.contains(words)).expect("there is such a block")
}

#[test]
fn the_curl_command_makes_the_case_that_is_shown() {
    let page = page(WRITE_A_CASE);
    let shown = block(&page, "console", "new curl");
    let (command, made) = shown.split_once("\nspecs/").expect("it tells the file");
    let command = command.trim_start_matches("$ ").replacen("neon-contract", "\"$PROGRAM\"", 1);
    let project = Project::new();
    let ended = std::process::Command::new("sh")
        .args(["-c", &command])
        .env("PROGRAM", env!("CARGO_BIN_EXE_neon-contract"))
        .current_dir(project.path("."))
        .output()
        .expect("there is a shell");
    let stdout = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(stdout, format!("specs/{made}"), "{}", String::from_utf8_lossy(&ended.stderr));
    let file = stdout.trim();
    let drafted = project.read(file);
    assert_eq!(drafted, block(&page, "yaml", "operation: listProjects\nquery"));
    project.write(file, &format!("{drafted}{}", block(&page, "yaml", "[2:]")));
    let run = project.run(&["run", "mine/"]);
    assert!(run.code == Some(0) && run.stdout.contains("1 passed of 1 trial"), "{run:?}");
}

#[test]
fn the_case_of_the_front_page_passes() {
    let project = Project::new();
    project.write("specs/cases/mine/pages_are_short.yaml", block(&page("README.md"), "yaml", "title:"));
    let run = project.run(&["run", "mine/"]);
    assert!(run.code == Some(0) && run.stdout.contains("1 passed of 1 trial"), "{run:?}");
}

#[test]
fn the_case_of_several_steps_passes_and_offers_its_snapshot() {
    let page = page(WRITE_A_CASE);
    let project = Project::new();
    project.write("specs/cases/mine/projects_have_names.yaml", block(&page, "yaml", "steps:"));
    let first = project.run(&["run", "mine/"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    let offered = project.path("snapshots/mine/projects_have_names.snap.new");
    assert!(offered.exists(), "{first:?}");
    assert_eq!(project.run(&["run", "mine/", "--update"]).code, Some(0));
    assert!(!offered.exists());
    assert_eq!(project.run(&["run", "mine/", "--snapshots", "strict"]).code, Some(0));
}

#[test]
fn the_mistake_reads_as_it_is_shown() {
    let page = page(WRITE_A_CASE);
    let project = Project::new();
    let case = block(&page, "yaml", "steps:").replace("createProject", "createProjekt");
    project.write("specs/cases/mine/projects_have_names.yaml", &case);
    let ended = project.run(&["check"]);
    assert_eq!(ended.code, Some(2));
    // The first and the last lines; between them, the page leaves the frame out after the line in question.
    let mistake = block(&page, "text", "createProjekt");
    for line in mistake.lines().filter(|line| !line.contains('─')) {
        assert!(ended.stderr.contains(line.trim_end()), "no `{line}` in\n{}", ended.stderr);
    }
}

#[test]
fn the_gate_is_understood() {
    let page = page("docs/src/guides/ci-gate.md");
    let gate = block(&page, "yaml", "# gate.yaml");
    let schema = Project::new().run(&["schema", "gate"]).stdout;
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    for demand in schema["properties"].as_object().expect("it has demands").keys() {
        assert!(gate.contains(&format!("\n{demand}: ")), "{demand} is not on the page");
    }
    let project = Project::new();
    project.write("gate.yaml", gate);
    let first = project.run(&["run", "-q", "users/", "--report", "json=last.json"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    let demanded = ["run", "-q", "users/", "--gate", "gate.yaml", "--baseline", "last.json"];
    assert_eq!(project.run(&demanded).code, Some(4), "a few trials prove not all that must hold");
}

#[test]
fn every_command_has_a_task() {
    let help = Project::new().run(&["--help"]).stdout;
    let commands =
        help.split("Commands:").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("it lists them");
    let page = page("docs/src/getting-started.md");
    for command in
        commands.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help")
    {
        assert!(page.contains(&format!("neon-contract {command}")), "{command}");
    }
}

#[test]
fn every_check_matcher_and_credential_is_described() {
    let checks = page("docs/src/reference/checks.md");
    for check in neon_contract::judge::CHECKS {
        assert!(checks.contains(&format!("\n## {}\n", check.id)), "the check {} is not described", check.id);
    }
    let page = page(WRITE_A_CASE);
    for credential in Credential::ALL {
        let word = credential.word();
        assert!(page.contains(&format!("| `{word}` |")), "the credential {word} is not described");
    }
    let schema = Project::new().read("specs/case.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    let matchers = schema["$defs"]["MatchersFile"]["properties"].as_object().expect("it has matchers");
    for matcher in matchers.keys() {
        assert!(page.contains(&format!("`{matcher}: ")), "the matcher {matcher} is not described");
    }
}

#[test]
fn the_declaration_of_an_endpoint_is_understood() {
    let page = page("docs/src/guides/other-contracts.md");
    let start = page.find("# endpoint.yaml").expect("it is there");
    let text = page[start..].split("```").next().unwrap_or_default();
    let project = Project::new();
    project.write("endpoint.yaml", text);
    let ended =
        project.run(&["run", "--generate", "0", "--endpoint", "endpoint.yaml", "users/", "v1/", "jwks"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("without the profile `v1`"), "{}", ended.stdout);
    assert!(ended.stdout.contains("without `addProjectJWKS`"), "{}", ended.stdout);
}
