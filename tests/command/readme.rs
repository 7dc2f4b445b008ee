//! What the README shows works as it says.

use crate::project::Project;

fn readme() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    std::fs::read_to_string(path).expect("there is a README")
}

/// The first block of code in this language.
fn block<'r>(readme: &'r str, language: &str) -> &'r str {
    let (_, rest) = readme.split_once(&format!("```{language}\n")).expect("there is such a block");
    rest.split("```").next().expect("it ends")
}

#[test]
fn the_first_case_passes_and_offers_its_snapshot() {
    let readme = readme();
    let project = Project::new();
    project.write("specs/cases/mine/projects_have_names.yaml", block(&readme, "yaml"));
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
    let case = block(&readme, "yaml").replace("createProject", "createProjekt");
    project.write("specs/cases/mine/projects_have_names.yaml", &case);
    let ended = project.run(&["check"]);
    assert_eq!(ended.code, Some(2));
    // The first and the last lines; between them, the README leaves the frame out after the line in question.
    for line in block(&readme, "text").lines().filter(|line| !line.contains('─')) {
        assert!(ended.stderr.contains(line.trim_end()), "no `{line}` in\n{}", ended.stderr);
    }
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
    assert_eq!(neon_contract::judge::CHECKS.len(), 20, "the README says twenty");
    assert!(readme.contains("Twenty checks"));
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
