//! Whether what a run needs is there: looked at one by one, so that each thing that is amiss is told by itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::probe::probe;
use super::setup::{Endpoint, SetupError};
use super::stage::target as target_of;
use crate::exchange::Request;
use crate::spec::Suite;
use crate::spec::absent::Absent;
use crate::spec::case::Call;
use crate::target::{Ledger, LiveError, Target};

/// A clock that is off by more than this makes times of the endpoint look wrong.
const CLOCK_OFF: SignedDuration = SignedDuration::from_secs(30);

/// An endpoint that takes longer than this for a refusal is slow.
const SLOW: Duration = Duration::from_secs(2);

/// The diagnosis of one precondition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The thing, in a word.
    pub about: &'static str,
    /// The health.
    pub health: Health,
    /// The observation.
    pub told: String,
    /// The advice.
    pub help: Option<String>,
}

/// The health of a precondition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// As it should be.
    Well,
    /// A run goes on without it, and tells less.
    Noted,
    /// No run can begin.
    Ill,
}

impl Diagnosis {
    /// All is well.
    #[must_use]
    pub fn well(about: &'static str, told: impl Into<String>) -> Self {
        Self { about, health: Health::Well, told: told.into(), help: None }
    }

    /// A run goes on without it.
    #[must_use]
    pub fn noted(about: &'static str, told: impl Into<String>, help: impl Into<String>) -> Self {
        Self { about, health: Health::Noted, told: told.into(), help: Some(help.into()) }
    }

    /// No run can begin.
    #[must_use]
    pub fn ill(about: &'static str, told: impl Into<String>, help: impl Into<String>) -> Self {
        Self { about, health: Health::Ill, told: told.into(), help: Some(help.into()) }
    }
}

/// Looks at an endpoint: whether it can be reached, its clock, its first refusal, and its key.
pub async fn examine(endpoint: Endpoint, suite: &Suite) -> Vec<Diagnosis> {
    let mut told = vec![keys(&endpoint)];
    let live = match endpoint.connect() {
        Ok(live) => live,
        Err(error) => {
            let (about, help) = match error {
                SetupError::Endpoint(LiveError::Trust(_) | LiveError::Identity(_)) => {
                    ("tls", "fix this first: no request can be sent")
                }
                _ => ("url", "correct --url or NEON_API_URL"),
            };
            told.push(Diagnosis::ill(about, error.to_string(), help));
            return told;
        }
    };
    let Some((route, request)) = question(suite) else { return told };
    let response = match live.send(&request).await {
        Ok(response) => response,
        Err(error) => {
            let help = "check the host name, that the server is up, and the proxy (HTTPS_PROXY)";
            told.push(Diagnosis::ill("reach", error.to_string(), help));
            return told;
        }
    };
    if let Some(fault) = &response.fault {
        let help = "check that it is an HTTP server and that the port is right";
        told.push(Diagnosis::ill("reach", format!("{}: {fault}", live.describe()), help));
        return told;
    }
    let elapsed = format!("{} ms", response.elapsed.as_millis());
    told.push(if response.elapsed > SLOW {
        let help = "responses are slow; consider --timeout and --time-budget";
        Diagnosis::noted("reach", format!("{} responds in {elapsed}", live.describe()), help)
    } else {
        Diagnosis::well("reach", format!("{} responds in {elapsed}", live.describe()))
    });
    told.push(match response.status {
        401 => Diagnosis::well("api", format!("{route} is rejected without a key")),
        status => {
            let help =
                "the Neon API returns 401; check that the URL is its address, without /api/v2 or another prefix";
            Diagnosis::noted("api", format!("{route} without a key returns {status}"), help)
        }
    });
    told.push(clock(response.header("date")));
    told.push(match probe(&live, suite, &Absent::new()).await {
        Ok(()) => Diagnosis::well("account", "the key is accepted"),
        Err(hindrance) => Diagnosis::ill("account", hindrance.to_string(), "no trial can run until then"),
    });
    told
}

/// Diagnoses a directory of ledgers.
#[must_use]
pub fn examine_ledgers(folder: &Path) -> Diagnosis {
    match Ledger::all_in(folder).map(|ledgers| ledgers.len()) {
        Ok(0) => {
            Diagnosis::well("ledgers", format!("no leftover resources are recorded ({})", folder.display()))
        }
        Ok(count) => Diagnosis::noted(
            "ledgers",
            format!("{count} in {}: runs are active or were killed", folder.display()),
            "`neon-contract sweep` removes the resources of killed runs",
        ),
        Err(error) => Diagnosis::ill("ledgers", error.to_string(), "choose another directory with --ledger"),
    }
}

fn keys(endpoint: &Endpoint) -> Diagnosis {
    let mut missing = Vec::new();
    if endpoint.other_user.is_none() {
        missing.push("NEON_API_KEY_OTHER (isolation of accounts)");
    }
    if endpoint.revoked.is_none() {
        missing.push("NEON_REVOKED_API_KEY (rejection of a revoked key, without --allow writes)");
    }
    if missing.is_empty() {
        return Diagnosis::well("keys", "a key, a key of another user and a revoked key");
    }
    Diagnosis::noted("keys", "a key is given", format!("untested without: {}", missing.join("; ")))
}

/// What a good key opens, asked for without one.
fn question(suite: &Suite) -> Option<(String, Request)> {
    let Call::Operation(id) = &suite.supply.key_check.as_ref()?.call else { return None };
    let operation = suite.operation(id);
    let request = Request {
        method: operation.method.clone(),
        target: target_of(&operation.path, &BTreeMap::new()),
        headers: vec![("accept".to_owned(), "application/json".to_owned())],
        authorization: None,
        body: None,
    };
    Some((format!("{} {}", operation.method, operation.path), request))
}

fn clock(date: Option<&str>) -> Diagnosis {
    let there = date.and_then(|date| httpdate::parse_http_date(date).ok());
    let Some(there) = there.and_then(|there| Timestamp::try_from(there).ok()) else {
        return Diagnosis::noted("clock", "the endpoint sends no `date` header", "clocks cannot be compared");
    };
    let off = Timestamp::now().duration_since(there).abs();
    if off > CLOCK_OFF {
        let help = "set the clock of this machine; times in responses are compared with it";
        return Diagnosis::noted("clock", format!("differs from the endpoint by {off:#}"), help);
    }
    Diagnosis::well("clock", "agrees with the endpoint")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::none(None, Health::Noted)]
    #[case::no_date(Some("yesterday"), Health::Noted)]
    #[case::long_ago(Some("Sun, 06 Nov 1994 08:49:37 GMT"), Health::Noted)]
    fn a_clock_that_is_off_is_noted(#[case] date: Option<&str>, #[case] expected: Health) {
        assert_eq!(clock(date).health, expected);
    }

    #[test]
    fn a_clock_that_agrees_is_well() {
        let now = httpdate::fmt_http_date(std::time::SystemTime::now());
        assert_eq!(clock(Some(&now)).health, Health::Well);
    }
}
