//! The object that is asked for is the object that is answered (ID-ASKED).

use super::check::{Check, Look, Severity};
use super::entities::{asked, shallowest};
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "asked-id",
    summary: "the returned object is the requested one",
    looks_at: "responses about the object that the path names",
    requirements: &["ID-ASKED"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.answered() {
        let Some((kind, id)) = asked(record, exchange) else { continue };
        let Some(answered) = shallowest(record, index, &kind) else { continue };
        look.examine(index);
        if answered.id != id {
            look.report_value(index, &answered.id_pointer, format!("the {kind} {id}"), answered.id.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::judge::testing::{Fake, check, project};

    #[test]
    fn it_fires_when_another_object_is_answered() {
        let other =
            Fake::of("getProject").param("project_id", "a-1").body(json!({"project": project("b-2")}));
        assert_eq!(check(&super::CHECK, vec![other]), ["body /project/id: b-2"]);
    }

    #[test]
    fn it_is_silent_on_the_right_one() {
        let right =
            Fake::of("getProject").param("project_id", "a-1").body(json!({"project": project("a-1")}));
        assert!(check(&super::CHECK, vec![right]).is_empty());
    }
}
