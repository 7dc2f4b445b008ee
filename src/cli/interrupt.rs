//! What asks the program to end in order.

use futures::FutureExt as _;
use neon_contract::exit_code::ExitCode;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::complain;

/// Does something when the program is asked to end in order; from now on, and not only when a task has its turn.
pub(super) fn when_interrupted(work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    let mut interrupted = Box::pin(interrupted());
    // Whoever listens is known from the first look.
    let _ = interrupted.as_mut().now_or_never();
    tokio::spawn(async move {
        interrupted.await;
        work.await;
    })
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

/// From now on Ctrl-C ends the run in order, so that what it has made is removed; a second one ends it at once.
pub(super) fn stop_on_ctrl_c(stop: CancellationToken) -> JoinHandle<()> {
    when_interrupted(async move {
        stop.cancel();
        complain(
            "stopping; what was made is removed first (Ctrl-C again leaves it to `neon-contract sweep`)",
        );
        if tokio::signal::ctrl_c().await.is_ok() {
            #[expect(clippy::exit, reason = "whoever asks twice does not want to wait")]
            std::process::exit(ExitCode::Interrupted as i32);
        }
    })
}
