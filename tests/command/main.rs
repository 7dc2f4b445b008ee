//! The command as people use it: real processes, real files, real sockets.

mod another_server;
mod audit;
mod contract;
mod coverage;
mod endpoint;
mod first_screen;
mod gate;
mod generated;
mod hostile;
mod known;
mod live;
mod mock;
mod new;
mod parity;
mod persisting;
mod project;
mod proxy;
mod readme;
mod recorded;
mod reports;
mod scaling;
mod secrets;
mod snapshots;
mod stopping;
mod usage;
mod verdict;
