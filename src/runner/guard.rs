//! Decides which requests may be sent to an account that does not belong to the run: none that could touch resources of others.

use serde::de::IgnoredAny;

use crate::spec::credential::Credential;
use crate::target::Ledger;

/// The greatest integer that every JSON parser keeps as it is (RFC 8259 §6): ids are below it.
pub(super) const BEYOND: i64 = 9_007_199_254_740_991;

/// A request that is not a mere read, as the guard looks at it.
#[derive(Debug)]
pub(super) struct Write<'a> {
    /// The path parameters, in the order of the path; `None` where the path is of no operation.
    pub(super) params: Option<Vec<(&'a str, &'a str)>>,
    /// The path as it is sent.
    pub(super) path: &'a str,
    /// The body.
    pub(super) body: Option<&'a [u8]>,
    /// The credential.
    pub(super) credential: Credential,
    /// What it makes can be taken back: by a request of its own, or since a list shows it by its name.
    pub(super) is_taken_back: bool,
}

/// The target of an allowed write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permit<'a> {
    /// To nothing: what it names is not there.
    Nothing,
    /// It creates a top-level resource under the name of the run.
    Makes,
    /// To what this parameter names, as soon as that is proven to be the run's own.
    Within { parameter: &'a str, id: &'a str },
}

/// Whether a write may be sent, and to what; otherwise why not. It makes no difference that it must be refused: it is sent to see whether
/// it is.
pub(super) fn permit<'a>(write: &Write<'a>, ledger: &Ledger) -> Result<Permit<'a>, String> {
    let Some(params) = &write.params else {
        return if write.path.split('/').any(|part| is_nothing(part) && !ledger.has_met(part)) {
            Ok(Permit::Nothing)
        } else {
            Err(foreign(write.path))
        };
    };
    // What the first parameter names holds all that the others name.
    if let Some((parameter, id)) = params.first() {
        return if is_nothing(id) && !ledger.has_met(id) {
            Ok(Permit::Nothing)
        } else if ledger.is_claimed(parameter, id) {
            Ok(Permit::Within { parameter, id })
        } else {
            Err(foreign(id))
        };
    }
    let body = String::from_utf8_lossy(write.body.unwrap_or_default());
    let is_named = body.contains(&format!("{}-", ledger.prefix()));
    // Without members there is nothing to make, and less of what is no JSON.
    let makes_nothing =
        matches!(body.trim(), "" | "{}") || serde_json::from_str::<IgnoredAny>(&body).is_err();
    let is_safe = if write.credential.is_refused() {
        is_named || makes_nothing
    } else {
        is_named && write.is_taken_back
    };
    if is_safe {
        Ok(Permit::Makes)
    } else {
        Err("if it were accepted, the resource could not be found again: it does not carry the name of the run"
            .to_owned())
    }
}

fn foreign(name: &str) -> String {
    format!("this run did not create `{name}`, and a run touches only its own resources")
}

/// What ids begin with that name their kind.
const KINDS: [&str; 5] = ["aws", "br", "ep", "org", "snap"];

