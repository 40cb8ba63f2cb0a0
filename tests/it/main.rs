mod emulator_core;
mod emulator_judge;
mod support;
