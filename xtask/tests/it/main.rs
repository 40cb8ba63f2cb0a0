//! The tools as a whole: what they report, refuse and write.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cases;
mod commands;
mod fetching;
mod hostile;
mod mutation;
mod properties;
mod refresh;
mod workflow;
