//! Any origin that claims to be the Neon API.

use std::time::Duration;

use futures::future::BoxFuture;
use secrecy::SecretString;
use url::Url;

use super::client::{Client, Limits, Peer};
use super::jobs_on_this_machine;
use super::pace::{Gate, Pace};
use super::proxies::Proxies;
use super::tls::{Identity, IdentityError, Tls, TrustError};
use super::{Refusal, Session, Target, Unreachable};
use crate::exchange::{Request, Response};
use crate::plan::Trial;
use crate::spec::case_file::Effect;
use crate::spec::credential::Credential;

/// An endpoint given by its URL, with a key of an account there.
#[derive(Debug)]
pub struct Live {
    origin: String,
    client: Client,
    keys: Keys,
    allowed: Effect,
    gate: Gate,
    organization: Option<String>,
}

/// The keys that a run is given.
#[derive(Debug)]
pub struct Keys {
    /// A valid key of the account.
    pub valid: SecretString,
    /// A valid key of another user.
    pub other_user: Option<SecretString>,
    /// A key that was revoked.
    pub revoked: Option<SecretString>,
}

/// Why an endpoint cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The URL is none.
    #[error("`{url}` is not a URL of an API: {reason}; write it as https://console.neon.tech")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The key cannot stand in a header.
    #[error("the API key {0}; copy it again without line breaks or quotes")]
    Key(&'static str),
    /// It cannot be found out whom to trust.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// A client certificate cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
}

/// How an endpoint is treated.
#[derive(Debug)]
pub struct Manner {
    /// The worst that may be done there.
    pub allowed: Effect,
    /// How fast requests go there.
    pub pace: Pace,
    /// How long an answer may take and how large it may be.
    pub limits: Limits,
    /// The client certificate to show.
    pub identity: Option<Identity>,
}

impl Live {
    /// The endpoint at `url`: an origin, or an origin with a prefix. `/api/v1` or `/api/v2` at its end is dropped, since the suite holds both.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub fn new(url: &str, keys: Keys, manner: Manner) -> Result<Self, LiveError> {
        let Manner { allowed, pace, limits, identity } = manner;
        let origin = origin(url)?;
        Identity::check(identity.as_ref(), &origin)?;
        for key in std::iter::once(&keys.valid).chain(&keys.other_user).chain(&keys.revoked) {
            check_key(key)?;
        }
        let proxies = if is_loopback(&origin) { Proxies::None } else { Proxies::FromEnvironment };
        let gate = Gate::new(pace);
        let tls = Tls::to(&origin, proxies, identity)?;
        let client = Client::new(origin.clone(), limits, Peer::Foreign { proxies, tls })
            .map_err(|error| LiveError::Client(error.to_string()))?;
        Ok(Self { origin, client, keys, allowed, gate, organization: None })
    }

    /// The same endpoint for an account that works in this organization.
    #[must_use]
    pub fn in_organization(mut self, id: Option<String>) -> Self {
        self.organization = id;
        self
    }
}

/// How fast requests go to an endpoint where nobody says otherwise: as fast as can be on this machine, and elsewhere so that nobody is
/// disturbed.
#[must_use]
pub fn usual_pace(url: &str) -> Pace {
    if is_loopback(url) { Pace::UNLIMITED } else { Pace::COURTEOUS }
}

/// The origin that requests go to, where an endpoint is given by this URL.
///
/// # Errors
/// When it is no URL of an API.
pub fn checked_origin(url: &str) -> Result<String, LiveError> {
    origin(url)
}

/// The host of an endpoint, without a port; its whole URL, where that has none.
#[must_use]
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Whether two URLs are of the same endpoint.
#[must_use]
pub fn same_origin(one: &str, other: &str) -> bool {
    matches!((origin(one), origin(other)), (Ok(one), Ok(other)) if one == other)
}

impl Target for Live {
    fn describe(&self) -> String {
        self.origin.clone()
    }

    fn origin(&self) -> String {
        self.origin.clone()
    }

    fn holds_snapshots(&self) -> bool {
        false
    }

    fn shared_key(&self) -> Option<&SecretString> {
        Some(&self.keys.valid)
    }

    fn organization(&self) -> Option<&str> {
        self.organization.as_deref()
    }

    fn default_jobs(&self) -> usize {
        if is_loopback(&self.origin) { jobs_on_this_machine() } else { 4 }
    }

