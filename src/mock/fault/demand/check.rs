//! From a rule as it is written to one that can be followed.

use std::fmt;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};

use super::rule::{AnswerRule, Content, Demanded, Often, RetryAfter, When, is_without_body};
use super::written::{AnswerFile, Moment, RetryAfterForm, RuleFile, WhenFile};
use crate::mock::model::hash;
use crate::mock::router;
use crate::spec::closest;

/// Something wrong in a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RuleMistake {
    /// Where, as a JSON Pointer from the rule.
    pub pointer: String,
    /// What.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for RuleMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.pointer, self.message, self.help)
    }
}

type Checked<T> = Result<T, RuleMistake>;

fn wrong<T>(pointer: impl Into<String>, message: impl Into<String>, help: impl Into<String>) -> Checked<T> {
    Err(RuleMistake { pointer: pointer.into(), message: message.into(), help: help.into() })
}

/// Headers that the mock cannot leave to a rule: they say where a body ends.
const FRAMING: [HeaderName; 2] = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];

/// The longest time that a rule can name: about a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl TryFrom<RuleFile> for AnswerRule {
    type Error = RuleMistake;

    fn try_from(file: RuleFile) -> Checked<Self> {
        Ok(Self { when: when(&file.when)?, often: often(&file)?, answer: answer(&file.answer)?, file })
    }
}

fn often(file: &RuleFile) -> Checked<Often> {
    match (file.times, file.nth, file.probability) {
        (None, None, None) => Ok(Often::Times(1)),
        (Some(0), ..) => {
            wrong("/times", "a rule that answers 0 times does nothing", "write 1 or more, or remove the rule")
        }
        (Some(times), None, None) => Ok(Often::Times(times)),
        (_, Some(0), _) => wrong("/nth", "requests are counted from 1", "write 1 or more"),
        (None, Some(nth), None) => Ok(Often::Nth(nth)),
        (None, None, Some(probability)) if probability > 0.0 && probability <= 1.0 => {
            Ok(Often::Probability(probability))
        }
        (None, None, Some(probability)) => wrong(
            "/probability",
            format!("{probability} is not a probability with which a rule answers"),
            "write a number above 0, and 1 at most",
        ),
        (times, nth, _) => {
            let pointer = if times.is_none() || nth.is_none() { "/probability" } else { "/nth" };
            wrong(pointer, "only one of `times`, `nth` and `probability` can be given", "remove the others")
        }
    }
}

fn when(file: &WhenFile) -> Checked<When> {
    let method = file.method.as_deref().map(method).transpose()?;
    let mut parameters: Vec<(String, String)> =
        file.parameters.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let operations = match (&file.operation, &file.path) {
        (Some(_), Some(_)) => {
            return wrong(
                "/when/path",
                "the operation has a path of its own",
                "remove `operation` or `path`",
            );
        }
        (Some(_), None) if method.is_some() => {
            return wrong(
                "/when/method",
                "the operation has a method of its own",
                "remove `operation` or `method`",
            );
        }
        (Some(operation), None) => Some(vec![operation_of(operation)?]),
        (None, Some(path)) => {
            let (operations, fixed) = place(method.as_ref(), path)?;
            parameters.extend(fixed);
            Some(operations)
        }
        (None, None) => None,
    };
    if file.body.as_ref().is_some_and(|body| !body.is_object()) {
        return wrong(
            "/when/body",
            "members of the body stand in a mapping",
            "write `body: { NAME: VALUE }`",
        );
    }
    let key = file.key.as_ref().map(|key| hash(key.token()));
    // What finds its operation by a path is of the right method.
    let method = method.filter(|_| file.path.is_none());
    Ok(When { operations, method, parameters, key, user: file.user.clone(), body: file.body.clone() })
}

fn method(written: &str) -> Checked<Method> {
    const KNOWN: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    if let Some(method) = KNOWN.contains(&written).then(|| written.parse().ok()).flatten() {
        return Ok(method);
    }
    let help = match closest(written, &KNOWN) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known: {}", KNOWN.join(", ")),
    };
    wrong("/when/method", format!("the API has no method `{written}`"), help)
}

