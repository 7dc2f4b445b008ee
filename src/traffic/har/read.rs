//! HAR as real tools write it: nothing but what is looked at is read, and one odd member loses no file.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::body::{self, Beside};
use crate::exchange::Response;
use crate::secret::headers;

/// Where no time is told, an answer has come after so long.
const LONGEST: SignedDuration = SignedDuration::from_secs(30);

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
    /// It is no text.
    #[error("{path}: not a HAR file: {what}")]
    NoText {
        /// The file.
        path: String,
        /// What it is, and what to do.
        what: &'static str,
    },
    /// It is not HAR.
    #[error("{path}:{line}: not a HAR file: {message}")]
    Form {
        /// The file.
        path: String,
        /// The line.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

/// The text of a file, or what it is instead.
///
/// # Errors
/// When it is no text.
pub(in crate::traffic) fn text(path: &Path, bytes: Vec<u8>) -> Result<String, HarError> {
    let no_text = |what| HarError::NoText { path: path.display().to_string(), what };
    match bytes.as_slice() {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            Err(no_text("it is a ZIP archive; unpack it and pass the .har file in it"))
        }
        [0x1f, 0x8b, ..] => Err(no_text("it is compressed with gzip; decompress it with gunzip")),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(no_text("it is UTF-16 text; save it as UTF-8")),
        _ => String::from_utf8(bytes).map_err(|_| no_text("it is not UTF-8 text; save it as UTF-8")),
    }
}

#[derive(Debug, Deserialize)]
struct File<'a> {
    #[serde(borrow, default)]
    log: Option<Log<'a>>,
    /// Some writers leave out what stands around them.
    #[serde(borrow, default)]
    entries: Option<Vec<&'a RawValue>>,
}

#[derive(Debug, Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    entries: Vec<&'a RawValue>,
}

/// The entries of a file, and how many cannot be read.
#[derive(Debug)]
pub(in crate::traffic) struct Entries {
    /// With the places where they begin, in the order in which they were sent.
    pub(in crate::traffic) entries: Vec<(usize, Entry)>,
    pub(in crate::traffic) unreadable: usize,
}

/// One exchange, as a HAR file holds it.
#[derive(Debug)]
pub(in crate::traffic) struct Entry {
    pub(in crate::traffic) method: String,
    url: String,
    value: Value,
}

/// Reads the entries of a file.
///
/// # Errors
/// When the text is not JSON, or has no entries.
pub(in crate::traffic) fn parse(path: &Path, text: &str) -> Result<Entries, HarError> {
    let form =
        |line: usize, message: String| HarError::Form { path: path.display().to_string(), line, message };
    // Some writers begin with a byte order mark.
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let text_of_file = &text[start..];
    if let Some(message) = no_object(text_of_file) {
        return Err(form(1, message.to_owned()));
    }
    let file: File<'_> = serde_json::from_str(text_of_file).map_err(|error| {
        let message = error.to_string();
        form(error.line(), message.split(" at line ").next().unwrap_or_default().to_owned())
    })?;
    let raw = file.log.map(|log| log.entries).or(file.entries);
    let raw = raw.ok_or_else(|| form(1, "missing field `log`, with `entries` in it".to_owned()))?;
    let (mut entries, mut unreadable) = (Vec::with_capacity(raw.len()), 0);
    for raw in raw {
        match serde_json::from_str(raw.get()).ok().and_then(Entry::of) {
            Some(entry) => entries.push((raw.get().as_ptr() as usize - text.as_ptr() as usize, entry)),
            None => unreadable += 1,
        }
    }
    // Where one lacks its time, the order of the file is all there is.
    if entries.iter().all(|(_, entry)| entry.began().is_some()) {
        entries.sort_by_key(|(_, entry)| entry.began());
    }
    Ok(Entries { entries, unreadable })
}

/// What is wrong where a list stands in the place of an object.
fn no_object(text: &str) -> Option<&'static str> {
    #[derive(Deserialize)]
    struct Outer<'a> {
        #[serde(borrow, default)]
        log: Option<&'a RawValue>,
    }
    if text.trim_start().starts_with('[') {
        return Some("it is a list; it must be an object with `log`, and that one with `entries`");
    }
    let outer: Outer<'_> = serde_json::from_str(text).ok()?;
    let is_list = outer.log.is_some_and(|log| log.get().starts_with('['));
    is_list.then_some("`log` is a list; it must be an object with `entries`")
}

