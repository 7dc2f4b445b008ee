//! Where two targets differ, and whose the difference is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::answers::{Answer, Answers, Instance, Wrong};
use super::shape::generic;
use crate::json::plain;
use crate::judge::{Finding, Known, PARITY};
use crate::spec::contract::OperationId;
use crate::spec::known_failure::KnownFailure;

/// One of two targets that are compared.
#[derive(Debug)]
pub struct Side {
    /// What it is called.
    pub name: String,
    /// It is the mock, and not what the mock is to be like.
    pub is_mock: bool,
    /// What it answered.
    pub answers: Answers,
}

/// Whose a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drift {
    /// A service does what the contract does not allow.
    Api,
    /// The mock does what the contract does not allow, or not what the service does.
    Mock,
    /// Both do what the contract does not allow.
    Document,
    /// Both do what the contract allows, and neither is the mock.
    Sides,
}

/// A difference between two targets, or of both from the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Whose it is.
    pub drift: Drift,
    /// The check that found it; `parity`, where only the comparison did.
    pub check: &'static str,
    /// The operations it shows in; none, where it shows in requests that no contract knows.
    pub operations: BTreeSet<OperationId>,
    /// Where in the answer: `status`, `200 body /projects/*/name`.
    pub subject: String,
    /// How it should be; empty, where the contract allows both.
    pub expected: String,
    /// How the left one is.
    pub left: String,
    /// How the right one is.
    pub right: String,
    /// How often it shows.
    pub count: usize,
    /// A trial that shows it; empty, where it shows in all answers together.
    pub trial: String,
}

/// How two targets compare.
#[derive(Debug, Default)]
pub struct Parity {
    /// Where they differ, in the order of [`Drift`].
    pub differences: Vec<Difference>,
    /// The operations whose answers were compared: both sides have given some of the same status.
    pub operations: BTreeSet<OperationId>,
    /// Those of which both have succeeded.
    succeeded: BTreeSet<OperationId>,
    /// The trials that both have answered.
    pub trials: usize,
    /// The operations that only one of them has answered: left, right.
    pub only: [BTreeSet<OperationId>; 2],
    /// What is said to be known and does not show any more, or is accepted no more.
    pub outdated: Vec<Finding>,
}

/// Holds the answers of two targets against each other.
#[must_use]
pub fn compare(left: &Side, right: &Side) -> Parity {
    let answered =
        |side: &Side| -> BTreeSet<(OperationId, u16)> { side.answers.shapes.keys().cloned().collect() };
    let (of_left, of_right) = (answered(left), answered(right));
    let both = &of_left & &of_right;
    let operations = |answers: &BTreeSet<(OperationId, u16)>| -> BTreeSet<OperationId> {
        answers.iter().map(|(operation, _)| operation.clone()).collect()
    };
    let succeeded = both.iter().filter(|(_, status)| (200..300).contains(status)).cloned().collect();
    let trials = left.answers.trials.keys().filter(|name| right.answers.trials.contains_key(*name)).count();
    let mut differences = wrong(left, right);
    let plain = if left.is_mock == right.is_mock { Drift::Sides } else { Drift::Mock };
    let mut found = steps(&left.answers, &right.answers);
    found.extend(shapes(&left.answers, &right.answers));
    differences.extend(grouped(plain, found));
    differences.sort_by(|a, b| (a.drift, a.check, &a.subject).cmp(&(b.drift, b.check, &b.subject)));
    Parity {
        differences,
        trials,
        operations: operations(&both),
        succeeded: operations(&succeeded),
        only: [&operations(&of_left) - &operations(&both), &operations(&of_right) - &operations(&both)],
        outdated: Vec::new(),
    }
}

impl Parity {
    /// Takes out what is known and accepted, and puts in what is said to be known and does not show. Returns a line on each entry that
    /// accepts something. `is_everything`: all cases were run, so that what does not show is gone, as far as both sides have succeeded
    /// in what it is about.
    pub fn accept(&mut self, known: &[KnownFailure], is_everything: bool) -> Vec<String> {
        let known = Known::today(known);
        let mut accepted: BTreeMap<usize, usize> = BTreeMap::new();
        self.differences.retain_mut(|difference| {
            let Difference { check, operations, subject, .. } = difference;
            let mut is_accepted = |operation: Option<&OperationId>| {
                let place = known.accepting(check, operation, subject);
                place.map(|place| *accepted.entry(place).or_default() += 1).is_some()
            };
            if operations.is_empty() {
                return !is_accepted(None);
            }
            operations.retain(|operation| !is_accepted(Some(operation)));
            !operations.is_empty()
        });
        let outdated = known.outdated(|known| {
            is_everything
                && known.operation.as_ref().is_none_or(|operation| self.succeeded.contains(operation))
        });
        self.outdated = outdated;
        known.lines(&accepted)
    }
}

