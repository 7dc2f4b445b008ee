//! A curl command as the request that it sends.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::Regex;
use serde::de::IgnoredAny;
use url::Url;

use super::options::{Data, Options};
use super::{Asked, script, shell};
use crate::secret::headers as secret_headers;

/// A line is no curl command that a case can be made of.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CurlError {
    /// A quote is not closed.
    #[error("the command has a quote that is not closed")]
    Quote,
    /// It is another command.
    #[error("the command does not begin with `curl`: put all of it between single quotes, or pipe it in")]
    NotCurl,
    /// It has options that are not known here.
    #[error("{0}")]
    Options(String),
    /// It has no URL, or one that is none.
    #[error("{0}")]
    Url(String),
    /// Its key is sent in another way than the API's.
    #[error("the header `Authorization` is not `Bearer …`: write such a case by hand, with `credential:`")]
    Authorization,
}

/// The request that a curl command sends, and the secrets that authenticate it: its key, and what headers and cookies carry. None of
/// them is in the request.
///
/// # Errors
/// When it is no curl command, or says something that is not understood here.
pub fn curl(line: &str) -> Result<(Asked, Vec<String>), CurlError> {
    let line = script::command(line).map_err(CurlError::Options)?;
    let words = shell::words(&line).ok_or(CurlError::Quote)?;
    let mut words = words.into_iter().skip_while(|word| word == "$");
    if words.next().is_none_or(|word| !is_curl(&word)) {
        return Err(CurlError::NotCurl);
    }
    let words: Vec<String> = words.collect();
    script::is_alone(&words).map_err(CurlError::Options)?;
    let (options, data) = Options::read(words.into_iter()).map_err(CurlError::Options)?;
    let url = {
        let mut urls = options.urls();
        match (urls.next(), urls.next()) {
            (Some(url), None) if options.globoff => url.clone(),
            (Some(url), None) => without_globs(url)?,
            (None, _) => return Err(CurlError::Url("the command names no URL".to_owned())),
            // What is taken for a URL may be a key that stands between no quotes.
            (Some(_), Some(_)) => {
                return Err(CurlError::Url(
                    "the command names several URLs, and a case has one: does a quote lack?".to_owned(),
                ));
            }
        }
    };
    if options.user.is_some() {
        return Err(CurlError::Authorization);
    }
    let mut target = target(&url)?;
    if let Some(file) = options.headers.iter().find_map(|header| header.strip_prefix('@')) {
        return Err(CurlError::Options(format!(
            "headers are in the file `{file}`: put them into the command itself"
        )));
    }
    let cookie = options.cookie.clone().map(|cookie| ("cookie".to_owned(), cookie));
    let sent: Vec<(String, String)> =
        options.headers.iter().filter_map(|written| header(written)).chain(cookie).collect();
    let mut secrets: Vec<String> = options.bearer.clone().into_iter().collect();
    let mut has_key = !secrets.is_empty();
    let (mut headers, mut left_out) = (BTreeMap::new(), BTreeSet::new());
    for (name, value) in sent {
        if !secret_headers::is_secret(&name) {
            headers.insert(name, value);
            continue;
        }
        let mut parts = Vec::new();
        let shown = secret_headers::hide(&name, &value, |part| {
            parts.push(part.to_owned());
            String::new()
        });
        has_key |= !parts.is_empty() && !secret_headers::is_against_forgery(&name);
        if name != "authorization" {
            // Of the others, what may be any word elsewhere is not looked for there.
            secrets.extend(secret_headers::tokens(&name, &value).map(str::to_owned));
            left_out.insert(name);
        } else if shown.trim().eq_ignore_ascii_case("bearer") && !parts.is_empty() {
            secrets.append(&mut parts);
        } else {
            return Err(CurlError::Authorization);
        }
    }
    let is_json = !options.json.is_empty();
    let mut parts =
        options.json.iter().map(|json| part(&Data::Plain(json.clone()))).collect::<Result<Vec<_>, _>>()?;
    parts.extend(data.iter().map(part).collect::<Result<Vec<_>, _>>()?);
    let mut body = (!parts.is_empty()).then(|| parts.join(if is_json { "" } else { "&" }));
    let mut queries = Vec::new();
    if options.get {
        queries.extend(body.take());
    }
    for query in &options.url_query {
        queries.push(match query.strip_prefix('+') {
            Some(raw) => raw.to_owned(),
            None => part(&Data::Encoded(query.clone()))?,
        });
    }
    for query in queries {
        target.push(if target.contains('?') { '&' } else { '?' });
        target.push_str(&query);
    }
    // Without a word on its type, curl says that data is a form; who sends JSON so has forgotten the header.
    let looks_like_json = |body: &str| {
        body.trim_start().starts_with(['{', '[']) || serde_json::from_str::<IgnoredAny>(body).is_ok()
    };
    let is_form = !is_json && body.as_deref().is_some_and(|body| !looks_like_json(body));
    if is_form && !headers.contains_key("content-type") {
        headers.insert("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    }
    let usual = match (&body, options.head) {
        (_, true) => "HEAD",
        (Some(_), _) => "POST",
        (None, _) => "GET",
    };
    let method = options.request.clone().unwrap_or_else(|| usual.to_owned()).to_ascii_uppercase();
    let left_out = left_out.into_iter().collect();
    Ok((Asked { method, target, headers, body, has_key, left_out, status: None }, secrets))
}

/// Path and query of a URL that may begin with a variable of the shell, or name no scheme.
fn target(url: &str) -> Result<String, CurlError> {
    let no_url =
        || CurlError::Url(format!("`{url}` is not a URL: write it as https://console.neon.tech/api/v2/…"));
    if let Some(at) = url.find("/api/") {
        let parsed =
            Url::parse("http://host").and_then(|base| base.join(&url[at..])).map_err(|_| no_url())?;
        return Ok(parsed[url::Position::BeforePath..url::Position::AfterQuery].to_owned());
    }
    let whole = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let parsed = Url::parse(&whole).map_err(|_| no_url())?;
    Ok(parsed[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
}

/// Whether a word calls curl, by whatever path and on whatever system.
fn is_curl(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    name == "curl" || name.eq_ignore_ascii_case("curl.exe")
}

/// A header as it is sent: `name: value`, `name;` for one without a value. One that is taken away (`name:`) is not.
fn header(written: &str) -> Option<(String, String)> {
    let (name, value) = match written.split_once(':') {
        Some((_, value)) if value.trim().is_empty() => return None,
        Some((name, value)) => (name, value.trim()),
        None => (written.strip_suffix(';')?, ""),
    };
    Some((name.trim().to_ascii_lowercase(), value.to_owned()))
}

/// A part of a body, as curl makes it of what it is told.
fn part(data: &Data) -> Result<String, CurlError> {
    let in_file = |file: &str| {
        CurlError::Options(format!("the body is in the file `{file}`: put it into the command itself"))
    };
    match data {
        Data::Raw(text) => Ok(text.clone()),
        Data::Plain(text) => match text.strip_prefix('@') {
            Some(file) => Err(in_file(file)),
            None => Ok(text.clone()),
        },
        Data::Encoded(text) => {
            let (name, content) = match text.find(['=', '@']) {
                Some(at) if text[at..].starts_with('@') => return Err(in_file(&text[at + 1..])),
                Some(at) => (&text[..at], &text[at + 1..]),
                None => ("", text.as_str()),
            };
            let content = utf8_percent_encode(content, NON_ALPHANUMERIC);
            Ok(if name.is_empty() { content.to_string() } else { format!("{name}={content}") })
        }
    }
}

/// A URL as curl asks for it, unless it stands for several.
fn without_globs(url: &str) -> Result<String, CurlError> {
    let glob = |url: &str| {
        let several =
            Regex::new(r"\{[^{}]*,[^{}]*\}|\[(?:[0-9]+-[0-9]+|[A-Za-z]-[A-Za-z])(?::[0-9]+)?\]").ok()?;
        several.find(url).map(|found| found.as_str().to_owned())
    };
    // Brackets and braces after a backslash are themselves.
    let plain: String =
        url.replace(r"\{", "\u{1}").replace(r"\}", "\u{2}").replace(r"\[", "\u{3}").replace(r"\]", "\u{4}");
    match glob(&plain) {
        Some(found) => Err(CurlError::Url(format!(
            "`{found}` in the URL stands for several requests, and a case has one: write one of them, or add `-g`"
        ))),
        None => {
            Ok(plain.replace('\u{1}', "{").replace('\u{2}', "}").replace('\u{3}', "[").replace('\u{4}', "]"))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain("curl https://console.neon.tech/api/v2/projects", "GET /api/v2/projects")]
    #[case::of_a_document(
        "curl --request GET \\\n --url 'https://console.neon.tech/api/v2/projects?limit=10' \\\n --header 'accept: application/json' \\\n --header \"authorization: Bearer $NEON_API_KEY\"",
        "GET /api/v2/projects?limit=10 key"
    )]
    #[case::joined_flags(
        "curl -sSi -XDELETE localhost:8080/api/v2/api_keys/1 -H 'Authorization: Bearer x'",
        "DELETE /api/v2/api_keys/1 key"
    )]
    #[case::a_variable("$ curl \"$NEON_API_URL/api/v2/regions\"", "GET /api/v2/regions")]
    #[case::a_body("curl -d '{\"a\": 1}' http://host/api/v2/projects", "POST /api/v2/projects {\"a\": 1}")]
    #[case::json(
        "curl --json '{\"a\": 1}' -X PATCH http://host/api/v2/projects/x",
        "PATCH /api/v2/projects/x {\"a\": 1}"
    )]
    #[case::get_with_data(
        "curl -G -d limit=2 -d search=a http://host/api/v2/projects",
        "GET /api/v2/projects?limit=2&search=a"
    )]
    #[case::encoded(
        "curl -G --data-urlencode 'search=a b&c' --data-urlencode limit=5 http://host/api/v2/projects",
        "GET /api/v2/projects?search=a%20b%26c&limit=5"
    )]
    #[case::a_query_of_its_own(
        "curl --url-query 'search=a b' --url-query +limit=5 http://host/api/v2/projects?x=1",
        "GET /api/v2/projects?x=1&search=a%20b&limit=5"
    )]
    #[case::of_windows("curl.exe --url 'http://host/api/v2/regions'", "GET /api/v2/regions")]
    #[case::by_a_path("/usr/bin/curl http://host/api/v2/regions", "GET /api/v2/regions")]
    #[case::harmless(
        "curl --http1.1 --tlsv1.2 -4 --cacert ca.pem --resolve a:443:127.0.0.1 --max-time 3 -sS http://host/api/v2/regions",
        "GET /api/v2/regions"
    )]
    #[case::escaped_brackets(
        r"curl 'http://host/api/v2/projects?search=\[1\]'",
        "GET /api/v2/projects?search=[1]"
    )]
    #[case::a_placeholder(
        "curl http://host/api/v2/projects/{project_id}",
        "GET /api/v2/projects/%7Bproject_id%7D"
    )]
    #[case::without_globs(
        "curl -g 'http://host/api/v2/projects?search={a,b}'",
        "GET /api/v2/projects?search={a,b}"
    )]
    #[case::in_order("curl -d a=1 --data-raw @b -d c=2 http://host/api/v2/x", "POST /api/v2/x a=1&@b&c=2")]
    #[case::a_here_document(
        "curl http://host/api/v2/x -d @- <<'EOF'\n{\"a\": \"it's\"}\nEOF",
        "POST /api/v2/x {\"a\": \"it's\"}"
    )]
    #[case::a_space("curl 'http://host/api/v2/projects?search=a b'", "GET /api/v2/projects?search=a%20b")]
    fn a_command_is_the_request_it_sends(#[case] line: &str, #[case] expected: &str) {
        let (asked, secrets) = curl(line).expect("it is understood");
        assert_eq!(asked.has_key, !secrets.is_empty());
        let mut told = format!("{} {}", asked.method, asked.target);
        told.extend(asked.has_key.then(|| " key".to_owned()));
        told.extend(asked.body.map(|body| format!(" {body}")));
        assert_eq!(told, expected);
    }

    #[rstest]
    #[case::key("-H 'Authorization: Bearer abc'", &["abc"], true, &[])]
    #[case::between_quotes_of_bash(r"-H $'authorization: Bearer \u0061bc'", &["abc"], true, &[])]
    #[case::option("--oauth2-bearer abc", &["abc"], true, &[])]
    #[case::cookies("-H 'Cookie: zenith=abc123def; a=projects'", &["abc123def"], true, &["cookie"])]
    #[case::cookies_by_option("-b 'zenith=abc123def'", &["abc123def"], true, &["cookie"])]
    #[case::another_header("-H 'X-Api-Key: abc123def' -H 'x-trace: d'", &["abc123def"], true, &["x-api-key"])]
    #[case::of_a_proxy("-H 'Proxy-Authorization: Basic abc'", &[], true, &["proxy-authorization"])]
    #[case::against_forgery("-H 'X-Csrf-Token: abc123def'", &["abc123def"], false, &["x-csrf-token"])]
    #[case::twice("-H 'Authorization: Bearer abc' -H 'Authorization: Bearer d'", &["abc", "d"], true, &[])]
    fn what_authenticates_is_not_in_the_request(
        #[case] options: &str,
        #[case] expected: &[&str],
        #[case] has_key: bool,
        #[case] left_out: &[&str],
    ) {
        let (asked, secrets) =
            curl(&format!("curl http://h/api/v2/projects {options}")).expect("it is understood");
        assert_eq!(
            (&secrets[..], asked.has_key),
            (&expected.iter().map(ToString::to_string).collect::<Vec<_>>()[..], has_key)
        );
        assert_eq!(asked.left_out, left_out);
        assert!(!format!("{asked:?}").contains("abc"), "{asked:?}");
    }

    #[rstest]
    #[case::quote("curl 'http://host", "quote")]
    #[case::other("wget http://host", "does not begin with `curl`")]
    #[case::nothing("", "does not begin with `curl`")]
    #[case::no_url("curl -s", "names no URL")]
    #[case::two("curl http://host/a http://host/b", "several URLs")]
    #[case::unknown_option("curl --ftp-pasv http://host/api/v2/projects", "--ftp-pasv")]
    #[case::a_pipe("curl http://host/api/v2/projects | jq .", "goes on with `|`")]
    #[case::of_cmd("curl ^\"http://host/api/v2/projects^\" ^\n -s", "cmd.exe")]
    #[case::several("curl http://host/api/v2/projects?limit=[1-3]", "`[1-3]`")]
    #[case::alternatives("curl 'http://host/api/v2/{projects,regions}'", "`{projects,regions}`")]
    #[case::headers_in_a_file("curl -H @headers.txt http://host/api/v2/projects", "headers.txt")]
    #[case::an_encoded_file("curl -G --data-urlencode search@file http://host/api/v2/projects", "`file`")]
    #[case::a_user("curl -u me:secret http://host/api/v2/projects", "Bearer")]
    #[case::file("curl -d @body.json http://host/api/v2/projects", "body.json")]
    #[case::basic("curl -H 'Authorization: Basic abc' http://host/api/v2/projects", "Bearer")]
    #[case::no_scheme("curl -H 'Authorization: abc' http://host/api/v2/projects", "Bearer")]
    #[case::no_token("curl -H 'Authorization: Bearer ' http://host/api/v2/projects", "Bearer")]
    #[case::no_such_url("curl 'http://[/'", "is not a URL")]
    fn what_is_not_understood_is_told(#[case] line: &str, #[case] told: &str) {
        let error = curl(line).expect_err("it is refused").to_string();
        assert!(error.contains(told), "{error}");
    }
}
