//! A curl command as the request that it sends.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args as _, Command, FromArgMatches as _};
use url::Url;

use super::{Asked, shell};
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

/// What curl is told, as far as it says what is sent; the rest is heard and let go.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true, disable_version_flag = true)]
struct Options {
    urls: Vec<String>,
    #[arg(long = "url")]
    named_urls: Vec<String>,
    #[arg(short = 'X', long)]
    request: Option<String>,
    #[arg(short = 'H', long = "header")]
    headers: Vec<String>,
    #[arg(short = 'd', long = "data", visible_aliases = ["data-raw", "data-binary", "data-ascii"], allow_hyphen_values = true)]
    data: Vec<String>,
    #[arg(long, allow_hyphen_values = true)]
    json: Vec<String>,
    #[arg(long = "oauth2-bearer")]
    bearer: Option<String>,
    #[arg(short = 'G', long)]
    get: bool,
    #[arg(short = 'I', long)]
    head: bool,
    #[command(flatten)]
    heard: Heard,
}

/// What says nothing of the request.
#[derive(Debug, clap::Args)]
struct Heard {
    #[arg(short = 's', long)]
    silent: bool,
    #[arg(short = 'S', long = "show-error")]
    show_error: bool,
    #[arg(short = 'i', long, visible_alias = "show-headers")]
    include: bool,
    #[arg(short = 'v', long, action = clap::ArgAction::Count)]
    verbose: u8,
    #[arg(short = 'k', long)]
    insecure: bool,
    #[arg(short = 'L', long)]
    location: bool,
    #[arg(short = 'f', long, visible_alias = "fail-with-body")]
    fail: bool,
    #[arg(short = 'g', long)]
    globoff: bool,
    #[arg(short = 'N', long = "no-buffer")]
    no_buffer: bool,
    #[arg(short = '#', long = "progress-bar")]
    progress_bar: bool,
    #[arg(long)]
    compressed: bool,
    #[arg(long, visible_aliases = ["http2", "http2-prior-knowledge"])]
    http1_1: bool,
    #[arg(short = 'o', long)]
    output: Option<String>,
    #[arg(short = 'w', long = "write-out")]
    write_out: Option<String>,
    #[arg(short = 'm', long = "max-time", visible_alias = "connect-timeout")]
    max_time: Option<String>,
    #[arg(long, visible_aliases = ["retry-delay", "retry-max-time"])]
    retry: Option<String>,
    #[arg(short = 'A', long = "user-agent")]
    user_agent: Option<String>,
    #[arg(short = 'e', long)]
    referer: Option<String>,
    #[arg(short = 'b', long)]
    cookie: Option<String>,
    #[arg(short = 'D', long = "dump-header")]
    dump_header: Option<String>,
    #[arg(short = 'x', long)]
    proxy: Option<String>,
}

/// The request that a curl command sends, and the secrets that authenticate it: its key, and what headers and cookies carry. None of
/// them is in the request.
///
/// # Errors
/// When it is no curl command, or says something that is not understood here.
pub fn curl(line: &str) -> Result<(Asked, Vec<String>), CurlError> {
    let words = shell::words(line.trim()).ok_or(CurlError::Quote)?;
    let mut words = words.into_iter().skip_while(|word| word == "$");
    if words.next().is_none_or(|word| word.rsplit('/').next() != Some("curl")) {
        return Err(CurlError::NotCurl);
    }
    let command = Options::augment_args(Command::new("curl").no_binary_name(true));
    let matches =
        command.try_get_matches_from(words).map_err(|error| CurlError::Options(first_line(&error)))?;
    let options =
        Options::from_arg_matches(&matches).map_err(|error| CurlError::Options(first_line(&error)))?;
    let mut urls = options.urls.into_iter().chain(options.named_urls);
    let url = match (urls.next(), urls.next()) {
        (Some(url), None) => url,
        (None, _) => return Err(CurlError::Url("the command names no URL".to_owned())),
        // What is taken for a URL may be a key that stands between no quotes.
        (Some(_), Some(_)) => {
            return Err(CurlError::Url(
                "the command names several URLs, and a case has one: does a quote lack?".to_owned(),
            ));
        }
    };
    let mut target = target(&url)?;
    let cookie = options.heard.cookie.map(|cookie| ("cookie".to_owned(), cookie));
    let sent: Vec<(String, String)> = options
        .headers
        .iter()
        .filter_map(|header| header.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .chain(cookie)
        .collect();
    let mut secrets: Vec<String> = options.bearer.into_iter().collect();
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
    let mut parts = options.json.clone();
    parts.extend(options.data);
    if let Some(file) = parts.iter().find_map(|part| part.strip_prefix('@')) {
        return Err(CurlError::Options(format!(
            "the body is in the file `{file}`: put it into the command itself"
        )));
    }
    let mut body = (!parts.is_empty()).then(|| parts.join(if options.json.is_empty() { "&" } else { "" }));
    if options.get
        && let Some(query) = body.take()
    {
        target.push(if target.contains('?') { '&' } else { '?' });
        target.push_str(&query);
    }
    let usual = match (&body, options.head) {
        (_, true) => "HEAD",
        (Some(_), _) => "POST",
        (None, _) => "GET",
    };
    let method = options.request.unwrap_or_else(|| usual.to_owned()).to_ascii_uppercase();
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

fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    format!("{} (of the curl command)", line.trim_start_matches("error: "))
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
