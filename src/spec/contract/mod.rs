//! Contracts: OpenAPI 3.0 and 3.1 documents, as far as a conformance run needs them.

mod read;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::spec::case_file::Effect;
use crate::spec::diagnostic::Diagnostic;
use crate::spec::document::Document;
use crate::spec::media_type::{JSON, ranges};
use crate::spec::parameter::{Content, Header};
use crate::spec::schema_ref::SchemaRef;

pub use crate::spec::parameter::{Parameter, Place};
pub(crate) use read::operations;

/// The `operationId` of an operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OperationId(pub String);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One method and path of a contract.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name in cases and reports.
    pub id: OperationId,
    /// The contract it belongs to, by file name without its ending.
    pub contract: String,
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path from the origin, the server's prefix included: `/api/v2/projects/{project_id}`.
    pub path: String,
    /// What the contract files it under.
    pub tags: Vec<String>,
    /// Parameters in the path and the query.
    pub parameters: Vec<Parameter>,
    /// Whether a request needs a body.
    pub body_required: bool,
    /// The schema of a JSON body, where there is one.
    pub body: Option<SchemaRef>,
    /// The bodies that it takes, by media type.
    pub(crate) contents: BTreeMap<String, Content>,
    /// What it may answer.
    pub responses: Vec<Response>,
    /// What the suite's own contract says of answers, where an imported one stands in its place: what identifies, refers, changes and
    /// is secret is the suite's to say.
    pub(in crate::spec) own_responses: Vec<Response>,
    /// The operation whose list this one shows as well (`x-neon-mirrors`).
    pub mirrors: Option<OperationId>,
    /// Where it stands in its document (JSON Pointer).
    pub pointer: String,
    /// The contract says that clients should do without it (`deprecated`).
    pub is_deprecated: bool,
    /// The suite knows it from an imported contract only, and supplies nothing to it.
    pub is_foreign: bool,
}

/// A documented response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The statuses it is for.
    pub status: ResponseStatus,
    /// Schemas by media type; none where the response has no body.
    pub content: BTreeMap<String, Option<SchemaRef>>,
    /// Its headers.
    pub(crate) headers: Vec<Header>,
    /// What is said of its bodies cannot be used, or a part of it.
    pub(crate) is_unchecked: bool,
}

impl Response {
    /// What is documented for a media type: under its own name, or that of a range that it is in (OpenAPI 3.1 §4.8.14); `None` where
    /// it is not documented.
    #[must_use]
    pub fn content_for(&self, media_type: &str) -> Option<&Option<SchemaRef>> {
        let in_range = || ranges(media_type).iter().find_map(|range| self.content.get(range));
        self.content.get(media_type).or_else(in_range)
    }

    /// The schema of a JSON body.
    fn json(&self) -> Option<&SchemaRef> {
        self.content_for(JSON)?.as_ref()
    }
}

/// The key of a documented response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseStatus {
    /// One status.
    Exact(u16),
    /// All statuses that begin with this digit: `4XX`.
    Class(u16),
    /// All that no other response is for.
    Default,
}

impl ResponseStatus {
    /// The first status that it is for; 500 for `default`, which is there for errors.
    pub(in crate::spec) fn first(self) -> u16 {
        match self {
            Self::Exact(status) => status,
            Self::Class(class) => class * 100,
            Self::Default => 500,
        }
    }

    /// Whether it is for a status, unless another one is.
    pub(crate) fn covers(self, status: u16) -> bool {
        match self {
            Self::Exact(own) => own == status,
            Self::Class(class) => class == status / 100,
            Self::Default => status >= 400,
        }
    }
}

impl Operation {
    /// Whether a document that is not the suite's own describes it.
    pub(in crate::spec) fn is_described_elsewhere(&self) -> bool {
        self.is_foreign || !self.own_responses.is_empty()
    }

