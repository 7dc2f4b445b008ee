//! The point where an answer is known, before it becomes bytes: its status, its headers, the values in its body.

use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::asked::Asked;
use super::data::{Alter, Break, Later, When};
use super::demand::{Chosen, Content, Demanded, is_without_body};
use super::faults::Faults;
use super::pointer::{Member, each};
use crate::mock::error::ApiError;
use crate::mock::handlers::Reply;
use crate::mock::model::Caller;
use crate::mock::wire::Message;
use crate::sync::lock;

impl When {
    /// Whether an answer with this status is meant.
    pub(super) fn holds(self, status: StatusCode, asked: &Asked<'_>) -> bool {
        match self {
            Self::Always => true,
            Self::Ok => status.is_success(),
            Self::Fails => is_error(status),
            Self::Is(code) => status.as_u16() == code,
            Self::With(name) => status.is_success() && asked.has_query(name),
            Self::WithAny => status.is_success() && !asked.query.is_empty(),
            Self::FailsAt(end) => status.as_u16() == 404 && asked.path.ends_with(end),
        }
    }
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

impl Later {
    /// The operations whose answers it keeps.
    pub(super) fn causes(&self) -> &'static [&'static str] {
        match self {
            Self::Unlisted { by, .. }
            | Self::Listed { by, .. }
            | Self::Readable { by, .. }
            | Self::Shown { by, .. }
            | Self::Again { by, .. } => by,
        }
    }
}

impl Chosen {
    /// What is answered in the place of what the operation did.
    pub(in crate::mock) fn outcome(&self, outcome: Result<Reply, ApiError>) -> Result<Reply, ApiError> {
        let Demanded { status: Some(status), content, .. } = self.answer() else { return outcome };
        let status = *status;
        match (content, outcome) {
            (Content::Json(json), _) => Ok(Reply::of(status, Some(json.clone()))),
            (Content::Text(_, text), _) => Ok(Reply::of(status, Some(json!(text)))),
            (Content::Real, _) if is_without_body(status) => Ok(Reply::of(status, None)),
            (Content::Real, _) if is_error(status) => Err(ApiError::demanded(status)),
            (Content::Real, Ok(reply)) => Ok(Reply { status, ..reply }),
            (Content::Real, Err(error)) => Err(ApiError { status, ..error }),
        }
    }

    /// The headers of the answer.
    fn head(&self, headers: &mut HeaderMap) {
        let answer = self.answer();
        if let Content::Text(media_type, _) = answer.content {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        if let Some(retry_after) = answer.retry_after {
            headers.insert(header::RETRY_AFTER, retry_after.header(SystemTime::now()));
        }
        for (name, value) in &answer.headers {
            match value {
                Some(value) => drop(headers.insert(name, value.clone())),
                None => drop(headers.remove(name)),
            }
        }
    }
}

impl Faults {
    /// An answer as the faults have it.
    pub(in crate::mock) fn alter(&self, asked: &Asked<'_>, caller: Option<Caller>, message: &mut Message) {
        if let Some(chosen) = asked.chosen() {
            chosen.head(&mut message.headers);
        }
        let account = caller.map_or(usize::MAX, |caller| caller.account);
        for fault in self.concerning(asked) {
            let is_altered = match fault {
                Break::Answer(when, pointer, alter) if when.holds(message.status, asked) => {
                    self.alter_value(asked, account, pointer, *alter, message)
                }
                Break::Later(later) => self.recall(asked, account, *later, message),
                Break::Status(when, status) if when.holds(message.status, asked) => {
                    let new = StatusCode::from_u16(*status).unwrap_or(message.status);
                    std::mem::replace(&mut message.status, new) != new
                }
                Break::Redirect(location) if message.status.is_success() => {
                    message.status = StatusCode::MOVED_PERMANENTLY;
                    message.body = Some(json!({}));
                    message.headers.insert(header::LOCATION, HeaderValue::from_static(location));
                    true
                }
                Break::Header(when, name, value) if when.holds(message.status, asked) => {
                    let name = HeaderName::from_static(name);
                    match value {
                        Some(value) => message
                            .headers
                            .insert(name, HeaderValue::from_static(value))
                            .as_ref()
                            .is_none_or(|old| old != value),
                        None => message.headers.remove(name).is_some(),
                    }
                }
                _ => continue,
            };
            if is_altered {
                self.note();
            }
        }
    }

    fn alter_value(
        &self,
        asked: &Asked<'_>,
        account: usize,
        pointer: &'static str,
        alter: Alter,
        message: &mut Message,
    ) -> bool {
        let Some(body) = &mut message.body else { return false };
        let copy = match alter {
            Alter::From(other) => body.pointer(other).cloned(),
            Alter::Token => asked.token().map(|token| json!(token)),
            Alter::Is(json) => serde_json::from_str(json).ok(),
            _ => None,
        };
        let place = format!("{pointer} of {}", asked.operation);
        let altered = each(body, pointer, &mut |member| match alter {
            Alter::Without => member.remove(),
            Alter::Is(_) | Alter::From(_) | Alter::Token => copy.clone().is_some_and(|copy| member.set(copy)),
            Alter::AsFirstSeen => {
                let place = format!("{pointer} {}", member.identity());
                let Some(now) = member.get().cloned() else { return false };
                let first = lock(&self.memory).seen.entry((account, place)).or_insert(now).clone();
                member.set(first)
            }
            Alter::Remembers => {
                let Some(Value::Array(items)) = member.get() else { return false };
                let mut items = items.clone();
                let mut memory = lock(&self.memory);
                let before = memory.seen.remove(&(account, place.clone()));
                for item in before.as_ref().and_then(Value::as_array).into_iter().flatten() {
                    if items.iter().all(|known| known["id"] != item["id"]) {
                        items.push(item.clone());
                    }
                }
                memory.seen.insert((account, place.clone()), json!(items));
                member.set(json!(items))
            }
            Alter::Repeats => {
                let Some(Value::Array(items)) = member.get() else { return false };
                let mut memory = lock(&self.memory);
                let last = items.last().cloned();
                let before = memory.seen.remove(&(account, place.clone()));
                if let Some(last) = last {
                    memory.seen.insert((account, place.clone()), last);
                }
                let Some(before) =
                    before.filter(|before| asked.has_query("cursor") && !items.contains(before))
                else {
                    return false;
                };
                let items = std::iter::once(before).chain(items.iter().cloned()).collect();
                member.set(Value::Array(items))
            }
            simple => altered(simple, member),
        });
        altered > 0
    }

