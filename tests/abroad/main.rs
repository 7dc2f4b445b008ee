//! A test bed abroad: a second server, none of whose code is the mock's, in many legitimate styles. The suite finds nothing there.

mod contract;
mod handlers;
mod json;
mod run;
mod serve;
mod style;
mod switches;
mod wire;
mod world;
mod yaml;

use rstest::rstest;
use style::STYLES;

#[rstest]
fn the_suite_conforms_on(#[values(0, 1, 2, 3, 4, 5, 6, 7)] style: usize) {
    run::conforms(&STYLES[style], &[]);
}

/// Requests of the other user, who is in no organization, name none.
#[test]
fn the_suite_conforms_on_an_account_of_an_organization() {
    run::conforms(&STYLES[0], &["--org-id", handlers::organizations::ORGANIZATION]);
}
