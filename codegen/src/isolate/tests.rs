use serde_json::{Value, json};

use super::{Settings, generate, quietly};

fn answer(schema: &Value) -> Value {
    json!({"description": "", "content": {"application/json": {"schema": schema}}})
}

/// What `adapt` never lets through: progenitor panics on it.
#[test]
fn a_panic_is_traced_to_its_operation() {
    let (string, number) = (
        answer(&json!({"type": "string"})),
        answer(&json!({"type": "number"})),
    );
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1", "description": ""},
        "paths": {
            "/a": {"get": {"operationId": "a", "responses": {"200": string}}},
            "/b": {"get": {"operationId": "b", "responses": {"200": string, "201": number}}},
            "/c": {"get": {"operationId": "c", "responses": {"200": number}}},
        },
        "components": {"schemas": {
            "Good": {"type": "object", "properties": {"a": {"type": "string"}}},
            "Bad": {"type": "string", "enum": ["+", "*"]},
        }},
    });
    let made = generate(&document, &Settings { inner_type: None }).ok();
    let made = made.map(|made| {
        let left_out: Vec<String> = made
            .left_out
            .iter()
            .map(|left| left.operation_id.clone())
            .collect();
        let reasons = made
            .left_out
            .iter()
            .all(|left| left.reason.contains("response_types.len() <= 1"));
        let schemas: Vec<String> = made
            .left_out_schemas
            .iter()
            .map(|left| left.pointer.clone())
            .collect();
        let kept =
            made.source.contains("pub struct Good") && made.source.contains("pub fn c(&self)");
        (left_out, reasons, schemas, kept)
    });
    let wanted = (
        vec!["b".to_owned()],
        true,
        vec!["/components/schemas/Bad".to_owned()],
        true,
    );
    assert_eq!(made, Some(wanted));
}

/// Two that go alone and not together leave the others, however many come after them.
#[test]
fn what_does_not_go_together_is_left_out_alone() {
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let names = ["AFoo", "A_foo", "B", "C", "D", "E"];
    let schemas: serde_json::Map<_, _> = names
        .map(|name| (name.to_owned(), object.clone()))
        .into_iter()
        .collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1", "description": ""},
        "paths": {},
        "components": {"schemas": schemas},
    });
    let made = generate(&document, &Settings { inner_type: None });
    let left_out = made.map(|made| {
        let pointers = made.left_out_schemas.into_iter().map(|left| left.pointer);
        pointers.collect::<Vec<_>>()
    });
    assert_eq!(left_out, Ok(vec!["/components/schemas/A_foo".to_owned()]));
}

#[test]
fn a_panic_becomes_one_line() {
    let line = quietly(|| -> Result<(), String> { panic!("two\n  lines") });
    assert_eq!(
        line,
        Err("the generator gave up on it: two lines".to_owned())
    );
}
