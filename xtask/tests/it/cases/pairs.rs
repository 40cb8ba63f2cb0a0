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

    // Other keywords
    xml_name_changed: {"type": "object", "xml": {"name": "a"}} => {"type": "object", "xml": {"name": "b"}};
    reference_gains_a_type: {"$ref": "#/components/schemas/N"} => {"$ref": "#/components/schemas/N", "type": "string"},
        {"N": {"type": ["string", "null"]}};
}
