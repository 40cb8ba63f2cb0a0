//! What is generated compiles: the idioms of 3.1, and the names and shapes that are known for trouble.
//!
//! The crate is checked by cargo itself, without the network, with the dependencies that the README
//! names; its target folder is kept, so that only the first run takes long.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use weshop_codegen::{Document, Options, generate, lower_widening};

const MANIFEST: &str = include_str!("fixtures/generated.toml");

fn source(text: &str) -> String {
    let lowered = lower_widening(&Document::parse(text).unwrap()).unwrap();
    generate(&lowered, &Options::default()).unwrap().source
}

/// Names and shapes that have been seen not to compile, as generators have them.
fn trouble() -> Value {
    let answer = json!({"200": {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ok"}}}}});
    let parameter = |name: &str, place: &str, schema: Value| json!({"name": name, "in": place, "required": place == "path", "schema": schema});
    let words = [
        "client",
        "request",
        "response",
        "result",
        "url",
        "info",
        "query",
        "type",
        "self",
        "value",
        "new",
        "send",
        "inner",
        "header_map",
    ];
    let mut parameters: Vec<Value> = words
        .iter()
        .map(|name| parameter(name, "query", json!({"type": "string"})))
        .collect();
    parameters.push(parameter(
        "X-List",
        "header",
        json!({"type": "array", "items": {"type": "string"}}),
    ));
    parameters.push(parameter(
        "x-kind",
        "header",
        json!({"type": "string", "enum": ["a", "b"]}),
    ));
    parameters.push(parameter(
        "kinds",
        "query",
        json!({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}),
    ));
    parameters.push(parameter(
        "maybe",
        "query",
        json!({"type": ["integer", "null"]}),
    ));
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Trouble", "version": "1", "description": "*/ and /* and `"},
        "paths": {
            "/words": {"get": {"operationId": "words", "parameters": parameters, "responses": answer}},
            "/pre": {"get": {"operationId": "pre", "responses": answer}, "post": {"operationId": "client", "responses": answer}},
            "/fn/{type}/{kind}": {"get": {"operationId": "fn", "responses": answer, "parameters": [
                parameter("type", "path", json!({"type": "string"})), parameter("kind", "path", json!({"type": "string", "enum": ["a", "b"]})),
            ]}},
            "/body/{id}": {"post": {"operationId": "Body", "responses": answer, "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}}}},
            "/text": {"post": {"operationId": "text", "responses": answer, "requestBody": {"content": {"text/plain": {}}}}},
            "/form": {"post": {"operationId": "form", "responses": answer, "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}}}}},
            "/raw": {"put": {"operationId": "raw", "responses": answer, "requestBody": {"content": {"application/octet-stream": {}}}}},
            "/turned/\u{2067}path\rline": {"get": {"operationId": "turned \u{202e}", "summary": "one\rtwo \u{2066}", "responses": answer}},
            "/head": {"head": {"operationId": "head", "responses": answer}, "options": {"responses": answer}, "trace": {"responses": answer}},
        },
        "components": {"schemas": {
            "Ok": {"type": "object", "properties": {"type": {"type": "string"}, "self": {"type": "string"}, "@id": {"type": "string"}, "1st": {"type": "string"}, "": {"type": "string"}}},
            "Err": {"type": "string", "enum": ["", "a b", "a-c", "1", "-1", "Self"]},
            "Some": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "object", "properties": {"a": {"type": "integer"}}}]},
            "None": {"type": "null"}, "Default": {"type": "object"}, "Result": {"type": "array", "items": {"$ref": "#/components/schemas/Option"}},
            "Option": {"type": ["object", "null"], "properties": {"next": {"$ref": "#/components/schemas/Option"}}},
            "Vec": {"type": "object", "additionalProperties": false}, "Box": true, "String": {"type": "object", "properties": {"a": {"type": "string"}}},
            "Never": false, "Error": {"type": "object", "properties": {"error": {"type": "string"}}}, "Client": {"type": "object", "properties": {"a": {"type": "number", "format": "float"}}},
            "Tagged": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}], "discriminator": {"propertyName": "kind"}},
            "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}}}]},
            "Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}, "links": {"type": "object", "properties": {"other": {"type": "string"}}}}}]},
            "Pet": {"type": "object", "properties": {"kind": {"type": "string"}, "links": {"type": "object", "properties": {"me": {"type": "string"}}}}},
            "Chain": {"type": "string", "enum": ["asc", "ascending"], "x-enum-varnames": ["Ascending", "AscendingFull"]},
            "Swap": {"type": "string", "enum": ["a", "b"], "x-enum-varnames": ["B", "A"]},
            "Half": {"type": "string", "enum": ["foo", "bar", "1:1", "11"], "x-enum-varnames": ["Bar", "1", "", "r#type"]},
            "Hidden": {"type": "object", "description": "one\rtwo\r\nthree \u{2067}*/ /* \u{0}four \u{2028}", "required": ["\u{202e}turned\r"],
                       "properties": {"\u{202e}turned\r": {"type": "string", "enum": ["\u{2066}a\r", "Self::B b"]}}},
            "Either": {"type": ["string", "integer", "boolean", "null"]}, "Big": {"type": "integer", "maximum": 18446744073709551615_u64},
            "Tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}, "parent": {"$ref": "#/components/schemas/Tree"}}},
        }},
    })
}

#[test]
fn what_is_generated_compiles() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("generated");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    std::fs::write(folder.join("Cargo.toml"), MANIFEST).unwrap();
    std::fs::copy(lock, folder.join("Cargo.lock")).unwrap();
    std::fs::write(
        folder.join("src/idioms.rs"),
        source(include_str!("fixtures/idioms.yaml")),
    )
    .unwrap();
    std::fs::write(
        folder.join("src/trouble.rs"),
        source(&trouble().to_string()),
    )
    .unwrap();
    std::fs::write(
        folder.join("src/lib.rs"),
        "#![allow(warnings)]\npub mod idioms;\npub mod trouble;\n",
    )
    .unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
