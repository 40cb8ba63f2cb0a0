//! Documents changed at random, in ways that real ones change and in ways that none should.

use proptest::prelude::*;
use serde_json::{Value, json};

/// One random change: where, what kind, and with what.
#[derive(Debug, Clone)]
pub(crate) struct Mutation {
    place: prop::sample::Index,
    kind: u8,
    value: Value,
    other: prop::sample::Index,
}

/// A few random changes.
pub(crate) fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    prop::collection::vec(mutation(), 1..4)
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let parts = (
        any::<prop::sample::Index>(),
        any::<u8>(),
        value(),
        any::<prop::sample::Index>(),
    );
    parts.prop_map(|(place, kind, value, other)| Mutation {
        place,
        kind,
        value,
        other,
    })
}

fn value() -> impl Strategy<Value = Value> {
    let schema = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-3i64..30).prop_map(Value::from),
        Just(Value::Null),
        Just(json!(1.0)),
        "[a-zA-Z$/~%]{0,6}".prop_map(Value::from),
        prop::sample::select(vec![
            "string",
            "integer",
            "null",
            "object",
            "array",
            "query",
            "header",
            "int32",
            "uri",
            "#/components/schemas/RunRequest",
            "#/components/schemas/ExecutionResult",
            "#/components/schemas/Nowhere",
            "#/paths/~1openapi~1agent~1runs",
            "#",
            "other.yaml#/Thing",
        ])
        .prop_map(Value::from),
        prop::sample::select(vec![
            r#"{}"#,
            r#"[]"#,
            r#"{"type": "string"}"#,
            r#"{"type": ["string", "null"]}"#,
            r#"{"const": "custom"}"#,
            r#"{"enum": ["a", "b", null]}"#,
            r##"{"$ref": "#/components/schemas/Meta"}"##,
            r##"{"$ref": "#/components/schemas/RunRequest", "description": "d"}"##,
            r##"{"oneOf": [{"$ref": "#/components/schemas/Execution"}, {"type": "null"}]}"##,
            r##"{"allOf": [{"$ref": "#/components/schemas/Preset"}]}"##,
            r##"{"anyOf": [{"$ref": "#/components/schemas/RunData"}, {"type": "string"}]}"##,
            r#"{"name": "x", "in": "query", "schema": {"type": "integer"}}"#,
            r#"{"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}}"#,
            r#"["a", "b"]"#,
            r#"["image"]"#,
            r#"{"application/json": {}}"#,
        ])
        .prop_map(schema),
    ]
}

const KEYS: [&str; 40] = [
    "type",
    "enum",
    "const",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "$ref",
    "minimum",
    "maximum",
    "pattern",
    "format",
    "default",
    "description",
    "title",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "nullable",
    "parameters",
    "requestBody",
    "responses",
    "content",
    "schema",
    "security",
    "servers",
    "operationId",
    "in",
    "name",
    "style",
    "explode",
    "x-new",
    "if",
    "$defs",
    "discriminator",
];

/// The document with the changes made.
pub(crate) fn apply(document: &Value, mutations: &[Mutation]) -> Value {
    let mut document = document.clone();
    for mutation in mutations {
        let places = places(&document);
        let place = mutation.place.get(&places).clone();
        let other = document
            .pointer(mutation.other.get(&places).as_str())
            .cloned();
        let Some(target) = document.pointer_mut(&place) else {
            continue;
        };
        change(target, mutation, other.unwrap_or(Value::Null));
    }
    document
}

fn change(target: &mut Value, mutation: &Mutation, other: Value) {
    let key = KEYS[mutation.other.index(KEYS.len())];
    match (mutation.kind % 6, target) {
        (0, target) => *target = mutation.value.clone(),
        (1, target) => *target = other,
        (2, Value::Object(map)) => {
            map.insert(key.to_owned(), mutation.value.clone());
        }
        (3, Value::Object(map)) if !map.is_empty() => {
            let name = map.keys().nth(mutation.other.index(map.len())).cloned();
            name.map(|name| map.remove(&name));
        }
        (4, Value::Object(map)) if !map.is_empty() => {
            let name = map.keys().nth(mutation.other.index(map.len())).cloned();
            if let Some(value) = name.and_then(|name| map.remove(&name)) {
                map.insert(key.to_owned(), value);
            }
        }
        (3, Value::Array(list)) if !list.is_empty() => {
            list.remove(mutation.other.index(list.len()));
        }
        (4, Value::Array(list)) => list.reverse(),
        (2 | 5, Value::Array(list)) => list.push(mutation.value.clone()),
        (_, target) => *target = mutation.value.clone(),
    }
}

/// Every place in a document, its root aside.
pub(crate) fn places(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut stack = vec![(String::new(), document)];
    while let Some((pointer, value)) = stack.pop() {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    stack.push((format!("{pointer}/{key}"), value));
                }
            }
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    stack.push((format!("{pointer}/{index}"), value));
                }
            }
            _ => {}
        }
        if !pointer.is_empty() {
            found.push(pointer);
        }
    }
    found
}
