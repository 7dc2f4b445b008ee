//! What it means for the model that branches have real data: where they are reached, and what changes mean for them.

use std::net::Ipv4Addr;
use std::sync::Mutex;

use super::endpoint::Endpoint;
use crate::mock::error::ApiError;
use crate::postgres::{Change, Hosts};
use crate::sync::lock;

/// The longest name of a role or a database, in bytes.
const LONGEST_NAME: usize = 63;

/// The usual port of PostgreSQL, which URIs leave out.
const USUAL_PORT: u16 = 5432;

/// Names that Postgres has for itself.
pub(super) const RESERVED_ROLES: [&str; 4] = ["cloud_admin", "neon_superuser", "public", "none"];
pub(super) const RESERVED_DATABASES: [&str; 3] = ["postgres", "template0", "template1"];

/// Where real data are, and what has been done to them that nobody has told Postgres yet.
#[derive(Debug)]
pub(in crate::mock) struct Data {
    pub(in crate::mock) hosts: Hosts,
    pub(in crate::mock) port: u16,
    pub(in crate::mock) pg_version: i64,
    pub(super) changes: Mutex<Vec<Change>>,
}

impl Data {
    pub(in crate::mock) fn new(hosts: Hosts, port: u16, pg_version: i64) -> Self {
        Self { hosts, port, pg_version, changes: Mutex::default() }
    }

    /// What has been done since the last time.
    pub(in crate::mock) fn take(&self) -> Vec<Change> {
        std::mem::take(&mut *lock(&self.changes))
    }

    /// The host of an endpoint in a URI, with the port where it is not the usual one.
    pub(in crate::mock) fn authority(&self, endpoint: &str) -> String {
        let host = self.hosts.host(endpoint);
        if self.port == USUAL_PORT { host } else { format!("{host}:{}", self.port) }
    }
}

/// Without real data, all names can be.
pub(super) fn must_be_a_name(
    data: Option<&Data>,
    what: &str,
    name: &str,
    is_reserved: bool,
) -> Result<(), ApiError> {
    let reason = if data.is_none() {
        return Ok(());
    } else if is_reserved {
        "the name is reserved"
    } else if name.len() > LONGEST_NAME {
        "the name is longer than 63 bytes"
    } else if name.contains('\0') {
        "the name has a zero byte"
    } else {
        return Ok(());
    };
    Err(ApiError::unprocessable(format!("the {what} `{name}` cannot be created: {reason}")))
}

/// The loopback address of an endpoint.
pub(in crate::mock) fn is_at(endpoint: &Endpoint, address: Ipv4Addr) -> bool {
    Hosts::Loopback.host(&endpoint.id) == address.to_string()
}
