//! Who has signed in, by a cookie.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::http::{HeaderMap, HeaderValue, header};
use secrecy::SecretString;
use uuid::Uuid;

use crate::sync::lock;

const COOKIE: &str = "neon_contract_console";

/// The cookie that ends a session.
pub(super) const NO_COOKIE: &str =
    "neon_contract_console=; Path=/console; Max-Age=0; HttpOnly; SameSite=Strict";

/// Someone who has signed in.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) user: Uuid,
    /// With whose account: a label.
    pub(super) provider: &'static str,
}

/// A key that was just made.
pub(super) struct NewKey {
    pub(super) name: String,
    pub(super) token: SecretString,
}

/// What the next page tells, once.
type News = (Option<NewKey>, Option<String>);

/// All sessions, by the values of their cookies. They end with the mock.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<Uuid, (Session, News)>>);

impl Sessions {
    /// Begins a session: the cookie for it.
    pub(super) fn open(&self, user: Uuid, provider: &'static str) -> HeaderValue {
        let id = Uuid::new_v4();
        lock(&self.0).insert(id, (Session { user, provider }, News::default()));
        let cookie = format!("{COOKIE}={id}; Path=/console; HttpOnly; SameSite=Strict");
        HeaderValue::try_from(cookie).expect("a UUID is ASCII")
    }

    pub(super) fn of(&self, headers: &HeaderMap) -> Option<Session> {
        lock(&self.0).get(&id(headers)?).map(|(session, _)| session.clone())
    }

    pub(super) fn close(&self, headers: &HeaderMap) {
        if let Some(id) = id(headers) {
            lock(&self.0).remove(&id);
        }
    }

    /// Keeps a key for the next page.
    pub(super) fn tell_key(&self, headers: &HeaderMap, key: NewKey) {
        self.with_news(headers, |news| news.0 = Some(key));
    }

    /// Keeps a sentence for the next page.
    pub(super) fn tell(&self, headers: &HeaderMap, notice: String) {
        self.with_news(headers, |news| news.1 = Some(notice));
    }

    /// What there is to tell, which is not told again.
    pub(super) fn take_news(&self, headers: &HeaderMap) -> News {
        self.with_news(headers, std::mem::take).unwrap_or_default()
    }

    fn with_news<T>(&self, headers: &HeaderMap, change: impl FnOnce(&mut News) -> T) -> Option<T> {
        lock(&self.0).get_mut(&id(headers)?).map(|(_, news)| change(news))
    }
}

/// The value of the cookie (RFC 6265 §4.2).
fn id(headers: &HeaderMap) -> Option<Uuid> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|cookies| cookies.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| if name == COOKIE { value.parse().ok() } else { None })
}
