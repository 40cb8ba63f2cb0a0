//! Documents that are small and would become huge, or be read as if they were.

use serde_json::{Map, Value, json};
use weshop_codegen::facts::{Facts, Kind};
use weshop_codegen::{check_needs, lower};

use crate::hangs::{choices, document, reference};

#[test]
fn what_is_large_is_not_written_out_for_all_who_refer_to_it() {
    let values: Vec<String> = (0..50_000).map(|index| index.to_string()).collect();
    let answer = json!({"description": "", "content": {"application/json": {"schema": {"type": "object", "properties": {"a": {"enum": values}}}}}});
    let operation = json!({"responses": {"200": {"$ref": "#/components/responses/R"}}});
    let paths: Map<String, Value> = (0..40_000)
        .map(|index| (format!("/p{index}"), json!({"get": operation})))
        .collect();
    let document = document(json!({"paths": paths, "components": {"responses": {"R": answer}}}));
    assert_eq!(check_needs(&document, ""), Ok(()));
}

#[test]
fn what_is_written_out_ends() {
    let header =
        json!({"content": {"a/b": {"encoding": {"e": {"headers": {"h": {"$ref": "#/x-h"}}}}}}});
    let response = json!({"description": "", "headers": {"h": {"$ref": "#/x-h"}}});
    let circle = json!({"x-h": header, "components": {"responses": {"R": response}}});
    let obstacles = lower(&document(circle)).unwrap_err();
    assert!(obstacles.to_string().contains("in a circle"), "{obstacles}");
    // What is too large to be written out is not measured again for each who refers to it.
    let large: Vec<Value> = (0..30_000)
        .map(|index| json!({"name": "a", "in": "query", "x": index}))
        .collect();
    let paths: Map<String, Value> = (0..30_000)
        .map(|index| (format!("/p{index}"), json!({"$ref": "#/x-item"})))
        .collect();
    assert!(
        lower(&document(
            json!({"x-item": {"parameters": large}, "paths": paths})
        ))
        .is_err()
    );
    let names: Vec<String> = (0..30_000).map(|index| index.to_string()).collect();
    let user = json!({"type": "object", "propertyNames": reference("Names")});
    let mut schemas: Map<String, Value> = (0..40_000)
        .map(|index| (format!("S{index}"), user.clone()))
        .collect();
    schemas.insert("Names".to_owned(), json!({"enum": names}));
    assert!(lower(&document(json!({"components": {"schemas": schemas}}))).is_err());
}

#[test]
fn facts_are_gathered_in_bounded_time() {
    let values: Vec<String> = (0..40_000)
        .map(|index| format!("a common beginning {index}"))
        .collect();
    let mut schemas = choices(30);
    schemas.insert("Enum".to_owned(), json!({"enum": values}));
    let both = json!({"allOf": [reference("Enum"), reference("Enum")]});
    schemas.insert(
        "S".to_owned(),
        json!({"type": "object", "properties": {"a": both}}),
    );
    let facts = Facts::of(&json!({"components": {"schemas": schemas}}));
    let Kind::String(text) = &facts.objects[0].fields[0].kind else {
        panic!()
    };
    assert_eq!(text.values, values);
    // Many names, many users of what is large, and many ways to what is small.
    let properties: Map<String, Value> = (0..40_000)
        .map(|index| (format!("a common beginning {index}"), reference("A0")))
        .collect();
    let large = json!({"type": "object", "properties": properties, "additionalProperties": false});
    schemas.insert("Large".to_owned(), large);
    for index in 0..20_000 {
        schemas.insert(
            format!("User{index}"),
            json!({"type": "object", "allOf": vec![reference("Large"); 20]}),
        );
    }
    let facts = Facts::of(&json!({"components": {"schemas": schemas}}));
    // What there was no time to look at is not held against anyone.
    assert!(
        facts
            .objects
            .iter()
            .all(|object| !object.closed || object.fields.len() == 40_000)
    );
}
