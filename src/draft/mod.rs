//! DRAFT: a case from a request that someone has at hand.

mod body;
mod curl;
mod guess;
mod secrets;
mod shell;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use guess::{alike, free_name, likely_requirement};

use crate::exchange::{Exchange, Request};
use crate::plan::sample_body;
use crate::secret::Secrets;
use crate::spec::case::Call;
use crate::spec::contract::Operation;
use crate::spec::requirement::RequirementId;
use crate::spec::unknown::unknown;
use crate::spec::{Diagnostics, Document, Source, Suite, closest};
use crate::traffic::Recording;

pub use curl::{CurlError, curl};
pub use shell::ShellError;

/// What a template of a run's own names begins with.
const OWN: &str = "{{ run.prefix }}";

/// These say nothing that a case has to say.
const USUAL_HEADERS: [&str; 5] = ["accept-encoding", "authorization", "content-length", "host", "user-agent"];

/// Whether a header says no more than what a case says of itself: that it speaks JSON.
fn is_usual(name: &str, value: &str) -> bool {
    let is_accepted = |media: &str| {
        let media = media.split(';').next().unwrap_or_default().trim();
        media == "*/*" || media == "application/*" || body::is_json_type(media)
    };
    match name {
        "accept" => value.split(',').any(is_accepted),
        "content-type" => body::is_json_type(value),
        name => USUAL_HEADERS.contains(&name) || name.starts_with(':'),
    }
}

/// A request that is to become a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The method, in capitals.
    pub method: String,
    /// Path and query, percent-encoded, from the prefix of the API on.
    pub target: String,
    /// The headers that matter.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Option<String>,
    /// It names a key.
    pub has_key: bool,
    /// The headers that were left out, because they authenticate or carry a session.
    pub left_out: Vec<String>,
    /// The status that has come back.
    pub status: Option<u16>,
}

/// What a case is to be called, where that is not to be worked out.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Its name, such as `projects/names_are_kept`.
    pub name: Option<String>,
    /// The rule it proves.
    pub title: Option<String>,
    /// The requirements it proves.
    pub requirements: Vec<String>,
}

/// A case that stands in no file yet.
#[derive(Debug)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What it was understood to call.
    pub calls: String,
    /// Path parameters that were left out: the run finds or makes what they name.
    pub left_out: Vec<String>,
    /// Headers that were left out, because they authenticate or carry a session.
    pub headers_left_out: Vec<String>,
    /// Query parameters that only the author knows.
    pub to_fill_in: Vec<String>,
}

/// No case can be made of a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// It is of something else.
    #[error("`{0}` is not a request to the API, whose paths start with {1}")]
    NotOfTheApi(String, String),
    /// There is no such operation.
    #[error("there is no operation `{0}`; {1}")]
    NoOperation(String, String),
    /// What was asked for makes no case.
    #[error(transparent)]
    Case(#[from] Diagnostics),
    /// A name is no path below the cases.
    #[error(
        "`{0}` is not a case name; write it like projects/names_are_kept, with letters, digits, `-`, `_` and `/`"
    )]
    Name(String),
    /// It would hold a secret.
    #[error(
        "{0} contains a secret, or a text that looks like one, which is not allowed in a case; replace it"
    )]
    Secret(String),
    /// It cannot be written as YAML.
    #[error("cannot write the case: {0}")]
    Yaml(String),
}

impl Asked {
    /// The requests of a recording, in the order in which they were sent, answered or not.
    #[must_use]
    pub fn all_of(recording: &Recording) -> Vec<Self> {
        let mut unanswered = recording.unanswered.iter().peekable();
        let mut all = Vec::new();
        for place in 0..=recording.exchanges.len() {
            while let Some(request) = unanswered.next_if(|request| request.after == place) {
                all.push(Self { has_key: request.has_key, ..Self::sent(&request.request) });
            }
            all.extend(recording.exchanges.get(place).map(Self::of));
        }
        all
    }

