//! Contracts from outside: `--contract FILE|URL` in place of the suite's own, and `contract diff`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use rstest::rstest;

use crate::project::{Ended, Project};

/// A document that serves the same path as the suite's own contract.
fn document(paths: &str) -> String {
    format!("openapi: 3.0.3\nservers: [{{ url: 'https://example.org/api/v2/' }}]\npaths:\n{paths}")
}

/// The user behind the key, with a schema that the mock's answer is held against.
fn user(schema: &str) -> String {
    document(&format!(
        "  /users/me:
    get:
      operationId: me
      responses:
        '200': {{ content: {{ application/json: {{ schema: {schema} }} }} }}
        default: {{ content: {{ application/json: {{ schema: {{ type: object }} }} }} }}
"
    ))
}

fn judged_by(text: &str, arguments: &[&str]) -> Ended {
    let project = Project::new();
    project.write("api.yaml", text);
    project.run(&[arguments, &["--contract", "api.yaml"]].concat())
}

#[rstest]
#[case::a_range("'*/*'", 0)]
#[case::a_range_of_one_type("'application/*'", 0)]
#[case::with_parameters("'application/json; charset=utf-8'", 0)]
#[case::another("text/plain", 1)]
fn a_media_type_may_be_a_range(#[case] media: &str, #[case] code: i32) {
    let text = user("{ type: object, required: [id] }").replace("application/json", media);
    let ended = judged_by(&text, &["run", "-q", "users/seed_user"]);
    assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn other_files_of_a_contract_are_of_its_version() {
    let project = Project::new();
    project.write("my api/api.yaml", &user("{ $ref: 'user.yaml#/User' }"));
    let user = "User: { type: object, properties: { image: { type: string, nullable: true }, login: { nullable: true, type: integer } } }";
    project.write("my api/user.yaml", user);
    let run = |arguments: &[&str]| project.run(&[arguments, &["--contract", "my api/api.yaml"]].concat());
    let ended = run(&["run", "-q", "users/seed_user"]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("integer") && !ended.stdout.contains("image"), "{}", ended.stdout);
    let listed = run(&["check"]);
    assert_eq!(listed.code, Some(0), "{}{}", listed.stdout, listed.stderr);
}

#[test]
fn what_is_odd_in_a_contract_is_borne() {
    let schema =
        "{ type: object, minItems: 1000000, properties: { default: { $ref: '#/components/schemas/Odd' } } }";
    let mut text =
        user(schema).replace("        default:", "        éxx: { description: odd }\n        default:");
    text.push_str("components: { schemas: { Odd: { properties: { default: { $ref: '#/components/schemas/Odd' } } } } }\n");
    let project = Project::new();
    project.write("api.yaml", &text);
    let ended = project.run(&["check", "--contract", "api.yaml"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let ended = project.run(&["contract", "diff", "api.yaml", "api.yaml"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
}

/// Frameworks that know their own prefix write it in the paths, and no server.
#[rstest]
#[case::no_server("")]
#[case::a_server_without_a_path("servers: [{ url: 'https://example.org/' }]\n")]
#[case::a_relative_one("servers: [{ url: / }]\n")]
fn the_prefix_may_stand_in_the_paths(#[case] servers: &str) {
    let text = user("{ type: object, required: [no_such_member] }")
        .replace("servers: [{ url: 'https://example.org/api/v2/' }]\n", servers)
        .replace("  /users/me:", "  /health: { get: { operationId: health, responses: { '200': { description: ok } } } }\n  /api/v2/users/me:");
    let ended = judged_by(&text, &["run", "-q", "users/seed_user"]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("no_such_member"), "{}", ended.stdout);
    assert!(ended.stderr.contains("`GET /health` is not part of the API"), "{}", ended.stderr);
}

#[rstest]
#[case::which_3_0_ignores("3.0.3", 0)]
#[case::which_3_1_applies("3.1.0", 1)]
fn a_keyword_may_stand_beside_a_reference(#[case] version: &str, #[case] code: i32) {
    let schema = "{ $ref: '#/components/schemas/A', required: [no_such_member] }";
    let mut text = user(schema).replace("3.0.3", version);
    text.push_str("components: { schemas: { A: { type: object } } }\n");
    let ended = judged_by(&text, &["run", "-q", "users/seed_user"]);
    assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
    let is_told = ended.stderr.contains("OpenAPI 3.0 ignores `required` beside `$ref`");
    assert_eq!(is_told, code == 0, "{}", ended.stderr);
}

#[rstest]
#[case::an_anchor("{ $ref: '#person' }")]
#[case::an_id("{ $ref: 'https://example.org/person' }")]
#[case::a_dynamic_anchor("{ $dynamicRef: '#anyone' }")]
fn schemas_may_be_referred_to_by_name(#[case] schema: &str) {
    let mut text = user(schema).replace("3.0.3", "3.1.0");
    text.push_str("components: { schemas: { A: { $anchor: person, required: [no_such_member] }, B: { $id: 'https://example.org/person', required: [no_such_member] }, C: { $dynamicAnchor: anyone, required: [no_such_member] } } }\n");
    let ended = judged_by(&text, &["run", "-q", "users/seed_user"]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("no_such_member"), "{}", ended.stdout);
}

#[rstest]
#[case::a_pattern(
    "3.1.0",
    "{ type: object, required: [no_such_member], properties: { id: { pattern: '[^]' } } }",
    "cannot read the regular expression `[^]`"
)]
#[case::a_dynamic_reference(
    "3.1.0",
    "{ required: [no_such_member], properties: { id: { $dynamicRef: '#t' }, a: { $dynamicAnchor: t }, b: { $dynamicAnchor: t } } }",
    "it allows any value"
)]
#[case::a_bound_of_3_1(
    "3.0.3",
    "{ required: [no_such_member], properties: { n: { exclusiveMinimum: 0 } } }",
    "in OpenAPI 3.0 the value must be `true` or `false`"
)]
#[case::a_bound_of_3_0(
    "3.1.0",
    "{ required: [no_such_member], properties: { n: { minimum: 0, exclusiveMinimum: true } } }",
    "since OpenAPI 3.1 the value must be a number"
)]
#[case::null_as_in_3_0(
    "3.1.0",
    "{ required: [no_such_member], properties: { last_name: { type: string, nullable: true } } }",
    "OpenAPI 3.1 has no `nullable`"
)]
#[case::null_beside_a_reference(
    "3.0.3",
    "{ required: [no_such_member], properties: { n: { $ref: '#/components', nullable: true } } }",
    "OpenAPI 3.0 ignores `nullable` beside `$ref`; here it is read"
)]
#[case::a_pattern_with_its_slashes(
    "3.0.3",
    "{ required: [no_such_member], properties: { id: { pattern: '/^no$/' } } }",
    "matches no text, because of the slashes"
)]
#[case::a_later_version(
    "3.2.0",
    "{ type: object, required: [no_such_member] }",
    "OpenAPI 3.2 is read as 3.1"
)]
fn what_is_not_understood_is_told_and_the_rest_is_judged(
    #[case] version: &str,
    #[case] schema: &str,
    #[case] message: &str,
) {
    let ended = judged_by(&user(schema).replace("3.0.3", version), &["run", "-q", "users/seed_user"]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("no_such_member"), "{}", ended.stdout);
    assert!(ended.stderr.contains(message), "{}", ended.stderr);
}

