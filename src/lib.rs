//! weshop

pub mod generated;
