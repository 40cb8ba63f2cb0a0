//! Tools for the API description that this library is generated from: fetching it anew, saying what
//! changed and whom that breaks, and showing what is generated from it.
//!
//! `cargo xtask` without arguments lists the commands. Commands write to a `Write`, and what they read is
//! in an [`Env`], so that tests see whole reports and touch neither the network nor the repository.

pub mod args;
pub mod check;
pub mod drift;
pub mod drift_command;
pub mod env;
pub mod exit;
pub mod fetch;
pub mod generate;
pub mod lower;
pub mod quiet;
pub mod refresh;
pub mod spec;
pub mod store;
pub mod surface;
pub mod validate;

pub use env::Env;
pub use exit::{Exit, Failure};
