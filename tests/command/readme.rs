//! What the README shows works as it says.

use crate::project::Project;

fn readme() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    std::fs::read_to_string(path).expect("there is a README")
}

/// The block of code in this language that has these words in it.
fn block<'r>(readme: &'r str, language: &str, words: &str) -> &'r str {
    let fence = format!("```{language}\n");
    let mut blocks = readme.split(&fence).skip(1).filter_map(|rest| rest.split("```").next());
    blocks.find(|block| block.contains(words)).expect("there is such a block")
}

#[test]
fn the_curl_command_makes_the_case_that_is_shown() {
    let readme = readme();
    let shown = block(&readme, "console", "new curl");
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
    assert_eq!(drafted, block(&readme, "yaml", "operation: listProjects\nquery"));
    project.write(file, &format!("{drafted}{}", block(&readme, "yaml", "[2:]")));
    let run = project.run(&["run", "mine/"]);
    assert!(run.code == Some(0) && run.stdout.contains("1 passed of 1 trial"), "{run:?}");
}

#[test]
fn the_case_of_several_steps_passes_and_offers_its_snapshot() {
    let readme = readme();
    let project = Project::new();
    project.write("specs/cases/mine/projects_have_names.yaml", block(&readme, "yaml", "steps:"));
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
    let readme = readme();
    let project = Project::new();
    let case = block(&readme, "yaml", "steps:").replace("createProject", "createProjekt");
    project.write("specs/cases/mine/projects_have_names.yaml", &case);
    let ended = project.run(&["check"]);
    assert_eq!(ended.code, Some(2));
    // The first and the last lines; between them, the README leaves the frame out after the line in question.
    let mistake = block(&readme, "text", "createProjekt");
    for line in mistake.lines().filter(|line| !line.contains('─')) {
        assert!(ended.stderr.contains(line.trim_end()), "no `{line}` in\n{}", ended.stderr);
    }
}

#[test]
fn the_gate_is_understood() {
    let readme = readme();
    let gate = block(&readme, "yaml", "# gate.yaml");
    let schema = Project::new().run(&["schema", "gate"]).stdout;
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    for demand in schema["properties"].as_object().expect("it has demands").keys() {
        assert!(gate.contains(&format!("\n{demand}: ")), "{demand} is not in the README");
    }
    let project = Project::new();
    project.write("gate.yaml", gate);
    let first = project.run(&["run", "-q", "users/", "--report", "json=last.json"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    let demanded = ["run", "-q", "users/", "--gate", "gate.yaml", "--baseline", "last.json"];
    assert_eq!(project.run(&demanded).code, Some(4), "a few trials prove not all that must hold");
}

#[test]
fn every_command_is_in_the_readme() {
    let help = Project::new().run(&["--help"]).stdout;
    let commands =
        help.split("Commands:").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("it lists them");
    let readme = readme();
    for command in
        commands.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help")
    {
        assert!(
            readme.contains(&format!("neon-contract {command}")) || readme.contains(&format!("-- {command}")),
            "{command}"
        );
    }
}

#[test]
fn every_check_and_matcher_is_as_many_as_the_readme_says() {
    let readme = readme();
    assert_eq!(neon_contract::judge::CHECKS.len(), 21, "the README says twenty-one");
    assert!(readme.contains("Twenty-one checks"));
    let schema = Project::new().read("specs/case.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    let matchers = schema["$defs"]["MatchersFile"]["properties"].as_object().expect("it has matchers");
    for matcher in matchers.keys() {
        assert!(readme.contains(&format!("`{matcher}: ")), "the matcher {matcher} is not in the README");
    }
}

#[test]
fn the_declaration_of_an_endpoint_is_understood() {
    let readme = readme();
    let start = readme.find("# endpoint.yaml").expect("it is there");
    let text = readme[start..].split("```").next().unwrap_or_default();
    let project = Project::new();
    project.write("endpoint.yaml", text);
    let ended = project.run(&[
        "run",
        "-q",
        "--generate",
        "0",
        "--endpoint",
        "endpoint.yaml",
        "users/",
        "v1/",
        "jwks",
    ]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("without the profile `v1`"), "{}", ended.stdout);
    assert!(ended.stdout.contains("without `addProjectJWKS`"), "{}", ended.stdout);
}
