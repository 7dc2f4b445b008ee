//! A recording, as what the judge reads.

use std::path::Path;

use super::clear::{Kept, Shown};
use super::har::{self, Entry, HarError};
use super::observer::{Observed, Observer, Trust};
use crate::exchange::{Exchange, Request};
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
    /// How many exchanges do not show how they were authenticated.
    pub put_out: usize,
    /// How many keys were made or revoked of which it is not seen whether they are refused afterwards.
    pub unknown_keys: usize,
}

impl Recording {
    /// How far all of it can be believed.
    #[must_use]
    pub fn trust(&self) -> Trust {
        if self.put_out + self.unknown_keys == 0 { Trust::Whole } else { Trust::Redacted }
    }
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
    let mut recording =
        Recording { exchanges: Vec::new(), others: 0, unanswered: 0, put_out: 0, unknown_keys: 0 };
    let (mut entries, mut kept) = (Vec::new(), Kept::default());
    for (place, entry) in har::parse(path, text)? {
        let Some((origin, target)) = entry.request.origin_and_target() else {
            recording.others += 1;
            continue;
        };
        let Some(target) = of_the_api(suite, &target) else {
            recording.others += 1;
            continue;
        };
        let headers = entry.request.all_headers();
        kept.see(&shown(&entry, &origin, &headers));
        entries.push((place, entry, origin, target, headers));
    }
    for (place, entry, origin, target, headers) in entries {
        let Some(response) = entry.response.response() else {
            recording.unanswered += 1;
            continue;
        };
        secrets.suspect_headers(&entry.request.cookies());
        secrets.suspect_headers(&entry.response.cookies());
        let trust = kept.trust(&shown(&entry, &origin, &headers));
        let authorization = entry.request.header("authorization").map(str::to_owned);
        let headers =
            entry.request.headers.iter().filter(|pair| !pair.name.eq_ignore_ascii_case("authorization"));
        let request = Request {
            method: entry.request.method.to_ascii_uppercase(),
            headers: headers.map(|pair| (pair.name.to_ascii_lowercase(), pair.value.clone())).collect(),
            authorization: None,
            body: entry.request.body(),
            target,
        };
        // What was refused is judged whoever sent it.
        recording.put_out += usize::from(trust == Trust::Redacted && response.status != 401);
        recording.exchanges.push(observer.observe(Observed {
            trust,
            origin,
            began: entry.began(),
            ended: entry.ended(),
            name: format!("{} {}", request.method, request.target),
            location: source.at_bytes(place..place),
            request,
            authorization,
            response,
        }));
    }
    recording.unknown_keys = observer.unknown_keys();
    Ok(recording)
}

/// What of an entry says how it was authenticated.
fn shown<'e>(entry: &Entry, origin: &'e str, headers: &'e [(String, String)]) -> Shown<'e> {
    Shown {
        origin,
        headers,
        url_authenticates: entry.request.url_authenticates(),
        is_cached: entry.is_cached(),
    }
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
