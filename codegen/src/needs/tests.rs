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

#[test]
fn a_call_that_goes_elsewhere_is_told() {
    let needs = "server | https://a.example/v1 | | x\noperation | read | GET /a | y";
    let get = json!({"operationId": "read", "responses": answers(&json!({}))});
    let elsewhere = "server https://a.example/v1 is not where read is, which is";
    let region =
        json!([{"url": "https://{host}.example/v1/", "variables": {"host": {"default": "a"}}}]);
    let other = json!([{"url": "https://b.example"}, {"url": "/v2"}]);
    // A value that holds variables would grow without an end.
    let wide = "{a}".repeat(100);
    let wide = json!([{"url": wide, "variables": {"a": {"default": wide}}}, {"url": "{b}"}]);
    let both = json!([{"url": "https://b.example"}, {"url": "https://a.example/v1"}]);
    for (whole, item, own, found) in [
        (&Value::Null, &Value::Null, &Value::Null, None),
        (&json!([]), &json!([]), &json!([{"url": "/"}]), None),
        (&region, &Value::Null, &Value::Null, None),
        (&other, &both, &Value::Null, None),
        (
            &region,
            &Value::Null,
            &other,
            Some("https://b.example or /v2"),
        ),
        (&region, &wide, &Value::Null, Some("{b}")),
        (
            &region,
            &other,
            &Value::Null,
            Some("https://b.example or /v2"),
        ),
    ] {
        let mut document = document(&json!({"/a": {"get": get}}), &json!({}));
        for (at, servers) in [("", whole), ("/paths/~1a", item), ("/paths/~1a/get", own)] {
            if !servers.is_null() {
                document.pointer_mut(at).unwrap()["servers"] = servers.clone();
            }
        }
        let found = found.map(|found| format!("{elsewhere} {found}; x needs it"));
        assert_eq!(
            complaints(&document, needs),
            Vec::from_iter(found),
            "{document}"
        );
    }
}

#[test]
fn a_call_that_asks_for_another_key_is_told() {
    let needs = "security | X-Key | apiKey header | x\noperation | read | GET /a | y";
    let schemes = json!({
        "key": {"$ref": "#/components/securitySchemes/named"},
        "named": {"type": "apiKey", "in": "header", "name": "x-key"},
        "query": {"type": "apiKey", "in": "query", "name": "key"},
        "token": {"type": "http", "scheme": "bearer"},
    });
    let gone = "is not in the document";
    for (whole, own, why) in [
        (json!([{"key": []}]), Value::Null, None),
        (json!([{"token": []}, {"key": []}]), Value::Null, None),
        (json!([{"token": []}]), json!([{"named": []}]), None),
        (Value::Null, Value::Null, Some(gone)),
        (json!([{"other": []}]), Value::Null, Some(gone)),
        (json!([{"key": []}]), json!([]), Some(gone)),
        (
            json!([{"key": []}]),
            json!([{"token": []}, {"key": [], "query": []}]),
            Some(
                "is not what read asks for, which is http bearer or \
                 apiKey header x-key and apiKey query key",
            ),
        ),
    ] {
        let mut get = json!({"operationId": "read", "responses": answers(&json!({}))});
        if !own.is_null() {
            get["security"] = own;
        }
        let mut document = document(&json!({"/a": {"get": get}}), &json!({}));
        document["components"]["securitySchemes"] = schemes.clone();
        if !whole.is_null() {
            document["security"] = whole;
        }
        let why = why.map(|why| format!("security X-Key {why}; x needs it"));
        assert_eq!(
            complaints(&document, needs),
            Vec::from_iter(why),
            "{document}"
        );
    }
}
