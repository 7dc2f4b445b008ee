//! What the server holds, and what its clock, its ids and its pages look like.

use std::time::{Duration, Instant};

use base64::Engine as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::style::{Style, Switch};

/// Whose something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    User(usize),
    Organization,
}

pub(crate) struct Key {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) name: String,
    pub(crate) owner: Owner,
    pub(crate) project: Option<String>,
    pub(crate) created_at: String,
    pub(crate) last_used_at: Option<String>,
    pub(crate) is_revoked: bool,
}

pub(crate) struct Branch {
    pub(crate) value: Value,
    pub(crate) roles: Vec<Value>,
    pub(crate) databases: Vec<Value>,
    pub(crate) replaces: Option<String>,
    pub(crate) is_removed: bool,
    pub(crate) number: u64,
}

impl Branch {
    pub(crate) fn remove(&mut self, now: &str) {
        self.is_removed = true;
        self.value["recovery"] = json!({ "deleted_at": now, "recoverable_until": "2099-01-01T00:00:00Z", "deletion_method": "user" });
    }
}

pub(crate) struct Endpoint {
    pub(crate) value: Value,
    /// It is removed as soon as it is suspended.
    pub(crate) is_going: bool,
    pub(crate) is_removed: bool,
}

pub(crate) struct Snapshot {
    pub(crate) value: Value,
    pub(crate) roles: Vec<Value>,
    pub(crate) databases: Vec<Value>,
}

pub(crate) struct Operation {
    pub(crate) value: Value,
    pub(crate) due: Option<Instant>,
    pub(crate) number: u64,
}

pub(crate) struct Project {
    pub(crate) value: Value,
    pub(crate) owner: Owner,
    pub(crate) branches: Vec<Branch>,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) snapshots: Vec<Snapshot>,
    pub(crate) jwks: Vec<Value>,
    pub(crate) permissions: Vec<Value>,
    pub(crate) is_removed: bool,
    pub(crate) number: u64,
}

pub(crate) struct World {
    pub(crate) style: &'static Style,
    pub(crate) keys: Vec<Key>,
    pub(crate) projects: Vec<Project>,
    pub(crate) requests: u64,
    made: u64,
}

impl World {
    pub(crate) fn new(style: &'static Style) -> Self {
        Self { style, keys: Vec::new(), projects: Vec::new(), requests: 0, made: 0 }
    }

    pub(crate) fn has(&self, switch: Switch) -> bool {
        self.style.has(switch)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// A new id that has the kind in front, where this server writes kinds.
    pub(crate) fn id(&mut self, kind: &str) -> String {
        let number = self.next();
        if self.has(Switch::UuidIds) {
            uuid(number)
        } else if self.has(Switch::LongIds) {
            format!("{kind}-{number:0>width$}", width = 59 - kind.len())
        } else {
            format!("{kind}{number}x")
        }
    }

    pub(crate) fn uuid(&mut self) -> String {
        let number = self.next();
        uuid(number)
    }

    pub(crate) fn now(&self) -> String {
        let skew = if self.has(Switch::ClockAhead) {
            SignedDuration::from_mins(7)
        } else if self.has(Switch::ClockBehind) {
            SignedDuration::from_mins(-11)
        } else {
            SignedDuration::ZERO
        };
        let text = (Timestamp::now() + skew).to_string();
        let (seconds, fraction) =
            text.trim_end_matches('Z').split_once('.').unwrap_or((text.trim_end_matches('Z'), "0"));
        let fraction =
            if self.has(Switch::TimesWithFractions) { format!(".{fraction:0<6.6}") } else { String::new() };
        format!("{seconds}{fraction}{}", self.zone())
    }

    fn zone(&self) -> &'static str {
        if self.has(Switch::TimesWithOffset) { "+00:00" } else { "Z" }
    }

    /// The same moment as v1 writes it: with milliseconds.
    pub(crate) fn in_milliseconds(&self, time: &Value) -> String {
        let time = time.as_str().unwrap_or_default();
        format!("{}.000{}", &time[..19], self.zone())
    }

