#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod drop;
mod gate;
mod lives;
mod many;
mod script;
mod unpolled;
