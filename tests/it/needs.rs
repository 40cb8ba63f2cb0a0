//! What the build says when the API's document lacks something that the library needs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use weshop_codegen::Document;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The build script as cargo built it for this package.
pub fn build_script() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let folders = std::fs::read_dir(profile.join("build")).unwrap();
    let scripts = folders
        .map(|folder| folder.unwrap().path())
        .filter_map(|folder| {
            let name = folder.file_name()?.to_str()?;
            let script = folder.join("build-script-build");
            (name.starts_with("weshop-") && script.exists()).then_some(script)
        });
    scripts
        .max_by_key(|script| script.metadata().unwrap().modified().unwrap())
        .unwrap()
}

fn build(document: &Value) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openapi.json");
    std::fs::write(&path, document.to_string()).unwrap();
    Command::new(build_script())
        .current_dir(ROOT)
        .env("OUT_DIR", folder.path())
        .env("WESHOP_OPENAPI", &path)
        .output()
        .unwrap()
}

fn vendored() -> Value {
    let text = std::fs::read_to_string(Path::new(ROOT).join("openapi.yaml")).unwrap();
    Document::parse(&text).unwrap().value().clone()
}

/// What the build complains of, a line each.
fn complaints(output: &Output) -> Vec<String> {
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "",
        "no backtrace, no panic"
    );
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = told
        .lines()
        .filter_map(|line| line.strip_prefix("cargo::error="));
    complaints.map(str::to_owned).collect()
}

#[test]
fn the_vendored_document_builds() {
    let output = build(&vendored());
    assert!(output.status.success(), "{output:?}");
    assert!(complaints(&output).is_empty());
}

#[test]
fn a_schema_that_is_gone_is_named_in_one_line_with_who_needs_it() {
    let mut document = vendored();
    // Its only user goes with it, so that nothing else is missing.
    let schemas = &mut document["components"]["schemas"];
    schemas
        .as_object_mut()
        .unwrap()
        .remove("AiposeParams")
        .unwrap();
    let output = build(&document);
    assert_eq!(output.status.code(), Some(1));
    let complaints = complaints(&output);
    let named: Vec<_> = complaints
        .iter()
        .filter(|line| line.contains("schema") && line.contains("AiposeParams"))
        .collect();
    assert!(
        named
            .iter()
            .any(|line| line.contains("src/agents/aipose.rs")),
        "{complaints:#?}"
    );
    assert!(
        complaints.iter().all(|line| line.contains("AiposeParams")),
        "{complaints:#?}"
    );
}

#[test]
fn a_construct_that_cannot_be_lowered_is_named_with_its_pointer() {
    let mut document = vendored();
    document["components"]["schemas"]["AiposeParams"]["properties"]["batchCount"] =
        serde_json::json!({"$ref": "common.yaml#/BatchCount"});
    let output = build(&document);
    assert_eq!(output.status.code(), Some(1));
    let complaints = complaints(&output);
    assert!(
        complaints
            .iter()
            .any(|line| line.contains("/components/schemas/AiposeParams/properties/batchCount")),
        "{complaints:#?}"
    );
}
