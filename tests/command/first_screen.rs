//! What a failing run shows first is what is broken.

use rstest::rstest;

use crate::project::Project;

/// A terminal of this many lines shows the worst finding and the verdict.
const LINES: usize = 40;

#[rstest]
#[case("revoked-key-accepted", "KEY-REVOKE-EVERYWHERE: A revoked key is rejected")]
#[case("revoked-key-writes", "AUTH-NO-EFFECT: A rejected request changes nothing")]
#[case("missing-header-forbidden", "AUTH-MISSING: A request without the header")]
#[case("token-in-key-list", "KEY-ONCE: A token is shown")]
#[case("project-password-shown", "SECRET-ONCE: A token or a password appears only")]
#[case("v1-databases-null", "RESP-SCHEMA: The body of a response")]
#[case("limit-ignored", "PAGE-LIMIT: ")]
#[case("page-loses-item", "PAGE-CURSOR: Following the cursors")]
#[case("deleted-project-readable", "PROJ-DELETED-GONE: A deleted project")]
#[case("update-ignored", "PROJ-UPDATED-VISIBLE: An updated project")]
#[case("created-at-moves", "TIME-CREATED-FIXED: The creation time")]
#[case("error-as-html", "JSON: Responses are JSON")]
fn the_first_screen_names_the_broken_requirement(#[case] fault: &str, #[case] named: &str) {
    let project = Project::new();
    let few = ["run", "--sample", "250", "--generate", "0", "--snapshots", "ignore", "--quiet"];
    let ended =
        project.run(&[&few[..], &["--fault", fault, "--report", "html=run.html,markdown=run.md"]].concat());
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let screen = lines[lines.len().saturating_sub(LINES)..].join("\n");
    assert!(screen.contains(named), "{screen}");
    // The reports begin with what is wrong; this much of them is seen at once.
    let markdown: Vec<String> = project.read("run.md").lines().take(LINES).map(str::to_owned).collect();
    let id = named.split(':').next().unwrap_or_default();
    assert!(markdown.iter().any(|line| line.contains(&format!("**{id}**"))), "{markdown:?}");
    let page = project.read("run.html");
    let first = page.find("id=\"cause-1\"").expect("it begins with the worst finding");
    let second = page.find("id=\"cause-2\"").unwrap_or(page.len());
    assert!(page[first..second].contains(&format!("#req-{id}")), "{}", &page[first..second]);
}

#[rstest]
#[case("revoked-reason-told", "AUTH-UNIFORM")]
#[case("repeated-json-name", "HTTP-JSON-UNIQUE")]
fn the_first_screen_names_the_advice(#[case] fault: &str, #[case] named: &str) {
    let project = Project::new();
    let few = ["run", "--sample", "250", "--generate", "0", "--snapshots", "ignore", "--quiet"];
    let ended = project.run(&[&few[..], &["--fault", fault]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let screen = lines[lines.len().saturating_sub(LINES)..].join("\n");
    assert!(screen.contains("Advice") && screen.contains(named), "{screen}");
}
