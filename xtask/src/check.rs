//! `cargo xtask check`: whether what is vendored fits together. It needs no network.

use std::io::Write;

use serde_json::Value;

use crate::refresh::digest;
use crate::spec::Spec;
use crate::{Env, Exit, Failure, surface};

/// Compares the vendored document with its provenance, with what the library needs, and with the record
/// of the API that is generated from it, and names the command that mends what does not fit.
///
/// # Errors
/// That the document cannot be read, is not OpenAPI 3.1, or cannot be generated from though it lacks
/// nothing that the library needs.
pub fn run(env: &Env, out: &mut dyn Write) -> Result<Exit, Failure> {
    let bytes = env.read(&env.document())?;
    let spec = Spec::read(&bytes)?;
    spec.validate()?;
    let needs = String::from_utf8_lossy(&env.read(&env.needs())?).into_owned();
    let mut exit = Exit::Nothing;

    let missing = spec.missing(&needs);
    for need in &missing {
        writeln!(
            out,
            "{} needs {}, which {}",
            need.needed_by, need.what, need.why
        )?;
    }
    let made = match spec.made() {
        Ok(made) => made,
        Err(failure) if missing.is_empty() => return Err(failure),
        Err(failure) => {
            writeln!(out, "{failure}")?;
            return Ok(Exit::Needed);
        }
    };

    if env.provenance().exists() {
        let told: Value = serde_json::from_slice(&env.read(&env.provenance())?)
            .map_err(|error| Failure::new(format!("{}: {error}", env.provenance().display())))?;
        if told.get("sha256").and_then(Value::as_str) != Some(&digest(&bytes)) {
            writeln!(
                out,
                "openapi.yaml is not the document of openapi.provenance.json"
            )?;
            writeln!(out, "  mend it with: cargo xtask refresh --accept")?;
            exit = Exit::Breaking;
        }
    } else {
        writeln!(
            out,
            "openapi.yaml has no provenance: it was written by hand"
        )?;
    }

    let recorded = std::fs::read_to_string(env.surface()).unwrap_or_default();
    let now = surface::listing(&made.surface);
    if recorded != now {
        writeln!(
            out,
            "the generated API is not the one in xtask/surface.txt:"
        )?;
        for (sign, from, to) in [('-', &recorded, &now), ('+', &now, &recorded)] {
            let known: std::collections::BTreeSet<&str> = to.lines().collect();
            for line in from.lines().filter(|line| !known.contains(line)) {
                writeln!(out, "  {sign} {line}")?;
            }
        }
        writeln!(
            out,
            "  if that is meant: cargo xtask refresh --from openapi.yaml --accept"
        )?;
        exit = Exit::Breaking;
    }

    if !missing.is_empty() {
        exit = Exit::Needed;
    }
    if exit == Exit::Nothing {
        writeln!(
            out,
            "openapi.yaml, the generated API and src/needs.txt fit together"
        )?;
    }
    Ok(exit)
}
