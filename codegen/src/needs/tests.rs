#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use crate::{Document, Generated, LeftOut, Note, check_needs};

fn complaints(document: &Value, needs: &str) -> Vec<String> {
    let document = Document::parse(&document.to_string()).unwrap();
    let missing = check_needs(&document, needs).err().unwrap_or_default();
    missing.iter().map(ToString::to_string).collect()
}

fn document(paths: &Value, schemas: &Value) -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
           "paths": paths, "components": {"schemas": schemas}})
}

fn answers(schema: &Value) -> Value {
    json!({"200": {"description": "", "content": {"application/json": {"schema": schema}}}})
}

#[test]
fn a_line_that_says_nothing_is_told() {
    let lines = complaints(
        &document(&json!({}), &json!({})),
        "schema | A\nsort | A | | b\n",
    );
    assert_eq!(
        lines,
        [
            "the line \"schema | A\" does not have four columns; the table of needs needs it",
            "the line \"sort | A |  | b\" begins with a kind that there is not; the table of needs \
             needs it",
        ]
    );
}

#[test]
fn what_the_generator_refused_is_told() {
    let generated = Generated {
        source: String::new(),
        left_out: vec![LeftOut {
            operation_id: "read".to_owned(),
            method: "GET".to_owned(),
            path: "/a".to_owned(),
            reason: "it gave\u{1b} up".to_owned(),
        }],
        reduced: vec![Note {
            pointer: "/components/schemas/Photo".to_owned(),
            message: "the schema is left out".to_owned(),
        }],
        notes: Vec::new(),
    };
    let needs = "operation | read | GET /a | a\nmethod | read | | b\nmethod | write | | c\n\
                 schema | Photo | | d\nschema | Size | | e\n";
    let missing = generated.check_needs(needs).unwrap_err();
    let lines: Vec<String> = missing.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "method read is not generated: it gave\\u{1b} up; b needs it",
            "schema Photo is not generated: the schema is left out; d needs it",
        ]
    );
    assert_eq!(generated.check_needs("method | write | | c"), Ok(()));
}

#[test]
fn a_name_that_another_operation_has_first_is_told() {
    let get = |id: &str| json!({"get": {"operationId": id, "responses": answers(&json!({}))}});
    let paths = json!({"/a": get("get_run"), "/b": get("getRun")});
    let needs = "operation | getRun | GET /b | x\nmethod | getRun | | y\n";
    assert_eq!(
        complaints(&document(&paths, &json!({})), needs),
        [
            "operation getRun has another name in Rust, since get_run comes first; x needs it",
            "method getRun is generated under another name; y needs it",
        ]
    );
}

#[test]
fn an_answer_is_found_through_lists_choices_and_schemas_that_hold_themselves() {
    let schemas = json!({
        "Tree": {"allOf": [
            {"$ref": "#/components/schemas/Tree"},
            {"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Leaf"}]},
        ]},
        "Leaf": {"type": "object", "properties": {
            "kids": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            "name": {"$ref": "#/components/schemas/Name"},
        }},
        "Name": {"type": ["string", "null"]},
    });
    let paths = json!({"/a": {"get": {
        "operationId": "read",
        "responses": {"default": answers(&json!({"$ref": "#/components/schemas/Tree"}))["200"]},
    }}});
    let document = document(&paths, &schemas);
    let needs = "answer | read.kids.kids.name | string | x\nanswer | read.id or name | string | x";
    assert_eq!(complaints(&document, needs), [""; 0]);
    let needs = "answer | read.kids.id | | x\nanswer | read.kids.id.more | | x\n\
                 answer | read.name | integer | x";
    assert_eq!(
        complaints(&document, needs),
        [
            "answer read.kids.id is not in the document; x needs it",
            "answer read.name is \"string\" and not \"integer\"; x needs it",
        ]
    );
}
