//! Control over HTTP, under a prefix that the API does not use: what tests in other languages do to a mock.

use std::path::Path as FsPath;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, middleware};
use jiff::SignedDuration;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::control::SeedError;
use super::fault::{Fault, Given};
use super::fixture::{AccountFixture, MOST_PROJECTS};
use super::journal::{Journal, JournalEntry};
use super::model::OperationClock;
use super::origin::{Reach, same_origin};
use super::service::{Service, keep_first};
use crate::spec::{answers as spec_answers, closest};

/// Where control is served.
pub const ADMIN: &str = "/_mock";

/// What can be asked for: method, path, and what it does.
const COMMANDS: [(&str, &str, &str); 15] = [
    ("GET", "/_mock", "this"),
    ("POST", "/_mock/reset", "begin anew; {\"seed\": NUMBER, \"fixture\": FIXTURE} for another beginning"),
    ("GET", "/_mock/accounts", "the users"),
    ("POST", "/_mock/accounts", "a new user with a key; {\"fixture\": FIXTURE}"),
    ("POST", "/_mock/accounts/{user_id}/seed", "give a user what a fixture has; {\"fixture\": FIXTURE}"),
    ("GET", "/_mock/clock", "the time, and when operations are finished"),
    (
        "POST",
        "/_mock/clock",
        "{\"operations\": \"immediate\", \"manual\" or a time, \"advance\": \"7d\", \"finish\": true}",
    ),
    (
        "GET",
        "/_mock/journal",
        "the last requests; ?unmatched=true, ?status=404, ?operation=getProject, ?rule=1, ?limit=10",
    ),
    ("DELETE", "/_mock/journal", "forget them"),
    ("GET", "/_mock/faults", "the rules that can be broken, and which are"),
    ("PUT", "/_mock/faults", "break these and no others; [\"revoked-key-accepted\"]"),
    ("GET", "/_mock/answers", "the answers on demand, and how often each was given"),
    (
        "PUT",
        "/_mock/answers",
        "give these and no others; [{\"when\": {\"operation\": \"createProject\"}, \"times\": 2, \"answer\": {\"status\": 423}}]",
    ),
    ("DELETE", "/_mock/answers", "give none"),
    ("GET", "/_mock/verdict", "what is found so far, with `--judge`; as `--report json` has it"),
];

type Shared = State<Arc<Service>>;

/// Serves control.
pub(super) fn router(service: Arc<Service>, reach: Reach) -> Router {
    Router::new()
        .route("/_mock", get(overview))
        .route("/_mock/reset", post(reset))
        .route("/_mock/accounts", get(accounts).post(create_account))
        .route("/_mock/accounts/{user_id}/seed", post(seed))
        .route("/_mock/clock", get(clock).post(set_clock))
        .route("/_mock/journal", get(journal).delete(clear_journal))
        .route("/_mock/faults", get(faults).put(set_faults))
        .route("/_mock/answers", get(answers).put(set_answers).delete(clear_answers))
        .route("/_mock/verdict", get(verdict))
        .route("/_mock/{*rest}", any(unknown))
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn_with_state(service.clone(), keep_first))
        .layer(middleware::from_fn_with_state(reach, same_origin))
        .with_state(service)
}

/// What was asked for cannot be done.
struct Refusal(StatusCode, String);

type Answer<T> = Result<T, Refusal>;

impl Refusal {
    fn bad(message: impl std::fmt::Display) -> Self {
        Self(StatusCode::BAD_REQUEST, message.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "message": self.1 }))).into_response()
    }
}

/// Reads a body, whatever its content type says; none is an empty object.
fn read<T: DeserializeOwned>(body: &Bytes) -> Answer<T> {
    let body = if body.is_empty() { b"{}" } else { body.as_ref() };
    serde_json::from_slice(body).map_err(|error| Refusal::bad(format!("the body: {error}")))
}

async fn unknown(uri: Uri) -> Refusal {
    let known: Vec<String> = COMMANDS.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let message =
        format!("{} is not there, or not with this method; there are {}", uri.path(), known.join(", "));
    Refusal(StatusCode::NOT_FOUND, message)
}

