//! `cargo xtask generate`: the Rust source that a document is turned into.

use std::io::Write;
use std::path::Path;

use crate::fetch::{Source, fetch};
use crate::spec::Spec;
use crate::{Env, Exit, Failure};

/// Prints the source; on `err`, the operations that it does not have and why.
///
/// # Errors
/// Why nothing can be generated.
pub fn run(
    env: &Env,
    file: &Path,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Exit, Failure> {
    let fetched = fetch(&Source::File(file.to_owned()), &env.limits)?;
    let spec = Spec::read(&fetched.bytes)?;
    let generated = &spec.made()?.generated;
    for left_out in &generated.left_out {
        writeln!(err, "left out: {left_out}")?;
    }
    out.write_all(generated.source.as_bytes())?;
    Ok(Exit::Nothing)
}