    /// The path with its parameters left blank: two operations with the same one answer the same requests.
    pub(crate) fn shape(&self) -> String {
        let mut parts = self.path.split('{');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |shape, part| {
            let rest = part.split_once('}').map_or(part, |(_, rest)| rest);
            format!("{shape}{{}}{rest}")
        })
    }

    /// The schemas of all bodies, of requests and of answers.
    pub(in crate::spec) fn schemas_mut(&mut self) -> impl Iterator<Item = &mut Option<SchemaRef>> {
        let answers = self.responses.iter_mut().flat_map(|response| response.content.values_mut());
        std::iter::once(&mut self.body).chain(answers)
    }

    /// The documented response for a status: the exact one, else its class, else `default`. Where successes are
    /// documented, `default` stands for errors only.
    #[must_use]
    pub fn response(&self, status: u16) -> Option<&Response> {
        response_of(&self.responses, status)
    }

    /// The schema whose annotations speak of a JSON body that came with a status.
    #[must_use]
    pub fn annotated(&self, status: u16) -> Option<&SchemaRef> {
        let alike = || self.own_responses.iter().find(|own| own.status.first() / 100 == status / 100);
        let known = response_of(&self.own_responses, status).filter(|own| own.status.covers(status));
        let own = known.or_else(alike);
        own.and_then(Response::json).or_else(|| self.response(status)?.json())
    }

    /// The documented 2xx statuses.
    #[must_use]
    pub fn successes(&self) -> Vec<u16> {
        successes(&self.responses).collect()
    }

    /// Whether the contract says what a successful answer holds.
    #[must_use]
    pub fn is_described(&self) -> bool {
        let mut successes = self.successes().into_iter().filter_map(|status| self.response(status));
        successes.any(|response| response.content.values().any(Option::is_some))
    }

    /// What the request does to an account, by its method (RFC 9110 §9.2.1: safe methods).
    #[must_use]
    pub fn effect(&self) -> Effect {
        effect_of(&self.method)
    }

    /// The names of the parameters in the path, in their order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &str> {
        self.path.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0))
    }

    /// The path parameters of a path that is one of the operation's; `None` where it is not.
    #[must_use]
    pub fn parameters_in(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let (mut expected, mut actual) = (self.path.split('/'), path.split('/'));
        let mut parameters = BTreeMap::new();
        loop {
            match (expected.next(), actual.next()) {
                (None, None) => return Some(parameters),
                (Some(template), Some(segment)) => {
                    match template.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                        Some(name) if !segment.is_empty() => {
                            let value = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
                            parameters.insert(name.to_owned(), value.into_owned());
                        }
                        None if template == segment => {}
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
    }

    /// The names of the query parameters that a request needs.
    pub fn required_query(&self) -> impl Iterator<Item = &str> {
        let required = |parameter: &&Parameter| parameter.place == Place::Query && parameter.required;
        self.parameters.iter().filter(required).map(|parameter| parameter.name.as_str())
    }

    /// A parameter by name and place.
    #[must_use]
    pub fn parameter(&self, name: &str, place: Place) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name && parameter.place == place)
    }
}

/// The documented 2xx statuses among responses.
fn successes(responses: &[Response]) -> impl Iterator<Item = u16> {
    responses.iter().filter_map(|response| match response.status {
        ResponseStatus::Exact(status) if (200..300).contains(&status) => Some(status),
        _ => None,
    })
}

/// The response for a status among those that are documented.
fn response_of(responses: &[Response], status: u16) -> Option<&Response> {
    let find = |wanted: ResponseStatus| responses.iter().find(|response| response.status == wanted);
    let default = || {
        let stands_for_success = successes(responses).next().is_none();
        find(ResponseStatus::Default).filter(|_| stands_for_success || status >= 400)
    };
    find(ResponseStatus::Exact(status)).or_else(|| find(ResponseStatus::Class(status / 100))).or_else(default)
}

/// What a request does to an account, by its method.
#[must_use]
pub fn effect_of(method: &str) -> Effect {
    match method {
        "GET" | "HEAD" | "OPTIONS" => Effect::Reads,
        _ => Effect::Writes,
    }
}

/// A file's name without folders and ending.
pub(crate) fn stem(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.split('.').next().unwrap_or(name).to_owned()
}

/// The path of the first server, with the defaults of its variables, and without a slash at its end.
pub(crate) fn server_prefix(root: &Value) -> String {
    let server = &root["servers"][0];
    let mut url = server["url"].as_str().unwrap_or_default().to_owned();
    for (name, variable) in server["variables"].as_object().into_iter().flatten() {
        if let Some(default) = variable["default"].as_str() {
            url = url.replace(&format!("{{{name}}}"), default);
        }
    }
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
        None => &url,
    };
    path.trim_end_matches('/').to_owned()
}

/// What is read as far as it is 3.1.
const LATER: &str = "3.2";

/// Whether a document says that it is one of OpenAPI 3.0, 3.1 or 3.2.
///
/// # Errors
/// That it does not.
pub(crate) fn is_openapi(document: &Document) -> Result<(), Diagnostic> {
    let version = document.value()["openapi"].as_str().unwrap_or_default();
    if ["3.0", "3.1", LATER].iter().any(|known| version.starts_with(known)) {
        return Ok(());
    }
    let mistake = Diagnostic::new(document.at("/openapi"), "this is not an OpenAPI 3.0, 3.1 or 3.2 document");
    Err(mistake.help("start the contract with `openapi: 3.1.0`"))
}

