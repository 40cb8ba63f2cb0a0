mod emulator_core;
mod support;
