//! `created_at` of one object is the same in every answer (TIME-CREATED-FIXED), up to the precision each version shows.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::check::{Check, Look, Severity};
use super::record::Record;
use super::time_order::time;

pub(super) const CHECK: Check = Check {
    id: "created-at-fixed",
    summary: "`created_at` of an object never changes",
    looks_at: "pairs of responses that show the creation time of the same object",
    requirements: &["TIME-CREATED-FIXED"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

/// v1 shows milliseconds and v2 whole seconds, rounded or cut.
const PRECISION: SignedDuration = SignedDuration::from_secs(1);

fn judge(record: &Record<'_>, look: &mut Look) {
    let mut first: BTreeMap<(&str, &str), Timestamp> = BTreeMap::new();
    for sighting in record.sightings() {
        let Some(created) = time(sighting.object(record), "created_at") else { continue };
        let Some(before) = first.insert((&sighting.kind, &sighting.id), created) else { continue };
        look.examine(sighting.exchange);
        if before.duration_since(created).abs() >= PRECISION {
            look.report_value(
                sighting.exchange,
                &format!("{}/created_at", sighting.pointer),
                format!("{before}, as before"),
                created.to_string(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::judge::testing::{Fake, check, project};

    fn read(created_at: &str) -> Fake {
        let mut project = project("calm-sea-1");
        project["created_at"] = json!(created_at);
        Fake::of("getProject").body(json!({ "project": project }))
    }

    #[test]
    fn it_fires_when_the_time_moves() {
        let found = check(&super::CHECK, vec![read("2025-01-01T00:00:00Z"), read("2025-01-01T00:00:05Z")]);
        assert_eq!(found, ["body /project/created_at: 2025-01-01T00:00:05Z"]);
    }

    #[test]
    fn it_is_silent_on_another_precision() {
        assert!(
            check(&super::CHECK, vec![read("2025-01-01T00:00:00Z"), read("2025-01-01T00:00:00.502Z")])
                .is_empty()
        );
    }
}
