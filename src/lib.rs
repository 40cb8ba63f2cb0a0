//! weshop

pub mod generated;

#[cfg(feature = "emulator")]
pub mod emulator;