fn operation_of(written: &str) -> Checked<&'static str> {
    let known: Vec<&'static str> = router::support().map(|row| row.operation).collect();
    if let Some(operation) = known.iter().find(|operation| **operation == written) {
        return Ok(operation);
    }
    let help = match closest(written, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`neon-contract mock --matrix` lists the operations".to_owned(),
    };
    wrong("/when/operation", format!("there is no operation `{written}`"), help)
}

/// The operations at a path, and the values that it gives parameters.
type Place = (Vec<&'static str>, Vec<(String, String)>);

fn place(method: Option<&Method>, path: &str) -> Checked<Place> {
    if let Some((_, query)) = path.split_once('?') {
        return wrong(
            "/when/path",
            format!("`{query}` is not a part of the path"),
            "move it to `parameters`",
        );
    }
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let wanted = methods
        .iter()
        .filter(|known| method.is_none_or(|method| method == *known || is_head_of(method, known)));
    let found: Vec<_> = wanted.filter_map(|method| router::find(method, path).ok()).collect();
    let Some((_, params)) = found.first() else {
        let asked = method.cloned().unwrap_or(Method::GET);
        let help = match router::nearest(&asked, path) {
            Some(near) => format!("did you mean `{} {}`?", near.method, near.path),
            None => "`neon-contract mock --matrix` lists the paths".to_owned(),
        };
        let what = method.map(|method| format!("{method} ")).unwrap_or_default();
        return wrong("/when/path", format!("there is no operation `{what}{path}`"), help);
    };
    let is_open = |value: &str| value.starts_with('{') && value.ends_with('}');
    let fixed = params.iter().filter(|(_, value)| !is_open(value));
    let fixed = fixed.map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Ok((found.iter().map(|(route, _)| route.operation()).collect(), fixed))
}

fn is_head_of(method: &Method, known: &Method) -> bool {
    method == Method::HEAD && known == Method::GET
}

fn answer(file: &AnswerFile) -> Checked<Demanded> {
    if *file == AnswerFile::default() {
        return wrong(
            "/answer",
            "the answer says nothing",
            "add `status`, `delay`, `cut_at`, `reset` or another key",
        );
    }
    let status = file.status.map(status).transpose()?;
    let content = content(file, status)?;
    let time = |name: &str, written: &Option<String>| -> Checked<Option<Duration>> {
        written.as_deref().map(|written| time(name, written)).transpose()
    };
    let demanded = Demanded {
        status,
        headers: headers(file)?,
        retry_after: time("retry_after", &file.retry_after)?
            .map(|time| RetryAfter { time, form: file.retry_after_as.unwrap_or(RetryAfterForm::Seconds) }),
        delay: time("delay", &file.delay)?.unwrap_or_default(),
        cut_at: file.cut_at,
        bytes_per_second: file.bytes_per_second,
        reset: file.reset,
        act: file.act.unwrap_or(match (file.reset, status) {
            (Some(moment), _) => moment == Moment::After,
            (None, status) => status.is_none_or(|status| status.is_success()),
        }),
        content,
    };
    if file.retry_after.is_none() && file.retry_after_as.is_some() {
        return wrong("/answer/retry_after_as", "there is no time to write", "add `retry_after`");
    }
    if file.bytes_per_second == Some(0) {
        return wrong(
            "/answer/bytes_per_second",
            "a body of 0 bytes per second never ends",
            "write 1 or more",
        );
    }
    reset(file)?;
    act(file)?;
    bytes(file, &demanded)?;
    Ok(demanded)
}

fn status(written: u16) -> Checked<StatusCode> {
    match StatusCode::from_u16(written) {
        Ok(status) if (200..600).contains(&written) => Ok(status),
        _ => wrong(
            "/answer/status",
            format!("{written} is not the status of a response"),
            "write a status from 200 to 599",
        ),
    }
}

fn content(file: &AnswerFile, status: Option<StatusCode>) -> Checked<Content> {
    let given = [("body", file.body.is_some()), ("text", file.text.is_some()), ("html", file.html.is_some())];
    let mut given = given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name);
    if let Some(first) = given.next() {
        if let Some(second) = given.next() {
            let message = format!("a response has one body, and `{first}` is given as well");
            return wrong(format!("/answer/{second}"), message, "remove one of them");
        }
        let pointer = format!("/answer/{first}");
        match status {
            None => return wrong(pointer, "a body belongs to a status", "add `status`"),
            Some(status) if is_without_body(status) => {
                return wrong(
                    pointer,
                    format!("a response with {} has no body", status.as_u16()),
                    "remove the body",
                );
            }
            Some(_) => {}
        }
    }
    Ok(match (&file.body, &file.text, &file.html) {
        (Some(json), ..) => Content::Json(json.clone()),
        (_, Some(text), _) => Content::Text("text/plain; charset=utf-8", text.clone()),
        (.., Some(html)) => Content::Text("text/html; charset=utf-8", html.clone()),
        _ => Content::Real,
    })
}

