//! HAR 1.2, the format in which browsers and proxies keep what they have seen.
//!
//! Reading is lenient: what a writer leaves out that the judge does not need may be missing.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::Url;

use crate::artefact::{self, ArtefactError};
use crate::exchange::{Exchange, Request, Response};
use crate::secret::{Secrets, headers};
use crate::text;

/// A HAR file cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HarError {
    /// The file cannot be read.
    #[error("{path}: {cause}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// It is not HAR.
    #[error("{path}:{line}: this is no HAR file: {message}")]
    Form {
        /// The file.
        path: String,
        /// The line.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

#[derive(Debug, Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    log: Log<'a>,
}

#[derive(Debug, Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    entries: Vec<&'a RawValue>,
}

/// One exchange, as a HAR file holds it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(default)]
    started_date_time: String,
    #[serde(default)]
    time: f64,
    /// Where a browser has the answer from, if not from the endpoint.
    #[serde(default, rename = "_fromCache", skip_serializing)]
    from_cache: Option<serde_json::Value>,
    pub(super) request: EntryRequest,
    pub(super) response: EntryResponse,
    #[serde(default)]
    cache: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    timings: Timings,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryRequest {
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default)]
    http_version: String,
    #[serde(default)]
    cookies: Vec<serde_json::Value>,
    #[serde(default)]
    pub(super) headers: Vec<Pair>,
    #[serde(default)]
    query_string: Vec<Pair>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData>,
    #[serde(default = "unknown")]
    headers_size: i64,
    #[serde(default = "unknown")]
    body_size: i64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryResponse {
    pub(super) status: i64,
    #[serde(default)]
    status_text: String,
    #[serde(default)]
    http_version: String,
    #[serde(default)]
    cookies: Vec<serde_json::Value>,
    #[serde(default)]
    headers: Vec<Pair>,
    #[serde(default)]
    content: Content,
    #[serde(default, rename = "redirectURL")]
    redirect_url: String,
    #[serde(default = "unknown")]
    headers_size: i64,
    #[serde(default = "unknown")]
    body_size: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostData {
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    text: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
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

/// The entries of a file with the places where they begin, in the order in which they were sent.
///
/// # Errors
/// When the text is not JSON, or an entry is none.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<(usize, Entry)>, HarError> {
    let form = |line: usize, error: &serde_json::Error| HarError::Form {
        path: path.display().to_string(),
        line,
        message: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
    };
    // Some writers begin with a byte order mark.
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let file: File<'_> = serde_json::from_str(&text[start..]).map_err(|error| form(error.line(), &error))?;
    let mut entries = Vec::with_capacity(file.log.entries.len());
    for raw in file.log.entries {
        let place = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        let line = text[..place].bytes().filter(|byte| *byte == b'\n').count();
        let entry: Entry =
            serde_json::from_str(raw.get()).map_err(|error| form(line + error.line(), &error))?;
        entries.push((place, entry));
    }
    entries.sort_by_key(|(_, entry)| entry.began());
    Ok(entries)
}

impl EntryRequest {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|pair| pair.name.eq_ignore_ascii_case(name)).map(|pair| pair.value.as_str())
    }

    /// Whether the URL names a user, or a parameter that authenticates.
    pub(super) fn url_authenticates(&self) -> bool {
        Url::parse(&self.url).is_ok_and(|url| {
            !url.username().is_empty() || url.query_pairs().any(|(name, _)| headers::is_secret(&name))
        })
    }

    /// The origin and the path of the URL with its query; `None` where it is none.
    pub(super) fn origin_and_target(&self) -> Option<(String, String)> {
        let url = Url::parse(&self.url).ok()?;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Some((url.origin().ascii_serialization(), format!("{}{query}", url.path())))
    }

    /// The cookies that are told beside the headers, as a header each.
    pub(super) fn cookies(&self) -> Vec<(String, String)> {
        as_headers("cookie", &self.cookies)
    }

    /// The headers with these cookies.
    pub(super) fn all_headers(&self) -> Vec<(String, String)> {
        let headers = self.headers.iter().map(|pair| (pair.name.clone(), pair.value.clone()));
        headers.chain(self.cookies()).collect()
    }

    pub(super) fn body(&self) -> Option<Vec<u8>> {
        self.post_data.as_ref().map(|data| data.text.clone().into_bytes())
    }
}

