//! A recording, as what the judge reads.

use std::path::Path;

use super::clear::{Kept, Shown};
use super::har::{self, Beside, Entry, HarError};
use super::observer::{Observed, Observer, Trust};
use crate::exchange::{Exchange, Request};
use crate::input;
use crate::secret::Secrets;
use crate::spec::{SourceText, Suite};

/// What a recording holds.
#[derive(Debug, Default)]
pub struct Recording {
    /// The exchanges with the API.
    pub exchanges: Vec<Exchange>,
    /// How many entries are of something else.
    pub others: usize,
    /// How many entries are no exchanges, or cannot be read.
    pub unreadable: usize,
    /// The requests to the API without an answer.
    pub unanswered: Vec<Unanswered>,
    /// How many exchanges do not show how they were authenticated.
    pub put_out: usize,
    /// How many keys were made or revoked of which it is not seen whether they are refused afterwards.
    pub unknown_keys: usize,
}

/// A request to which no answer was recorded.
#[derive(Debug)]
pub struct Unanswered {
    /// How many exchanges there were before it.
    pub after: usize,
    /// The request.
    pub request: Request,
    /// Something authenticates it.
    pub has_key: bool,
}

impl Recording {
    /// How far all of it can be believed.
    #[must_use]
    pub fn trust(&self) -> Trust {
        if self.put_out + self.unknown_keys == 0 { Trust::Whole } else { Trust::Redacted }
    }
}

/// Reads a HAR file, and what stands in files beside it.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn read(path: &Path, suite: &Suite, secrets: &Secrets) -> Result<Recording, HarError> {
    let file = |cause| HarError::File { path: path.display().to_string(), cause };
    let text = har::text(path, input::read(path, input::RECORD).map_err(file)?)?;
    read_with(path, &text, suite, secrets, &Beside::recording(path))
}

/// Reads the text of a HAR file, and no other file; `path` is told where something is wrong in it.
///
/// # Errors
/// When it is no HAR file.
pub fn read_text(path: &Path, text: &str, suite: &Suite, secrets: &Secrets) -> Result<Recording, HarError> {
    read_with(path, text, suite, secrets, &Beside::nothing())
}

/// An entry that is of the API.
struct OfTheApi {
    place: usize,
    entry: Entry,
    origin: String,
    target: String,
    /// Of the request, with its cookies.
    headers: Vec<(String, String)>,
}

impl OfTheApi {
    /// What of it says how it was authenticated.
    fn shown(&self) -> Shown<'_> {
        Shown {
            origin: &self.origin,
            headers: &self.headers,
            url_authenticates: self.entry.url_authenticates(),
            is_cached: self.entry.is_cached(),
        }
    }
}

fn read_with(
    path: &Path,
    text: &str,
    suite: &Suite,
    secrets: &Secrets,
    beside: &Beside,
) -> Result<Recording, HarError> {
    let source = SourceText::new(path, text);
    let har::Entries { entries, unreadable } = har::parse(path, text)?;
    let mut recording = Recording { unreadable, ..Recording::default() };
    let (mut of_the_api, mut kept) = (Vec::new(), Kept::default());
    for (place, entry) in entries {
        let Some((origin, target)) = entry
            .origin_and_target()
            .and_then(|(origin, target)| Some((origin, self::of_the_api(suite, &target)?)))
        else {
            recording.others += 1;
            continue;
        };
        let headers = [entry.request_headers(), entry.request_cookies()].concat();
        let entry = OfTheApi { place, entry, origin, target, headers };
        kept.see(&entry.shown());
        of_the_api.push(entry);
    }
    let mut observer = Observer::new(suite, secrets, Trust::Redacted);
    for known in of_the_api {
        let trust = kept.trust(&known.shown());
        let OfTheApi { place, entry, origin, target, headers } = known;
        secrets.suspect_headers(&headers);
        secrets.suspect_headers(&entry.response_cookies());
        let mut headers = entry.request_headers();
        let authorization =
            headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.clone());
        headers.retain(|(name, _)| name != "authorization");
        let body = entry.request_body(beside);
        let request = Request { method: entry.method.clone(), target, headers, authorization: None, body };
        let Some(response) = entry.answer(beside) else {
            observer.learn(&request, authorization.as_deref());
            let has_key = authorization.is_some() || trust == Trust::Redacted;
            let after = recording.exchanges.len();
            recording.unanswered.push(Unanswered { after, request, has_key });
            continue;
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
