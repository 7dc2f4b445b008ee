//! Every trial of the suite as a test, under `cargo test` and `cargo nextest`.

use std::process::ExitCode;

/// As the command has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    neon_contract::conformance::main()
}