    fn sent(request: &Request) -> Self {
        Self {
            method: request.method.clone(),
            target: request.target.clone(),
            headers: request
                .headers
                .iter()
                // Of what a recorder kept, the others are most often of its client.
                .filter(|(name, _)| name == "content-type" && request.body.is_some())
                .cloned()
                .collect(),
            body: request.body.as_ref().map(|body| String::from_utf8_lossy(body).into_owned()),
            ..Self::default()
        }
    }

    /// What was exchanged.
    #[must_use]
    pub fn of(exchange: &Exchange) -> Self {
        let request = &exchange.request;
        Self {
            has_key: request.authorization.is_some() || exchange.response.is_success(),
            status: Some(exchange.response.status),
            ..Self::sent(request)
        }
    }
}

/// A case of one operation, with what it needs.
///
/// # Errors
/// When there is no such operation, or the wishes cannot be met.
pub fn of_operation(id: &str, suite: &Suite, wishes: &Wishes) -> Result<Draft, DraftError> {
    let Some(operation) = suite.operations.values().find(|operation| operation.id.0 == id) else {
        let known: Vec<&str> = suite.operations.keys().map(|id| id.0.as_str()).collect();
        let hint = match closest(id, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "run `neon-contract list --of operations` for a list".to_owned(),
        };
        return Err(DraftError::NoOperation(id.to_owned(), hint));
    };
    let mut step = Map::new();
    step.insert("operation".to_owned(), json!(operation.id));
    let to_fill_in: Vec<String> = operation.required_query().map(str::to_owned).collect();
    let query: Map<String, Value> =
        to_fill_in.iter().map(|name| (name.clone(), json!(format!("<{name}>")))).collect();
    if !query.is_empty() {
        step.insert("query".to_owned(), query.into());
    }
    let supplied = suite.supply.bodies.get(&operation.id).cloned();
    let schema = operation.body.as_ref().filter(|_| operation.body_required);
    if let Some(body) = supplied.or_else(|| sample_body(suite, schema?)) {
        step.insert("body".to_owned(), body);
    }
    step.extend(taking_back(operation, suite));
    let status = operation.successes().first().copied();
    let expect = status.map_or(json!({ "status": "2xx" }), |status| json!({ "status": status }));
    step.insert("expect".to_owned(), expect);
    let left_out = operation.path_parameters().map(str::to_owned).collect();
    Ok(Draft {
        to_fill_in,
        ..finish(OneStep { operation: Some(operation), step, left_out, status }, suite, wishes)?
    })
}

