//! How far a run is.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on a terminal, nothing elsewhere.
pub(super) fn progress(trials: usize) -> ProgressBar {
    if !std::io::stdout().is_terminal() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} trials {elapsed}");
    ProgressBar::new(trials as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