/// What checks found on either side.
fn wrong(left: &Side, right: &Side) -> Vec<Difference> {
    let (of_left, of_right) = (&left.answers.wrong, &right.answers.wrong);
    let all: BTreeSet<&Wrong> = of_left.keys().chain(of_right.keys()).collect();
    let whose = |side: &Side| if side.is_mock { Drift::Mock } else { Drift::Api };
    // Of many operations with the same fault one difference is told.
    let mut same: BTreeMap<(Drift, &str, &str, [bool; 2]), Difference> = BTreeMap::new();
    for wrong in all {
        let sides = [of_left.get(wrong), of_right.get(wrong)];
        let drift = match sides {
            [Some(_), Some(_)] => Drift::Document,
            [Some(_), None] => whose(left),
            _ => whose(right),
        };
        let Some(example) = sides.into_iter().flatten().next() else { continue };
        let [left, right] = sides.map(|side| side.map(|instance| instance.actual.clone()));
        let count: usize = sides.into_iter().flatten().map(|instance: &Instance| instance.count).sum();
        let key = (drift, wrong.check, wrong.subject.as_str(), [left.is_some(), right.is_some()]);
        let told = same.entry(key).or_insert_with(|| Difference {
            drift,
            check: wrong.check,
            operations: BTreeSet::new(),
            subject: wrong.subject.clone(),
            expected: example.expected.clone(),
            left: left.unwrap_or_else(as_it_should),
            right: right.unwrap_or_else(as_it_should),
            count: 0,
            trial: example.trial.clone(),
        });
        told.operations.extend(wrong.operation.clone());
        told.count += count;
    }
    same.into_values().collect()
}

fn as_it_should() -> String {
    "nothing found".to_owned()
}

/// A difference in one place.
struct Found {
    operation: Option<OperationId>,
    subject: String,
    left: String,
    right: String,
    trial: String,
}

/// The same difference in many places is told once.
fn grouped(drift: Drift, found: Vec<Found>) -> Vec<Difference> {
    let mut same: BTreeMap<(String, String, String), Difference> = BTreeMap::new();
    for Found { operation, subject, left, right, trial } in found {
        let key = (subject.clone(), left.clone(), right.clone());
        let told = same.entry(key).or_insert_with(|| Difference {
            drift,
            check: PARITY,
            operations: BTreeSet::new(),
            subject,
            expected: String::new(),
            left,
            right,
            count: 0,
            trial,
        });
        told.operations.extend(operation);
        told.count += 1;
    }
    same.into_values().collect()
}

/// Where steps that both sides took came out otherwise, though nothing is wrong with either answer.
fn steps(left: &Answers, right: &Answers) -> Vec<Found> {
    let mut found = Vec::new();
    for (trial, left) in &left.trials {
        let Some(right) = right.trials.get(trial) else { continue };
        for (one, other) in left.iter().zip(right) {
            // What went another way is not the same step any more.
            if one.operation != other.operation || one.is_wrong || other.is_wrong {
                break;
            }
            let told = |subject: String, left: String, right: String| Found {
                operation: one.operation.clone(),
                subject,
                left,
                right,
                trial: trial.clone(),
            };
            if one.status != other.status {
                found.push(told("status".to_owned(), one.status.to_string(), other.status.to_string()));
                break;
            }
            found.extend(
                values(one, other)
                    .into_iter()
                    .map(|(path, left, right)| told(format!("{} body {path}", one.status), left, right)),
            );
        }
    }
    found
}

/// The values that differ between two bodies, where both have one.
fn values(left: &Answer, right: &Answer) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    if let (Some(left), Some(right)) = (&left.body, &right.body) {
        walk(left, right, &mut String::new(), &mut found);
    }
    found
}

fn walk(left: &Value, right: &Value, path: &mut String, found: &mut Vec<(String, String, String)>) {
    let mut below = |step: &str, left: &Value, right: &Value| {
        let length = path.len();
        path.push('/');
        path.push_str(step);
        walk(left, right, path, found);
        path.truncate(length);
    };
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            for (name, left) in left {
                if let Some(right) = right.get(name) {
                    below(&generic(name), left, right);
                }
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            left.iter().zip(right).for_each(|(left, right)| below("*", left, right));
        }
        // Of what form they are is compared elsewhere.
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => {}
        (left, right) => {
            let (left, right) = (generic(&plain(left)), generic(&plain(right)));
            if left != right {
                found.push((path.clone(), left, right));
            }
        }
    }
}

