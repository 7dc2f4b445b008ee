//! URLs as curl takes them: with patterns for several, unless that is turned off.

use url::Url;

use super::super::shell::as_written;
use super::CurlError;

/// Path and query of a URL that may begin with a variable of the shell, or name no scheme.
pub(super) fn target(url: &str, has_globs: bool) -> Result<String, CurlError> {
    let no_url = || {
        let url = as_written(url);
        CurlError::Url(format!("`{url}` is not a URL: write it as https://console.neon.tech/api/v2/…"))
    };
    if names_a_user(url) {
        return Err(CurlError::Basic("the user in the URL".to_owned()));
    }
    let whole = match (url.find("/api/"), url.contains("://")) {
        // Before it there may be a variable of the shell.
        (Some(at), _) => format!("http://host{}", &url[at..]),
        (None, true) => url.to_owned(),
        (None, false) => format!("http://{url}"),
    };
    let start = whole.find("://").map_or(0, |at| at + 3);
    let path = whole[start..].find('/').map_or(whole.len(), |at| start + at);
    let rest = if has_globs { without_globs(&whole[path..])? } else { whole[path..].to_owned() };
    let parsed = Url::parse(&format!("{}{rest}", &whole[..path])).map_err(|_| no_url())?;
    Ok(parsed[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
}

/// Whether curl authenticates as a user that the URL names before its host (RFC 3986 §3.2.1).
fn names_a_user(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
}

/// What stands for itself in a pattern of curl; a backslash takes its meaning from a bracket.
fn without_globs(text: &str) -> Result<String, CurlError> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let is_name = |characters: std::iter::Peekable<std::str::Chars<'_>>| {
        let name: String = characters.take_while(|character| *character != '}').collect();
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let mut is_variable = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next_if(|next| matches!(next, '{' | '}' | '[' | ']')) {
                Some(escaped) => plain.push(escaped),
                None => plain.push(character),
            },
            // A variable of the shell, or the name of a parameter in the form of a document.
            '{' if plain.ends_with('$') || is_name(characters.clone()) => {
                is_variable = true;
                plain.push(character);
            }
            '}' if is_variable => {
                is_variable = false;
                plain.push(character);
            }
            '{' | '}' | '[' | ']' => {
                return Err(CurlError::Url(format!(
                    "the URL has a `{character}`, which curl reads as a pattern like {{a,b}} or [1-3]; write `\\{character}`, or add `--globoff`"
                )));
            }
            other => plain.push(other),
        }
    }
    Ok(plain)
}
