//! What a fault is: a row of the catalogue.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use axum::http::Method;

use super::admission::{Admission, Look, Refused};
use super::answer::{Alter, Later, When};
use super::catalogue;
use super::change::Change;
use super::effect::Effect;
use super::wire::Spoil;

/// One rule broken on purpose.
#[derive(Clone, Copy)]
pub struct Fault(&'static Entry);

/// What kind of rule a fault breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Who is let in.
    Auth,
    /// How keys come and go.
    KeyLife,
    /// What a request does, and what a refused one does not.
    Effect,
    /// What must not be shown.
    Leak,
    /// The status of an answer.
    Status,
    /// The form of an answer.
    Schema,
    /// The values in an answer.
    Value,
    /// What is true of an account over several answers.
    State,
    /// Lists in parts.
    Paging,
    /// The first version of the API.
    V1,
    /// The form of an error.
    ErrorShape,
    /// The headers of an answer.
    Headers,
    /// The bytes on the wire.
    Robustness,
}

/// How bad it would be if nobody noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A `should` is broken: there may be reasons.
    Advice,
    /// A client would hardly mind.
    Minor,
    /// A client would go wrong.
    Major,
    /// An account would be open, or lose something.
    Critical,
}

/// What was asked of one operation, and how it was answered.
#[derive(Debug, Clone)]
pub struct Traffic {
    /// The operation; empty where it is none.
    pub operation: String,
    /// Its method.
    pub method: Method,
    /// The statuses of the answers; `None` where they are not known.
    pub statuses: Option<BTreeSet<u16>>,
    /// The query parameters that were sent; `None` where they are not known.
    pub parameters: Option<BTreeSet<String>>,
    /// The credentials that were refused, by their words; `None` where they are not known.
    pub credentials: Option<BTreeSet<&'static str>>,
}

/// A row of the catalogue.
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) class: Class,
    pub(super) severity: Severity,
    /// The requirement it breaks.
    pub(super) breaks: &'static str,
    /// What it does, in one sentence.
    pub(super) summary: &'static str,
    pub(super) on: On,
    pub(super) how: Break,
}

/// The requests that a fault concerns.
#[derive(Debug, Clone, Copy)]
pub(super) enum On {
    /// Every request to the API, also to what is no operation.
    Every,
    /// All that only read.
    Reads,
    /// All that may change something.
    Writes,
    /// All of the first version.
    V1,
    /// These operations.
    Of(&'static [&'static str]),
    /// All operations but these.
    But(&'static [&'static str]),
}

/// Where a fault acts, and what it does there.
pub(super) enum Break {
    Admission(Admission),
    Refused(Refused),
    Looks(Look),
    Change(Change),
    Effect(Effect),
    /// At a place in the body of some answers.
    Answer(When, &'static str, Alter),
    Later(Later),
    Status(When, u16),
    /// A success sends the client elsewhere.
    Redirect(&'static str),
    /// A header is another one, or missing.
    Header(When, &'static str, Option<&'static str>),
    Wire(When, Spoil),
    /// 204 comes with a body.
    BodyIn204,
}

impl Fault {
    /// Every fault, in the order of the catalogue.
    pub fn all() -> impl Iterator<Item = Self> {
        catalogue::all().map(Self)
    }

    /// Its name on the command line.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// What it does, in one sentence.
    #[must_use]
    pub fn summary(self) -> &'static str {
        self.0.summary
    }

    /// What kind of rule it breaks.
    #[must_use]
    pub fn class(self) -> Class {
        self.0.class
    }

    /// How bad it would be if nobody noticed.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.0.severity
    }

