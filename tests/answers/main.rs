//! Answers on demand, as clients meet them: over real sockets, from Rust, and from the command line.

mod command;
mod malformed;
mod pace;
mod pages;
mod scenarios;
mod wanted;
mod when;
mod world;
