//! HAR 1.2, as a run and the proxy write it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::exchange::{Exchange, Request, Response};
use crate::secret::Secrets;
use crate::text;

/// One exchange, as a HAR file holds it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: String,
    time: f64,
    request: EntryRequest,
    response: EntryResponse,
    cache: serde_json::Map<String, serde_json::Value>,
    timings: Timings,
}

#[derive(Debug, Serialize)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryRequest {
    method: String,
    url: String,
    http_version: String,
    cookies: Vec<serde_json::Value>,
    headers: Vec<Pair>,
    query_string: Vec<Pair>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData>,
    headers_size: i64,
    body_size: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryResponse {
    status: i64,
    status_text: String,
    http_version: String,
    cookies: Vec<serde_json::Value>,
    headers: Vec<Pair>,
    content: Content,
    #[serde(rename = "redirectURL")]
    redirect_url: String,
    headers_size: i64,
    body_size: i64,
}

#[derive(Debug, Serialize)]
struct Pair {
    name: String,
    value: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData {
    mime_type: String,
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    size: i64,
    mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
}

/// HAR's word for a size that is not known.
fn unknown() -> i64 {
    -1
}

impl Entry {
    fn new(exchange: &Exchange, origin: &str, secrets: &Secrets) -> Self {
        let Exchange { request, response, .. } = exchange;
        let mut headers = pairs(&request.headers, secrets);
        if let Some(authorization) = &request.authorization {
            let value = secrets.replace_header("authorization", authorization.value.expose_secret());
            headers.push(Pair { name: "authorization".to_owned(), value });
        }
        let waited = response.elapsed.as_secs_f64() * 1000.0;
        Self {
            started_date_time: exchange.began.to_string(),
            time: waited,
            request: EntryRequest::new(request, origin, headers),
            response: EntryResponse::new(response, secrets),
            cache: serde_json::Map::new(),
            timings: Timings { send: 0.0, wait: waited, receive: 0.0 },
        }
    }
}

impl EntryRequest {
    fn new(request: &Request, origin: &str, headers: Vec<Pair>) -> Self {
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        let query_string = url::form_urlencoded::parse(query.as_bytes());
        Self {
            method: request.method.clone(),
            url: format!("{origin}{}", request.target),
            http_version: "HTTP/1.1".to_owned(),
            cookies: Vec::new(),
            headers,
            query_string: query_string
                .map(|(name, value)| Pair { name: name.into_owned(), value: value.into_owned() })
                .collect(),
            post_data: request.body.as_ref().map(|body| PostData {
                mime_type: "application/json".to_owned(),
                text: String::from_utf8_lossy(body).into_owned(),
            }),
            headers_size: unknown(),
            body_size: unknown(),
        }
    }
}

impl EntryResponse {
    fn new(response: &Response, secrets: &Secrets) -> Self {
        let (text, encoding) = match std::str::from_utf8(&response.body) {
            Ok(text) => (text.to_owned(), None),
            Err(_) => (STANDARD.encode(&response.body), Some("base64".to_owned())),
        };
        Self {
            status: response.status.into(),
            status_text: String::new(),
            http_version: "HTTP/1.1".to_owned(),
            cookies: Vec::new(),
            headers: pairs(&response.headers, secrets),
            content: Content {
                size: i64::try_from(response.body.len()).unwrap_or(i64::MAX),
                mime_type: response.header("content-type").unwrap_or_default().to_owned(),
                text: Some(text),
                encoding,
            },
            redirect_url: response.header("location").unwrap_or_default().to_owned(),
            headers_size: unknown(),
            body_size: unknown(),
        }
    }
}

/// Headers; what authenticates or carries a session is replaced, also where it is too short to be told from other words.
fn pairs(headers: &[(String, String)], secrets: &Secrets) -> Vec<Pair> {
    let pair = |(name, value): &(String, String)| Pair {
        name: name.clone(),
        value: secrets.replace_header(name, value),
    };
    headers.iter().map(pair).collect()
}

/// What stands before the entries of a file, and after them.
pub(super) fn frame() -> (String, &'static str) {
    let creator = serde_json::json!({ "name": "neon-contract", "version": env!("CARGO_PKG_VERSION") });
    let head = format!(
        "{{\n  \"log\": {{\n    \"version\": \"1.2\",\n    \"creator\": {creator},\n    \"entries\": ["
    );
    (head, "\n    ]\n  }\n}\n")
}

/// An exchange as an entry of a file, on lines of its own. What is secret only by the name of its header is `redacted`.
pub(super) fn entry(exchange: &Exchange, origin: &str, secrets: &Secrets) -> String {
    let entry = serde_json::json!(Entry::new(exchange, origin, secrets));
    // No text of JSON holds the end of a line.
    text::json(&format!("\n{entry:#}").replace('\n', "\n      "))
}