/// Where the bodies of an operation are of another form.
fn shapes(left: &Answers, right: &Answers) -> Vec<Found> {
    let mut found = Vec::new();
    for (key @ (operation, status), one) in &left.shapes {
        let Some(other) = right.shapes.get(key) else { continue };
        for difference in one.differences(other) {
            let place = format!("body {}", difference.path);
            let is_told = |answers: &Answers| {
                answers.wrong.keys().any(|wrong| {
                    wrong.operation.as_ref() == Some(operation)
                        && (place == wrong.subject || is_child(&place, &wrong.subject))
                })
            };
            if is_told(left) || is_told(right) {
                continue;
            }
            found.push(Found {
                operation: Some(operation.clone()),
                subject: format!("{status} {}", place.trim_end()),
                left: difference.left,
                right: difference.right,
                trial: String::new(),
            });
        }
    }
    found
}

/// Whether a place is a member of another: `body /a/b` of `body /a`, and `body /a` of `body`.
fn is_child(place: &str, parent: &str) -> bool {
    place.rsplit_once('/').is_some_and(|(above, _)| above.trim_end() == parent)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::shape::Shape;
    use super::*;

    fn side(is_mock: bool, status: u16, body: &Value, wrong: &[&str]) -> Side {
        let operation = OperationId("createProject".to_owned());
        let mut answers = Answers { count: 1, ..Answers::default() };
        let mut shape = Shape::default();
        shape.add(body);
        answers.shapes.insert((operation.clone(), status), shape);
        let answer = Answer {
            operation: Some(operation.clone()),
            status,
            body: Some(body.clone()),
            is_wrong: !wrong.is_empty(),
        };
        answers.trials.insert("trial".to_owned(), vec![answer]);
        for subject in wrong {
            let wrong = Wrong {
                check: "response-schema",
                operation: Some(operation.clone()),
                subject: (*subject).to_owned(),
            };
            let instance = Instance {
                trial: "trial".to_owned(),
                expected: "right".to_owned(),
                actual: "wrong".to_owned(),
                count: 1,
            };
            answers.wrong.insert(wrong, instance);
        }
        Side { name: "side".to_owned(), is_mock, answers }
    }

    fn told(left: &Side, right: &Side) -> Vec<String> {
        let parity = compare(left, right);
        let line = |found: &Difference| {
            format!("{:?} {} {}: {} | {}", found.drift, found.check, found.subject, found.left, found.right)
        };
        parity.differences.iter().map(line).collect()
    }

    #[test]
    fn nothing_is_told_where_both_are_alike() {
        let body = json!({"project": {"name": "n"}});
        assert!(told(&side(true, 201, &body, &[]), &side(false, 201, &body, &[])).is_empty());
    }

    #[test]
    fn a_difference_that_the_contract_allows_is_the_mocks() {
        let (left, right) = (json!({"name": "n", "a": 1}), json!({"name": "m"}));
        let differences = told(&side(true, 201, &left, &[]), &side(false, 201, &right, &[]));
        let expected =
            ["Mock parity 201 body /a: a number | no such member", "Mock parity 201 body /name: n | m"];
        assert_eq!(differences, expected);
        let differences = told(&side(false, 201, &left, &[]), &side(false, 200, &right, &[]));
        assert_eq!(differences, ["Sides parity status: 201 | 200"]);
    }

    #[test]
    fn whoever_breaks_the_contract_has_drifted() {
        let body = json!({});
        let (mock, service) =
            (|wrong: &[&str]| side(true, 201, &body, wrong), |wrong: &[&str]| side(false, 201, &body, wrong));
        let drift =
            |left: &Side, right: &Side| compare(left, right).differences.first().map(|found| found.drift);
        assert_eq!(drift(&mock(&[]), &service(&["body /a"])), Some(Drift::Api));
        assert_eq!(drift(&mock(&["body /a"]), &service(&[])), Some(Drift::Mock));
        assert_eq!(drift(&mock(&["body /a"]), &service(&["body /a"])), Some(Drift::Document));
    }

    #[test]
    fn what_a_check_has_found_is_not_told_twice() {
        let (left, right) = (json!({"a": {"b": 1}}), json!({"a": {}}));
        let differences = told(&side(true, 201, &left, &[]), &side(false, 201, &right, &["body /a"]));
        assert_eq!(differences, ["Api response-schema body /a: nothing found | wrong"]);
    }
}
