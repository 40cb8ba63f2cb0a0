//! The command line.

use std::path::PathBuf;

use crate::Failure;
use crate::drift::display::Format;
use crate::fetch::Source;

/// How to use the tools, for people.
pub const USAGE: &str = "\
cargo xtask refresh [--from URL or FILE] [--accept] [--format FORMAT]
    fetch the API description, check it, say what changed; with --accept, vendor it
cargo xtask drift [--from URL or FILE] [--format FORMAT]
    compare the remote API description with the vendored one
cargo xtask lower FILE
    print an OpenAPI 3.1 document as 3.0.3, or everything that stands in the way
cargo xtask generate FILE
    print the Rust source that is generated from a document
cargo xtask check
    see whether what is vendored fits together, offline

FORMAT is text, markdown, json or github. Without --from the official URL is fetched.
Exit codes: 0 nothing to do, 4 compatible changes, 5 breaking changes,
6 the library needs something that is gone or changed, 100 a failure.
";

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Say how to use the tools.
    Help,
    /// Fetch, check, compare, and vendor if told so.
    Refresh {
        /// Where the document is.
        from: Source,
        /// Whether to vendor it.
        accept: bool,
        /// How to write the report.
        format: Format,
    },
    /// Compare.
    Drift {
        /// Where the document is.
        from: Source,
        /// How to write the report.
        format: Format,
    },
    /// Lower a file.
    Lower(PathBuf),
    /// Generate from a file.
    Generate(PathBuf),
    /// Check what is vendored.
    Check,
}

/// Reads the command line, without the program's name.
///
/// # Errors
/// What cannot be understood.
pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Command, Failure> {
    let mut args = args.into_iter();
    let Some(name) = args.next() else {
        return Ok(Command::Help);
    };
    let (mut from, mut format, mut accept) = (None, None, false);
    let mut files = Vec::new();
    while let Some(arg) = args.next() {
        let mut value = || {
            let missing = || Failure::new(format!("{arg} needs a value"));
            args.next().ok_or_else(missing)
        };
        match arg.as_str() {
            "--from" => from = Some(value()?.parse()?),
            "--format" => format = Some(value()?.parse().map_err(Failure::new)?),
            "--accept" => accept = true,
            "--help" | "-h" => return Ok(Command::Help),
            _ if arg.starts_with('-') => return Err(unknown(&arg)),
            _ => files.push(arg),
        }
    }
    let plain = from.is_none() && format.is_none() && !accept;
    let source = from.unwrap_or_default();
    match (name.as_str(), files.as_slice()) {
        ("help" | "--help" | "-h", _) => Ok(Command::Help),
        ("refresh", []) => {
            let format = format.unwrap_or_default();
            Ok(Command::Refresh {
                from: source,
                accept,
                format,
            })
        }
        ("drift", []) if !accept => {
            let format = format.unwrap_or_default();
            Ok(Command::Drift {
                from: source,
                format,
            })
        }
        ("lower", [file]) if plain => Ok(Command::Lower(file.into())),
        ("generate", [file]) if plain => Ok(Command::Generate(file.into())),
        ("check", []) if plain => Ok(Command::Check),
        ("lower" | "generate", _) => Err(Failure::new(format!(
            "`{name}` takes one file and no option"
        ))),
        ("drift" | "check" | "refresh", _) => {
            Err(Failure::new(format!("`{name}` does not take all of this")))
        }
        _ => Err(unknown(&name)),
    }
}

fn unknown(what: &str) -> Failure {
    Failure::new(format!(
        "{what:?} is not known; `cargo xtask help` lists what is"
    ))
}
