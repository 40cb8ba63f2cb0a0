//! Puts documents through lowering and generating, and prints a row of the README's table for each.
//!
//! `cargo run -p weshop-codegen --example verdict -- OUT FILE...` writes what is generated to the folder
//! OUT, one module a document, so that it can be compiled.
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::{env, fs};

use weshop_codegen::{Document, Options, generate, lower, lower_widening, operations};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let out = arguments.next().ok_or("name a folder and documents")?;
    fs::create_dir_all(&out)?;
    for (number, file) in arguments.enumerate() {
        let row = row(
            &fs::read(&file)?,
            &Path::new(&out).join(format!("d{number:02}.rs")),
        )?;
        println!("{file} | {row}");
    }
    Ok(())
}

/// Operations, what stands in the way, what is left out, lines of source.
fn row(bytes: &[u8], out: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let document = match Document::parse_bytes(bytes) {
        Ok(document) => document,
        Err(error) => return Ok(format!("{error}")),
    };
    let obstacles = lower(&document)
        .err()
        .map_or(0, |obstacles| obstacles.iter().count());
    let lowered = match lower_widening(&document) {
        Ok(lowered) => lowered,
        Err(error) => {
            let first = error
                .iter()
                .next()
                .map(ToString::to_string)
                .unwrap_or_default();
            return Ok(format!(
                "refused, {} obstacles, the first {first}",
                error.iter().count()
            ));
        }
    };
    let total = operations(lowered.value()).len();
    let generated = generate(&lowered, &Options::default())?;
    fs::write(out, &generated.source)?;
    let exact = if obstacles == 0 {
        "exact".to_owned()
    } else {
        format!("{obstacles} named losses")
    };
    let (left_out, reduced) = (generated.left_out.len(), generated.reduced.len());
    let lines = generated.source.lines().count();
    Ok(format!(
        "{exact} | {} of {total} | {reduced} | {lines}",
        total - left_out
    ))
}
