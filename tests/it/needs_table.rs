//! `src/needs.txt` says what the library needs of the document: the table and the source must agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use weshop_codegen::Document;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
pub const NEEDS: &str = include_str!("../../src/needs.txt");

pub fn vendored() -> Value {
    let text = std::fs::read_to_string(Path::new(ROOT).join("openapi.yaml")).unwrap();
    Document::parse(&text).unwrap().value().clone()
}

/// The rows' columns: kind, name, shape, who needs it.
pub fn rows() -> Vec<[&'static str; 4]> {
    let lines = NEEDS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let columns = lines.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    columns.map(|columns| columns.try_into().unwrap()).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The library's own source, the emulator apart, which reads the document itself.
fn source() -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    sources(&Path::new(ROOT).join("src"), &mut paths);
    let emulator = Path::new(ROOT).join("src").join("emulator");
    paths.retain(|path| !path.starts_with(&emulator));
    paths
        .into_iter()
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
}

/// What is named after each `marker` in a text, alone or in braces.
fn named_after<'t>(text: &'t str, marker: &str) -> BTreeSet<&'t str> {
    let rests = text
        .match_indices(marker)
        .map(|(at, _)| &text[at + marker.len()..]);
    rests
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => words(list.split('}').next().unwrap()).collect::<Vec<_>>(),
            None => words(rest).take(1).collect(),
        })
        .filter(|name| name.starts_with(char::is_uppercase))
        .collect()
}

#[test]
fn every_generated_type_that_the_source_names_is_in_the_table() {
    let listed: BTreeSet<&str> = rows()
        .iter()
        .filter(|row| row[0] == "schema")
        .map(|row| row[1])
        .collect();
    let mut seen = 0;
    for (path, text) in source() {
        for name in named_after(&text, "types::")
            .into_iter()
            .filter(|name| *name != "ConversionError")
        {
            assert!(
                listed.contains(name),
                "{} names types::{name}",
                path.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} names were found");
}

#[test]
fn every_variant_that_the_source_names_is_in_the_table() {
    let mut listed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for [_, name, variant, _] in rows().into_iter().filter(|row| row[0] == "value") {
        let (owner, _) = name.split_once('.').unwrap();
        listed.entry(owner).or_default().insert(variant);
    }
    let mut seen = 0;
    for (path, text) in source() {
        let paths = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
        for path_of in paths {
            let mut ends = path_of.rsplit("::");
            let (Some(variant), Some(owner)) = (ends.next(), ends.next()) else {
                continue;
            };
            let Some(variants) = listed.get(owner) else {
                continue;
            };
            let known = variants.contains(variant);
            assert!(known, "{} names {owner}::{variant}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} variants were found");
}

#[test]
fn every_row_names_a_file_and_a_word_in_it() {
    for [kind, name, _, needed_by] in rows() {
        let (file, item) = needed_by.split_once(", ").unwrap();
        let text = std::fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
        assert!(
            words(&text).any(|word| word == item),
            "{kind} {name}: {file} has no {item}"
        );
    }
}

#[test]
fn every_call_of_the_generated_client_is_in_the_table() {
    let listed = |kind: &str, name: &str| rows().iter().any(|row| row[..2] == [kind, name]);
    let code = code();
    let mut seen = Vec::new();
    for (_, item) in vendored()["paths"].as_object().unwrap() {
        for (_, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            // The constant is what a request by hand takes the path from.
            let constant = format!("operations::{}", snake(id).to_uppercase());
            let called = format!(".{}()", snake(id));
            if code.contains(&constant) {
                assert!(listed("operation", id), "{constant}");
                seen.push(constant);
            }
            if !code.contains(&called) {
                continue;
            }
            assert!(listed("method", id), "{called}");
            let chain = code.split(&called).nth(1).unwrap();
            let body = chain.split(".send()").next().unwrap().contains(".body(");
            assert_eq!(body, listed("body", id), "{called} and .body(");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for parameter in parameters {
                let name = parameter["name"].as_str().unwrap();
                let setter = format!(".{}(", snake(name));
                let row = listed("parameter", &format!("{id}.{name}"));
                assert_eq!(code.contains(&setter), row, "{called} and {setter}");
                seen.extend(row.then_some(setter));
            }
        }
    }
    seen.sort();
    let wanted = [
        ".agent_name(",
        ".agent_version(",
        ".execution_id(",
        ".idempotency_key(",
        ".page(",
        ".page_size(",
        ".resource_type(",
        "operations::GET_AGENT_INFO",
        "operations::GET_RUN",
        "operations::SUBMIT_RUN",
        "operations::UPLOAD_IMAGE",
    ];
    assert_eq!(seen, wanted);
}

#[test]
fn every_field_that_the_source_builds_is_in_the_table() {
    let code = code();
    let mut seen = 0;
    for schema in named_after(&code, "types::") {
        let start = format!("types::{schema}::builder()");
        for (at, _) in code.match_indices(&start) {
            let built = rows()
                .iter()
                .any(|row| row[..3] == ["schema", schema, "built"]);
            assert!(built, "{start}, and no row says so");
            for setter in setters(&code[at + start.len()..]) {
                let name = match setter {
                    "extra" => format!("{schema}.*"),
                    setter => format!("{schema}.{}", camel(setter)),
                };
                let listed = rows().iter().any(|row| row[..2] == ["property", &name]);
                assert!(listed, "{start} and .{setter}(");
                seen += 1;
            }
        }
    }
    assert!(seen > 8, "{seen} fields are set");
}

/// The source without its comments, in one text.
fn code() -> String {
    let lines = source().into_iter().flat_map(|(_, text)| {
        let lines: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
        lines
    });
    let code = lines.filter(|line| !line.starts_with("//"));
    // A call that is broken over lines is one like another.
    code.collect::<Vec<_>>().join("\n").replace("\n.", ".")
}

/// What is called on a value, one after another.
fn setters(chain: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = chain;
    while let Some(call) = rest.strip_prefix('.') {
        let (name, after) = call.split_once('(').unwrap();
        let mut depth = 1;
        let end = after.find(|c| {
            depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth == 0
        });
        rest = &after[end.unwrap() + 1..];
        if !matches!(name, "try_into" | "map_err") {
            found.push(name);
        }
    }
    found
}

/// `Idempotency-Key` and `pageSize` as Rust writes them.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(if c == '-' {
            '_'
        } else {
            c.to_ascii_lowercase()
        });
    }
    snake
}

/// `task_name` as the document writes it.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        name + &word[..1].to_uppercase() + &word[1..]
    })
}
