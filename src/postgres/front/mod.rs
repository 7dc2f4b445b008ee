//! The one port of all endpoints: finds out which endpoint a connection is for, and passes it on.
//!
//! Only the first packet is read and rewritten. Whether the password is right, the server of the endpoint decides.

mod authority;
mod listener;
mod packet;
mod relay;
mod route;

pub(super) use authority::Authority;
pub(super) use listener::Front;
pub(super) use packet::{Packet, Startup};
pub(super) use relay::{cancel, connect, pass};
pub(super) use route::{Way, route};
