//! `neon-contract badge`.

use std::path::PathBuf;

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::input;
use neon_contract::report;
use neon_contract::result::read_proof;
use neon_contract::secret::Secrets;

use super::{complain, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
The badge shows the verdict and the number of proven requirements; its title shows the target and the date.

Examples:
  neon-contract run --report proof=proof.json
  neon-contract badge proof.json --output conformance.svg")]
pub(super) struct BadgeArgs {
    /// Proof or result file, created with `run --report proof=FILE` or `run --report json=FILE`
    file: PathBuf,
    /// Write the badge to this file [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn badge(args: BadgeArgs) -> ExitCode {
    let named = |error: String| format!("{}: {error}", args.file.display());
    let text = input::read_text(&args.file, input::RECORD).map_err(|error| {
        format!("cannot read the proof or result file `{}`: {}", args.file.display(), input::cause(&error))
    });
    let proof = match text.and_then(|text| read_proof(&text).map_err(named)) {
        Ok(proof) => proof,
        Err(message) => {
            complain(&message);
            return ExitCode::Usage;
        }
    };
    let svg = report::badge(&proof);
    let Some(path) = &args.output else {
        tell(&svg);
        return ExitCode::Conformant;
    };
    match report::write(path, &svg, &Secrets::default()) {
        Ok(()) => ExitCode::Conformant,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::Usage
        }
    }
}
