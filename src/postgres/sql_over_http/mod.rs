//! SQL over HTTP, as `@neondatabase/serverless` speaks it: a query, or a batch of them in one transaction, in a request.

mod value;

use std::io;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use self::value::{parameter, shown};
use super::client::{Outcome, QueryError, ServerError, Session};
use super::front::{Startup, Way};
use super::gate::Gate;
use crate::postgres::failure::Failure;

const CONNECTION: HeaderName = HeaderName::from_static("neon-connection-string");
const RAW_TEXT: HeaderName = HeaderName::from_static("neon-raw-text-output");
const ARRAYS: HeaderName = HeaderName::from_static("neon-array-mode");
const ISOLATION: HeaderName = HeaderName::from_static("neon-batch-isolation-level");
const READ_ONLY: HeaderName = HeaderName::from_static("neon-batch-read-only");
const DEFERRABLE: HeaderName = HeaderName::from_static("neon-batch-deferrable");

/// What headers call the levels of isolation, and what SQL does.
const LEVELS: [(&str, &str); 4] = [
    ("ReadUncommitted", "READ UNCOMMITTED"),
    ("ReadCommitted", "READ COMMITTED"),
    ("RepeatableRead", "REPEATABLE READ"),
    ("Serializable", "SERIALIZABLE"),
];

/// The members of an error, by the letters that the protocol has for them.
const FIELDS: [(char, &str); 17] = [
    ('M', "message"),
    ('C', "code"),
    ('D', "detail"),
    ('H', "hint"),
    ('P', "position"),
    ('p', "internalPosition"),
    ('q', "internalQuery"),
    ('S', "severity"),
    ('W', "where"),
    ('t', "table"),
    ('c', "column"),
    ('s', "schema"),
    ('d', "dataType"),
    ('n', "constraint"),
    ('F', "file"),
    ('L', "line"),
    ('R', "routine"),
];

/// A query, as it is sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    #[serde(rename = "query")]
    statement: String,
    #[serde(default)]
    params: Vec<Value>,
    array_mode: Option<bool>,
}

/// What a request asks for.
enum Asked {
    One(Query),
    Batch(Vec<Query>),
}

/// How rows are shown.
#[derive(Debug, Clone, Copy)]
struct Form {
    is_raw: bool,
    is_array: bool,
}

/// Why a request is not done.
enum Refusal {
    /// It is no request of this kind.
    Request(String),
    Server(ServerError),
    Io(io::Error),
}

impl From<QueryError> for Refusal {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Server(error) => Self::Server(error),
            QueryError::Io(error) => Self::Io(error),
        }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Server(failure.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Request(message) => (StatusCode::BAD_REQUEST, json!({ "message": message, "code": null })),
            Self::Server(ServerError(fields)) => {
                let member = |(letter, name): (char, &str)| {
                    let value =
                        fields.iter().find(|(known, _)| *known == letter).map(|(_, value)| value.clone());
                    (name.to_owned(), json!(value))
                };
                (StatusCode::BAD_REQUEST, Value::Object(FIELDS.map(member).into_iter().collect()))
            }
            Self::Io(error) => {
                let message = format!("the server has broken the connection off: {error}");
                (StatusCode::INTERNAL_SERVER_ERROR, json!({ "message": message, "code": null }))
            }
        };
        (status, Json(body)).into_response()
    }
}

