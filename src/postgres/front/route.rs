//! Which endpoint a connection is for: by the host that TLS names, by `options`, or by the address.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use super::super::cluster::SUPERUSER;
use super::super::directory::{Directory, Endpoint};
use super::super::options::{Hosts, pooled};
use super::packet::Startup;
use crate::postgres::failure::Failure;

/// How the options name an endpoint. The second is the older one.
const OPTIONS: [&[u8]; 2] = [b"endpoint=", b"project="];

/// How the ids of endpoints begin.
const PREFIX: &str = "ep-";

/// The setting of an endpoint that only reads. A session may change it, as on a primary that nobody is to write to.
const READ_ONLY: &[u8] = b"-c default_transaction_read_only=on";

/// How a client has come here.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Way {
    /// The host that it has named in TLS, or for a tunnel.
    pub(in super::super) host: Option<String>,
    /// The address that it has connected to.
    pub(in super::super) address: Option<IpAddr>,
}

/// Finds the endpoint, and takes out of the packet what is for nobody else.
pub(in super::super) fn route(
    startup: &mut Startup,
    way: &Way,
    hosts: &Hosts,
    directory: &dyn Directory,
) -> Result<Endpoint, Failure> {
    // Nobody but the mock is this user.
    if startup.values("user").any(|user| user == SUPERUSER.as_bytes()) {
        let message = format!("password authentication failed for user \"{SUPERUSER}\"");
        return Err(Failure::new("28P01", message));
    }
    let mut named = take_from_options(startup)?;
    named.extend(way.host.as_deref().and_then(of_host));
    let at_address = match way.address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) if *hosts == Hosts::Loopback && address != Ipv4Addr::LOCALHOST => {
            Some(directory.endpoint_at(address).ok_or_else(Failure::no_endpoint)?)
        }
        _ => None,
    };
    named.extend(at_address.map(|endpoint| endpoint.id));
    let mut named = named.into_iter();
    let endpoint = match (named.next(), named.next()) {
        (Some(id), None) => directory.endpoint(&id).ok_or_else(Failure::no_endpoint)?,
        (Some(_), Some(_)) => {
            return Err(Failure::new("08004", "the host and the options name different endpoints; name one"));
        }
        (None, _) => {
            let message = "the endpoint is not specified; use the connection URI of the API, \
                           or add options=endpoint%3D<endpoint id> to yours";
            return Err(Failure::new("08004", message));
        }
    };
    if endpoint.is_disabled {
        return Err(Failure::disabled(&endpoint.id));
    }
    if endpoint.is_read_only {
        let options = startup.parameter("options").unwrap_or_default();
        // What comes last counts.
        let options = [options, READ_ONLY].join(&b' ');
        startup.set("options", Some(options));
    }
    Ok(endpoint)
}

/// The endpoint that a host begins with.
fn of_host(host: &str) -> Option<String> {
    let first = host.split('.').next().unwrap_or_default().to_ascii_lowercase();
    first.starts_with(PREFIX).then(|| pooled(&first).0.to_owned())
}

/// The endpoints that the options name; the rest of them stays.
fn take_from_options(startup: &mut Startup) -> Result<BTreeSet<String>, Failure> {
    let mut named = BTreeSet::new();
    let mut rest: Vec<&[u8]> = Vec::new();
    for options in startup.values("options") {
        for word in words(options) {
            match OPTIONS.iter().find_map(|option| word.strip_prefix(*option)) {
                Some(name) => {
                    let name = std::str::from_utf8(name).map_err(|_| Failure::no_endpoint())?;
                    named.insert(pooled(name).0.to_owned());
                }
                None => rest.push(word),
            }
        }
    }
    if !named.is_empty() {
        let rest = rest.join(&b' ');
        startup.set("options", (!rest.is_empty()).then_some(rest));
    }
    Ok(named)
}

/// The words of options as PostgreSQL has them: a backslash keeps a space from ending one.
fn words(options: &[u8]) -> Vec<&[u8]> {
    let mut words = Vec::new();
    let mut start = None;
    let mut is_escaped = false;
    for (index, byte) in options.iter().enumerate() {
        if !is_escaped && (byte.is_ascii_whitespace() || *byte == 0x0b) {
            words.extend(start.take().map(|start: usize| &options[start..index]));
        } else {
            start.get_or_insert(index);
        }
        is_escaped = !is_escaped && *byte == b'\\';
    }
    words.extend(start.map(|start| &options[start..]));
    words
}

#[cfg(test)]
mod tests;
