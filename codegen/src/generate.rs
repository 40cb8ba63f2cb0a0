//! 3.0.3 to Rust source.

use crate::adapt::{Adapted, adapt, visible};
use crate::isolate::{self, Settings};
use crate::{Error, Lowered, Note, table};

/// How the client is to be generated.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// Path of a type that the client carries and hands to its `ClientHooks`, which must then be
    /// implemented for the client. Without one the client has no hooks of yours.
    pub inner_type: Option<String>,
}

impl Options {
    /// A client that carries a value of the type `path` for its hooks.
    pub fn with_inner_type(mut self, path: impl Into<String>) -> Self {
        self.inner_type = Some(path.into());
        self
    }
}

/// The generated client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Generated {
    /// Rust source of a module, formatted.
    pub source: String,
    /// The operations that the client does not have.
    pub left_out: Vec<LeftOut>,
    /// The optional parameters and the unreferenced schemas that the client does not have.
    pub reduced: Vec<Note>,
    /// What was reshaped to suit the generator.
    pub notes: Vec<Note>,
}

/// An operation that cannot be generated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct LeftOut {
    /// The operation's id.
    pub operation_id: String,
    /// The method in capitals.
    pub method: String,
    /// The path with its `{placeholders}`.
    pub path: String,
    /// Why it was left out.
    pub reason: String,
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} ({} {}): {}",
            self.operation_id, self.method, self.path, self.reason
        )
    }
}

/// Generates a client from a lowered document.
///
/// # Errors
/// [`Error::Ungeneratable`] if nothing can be generated. An operation that alone stands in the way is
/// left out and named instead.
pub fn generate(lowered: &Lowered, options: &Options) -> Result<Generated, Error> {
    let Adapted {
        document,
        mut left_out,
        mut reduced,
        notes,
    } = adapt(lowered.value());
    let settings = Settings::new(options)?;
    let made = isolate::generate(&document, &settings).map_err(Error::Ungeneratable)?;
    left_out.extend(made.left_out);
    left_out.sort();
    reduced.extend(made.left_out_schemas);
    let mut source = made.source;
    source.push_str(&table::module(lowered.value(), &left_out));
    Ok(Generated {
        source: visible(&source),
        left_out,
        reduced,
        notes,
    })
}
