//! Who is at the other end of a connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Who is at the other end of a connection, and whether it is to be reset.
#[derive(Debug, Clone)]
pub(in crate::mock) struct Peer {
    pub(in crate::mock) address: SocketAddr,
    is_cut_off: Arc<AtomicBool>,
}

impl Peer {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, is_cut_off: Arc::default() }
    }

    /// Resets the connection instead of what is sent next.
    pub(in crate::mock) fn cut_off(&self) {
        self.is_cut_off.store(true, Ordering::Relaxed);
    }

    pub(in crate::mock) fn is_cut_off(&self) -> bool {
        self.is_cut_off.load(Ordering::Relaxed)
    }
}
