#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]
mod emulator_core;
mod main_job;
mod simulate;
mod support;
mod wait_schedule;
