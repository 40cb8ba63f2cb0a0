//! `src/needs.txt` says what the library needs of the document: the table and the source must agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use weshop_codegen::{Document, check_needs};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const NEEDS: &str = include_str!("../../src/needs.txt");

fn vendored() -> Value {
    let text = std::fs::read_to_string(Path::new(ROOT).join("openapi.yaml")).unwrap();
    Document::parse(&text).unwrap().value().clone()
}

/// The rows' columns: kind, name, shape, who needs it.
fn rows() -> Vec<[&'static str; 4]> {
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
    let mut listed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for [_, name, ..] in rows().into_iter().filter(|row| row[0] == "value") {
        let (owner, value) = name.split_once('.').unwrap();
        let variant = value[..1].to_uppercase() + &value[1..];
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

/// The document without what a row needs.
fn without(kind: &str, name: &str) -> Value {
    let mut document = vendored();
    let (owner, member) = name.split_once('.').unwrap_or((name, ""));
    if kind == "operation" {
        for (_, item) in document["paths"].as_object_mut().unwrap() {
            item.as_object_mut()
                .unwrap()
                .retain(|_, operation| operation["operationId"] != name);
        }
        return document;
    }
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    let gone = |value: &mut Value| value == member || value["const"] == member;
    match kind {
        "schema" => {
            schemas.remove(owner).unwrap();
        }
        "property" => {
            schemas[owner]["properties"]
                .as_object_mut()
                .unwrap()
                .remove(member)
                .unwrap();
        }
        "value" => {
            for key in ["oneOf", "enum"] {
                if let Some(values) = schemas[owner].get_mut(key).and_then(Value::as_array_mut) {
                    values.retain_mut(|value| !gone(value));
                }
            }
        }
        _ => panic!("{kind} is no kind"),
    }
    document
}

#[test]
fn each_removal_is_named_with_who_needs_it() {
    let table =
        |document: &Value| check_needs(&Document::parse(&document.to_string()).unwrap(), NEEDS);
    assert_eq!(table(&vendored()), Ok(()));
    for [kind, name, _, needed_by] in rows() {
        let missing = table(&without(kind, name)).unwrap_err();
        let lines: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let wanted = format!("{kind} {name} is not in the document; {needed_by} needs it");
        assert_eq!(lines, [wanted], "without {kind} {name}");
    }
}

#[test]
fn a_changed_shape_is_named_too() {
    let mut document = vendored();
    let width = "/components/schemas/ExpandimageParams/properties/targetWidth";
    *document.pointer_mut(width).unwrap() = serde_json::json!({"type": "string"});
    let missing = check_needs(&Document::parse(&document.to_string()).unwrap(), NEEDS).unwrap_err();
    assert_eq!(
        missing.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "property ExpandimageParams.targetWidth is \"string\" and not \"integer\"; \
          src/agents/expandimage.rs, SPEC needs it"
        ]
    );
}
