#![doc = include_str!("../README.md")]

mod adapt;
mod document;
mod error;
pub mod facts;
mod generate;
mod isolate;
mod lower;
mod needs;
mod operations;
mod pointer;
mod polish;
mod size;
mod table;
mod twice;
mod unique;
mod variants;
mod walk;

pub use document::{Document, MAX_BYTES, MAX_DEPTH, MAX_NODES};
pub use error::{Error, Note, Obstacle, Obstacles};
pub use generate::{Generated, LeftOut, Options, generate};
pub use lower::{Lowered, lower, lower_widening};
pub use needs::{Missing, check_needs};
pub use operations::{Operation, operations};
