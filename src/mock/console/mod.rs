//! The console: a page on which a person signs in, looks after keys, and sees the projects.

mod pages;
mod session;

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use serde::Deserialize;
use uuid::Uuid;

use self::pages::Page;
use self::session::{NewKey, Session, Sessions};
use super::model::State as Accounts;
use super::origin::{Reach, same_origin};
use super::service::{Service, keep_first};

/// Where the console is.
pub const CONSOLE: &str = "/console";

const SIGN_IN: &str = "/console";
const PROJECTS: &str = "/console/projects";
const DEVELOPER_SETTINGS: &str = "/console/account/developer-settings";

/// Whose accounts one can sign in with; here it is a label.
const PROVIDERS: [&str; 3] = ["GitHub", "Google", "a partner account"];

/// The longest name of a key (KEY-NAME-LENGTH).
const LONGEST_NAME: usize = 64;

/// What the pages may load: only what is served here.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

struct Console {
    service: Arc<Service>,
    sessions: Sessions,
}

type Shared = State<Arc<Console>>;

/// Serves the console.
pub(super) fn router(service: Arc<Service>, reach: Reach) -> Router {
    let console = Arc::new(Console { service: service.clone(), sessions: Sessions::default() });
    Router::new()
        .route("/", get(|| async { Redirect::to(SIGN_IN) }))
        .route(SIGN_IN, get(sign_in_page))
        .route("/console/sign-in", post(sign_in))
        .route("/console/sign-out", post(sign_out))
        .route(PROJECTS, get(projects))
        .route("/console/account", get(account))
        .route(DEVELOPER_SETTINGS, get(developer_settings))
        .route("/console/account/developer-settings/keys", post(generate))
        .route("/console/account/developer-settings/keys/{id}/revoke", get(ask_to_revoke).post(revoke))
        .route("/console/console.css", get(|| async { asset("text/css", include_str!("console.css")) }))
        .route("/console/console.js", get(|| async { asset("text/javascript", include_str!("console.js")) }))
        .route("/console/icon.svg", get(|| async { asset("image/svg+xml", include_str!("icon.svg")) }))
        .layer(middleware::from_fn_with_state(service, keep_first))
        .layer(middleware::from_fn_with_state(reach, same_origin))
        .with_state(console)
}

fn asset(media_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, media_type), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], text)
}

/// A page is nobody's business but the one's who asked: it may show a key.
impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::REFERRER_POLICY, "same-origin"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (self.status, headers, self.html).into_response()
    }
}

/// Someone who has signed in, with the number of their account; or the way to where one does.
struct SignedIn {
    session: Session,
    account: usize,
}

impl Console {
    fn signed_in(&self, state: &Accounts, headers: &HeaderMap) -> Result<SignedIn, Redirect> {
        let session = self.sessions.of(headers).ok_or_else(|| Redirect::to(SIGN_IN))?;
        // After a reset the user may be gone.
        let account = state.number_of(session.user).ok_or_else(|| Redirect::to(SIGN_IN))?;
        Ok(SignedIn { session, account })
    }
}

async fn sign_in_page(State(console): Shared, headers: HeaderMap) -> Response {
    let state = console.service.state();
    match console.signed_in(&state, &headers) {
        Ok(_) => Redirect::to(PROJECTS).into_response(),
        Err(_) => pages::sign_in(&state, None).into_response(),
    }
}

#[derive(Deserialize)]
struct SignIn {
    user: Uuid,
    provider: String,
}