    /// A page of what is numbered, and the cursor of the next.
    pub(crate) fn page<'a, T>(
        &self,
        mut items: Vec<&'a T>,
        number: impl Fn(&T) -> u64,
        is_oldest_first: bool,
        (limit, cursor): (Option<usize>, Option<&str>),
    ) -> Result<(Vec<&'a T>, Option<String>), String> {
        items.sort_by_key(|item| if is_oldest_first { number(item) } else { u64::MAX - number(item) });
        if let Some(cursor) = cursor {
            let after = self.read_cursor(cursor).ok_or("the cursor is none of ours")?;
            items.retain(|item| if is_oldest_first { number(item) > after } else { number(item) < after });
        }
        let limit =
            limit.unwrap_or(usize::MAX).min(if self.has(Switch::ShortPages) { 3 } else { usize::MAX });
        let has_more = items.len() > limit;
        items.truncate(limit);
        let cursor = items
            .last()
            .filter(|_| has_more || self.has(Switch::CursorOnLastPage))
            .map(|item| self.cursor(number(item)));
        Ok((items, cursor))
    }

    fn cursor(&self, number: u64) -> String {
        if self.has(Switch::OpaqueCursors) {
            base64::engine::general_purpose::STANDARD.encode(format!("{{\"after\":{number},\"?\":\"~~\"}}"))
        } else if self.has(Switch::LongCursors) {
            format!("{}{number}", "p".repeat(2000))
        } else {
            format!("after-{number}")
        }
    }

    fn read_cursor(&self, cursor: &str) -> Option<u64> {
        if self.has(Switch::OpaqueCursors) {
            let bytes = base64::engine::general_purpose::STANDARD.decode(cursor).ok()?;
            return serde_json::from_slice::<Value>(&bytes).ok()?["after"].as_u64();
        }
        cursor.trim_start_matches('p').trim_start_matches("after-").parse().ok()
    }

    /// Ends the work that is due, in all projects.
    pub(crate) fn settle(&mut self) {
        let now = self.now();
        for project in &mut self.projects {
            let Project { branches, endpoints, operations, .. } = project;
            for operation in operations {
                if operation.due.is_none_or(|due| due > Instant::now()) {
                    continue;
                }
                operation.due = None;
                let value = &mut operation.value;
                value["status"] = json!("finished");
                value["updated_at"] = json!(now);
                value["total_duration_ms"] = json!(12);
                let state = match value["action"].as_str() {
                    Some("start_compute") => "active",
                    Some("suspend_compute") => "idle",
                    Some("create_timeline") => {
                        if let Some(branch) =
                            branches.iter_mut().find(|branch| branch.value["id"] == value["branch_id"])
                        {
                            branch.value["current_state"] = json!("ready");
                        }
                        continue;
                    }
                    Some("delete_timeline") => {
                        let removed =
                            branches.iter_mut().find(|branch| branch.value["id"] == value["branch_id"]);
                        removed.expect("it was there when this began").remove(&now);
                        for endpoint in
                            endpoints.iter_mut().filter(|one| one.value["branch_id"] == value["branch_id"])
                        {
                            endpoint.is_removed = true;
                        }
                        continue;
                    }
                    _ => continue,
                };
                if let Some(endpoint) =
                    endpoints.iter_mut().find(|endpoint| endpoint.value["id"] == value["endpoint_id"])
                {
                    endpoint.value["current_state"] = json!(state);
                    endpoint.is_removed |= endpoint.is_going;
                }
            }
        }
    }

    /// Begins work on a branch, and on an endpoint where there is one; returns how it is told.
    pub(crate) fn begin(
        &mut self,
        project: usize,
        action: &str,
        branch: &Value,
        endpoint: Option<&Value>,
    ) -> Value {
        let now = self.now();
        let mut value = json!({
            "id": self.uuid(), "project_id": self.projects[project].value["id"], "branch_id": branch, "action": action,
            "status": "running", "failures_count": 0, "created_at": now, "updated_at": now, "total_duration_ms": 0,
        });
        if let Some(endpoint) = endpoint {
            value["endpoint_id"] = endpoint.clone();
        }
        let removes = matches!(action, "delete_timeline" | "suspend_compute");
        let is_slow = self.has(Switch::SlowWork) || (self.has(Switch::RemovedLater) && removes);
        let takes = if is_slow { Duration::from_millis(120) } else { Duration::ZERO };
        let number = self.next();
        let due = Some(Instant::now() + takes);
        self.projects[project].operations.push(Operation { value: value.clone(), due, number });
        value
    }
}

fn uuid(number: u64) -> String {
    format!("{:08x}-0000-4000-9000-{number:012x}", number.wrapping_mul(2_654_435_761) & 0xffff_ffff)
}