#[test]
fn an_operation_in_another_file_is_told() {
    let text = document(
        "  /users/me: { $ref: 'paths.yaml#/me' }\n  /regions: { get: { responses: { '200': { description: ok } } } }\n",
    );
    let ended = judged_by(&text, &["check"]);
    assert!(ended.stderr.contains("`paths.yaml#/me` refers to another file"), "{}", ended.stderr);
}

#[test]
fn the_suites_own_contract_is_one_like_any_other() {
    let ended = Project::new().run(&[
        "run",
        "-q",
        "--contract",
        "specs/contract/v2.yaml",
        "users/",
        "api-keys/",
        "general/",
    ]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(!ended.stdout.contains("not applicable"), "{}", ended.stdout);
}

#[rstest]
#[case::that_it_fits("{ type: object, required: [id] }", 0)]
#[case::that_it_does_not("{ type: object, required: [no_such_member] }", 1)]
#[case::nullable("{ type: object, properties: { image: { type: string, nullable: true } } }", 0)]
#[case::all_of("{ allOf: [{ type: object }, { required: [no_such_member] }] }", 1)]
fn answers_are_held_against_the_document(#[case] schema: &str, #[case] code: i32) {
    let ended = judged_by(&user(schema), &["run", "-q", "users/seed_user"]);
    assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
    if code == 1 {
        assert!(ended.stdout.contains("(api.yaml#/paths/~1users~1me/get"), "{}", ended.stdout);
    }
}

/// A project, with errors that are described by schemas of the document's own.
#[rstest]
#[case::of_what_is_not_there("'404'", "getProject")]
#[case::of_a_class("4XX", "getProject")]
#[case::of_all_others("default", "getProject")]
#[case::of_an_operation_by_another_name("'404'", "readOne")]
fn what_changes_is_the_suites_to_say(#[case] status: &str, #[case] id: &str) {
    let text = document(&format!(
        "  /projects/{{key}}:
    get:
      operationId: {id}
      parameters: [{{ name: key, in: path, required: true, schema: {{ type: string }} }}]
      responses:
        '200': {{ description: ok, content: {{ application/json: {{ schema: {{ type: object }} }} }} }}
        {status}: {{ description: no, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Oops' }} }} }} }}
components: {{ schemas: {{ Oops: {{ type: object, properties: {{ request_id: {{ type: string }} }} }} }} }}
"
    ));
    let ended = judged_by(&text, &["run", "-q", "authentication/missing_key_is_refused"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("165 passed"), "{}", ended.stdout);
}

/// Pets that are kept, with this schema of the body.
fn pets(body: &str) -> String {
    document(&format!(
        "  /pets:
    post:
      operationId: keepPet
      requestBody: {{ required: true, content: {{ application/json: {{ schema: {body} }} }} }}
      responses: {{ '201': {{ description: kept }} }}
"
    ))
}

#[rstest]
#[case::beside_it(
    "{ type: object, required: [id, name], properties: { id: { type: string, readOnly: true }, name: { type: string, minLength: 1 } } }"
)]
#[case::in_another_part(
    "{ allOf: [{ properties: { id: { type: string, readOnly: true }, name: { type: string, minLength: 1 } } }, { type: object, required: [id, name] }] }"
)]
fn a_request_is_made_without_what_is_only_read(#[case] body: &str) {
    let text = pets(body);
    let listed = judged_by(&text, &["list", "generated/keepPet", "--generate", "3000"]);
    let plain = "{ type: object, required: [name], properties: { name: { type: string, minLength: 1 } } }";
    let without = judged_by(&pets(plain), &["list", "generated/keepPet", "--generate", "3000"]);
    assert!(listed.stdout.contains("body.name-missing"), "{}{}", listed.stdout, listed.stderr);
    assert_eq!(listed.stdout, without.stdout);
    let drafted = judged_by(&text, &["new", "operation", "keepPet", "--print"]);
    assert!(drafted.stdout.contains("body:\n  name: a\n"), "{}{}", drafted.stdout, drafted.stderr);
}

