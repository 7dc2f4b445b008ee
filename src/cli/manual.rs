//! `neon-contract completions` and `neon-contract man`: made from the command line's own description.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use neon_contract::exit_code::ExitCode;

use super::{Cli, complain, log};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  neon-contract completions bash > ~/.local/share/bash-completion/completions/neon-contract
  neon-contract completions zsh > \"${fpath[1]}/_neon-contract\"
  neon-contract completions fish > ~/.config/fish/completions/neon-contract.fish")]
pub(super) struct CompletionsArgs {
    /// Shell to print the script for
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn completions(args: CompletionsArgs) -> ExitCode {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "neon-contract", &mut out);
    print(&out)
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  neon-contract man | man -l -
  neon-contract man --output ~/.local/share/man/man1")]
pub(super) struct ManArgs {
    /// Write a page for each command to this directory [default: print the main page]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

pub(super) fn man(args: ManArgs) -> ExitCode {
    let Some(folder) = &args.output else {
        let mut out = Vec::new();
        return match clap_mangen::Man::new(Cli::command()).render(&mut out) {
            Ok(()) => print(&out),
            Err(error) => failed(&error.to_string()),
        };
    };
    let written =
        std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    match written {
        Ok(()) => {
            log(&format!("wrote the pages to {}; start with neon-contract.1", folder.display()));
            ExitCode::Conformant
        }
        Err(error) => failed(&format!("{}: {error}", folder.display())),
    }
}

fn failed(message: &str) -> ExitCode {
    complain(message);
    ExitCode::Usage
}

/// Prints what may have no styles removed from it. Whoever stops reading has read enough.
fn print(bytes: &[u8]) -> ExitCode {
    let _ = std::io::stdout().write_all(bytes);
    ExitCode::Conformant
}
