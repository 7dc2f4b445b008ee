//! What a fault is: a row of the catalogue.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use axum::http::Method;

use super::catalogue;
use super::data::{Break, Change, Class, Effect, Entry, Severity, When};

/// One rule broken on purpose.
#[derive(Clone, Copy)]
pub struct Fault(&'static Entry);

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

    use super::Fault;
    use crate::mock::fault::data::On;
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
