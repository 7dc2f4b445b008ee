# Tasks of developers; `just` lists them.

_default:
    @just --list --unsorted

# All that a change must pass
gate:
    .ci/run

# Quick: formatting, lints and the tests of the library
check:
    cargo fmt --all -- --check
    cargo clippy --all-targets --locked -- -D warnings
    cargo test --locked --lib

# One test binary, such as `just test command live::`
test binary *filter:
    cargo test --locked --test {{ binary }} -- {{ filter }}

# Write the generated pages, schemas and snapshots again; look at the difference
generate:
    cargo build --locked
    for of in case suite endpoint known-failures; do target/debug/neon-contract schema $of > specs/$of.schema.json; done
    target/debug/neon-contract schema account > fixtures/account.schema.json
    target/debug/neon-contract mock --matrix > src/mock/MANUAL.md
    NEON_CONTRACT=target/debug/neon-contract docs/generate
    INSTA_UPDATE=always INSTA_FORCE_PASS=1 cargo test --locked --test help --test loading --test docs --test words

# The faults that the suite does not notice
audit *arguments:
    cargo run --release -- audit {{ arguments }}

# The book, in target/book
book:
    mdbook build docs --dest-dir ../target/book

# Licences, advisories and sources of dependencies
deny:
    cargo deny check

# Endpoints that lie at random, many times
random runs="2000":
    RANDOM_RUNS={{ runs }} cargo test --test command -- random_runs

# Speed beside the peers
compare:
    benches/compare/run
