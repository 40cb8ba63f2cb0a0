//! The tools as a whole: what they report, refuse and write.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod mutation;
mod properties;
