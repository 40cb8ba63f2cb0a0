//! What changed between two editions of an API description, and whom it breaks.
//!
//! [`types`] says what a report is, [`detect`](mod@detect) finds the changes, [`display`] shows them.
//!
//! ```
//! use serde_json::json;
//! use xtask::drift::{detect, types::Class};
//!
//! let old = json!({"openapi": "3.1.0", "info": {"title": "Runs", "version": "1"}, "paths": {}});
//! let mut new = old.clone();
//! new["info"]["version"] = json!("2");
//!
//! let changes = detect(&old, &new);
//! assert_eq!(changes.len(), 1);
//! assert_eq!(changes[0].class, Class::Documentation);
//! assert!(detect(&old, &old).is_empty());
//! ```

pub mod api;
pub mod detect;
pub mod display;
pub mod second_opinion;
pub mod types;

pub use detect::detect;
