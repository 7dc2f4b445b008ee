//! Shell commands that send a trial's requests again, by curl.
//!
//! Keys and other headers that authenticate are variables of the shell, never values. What a step captured is a variable of its own, taken from its answer
//! with jq, so that the commands work on another account and on another day.

use std::fmt::Write as _;

use crate::exchange::{Captured, Exchange, Request};
use crate::json::plain;
use crate::secret::headers;
use crate::text::is_spelled_out;

/// Where the commands go unless `$NEON_API_URL` says otherwise: what `neon-contract mock` listens on.
const DEFAULT_ORIGIN: &str = "http://127.0.0.1:8080";

/// Headers that curl writes itself, or that are about one connection (RFC 9110 §7.6.1).
const NOT_SENT_AGAIN: [&str; 15] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "priority",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// The commands up to the exchange at `last`, of which those that capture nothing and change nothing are left out.
#[must_use]
pub fn script(exchanges: &[Exchange], last: usize) -> String {
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut out = String::new();
    for (index, exchange) in exchanges.iter().enumerate().take(last + 1) {
        let matters = index == last || !exchange.captured.is_empty() || exchange.request.method != "GET";
        if !matters {
            continue;
        }
        let is_last = index == last;
        let command = curl(&exchange.request, if is_last { "-sSi" } else { "-sS" }, &variables);
        match (is_last, exchange.captured.as_slice()) {
            (false, [only]) => {
                let _ = writeln!(out, "{}=$({command} | jq -r '{}')", only.name, jq(&only.path));
            }
            (false, [_, ..]) => {
                let _ = writeln!(out, "answer=$({command})");
                for captured in &exchange.captured {
                    let _ =
                        writeln!(out, "{}=$(jq -r '{}' <<<\"$answer\")", captured.name, jq(&captured.path));
                }
            }
            _ => {
                let _ = writeln!(out, "{command}");
            }
        }
        variables.extend(
            exchange.captured.iter().map(|Captured { name, value, .. }| (name.clone(), plain(value))),
        );
    }
    out.trim_end().to_owned()
}

/// One request as a curl command. The last one shows the status and the headers too (`-i`).
fn curl(request: &Request, flags: &str, variables: &[(String, String)]) -> String {
    let mut command = format!("curl {flags} -X {}", request.method);
    if let Some(authorization) = &request.authorization {
        let _ = write!(command, " -H \"Authorization: {}\"", authorization.shown);
    }
    let is_of_the_connection = |name: &str| {
        let values = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("connection"));
        values.flat_map(|(_, value)| value.split(',')).any(|named| named.trim().eq_ignore_ascii_case(name))
    };
    for (name, value) in &request.headers {
        // HTTP/2 writes the method and the target as headers (RFC 9113 §8.3).
        let is_its_own = name.starts_with(':')
            || NOT_SENT_AGAIN.contains(&name.to_ascii_lowercase().as_str())
            || is_of_the_connection(name);
        if is_its_own {
            continue;
        }
        let header = if headers::is_secret(name) {
            format!("\"{name}: {}\"", headers::hide(name, value, |part| variable(name, part, variables)))
        } else {
            quoted(&format!("{name}: {value}"), variables)
        };
        let _ = write!(command, " -H {header}");
    }
    if let Some(body) = &request.body {
        let _ = write!(command, " --data-raw {}", quoted(&String::from_utf8_lossy(body), variables));
    }
    let target = inside_quotes(&request.target, variables);
    let _ = write!(command, " \"${{NEON_API_URL:-{DEFAULT_ORIGIN}}}{target}\"");
    command
}

