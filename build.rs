//! Generates the client from `openapi.yaml`, or says in one line each what stands in the way.
//!
//! `WESHOP_OPENAPI` names another document to build against, to try a change before it is vendored.

use std::path::PathBuf;
use std::{env, fs, process};

use weshop_codegen::facts::Facts;
use weshop_codegen::{Document, Options, check_needs, generate, lower};

fn main() {
    println!("cargo::rerun-if-env-changed=WESHOP_OPENAPI");
    println!("cargo::rerun-if-changed=src/needs.txt");
    if let Err(lines) = run() {
        for line in lines.lines() {
            println!("cargo::error={line}");
        }
        process::exit(1);
    }
}

fn run() -> Result<(), String> {
    let path = env::var("WESHOP_OPENAPI").unwrap_or_else(|_| "openapi.yaml".to_owned());
    println!("cargo::rerun-if-changed={path}");
    let bytes = fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
    let needs =
        fs::read_to_string("src/needs.txt").map_err(|error| format!("src/needs.txt: {error}"))?;
    let document = Document::parse_bytes(&bytes).map_err(|error| format!("{path}: {error}"))?;
    check_needs(&document, &needs).map_err(|missing| prefixed(&path, &missing))?;
    let lowered = lower(&document).map_err(|obstacles| prefixed(&path, obstacles.iter()))?;
    let mut options = Options::default();
    options.inner_type = Some("crate::transport::Hooks".to_owned());
    let client = generate(&lowered, &options).map_err(|error| format!("{path}: {error}"))?;
    let missing = client.check_needs(&needs);
    missing.map_err(|missing| prefixed(&path, &missing))?;
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|error| error.to_string())?);
    let facts = Facts::of(document.value()).source();
    fs::write(out.join("facts.rs"), facts).map_err(|error| error.to_string())?;
    // For the emulator, which checks requests against the document itself.
    fs::write(out.join("openapi.json"), document.value().to_string())
        .map_err(|error| error.to_string())?;
    fs::write(out.join("client.rs"), client.source).map_err(|error| error.to_string())
}

fn prefixed<T: ToString>(path: &str, lines: impl IntoIterator<Item = T>) -> String {
    lines
        .into_iter()
        .map(|line| format!("{path}: {}\n", line.to_string()))
        .collect()
}
