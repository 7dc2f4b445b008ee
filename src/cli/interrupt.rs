//! What asks the program to end in order.

use futures::FutureExt as _;

/// Does something when the program is asked to end in order; from now on, and not only when a task has its turn.
pub(super) fn when_interrupted(work: impl Future<Output = ()> + Send + 'static) {
    let mut interrupted = Box::pin(interrupted());
    // Whoever listens is known from the first look.
    let _ = interrupted.as_mut().now_or_never();
    tokio::spawn(async move {
        interrupted.await;
        work.await;
    });
}

/// Ctrl-C, and what else asks a program to end in order.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut terminate), Ok(mut hang_up)) =
            (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
