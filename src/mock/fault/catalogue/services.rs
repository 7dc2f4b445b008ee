//! What is set up for branches beside their roles and databases.

use super::super::data::Change::{AnyBranch, Member, WithoutMember};
use super::super::data::Effect::{Also, NotDone};
use super::super::data::When::Is as Only;
use super::super::side_effect;
use super::Break::{Change, Effect as Does, Status};
use super::Class::{Effect, State, Status as Code, Value};
use super::Entry;
use super::On::Of;
use super::Severity::{Critical, Major, Minor};
use super::row;

#[rustfmt::skip]
pub(super) const FAULTS: &[Entry] = &[
    // Data API
    row(("data-api-not-made", Effect, Major), "DATA-API", Of(&["createProjectBranchDataAPI"]), Does(NotDone), "a Data API is answered with 201, and not set up"),
    row(("data-api-not-removed", Effect, Critical), "DATA-API", Of(&["deleteProjectBranchDataAPI"]), Does(NotDone), "the removal of a Data API is answered with 200, and not done"),
    row(("data-api-update-ignored", Effect, Major), "DATA-API", Of(&["updateProjectBranchDataAPI"]), Does(NotDone), "a change to a Data API is answered with 201, and not made"),
    row(("data-api-update-forgets-the-rest", Effect, Major), "DATA-API", Of(&["updateProjectBranchDataAPI"]), Does(Also(side_effect::data_api_forgets)), "a change to a Data API forgets the settings that it does not name"),
    row(("data-api-on-every-branch", State, Critical), "DATA-API", Of(&["getProjectBranchDataAPI"]), Change(AnyBranch), "the Data API of one branch is read on another"),
    row(("unknown-data-api-fails", Code, Major), "ERR-404", Of(&["getProjectBranchDataAPI"]), Status(Only(404), 500), "reading a Data API that was not set up is answered with 500"),
    // Schedules
    row(("schedule-not-kept", Effect, Major), "SNAPSHOT-SCHEDULE", Of(&["setSnapshotSchedule"]), Does(NotDone), "a schedule is answered with 200, and not kept"),
    row(("schedule-without-retention", Value, Major), "SNAPSHOT-SCHEDULE", Of(&["setSnapshotSchedule"]), Change(WithoutMember("/schedule/*/retention_seconds")), "a schedule keeps its snapshots for ever, whatever it says"),
    row(("schedule-at-another-hour", Value, Minor), "SNAPSHOT-SCHEDULE", Of(&["setSnapshotSchedule"]), Change(Member("/schedule/*/hour", "0")), "a schedule is kept for another hour"),
    row(("malformed-schedule-fails", Code, Major), "ERR-400", Of(&["setSnapshotSchedule"]), Status(Only(400), 500), "a schedule that breaks the contract is answered with 500"),
];
