//! A curl command as the request that it sends.

mod options;
mod url;

use std::collections::{BTreeMap, BTreeSet};

use ::url::form_urlencoded::byte_serialize;

use self::options::{Given, Use};
use super::Asked;
use super::body::{FORM, is_json_type, is_meant_as_json};
use super::shell::{self, ShellError};
use crate::secret::headers as secret_headers;

/// A line is no curl command that a case can be made of.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CurlError {
    /// It is no single command of a shell.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// It is another command.
    #[error("the command does not start with `curl`; put all of it between single quotes, or pipe it in")]
    NotCurl,
    /// It has options that are not known here.
    #[error("{0} (of the curl command)")]
    Options(String),
    /// It has no URL, or one that is none.
    #[error("{0}")]
    Url(String),
    /// A shell would put something else in the place of a part of it.
    #[error("`{0}` in {1} is replaced by your shell; write the value, or use single quotes")]
    Variable(String, String),
    /// It names a user, or a key in the place of one.
    #[error(
        "{0} sends Basic authentication, and the API takes `Authorization: Bearer …`; write such a case by hand, with `credential:`"
    )]
    Basic(String),
    /// Its key is sent in another way than the API's.
    #[error("the header `Authorization` is not `Bearer …`; write such a case by hand, with `credential:`")]
    Authorization,
}

/// What a command says of its request.
#[derive(Debug, Default)]
struct Said {
    urls: Vec<String>,
    method: Option<String>,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    body: Option<String>,
    is_json: bool,
    /// Parts of the query that are added to the URL.
    query: Vec<String>,
    bearer: Option<String>,
    is_get: bool,
    is_head: bool,
    is_globoff: bool,
}

/// The request that a curl command sends, and the secrets that authenticate it: its key, and what headers and cookies carry. None of
/// them is in the request.
///
/// # Errors
/// When it is no curl command, or says something that is not understood here.
pub fn curl(line: &str) -> Result<(Asked, Vec<String>), CurlError> {
    // A file may begin with a byte order mark.
    let line = line.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    let shell::Command { words, input } = shell::command(line)?;
    let mut words = words.into_iter().skip_while(|word| word == "$");
    let name = words.next().unwrap_or_default().to_ascii_lowercase();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    if !matches!(name, "curl" | "curl.exe") {
        return Err(CurlError::NotCurl);
    }
    let mut said = Said::default();
    for given in options::read(words).map_err(CurlError::Options)? {
        said.take(given, input.as_deref())?;
    }
    said.request()
}

impl Said {
    fn take(&mut self, given: Given, input: Option<&str>) -> Result<(), CurlError> {
        let Given { is, name, value } = given;
        match is {
            Use::Url => self.urls.push(value),
            Use::Method => self.method = Some(value),
            Use::Header => self.header(&value)?,
            Use::Data => {
                let value = from_input(&name, value, input)?;
                self.add_data(
                    value.map_or_else(|value| value, |input| input.replace(['\r', '\n', '\0'], "")),
                    "&",
                );
            }
            Use::DataRaw => self.add_data(value, "&"),
            Use::DataBinary => {
                let value = from_input(&name, value, input)?.unwrap_or_else(|value| value);
                self.add_data(value, "&");
            }
            Use::Json => {
                self.is_json = true;
                let value = from_input(&name, value, input)?.unwrap_or_else(|value| value);
                self.add_data(value, "");
            }
            Use::DataUrlencode => {
                let encoded = encoded(&name, &value)?;
                self.add_data(encoded, "&");
            }
            Use::UrlQuery => match value.strip_prefix('+') {
                Some(query) => self.query.push(query.to_owned()),
                None => self.query.push(encoded(&name, &value)?),
            },
            Use::Get => self.is_get = true,
            Use::Head => self.is_head = true,
            Use::Bearer => self.bearer = Some(value),
            Use::Cookie => self.headers.push(("cookie".to_owned(), value)),
            Use::GlobOff => self.is_globoff = true,
            Use::User => return Err(CurlError::Basic(format!("`{name}`"))),
            Use::Nothing => {}
            Use::Refused => {
                return Err(CurlError::Options(format!("a case cannot express `{name}`; remove it")));
            }
        }
        Ok(())
    }

