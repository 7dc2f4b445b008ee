//! What a ledger keeps, and what is none.

use super::*;

fn undo(id: &str) -> Undo {
    Undo {
        method: "DELETE".to_owned(),
        target: format!("/api/v2/projects/{id}"),
        params: BTreeMap::from([("project_id".to_owned(), id.to_owned())]),
        body: None,
    }
}

fn name() -> RunName {
    RunName::parse("nc-abcdef").expect("it is a name of a run")
}

#[cfg(unix)]
#[test]
fn a_folder_of_ledgers_is_the_users_own() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("a folder can be made");
    let ledgers = folder.path().join("state/ledgers");
    Ledger::begin(&ledgers, "http://localhost:1", None, &name()).expect("it can be written");
    let mode = fs::metadata(ledgers).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn what_is_outstanding_survives_the_run() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let ledger =
        Ledger::begin(folder.path(), "http://localhost:1", None, &name()).expect("it can be written");
    let [gone, kept, refused, lost] =
        [(); 4].map(|()| ledger.intend("POST /projects").expect("it is written"));
    ledger.made(gone, undo("gone")).expect("it is written");
    ledger.made(kept, undo("kept")).expect("it is written");
    ledger.settle(gone).expect("it is written");
    ledger.settle(refused).expect("it is written");
    assert!(ledger.is_claimed("project_id", "gone") && ledger.is_claimed("project_id", "kept"));
    assert!(!ledger.is_claimed("project_id", "other") && !ledger.is_claimed("branch_id", "kept"));
    ledger.note_present("project_id", BTreeSet::from(["theirs".to_owned()])).expect("it is written");

    let mut file = OpenOptions::new().append(true).open(ledger.path()).expect("it is there");
    file.write_all(b"{\"event\":\"int").expect("it can be written");
    let error = Ledger::resume(ledger.path()).unwrap_err().to_string();
    assert!(error.contains("still active"), "{error}");
    drop(ledger);
    let [path] = &Ledger::all_in(folder.path()).expect("it can be read")[..] else { panic!("one ledger") };
    let resumed = Ledger::resume(path).expect("a cut line is left out");
    assert_eq!((resumed.origin(), resumed.prefix()), ("http://localhost:1", &name()));
    assert!(resumed.was_present("project_id", "theirs") && !resumed.was_present("key_id", "theirs"));
    assert_eq!(
        resumed.outstanding(),
        Outstanding {
            made: BTreeMap::from([(kept, undo("kept"))]),
            unanswered: BTreeMap::from([(lost, "POST /projects".to_owned())]),
        }
    );
    resumed.settle(kept).expect("it is written");
    drop(resumed);
    let again = Ledger::resume(path).expect("nothing is left of the cut line");
    assert!(again.outstanding().made.is_empty());
}

#[test]
fn what_is_no_ledger_is_told_and_left() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("nc-odd.jsonl");
    for (text, expected) in [
        ("{\"event\":\"odd\"}\n", "line 1: unknown variant"),
        ("", "does not name its run"),
        ("{\"event\":\"began\",\"origin\":\"http://a\",\"prefix\":\"nc-abc", "does not name its run"),
        (
            "{\"event\":\"began\",\"origin\":\"http://a\",\"prefix\":\"\"}\n",
            "line 1: `` is not the name of a run",
        ),
        (
            "{\"event\":\"began\",\"origin\":\"http://a\",\"prefix\":\"nc-\"}\n",
            "line 1: `nc-` is not the name",
        ),
        (
            "{\"event\":\"began\",\"origin\":\"http://a\",\"prefix\":\"nc-abcdef\",\"odd\":1}\n",
            "line 1: unknown field `odd`",
        ),
        (
            "{\"event\":\"began\",\"origin\":\"http://a\",\"prefix\":\"nc-abcdef\"}\n{\"event\":\"settled\",\"number\":0,\"odd\":1}\n",
            "line 2: unknown field `odd`",
        ),
        (
            "{\"event\":\"began\",\"origin\":\"http://a\",\"prefix\":\"nc-abcdef\"}\n{\"event\":\"began\",\"origin\":\"http://a\",\"prefix\":\"nc-000000\"}\n",
            "it names two runs",
        ),
        (
            "{\"event\":\"began\",\"version\":4,\"origin\":\"http://a\",\"prefix\":\"nc-abcdef\"}\n",
            "it has version 4",
        ),
    ] {
        fs::write(&path, text).expect("it can be written");
        let error = Ledger::resume(&path).unwrap_err().to_string();
        assert!(error.contains("nc-odd.jsonl") && error.contains(expected), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("it is still there"), text);
    }
}

#[test]
fn a_folder_that_is_not_there_holds_none() {
    assert!(Ledger::all_in(Path::new("no/such/folder")).expect("it is empty").is_empty());
}