/// A case of a request, in which none of the secrets is, nor anything that looks like one.
///
/// # Errors
/// When it holds a secret, when it is none to the API, or when the wishes cannot be met.
pub fn of_request(
    asked: &Asked,
    suite: &Suite,
    wishes: &Wishes,
    secrets: &Secrets,
) -> Result<Draft, DraftError> {
    // Before anything is told of it.
    secrets::refuse(asked, secrets)?;
    let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
    let prefixes: Vec<String> = suite.prefixes().into_iter().collect();
    if !prefixes.iter().any(|prefix| path.starts_with(&format!("{prefix}/"))) {
        return Err(DraftError::NotOfTheApi(asked.target.clone(), prefixes.join(" or ")));
    }
    let known = suite.operation_at(&asked.method, path);
    let operation = known.as_ref().map(|(operation, _)| *operation);
    let mut step = Map::new();
    match operation {
        Some(operation) => step.insert("operation".to_owned(), json!(operation.id)),
        None => step.insert("request".to_owned(), json!(format!("{} {path}", asked.method))),
    };
    let organization = suite.supply.organization.as_ref();
    let named = organization.zip(operation).and_then(|(supply, operation)| supply.query.get(&operation.id));
    let mut parameters: Map<String, Value> = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        // The account that a run is for has its own.
        if Some(name.as_ref()) == named.map(String::as_str) {
            continue;
        }
        let value = typed(operation, &value);
        match parameters.get_mut(name.as_ref()) {
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = json!([first.take(), value]),
            None => _ = parameters.insert(name.into_owned(), value),
        }
    }
    let query = parameters;
    if !query.is_empty() {
        step.insert("query".to_owned(), query.into());
    }
    let headers: BTreeMap<&String, Value> = asked
        .headers
        .iter()
        .filter(|(name, value)| !is_usual(name, value))
        .map(|(name, value)| (name, literal(value.as_str().into())))
        .collect();
    if !headers.is_empty() {
        step.insert("headers".to_owned(), json!(headers));
    }
    if let Some(body) = asked.body.as_deref().filter(|body| !body.is_empty()) {
        match body::as_value(body) {
            Some(mut body) => {
                if let Some(supplied) = operation.and_then(|operation| suite.supply.bodies.get(&operation.id))
                {
                    own_names(&mut body, supplied);
                }
                step.insert("body".to_owned(), literal(body));
            }
            None => {
                step.insert("raw_body".to_owned(), literal(body.into()));
            }
        }
    }
    if operation.is_some_and(|operation| sends_unknown(operation, suite, &step)) {
        step.insert("unknown".to_owned(), true.into());
    }
    let is_refused = asked.status == Some(401) || (asked.status.is_none() && !asked.has_key);
    if is_refused {
        step.insert("credential".to_owned(), if asked.has_key { "invalid" } else { "missing" }.into());
    }
    let succeeds = match asked.status {
        Some(status) => (200..300).contains(&status),
        None => operation.is_some() && !is_refused,
    };
    if let Some(operation) = operation.filter(|_| succeeds) {
        step.extend(taking_back(operation, suite));
    }
    // HEAD is answered as GET is (RFC 9110 §9.3.2); what somebody's ids name is not there.
    let as_get = (asked.method == "HEAD").then(|| suite.operation_at("GET", path)).flatten();
    let as_get = as_get.filter(|(_, params)| params.is_empty());
    let answering = operation.or(as_get.map(|(operation, _)| operation));
    let status = asked.status.or_else(|| match answering {
        _ if is_refused => Some(401),
        Some(operation) => operation.successes().first().copied(),
        None => Some(404),
    });
    let expect = status.map_or(json!({ "status": "2xx" }), |status| json!({ "status": status }));
    step.insert("expect".to_owned(), expect);
    let left_out = known.map(|(_, params)| params.into_keys().collect()).unwrap_or_default();
    let headers_left_out = asked.left_out.clone();
    Ok(Draft { headers_left_out, ..finish(OneStep { operation, step, left_out, status }, suite, wishes)? })
}

/// Whether a step sends what its operation does not know.
fn sends_unknown(operation: &Operation, suite: &Suite, step: &Map<String, Value>) -> bool {
    let query = step.get("query").and_then(Value::as_object).into_iter().flat_map(Map::keys);
    !unknown(operation, &suite.schemas, query, step.get("body")).is_empty()
}

/// The step of a case that has no other.
struct OneStep<'a> {
    operation: Option<&'a Operation>,
    step: Map<String, Value>,
    /// The path parameters that it leaves out.
    left_out: Vec<String>,
    /// How it is answered.
    status: Option<u16>,
}