#[test]
fn each_request_about_a_body_is_named() {
    let body = "{ oneOf: [{ type: object, required: [name], properties: { id: { readOnly: true }, name: { type: string } } }, { type: object, required: [age] }] }";
    for body in [body, "{ type: string }"] {
        let listed = judged_by(&pets(body), &["list", "generated/keepPet", "--generate", "3000"]);
        assert!(listed.stdout.contains("body.truncated"), "{}{}", listed.stdout, listed.stderr);
        assert!(!listed.stdout.contains("body.-"), "{}", listed.stdout);
    }
}

#[rstest]
fn an_answer_lacks_what_is_only_written(#[values("3.0.3", "3.1.0")] version: &str) {
    let schema = "{ type: object, required: [id, new_password], properties: { new_password: { type: string, writeOnly: true } } }";
    let text = user(schema).replace("3.0.3", version);
    let ended = judged_by(&text, &["run", "-q", "users/seed_user"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn what_the_document_lacks_is_not_applicable() {
    let ended = judged_by(&user("{ type: object }"), &["run", "users/", "regions"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("api.yaml has no `getActiveRegions`"), "{}", ended.stdout);
}

#[test]
fn what_the_suite_does_not_know_is_asked_with_every_credential_too() {
    let paths = "  /users/me/pets/{pet_id}:
    get:
      operationId: getPet
      parameters: [{ name: pet_id, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: a pet }, default: { description: an error } }
";
    let ended = judged_by(&document(paths), &["run", "-v", "authentication/"]);
    assert!(ended.stdout.contains("_is_refused[getPet"), "{}", ended.stdout);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
}

#[rstest]
#[case::a_reference("{ $ref: '#/components/schemas/Nothing' }", "refers to no schema", 6)]
#[case::a_circle(
    "{ properties: { a: { $ref: '#/paths/~1users~1me/get/responses/200/content/application~1json/schema/properties/a' } } }",
    "cycle: the schema refers to itself",
    6
)]
#[case::an_example("{ type: object, example: 7 }", "the example does not match its own schema", 6)]
#[case::a_type("{ type: strnig }", "Unexpected type", 6)]
fn faults_of_a_document_are_warnings_with_their_place(
    #[case] schema: &str,
    #[case] message: &str,
    #[case] line: usize,
) {
    let ended = judged_by(&user(schema), &["run", "-q", "users/seed_user"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stderr.contains(message) && ended.stderr.contains(&format!("api.yaml:{}", line + 2)),
        "{}",
        ended.stderr
    );
}

#[rstest]
#[case::a_reference("{ $ref: '#/components/schemas/Nothing' }")]
#[case::a_reference_within("{ properties: { x: { items: { $ref: '#/components/schemas/Nothing' } } } }")]
#[case::another_file("{ $ref: 'no-such.yaml#/User' }")]
#[case::a_type("{ type: strnig }")]
fn what_was_not_checked_is_said_with_the_verdict(#[case] schema: &str) {
    let project = Project::new();
    project.write("api.yaml", &user(schema));
    let arguments = ["run", "-q", "users/seed_user", "--contract", "api.yaml", "--report", "json=a.json"];
    let ended = project.run(&arguments);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("conforms where it was tested: 1 passed"), "{}", ended.stdout);
    let line = "1 response not fully checked, because the contract's schema cannot be used: getCurrentUserInfo 200 (1)\n";
    assert!(ended.stdout.contains(line), "{}", ended.stdout);
    let result: serde_json::Value = serde_json::from_str(&project.read("a.json")).expect("it is JSON");
    let unchecked = serde_json::json!([{"operation": "getCurrentUserInfo", "status": 200, "responses": 1, "why": "schema-unusable"}]);
    assert_eq!(result["unchecked"], unchecked);
}

#[test]
fn a_contract_that_can_be_used_is_checked_in_full() {
    let ended = judged_by(&user("{ type: object }"), &["run", "-q", "users/seed_user"]);
    assert!(
        ended.stdout.contains(" conforms: 1 passed") && !ended.stdout.contains("not fully checked"),
        "{}",
        ended.stdout
    );
}

#[rstest]
#[case::no_operation_id(
    "  /users/me:\n    get:\n      responses: { '200': { description: a user } }\n",
    "has no `operationId`"
)]
#[case::an_undeclared_parameter(
    "  /a/{b}:\n    get: { operationId: a, responses: { '200': { description: b } } }\n",
    "`b` of `a` is not declared"
)]
fn what_is_missing_in_a_document_is_a_warning(#[case] paths: &str, #[case] message: &str) {
    let ended = judged_by(&document(paths), &["check"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains(message) && ended.stdout.contains("1 warning"),
        "{}{}",
        ended.stdout,
        ended.stderr
    );
}

#[rstest]
#[case::another_path(
    "openapi: 3.0.0\nservers: [{ url: /api/v7 }]\npaths: { /users/me: { get: { operationId: me, responses: { '200': { description: me } } } } }\n",
    "no path of the contract starts with"
)]
#[case::no_operation(
    "openapi: 3.0.0\nservers: [{ url: /api/v2 }]\npaths: {}\n",
    "the contract has no operations"
)]
#[case::another_format(
    "swagger: '2.0'\nservers: [{ url: /api/v2 }]\n",
    "not an OpenAPI 3.0, 3.1 or 3.2 document"
)]
#[case::no_yaml("{", "the `{` that starts here is not closed")]
fn a_document_that_cannot_be_used_is_an_error(#[case] text: &str, #[case] message: &str) {
    let ended = judged_by(text, &["run", "users/"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stdout);
    assert!(ended.stderr.contains(message) && ended.stderr.contains("api.yaml"), "{}", ended.stderr);
}

#[test]
fn so_is_one_that_is_not_there() {
    let ended = Project::new().run(&["run", "--contract", "no-such.yaml"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("cannot read the contract"), "{}", ended.stderr);
}

/// Answers one request, and returns what was asked.
fn serve_once(status: &'static str, body: String) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has one");
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("someone asks");
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).expect("a request comes");
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body.as_bytes()))
            .expect("it is read");
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (format!("http://{address}/api.yaml"), served)
}

