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
use run::Floor;
use style::STYLES;

/// What a run of all cases comes to.
const WHOLE: Floor = Floor { proven: 75, open: 3 };

/// What a run of most comes to: where the account has no room, or is locked at times, less is tested.
const OF_MOST: Floor = Floor { proven: 50, open: 12 };

/// The same with `--org-id`: the lists of v1 take none.
const OF_AN_ORGANIZATION: Floor = Floor { proven: 68, open: 8 };

/// Every case; not all that differ in their operation only.
const MOST: [&str; 2] = ["--sample", "900"];

#[rstest]
fn the_suite_conforms_on(#[values(0, 1, 2, 3, 4, 5, 6, 7)] style: usize) {
    if style == 0 {
        run::conforms(&STYLES[style], &[], &WHOLE);
    } else {
        run::conforms(&STYLES[style], &MOST, &OF_MOST);
    }
}

/// Requests of the other user, who is in no organization, name none.
#[test]
fn the_suite_conforms_on_an_account_of_an_organization() {
    run::conforms(
        &STYLES[0],
        &["--org-id", handlers::organizations::ORGANIZATION, MOST[0], MOST[1]],
        &OF_AN_ORGANIZATION,
    );
}

#[test]
fn keys_that_may_do_less_than_a_users_are_told() {
    run::refuses_lesser_keys(&STYLES[0]);
}
