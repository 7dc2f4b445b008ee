//! `neon-contract badge`.

use std::path::PathBuf;

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::input;
use neon_contract::report;
use neon_contract::secret::Secrets;

use super::{complain, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
The image says the verdict and how many requirements are proven; its title says of which target, and when.

Examples:
  neon-contract run --report proof=proof.json
  neon-contract badge proof.json --output conformance.svg")]
pub(super) struct BadgeArgs {
    /// What a run has proven, made by `run --report proof=FILE` or `json=FILE`
    file: PathBuf,
    /// Where to; standard output, where this is left out
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn badge(args: BadgeArgs) -> ExitCode {
    let named = |error: String| format!("{}: {error}", args.file.display());
    let text = input::read_text(&args.file, input::RECORD).map_err(|error| named(error.to_string()));
    let proof = match text.and_then(|text| report::read_proof(&text).map_err(named)) {
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
