//! Exchanges made by hand, for the tests of checks. They speak the project's own contract.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::check::Check;
use super::finding::Finding;
use super::record::Record;
use crate::exchange::{Exchange, Expected, Response, Role, TransportFault, Unseen};
use crate::plan::{Selection, plan};
use crate::secret::Secrets;
use crate::spec::case::{Expectation, StatusRange, StatusSet};
use crate::spec::contract::OperationId;
use crate::spec::credential::Credential;
use crate::spec::matcher::Matcher;
use crate::spec::{Location, Suite};

pub(crate) static SUITE: LazyLock<Suite> = LazyLock::new(|| {
    Suite::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs"))
        .unwrap_or_else(|errors| panic!("{errors}"))
});

/// A token that the tests' runs have come to know.
pub(super) const SECRET: &str = "napi_0123456789abcdefghijklmnopqrstuvwxyz";

/// An exchange made by hand: a successful one with a valid key, unless something else is said.
pub(super) struct Fake {
    exchange: Exchange,
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    fault: Option<TransportFault>,
    unseen: Option<Unseen>,
}

impl Fake {
    pub(super) fn of(operation: &str) -> Self {
        let id = OperationId(operation.to_owned());
        let operation = SUITE.operation(&id);
        let location = Location::of_file(Path::new("specs/cases/fake.yaml"), "");
        Self {
            status: operation.successes()[0],
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: b"{}".to_vec(),
            fault: None,
            unseen: None,
            exchange: Exchange {
                expected: Some(Expected {
                    proves: Arc::default(),
                    status: StatusSet(vec![StatusRange::Class(2)]),
                    status_at: location.clone(),
                    schema: None,
                    headers: Arc::default(),
                    values: Arc::default(),
                    absent: Vec::new(),
                }),
                ..Exchange::plain(operation, location, Response::default())
            },
        }
    }

    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) fn body(self, body: Value) -> Self {
        self.bytes(body.to_string().as_bytes())
    }

    pub(super) fn bytes(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    /// A header that stands there as well.
    pub(super) fn also(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn fault(mut self, fault: TransportFault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Someone else has sent it.
    pub(super) fn observed(mut self) -> Self {
        self.exchange.expected = None;
        self
    }

    /// It may be declined with this status.
    pub(super) fn may_decline(mut self, status: u16) -> Self {
        if let Some(expected) = &mut self.exchange.expected {
            expected.status = StatusSet(vec![StatusRange::Code(status)]);
        }
        self
    }

    /// Its body is not known.
    pub(super) fn unseen(mut self) -> Self {
        self.unseen = Some(Unseen::NotKept("was not kept".to_owned()));
        self.bytes(b"")
    }

    pub(super) fn role(mut self, role: Role) -> Self {
        self.exchange.role = role;
        self
    }

    pub(super) fn credential(mut self, credential: Credential) -> Self {
        self.exchange.credential = credential;
        self
    }

    pub(super) fn param(mut self, name: &str, value: &str) -> Self {
        self.exchange.params.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(super) fn query(mut self, name: &str, value: &str) -> Self {
        self.exchange.query.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(super) fn sent(mut self, body: Value) -> Self {
        self.exchange.request.body = Some(body.to_string().into_bytes());
        self
    }

    /// It is sent this many milliseconds later than others.
    pub(super) fn later(mut self, milliseconds: i64) -> Self {
        self.exchange.began += jiff::SignedDuration::from_millis(milliseconds);
        self
    }

    pub(super) fn expects(mut self, path: &str, matcher: &Value) -> Self {
        let location = self.exchange.location.clone();
        if let Some(expected) = &mut self.exchange.expected {
            let matcher = Matcher::read(matcher.clone()).expect("the matcher is sound");
            let more = Expectation { subject: path.into(), matcher, location, is_template: false };
            expected.values = expected.values.iter().cloned().chain([more]).collect();
        }
        self
    }

    pub(super) fn expects_nothing(mut self, path: &str) -> Self {
        let location = self.exchange.location.clone();
        if let Some(expected) = &mut self.exchange.expected {
            expected.absent.push((path.to_owned(), location));
        }
        self
    }

    fn exchange(self) -> Exchange {
        let response = Response::new(self.status, self.headers, self.body);
        let mut response = match self.fault {
            Some(fault) => response.broken(fault),
            None => response,
        };
        response.unseen = self.unseen;
        Exchange { response, ..self.exchange }
    }
}

/// The findings of a check in exchanges on an account of the trial's own, as `subject: actual`.
pub(super) fn check(check: &Check, fakes: Vec<Fake>) -> Vec<String> {
    look(check, fakes, true)
}

/// The findings of a check on an account that others use as well.
pub(super) fn check_shared(check: &Check, fakes: Vec<Fake>) -> Vec<String> {
    look(check, fakes, false)
}

/// What a snapshot of answers to these operations holds.
pub(crate) fn rendered(answers: Vec<(&str, Value)>) -> String {
    let trials = plan(&SUITE, &Selection::default());
    let secrets = Secrets::default();
    let exchanges =
        answers.into_iter().map(|(operation, body)| Fake::of(operation).body(body).exchange()).collect();
    let record = Record::new(&SUITE, &trials[0], exchanges, &secrets).of_run("nc-test".to_owned(), true);
    crate::snapshot::render(&record)
}

/// What all checks find, and what a snapshot holds.
pub(super) fn judged(fakes: Vec<Fake>) -> (Vec<Finding>, String) {
    let trials = plan(&SUITE, &Selection::default());
    let secrets = Secrets::default();
    secrets.add(SECRET);
    let exchanges = fakes.into_iter().map(Fake::exchange).collect();
    let record = Record::new(&SUITE, &trials[0], exchanges, &secrets).of_run("nc-test".to_owned(), true);
    let (findings, _) = super::judge(&record);
    (findings, crate::snapshot::render(&record))
}

fn look(check: &Check, fakes: Vec<Fake>, exclusive: bool) -> Vec<String> {
    let trials = plan(&SUITE, &Selection::default());
    let secrets = Secrets::default();
    secrets.add(SECRET);
    let exchanges = fakes.into_iter().map(Fake::exchange).collect();
    let record = Record::new(&SUITE, &trials[0], exchanges, &secrets).of_run("nc-test".to_owned(), exclusive);
    let look = check.look(&record);
    look.violations
        .into_iter()
        .map(|violation| format!("{}: {}", violation.subject, violation.actual))
        .collect()
}

/// A project as v2 shows it.
pub(crate) fn project(id: &str) -> Value {
    json!({
        "data_storage_bytes_hour": 0, "data_transfer_bytes": 0, "written_data_bytes": 0, "compute_time_seconds": 0,
        "active_time_seconds": 0, "cpu_used_sec": 0, "id": id, "platform_id": "aws", "region_id": "aws-us-east-2",
        "name": id, "provisioner": "k8s-neonvm", "pg_version": 17, "proxy_host": "us-east-2.aws.neon.tech",
        "branch_logical_size_limit": 512, "branch_logical_size_limit_bytes": 536_870_912, "store_passwords": true,
        "creation_source": "console", "history_retention_seconds": 86400,
        "created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z",
        "consumption_period_start": "2025-01-01T00:00:00Z", "consumption_period_end": "2025-02-01T00:00:00Z",
        "owner_id": "00000000-0000-4000-8000-000000000002", "active_time": 0,
    })
}

/// A list of projects as v2 shows it.
pub(crate) fn project_list(ids: &[&str]) -> Value {
    let projects: Vec<Value> = ids.iter().map(|id| project(id)).collect();
    json!({ "projects": projects, "applications": {}, "integrations": {} })
}

/// A branch as v2 shows it.
pub(super) fn branch(id: &str, project: &str) -> Value {
    json!({
        "id": id, "project_id": project, "name": id, "current_state": "ready", "state_changed_at": "2025-01-01T00:00:00Z",
        "creation_source": "console", "default": false, "protected": false, "cpu_used_sec": 0, "compute_time_seconds": 0,
        "active_time_seconds": 0, "written_data_bytes": 0, "data_transfer_bytes": 0,
        "created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z",
    })
}

/// A list of API keys.
pub(super) fn key_list(ids: &[i64]) -> Value {
    let created_by = json!({"id": "00000000-0000-4000-8000-000000000002", "name": "A", "image": ""});
    let keys = ids.iter().map(|id| {
        json!({"id": id, "name": "a", "created_at": "2025-01-01T00:00:00Z", "created_by": created_by,
            "last_used_at": null, "last_used_from_addr": ""})
    });
    Value::Array(keys.collect())
}
