//! A recording, as what the judge reads.

use std::path::Path;

use super::har::{self, HarError};
use super::observer::{Observed, Observer, Trust};
use crate::exchange::{Authorization, Exchange, Request};
use crate::input;
use crate::secret::Secrets;
use crate::spec::{SourceText, Suite};

/// What a recording holds.
#[derive(Debug)]
pub struct Recording {
    /// The exchanges with the API.
    pub exchanges: Vec<Exchange>,
    /// How many entries are of something else.
    pub others: usize,
    /// How many requests to the API were not answered.
    pub unanswered: usize,
}

/// Reads a HAR file.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn read(path: &Path, suite: &Suite, secrets: &Secrets) -> Result<Recording, HarError> {
    let file = |cause| HarError::File { path: path.display().to_string(), cause };
    read_text(path, &input::read_text(path, input::RECORD).map_err(file)?, suite, secrets)
}

/// Reads the text of a HAR file; `path` is told where something is wrong in it.
///
/// # Errors
/// When it is no HAR file.
pub fn read_text(path: &Path, text: &str, suite: &Suite, secrets: &Secrets) -> Result<Recording, HarError> {
    let source = SourceText::new(path, text);
    let mut observer = Observer::new(suite, secrets, Trust::Redacted);
    let mut recording = Recording { exchanges: Vec::new(), others: 0, unanswered: 0 };
    for (place, entry) in har::parse(path, text)? {
        let target = entry.request.origin_and_target().and_then(|(_, target)| of_the_api(suite, &target));
        let Some(target) = target else {
            recording.others += 1;
            continue;
        };
        let Some(response) = entry.response.response() else {
            recording.unanswered += 1;
            continue;
        };
        secrets.suspect_headers(&entry.request.cookies());
        secrets.suspect_headers(&entry.response.cookies());
        let authorization = entry.request.header("authorization").map(str::to_owned);
        let headers =
            entry.request.headers.iter().filter(|pair| !pair.name.eq_ignore_ascii_case("authorization"));
        let request = Request {
            method: entry.request.method.to_ascii_uppercase(),
            headers: headers.map(|pair| (pair.name.to_ascii_lowercase(), pair.value.clone())).collect(),
            // Whose key it was is not to be shown.
            authorization: authorization.as_ref().map(|_| Authorization {
                shown: "Bearer $NEON_API_KEY".to_owned(),
                value: String::new().into(),
            }),
            body: entry.request.body(),
            target,
        };
        recording.exchanges.push(observer.observe(Observed {
            began: entry.began(),
            name: format!("{} {}", request.method, request.target),
            location: source.at_bytes(place..place),
            request,
            authorization,
            response,
        }));
    }
    Ok(recording)
}

/// The part of a target that is the API's: a recording may have been made behind a prefix.
pub(crate) fn of_the_api(suite: &Suite, target: &str) -> Option<String> {
    let prefixes = suite.prefixes();
    let start = prefixes.iter().find_map(|prefix| {
        let start = target.find(prefix.as_str())?;
        let rest = &target[start + prefix.len()..];
        rest.starts_with(['/', '?']).then_some(start)
    })?;
    Some(target[start..].to_owned())
}