/// The variable of the shell that holds a secret of a header: the one it was captured into, or one named after the header.
fn variable(header: &str, secret: &str, variables: &[(String, String)]) -> String {
    match variables.iter().find(|(_, value)| value == secret) {
        Some((name, _)) => format!("${{{name}}}"),
        None => {
            format!("${}", header.to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
        }
    }
}

/// A text in quotes of the shell: single ones, double ones where a variable stands in it, and those of `$'…'` around what is spelled
/// out where it is shown.
fn quoted(text: &str, variables: &[(String, String)]) -> String {
    let is_unseen = |character| is_spelled_out(character) && character != '\n';
    if variables.iter().any(|(_, value)| is_telling(value) && text.contains(value.as_str())) {
        let mut quoted = String::from("\"");
        for character in inside_quotes(text, variables).chars() {
            match character {
                character if is_unseen(character) => {
                    quoted.push_str(&format!("\"$'{}'\"", spelled_out(character)));
                }
                character => quoted.push(character),
            }
        }
        quoted + "\""
    } else if text.contains(is_unseen) {
        let spelled = |character| match character {
            '\'' | '\\' => format!("\\{character}"),
            '\n' => "\\n".to_owned(),
            character if is_unseen(character) => spelled_out(character),
            character => character.to_string(),
        };
        format!("$'{}'", text.chars().map(spelled).collect::<String>())
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A character between the quotes of `$'…'`, by its bytes, so that the locale does not matter.
fn spelled_out(character: char) -> String {
    match character {
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        character => {
            let mut bytes = [0; 4];
            character.encode_utf8(&mut bytes).bytes().map(|byte| format!("\\x{byte:02x}")).collect()
        }
    }
}

/// A text between double quotes of the shell, with what was captured as variables: at each place the longest that stands there.
fn inside_quotes(text: &str, variables: &[(String, String)]) -> String {
    let mut quoted = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let here =
            variables.iter().filter(|(_, value)| is_telling(value) && rest.starts_with(value.as_str()));
        if let Some((name, value)) = here.max_by_key(|(_, value)| value.len()) {
            quoted.push_str(&format!("${{{name}}}"));
            rest = &rest[value.len()..];
            continue;
        }
        if matches!(character, '"' | '\\' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(character);
        rest = &rest[character.len_utf8()..];
    }
    quoted
}

/// Whether a value is long enough not to stand in a text by accident.
fn is_telling(value: &str) -> bool {
    value.len() >= 3
}

/// A JSONPath as a jq filter: names and indexes are written alike.
fn jq(path: &str) -> String {
    let path = path.strip_prefix('$').unwrap_or(path);
    if path.is_empty() {
        ".".to_owned()
    } else if path.starts_with('[') {
        format!(".{path}")
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("$.id", ".id")]
    #[case("$[0].id", ".[0].id")]
    #[case("$", ".")]
    fn a_path_becomes_a_filter(#[case] path: &str, #[case] expected: &str) {
        assert_eq!(jq(path), expected);
    }

    #[test]
    fn quotes_are_safe_and_captures_are_variables() {
        let variables = [("id".to_owned(), "calm-sea-1".to_owned())];
        assert_eq!(quoted("it's $5", &variables), r"'it'\''s $5'");
        assert_eq!(
            quoted(r#"{"id":"calm-sea-1","a":"$x"}"#, &variables),
            r#""{\"id\":\"${id}\",\"a\":\"\$x\"}""#
        );
    }

    #[rstest]
    #[case::a_tab("{\t\"a\": \"it's \\\\\"\n}", r#"$'{\t"a": "it\'s \\\\"\n}'"#)]
    #[case::a_line("a\nb", "'a\nb'")]
    #[case::a_carriage_return("a\r\n", r"$'a\r\n'")]
    #[case::before_a_digit("\u{1}2", r"$'\x012'")]
    #[case::a_direction("\u{202e}a", r"$'\xe2\x80\xaea'")]
    #[case::beside_a_variable("calm-sea-1\t!", r#""${id}"$'\t'"!""#)]
    fn what_nobody_sees_is_sent_as_it_is(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(quoted(text, &[("id".to_owned(), "calm-sea-1".to_owned())]), expected);
    }

    #[test]
    fn what_curl_writes_itself_is_left_out() {
        let names = [
            ":authority",
            "Host",
            "content-length",
            "Accept-Encoding",
            "te",
            "x-hop",
            "connection",
            "x-trace",
        ];
        let value = |name: &str| if name == "connection" { "close, X-Hop" } else { "calm" }.to_owned();
        let headers = names.map(|name| (name.to_owned(), value(name))).to_vec();
        let request = Request {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            headers,
            authorization: None,
            body: None,
        };
        let command = curl(&request, "-sS", &[]);
        assert_eq!(command, "curl -sS -X GET -H 'x-trace: calm' \"${NEON_API_URL:-http://127.0.0.1:8080}/\"");
    }

    #[rstest]
    #[case::that_is_the_name_of_another("a/main/b", "a/${name}/b")]
    #[case::within_a_longer_one("a/main-branch", "a/${main}")]
    #[case::with_signs_of_the_shell("a/$xyz", "a/${price}z")]
    #[case::of_none("a/$y", "a/\\$y")]
    fn what_was_captured_is_a_variable(#[case] text: &str, #[case] expected: &str) {
        let variables = [("main", "main-branch"), ("name", "main"), ("price", "$xy")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(inside_quotes(text, &variables), expected);
    }

    #[rstest]
    #[case::captured("x-api-key", "calm-sea-1", "-H \"x-api-key: ${id}\"")]
    #[case::of_a_scheme("authorization", "Token abc", "-H \"authorization: Token $AUTHORIZATION\"")]
    #[case::of_a_session("cookie", "zenith=abc", "-H \"cookie: zenith=$COOKIE\"")]
    #[case::of_nobody("x-trace", "calm", "-H 'x-trace: calm'")]
    fn headers_that_authenticate_are_variables(
        #[case] name: &str,
        #[case] value: &str,
        #[case] expected: &str,
    ) {
        let request = Request {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            headers: vec![(name.to_owned(), value.to_owned())],
            authorization: None,
            body: None,
        };
        let variables = [("id".to_owned(), "calm-sea-1".to_owned())];
        let command = curl(&request, "-sS", &variables);
        assert!(command.contains(expected), "{command}");
    }
}