    fn header(&mut self, header: &str) -> Result<(), CurlError> {
        if let Some(file) = header.strip_prefix('@') {
            return Err(CurlError::Options(format!(
                "the headers are in the file `{file}`; put them into the command"
            )));
        }
        // `Name;` sends an empty header, and `Name:` none at all.
        let (name, value) = match (header.split_once(':'), header.split_once(';')) {
            (Some((name, value)), _) => (name, Some(value.trim()).filter(|value| !value.is_empty())),
            (None, Some((name, _))) => (name, Some("")),
            (None, None) => return Err(CurlError::Options("a header has no `:`".to_owned())),
        };
        let name = name.trim().to_ascii_lowercase();
        match value {
            Some(value) => self.headers.push((name, value.to_owned())),
            None if name == "content-type" => {
                return Err(CurlError::Options(
                    "a case cannot send a body without a Content-Type".to_owned(),
                ));
            }
            None => {}
        }
        Ok(())
    }

    fn add_data(&mut self, data: String, separator: &str) {
        match &mut self.body {
            Some(body) => body.extend([separator, &data]),
            None => self.body = Some(data),
        }
    }

    fn request(mut self) -> Result<(Asked, Vec<String>), CurlError> {
        let url = match self.urls.as_slice() {
            [url] => url,
            [] => return Err(CurlError::Url("the command has no URL".to_owned())),
            // What is taken for a URL may be a key that stands between no quotes.
            _ => {
                return Err(CurlError::Url(
                    "the command has several URLs, but a case has one; check the quotes".to_owned(),
                ));
            }
        };
        // What stands before the API's part of it says where that is, and is left out.
        let of_the_api = url.find("/api/").map_or("", |at| &url[at..]);
        refuse_expansion("the URL", of_the_api)?;
        self.query.iter().try_for_each(|query| refuse_expansion("the query", query))?;
        let mut target = url::target(url, !self.is_globoff)?;
        if self.is_get {
            self.query.extend(self.body.take());
        }
        for query in self.query.iter().filter(|query| !query.is_empty()) {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(query);
        }
        let usual = match (&self.body, self.is_head) {
            (_, true) => "HEAD",
            (Some(_), _) => "POST",
            (None, _) => "GET",
        };
        let method = self.method.take().unwrap_or_else(|| usual.to_owned()).to_ascii_uppercase();
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            let message = "what follows `-X` is not a method, such as GET or PATCH";
            return Err(CurlError::Options(message.to_owned()));
        }
        let (mut secrets, mut has_key) = (Vec::new(), self.bearer.is_some());
        secrets.extend(self.bearer.take());
        let (mut headers, mut left_out) = (BTreeMap::<String, String>::new(), BTreeSet::new());
        for (name, value) in std::mem::take(&mut self.headers) {
            if !secret_headers::is_secret(&name) {
                // What is sent twice is one list (RFC 9110 §5.3).
                headers.entry(name).and_modify(|first| first.extend([", ", &value])).or_insert(value);
                continue;
            }
            let mut parts = Vec::new();
            let shown = secret_headers::hide(&name, &value, |part| {
                parts.push(part.to_owned());
                String::new()
            });
            has_key |= !parts.is_empty() && !secret_headers::is_no_key(&name);
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
        self.name_type(&mut headers);
        for (name, value) in &headers {
            refuse_expansion(&format!("the header `{name}`"), value)?;
        }
        refuse_expansion("the body", self.body.as_deref().unwrap_or_default())?;
        let secrets = secrets.iter().map(|secret| shell::as_written(secret)).collect();
        let left_out = left_out.into_iter().collect();
        Ok((Asked { method, target, headers, body: self.body, has_key, left_out, status: None }, secrets))
    }

    /// Keeps the media type that curl itself sends, where it is not that of a case.
    fn name_type(&self, headers: &mut BTreeMap<String, String>) {
        let Some(body) = &self.body else { return };
        let is_form = !self.is_json && !headers.contains_key("content-type") && !is_meant_as_json(body);
        if is_form && !body.is_empty() {
            headers.insert("content-type".to_owned(), FORM.to_owned());
        }
        if headers.get("content-type").is_some_and(|media| is_json_type(media)) {
            headers.remove("content-type");
        }
    }
}

/// A case says what is sent, and knows no variables of a shell.
fn refuse_expansion(place: &str, text: &str) -> Result<(), CurlError> {
    match shell::expansion(text) {
        Some(expanded) => Err(CurlError::Variable(expanded.to_owned(), place.to_owned())),
        None => Ok(()),
    }
}

