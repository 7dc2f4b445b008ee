//! `neon-contract mock --contract`: operations that the mock does not know are answered by the schemas of a document.

use reqwest::{Client, Method, Response, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::project::{Project, RunningMock};

/// A new release: widgets, a list of what is recent, and another method of what is known.
const DOCUMENT: &str = r##"
openapi: 3.0.3
servers: [{ url: "https://example.org/api/v2" }]
paths:
  /projects:
    get:
      operationId: listProjects
      responses: { 200: { content: { application/json: { schema: { type: object, required: [nothing], properties: { nothing: { type: string } } } } } } }
    put: { operationId: replaceProjects, responses: { 202: { description: it is begun } } }
  /projects/recent:
    get: { operationId: listRecentProjects, responses: { 200: { content: { application/json: { schema: { type: array, minItems: 2, items: { type: string, format: uuid } } } } } } }
  /projects/{project_id}/widgets:
    parameters: [{ $ref: "#/components/parameters/Project" }]
    get:
      operationId: listWidgets
      parameters:
        - { name: limit, in: query, schema: { type: integer, minimum: 1, maximum: 100 } }
        - { name: cursor, in: query, schema: { type: string } }
        - { name: kinds, in: query, schema: { type: array, items: { type: string, enum: [round, square] } } }
        - { name: X-Widget-Version, in: header, required: true, schema: { type: integer, minimum: 2 } }
      responses:
        200:
          content:
            application/json:
              schema:
                type: object
                required: [widgets]
                properties:
                  widgets: { type: array, minItems: 1, items: { $ref: "#/components/schemas/Widget" } }
                  pagination: { type: object, required: [cursor], properties: { cursor: { type: string, minLength: 1 } } }
    post:
      operationId: createWidget
      requestBody:
        required: true
        content: { application/json: { schema: { type: object, required: [widget], properties: { widget: { $ref: "#/components/schemas/NewWidget" } } } } }
      responses: { 201: { $ref: "#/components/responses/Widget" } }
  /projects/{project_id}/widgets/{widget_id}:
    parameters:
      - { $ref: "#/components/parameters/Project" }
      - { name: widget_id, in: path, required: true, schema: { type: integer } }
    get: { operationId: getWidget, responses: { 200: { $ref: "#/components/responses/Widget" } } }
    delete: { operationId: deleteWidget, responses: { 204: { description: it is gone } } }
  /projects/{project_id}/widgets/{widget_id}/drawing:
    parameters:
      - { $ref: "#/components/parameters/Project" }
      - { name: widget_id, in: path, required: true, schema: { type: integer } }
    get: { operationId: drawWidget, responses: { 200: { content: { text/csv: { schema: { type: string, pattern: "^[a-z]+(,[a-z]+)*$" } } } } } }
  /projects/{project_id}/endless:
    parameters: [{ $ref: "#/components/parameters/Project" }]
    get: { operationId: getEndless, responses: { 200: { content: { application/json: { schema: { $ref: "#/components/schemas/Endless" } } } } } }
  /projects/{project_id}/branches/{branch_id}/schema:
    parameters:
      - { $ref: "#/components/parameters/Project" }
      - { name: branch_id, in: path, required: true, schema: { type: string } }
    get: { operationId: getProjectBranchSchema, responses: { 200: { content: { application/json: { schema: { type: object, required: [sql], properties: { sql: { type: string } } } } } } } }
components:
  parameters: { Project: { name: project_id, in: path, required: true, schema: { type: string, pattern: "^[a-z0-9-]{1,60}$" } } }
  responses: { Widget: { content: { application/json: { schema: { type: object, required: [widget], properties: { widget: { $ref: "#/components/schemas/Widget" } } } } } } }
  schemas:
    NewWidget: { type: object, required: [name], properties: { name: { type: string, minLength: 1 }, kind: { type: string, enum: [round, square] } } }
    Widget:
      allOf:
        - { $ref: "#/components/schemas/NewWidget" }
        - type: object
          required: [id, project_id, created_at]
          properties:
            id: { type: integer }
            project_id: { type: string }
            created_at: { type: string, format: date-time }
            parent: { nullable: true, allOf: [{ $ref: "#/components/schemas/Widget" }] }
    Endless: { type: object, required: [next], properties: { next: { $ref: "#/components/schemas/Endless" } } }
"##;

/// A mock with the document.
fn start(project: &Project, options: &[&str]) -> RunningMock {
    project.write("new.yaml", DOCUMENT);
    RunningMock::start(project, &[&["--contract", "new.yaml"], options].concat())
}

async fn send(mock: &RunningMock, method: Method, path: &str, body: &str) -> Response {
    let request = Client::new().request(method, format!("{}/api/v2{path}", mock.url)).bearer_auth(&mock.key);
    let request = request.header("x-widget-version", "2").body(body.to_owned());
    request.send().await.expect("the mock answers")
}

async fn get(mock: &RunningMock, path: &str) -> Value {
    let answer = send(mock, Method::GET, path, "").await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.json().await.expect("it is JSON")
}

#[rstest]
#[case::a_new_path(Method::GET, "/projects/p-1/widgets", "", 200)]
#[case::created(Method::POST, "/projects/p-1/widgets", r#"{"widget": {"name": "w"}}"#, 201)]
#[case::gone(Method::DELETE, "/projects/p-1/widgets/7", "", 204)]
#[case::another_method_of_a_known_path(Method::PUT, "/projects", "", 202)]
#[case::more_of_the_path_is_named(Method::GET, "/projects/recent", "", 200)]
#[case::what_the_mock_lacks(Method::GET, "/projects/p-1/branches/br-1/schema", "", 200)]
#[case::as_get(Method::HEAD, "/projects/p-1/widgets", "", 200)]
#[case::no_method_of_either(Method::PATCH, "/projects/p-1/widgets", "", 405)]
#[case::of_neither(Method::GET, "/projects/p-1/gadgets", "", 404)]
#[case::what_cannot_be_generated(Method::GET, "/projects/p-1/endless", "", 501)]
#[tokio::test]
async fn what_only_the_document_has_is_answered(
    #[case] method: Method,
    #[case] path: &str,
    #[case] body: &str,
    #[case] status: u16,
) {
    let mock = start(&Project::new(), &[]);
    let answer = send(&mock, method.clone(), path, body).await;
    assert_eq!(answer.status(), status);
    if status == 405 {
        assert_eq!(answer.headers()["allow"], "GET, POST, HEAD");
    }
    let has_body = status != 202 && status != 204 && method != Method::HEAD;
    assert_eq!(!answer.text().await.expect("it is text").is_empty(), has_body);
    let url = format!("{}/api/v2{path}", mock.url);
    let refused = Client::new().request(method, url).send().await.expect("the mock answers");
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "the key is looked at first");
}

