//! Findings that are known and accepted, told apart from those that are not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Zoned;
use jiff::civil::Date;

use super::finding::known_failure_finding;
use super::{Finding, all_checks};
use crate::spec::contract::OperationId;
use crate::spec::known_failure::KnownFailure;
use crate::spec::{Diagnostic, Diagnostics, closest};

/// Stands for a check where only the comparison of two targets has found something.
pub(crate) const PARITY: &str = "parity";

/// The known failures of an endpoint, with the number of occurrences of each.
#[derive(Debug, Default)]
pub(crate) struct Known {
    entries: Vec<(KnownFailure, AtomicUsize)>,
    today: Date,
}

impl Known {
    /// The known failures that are accepted today.
    pub(crate) fn today(entries: &[KnownFailure]) -> Self {
        Self::on(Zoned::now().date(), entries)
    }

    fn on(today: Date, entries: &[KnownFailure]) -> Self {
        Self { entries: entries.iter().map(|entry| (entry.clone(), AtomicUsize::new(0))).collect(), today }
    }

    /// The entry that accepts what a check has found, by its place. That it has shown is remembered, also of one that has expired.
    pub(crate) fn accepting(
        &self,
        check: &str,
        operation: Option<&OperationId>,
        subject: &str,
    ) -> Option<usize> {
        let fitting = || {
            let all = self.entries.iter().enumerate();
            all.filter(|(_, (known, _))| known.is(check, operation, subject))
        };
        let accepting = fitting().find(|(_, (known, _))| !known.has_expired(self.today));
        let shown = |(_, (_, shown)): (usize, &(KnownFailure, AtomicUsize))| {
            shown.fetch_add(1, Ordering::Relaxed);
        };
        match accepting {
            Some(entry) => shown(entry),
            None => fitting().for_each(shown),
        }
        accepting.map(|(place, _)| place)
    }

    /// Takes the findings that are accepted out of `findings`, and returns a line on each entry that accepts some.
    pub(crate) fn accept(&self, findings: &mut Vec<Finding>) -> Vec<String> {
        let mut accepted = BTreeMap::new();
        findings.retain(|finding| {
            let place = self.accepting(finding.check, finding.operation.as_ref(), &finding.subject);
            place.map(|place| *accepted.entry(place).or_default() += 1).is_none()
        });
        self.lines(&accepted)
    }

    /// A line on each entry that has accepted something, as often as it has.
    pub(crate) fn lines(&self, accepted: &BTreeMap<usize, usize>) -> Vec<String> {
        let lines = accepted.iter().map(|(place, times)| {
            let (known, _) = &self.entries[*place];
            let times = if *times > 1 { format!(" ×{times}") } else { String::new() };
            let (date, check, operation) = (known.date, &known.check, operation(known));
            let link = known.link.as_ref().map_or(String::new(), |link| format!(" ({link})"));
            format!("known since {date}: {check} in {operation}{times}, {}{link}", known.reason)
        });
        lines.collect()
    }

    /// A finding on each entry that is accepted no more, or has not shown though `could_show` says that it was looked for.
    pub(crate) fn outdated(&self, could_show: impl Fn(&KnownFailure) -> bool) -> Vec<Finding> {
        let outdated = self.entries.iter().filter_map(|(known, shown)| {
            let has_shown = shown.load(Ordering::Relaxed) > 0;
            let actual = match (has_shown, known.has_expired(self.today)) {
                (true, true) => "the known-failure entry has expired".to_owned(),
                (false, _) if could_show(known) => {
                    format!("no longer occurs in {}; remove the entry", operation(known))
                }
                _ => return None,
            };
            Some(known_failure_finding(known, actual))
        });
        outdated.collect()
    }
}

/// Entries that name a check there is none of: they could never show.
pub(crate) fn unknown_checks<'k>(entries: impl Iterator<Item = &'k KnownFailure>) -> Diagnostics {
    let known: Vec<&str> = all_checks().map(|check| check.id).chain([PARITY]).collect();
    let unknown = entries.filter(|entry| !known.contains(&entry.check.as_str()));
    let mistakes = unknown.map(|entry| {
        let mistake = Diagnostic::new(entry.location.clone(), format!("there is no check `{}`", entry.check));
        match closest(&entry.check, &known) {
            Some(near) => mistake.help(format!("did you mean `{near}`?")),
            None => mistake.help("`neon-contract list --of checks` lists all checks"),
        }
    });
    mistakes.collect()
}

fn operation(known: &KnownFailure) -> String {
    known.operation.as_ref().map_or("any operation".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::judge::Severity;
    use crate::spec::Location;

    fn finding(check: &'static str, operation: &str, subject: &str) -> Finding {
        Finding {
            check,
            severity: Severity::Error,
            requirements: Vec::new(),
            step: String::new(),
            exchange: None,
            operation: Some(OperationId(operation.to_owned())),
            location: String::new(),
            subject: subject.to_owned(),
            expected: String::new(),
            actual: String::new(),
            reproduce: String::new(),
        }
    }

    fn entry(check: &str, expires: Option<&str>) -> KnownFailure {
        KnownFailure {
            check: check.to_owned(),
            operation: Some(OperationId("listProjects".to_owned())),
            subject: None,
            reason: "a reason".to_owned(),
            date: "2026-01-01".parse().expect("a day"),
            expires: expires.map(|day| day.parse().expect("a day")),
            link: None,
            location: Location::of_file(std::path::Path::new(""), ""),
        }
    }

    #[rstest]
    #[case::accepted("response-schema", None, "listProjects", 0, 0)]
    #[case::of_another_operation("response-schema", None, "getProject", 1, 1)]
    #[case::of_another_check("paging", None, "listProjects", 1, 1)]
    #[case::on_its_last_day("response-schema", Some("2026-02-01"), "listProjects", 0, 0)]
    #[case::expired("response-schema", Some("2026-01-31"), "listProjects", 1, 1)]
    fn what_is_known_is_accepted_while_it_shows(
        #[case] check: &str,
        #[case] expires: Option<&str>,
        #[case] operation: &str,
        #[case] left: usize,
        #[case] outdated: usize,
    ) {
        let today = "2026-02-01".parse().expect("a day");
        let known = Known::on(today, &[entry(check, expires)]);
        let mut findings = vec![finding("response-schema", operation, "body /projects")];
        let notes = known.accept(&mut findings);
        assert_eq!(findings.len(), left);
        assert_eq!(notes.len(), 1 - left);
        assert_eq!(known.outdated(|_| true).len(), outdated);
    }

    #[test]
    fn what_was_not_looked_for_is_not_missed() {
        let known = Known::on("2026-02-01".parse().expect("a day"), &[entry("paging", None)]);
        assert!(known.outdated(|_| false).is_empty());
    }
}
