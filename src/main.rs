//! The `neon-contract` command: parse, run, exit.

mod cli;

use std::process::ExitCode;

/// A run is made of many small strings, on all cores at once: with this allocator it takes a third less time than with the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main().into()
}
