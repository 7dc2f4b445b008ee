//! EXPLORE: random walks of valid calls, against an endpoint and in step against the mock as its model.
//!
//! A walk is drawn from tables of actions, and is a case like any other: it is sent, undone, judged and kept as all cases are.

mod action;
mod draw;
mod explorer;
mod model;
mod walk;
mod words;

pub use explorer::{Explored, Failure, Wishes, explore};