#[tokio::test]
async fn what_the_mock_performs_stays_performed() {
    let mock = start(&Project::new(), &[]);
    let projects = get(&mock, "/projects").await;
    assert_eq!(projects["projects"][0]["id"], "throbbing-forest-567082");
    let one = get(&mock, "/projects/throbbing-forest-567082").await;
    assert_eq!(one["project"]["id"], "throbbing-forest-567082");
}

#[tokio::test]
async fn an_answer_repeats_what_the_path_names() {
    let mock = start(&Project::new(), &[]);
    let widget = get(&mock, "/projects/calm-sea-1/widgets/7").await["widget"].clone();
    assert_eq!((&widget["id"], &widget["project_id"]), (&json!(7), &json!("calm-sea-1")));
    assert!(widget["created_at"].is_string() && widget["name"].is_string(), "{widget}");
    let list = get(&mock, "/projects/calm-sea-1/widgets?limit=1").await;
    assert_eq!(list["widgets"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["widgets"][0]["project_id"], "calm-sea-1");
    assert!(list.get("pagination").is_none(), "there is no other page: {list}");
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer() {
    let project = Project::new();
    let (mock, alike, other) =
        (start(&project, &[]), start(&project, &[]), start(&project, &["--seed", "1"]));
    let path = "/projects/p-1/widgets/7";
    let first = get(&mock, path).await;
    assert_eq!(get(&mock, path).await, first);
    assert_eq!(get(&alike, path).await, first);
    assert_ne!(get(&other, path).await, first);
    assert_ne!(
        get(&mock, "/projects/p-1/widgets/8").await["widget"]["created_at"],
        first["widget"]["created_at"]
    );
}

#[tokio::test]
async fn another_media_type_is_sent_as_it_is() {
    let mock = start(&Project::new(), &[]);
    let answer = send(&mock, Method::GET, "/projects/p-1/widgets/7/drawing", "").await;
    assert_eq!(answer.headers()["content-type"], "text/csv");
    let text = answer.text().await.expect("it is text");
    assert!(text.starts_with(|first: char| first.is_ascii_lowercase()), "{text}");
}

#[rstest]
#[case::a_query_of_another_type(
    "GET /projects/p-1/widgets?limit=ten",
    "",
    "decode params: limit (\"ten\" is not of type \"integer\")"
)]
#[case::a_query_out_of_bounds(
    "GET /projects/p-1/widgets?limit=0",
    "",
    "decode params: limit (0 is less than the minimum of 1)"
)]
#[case::a_list("GET /projects/p-1/widgets?kinds=round,flat", "", "decode params: kinds (")]
#[case::a_path("GET /projects/P_1/widgets", "", "decode params: project_id (")]
#[case::a_path_of_another_type("GET /projects/p-1/widgets/seven", "", "decode params: widget_id (")]
#[case::no_body("POST /projects/p-1/widgets", "", "unexpected end of body")]
#[case::no_json("POST /projects/p-1/widgets", "{", "decode application/json: line 1")]
#[case::no_member("POST /projects/p-1/widgets", r#"{"widget": {}}"#, "invalid: widget.name (field required)")]
#[case::a_member_of_another_type(
    "POST /projects/p-1/widgets",
    r#"{"widget": {"name": 7}}"#,
    "invalid: widget.name (7 is not of type \"string\")"
)]
#[case::a_short_member("POST /projects/p-1/widgets", r#"{"widget": {"name": ""}}"#, "invalid: widget.name (")]
#[case::no_value_of_an_enumeration(
    "POST /projects/p-1/widgets",
    r#"{"widget": {"name": "w", "kind": "flat"}}"#,
    "invalid: widget.kind ("
)]
#[tokio::test]
async fn a_request_is_held_against_the_document(
    #[case] request: &str,
    #[case] body: &str,
    #[case] expected: &str,
) {
    let mock = start(&Project::new(), &[]);
    let (method, path) = request.split_once(' ').expect("it has a path");
    let answer = send(&mock, method.parse().expect("it is a method"), path, body).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let error: Value = answer.json().await.expect("it is JSON");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains(expected), "{message}");
}

