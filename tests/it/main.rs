mod emulator_core;
mod main_job;
mod support;
