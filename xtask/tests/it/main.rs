//! The tools as a whole: what they report, refuse and write.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cases;
mod commands;
mod fetching;
mod hostile;
mod mutation;
#[path = "../../../tests/it/needs_without.rs"]
mod needs_without;
mod properties;
mod refresh;
mod workflow;
