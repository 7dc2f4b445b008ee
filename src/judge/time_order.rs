//! Nothing is changed before it is created: `updated_at` is not earlier than `created_at` (TIME-ORDER).

use jiff::Timestamp;
use serde_json::Value;

use super::check::{Check, Look, Severity};
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "time-order",
    summary: "`updated_at` is not earlier than `created_at`",
    looks_at: "objects with the times of creation and of the last change",
    requirements: &["TIME-ORDER"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for sighting in record.sightings() {
        let object = sighting.object(record);
        let (Some(created), Some(updated)) = (time(object, "created_at"), time(object, "updated_at")) else {
            continue;
        };
        look.examine(sighting.exchange);
        if updated < created {
            look.report_value(
                sighting.exchange,
                &format!("{}/updated_at", sighting.pointer),
                format!("not before {created}"),
                updated.to_string(),
            );
        }
    }
}

/// A member that is a time (RFC 3339).
pub(super) fn time(object: &Value, name: &str) -> Option<Timestamp> {
    object.get(name)?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::judge::testing::{Fake, check, project};

    #[test]
    fn it_fires_when_the_change_comes_first() {
        let mut project = project("calm-sea-1");
        project["updated_at"] = json!("2025-01-01T00:00:00Z");
        project["created_at"] = json!("2025-01-01T00:00:01Z");
        let found = check(&super::CHECK, vec![Fake::of("getProject").body(json!({ "project": project }))]);
        assert_eq!(found, ["body /project/updated_at: 2025-01-01T00:00:00Z"]);
    }

    #[test]
    fn it_is_silent_within_the_same_second() {
        let mut project = project("calm-sea-1");
        project["updated_at"] = project["created_at"].clone();
        assert!(
            check(&super::CHECK, vec![Fake::of("getProject").body(json!({ "project": project }))]).is_empty()
        );
    }
}
