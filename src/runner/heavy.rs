//! Large answers, of which few are read at a time: JSON takes many times its length in memory.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::exchange::Response;

/// Answers of fewer KiB are not counted.
const HEAVY: usize = 256;
/// So many KiB of large answers may be on trial at once; a larger one is alone.
const ROOM: u32 = 8 * 1024;
/// A trial that may be what another waits for goes on after so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The room for large answers.
#[derive(Debug)]
pub(super) struct Heavy(Arc<Semaphore>);

/// A trial's part of it.
pub(super) type Weight = OwnedSemaphorePermit;

impl Default for Heavy {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM as usize)))
    }
}

impl Heavy {
    /// Whether there must be room for an answer.
    pub(super) fn counts(response: &Response) -> bool {
        response.body.len() / 1024 >= HEAVY
    }

    /// Waits until there is room for an answer.
    pub(super) async fn take(&self, response: &Response) -> Option<Weight> {
        let size = u32::try_from(response.body.len() / 1024).unwrap_or(ROOM).min(ROOM);
        let taken = Arc::clone(&self.0).acquire_many_owned(size);
        tokio::time::timeout(PATIENCE, taken).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn answer(kib: usize) -> Response {
        Response::new(200, Vec::new(), vec![b' '; kib * 1024])
    }

    #[tokio::test]
    async fn large_answers_take_turns() {
        let heavy = Heavy::default();
        let first = heavy.take(&answer(5000)).await.expect("there is room");
        let second = heavy.take(&answer(3000)).await.expect("there is room");
        assert!(heavy.take(&answer(300)).now_or_never().is_none(), "it waits");
        drop((first, second));
        let alone = heavy.take(&answer(20_000)).await;
        assert!(alone.is_some(), "one larger than the room has it alone");
        assert!(!Heavy::counts(&answer(255)) && Heavy::counts(&answer(256)));
    }
}
