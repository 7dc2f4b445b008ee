//! What asks the program to end in order.

use neon_contract::exit_code::ExitCode;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::complain;

/// What asks the program to end in order: Ctrl-C, and what else the system has for it.
pub(super) struct Interrupts {
    #[cfg(unix)]
    signals: Option<[tokio::signal::unix::Signal; 3]>,
}

impl Interrupts {
    /// Listens from now on, and not only when a task has its turn.
    pub(super) fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let listen = || {
                let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
                let [interrupt, terminate, hang_up] = kinds.map(signal);
                std::io::Result::Ok([interrupt?, terminate?, hang_up?])
            };
            Self { signals: listen().ok() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Waits for the next.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        if let Some([interrupt, terminate, hang_up]) = &mut self.signals {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            return;
        }
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Does something when the program is asked to end in order.
pub(super) fn when_interrupted(work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    let mut interrupts = Interrupts::listen();
    tokio::spawn(async move {
        interrupts.next().await;
        work.await;
    })
}

/// From now on Ctrl-C ends the run in order, so that what it has made is removed; a second one ends it at once.
pub(super) fn stop_on_ctrl_c(stop: CancellationToken) -> JoinHandle<()> {
    let mut interrupts = Interrupts::listen();
    tokio::spawn(async move {
        interrupts.next().await;
        stop.cancel();
        complain(
            "stopping; removing created resources first (press Ctrl-C again to leave them to `neon-contract sweep`)",
        );
        interrupts.next().await;
        #[expect(clippy::exit, reason = "whoever asks twice does not want to wait")]
        std::process::exit(ExitCode::Interrupted as i32);
    })
}
