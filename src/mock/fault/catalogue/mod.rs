//! The catalogue: every fault, by what it is about. A new one is a row in one of these lists.

mod accounts;
mod agreement;
mod api_keys;
mod authentication;
mod branches;
mod http;
mod neon_auth;
mod platform;
mod projects;
mod services;

use super::data::{Break, Class, Entry, On, Severity};

/// All rows, in order.
pub(super) fn all() -> impl Iterator<Item = &'static Entry> {
    let lists = [
        authentication::FAULTS,
        api_keys::FAULTS,
        projects::FAULTS,
        branches::FAULTS,
        neon_auth::FAULTS,
        agreement::FAULTS,
        services::FAULTS,
        platform::FAULTS,
        accounts::FAULTS,
        http::FAULTS,
    ];
    lists.into_iter().flatten()
}

/// A row: its name, its class and severity, the requirement it breaks, the requests it concerns, what it does there, and that in words.
const fn row(
    (id, class, severity): (&'static str, Class, Severity),
    breaks: &'static str,
    on: On,
    how: Break,
    summary: &'static str,
) -> Entry {
    Entry { id, class, severity, breaks, summary, on, how }
}
