//! `cargo xtask lower`: a document as OpenAPI 3.0.3.

use std::io::Write;
use std::path::Path;

use weshop_codegen::{Document, lower};

use crate::fetch::{Source, fetch};
use crate::{Env, Exit, Failure};

/// Prints the 3.0.3 document as JSON.
///
/// # Errors
/// Every construct that stands in the way, or why the file is no document.
pub fn run(env: &Env, file: &Path, out: &mut dyn Write) -> Result<Exit, Failure> {
    let fetched = fetch(&Source::File(file.to_owned()), &env.limits)?;
    let document =
        Document::parse_bytes(&fetched.bytes).map_err(|error| Failure::new(error.to_string()))?;
    let lowered = lower(&document).map_err(|obstacles| Failure::new(obstacles.to_string()))?;
    let pretty = serde_json::to_string_pretty(lowered.value());
    let pretty = pretty.map_err(|error| Failure::new(error.to_string()))?;
    writeln!(out, "{pretty}")?;
    Ok(Exit::Nothing)
}