/// The value of an option, or what it is read from: only what stands in the command itself.
fn from_input(name: &str, value: String, input: Option<&str>) -> Result<Result<String, String>, CurlError> {
    match (value.strip_prefix('@'), input) {
        (None, _) => Ok(Err(value)),
        (Some("-"), Some(input)) => Ok(Ok(input.to_owned())),
        (Some("-"), None) => Err(CurlError::Options(format!(
            "the body of `{name}` comes from standard input; put it into the command"
        ))),
        (Some(file), _) => {
            Err(CurlError::Options(format!("the body is in the file `{file}`; put it into the command")))
        }
    }
}

/// `content`, `=content` or `name=content`, of which the content is encoded.
fn encoded(option: &str, value: &str) -> Result<String, CurlError> {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    match value.split_once('=') {
        Some(("", content)) => Ok(encode(content)),
        Some((name, content)) => Ok(format!("{name}={}", encode(content))),
        None if value.contains('@') => Err(CurlError::Options(format!(
            "the value of `{option}` is in a file; put it into the command, as name=content"
        ))),
        None => Ok(encode(value)),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain("curl https://console.neon.tech/api/v2/projects", "GET /api/v2/projects")]
    #[case::of_a_file("\u{feff} curl http://host/api/v2/projects", "GET /api/v2/projects")]
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
    #[case::here_document(
        "curl http://host/api/v2/projects -d @- <<'EOF'\n{\"a\":\n 1}\nEOF\n",
        "POST /api/v2/projects {\"a\": 1}"
    )]
    #[case::here_document_as_it_is(
        "curl http://host/api/v2/projects --json @- <<'EOF'\n{\"a\": 1}\nEOF\n",
        "POST /api/v2/projects {\"a\": 1}\n"
    )]
    #[case::of_windows("C:/curl.exe http://host/api/v2/regions", "GET /api/v2/regions")]
    #[case::a_url_by_option("curl --url=http://host/api/v2/regions -X 'PATCH'", "PATCH /api/v2/regions")]
    #[case::encoded(
        "curl -G http://host/api/v2/projects --data-urlencode 'search=a b&c' --data-urlencode limit=5",
        "GET /api/v2/projects?search=a+b%26c&limit=5"
    )]
    #[case::encoded_without_a_name(
        "curl http://host/api/v2/p --data-urlencode '=a b' --data-urlencode 'c d'",
        "POST /api/v2/p a+b&c+d"
    )]
    #[case::url_query(
        "curl 'http://host/api/v2/p?a=1' --url-query 'b=c d' --url-query '+e=%20'",
        "GET /api/v2/p?a=1&b=c+d&e=%20"
    )]
    #[case::json_and_data(
        "curl http://host/api/v2/p --json '{\"a\":' --json '1}' -d x",
        "POST /api/v2/p {\"a\":1}&x"
    )]
    #[case::globs("curl 'http://host/api/v2/p?a=\\[1\\]&b=\\{c\\}'", "GET /api/v2/p?a=[1]&b={c}")]
    #[case::a_placeholder(
        "curl http://host/api/v2/projects/{project_id}",
        "GET /api/v2/projects/%7Bproject_id%7D"
    )]
    #[case::globs_turned_off(
        "curl -g 'http://host/api/v2/p?a=[1-3]&b={c,d}'",
        "GET /api/v2/p?a=[1-3]&b={c,d}"
    )]
    #[case::a_variable_in_braces(
        "curl \"${NEON_API_URL:-http://[::1]}/api/v2/p?a=1\" -H \"Authorization: Bearer ${KEY}\"",
        "GET /api/v2/p?a=1 key"
    )]
    #[case::what_is_no_variable(
        "curl 'http://h/api/v2/p?a=$B' --data-raw \"{\\\"a\\\": \\\"\\$5 $ 5\\\"}\"",
        "POST /api/v2/p?a=$B {\"a\": \"$5 $ 5\"}"
    )]
    #[case::twice("curl 'http://host/api/v2/p?a=1&a=2'", "GET /api/v2/p?a=1&a=2")]
    #[case::raw_at("curl http://host/api/v2/p --data-raw @-", "POST /api/v2/p @-")]
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
    #[case::json("-H 'Content-Type: application/json' -d '{}'", None)]
    #[case::json_of_a_charset(
        "-H 'content-type: application/json;charset=UTF-8' -d '{}'",
        Some("application/json;charset=UTF-8")
    )]
    #[case::another("-H 'Content-Type: text/plain' -d '{}'", Some("text/plain"))]
    #[case::a_form("-d a=b", Some(FORM))]
    #[case::meant_as_json("-d '{}'", None)]
    #[case::meant_as_json_and_broken("-d '{'", None)]
    #[case::by_option("--json x", None)]
    #[case::empty("-H 'Content-Type;' -d a=b", Some(""))]
    #[case::twice("-H 'content-type: a/b' -H 'content-type: c/d' -d x", Some("a/b, c/d"))]
    fn a_media_type_is_kept_where_it_is_not_that_of_a_case(
        #[case] options: &str,
        #[case] expected: Option<&str>,
    ) {
        let (asked, _) = curl(&format!("curl http://h/api/v2/projects {options}")).expect("it is understood");
        assert_eq!(asked.headers.get("content-type").map(String::as_str), expected);
    }

    #[rstest]
    #[case::quote("curl 'http://host", "quote")]
    #[case::pipe("curl http://host/api/v2/projects | jq .", "a pipe")]
    #[case::cmd("curl ^\"http://host/api/v2/projects^\"", "cmd.exe")]
    #[case::header_file("curl -H @headers.txt http://host/api/v2/projects", "headers.txt")]
    #[case::encoded_file("curl --data-urlencode a@b.txt http://host/api/v2/projects", "is in a file")]
    #[case::standard_input("curl -d @- http://host/api/v2/projects", "standard input")]
    #[case::list("curl 'http://host/api/v2/{a,b}'", "reads as a pattern")]
    #[case::range("curl 'http://host/api/v2/projects?a=[1-3]'", "reads as a pattern")]
    #[case::form("curl -F a=b http://host/api/v2/projects", "`-F`")]
    #[case::user("curl -u a:b http://host/api/v2/projects", "`-u` sends Basic authentication")]
    #[case::a_key_as_a_user("curl --user :napi_x http://host/api/v2/projects", "`--user` sends Basic")]
    #[case::a_key_for_a_method("curl -X napi_0123 http://host/api/v2/projects", "is not a method")]
    #[case::no_type("curl -H 'Content-Type:' -d x http://host/api/v2/projects", "without a Content-Type")]
    #[case::no_method("curl -X=PATCH http://host/api/v2/projects", "is not a method")]
    #[case::other("wget http://host", "does not start with `curl`")]
    #[case::nothing("", "does not start with `curl`")]
    #[case::no_url("curl -s", "has no URL")]
    #[case::two("curl http://host/a http://host/b", "several URLs")]
    #[case::unknown_option("curl --ftp-pasv http://host/api/v2/projects", "--ftp-pasv")]
    #[case::file("curl -d @body.json http://host/api/v2/projects", "body.json")]
    #[case::basic("curl -H 'Authorization: Basic abc' http://host/api/v2/projects", "Bearer")]
    #[case::no_scheme("curl -H 'Authorization: abc' http://host/api/v2/projects", "Bearer")]
    #[case::no_token("curl -H 'Authorization: Bearer ' http://host/api/v2/projects", "Bearer")]
    #[case::no_such_url("curl 'http://[/'", "is not a URL")]
    #[case::a_variable_in_the_body(
        r#"curl http://h/api/v2/p --data-raw "{\"name\": \"$NAME\"}""#,
        "`$NAME` in the body"
    )]
    #[case::a_variable_in_the_url("curl http://h/api/v2/p?limit=${N}1", "`${N}` in the URL")]
    #[case::the_output_of_a_command(
        r#"curl http://h/api/v2/p -H "x-a: $(date) 1""#,
        "`$(date)` in the header `x-a`"
    )]
    #[case::in_a_document("curl http://h/api/v2/p -d @- <<E\n{\"a\": \"$B\"}\nE", "`$B` in the body")]
    #[case::a_user("curl https://napi_x@h/api/v2/p", "the user in the URL sends Basic authentication")]
    fn what_is_not_understood_is_told(#[case] line: &str, #[case] told: &str) {
        let error = curl(line).expect_err("it is refused").to_string();
        assert!(error.contains(told), "{error}");
    }
}
