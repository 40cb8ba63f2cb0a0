//! weshop

pub mod agent;
pub mod agents;
pub mod generated;
pub mod mask;
pub mod validate;

pub use agent::{Agent, IntoParams};

#[cfg(feature = "emulator")]
pub mod emulator;