/// What is to be told of the version of a document from outside.
pub(crate) fn note_of_version(document: &Document) -> Option<Diagnostic> {
    let is_later = document.value()["openapi"].as_str()?.starts_with(LATER);
    let message = "OpenAPI 3.2 is read as 3.1; features that are new in 3.2 are not checked";
    is_later.then(|| Diagnostic::new(document.at("/openapi"), message))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::spec::diagnostic::Diagnostics;

    const CONTRACT: &str = r##"
openapi: 3.0.3
servers: [{ url: "https://example.org/api/v9/" }]
paths:
  /things/{thing_id}:
    parameters: [{ $ref: "#/components/parameters/Thing" }]
    get:
      operationId: getThing
      parameters: [{ name: limit, in: query, schema: { type: integer, default: 10 } }]
      responses:
        200: { content: { application/json: { schema: { type: object } } } }
        default: { $ref: "#/components/responses/Error" }
components:
  parameters: { Thing: { name: thing_id, in: path, required: true, schema: { type: string } } }
  responses: { Error: { content: { application/json: { schema: { type: object } } } } }
"##;

    #[test]
    fn an_operation_is_read_with_what_is_shared() {
        let document = Document::parse(Path::new("v9.yaml"), CONTRACT.as_bytes()).expect("it is YAML");
        let mut diagnostics = Diagnostics::default();
        let operations = operations("contract/v9.yaml", "v9", &document, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics}");
        let operation = &operations[0];
        assert_eq!((operation.contract.as_str(), operation.method.as_str()), ("v9", "GET"));
        assert_eq!(operation.path, "/api/v9/things/{thing_id}");
        assert_eq!(operation.path_parameters().collect::<Vec<_>>(), ["thing_id"]);
        assert_eq!(
            operation.parameter("limit", Place::Query).and_then(|p| p.default.clone()),
            Some(10.into())
        );
        assert_eq!(operation.successes(), [200]);
        let parameters =
            operation.parameters_in("/api/v9/things/a%2Fb").expect("the path is the operation's");
        assert_eq!(parameters["thing_id"], "a/b");
        assert!(operation.parameters_in("/api/v9/things").is_none());
        assert!(operation.parameters_in("/api/v9/things/a/b").is_none());
        assert!(operation.response(404).is_some(), "default stands for errors");
        assert!(operation.response(201).is_none(), "default does not stand for a success");
        let error = operation.response(500).and_then(|r| r.content["application/json"].clone());
        assert_eq!(
            error.map(|schema| schema.to_string()).as_deref(),
            Some("contract/v9.yaml#/components/responses/Error/content/application~1json/schema")
        );
    }

    #[test]
    fn what_a_path_refers_to_is_read_and_references_are_followed_to_their_end() {
        let text = r##"
openapi: 3.1.0
servers: [{ url: "{root}/v9", variables: { root: { default: "https://example.org/api" } } }]
paths:
  /shared: { $ref: "#/components/pathItems/Shared" }
  /things/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: getThing, responses: { 200: { $ref: "#/components/responses/First" } } }
  /others:
    get: { operationId: getOthers, responses: { 200: { $ref: "#/paths/~1things~1%7Bid%7D/get/responses/200" } } }
    put: { operationId: putOthers, responses: { 200: { $ref: "#/components/responses/Round" } } }
components:
  pathItems: { Shared: { post: { operationId: share, responses: { 200: { description: "" } } } } }
  responses:
    First: { $ref: "#/components/responses/Second" }
    Second: { content: { application/json: { schema: { type: object } } } }
    Round: { $ref: "#/components/responses/Round" }
"##;
        let document = Document::parse(Path::new("v9.yaml"), text.as_bytes()).expect("it is YAML");
        let mut diagnostics = Diagnostics::default();
        let operations = operations("v9.yaml", "v9", &document, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics}");
        let known = |id: &str| {
            let operation = operations.iter().find(|operation| operation.id.0 == id).expect("it is read");
            (operation.path.as_str(), operation.is_described(), operation.responses[0].is_unchecked)
        };
        assert_eq!(known("share"), ("/api/v9/shared", false, false));
        assert_eq!(known("getThing"), ("/api/v9/things/{id}", true, false));
        assert_eq!(known("getOthers"), ("/api/v9/others", true, false));
        assert_eq!(known("putOthers"), ("/api/v9/others", false, true));
    }

    #[test]
    fn what_stands_around_a_parameter_tells_paths_apart() {
        let text = r"
openapi: 3.0.3
paths:
  /things/{id}: { get: { operationId: a } }
  /things/{id}.json: { get: { operationId: b } }
  /things/{kind}:{name}/parts: { get: { operationId: c } }
";
        let document = Document::parse(Path::new("v9.yaml"), text.as_bytes()).expect("it is YAML");
        let operations = operations("v9.yaml", "v9", &document, &mut Diagnostics::default());
        let shapes: Vec<String> = operations.iter().map(Operation::shape).collect();
        assert_eq!(shapes, ["/things/{}", "/things/{}.json", "/things/{}:{}/parts"]);
    }

    #[test]
    fn what_is_not_openapi_is_refused() {
        let document = Document::parse(Path::new("a.yaml"), b"swagger: '2.0'").expect("it is YAML");
        let mut diagnostics = Diagnostics::default();
        operations("contract/a.yaml", "a", &document, &mut diagnostics);
        assert_eq!(diagnostics.len(), 1);
    }
}
