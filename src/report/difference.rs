//! What has changed between two contracts.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use crate::difference::{Change, Level};
use crate::text::counted;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// So many places are named where a change of a shared schema shows.
const USES_SHOWN: usize = 4;

/// The form of [`difference_json`]. Members may be added; what is there keeps its meaning.
const VERSION: u32 = 1;

/// The changes for people: by how they bear on clients, each with its place in the document.
#[must_use]
pub fn difference(changes: &[Change]) -> String {
    let mut out = String::new();
    for (level, title, style) in LEVELS {
        let of_level: Vec<&Change> = changes.iter().filter(|change| change.level == level).collect();
        if of_level.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{style}{title}{style:#} {DIM}({}){DIM:#}", of_level.len());
        for change in of_level {
            let _ = writeln!(out, "  {} {DIM}--> {}{DIM:#}", change.message, change.location);
            for place in change.uses.iter().take(USES_SHOWN) {
                let _ = writeln!(out, "      {place}");
            }
            if change.uses.len() > USES_SHOWN {
                let _ = writeln!(out, "      {DIM}and {} more{DIM:#}", change.uses.len() - USES_SHOWN);
            }
        }
    }
    let count = |level| changes.iter().filter(|change| change.level == level).count();
    let breaking = count(Level::Breaking);
    let _ = if changes.is_empty() {
        writeln!(out, "{GREEN}no changes{GREEN:#}")
    } else {
        let style = if breaking > 0 { RED } else { GREEN };
        writeln!(
            out,
            "{style}{}{style:#}: {breaking} breaking, {} additive, {} documentation",
            counted(changes.len(), "change"),
            count(Level::Additive),
            count(Level::Documentation),
        )
    };
    out
}

const LEVELS: [(Level, &str, Style); 3] = [
    (Level::Breaking, "Breaking", RED),
    (Level::Additive, "Additive", GREEN),
    (Level::Documentation, "Documentation", BOLD),
];

/// The changes for programs.
#[must_use]
pub fn difference_json(changes: &[Change]) -> Value {
    let changes = changes.iter().map(|change| {
        json!({
            "level": change.level,
            "message": change.message,
            "file": change.location.path().display().to_string(),
            "line": change.location.line(),
            "uses": change.uses,
        })
    });
    json!({ "version": VERSION, "changes": changes.collect::<Vec<_>>() })
}
