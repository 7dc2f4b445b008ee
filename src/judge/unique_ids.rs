//! No list holds two objects with the same id (ID-UNIQUE).

use std::collections::BTreeSet;

use super::check::{Check, Look, Severity};
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "unique-ids",
    summary: "no list contains two objects with the same ID",
    looks_at: "lists of objects with an identity",
    requirements: &["ID-UNIQUE"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    let mut seen = BTreeSet::new();
    for sighting in record.sightings() {
        let Some(list) = sighting.list() else { continue };
        look.examine(sighting.exchange);
        if !seen.insert((sighting.exchange, list, &sighting.kind, &sighting.id)) {
            look.report_value(
                sighting.exchange,
                &sighting.id_pointer,
                format!("a {} that occurs once in the list", sighting.kind),
                sighting.id.clone(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::testing::{Fake, check, project_list};

    #[test]
    fn it_fires_on_a_repeated_id() {
        let list = Fake::of("listProjects").body(project_list(&["a-1", "b-2", "a-1"]));
        assert_eq!(check(&super::CHECK, vec![list]), ["body /projects/2/id: a-1"]);
    }

    #[test]
    fn it_is_silent_on_the_same_id_in_two_answers() {
        let list = || Fake::of("listProjects").body(project_list(&["a-1", "b-2"]));
        assert!(check(&super::CHECK, vec![list(), list()]).is_empty());
    }
}
