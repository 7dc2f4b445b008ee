//! A curl command as the request that it sends.

use std::collections::BTreeMap;

use clap::{Args as _, Command, FromArgMatches as _};
use url::Url;

use super::Asked;

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

/// The request that a curl command sends, and the key that it names, if it does.
///
/// # Errors
/// When it is no curl command, or says something that is not understood here.
pub fn curl(line: &str) -> Result<(Asked, Option<String>), CurlError> {
    let words = shell_words::split(line.trim()).map_err(|_| CurlError::Quote)?;
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
        (Some(_), Some(other)) => {
            return Err(CurlError::Url(format!(
                "the command names several URLs, such as `{other}`: a case has one"
            )));
        }
    };
    let mut target = target(&url)?;
    let mut headers: BTreeMap<String, String> = options
        .headers
        .iter()
        .filter_map(|header| header.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut key = options.bearer;
    if let Some(header) = headers.remove("authorization") {
        match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                key = Some(token.trim().to_owned());
            }
            _ => return Err(CurlError::Authorization),
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
    Ok((Asked { method, target, headers, body, has_key: key.is_some(), status: None }, key))
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
        let (asked, key) = curl(line).expect("it is understood");
        assert_eq!(asked.has_key, key.is_some());
        let mut told = format!("{} {}", asked.method, asked.target);
        told.extend(key.map(|_| " key".to_owned()));
        told.extend(asked.body.map(|body| format!(" {body}")));
        assert_eq!(told, expected);
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
    #[case::no_such_url("curl 'http://[/'", "is not a URL")]
    fn what_is_not_understood_is_told(#[case] line: &str, #[case] told: &str) {
        let error = curl(line).expect_err("it is refused").to_string();
        assert!(error.contains(told), "{error}");
    }
}