/// What a case of one step says in its own words.
fn finish(one: OneStep<'_>, suite: &Suite, wishes: &Wishes) -> Result<Draft, DraftError> {
    let OneStep { operation, step, left_out, status } = one;
    secrets::refuse_words("the title", wishes.title.as_deref())?;
    secrets::refuse_words("the name", wishes.name.as_deref())?;
    let calls = match operation {
        Some(operation) => operation.id.0.clone(),
        None => step.get("request").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    let alike = alike(operation, suite);
    let name = wishes.name.clone().unwrap_or_else(|| free_name(operation, status, &alike, suite));
    let name = name.trim_end_matches(".yaml").trim_start_matches("specs/cases/").to_owned();
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    if !name.split('/').all(is_word) {
        return Err(DraftError::Name(name));
    }
    let comes = status.map_or("is answered".to_owned(), |status| format!("answers {status}"));
    let title = wishes.title.clone().unwrap_or_else(|| format!("{calls} {comes}"));
    let requirements = match wishes.requirements.as_slice() {
        [] => vec![likely_requirement(wishes.title.as_deref(), &step, operation, suite)],
        ids => ids.iter().map(|id| RequirementId(id.clone())).collect(),
    };
    let mut file = Map::new();
    file.insert("title".to_owned(), title.into());
    file.insert("requirements".to_owned(), json!(requirements));
    let tags: Vec<String> = operation.iter().map(|operation| operation.contract.clone()).collect();
    if !tags.is_empty() {
        file.insert("tags".to_owned(), json!(tags));
    }
    file.extend(step);
    let depth = name.matches('/').count() + 1;
    let yaml = serde_saphyr::to_string(&file).map_err(|error| DraftError::Yaml(error.to_string()))?;
    let text = format!("# yaml-language-server: $schema={}case.schema.json\n{yaml}", "../".repeat(depth));
    let path = PathBuf::from(format!("cases/{name}.yaml"));
    let document =
        Document::parse(&path, text.as_bytes()).map_err(|mistake| Diagnostics::from_iter([mistake]))?;
    suite.case(name.clone(), &document)?;
    Ok(Draft { name, text, calls, left_out, headers_left_out: Vec::new(), to_fill_in: Vec::new() })
}

/// What the suite says of making the same thing for other trials: how to wait for it, what to keep of it, how to take it back.
fn taking_back(operation: &Operation, suite: &Suite) -> Map<String, Value> {
    let making = suite.supply.params.values().filter_map(|supply| match &supply.source {
        Source::Steps { make, .. } => Some(make),
        Source::Value(_) => None,
    });
    let mut same = making.filter(|make| make.call == Call::Operation(operation.id.clone()));
    let Some(make) = same.find(|make| make.undo.is_some()) else { return Map::new() };
    let Ok(document) = Document::of(make.source.clone()) else {
        return Map::new();
    };
    let written = document.value().pointer(&make.pointer);
    let member = |name: &str| Some((name.to_owned(), written?.get(name)?.clone()));
    ["until", "capture", "undo"].into_iter().filter_map(member).collect()
}

/// A value of the query as the contract types it: `2`, not `"2"`.
fn typed(operation: Option<&Operation>, text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(number) if operation.is_some() && number.to_string() == text => number.into(),
        _ => literal(text.into()),
    }
}

/// Gives names the prefix of the run wherever the suite's own body has it, so that what is made can be told from what was there.
fn own_names(body: &mut Value, supplied: &Value) {
    match (body, supplied) {
        (Value::Object(members), Value::Object(supplied)) => {
            for (name, value) in members {
                if let Some(supplied) = supplied.get(name) {
                    own_names(value, supplied);
                }
            }
        }
        (Value::String(text), Value::String(supplied)) if supplied.starts_with(OWN) => {
            *text = format!("{OWN}-{text}");
        }
        _ => {}
    }
}

/// A value in which nothing but a run's own prefix is a template.
fn literal(mut value: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::String(text) => {
                let (own, rest) = match text.strip_prefix(OWN) {
                    Some(rest) => (OWN, rest),
                    None => ("", text.as_str()),
                };
                if rest.contains("{{") || rest.contains("{%") {
                    *text = format!("{own}{{% raw %}}{rest}{{% endraw %}}");
                }
            }
            Value::Array(items) => items.iter_mut().for_each(walk),
            Value::Object(members) => members.values_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut value);
    value
}
