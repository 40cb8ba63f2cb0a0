//! weshop

pub mod generated;
pub mod schedule;

#[cfg(feature = "emulator")]
pub mod emulator;
