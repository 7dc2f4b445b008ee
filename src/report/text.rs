//! Plain text that several reports share.

use std::fmt::Write as _;

use crate::result::Exposed;

/// An exchange, as it went over the wire.
pub(super) fn exchange(exchange: &Exposed) -> String {
    let mut out = format!(
        "--- {} ({} ms)\n{} {}\n",
        exchange.step, exchange.elapsed_ms, exchange.method, exchange.target
    );
    for (name, value) in &exchange.request_headers {
        let _ = writeln!(out, "{name}: {value}");
    }
    if let Some(body) = &exchange.request_body {
        let _ = writeln!(out, "\n{body}");
    }
    match exchange.status {
        0 => out.push_str("\nno response\n"),
        status => {
            let _ = writeln!(out, "\n{status}");
        }
    }
    for (name, value) in &exchange.headers {
        let _ = writeln!(out, "{name}: {value}");
    }
    if !exchange.body.is_empty() {
        let _ = writeln!(out, "\n{}", exchange.body);
    }
    if let Some(fault) = &exchange.fault {
        let _ = writeln!(out, "\n{fault}");
    }
    out
}