#[rstest]
#[case::missing(None, "X-Widget-Version (header parameter is required)")]
#[case::too_small(Some("1"), "X-Widget-Version (1 is less than the minimum of 2)")]
#[tokio::test]
async fn headers_are_held_against_the_document(#[case] version: Option<&str>, #[case] expected: &str) {
    let mock = start(&Project::new(), &[]);
    let request =
        Client::new().get(format!("{}/api/v2/projects/p-1/widgets", mock.url)).bearer_auth(&mock.key);
    let request =
        version.into_iter().fold(request, |request, version| request.header("x-widget-version", version));
    let answer = request.send().await.expect("the mock answers");
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let error: Value = answer.json().await.expect("it is JSON");
    assert!(error["message"].as_str().unwrap_or_default().contains(expected), "{error}");
}

#[tokio::test]
async fn the_start_and_the_journal_tell_what_is_generated() {
    let project = Project::new();
    project.write("new.yaml", DOCUMENT);
    let log = std::fs::File::create(project.path("log")).expect("the file can be made");
    let options = ["--contract", "new.yaml", "--admin", "--log", "text"];
    let mock = RunningMock::start_logging(&project, &options, log.into());
    get(&mock, "/projects/p-1/widgets/7").await;
    get(&mock, "/projects").await;
    let journal = format!("{}/_mock/journal", mock.url);
    let entries: Value = reqwest::get(journal).await.expect("it answers").json().await.expect("it is JSON");
    let told: Vec<_> = entries
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| (&entry["operation"], &entry["generated"]))
        .collect();
    assert_eq!(told, [(&json!("getWidget"), &json!(true)), (&json!("listProjects"), &json!(false))]);
    let log = project.read("log");
    for expected in [
        "operations of the contract: 1 performed by the mock, 9 generated from its schemas:",
        "\n  PUT /api/v2/projects (replaceProjects)\n",
        "\n  GET /api/v2/projects/{project_id}/endless (getEndless); warning: it gets 501, because new.yaml#",
        "getWidget",
        "; generated from the contract",
    ] {
        assert!(log.contains(expected), "{expected}: {log}");
    }
}

#[rstest]
#[case::no_file(None, "new.yaml")]
#[case::no_yaml(Some("a: [\n"), "new.yaml:")]
#[case::no_openapi(Some("swagger: '2.0'\n"), "this is not an OpenAPI")]
#[case::nothing_in_it(Some("openapi: 3.0.3\npaths: {}\n"), "the contract has no operations")]
#[case::of_another_api(
    Some(
        "openapi: 3.0.3\npaths:\n  /things:\n    get: { operationId: a, responses: { 200: { description: it } } }\n"
    ),
    "no path of the contract starts with /api/"
)]
fn a_document_that_is_none_is_told_with_its_place(#[case] document: Option<&str>, #[case] expected: &str) {
    let project = Project::new();
    if let Some(document) = document {
        project.write("new.yaml", document);
    }
    let refused = project.run(&["mock", "--port", "0", "--contract", "new.yaml"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains(expected) && refused.stderr.contains("new.yaml"), "{}", refused.stderr);
}
