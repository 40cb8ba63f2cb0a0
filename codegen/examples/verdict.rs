//! Puts the documents of a list through lowering and generating, and prints the README's table of them.
//!
//! `cargo run -p weshop-codegen --example verdict -- LIST FETCHED OUT LINES` reads what `corpus/run.sh`
//! fetched, and writes what is generated to OUT: a module a document, and a `lib.rs` with those of fewer
//! than LINES lines. The table holds once that crate compiles.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use weshop_codegen::{Document, Options, generate, lower, lower_widening, operations};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [list, fetched, out, limit] = arguments.as_slice() else {
        return Err(
            "name the list, the folder with what was fetched, a folder and a number".into(),
        );
    };
    let (out, limit) = (Path::new(out), limit.parse()?);
    fs::create_dir_all(out)?;
    let mut modules = String::from("#![allow(warnings)]\n");
    println!(
        "| package | document | written by | lowered | operations | reduced | lines | compiles |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let list = fs::read_to_string(list)?;
    for (number, line) in list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .enumerate()
    {
        let [_, package, version, path, writer] = columns(line)
            .ok_or_else(|| format!("{line:?} is not `registry package version path | writer`"))?;
        let folder = format!("{}-{version}", package.replace('/', "_"));
        let bytes = fs::read(Path::new(fetched).join(folder).join(path))?;
        let document = path.rsplit('/').next().unwrap_or(path);
        let verdict = match generated(&bytes)? {
            Err(why) => format!("refused: {why} | | | | |"),
            Ok(client) => {
                let module = format!("d{number:02}");
                let lines = client.source.lines().count();
                let checked = lines < limit;
                if checked {
                    modules.push_str(&format!("pub mod {module};\n"));
                }
                fs::write(out.join(format!("{module}.rs")), &client.source)?;
                let compiles = if checked { "yes" } else { "" };
                format!("{} | {lines} | {compiles} |", client.row)
            }
        };
        println!("| `{package}` {version} | {document} | {writer} | {verdict}");
    }
    Ok(fs::write(out.join("lib.rs"), modules)?)
}

fn columns(line: &str) -> Option<[&str; 5]> {
    let (place, writer) = line.split_once('|')?;
    let mut words = place.split_whitespace();
    let [registry, package, version, path] = [(); 4].map(|()| words.next());
    Some([registry?, package?, version?, path?, writer.trim()])
}

struct Client {
    source: String,
    /// How it was lowered, its operations, and how many of them say less than the document.
    row: String,
}

/// The client that a document gives, or the first thing that stands in the way.
fn generated(bytes: &[u8]) -> Result<Result<Client, String>, Box<dyn Error>> {
    let document = match Document::parse_bytes(bytes) {
        Ok(document) => document,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let losses = lower(&document).err().map_or(0, |it| it.iter().count());
    let lowered = match lower_widening(&document) {
        Ok(lowered) => lowered,
        Err(obstacles) => {
            let first = obstacles.iter().next().map(|it| brief(&it.to_string()));
            return Ok(Err(first.unwrap_or_default()));
        }
    };
    let client = generate(&lowered, &Options::default())?;
    let how = match losses {
        0 => "exact".to_owned(),
        1 => "1 named loss".to_owned(),
        _ => format!("{losses} named losses"),
    };
    let total = operations(lowered.value()).len();
    let kept = total - client.left_out.len();
    let reduced = client.reduced.len();
    Ok(Ok(Client {
        source: client.source,
        row: format!("{how} | {kept} of {total} | {reduced}"),
    }))
}

/// An obstacle without its place, its advice, and what it quotes.
fn brief(obstacle: &str) -> String {
    let sentence = obstacle.split_once(": ").map_or(obstacle, |(_, rest)| rest);
    let sentence = sentence.split(';').next().unwrap_or(sentence);
    match sentence.rsplit_once('"') {
        Some((_, rest)) => format!("a reference{rest}"),
        None => sentence.to_owned(),
    }
}
