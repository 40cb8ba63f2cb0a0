//! Tools for the API description that this library is generated from.

pub mod drift;
pub mod surface;