    /// The id of the requirement it breaks.
    #[must_use]
    pub fn requirement(self) -> &'static str {
        self.0.breaks
    }

    /// Whether a request to an operation may be answered otherwise because of it.
    pub(super) fn concerns(self, operation: &str, method: &Method) -> bool {
        self.0.on.takes(operation, method) || self.causes().contains(&operation)
    }

    /// The operations whose answers it only keeps.
    fn causes(self) -> &'static [&'static str] {
        match &self.0.how {
            Break::Later(later) => later.causes(),
            _ => &[],
        }
    }

    /// Whether what was asked of a mock without faults could have been answered otherwise by one that has it. What could not, cannot
    /// notice it.
    #[must_use]
    pub fn could_show_in(self, traffic: &Traffic) -> bool {
        let had = |status: u16| traffic.statuses.as_ref().is_none_or(|known| known.contains(&status));
        let had_any = |range: std::ops::Range<u16>| {
            traffic.statuses.as_ref().is_none_or(|known| known.range(range).next().is_some())
        };
        let named = |name: &str| traffic.parameters.as_ref().is_none_or(|known| known.contains(name));
        let shows = match &self.0.how {
            Break::Looks(_) => had(401),
            Break::Refused(refused) => had(401) && refused.who().is_among(traffic.credentials.as_ref()),
            Break::Admission(admission) => match admission.who() {
                Some(who) => had(401) && who.is_among(traffic.credentials.as_ref()),
                None => !admission.is_about_spelling() || traffic.credentials.is_none(),
            },
            Break::Change(Change::WithoutQuery(name)) => named(name),
            Break::Effect(Effect::Forgives(status, _)) => had(*status),
            Break::BodyIn204 => had(204),
            Break::Change(_) | Break::Effect(_) | Break::Redirect(_) | Break::Later(_) => true,
            Break::Answer(when, ..)
            | Break::Status(when, _)
            | Break::Header(when, ..)
            | Break::Wire(when, _) => match when {
                When::Always => true,
                When::Ok | When::WithAny => had_any(200..300),
                When::Fails => had_any(400..600),
                When::Is(status) => had(*status),
                When::FailsAt(_) => had(404),
                When::With(name) => named(name),
            },
        };
        shows && self.0.on.takes(&traffic.operation, &traffic.method)
    }

    pub(super) fn how(self) -> &'static Break {
        &self.0.how
    }
}

impl On {
    pub(super) fn takes(self, operation: &str, method: &Method) -> bool {
        match self {
            Self::Every => true,
            Self::Reads => !operation.is_empty() && method.is_safe(),
            Self::Writes => !operation.is_empty() && !method.is_safe(),
            Self::V1 => operation.starts_with("v1"),
            Self::Of(operations) => operations.contains(&operation),
            Self::But(operations) => !operation.is_empty() && !operations.contains(&operation),
        }
    }
}

impl Class {
    /// Its name in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::KeyLife => "key life cycle",
            Self::Effect => "effect",
            Self::Leak => "leak",
            Self::Status => "status",
            Self::Schema => "schema",
            Self::Value => "value",
            Self::State => "state",
            Self::Paging => "paging",
            Self::V1 => "v1",
            Self::ErrorShape => "error shape",
            Self::Headers => "headers",
            Self::Robustness => "robustness",
        }
    }
}

impl Severity {
    /// Its name in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Advice => "advice",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Fault {}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({})", self.id())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// No fault has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault `{0}`")]
pub struct UnknownFault(String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(id: &str) -> Result<Self, UnknownFault> {
        Self::all().find(|fault| fault.id() == id).ok_or_else(|| UnknownFault(id.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Fault, On};
    use crate::mock::support;

    #[test]
    fn every_fault_is_found_by_its_name() {
        let mut ids = BTreeSet::new();
        for fault in Fault::all() {
            assert_eq!(fault.id().parse(), Ok(fault));
            assert!(ids.insert(fault.id()), "{fault} is there twice");
        }
        assert!("no-such-fault".parse::<Fault>().is_err());
    }

    #[test]
    fn the_operations_that_are_named_exist() {
        let known: BTreeSet<&str> = support().map(|row| row.operation).collect();
        for fault in Fault::all() {
            let named = match fault.0.on {
                On::Of(named) | On::But(named) => named,
                _ => &[],
            };
            for name in named.iter().chain(fault.causes()).filter(|name| !name.is_empty()) {
                assert!(known.contains(name), "{fault}: {name}");
            }
        }
    }
}
