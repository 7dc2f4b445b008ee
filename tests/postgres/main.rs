//! A mock with a real Postgres, asked by real clients. Where PostgreSQL is not installed, the tests are ignored and say so.

mod branches;
mod connections;
mod end;
mod ends;
mod roles;
mod world;

use std::process::ExitCode;
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::Runtime;
use world::World;

/// A test: its name, and what it does.
type Test = (&'static str, fn() -> Result<(), Failed>);

/// Names tests that are given a world each, on the mock that they share.
macro_rules! tests {
    ($($module:ident: $($name:ident),+ $(,)?;)+) => {
        &[$($((
            concat!(stringify!($module), "::", stringify!($name)),
            (|| block_on(async { $module::$name(World::shared().await).await; })) as fn() -> Result<(), Failed>,
        )),+),+]
    };
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime can be made"));

fn block_on(work: impl Future<Output = ()>) -> Result<(), Failed> {
    RUNTIME.block_on(work);
    Ok(())
}

const TESTS: &[Test] = tests! {
    connections:
        the_uri_of_a_new_project_opens_its_database,
        the_certificate_can_be_verified,
        the_pooled_uri_reaches_the_same_data,
        a_wrong_password_opens_nothing,
        who_names_no_endpoint_is_refused,
        nobody_is_the_superuser,
        nobody_gets_at_the_machine,
        the_key_of_the_api_opens_no_database,
        a_query_can_be_cancelled,
        options_reach_the_server,
        a_client_of_another_protocol_is_turned_away;
    roles:
        a_role_and_a_database_of_the_api_can_be_used,
        what_was_made_before_the_first_connection_is_there,
        a_new_password_replaces_the_old_one_at_once,
        a_deleted_role_opens_nothing,
        a_deleted_database_is_gone_with_its_sessions,
        a_renamed_database_keeps_its_rows,
        roles_made_with_sql_stay,
        a_name_that_postgres_has_is_refused;
    branches:
        a_branch_holds_what_its_parent_held_and_goes_its_own_way,
        a_branch_of_one_that_is_down_holds_its_data,
        a_role_of_one_branch_is_unknown_in_another,
        a_restored_branch_has_the_rows_of_its_source,
        a_snapshot_keeps_what_was_there,
        a_snapshot_takes_the_place_of_its_branch,
        the_schema_of_a_branch_is_shown_and_compared,
        an_earlier_moment_is_refused_with_the_reason,
        a_recovered_branch_has_its_rows,
        what_only_reads_does_not_write;
    ends:
        a_suspended_endpoint_wakes,
        a_disabled_endpoint_opens_nothing,
        a_deleted_branch_ends_its_sessions,
        a_deleted_project_ends_its_sessions,
        a_server_that_dies_is_started_again,
        an_idle_endpoint_goes_down;
};

/// Tests with a mock of their own.
const MORE: &[Test] = &[
    ("end::a_reset_leaves_no_data", || block_on(end::a_reset_leaves_no_data())),
    ("end::more_branches_than_computes_take_turns", || {
        block_on(end::more_branches_than_computes_take_turns())
    }),
    ("end::data_can_be_kept", || block_on(end::data_can_be_kept())),
    ("end::a_copy_that_fails_leaves_all_as_it_was", || {
        block_on(end::a_copy_that_fails_leaves_all_as_it_was())
    }),
    ("end::an_address_or_a_name_leads_to_an_endpoint", || {
        block_on(end::an_address_or_a_name_leads_to_an_endpoint())
    }),
    ("end::nothing_is_left_at_the_end", || block_on(end::nothing_is_left_at_the_end())),
    ("end::what_a_killed_mock_leaves_is_removed", || block_on(end::what_a_killed_mock_leaves_is_removed())),
    ("end::a_port_that_is_taken_is_told", || {
        end::a_port_that_is_taken_is_told();
        Ok(())
    }),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let installed = world::is_installed();
    let trials = TESTS.iter().chain(MORE).map(|(name, test)| {
        Trial::ignorable_test(*name, move || {
            if !installed {
                return Ok(Completion::ignored_with("PostgreSQL is not installed, with psql"));
            }
            test().map(|()| Completion::Completed)
        })
    });
    let mut trials: Vec<Trial> = trials.collect();
    // This one needs none.
    trials.push(Trial::test("end::a_machine_without_postgres_is_told_what_to_install", || {
        end::a_machine_without_postgres_is_told_what_to_install();
        Ok(())
    }));
    let conclusion = libtest_mimic::run(&arguments, trials);
    RUNTIME.block_on(world::shut_down());
    conclusion.exit_code()
}
