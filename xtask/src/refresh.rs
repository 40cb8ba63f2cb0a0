//! `cargo xtask refresh`: a new edition of the document, checked before it takes the old one's place.

use std::io::Write;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::drift::display::{self, Format};
use crate::fetch::{Fetched, Source, fetch};
use crate::spec::{Spec, compare};
use crate::{Env, Exit, Failure, store, surface};

/// Fetches, checks, reports, and vendors if `accept`.
///
/// The exit code says what was found, whether it was accepted or not.
///
/// # Errors
/// Whatever keeps the document from being fetched, read, validated, lowered or generated, or the files
/// from being written.
pub fn run(
    env: &Env,
    from: &Source,
    accept: bool,
    format: Format,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Exit, Failure> {
    let vendored = env.read(&env.document())?;
    let old = Spec::read(&vendored)?;
    let needs = String::from_utf8_lossy(&env.read(&env.needs())?).into_owned();
    let fetched = fetch(from, &env.limits)?;
    let new = Spec::read(&fetched.bytes)?;
    if let Err(failure) = new.validate() {
        // No report is made of what may mean anything, but that something needed is gone is seen.
        for need in new.missing(&needs) {
            writeln!(
                err,
                "needed: {} needs {}, which {}",
                need.needed_by, need.what, need.why
            )?;
        }
        return Err(failure);
    }
    let report = compare(&old, &new, &needs);
    display::write(&report, format, out)?;
    let exit = Exit::of(&report);
    // What the library misses is told by exit code even where nothing can be generated, for want of it or
    // for another reason: that is in the report too.
    if exit != Exit::Needed {
        new.made()?;
    }
    if !accept {
        if exit != Exit::Nothing {
            writeln!(err, "nothing was written; `--accept` vendors this document")?;
        }
    } else if exit == Exit::Needed {
        writeln!(
            err,
            "nothing was written: the library in src/ comes first, with src/needs.txt"
        )?;
    } else {
        let listing = surface::listing(&new.made()?.surface);
        let mut files = vec![(env.surface(), listing.into_bytes())];
        if fetched.bytes != vendored {
            files.push((env.provenance(), provenance(env, &fetched)));
            files.push((env.document(), fetched.bytes));
        }
        store::replace(&files)?;
        writeln!(err, "accepted: {}", env.document().display())?;
    }
    Ok(exit)
}

/// Where a document came from, when, and which one exactly.
fn provenance(env: &Env, fetched: &Fetched) -> Vec<u8> {
    let told = json!({
        "url": fetched.from,
        "date": httpdate::fmt_http_date(env.now),
        "etag": fetched.etag,
        "sha256": digest(&fetched.bytes),
    });
    format!("{told:#}\n").into_bytes()
}

/// The SHA-256 of a document in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}