async fn sign_in(
    State(console): Shared,
    headers: HeaderMap,
    form: Result<Form<SignIn>, FormRejection>,
) -> Response {
    let state = console.service.state();
    let known = form.ok().and_then(|Form(form)| {
        let provider = PROVIDERS.into_iter().find(|provider| *provider == form.provider)?;
        state.number_of(form.user).map(|_| (form.user, provider))
    });
    let Some((user, provider)) = known else {
        return pages::sign_in(&state, Some("Choose a user and an account to sign in with.")).into_response();
    };
    let mut response = Redirect::to(PROJECTS).into_response();
    console.sessions.close(&headers);
    let cookie = console.sessions.open(user, provider);
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

async fn sign_out(State(console): Shared, headers: HeaderMap) -> Response {
    console.sessions.close(&headers);
    let mut response = Redirect::to(SIGN_IN).into_response();
    response.headers_mut().insert(header::SET_COOKIE, HeaderValue::from_static(session::NO_COOKIE));
    response
}

async fn projects(State(console): Shared, headers: HeaderMap) -> Result<Page, Redirect> {
    let state = console.service.state();
    let signed_in = console.signed_in(&state, &headers)?;
    Ok(pages::projects(&state, &signed_in))
}

async fn account(State(console): Shared, headers: HeaderMap) -> Result<Page, Redirect> {
    let state = console.service.state();
    let signed_in = console.signed_in(&state, &headers)?;
    Ok(pages::account(&state, &signed_in))
}

/// The keys, and a new one this once.
async fn developer_settings(
    State(console): Shared,
    method: Method,
    headers: HeaderMap,
) -> Result<Page, Redirect> {
    let state = console.service.state();
    let signed_in = console.signed_in(&state, &headers)?;
    // HEAD shows nothing, and so tells nothing away (RFC 9110 §9.3.2).
    let is_shown = method == Method::GET;
    let (key, notice) = if is_shown { console.sessions.take_news(&headers) } else { (None, None) };
    let beside = pages::Beside { new: key.as_ref(), notice, ..pages::Beside::default() };
    Ok(pages::developer_settings(&state, &signed_in, beside))
}

#[derive(Deserialize)]
struct Generate {
    name: String,
}

async fn generate(
    State(console): Shared,
    headers: HeaderMap,
    form: Result<Form<Generate>, FormRejection>,
) -> Result<Response, Redirect> {
    let mut state = console.service.state_mut();
    let signed_in = console.signed_in(&state, &headers)?;
    let name = form.map(|Form(form)| form.name).unwrap_or_default();
    let name = name.trim();
    let problem = if name.is_empty() {
        Some("Give the key a name.".to_owned())
    } else if name.chars().count() > LONGEST_NAME {
        Some(format!("The name may have {LONGEST_NAME} characters at most."))
    } else {
        None
    };
    if problem.is_some() {
        let beside = pages::Beside { problem, name, ..pages::Beside::default() };
        let page = pages::developer_settings(&state, &signed_in, beside);
        return Ok(page.into_response());
    }
    let now = console.service.now();
    let (key, token) = state.create_key(signed_in.account, signed_in.account, name, None, now);
    console.sessions.tell_key(&headers, NewKey { name: key.name, token: token.into() });
    // Shown by the next page, so that loading that one again neither makes another key nor shows this one again.
    Ok(Redirect::to(DEVELOPER_SETTINGS).into_response())
}

async fn ask_to_revoke(
    State(console): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Redirect> {
    let state = console.service.state();
    let signed_in = console.signed_in(&state, &headers)?;
    let key = id.parse().ok().and_then(|id| state.account_at(signed_in.account).keys.get(&id));
    Ok(match key {
        Some(key) => pages::revoke(&state, &signed_in, key).into_response(),
        None => Redirect::to(DEVELOPER_SETTINGS).into_response(),
    })
}

async fn revoke(
    State(console): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Redirect, Redirect> {
    let mut state = console.service.state_mut();
    let signed_in = console.signed_in(&state, &headers)?;
    let revoked = id.parse().ok().and_then(|id| state.revoke_key(signed_in.account, id));
    let notice = match revoked {
        Some(key) => format!("The key “{}” is revoked.", key.name),
        None => "There is no such key any more.".to_owned(),
    };
    console.sessions.tell(&headers, notice);
    Ok(Redirect::to(DEVELOPER_SETTINGS))
}
