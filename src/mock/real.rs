//! Real data behind the branches, where there is a Postgres.

use std::fmt;
use std::sync::{Arc, OnceLock};

use tokio::sync::{Mutex, MutexGuard};

use crate::postgres::Postgres;

/// Receives what a person may want to know of Postgres.
pub(super) type Listener = Arc<dyn Fn(&str) + Send + Sync>;

/// Postgres behind a mock, where there is one.
#[derive(Default)]
pub(super) struct Real {
    postgres: OnceLock<Postgres>,
    /// Held by whoever changes something: data are copied in the order of the changes.
    turn: Mutex<()>,
    listener: OnceLock<Listener>,
}

impl fmt::Debug for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Real").field("postgres", &self.postgres).finish_non_exhaustive()
    }
}

impl Real {
    /// From now on there is one.
    pub(super) fn set(&self, postgres: Postgres, listener: Option<Listener>) {
        // It is set once, at the start.
        let _ = self.postgres.set(postgres);
        if let Some(listener) = listener {
            let _ = self.listener.set(listener);
        }
    }

    pub(super) fn postgres(&self) -> Option<&Postgres> {
        self.postgres.get()
    }

    /// Waits for one's turn to change something; there is none to wait for where there is no Postgres.
    pub(super) async fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        match self.postgres.get() {
            Some(_) => Some(self.turn.lock().await),
            None => None,
        }
    }

    /// All data go.
    pub(super) fn forget(&self) {
        if let Some(postgres) = self.postgres.get() {
            postgres.forget();
        }
    }

    pub(super) async fn shut_down(&self) {
        if let Some(postgres) = self.postgres.get() {
            postgres.shut_down().await;
        }
    }

    /// Tells a person, where one listens.
    pub(super) fn tell(&self, message: &str) {
        if let Some(listener) = self.listener.get() {
            listener(message);
        }
    }
}
