//! What an endpoint has kept from coming three times is not waited for again: a run on an endpoint where one operation hangs ends all the same.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

use crate::sync::lock;

/// The number of unsuccessful waits for the same thing before a run gives up on it.
const PATIENCE: u32 = 3;

/// The number of unsuccessful waits by subject.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    waits: Mutex<BTreeMap<String, u32>>,
    /// Whether there was any such wait: most runs know none, and do not look for any.
    has_any: AtomicBool,
    /// Why nothing is sent at all.
    cut_off: OnceLock<String>,
}

impl Breaker {
    /// Takes note of a wait that was in vain.
    pub(super) fn waited_in_vain(&self, what: &str) {
        *lock(&self.waits).entry(what.to_owned()).or_default() += 1;
        self.has_any.store(true, Ordering::Relaxed);
    }

    /// Takes note that something has come: waits for it count from the first again.
    pub(super) fn came(&self, what: &str) {
        if self.has_any.load(Ordering::Relaxed) && !self.is_open(what) {
            lock(&self.waits).remove(what);
        }
    }

    /// Returns `true` if the run has given up on this.
    pub(super) fn is_open(&self, what: &str) -> bool {
        self.has_any.load(Ordering::Relaxed)
            && lock(&self.waits).get(what).is_some_and(|waits| *waits >= PATIENCE)
    }

    /// Takes note that the endpoint cannot be reached: no trial need find that out again.
    pub(super) fn cut_off(&self, reason: String) {
        // The first reason is as good as any.
        let _ = self.cut_off.set(reason);
    }

    /// Why no trial can reach the endpoint.
    pub(super) fn why_cut_off(&self) -> Option<&str> {
        self.cut_off.get().map(String::as_str)
    }

    /// Lets everything be waited for once more: what is removed at the end is worth another try.
    pub(super) fn relent(&self) {
        for waits in lock(&self.waits).values_mut() {
            *waits = (*waits).min(PATIENCE - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_waits_in_a_row_count_for_what_comes_at_times() {
        let breaker = Breaker::default();
        for _ in 0..PATIENCE {
            breaker.waited_in_vain("anything but 429");
            breaker.came("anything but 429");
        }
        assert!(!breaker.is_open("anything but 429"));
        for _ in 0..PATIENCE {
            breaker.waited_in_vain("anything but 429");
        }
        breaker.came("anything but 429");
        assert!(breaker.is_open("anything but 429"), "what was given up stays so");
    }

    #[test]
    fn what_does_not_come_three_times_is_waited_for_no_more() {
        let breaker = Breaker::default();
        for _ in 0..PATIENCE {
            assert!(!breaker.is_open("GET /projects"));
            breaker.waited_in_vain("GET /projects");
        }
        assert!(breaker.is_open("GET /projects"));
        assert!(!breaker.is_open("GET /branches"), "each operation has its own");
        breaker.relent();
        assert!(!breaker.is_open("GET /projects"));
        breaker.waited_in_vain("GET /projects");
        assert!(breaker.is_open("GET /projects"), "one more try is one");
    }
}