impl Entry {
    fn of(value: Value) -> Option<Self> {
        let request = value.get("request")?;
        let member = |name: &str| request.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self { method: member("method")?.to_ascii_uppercase(), url: member("url")?, value })
    }

    /// When it was sent, where that is said.
    pub(in crate::traffic) fn began(&self) -> Option<Timestamp> {
        self.value.get("startedDateTime")?.as_str()?.parse().ok()
    }

    /// By when its answer had come for certain, where that can be told: times may be cut to the second.
    pub(in crate::traffic) fn ended(&self) -> Option<Timestamp> {
        let is_cut = !self.value.get("startedDateTime")?.as_str()?.contains('.');
        let cut = if is_cut { SignedDuration::from_secs(1) } else { SignedDuration::from_millis(1) };
        let took = |time: f64| SignedDuration::try_from_secs_f64(time / 1000.0).ok();
        let took = self.time().and_then(took).unwrap_or(LONGEST);
        self.began()?.checked_add(took.checked_add(cut)?).ok()
    }

    /// How long it took, in milliseconds.
    fn time(&self) -> Option<f64> {
        let number = |value: &Value| value.as_f64().filter(|time| *time > 0.0);
        let parts = || {
            let timings = self.value.get("timings")?.as_object()?;
            let parts = timings.iter().filter(|(name, _)| *name != "ssl");
            Some(parts.filter_map(|(_, part)| number(part)).sum()).filter(|sum| *sum > 0.0)
        };
        self.value.get("time").and_then(number).or_else(parts)
    }

    /// Whether the answer came out of a cache.
    pub(in crate::traffic) fn is_cached(&self) -> bool {
        self.value.get("_fromCache").is_some_and(|from| !matches!(from, Value::Null | Value::Bool(false)))
    }

    /// Whether the URL names a user, or a parameter that authenticates.
    pub(in crate::traffic) fn url_authenticates(&self) -> bool {
        Url::parse(&self.url).is_ok_and(|url| {
            !url.username().is_empty() || url.query_pairs().any(|(name, _)| headers::is_secret(&name))
        })
    }

    /// The origin and the path of the URL with its query; `None` where it is none of HTTP.
    pub(in crate::traffic) fn origin_and_target(&self) -> Option<(String, String)> {
        let url = Url::parse(&self.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Some((url.origin().ascii_serialization(), format!("{}{query}", url.path())))
    }

    /// The headers of the request.
    pub(in crate::traffic) fn request_headers(&self) -> Vec<(String, String)> {
        pairs(self.request("headers"))
    }

    /// The cookies of the request that are told beside its headers, as a header each.
    pub(in crate::traffic) fn request_cookies(&self) -> Vec<(String, String)> {
        as_headers("cookie", self.request("cookies"))
    }

    /// The cookies of the answer that are told beside its headers, as a header each.
    pub(in crate::traffic) fn response_cookies(&self) -> Vec<(String, String)> {
        as_headers("set-cookie", self.response().and_then(|response| response.get("cookies")))
    }

    /// The body of the request, where it was kept.
    pub(in crate::traffic) fn request_body(&self, beside: &Beside) -> Option<Vec<u8>> {
        body::of_request(self.request("postData")?, beside)
    }

    /// The answer; `None` where none came.
    pub(in crate::traffic) fn answer(&self, beside: &Beside) -> Option<Response> {
        let response = self.response()?;
        let status = match response.get("status")? {
            Value::String(status) => status.trim().parse().ok(),
            status => status.as_u64().or_else(|| {
                // Some write every number with a point.
                status.as_f64().and_then(|status| format!("{status:.0}").parse().ok())
            }),
        };
        let status = u16::try_from(status?).ok().filter(|status| (100..=599).contains(status))?;
        let mut headers = pairs(response.get("headers"));
        headers.retain(|(name, value)| !(name == "content-type" && value.is_empty()));
        let content = response.get("content").unwrap_or(&Value::Null);
        let told = content.get("mimeType").and_then(Value::as_str).unwrap_or_default();
        if !headers.iter().any(|(name, _)| name == "content-type")
            && told.contains('/')
            && told != "x-unknown"
        {
            headers.push(("content-type".to_owned(), told.to_owned()));
        }
        let has_none = self.method == "HEAD" || Response::has_no_content(status);
        let size = response.get("bodySize").and_then(Value::as_i64);
        Some(match body::of_response(content, size, has_none, &headers, beside) {
            Ok(body) => Response::new(status, headers, body),
            Err(unseen) => Response::unseen(status, headers, unseen),
        })
    }

    fn request(&self, member: &str) -> Option<&Value> {
        self.value.get("request")?.get(member)
    }

    fn response(&self) -> Option<&Value> {
        self.value.get("response").filter(|response| response.is_object())
    }
}

/// Names, in lower case, and values of a list of pairs, or of an object; what has no value has an empty one.
fn pairs(headers: Option<&Value>) -> Vec<(String, String)> {
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match headers {
        Some(Value::Array(headers)) => headers
            .iter()
            .filter_map(|pair| {
                Some((pair.get("name")?.as_str()?.to_ascii_lowercase(), text(pair.get("value"))))
            })
            .collect(),
        Some(Value::Object(headers)) => {
            headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), text(Some(value)))).collect()
        }
        _ => Vec::new(),
    }
}