async fn overview(State(service): Shared) -> Json<Value> {
    let commands: Vec<Value> = COMMANDS
        .iter()
        .map(|(method, path, summary)| json!({ "method": method, "path": path, "summary": summary }))
        .collect();
    let seed = service.state().seed();
    Json(json!({ "version": env!("CARGO_PKG_VERSION"), "seed": seed, "commands": commands }))
}

/// A fixture by its name, or spelled out as in `fixtures/accounts/`.
fn fixture(written: &Value) -> Answer<AccountFixture> {
    let Value::String(name) = written else {
        let fixture: AccountFixture = serde_json::from_value(written.clone())
            .map_err(|error| Refusal::bad(format!("the fixture: {error}")))?;
        if let Some(id) = fixture.repeated_id() {
            return Err(Refusal::bad(format!("the fixture: `{id}` is there twice")));
        }
        if fixture.more_projects > MOST_PROJECTS {
            return Err(Refusal::bad(format!("the fixture: more_projects may be {MOST_PROJECTS} at most")));
        }
        return Ok(fixture);
    };
    AccountFixture::builtin(name).ok_or_else(|| {
        let known = AccountFixture::builtin_names();
        let hint = match closest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.join(", ")),
        };
        Refusal::bad(format!("there is no fixture `{name}`; {hint}"))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    seed: Option<u64>,
    fixture: Option<Value>,
}

async fn reset(State(service): Shared, body: Bytes) -> Answer<Json<Value>> {
    let Reset { seed, fixture: written } = read(&body)?;
    let fixture = written.as_ref().map(fixture).transpose()?;
    let first = service.reset(seed, fixture.as_ref());
    Ok(Json(match first {
        Some((user_id, key)) => json!({ "user_id": user_id, "key": key }),
        None => json!({}),
    }))
}

