//! Locks.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a mutex holds. That another thread has panicked with it is no reason to panic here.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