/// Whether a value has been chosen to name nothing: it says so at its beginning, after a kind at most, or is the number that ids are below.
fn is_nothing(value: &str) -> bool {
    let after_kind = KINDS.iter().find_map(|kind| value.strip_prefix(kind)?.strip_prefix('-'));
    let says_so = |text: &str| text.starts_with("no-such-") || text.starts_with("no_such_");
    let is_nil = value.starts_with("00000000-0000-");
    let is_beyond = value == BEYOND.to_string();
    says_so(value) || after_kind.is_some_and(says_so) || is_nil || is_beyond
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rstest::rstest;

    use super::*;
    use crate::target::{RunName, Undo};

    const VALID: Credential = Credential::Valid;
    const INVALID: Credential = Credential::Invalid;

    /// The ledger of a run that has made the project `mine`.
    fn ledger(folder: &std::path::Path) -> Ledger {
        let name = RunName::parse("nc-abcdef").expect("it is a name of a run");
        let ledger = Ledger::begin(folder, "http://localhost:1", None, &name).expect("it can be written");
        let number = ledger.intend("POST /projects").expect("it is written");
        let undo = Undo {
            method: "DELETE".to_owned(),
            target: "/projects/mine".to_owned(),
            params: BTreeMap::from([("project_id".to_owned(), "mine".to_owned())]),
            body: None,
        };
        ledger.made(number, undo).expect("it is written");
        ledger
    }

    #[rstest]
    #[case::its_own(VALID, Some(vec![("project_id", "mine")]), None, true)]
    #[case::in_its_own(VALID, Some(vec![("project_id", "mine"), ("branch_id", "br-main-1")]), None, true)]
    #[case::anothers(VALID, Some(vec![("project_id", "theirs")]), None, false)]
    #[case::anothers_to_be_refused(INVALID, Some(vec![("project_id", "theirs")]), None, false)]
    #[case::its_own_in_anothers(VALID, Some(vec![("org_id", "theirs"), ("project_id", "mine")]), None, false)]
    #[case::of_another_kind(VALID, Some(vec![("branch_id", "mine")]), None, false)]
    #[case::what_is_not_there(VALID, Some(vec![("project_id", "no-such-project-000000")]), None, true)]
    #[case::a_number_beyond_all(VALID, Some(vec![("key_id", "9007199254740991")]), None, true)]
    #[case::a_number(INVALID, Some(vec![("key_id", "17")]), None, false)]
    #[case::a_large_number(INVALID, Some(vec![("key_id", "2147483647")]), None, false)]
    #[case::an_unknown_path(VALID, None, None, false)]
    #[case::a_thing_of_a_name(VALID, Some(vec![]), Some(r#"{"key_name":"nc-abcdef-001"}"#), true)]
    #[case::a_thing_without(VALID, Some(vec![]), Some(r#"{"key_name":"theirs"}"#), false)]
    #[case::nothing_to_be_refused(INVALID, Some(vec![]), Some("{}"), true)]
    #[case::no_json_to_be_refused(INVALID, Some(vec![]), Some("{\"key_name\":"), true)]
    #[case::no_json_that_may_be_let_in(VALID, Some(vec![]), Some("{\"key_name\":"), false)]
    #[case::nothing_that_may_be_let_in(VALID, Some(vec![]), Some("{}"), false)]
    fn only_what_the_run_has_made_is_touched(
        #[case] credential: Credential,
        #[case] params: Option<Vec<(&str, &str)>>,
        #[case] body: Option<&str>,
        #[case] expected: bool,
    ) {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let body = body.map(str::as_bytes);
        let write = Write { params, path: "/api/v2/odd", body, credential, is_taken_back: true };
        let permitted = permit(&write, &ledger(folder.path()));
        assert_eq!(permitted.is_ok(), expected, "{permitted:?}");
    }

    #[test]
    fn what_cannot_be_taken_back_is_not_made() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let body = Some(&b"nc-abcdef-001"[..]);
        let write =
            Write { params: Some(Vec::new()), path: "/", body, credential: VALID, is_taken_back: false };
        assert!(permit(&write, &ledger(folder.path())).is_err());
    }

    #[rstest]
    #[case::a_project_of_that_name("no-such-project-000000")]
    #[case::in_other_letters("NO-SUCH-project-000000")]
    #[case::a_key_beyond_what_ids_are("9007199254740991")]
    fn what_the_account_had_is_something_whatever_it_is_called(#[case] id: &str) {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let ledger = ledger(folder.path());
        let write = |credential| Write {
            params: Some(vec![("project_id", id)]),
            path: "/projects/x",
            body: None,
            credential,
            is_taken_back: false,
        };
        let had = ["no-such-project-000000", "9007199254740991"].map(str::to_owned);
        ledger.note_present("project_id", had.into()).expect("it is written");
        assert!(permit(&write(VALID), &ledger).is_err());
        assert!(permit(&write(Credential::Invalid), &ledger).is_err());
    }

    #[rstest]
    #[case("no-such-project", true)]
    #[case("br-no-such-branch-00000000", true)]
    #[case("00000000-0000-4000-8000-000000000000", true)]
    #[case("my-no-such-app-1", false)]
    #[case("1152921504607846979", false)]
    #[case("09007199254740991", false)]
    fn only_what_was_chosen_to_name_nothing_does(#[case] value: &str, #[case] expected: bool) {
        assert_eq!(is_nothing(value), expected);
    }
}