/// Cookies with their names and values, as headers of this name.
fn as_headers(header: &str, cookies: &[serde_json::Value]) -> Vec<(String, String)> {
    let pair = |cookie: &serde_json::Value| {
        let [name, value] =
            ["name", "value"].map(|member| cookie.get(member).and_then(serde_json::Value::as_str));
        Some((header.to_owned(), format!("{}={}", name?, value?)))
    };
    cookies.iter().filter_map(pair).collect()
}

impl EntryResponse {
    /// The cookies that are told beside the headers, as a header each.
    pub(super) fn cookies(&self) -> Vec<(String, String)> {
        as_headers("set-cookie", &self.cookies)
    }

    /// The answer; `None` where none came.
    pub(super) fn response(&self) -> Option<Response> {
        let status = u16::try_from(self.status).ok().filter(|status| (100..=599).contains(status))?;
        let headers = self.headers.iter().map(|pair| (pair.name.to_ascii_lowercase(), pair.value.clone()));
        let text = self.content.text.as_deref().unwrap_or_default();
        let body = match self.content.encoding.as_deref() {
            Some("base64") => STANDARD.decode(text).ok()?,
            _ => text.as_bytes().to_vec(),
        };
        Some(Response::new(status, headers.collect(), body))
    }
}

impl Entry {
    /// When it was sent, where that is said.
    pub(super) fn began(&self) -> Option<Timestamp> {
        self.started_date_time.parse().ok()
    }

    /// By when its answer had come, where that can be told: times may be cut to the second.
    pub(super) fn ended(&self) -> Option<Timestamp> {
        let took = SignedDuration::try_from_secs_f64(self.time / 1000.0).ok()?;
        let is_cut = !self.started_date_time.contains('.');
        let cut = if is_cut { SignedDuration::from_secs(1) } else { SignedDuration::from_millis(1) };
        if self.time > 0.0 { self.began()?.checked_add(took + cut).ok() } else { None }
    }

    /// Whether the answer came out of a cache.
    pub(super) fn is_cached(&self) -> bool {
        self.from_cache.is_some()
    }

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
            from_cache: None,
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

/// Writes exchanges with `origin` to a file; each secret is replaced by a placeholder of its own, which stands for it wherever it was.
/// What is secret only by the name of its header is `redacted`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_har(
    path: &Path,
    origin: &str,
    exchanges: &[Exchange],
    secrets: &Secrets,
) -> Result<(), ArtefactError> {
    let entries: Vec<Entry> =
        exchanges.iter().map(|exchange| Entry::new(exchange, origin, secrets)).collect();
    let har = serde_json::json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "neon-contract", "version": env!("CARGO_PKG_VERSION") },
            "entries": entries,
        }
    });
    artefact::write(path, &text::json(&format!("{har:#}\n")), secrets)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("{", 1, "EOF while parsing")]
    #[case("{\n \"log\": {}}", 2, "missing field `entries`")]
    #[case(
        "{\"log\": {\"entries\": [\n\n{\"request\": {\"method\": \"GET\", \"url\": \"/\"}}]}}",
        3,
        "missing field `response`"
    )]
    #[case("[]", 1, "invalid")]
    fn what_is_no_har_is_told(#[case] text: &str, #[case] line: usize, #[case] message: &str) {
        let error = parse(Path::new("some.har"), text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("some.har:{line}: ")) && error.contains(message), "{error}");
    }

    #[test]
    fn an_entry_is_read_in_the_order_it_was_sent() {
        let entry = |time: &str, url: &str| {
            format!(
                r#"{{"startedDateTime":"{time}","request":{{"method":"GET","url":"{url}"}},
                    "response":{{"status":200,"content":{{"text":"e30=","encoding":"base64"}}}}}}"#
            )
        };
        let text = format!(
            "\u{feff}{{\"log\":{{\"entries\":[{},{}]}}}}",
            entry("2025-01-02T00:00:00Z", "https://a.test/api/v2/projects?limit=1"),
            entry("2025-01-01T00:00:00+01:00", "https://a.test/api/v2/regions")
        );
        let entries = parse(Path::new("some.har"), &text).expect("it is HAR");
        let seen: Vec<_> = entries.iter().map(|(_, entry)| entry.request.origin_and_target()).collect();
        let expected = |target: &str| Some(("https://a.test".to_owned(), target.to_owned()));
        assert_eq!(seen, [expected("/api/v2/regions"), expected("/api/v2/projects?limit=1")]);
        assert_eq!(entries[0].1.response.response().expect("it came").body, b"{}");
    }
}
