//! The library against an emulator, and against servers that misbehave.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout
)]
mod echoes;
mod emulator_answers;
mod emulator_core;
mod emulator_files;
mod emulator_hostile;
mod emulator_judge;
mod emulator_leaks;
mod emulator_script;
mod emulator_soak;
mod emulator_standalone;
mod faults;
mod images;
mod main_job;
mod needs;
mod needs_document;
mod needs_table;
mod needs_without;
mod partial;
mod presets;
mod quickstart;
mod saving;
mod secrets;
mod simulate;
mod support;
mod uploads;
mod validate_cases;
mod validate_document;
mod validate_judge;
mod validate_params;
mod validate_properties;
mod validate_requests;
mod validate_rules;
mod wait_drop;
mod wait_runs;
mod wait_schedule;
