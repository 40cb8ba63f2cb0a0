//! The shapes that progenitor and typify take, from a faithful 3.0.3 document.
//!
//! What is dropped here narrows no type on the wire: a range or a pattern that is not checked by the
//! generated types is still the service's to check, or the caller's.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::operations::{METHODS, made_up_id};
use crate::pointer::join;
use crate::walk::each_schema;
use crate::{LeftOut, Note};

/// Keywords that would make typify emit a checked type around a plain one, or reject the document.
const CHECKS: [&str; 15] = [
    "default",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "title",
    "uniqueItems",
];

pub(crate) struct Adapted {
    pub(crate) document: Value,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) notes: Vec<Note>,
}

pub(crate) fn adapt(lowered: &Value) -> Adapted {
    let mut document = lowered.clone();
    let mut notes = Vec::new();
    let left_out = leave_out(&mut document);
    each_schema(&mut document, &mut |schema, at| {
        plain(schema, at, &mut notes)
    });
    let scalars = scalars(&document);
    each_schema(&mut document, &mut |schema, at| {
        inline_scalar(schema, at, &scalars, &mut notes)
    });
    Adapted {
        document,
        left_out,
        notes,
    }
}

fn leave_out(document: &mut Value) -> Vec<LeftOut> {
    let mut left_out = Vec::new();
    let bodies = document
        .pointer("/components/requestBodies")
        .cloned()
        .unwrap_or_default();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        let Some(item) = item.as_object_mut() else {
            continue;
        };
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            let id = operation
                .entry("operationId")
                .or_insert_with(|| made_up_id(method, path).into());
            let operation_id = id.as_str().unwrap_or_default().to_owned();
            if let Some(reason) = obstacle(operation, &bodies) {
                item.remove(method);
                let (method, path) = (method.to_uppercase(), path.clone());
                left_out.push(LeftOut {
                    operation_id,
                    method,
                    path,
                    reason,
                });
            }
        }
    }
    left_out
}

/// Why progenitor cannot generate an operation.
fn obstacle(operation: &Map<String, Value>, bodies: &Value) -> Option<String> {
    let mut body = operation.get("requestBody")?;
    if let Some(reference) = body.get("$ref").and_then(Value::as_str) {
        body = bodies.get(reference.rsplit('/').next()?)?;
    }
    let media: Vec<&String> = body.get("content")?.as_object()?.keys().collect();
    let known = [
        "application/json",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "text/plain",
    ];
    match media.as_slice() {
        [one] if known.contains(&one.as_str()) => None,
        [one] => Some(format!(
            "the request body is {one}, which cannot be generated"
        )),
        _ => Some("the request body has several media types".to_owned()),
    }
}

fn plain(schema: &mut Value, at: &str, notes: &mut Vec<Note>) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    let mut note = |key: &str, why: &str| {
        notes.push(Note {
            pointer: join(at, key),
            message: why.to_owned(),
        })
    };
    for key in CHECKS {
        if object.remove(key).is_some() {
            note(key, "left to the service, so that the type stays plain");
        }
    }
    let scalar = object.get("type").and_then(Value::as_str);
    if matches!(scalar, Some("boolean" | "integer" | "number")) && object.remove("enum").is_some() {
        note("enum", "left to the service, so that the type stays plain");
    }
    let has_properties = object
        .get("properties")
        .and_then(Value::as_object)
        .is_some_and(|some| !some.is_empty());
    if has_properties && object.get("additionalProperties") == Some(&Value::Bool(true)) {
        // `true` would drop them in silence; the empty schema keeps them in a map.
        object.insert("additionalProperties".to_owned(), json!({}));
    }
}

/// The components that are one plain value, by reference.
fn scalars(document: &Value) -> BTreeMap<String, Map<String, Value>> {
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    let plain = schemas.into_iter().flatten().filter_map(|(name, schema)| {
        let schema = schema.as_object()?;
        let scalar = matches!(
            schema.get("type")?.as_str()?,
            "boolean" | "integer" | "number" | "string"
        );
        (scalar && !schema.contains_key("enum")).then(|| {
            (
                format!("#{}", join("/components/schemas", name)),
                schema.clone(),
            )
        })
    });
    plain.collect()
}

fn inline_scalar(
    schema: &mut Value,
    at: &str,
    scalars: &BTreeMap<String, Map<String, Value>>,
    notes: &mut Vec<Note>,
) {
    let target = |value: &Value| scalars.get(value.get("$ref")?.as_str()?).cloned();
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    let only = object
        .get("allOf")
        .and_then(Value::as_array)
        .filter(|parts| parts.len() == 1);
    let inlined = match only {
        Some(parts) => target(&parts[0]),
        None => target(&Value::Object(object.clone())),
    };
    let Some(mut inlined) = inlined else { return };
    for (key, value) in object
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "$ref" | "allOf"))
    {
        inlined.insert(key.clone(), value.clone());
    }
    *object = inlined;
    notes.push(Note {
        pointer: at.to_owned(),
        message: "a plain value, written in place".to_owned(),
    });
}