/// Cookies with their names and values, as headers of this name.
fn as_headers(header: &str, cookies: Option<&Value>) -> Vec<(String, String)> {
    let pair = |(name, value): (String, String)| (header.to_owned(), format!("{name}={value}"));
    pairs(cookies).into_iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case("{", 1, "EOF while parsing")]
    #[case("{\n \"log\": {}}", 2, "missing field `entries`")]
    #[case("{}", 1, "missing field `log`")]
    #[case("[7]", 1, "it is a list")]
    #[case("{\"log\": []}", 1, "`log` is a list; it must be an object with `entries`")]
    #[case("{\"log\": [[]]}", 1, "`log` is a list")]
    fn what_is_no_har_is_told(#[case] text: &str, #[case] line: usize, #[case] message: &str) {
        let error = parse(Path::new("some.har"), text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("some.har:{line}: ")) && error.contains(message), "{error}");
    }

    #[rstest]
    #[case::an_archive(b"PK\x03\x04\x14", "ZIP archive; unpack it")]
    #[case::compressed(b"\x1f\x8b\x08", "gzip; decompress it")]
    #[case::wide(b"\xff\xfe{\0", "UTF-16 text; save it as UTF-8")]
    #[case::of_another_encoding(b"{\xe9}", "not UTF-8 text")]
    fn what_is_no_text_is_told(#[case] bytes: &[u8], #[case] told: &str) {
        let error = text(Path::new("some.har"), bytes.to_vec()).unwrap_err().to_string();
        assert!(error.starts_with("some.har: not a HAR file: ") && error.contains(told), "{error}");
    }

    fn entry(value: Value) -> Entry {
        Entry::of(value).expect("it is an entry")
    }

    #[test]
    fn an_entry_is_read_in_the_order_it_was_sent() {
        let entry = |time: &str, url: &str| json!({"startedDateTime": time, "request": {"method": "get", "url": url}});
        let entries = json!([
            entry("2025-01-02T00:00:00Z", "https://a.test/api/v2/projects?limit=1"),
            7,
            entry("2025-01-01T00:00:00+01:00", "https://a.test/api/v2/regions"),
        ]);
        let log = json!({"log": {"entries": entries}}).to_string();
        let bare = json!({"version": "1.2", "entries": entries}).to_string();
        for text in [format!("\u{feff}{log}"), bare] {
            let Entries { entries, unreadable } = parse(Path::new("some.har"), &text).expect("it is HAR");
            let seen: Vec<_> = entries.iter().map(|(_, entry)| entry.origin_and_target()).collect();
            let expected = |target: &str| Some(("https://a.test".to_owned(), target.to_owned()));
            assert_eq!(seen, [expected("/api/v2/regions"), expected("/api/v2/projects?limit=1")]);
            assert_eq!((entries[0].1.method.as_str(), unreadable), ("GET", 1));
            assert!(text[entries[1].0..].starts_with('{'));
        }
    }

    #[rstest]
    #[case::a_number(json!(200), Some(200))]
    #[case::with_a_point(json!(200.0), Some(200))]
    #[case::a_text(json!("200"), Some(200))]
    #[case::an_empty_text(json!(""), None)]
    #[case::none(json!(0), None)]
    #[case::null(json!(null), None)]
    fn a_status_is_read(#[case] status: Value, #[case] expected: Option<u16>) {
        let entry = entry(json!({"request": {"method": "GET", "url": "http://a/b"},
            "response": {"status": status, "content": {"text": "{}"}}}));
        let answer = entry.answer(&Beside::nothing());
        assert_eq!(answer.map(|answer| answer.status), expected);
    }

    #[rstest]
    #[case::of_itself(json!({"time": 20}), "10:00:00.021Z")]
    #[case::of_its_parts(json!({"time": null, "timings": {"blocked": -1, "wait": 5.5, "receive": 0.5, "ssl": 9, "send": "x"}}), "10:00:00.007Z")]
    #[case::of_none(json!({"time": 0, "timings": {"wait": "x"}}), "10:00:30.001Z")]
    #[case::cut(json!({"time": 20, "startedDateTime": "2025-01-01T10:00:00Z"}), "10:00:01.02Z")]
    #[case::with_another_offset(json!({"time": 20, "startedDateTime": "2025-01-01T11:00:00.000+01:00"}), "10:00:00.021Z")]
    fn an_answer_has_come_by_a_time(#[case] members: Value, #[case] expected: &str) {
        let mut value =
            json!({"startedDateTime": "2025-01-01T10:00:00.000Z", "request": {"method": "GET", "url": "/"}});
        for (name, member) in members.as_object().into_iter().flatten() {
            value[name] = member.clone();
        }
        assert_eq!(entry(value).ended().expect("it is told").to_string(), format!("2025-01-01T{expected}"));
    }

    #[rstest]
    #[case::null(json!([{"name": "X", "value": null}]), &[("x", "")])]
    #[case::missing(json!([{"name": "X"}, {"value": "y"}, 7]), &[("x", "")])]
    #[case::a_number(json!([{"name": "X", "value": 7}]), &[("x", "7")])]
    #[case::an_object(json!({"X": "y"}), &[("x", "y")])]
    #[case::nothing(json!(null), &[])]
    fn headers_are_read(#[case] headers: Value, #[case] expected: &[(&str, &str)]) {
        let read = pairs(Some(&headers));
        let read: Vec<(&str, &str)> = read.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(read, expected);
    }
}
