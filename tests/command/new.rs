//! Cases that are made of what someone has at hand, and what helps to write them.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use rstest::rstest;

use crate::project::{Project, ended};

const KEY: &str = "napi_abcdefghijklmnopqrstuvwxyz0123456789";

/// Runs `new`, and then what it has made.
fn drafted(project: &Project, arguments: &[&str]) -> String {
    let ended = project.run(&[&["new"], arguments].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let file = ended.stdout.trim().to_owned();
    let name = file.trim_start_matches("specs/cases/").trim_end_matches(".yaml");
    let run = project.run(&["run", name, "--exact"]);
    assert_eq!(run.code, Some(0), "{file}: {}", run.stdout);
    assert!(run.stdout.contains("1 passed of 1 trial"), "{file}: {}", run.stdout);
    project.read(&file)
}

#[rstest]
#[case::a_list("https://console.neon.tech/api/v2/projects?limit=2", &["operation: listProjects", "limit: 2", "status: 200"])]
#[case::of_v1("-s http://127.0.0.1:8080/api/v1/projects", &["operation: v1ListProjects", "tags:\n- v1"])]
#[case::of_someones_project("https://console.neon.tech/api/v2/projects/shiny-wind-028834", &["operation: getProject"])]
#[case::what_is_made_is_taken_back(
    "--json '{\"project\": {\"name\": \"mine\"}}' https://console.neon.tech/api/v2/projects",
    &["operation: createProject", "{{ run.prefix }}-mine", "operation: deleteProject", "status: 201"]
)]
#[case::in_someones_project(
    "-X POST -d '{\"branch\": {\"name\": \"mine\"}}' https://console.neon.tech/api/v2/projects/a-b-1/branches",
    &["operation: createProjectBranch"]
)]
#[case::twice("'https://console.neon.tech/api/v2/projects?limit=1&limit=1'", &["limit:\n  - 1\n  - 1"])]
#[case::encoded("-G https://console.neon.tech/api/v2/projects --data-urlencode 'search=a b&c' --data-urlencode limit=5", &["search: a b&c", "limit: 5"])]
#[case::a_here_document(
    "https://console.neon.tech/api/v2/projects --json @- <<'EOF'\n{\"project\": {\"name\": \"it's\"}}\nEOF",
    &["{{ run.prefix }}-it's", "deleteProject"]
)]
#[case::harmless(
    "--compressed -s -S -k -L -v --http1.1 --tlsv1.2 -4 --max-time 3 --cacert ca.pem --resolve a:443:127.0.0.1 https://console.neon.tech/api/v2/regions\r\n",
    &["operation: getActiveRegions"]
)]
#[case::with_a_parameter_that_nobody_knows(
    "'https://console.neon.tech/api/v2/projects?colour=red'",
    &["operation: listProjects", "colour: red", "unknown: true"]
)]
#[case::the_head_of_a_list("-I https://console.neon.tech/api/v2/projects", &["request: HEAD /api/v2/projects", "status: 200"])]
#[case::the_head_of_no_operation("-I https://console.neon.tech/api/v2/nothing", &["request: HEAD", "status: 404"])]
#[case::of_no_operation("https://console.neon.tech/api/v2/nothing", &["request: GET /api/v2/nothing", "status: 404"])]
fn a_curl_command_makes_a_case_that_passes(#[case] rest: &str, #[case] parts: &[&str]) {
    let project = Project::new();
    let text = drafted(&project, &["curl", &format!("curl -H 'Authorization: Bearer {KEY}' {rest}")]);
    for part in parts {
        assert!(text.contains(part), "`{part}` in {text}");
    }
    for stranger in ["napi_", "shiny-wind", "a-b-1"] {
        assert!(!text.contains(stranger), "`{stranger}` in {text}");
    }
}

