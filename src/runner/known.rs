//! Findings that are known and accepted, told apart from those that are not.

use jiff::civil::Date;

use crate::judge::{Finding, known_failure_finding};
use crate::spec::known_failure::KnownFailure;

/// Takes the findings that are known out of `findings`, and returns a line on each of them; puts in one for each deviation that is said to
/// be known and does not show, or is accepted no more.
pub(crate) fn settle(findings: &mut Vec<Finding>, known: &[KnownFailure], today: Date) -> Vec<String> {
    let mut accepted = Vec::new();
    let mut shown = vec![0_usize; known.len()];
    findings.retain(|finding| {
        let is_it =
            |known: &KnownFailure| known.is(finding.check, finding.operation.as_ref(), &finding.subject);
        let Some(place) = known.iter().position(|known| !known.has_expired(today) && is_it(known)) else {
            // One that has expired shows all the same.
            known.iter().zip(&mut shown).filter(|(known, _)| is_it(known)).for_each(|(_, shown)| *shown += 1);
            return true;
        };
        shown[place] += 1;
        false
    });
    for (known, shown) in known.iter().zip(shown) {
        let operation = known.operation.as_ref().map_or("any operation".to_owned(), ToString::to_string);
        match (shown, known.has_expired(today)) {
            (0, _) => {
                let gone = format!("{operation} does it no more: remove the entry");
                findings.push(known_failure_finding(known, gone));
            }
            (_, true) => {
                findings.push(known_failure_finding(
                    known,
                    "it is accepted no more: its time is over".to_owned(),
                ));
            }
            (times, false) => {
                let times = if times > 1 { format!(" ×{times}") } else { String::new() };
                accepted.push(format!(
                    "known since {}: {} in {operation}{times}, {}",
                    known.date, known.check, known.reason
                ));
            }
        }
    }
    accepted
}