async fn accounts(State(service): Shared) -> Json<Value> {
    let state = service.state();
    let users: Vec<Value> = state
        .users()
        .map(|(number, user)| {
            let account = state.account_at(number);
            json!({
                "user_id": user.id,
                "name": format!("{} {}", user.name, user.last_name),
                "email": user.email,
                "keys": account.keys.len(),
                "projects": account.projects.iter().count(),
            })
        })
        .collect();
    Json(users.into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    fixture: Value,
}

async fn create_account(State(service): Shared, body: Bytes) -> Answer<Response> {
    let Seed { fixture: written } = read(&body)?;
    let (user_id, key) = service.create_account(&fixture(&written)?);
    Ok((StatusCode::CREATED, Json(json!({ "user_id": user_id, "key": key }))).into_response())
}

async fn seed(State(service): Shared, Path(user): Path<String>, body: Bytes) -> Answer<Json<Value>> {
    let Seed { fixture: written } = read(&body)?;
    let fixture = fixture(&written)?;
    let user = user.parse().map_err(|_| Refusal::bad(format!("`{user}` is not the id of a user")))?;
    service.seed(user, &fixture).map_err(|error| {
        let status = match error {
            SeedError::NoSuchUser => StatusCode::NOT_FOUND,
            SeedError::Taken(_) => StatusCode::CONFLICT,
        };
        Refusal(status, error.to_string())
    })?;
    Ok(Json(json!({ "user_id": Uuid::to_string(&user) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetClock {
    operations: Option<String>,
    advance: Option<String>,
    #[serde(default)]
    finish: bool,
}

async fn clock(State(service): Shared) -> Json<Value> {
    Json(json!({ "now": service.now().to_string(), "operations": service.state().clock().to_string() }))
}

async fn set_clock(State(service): Shared, body: Bytes) -> Answer<Json<Value>> {
    let SetClock { operations, advance, finish } = read(&body)?;
    // All of it is understood before any of it is done.
    let operations: Option<OperationClock> =
        operations.map(|text| text.parse()).transpose().map_err(Refusal::bad)?;
    let advance: Option<Duration> = advance
        .map(|text| humantime::parse_duration(&text))
        .transpose()
        .map_err(|error| Refusal::bad(format!("advance: {error}; write a time such as 30s, 10m or 7d")))?;
    if let Some(by) = advance {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        if !service.advance_by(by) {
            return Err(Refusal::bad("advance: that is beyond the year 9999"));
        }
    }
    if let Some(clock) = operations {
        service.set_clock(clock);
    }
    let finished = if finish { service.finish_operations() } else { 0 };
    let Json(mut shown) = clock(State(service)).await;
    shown["finished"] = json!(finished);
    Ok(Json(shown))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    unmatched: bool,
    status: Option<u16>,
    operation: Option<String>,
    rule: Option<usize>,
    limit: Option<usize>,
}

async fn journal(
    State(service): Shared,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Answer<Json<Vec<JournalEntry>>> {
    let Query(wanted) = wanted.map_err(|error| Refusal::bad(error.body_text()))?;
    let mut entries = service.journal.as_ref().map(Journal::entries).unwrap_or_default();
    entries.retain(|entry| {
        (!wanted.unmatched || entry.operation.is_none())
            && wanted.status.is_none_or(|status| entry.status == status)
            && (wanted.rule.is_none() || wanted.rule == entry.rule)
            && (wanted.operation.is_none() || wanted.operation.as_deref() == entry.operation.as_deref())
    });
    let first = entries.len().saturating_sub(wanted.limit.unwrap_or(usize::MAX));
    Ok(Json(entries[first..].iter().map(|entry| JournalEntry::clone(entry)).collect()))
}

async fn clear_journal(State(service): Shared) -> StatusCode {
    if let Some(journal) = &service.journal {
        journal.clear();
    }
    StatusCode::NO_CONTENT
}

#[derive(Serialize)]
struct ShownFault {
    id: &'static str,
    summary: &'static str,
    on: bool,
}

async fn faults(State(service): Shared) -> Json<Vec<ShownFault>> {
    let broken = service.faults();
    let shown =
        |fault: Fault| ShownFault { id: fault.id(), summary: fault.summary(), on: broken.is_on(fault) };
    Json(Fault::all().map(shown).collect())
}

async fn set_faults(State(service): Shared, body: Bytes) -> Answer<Json<Vec<ShownFault>>> {
    let ids: Vec<String> = serde_json::from_slice(&body)
        .map_err(|error| Refusal::bad(format!("the body is not a list of faults: {error}")))?;
    let known: Vec<&str> = Fault::all().map(Fault::id).collect();
    let wanted = ids.iter().map(|id| {
        id.parse::<Fault>().map_err(|error| {
            let hint =
                closest(id, &known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            Refusal::bad(format!("{error}{hint}"))
        })
    });
    service.break_rules(wanted.collect::<Answer<Vec<Fault>>>()?);
    Ok(faults(State(service)).await)
}

async fn answers(State(service): Shared) -> Json<Vec<Given>> {
    Json(service.rules.given())
}

async fn set_answers(State(service): Shared, body: Bytes) -> Answer<Json<Vec<Given>>> {
    let rules = spec_answers::read(FsPath::new("the body"), &body)
        .map_err(|mistakes| Refusal::bad(mistakes.lines()))?;
    service.set_answers(rules);
    Ok(answers(State(service)).await)
}

async fn clear_answers(State(service): Shared) -> StatusCode {
    service.set_answers([]);
    StatusCode::NO_CONTENT
}

async fn verdict(State(service): Shared) -> Answer<Response> {
    let nobody = || {
        let message = "nobody is judged; start the mock with `--judge client`";
        Refusal(StatusCode::CONFLICT, message.to_owned())
    };
    let judge = service.beginning.verdicts.as_ref().ok_or_else(nobody)?;
    let (asked, told) = oneshot::channel();
    // Whoever judges may have come to the end.
    judge.send(asked).map_err(|_| nobody())?;
    let verdict = told.await.map_err(|_| nobody())?;
    Ok(([(header::CONTENT_TYPE, "application/json")], verdict).into_response())
}