#[rstest]
#[case::between_quotes_of_bash(&format!("-H $'authorization: Bearer {KEY}'"), false)]
#[case::an_api_key(&format!("-H 'x-api-key: {KEY}'"), true)]
#[case::cookies("-H 'Cookie: zenith=napi_short; theme=dark'", true)]
#[case::cookies_by_option("-b zenith=napi_short", true)]
#[case::of_a_proxy("-H 'Authorization: Bearer x' -H 'Proxy-Authorization: Basic napi_short'", true)]
#[case::against_forgery("-H 'authorization: Bearer x' -H 'X-Csrf-Token: napi_short'", true)]
fn what_authenticates_is_left_out_of_a_case(#[case] rest: &str, #[case] is_told: bool) {
    let project = Project::new();
    let command = format!("curl 'https://console.neon.tech/api/v2/projects' {rest}");
    let printed = project.run(&["new", "curl", "--print", &command]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    let made = project.run(&["new", "curl", &command]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert_eq!(made.stderr.contains("because a case sends the key of its run"), is_told, "{}", made.stderr);
    let text = project.read(made.stdout.trim());
    assert!(text.contains("operation: listProjects") && text.contains("status: 200"), "{text}");
    for told in [&text, &printed.stdout, &printed.stderr, &made.stderr] {
        assert!(!told.contains("napi_") && !told.contains("dark"), "{told}");
    }
}

#[test]
fn quotes_of_bash_are_understood() {
    let project = Project::new();
    let body = r#"$'{"project":{"name":"it\'s \u0041 ${x}"}}'"#;
    let headers = r"-H 'authorization: Bearer x' -H $'x-a: it\u0021'";
    let command = format!("curl 'https://console.neon.tech/api/v2/projects' {headers} --data-raw {body}");
    let printed = project.run(&["new", "curl", "--print", &command]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    for part in ["it's A ${x}", "x-a: it!"] {
        assert!(printed.stdout.contains(part), "`{part}` in {}", printed.stdout);
    }
}

#[rstest]
#[case::a_name_twice(r#"{"a": 1, "a": 2}"#, &[r#"raw_body: "{\"a\": 1, \"a\": 2}""#])]
#[case::a_long_number(r#"{"a": 123456789012345678901234567890}"#, &["123456789012345678901234567890}"])]
#[case::a_template(r#"{"a": "{{ b }}", "a": 2}"#, &["{% raw %}"])]
#[case::another_type("<a/>' -H 'content-type: application/xml", &["content-type: application/xml", "raw_body: <a/>"])]
#[case::a_form("a=b&c=d", &["content-type: application/x-www-form-urlencoded", "raw_body: a=b&c=d"])]
fn a_body_is_kept_as_it_is(#[case] body: &str, #[case] parts: &[&str]) {
    let project = Project::new();
    let command =
        format!("curl https://console.neon.tech/api/v2/projects -H 'authorization: Bearer x' -d '{body}'");
    let printed = project.run(&["new", "curl", "--print", &command]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    for part in parts {
        assert!(printed.stdout.contains(part), "`{part}` in {}", printed.stdout);
    }
}

#[test]
fn a_request_without_a_key_is_expected_to_be_refused() {
    let text = drafted(&Project::new(), &["curl", "curl https://console.neon.tech/api/v2/projects"]);
    assert!(text.contains("credential: missing") && text.contains("status: 401"), "{text}");
}

#[test]
fn the_author_says_what_it_proves() {
    let project = Project::new();
    let wishes = [
        "--title",
        "A page is no longer than asked for",
        "--requirement",
        "PAGE-LIMIT",
        "--name",
        "mine/page",
    ];
    let text = drafted(&project, &[&["operation", "listProjects"], &wishes[..]].concat());
    assert!(
        text.contains("title: A page is no longer than asked for\nrequirements:\n- PAGE-LIMIT"),
        "{text}"
    );
    let again = project.run(&[&["new", "operation", "listProjects"], &wishes[..]].concat());
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(again.stderr.contains("already exists"), "{}", again.stderr);
}

#[test]
fn a_recorded_request_makes_a_case() {
    let project = Project::new();
    let recorded = project.run(&[
        "run",
        "revoked_key_is_refused[listProjects,revoked",
        "bearer_key_opens_every_read[listProjects]",
        "--record",
        "run.har",
    ]);
    assert_eq!(recorded.code, Some(0), "{recorded:?}");
    let named = project.run(&["new", "har", "run.har"]);
    assert_eq!(named.code, Some(0), "{named:?}");
    for (status, expected) in [("200 GET", "status: 200"), ("401 GET", "status: 401")] {
        let line = named.stdout.lines().find(|line| line.contains(status) && line.ends_with("listProjects"));
        let number = line
            .and_then(|line| line.split_whitespace().next())
            .unwrap_or_else(|| panic!("{}", named.stdout));
        let text = drafted(&project, &["har", "run.har", "--entry", number]);
        assert!(text.contains(expected) && text.contains("operation: listProjects"), "{text}");
    }
}

#[test]
fn a_query_with_a_key_twice_keeps_both() {
    let project = Project::new();
    let url = "https://console.neon.tech/api/v2/projects?limit=1&search=a&limit=2";
    let query = [("limit", "1"), ("search", "a"), ("limit", "2")];
    let query: Vec<_> =
        query.iter().map(|(name, value)| serde_json::json!({"name": name, "value": value})).collect();
    let entry = serde_json::json!({"request": {"method": "GET", "url": url, "queryString": query}, "response": {"status": 200}});
    project.write("a.har", &serde_json::json!({"log": {"entries": [entry]}}).to_string());
    let ended = project.run(&["new", "har", "a.har", "--entry", "1", "--print"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("query:\n  limit:\n  - 1\n  - 2\n  search: a\n"), "{}", ended.stdout);
}

#[rstest]
#[case::other_site(&["curl", "curl https://example.com/x"], "is not a request to the API")]
#[case::no_curl(&["curl", "wget https://example.com/x"], "does not start with `curl`")]
#[case::key_elsewhere(&["curl", "curl -H 'Authorization: Bearer napi_abcdefghijklmnopqrstuvwxyz' 'http://h/api/v2/projects?search=napi_abcdefghijklmnopqrstuvwxyz'"], "the parameter `search` of the URL")]
#[case::key_in_the_body(&["curl", "curl http://h/api/v2/projects -d '{\"project\":{\"name\":\"napi_abcdefghijklmnopqrstuvwxyz\"}}'"], "the body at `/project/name`")]
#[case::key_in_the_path(&["curl", "curl http://h/api/v2/projects/napi_abcdefghijklmnopqrstuvwxyz"], "the path of the URL")]
#[case::key_in_percent(&["curl", "curl http://h/api/v2/projects?search=%6eapi%5fabcdefghijklmnopqrstuvwxyz"], "the parameter `search` of the URL")]
#[case::key_in_a_header(&["curl", "curl http://h/api/v2/projects -H 'x-trace: napi_abcdefghijklmnopqrstuvwxyz'"], "the header `x-trace`")]
#[case::key_of_another_site(&["curl", "curl https://example.com/?key=napi_abcdefghijklmnopqrstuvwxyz"], "the parameter `key` of the URL")]
#[case::key_between_no_quotes(&["curl", "curl http://h/api/v2/projects -H Authorization: Bearer napi_abcdefghijklmnopqrstuvwxyz"], "several URLs")]
#[case::key_as_a_url(&["curl", "curl http://[napi_abcdefghijklmnopqrstuvwxyz"], "is not a URL")]
#[case::cookie_in_the_body(&["curl", "curl http://h/api/v2/projects -b zenith=napi_as_it_is_not -d 'note: napi_as_it_is_not'"], "the body")]
#[case::key_in_the_title(&["operation", "listProjects", "--title", "napi_abcdefghijklmnopqrstuvwxyz"], "the title")]
#[case::key_on_the_command_line(&["operation", "listProjects", "napi_abcdefghijklmnopqrstuvwxyz"], "unexpected argument")]
#[case::operation(&["operation", "listProjetcs"], "did you mean `listProjects`?")]
#[case::requirement(&["operation", "listProjects", "--requirement", "PAGE-LIMTI"], "did you mean `PAGE-LIMIT`?")]
#[case::name(&["operation", "listProjects", "--name", "../../evil"], "is not a case name")]
#[case::no_har(&["har", "specs/suite.yaml"], "not a HAR file")]
#[case::no_file(&["har", "nothing.har"], "nothing.har")]
fn what_makes_no_case_is_told(#[case] arguments: &[&str], #[case] told: &str) {
    let project = Project::new();
    let ended = project.run(&[&["new"], arguments].concat());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert!(!ended.stderr.contains("napi_a"), "{}", ended.stderr);
}

#[rstest]
#[case("key-revoke-immediate", 0, "Source\n")]
#[case("no-effect", 0, "Examines\n")]
#[case("secret-once", 0, "Examines\n")]
#[case("SECRET-ONCE", 0, "Source\n")]
#[case("revoked-key-accepted", 0, "fault of the mock")]
#[case("KEY-REVOKE-IMEDIATE", 2, "did you mean `KEY-REVOKE-IMMEDIATE`?")]
fn words_are_explained(#[case] word: &str, #[case] code: i32, #[case] told: &str) {
    let ended = Project::new().run(&["explain", word]);
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert!(format!("{}{}", ended.stdout, ended.stderr).contains(told), "{ended:?}");
}

#[rstest]
#[case::mock(&[], 0, "ok mock")]
#[case::nobody_there(&["--url", "http://127.0.0.1:9"], 2, "FAIL reach")]
#[case::no_url(&["--url", "ftp://host"], 2, "FAIL url")]
#[case::no_suite(&["--specs", "nothing"], 2, "FAIL suite")]
fn a_doctor_tells_what_is_amiss(#[case] arguments: &[&str], #[case] code: i32, #[case] told: &str) {
    let project = Project::new();
    let ended = ended(project.command().env("NEON_API_KEY", KEY).arg("doctor").args(arguments));
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert!(ended.stdout.contains(told), "{ended:?}");
    assert!(!format!("{ended:?}").contains("napi_"), "{ended:?}");
}

#[test]
fn a_doctor_tries_the_key() {
    let project = Project::new();
    let mut mock = project
        .command()
        .args(["mock", "--port", "0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(mock.stdout.take().expect("it is piped")).lines();
    let url = lines.find_map(|line| {
        let line = line.ok()?;
        let at = line.find("http://127.0.0.1:")?;
        line[at..].split_whitespace().next().map(str::to_owned)
    });
    let url = url.expect("it says where it is");
    let ended = ended(project.command().env("NEON_API_KEY", KEY).args(["doctor", "--url", &url]));
    mock.kill().and_then(|()| mock.wait()).expect("it ends");
    assert_eq!(ended.code, Some(2), "{ended:?}");
    for told in ["ok reach", "ok api", "ok clock", "FAIL account"] {
        assert!(ended.stdout.contains(told), "`{told}` in {}", ended.stdout);
    }
}

#[rstest]
#[case(&["completions", "bash"], "complete -F _neon")]
#[case(&["completions", "zsh"], "#compdef neon-contract")]
#[case(&["man"], ".TH neon-contract 1")]
fn the_command_line_describes_itself(#[case] arguments: &[&str], #[case] told: &str) {
    let ended = Project::new().run(arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
}

#[test]
fn every_subcommand_has_a_page() {
    let project = Project::new();
    let ended = project.run(&["man", "--output", "man1"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for name in ["neon-contract.1", "neon-contract-run.1", "neon-contract-report-merge.1"] {
        assert!(project.read(&format!("man1/{name}")).contains(".TH"), "{name}");
    }
}

/// Kills what it holds when the test ends, however that is.
struct Killed(std::process::Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_changes_is_run_again() {
    let project = Project::new();
    let case = "specs/cases/users/me.yaml";
    let text = "title: Me\nrequirements: [USER-ME]\noperation: getCurrentUserInfo\n";
    project.write(case, text);
    let mut command = project.command();
    command.args(["run", "users/me", "--exact", "--watch"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut watching = Killed(command.spawn().expect("it starts"));
    let mut told =
        BufReader::new(watching.0.stderr.take().expect("it is piped")).lines().map_while(Result::ok);
    let mut ended =
        BufReader::new(watching.0.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    let mut verdict = || ended.find(|line| line.contains("conform")).expect("it tells a verdict");
    assert!(verdict().contains("1 passed"));
    let mut wait = || told.find(|line| line.contains("waiting for changes")).expect("it waits");
    wait();
    // That the run has read its files is no change.
    std::thread::sleep(Duration::from_millis(400));
    project.write(case, &format!("{text}expect: {{ status: 404 }}\n"));
    assert!(verdict().contains("1 failed"));
    wait();
    // Mistakes are told, and are no end; what has changed meanwhile is run when they are mended.
    project.write(case, "title: Me\n");
    wait();
    project.write("specs/cases/users/me_too.yaml", text);
    wait();
    project.write(case, text);
    assert!(verdict().contains("2 passed of 2"));
    let _ = Command::new("kill").arg(watching.0.id().to_string()).status();
    assert_eq!(watching.0.wait().expect("it ends").code(), Some(130));
}