#[test]
fn a_document_is_fetched_without_a_key() {
    let (address, served) = serve_once("200 OK", user("{ type: object, required: [no_such_member] }"));
    let project = Project::new();
    let mut command = project.command();
    command.env("NEON_API_KEY", "napi_a_key_of_an_account").args([
        "run",
        "-q",
        "users/seed_user",
        "--contract",
        &address,
    ]);
    let ended = crate::project::ended(&mut command);
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("(api.yaml#"), "{}", ended.stdout);
    let request = served.join().expect("it has answered").to_ascii_lowercase();
    assert!(request.starts_with("get /api.yaml") && !request.contains("napi"), "{request}");
}

#[test]
fn an_address_without_a_document_is_an_error() {
    let (address, _served) = serve_once("404 Not Found", String::new());
    let ended = Project::new().run(&["check", "--contract", &address]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("it returned 404"), "{}", ended.stderr);
}

#[test]
fn a_difference_says_what_breaks_and_where() {
    let project = Project::new();
    project.write("old.yaml", &user("{ type: object, properties: { login: { type: string } } }"));
    project.write("new.yaml", &user("{ type: object, properties: { name: { type: string } } }"));
    let ended = project.run(&["contract", "diff", "old.yaml", "new.yaml"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stdout.contains("the member `login` is gone --> old.yaml:8"), "{}", ended.stdout);
    assert!(ended.stdout.contains("the member `name` is new --> new.yaml:8"), "{}", ended.stdout);
    assert!(ended.stdout.contains("2 changes: 1 breaking, 1 additive"), "{}", ended.stdout);

    let ended = project.run(&["contract", "diff", "old.yaml", "new.yaml", "--level", "additive", "--json"]);
    assert_eq!(ended.code, Some(1), "what breaks is not shown, and breaks all the same");
    let changes: serde_json::Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    assert_eq!(changes["changes"][0]["message"], "the member `name` is new");
    assert_eq!(changes["changes"][0]["uses"][0], "GET /users/me, response 200 /name");
    assert!(changes["changes"][1].is_null(), "{changes}");

    let ended = project.run(&["contract", "diff", "new.yaml", "new.yaml"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "no changes\n"));
}

#[rstest]
#[case::that_is_not_there("no-such.yaml", "cannot read")]
#[case::of_another_format("specs/suite.yaml", "not an OpenAPI 3.0, 3.1 or 3.2 document")]
fn a_contract_is_not_compared(#[case] new: &str, #[case] message: &str) {
    let ended = Project::new().run(&["contract", "diff", "specs/contract/v2.yaml", new]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains(message) && ended.stderr.contains(new), "{}", ended.stderr);
}