    fn open(&self, trial: &Trial) -> Result<Session, Refusal> {
        if let Some(account) = &trial.case.account {
            return Err(Refusal::Skipped(format!(
                "it requires the fixture account `{account}` of the embedded mock"
            )));
        }
        if trial.effect > self.allowed {
            let word = if trial.effect == Effect::Destroys { "destroys" } else { "writes" };
            return Err(Refusal::Skipped(format!("it {word}; allow this with `--allow {word}`")));
        }
        let Keys { valid, other_user, revoked } = &self.keys;
        let may_mint = self.allowed >= Effect::Writes;
        let is_given = |kind: Credential| kind == Credential::Revoked && revoked.is_some();
        if let Some(kind) = trial.revoked().find(|kind| !may_mint && !is_given(*kind)) {
            return Err(Refusal::Untested(format!(
                "no {kind} key is available; allow creating and revoking one with `--allow writes`{}",
                if kind == Credential::Revoked { ", or provide one in NEON_REVOKED_API_KEY" } else { "" }
            )));
        }
        Ok(Session {
            key: valid.clone(),
            other_user: other_user.clone(),
            revoked: revoked.clone().filter(|_| !may_mint),
            exclusive: false,
        })
    }

    fn timeout(&self) -> Duration {
        self.client.timeout()
    }

    fn is_patient(&self) -> bool {
        true
    }

    fn ready<'a>(&'a self, route: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(self.gate.pass(route))
    }

    fn hold(&self, time: Duration) {
        self.gate.close_for(time);
    }

    fn send<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, Unreachable>> {
        Box::pin(self.client.send(request))
    }
}

/// The URL without user, query and API prefix.
fn origin(url: &str) -> Result<String, LiveError> {
    let refuse = |reason: &str| LiveError::Url { url: without_user(url), reason: reason.to_owned() };
    let parsed = Url::parse(url).map_err(|error| refuse(&error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(refuse("it starts with neither http:// nor https://"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(refuse("it contains a user name or a password"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(refuse("it has a query or a fragment"));
    }
    let origin = parsed.as_str().trim_end_matches('/');
    let origin = origin.strip_suffix("/api/v1").or_else(|| origin.strip_suffix("/api/v2")).unwrap_or(origin);
    Ok(origin.to_owned())
}

/// What was given for a URL, without what stands before an `@` and in the query.
fn without_user(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}…{}", &url[..scheme + 3], &url[at..]),
        _ => url.to_owned(),
    }
}

/// A key is visible ASCII without spaces (RFC 6750 §2.1).
fn check_key(key: &SecretString) -> Result<(), LiveError> {
    use secrecy::ExposeSecret;
    let key = key.expose_secret();
    if key.is_empty() {
        Err(LiveError::Key("is empty"))
    } else if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        Err(LiveError::Key("contains a character that no key contains"))
    } else {
        Ok(())
    }
}

fn is_loopback(origin: &str) -> bool {
    let host = Url::parse(origin).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://console.neon.tech", "https://console.neon.tech")]
    #[case("https://console.neon.tech/", "https://console.neon.tech")]
    #[case("https://console.neon.tech/api/v2", "https://console.neon.tech")]
    #[case("https://console.neon.tech/api/v1/", "https://console.neon.tech")]
    #[case("http://127.0.0.1:8080/neon", "http://127.0.0.1:8080/neon")]
    fn an_api_prefix_is_dropped(#[case] url: &str, #[case] expected: &str) {
        assert_eq!(origin(url).expect("it is a URL"), expected);
    }

    #[rstest]
    #[case("https://console.neon.tech/api/v2", "console.neon.tech")]
    #[case("http://127.0.0.1:8080", "127.0.0.1")]
    #[case("http://[::1]:8080/neon", "::1")]
    fn an_endpoint_is_known_by_its_host(#[case] url: &str, #[case] expected: &str) {
        assert_eq!(host(url), expected);
    }

    #[rstest]
    #[case("console.neon.tech")]
    #[case("ftp://console.neon.tech")]
    #[case("https://me:hunter2hunter2@console.neon.tech")]
    #[case("https://console.neon.tech/?a=b")]
    fn what_is_no_api_is_refused(#[case] url: &str) {
        let message = origin(url).unwrap_err().to_string();
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[rstest]
    #[case("")]
    #[case("two words")]
    #[case("line\nbreak")]
    fn what_is_no_key_is_refused(#[case] key: &str) {
        assert!(check_key(&SecretString::from(key)).is_err());
    }
}
