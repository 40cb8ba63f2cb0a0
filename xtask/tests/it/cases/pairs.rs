//! Small pairs that the base document has no place for, each judged as it is sent and as it is received.

use std::fmt::Write as _;

use insta::{assert_snapshot, with_settings};
use serde_json::{Value, json};
use xtask::drift::detect;

/// A document with one operation, `POST /a`, and whatever else a case adds.
fn document(parts: &Value) -> Value {
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://a.example"}],
        "paths": {"/a": {"post": {"responses": {"200": {"description": "d"}}}}},
        "components": {},
    });
    json_patch::merge(&mut document, parts);
    document
}

fn content(schema: &Value) -> Value {
    json!({"content": {"application/json": {"schema": schema}}})
}

fn sent(schema: &Value, schemas: &Value) -> Value {
    let post = json!({"requestBody": content(schema)});
    document(&json!({"paths": {"/a": {"post": post}}, "components": {"schemas": schemas}}))
}

fn received(schema: &Value, schemas: &Value) -> Value {
    let post = json!({"responses": {"200": content(schema)}});
    document(&json!({"paths": {"/a": {"post": post}}, "components": {"schemas": schemas}}))
}

/// What a report says, in a line for each change.
fn judged(old: &Value, new: &Value) -> String {
    let mut text = String::new();
    for change in detect(old, new) {
        let (class, at) = (change.class.name(), &change.pointer);
        let way = change.direction.name();
        writeln!(
            text,
            "{class}: {} ({at}, {way})\n  {}",
            change.what, change.why
        )
        .unwrap();
    }
    text
}

fn both_ways(old: &Value, new: &Value, schemas: &Value) -> String {
    let as_sent = judged(&sent(old, schemas), &sent(new, schemas));
    let as_received = judged(&received(old, schemas), &received(new, schemas));
    format!("sent:\n{as_sent}\nreceived:\n{as_received}")
}

fn check(name: &str, described: &str, shown: &str) {
    let path = "../snapshots";
    with_settings!({description => described, omit_expression => true, snapshot_path => path}, {
        assert_snapshot!(name, shown);
    });
}

/// A schema before and after, and what its references lead to.
macro_rules! schemas {
    ($($name:ident: $old:tt => $new:tt $(, $schemas:tt)?;)*) => {
        $(#[test]
        fn $name() {
            let (old, new) = (json!($old), json!($new));
            let schemas = [$(json!($schemas),)? json!({})];
            let shown = both_ways(&old, &new, &schemas[0]);
            check(stringify!($name), &format!("{old} => {new}"), &shown);
        })*
    };
}

schemas! {
    // `null` in a closed list
    null_listed: {"enum": ["x", "y"]} => {"enum": ["x", "y", null]};
    null_listed_where_typed: {"type": ["string", "null"], "enum": ["x", "y"]}
        => {"type": ["string", "null"], "enum": ["x", "y", null]};
    null_not_listed: {"enum": ["x", "y", null]} => {"enum": ["x", "y"]};
    null_listed_and_not_typed: {"type": "string", "enum": ["x", "y", null]} => {"type": "string", "enum": ["x", "y"]};
    null_left_to_the_type: {"type": ["string", "null"], "enum": ["x", "y", null]} => {"enum": ["x", "y", null]};
    null_typed_out: {"type": ["string", "null"], "enum": ["x", null]} => {"type": "string", "enum": ["x", null]};
    null_in_a_wrapper: {"enum": ["x", "y", null]} => {"anyOf": [{"enum": ["x", "y"]}, {"type": "null"}]};
    null_typed_beside_constants: {"type": ["string", "null"], "oneOf": [{"const": "x"}, {"const": "y"}]}
        => {"oneOf": [{"const": "x"}, {"const": "y"}, {"type": "null"}]};

    // Compositions
    minimum_close: {"minimum": 9007199254740993_u64} => {"minimum": 9007199254740992.0};

    // Arrays
    min_contains_none: {"type": "array", "contains": {"const": 1}} => {"type": "array", "contains": {"const": 1}, "minContains": 0};
    min_contains_usual: {"type": "array", "contains": {"const": 1}} => {"type": "array", "contains": {"const": 1}, "minContains": 1};
    min_contains_gone: {"type": "array", "contains": {"const": 1}, "minContains": 0} => {"type": "array", "contains": {"const": 1}};

    // Other keywords
    encoded_now: {"type": "string"} => {"type": "string", "contentEncoding": "base64"};
    media_type_said: {"type": "string"} => {"type": "string", "contentMediaType": "image/png"};
    format_byte: {"type": "string"} => {"type": "string", "format": "byte"};
    format_byte_dropped: {"type": "string", "format": "byte"} => {"type": "string"};
    xml_name_changed: {"type": "object", "xml": {"name": "a"}} => {"type": "object", "xml": {"name": "b"}};
    multiple_large: {"type": "integer", "multipleOf": 3} => {"type": "integer", "multipleOf": 100000000000000000000.0};
    multiple_close: {"type": "integer", "multipleOf": 9007199254740993_u64} => {"type": "integer", "multipleOf": 9007199254740992_u64};
    unique: {"type": "array"} => {"type": "array", "uniqueItems": true};
    pattern_added: {"type": "string"} => {"type": "string", "pattern": "^a"};
    min_properties: {"type": "object"} => {"type": "object", "minProperties": 2};
    reference_gains_a_type: {"$ref": "#/components/schemas/N"} => {"$ref": "#/components/schemas/N", "type": "string"},
        {"N": {"type": ["string", "null"]}};
    exclusive_minimum: {"type": "integer", "minimum": 5} => {"type": "integer", "exclusiveMinimum": 5};
}