/// Answers `POST /sql`.
pub(super) async fn answer(State(gate): State<Arc<Gate>>, headers: HeaderMap, body: Bytes) -> Response {
    match run(&gate, &headers, &body).await {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn run(gate: &Gate, headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let is_set = |name: &HeaderName| text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let asked = read(body)?;
    let begin = begin(text(&ISOLATION), is_set(&READ_ONLY), is_set(&DEFERRABLE))?;
    let connection =
        text(&CONNECTION).ok_or_else(|| wrong("the header Neon-Connection-String is missing"))?;
    let (mut startup, way, password) = connection_string(connection)?;
    let form = Form { is_raw: is_set(&RAW_TEXT), is_array: is_set(&ARRAYS) };
    let lease = gate.open(&mut startup, &way).await?;
    let answered = async {
        let mut session = Session::open(&lease.socket, &startup, &password).await?;
        session.ready().await?;
        match asked {
            Asked::One(query) => one(&mut session, &query, form).await,
            Asked::Batch(queries) => {
                session.query(&begin, &[]).await?;
                let mut results = Vec::new();
                for query in &queries {
                    results.push(one(&mut session, query, form).await?);
                }
                session.query("COMMIT", &[]).await?;
                Ok(json!({ "results": results }))
            }
        }
    };
    tokio::select! {
        answered = answered => answered,
        () = lease.end.cancelled() => Err(Failure::stopped().into()),
    }
}

async fn one(session: &mut Session, query: &Query, form: Form) -> Result<Value, Refusal> {
    let parameters: Vec<Option<String>> = query.params.iter().map(parameter).collect();
    let outcome = session.query(&query.statement, &parameters).await?;
    Ok(result(outcome, Form { is_array: query.array_mode.unwrap_or(form.is_array), ..form }))
}

/// What a query gives, as it is shown.
fn result(outcome: Outcome, form: Form) -> Value {
    let Outcome { tag, columns, rows } = outcome;
    let count = tag.rsplit(' ').next().and_then(|count| count.parse::<u64>().ok());
    let fields: Vec<Value> = columns
        .iter()
        .map(|column| {
            json!({
                "name": column.name,
                "tableID": column.table,
                "columnID": column.number,
                "dataTypeID": column.kind,
                "dataTypeSize": column.size,
                "dataTypeModifier": column.modifier,
                "format": "text",
            })
        })
        .collect();
    let value = |index: usize, text: Option<String>| match text {
        Some(text) if form.is_raw => Value::String(text),
        Some(text) => shown(columns.get(index).map_or(0, |column| column.kind), text),
        None => Value::Null,
    };
    let row = |row: Vec<Option<String>>| {
        let values = row.into_iter().enumerate().map(|(index, text)| value(index, text));
        if form.is_array {
            return values.collect::<Value>();
        }
        let named = columns.iter().map(|column| column.name.clone()).zip(values);
        Value::Object(named.collect::<Map<String, Value>>())
    };
    json!({
        // The first word of `INSERT 0 1`.
        "command": tag.split(' ').next().unwrap_or_default(),
        "rowCount": count,
        "rows": rows.into_iter().map(row).collect::<Vec<_>>(),
        "fields": fields,
        "rowAsArray": form.is_array,
    })
}

fn wrong(message: impl Into<String>) -> Refusal {
    Refusal::Request(message.into())
}

fn read(body: &[u8]) -> Result<Asked, Refusal> {
    let no_query = |error: serde_json::Error| wrong(format!("the body is no query: {error}"));
    let mut body: Value = serde_json::from_slice(body).map_err(no_query)?;
    match body.get_mut("queries").map(Value::take) {
        Some(queries) => serde_json::from_value(queries).map(Asked::Batch),
        None => serde_json::from_value(body).map(Asked::One),
    }
    .map_err(no_query)
}

/// The statement that begins a batch.
fn begin(isolation: Option<&str>, is_read_only: bool, is_deferrable: bool) -> Result<String, Refusal> {
    let mut statement = "BEGIN".to_owned();
    if let Some(isolation) = isolation {
        let level = LEVELS.iter().find(|(name, _)| *name == isolation);
        let (_, level) = level.ok_or_else(|| wrong(format!("there is no isolation level `{isolation}`")))?;
        statement.push_str(" ISOLATION LEVEL ");
        statement.push_str(level);
    }
    if is_read_only {
        statement.push_str(" READ ONLY");
    }
    if is_deferrable {
        statement.push_str(" DEFERRABLE");
    }
    Ok(statement)
}

/// The session that a connection string asks for. The string is secret: no message quotes it.
fn connection_string(text: &str) -> Result<(Startup, Way, SecretString), Refusal> {
    let url = Url::parse(text).map_err(|_| wrong("the connection string is not a URL"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(wrong("the connection string does not begin with postgresql://"));
    }
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(std::borrow::Cow::into_owned).map_err(|_| wrong("the connection string is not UTF-8"))
    };
    let (user, database) = (decoded(url.username())?, decoded(url.path().trim_start_matches('/'))?);
    let password = decoded(url.password().unwrap_or_default())?;
    let is_without = |text: &str| !text.contains('\0');
    if user.is_empty() || !is_without(&user) || !is_without(&database) {
        return Err(wrong("the connection string names no role"));
    }
    let mut startup = Startup::new(&[("user", &user), ("client_encoding", "UTF8")]);
    if !database.is_empty() {
        startup.set("database", Some(database.into_bytes()));
    }
    for (name, value) in url.query_pairs() {
        if matches!(&*name, "options" | "application_name") && is_without(&value) {
            startup.set(&name, Some(value.into_owned().into_bytes()));
        }
    }
    let way = Way { host: url.host_str().map(str::to_owned), address: loopback_of(&url) };
    Ok((startup, way, password.into()))
}

/// The address that a connection string names, where it is one.
fn loopback_of(url: &Url) -> Option<std::net::IpAddr> {
    url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse().ok())
}