fn headers(file: &AnswerFile) -> Checked<Vec<(HeaderName, Option<HeaderValue>)>> {
    let mut headers = Vec::new();
    for (written, value) in &file.headers {
        let pointer = format!("/answer/headers/{}", crate::spec::escape(written));
        let Ok(name) = HeaderName::try_from(written) else {
            return wrong(
                pointer,
                format!("`{written}` is not the name of a header"),
                "write a token, such as `x-powered-by`",
            );
        };
        if FRAMING.contains(&name) {
            return wrong(
                pointer,
                format!("the mock sets `{name}`"),
                "use `cut_at` for a body that breaks off",
            );
        }
        if name == header::RETRY_AFTER && file.retry_after.is_some() {
            return wrong(pointer, "`retry_after` sets this header as well", "remove one of them");
        }
        let value = value.as_deref().map(HeaderValue::try_from).transpose();
        let Ok(value) = value else {
            return wrong(pointer, "a header cannot have this value", "remove control characters");
        };
        headers.push((name, value));
    }
    Ok(headers)
}

fn time(name: &str, written: &str) -> Checked<Duration> {
    let pointer = format!("/answer/{name}");
    match humantime::parse_duration(written) {
        Ok(time) if time <= LONGEST => Ok(time),
        Ok(_) => wrong(pointer, format!("`{written}` is longer than a day"), "write a shorter time"),
        Err(_) => wrong(pointer, format!("`{written}` is not a time"), "write a time such as 2s or 500ms"),
    }
}

/// Where a connection is reset there is nothing else to send.
fn reset(file: &AnswerFile) -> Checked<()> {
    let Some(moment) = file.reset else { return Ok(()) };
    let allowed =
        AnswerFile { delay: file.delay.clone(), reset: file.reset, act: file.act, ..AnswerFile::default() };
    if *file != allowed {
        return wrong(
            "/answer/reset",
            "a connection that is reset carries no response",
            "keep only `delay` next to `reset`",
        );
    }
    let is_performed = moment == Moment::After;
    if file.act.is_some_and(|act| act != is_performed) {
        let other = if is_performed { "before" } else { "after" };
        return wrong(
            "/answer/act",
            "`reset` says whether the operation is performed",
            format!("write `reset: {other}`"),
        );
    }
    Ok(())
}

/// Where nothing is performed, something must be said.
fn act(file: &AnswerFile) -> Checked<()> {
    if file.act == Some(false) && file.status.is_none() && file.reset.is_none() {
        return wrong("/answer/act", "without the operation there is no response", "add `status`");
    }
    Ok(())
}

/// What is done to a body needs one.
fn bytes(file: &AnswerFile, demanded: &Demanded) -> Checked<()> {
    let is_empty = demanded.status.is_some_and(is_without_body);
    for (name, is_given) in
        [("cut_at", file.cut_at.is_some()), ("bytes_per_second", file.bytes_per_second.is_some())]
    {
        if is_given && is_empty {
            let status = file.status.unwrap_or_default();
            return wrong(
                format!("/answer/{name}"),
                format!("a response with {status} has no body"),
                "remove it",
            );
        }
    }
    let length = match &demanded.content {
        Content::Real => return Ok(()),
        Content::Json(value) => value.to_string().len(),
        Content::Text(_, text) => text.len(),
    };
    match file.cut_at {
        Some(at) if at >= length => {
            wrong("/answer/cut_at", format!("the body has {length} bytes"), "write a smaller number")
        }
        _ => Ok(()),
    }
}
