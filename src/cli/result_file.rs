//! Result files that a command is given.

use std::io;
use std::path::Path;

use neon_contract::input;
use neon_contract::result::{RunResult, read_result};

/// Reads a result file.
pub(super) fn read(file: &Path) -> Result<RunResult, String> {
    let text = input::read_text(file, input::RECORD).map_err(|error| {
        let (path, cause) = (file.display(), input::cause(&error));
        let hint = match error.kind() {
            io::ErrorKind::NotFound => format!("; create one with `run --report json={path}`"),
            _ => String::new(),
        };
        format!("cannot read the result file `{path}`: {cause}{hint}")
    })?;
    read_result(&text).map_err(|error| format!("{}: {error}", file.display()))
}