    /// Keeps what a cause shows, or shows what was kept.
    fn recall(&self, asked: &Asked<'_>, account: usize, later: Later, message: &mut Message) -> bool {
        let mut memory = lock(&self.memory);
        let kept = memory.kept.entry(account).or_default();
        if later.causes().contains(&asked.operation) {
            let pointer = match later {
                Later::Unlisted { id, .. } => id,
                Later::Listed { item, .. } | Later::Readable { item, .. } | Later::Again { item, .. } => item,
                Later::Shown { .. } => "",
            };
            if message.status.is_success() {
                kept.extend(message.body.as_ref().and_then(|body| body.pointer(pointer)).cloned());
            }
            return false;
        }
        if let Later::Readable { under, .. } = later {
            let is_asked_for = |item: &&Value| {
                let known = item["id"].as_str().or(item["name"].as_str());
                known.is_some_and(|known| asked.path.ends_with(&format!("/{known}")))
            };
            let is_missing = message.status == StatusCode::NOT_FOUND;
            let Some(item) = kept.iter().find(is_asked_for).filter(|_| is_missing) else { return false };
            message.status = StatusCode::OK;
            message.body = Some(if under.is_empty() { item.clone() } else { json!({ under: item }) });
            return true;
        }
        if let Later::Again { at, .. } = later {
            let (Some(item), Some(body)) = (kept.last(), &mut message.body) else { return false };
            return each(body, at, &mut |member| member.set(item.clone())) > 0;
        }
        let (Later::Unlisted { list, .. } | Later::Listed { list, .. } | Later::Shown { list, .. }) = later
        else {
            return false;
        };
        let items = message
            .body
            .as_mut()
            .filter(|_| message.status.is_success())
            .and_then(|body| body.pointer_mut(list));
        let Some(items) = items.and_then(Value::as_array_mut) else { return false };
        let before = items.len();
        match later {
            Later::Unlisted { .. } => {
                items.retain(|item| !kept.contains(&item["id"]) && !kept.contains(&item["name"]));
                items.len() != before
            }
            Later::Shown { member, .. } => {
                let mut is_shown = false;
                for item in items {
                    if let Some(shown) = kept.iter().find(|kept| kept["id"] == item["id"]) {
                        item[member] = shown[member].clone();
                        is_shown = true;
                    }
                }
                is_shown
            }
            _ => {
                items.extend(kept.iter().cloned());
                items.len() != before
            }
        }
    }
}

/// What can be altered by looking at the value alone.
fn altered(alter: Alter, member: Member<'_>) -> bool {
    let Some(value) = member.get() else { return false };
    let new = match (alter, value) {
        (Alter::Text, Value::Number(_) | Value::Bool(_)) | (Alter::InText, _) => json!(value.to_string()),
        (Alter::Listed, _) => json!([value]),
        (Alter::Seconds, Value::String(time)) => json!(whole_seconds(time)),
        (Alter::Padded, Value::String(text)) => json!(format!("{text} ")),
        (Alter::NullIfEmpty, Value::Array(items)) if items.is_empty() => Value::Null,
        (Alter::Zoneless, Value::String(time)) => json!(time.trim_end_matches('Z')),
        (Alter::Other, Value::String(text)) => json!(other_text(text)),
        (Alter::Other, Value::Bool(is)) => json!(!is),
        (Alter::Other, Value::Number(number)) => match number.as_i64() {
            Some(number) => json!(number + 1),
            None => json!(number.as_f64().unwrap_or_default() + 1.0),
        },
        (_, Value::Array(items)) if !items.is_empty() => {
            let mut items = items.clone();
            match alter {
                Alter::Twice => items.push(items[0].clone()),
                Alter::LosesFirst => {
                    items.remove(0);
                }
                Alter::LosesLast => {
                    items.pop();
                }
                Alter::Reversed => items.reverse(),
                _ => return false,
            }
            Value::Array(items)
        }
        _ => return false,
    };
    member.set(new)
}

fn whole_seconds(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => time.to_owned(),
    }
}

/// Another text of the same form: its last letter or digit is another one.
fn other_text(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    if let Some(last) = characters.iter_mut().rev().find(|character| character.is_ascii_alphanumeric()) {
        *last = match *last {
            'z' | 'Z' => 'a',
            '9' => '0',
            character => char::from_u32(u32::from(character) + 1).unwrap_or('a'),
        };
    }
    characters.into_iter().collect()
}
