//! `cargo xtask drift`: how the remote document differs from the vendored one.

use std::io::Write;

use crate::drift::display::{self, Format};
use crate::fetch::{Source, fetch};
use crate::spec::{Spec, compare};
use crate::{Env, Exit, Failure};

/// Prints the report.
///
/// # Errors
/// What cannot be fetched or read.
pub fn run(env: &Env, from: &Source, format: Format, out: &mut dyn Write) -> Result<Exit, Failure> {
    let old = Spec::read(&env.read(&env.document())?)?;
    let needs = String::from_utf8_lossy(&env.read(&env.needs())?).into_owned();
    let new = Spec::read(&fetch(from, &env.limits)?.bytes)?;
    let report = compare(&old, &new, &needs);
    display::write(&report, format, out)?;
    Ok(Exit::of(&report))
}
