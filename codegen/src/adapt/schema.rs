//! One schema at a time, inner ones first.

use std::collections::BTreeSet;

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::{Map, Value, json};

use super::{choice, note, text};
use crate::Note;

/// Keywords that would make typify emit a checked type around a plain one, or refuse the document.
const CHECKS: [&str; 14] = [
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
    "uniqueItems",
];
const SILENT: [&str; 8] = [
    "title",
    "discriminator",
    "xml",
    "externalDocs",
    "example",
    "readOnly",
    "writeOnly",
    "deprecated",
];
const INTEGERS: [&str; 8] = [
    "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
];

/// Rewrites a schema whose parts are rewritten already.
pub(super) fn plain(schema: &mut Value, at: &str, notes: &mut Vec<Note>) {
    let Some(object) = schema.as_object_mut() else {
        if !schema.is_boolean() {
            *schema = json!({});
        }
        return;
    };
    if let Some(reference) = object.get("$ref").cloned() {
        *schema = json!({"$ref": reference});
        return;
    }
    if *object == *json!({"not": {}}).as_object().unwrap_or(&Map::new()) {
        return;
    }
    if let Some(Value::String(description)) = object.get_mut("description") {
        *description = text::plain(description);
    }
    if kind_of(object) == Some("integer")
        && object
            .get("maximum")
            .and_then(Value::as_f64)
            .is_some_and(|most| most > i64::MAX as f64)
    {
        object.insert("format".to_owned(), json!("uint64"));
    }
    for key in CHECKS {
        if object.remove(key).is_some() {
            note(
                notes,
                at,
                format!("{key} is left to the service, so that the type stays plain"),
            );
        }
    }
    object.retain(|key, _| {
        !SILENT.contains(&key.as_str()) && (!key.starts_with("x-") || key == "x-enum-varnames")
    });
    if object.remove("not").is_some() {
        note(notes, at, "not is left to the service");
    }
    untyped_values(object);
    match kind_of(object) {
        Some("string") => strings(object, at, notes),
        Some("boolean" | "integer" | "number") => numbers(object, at, notes),
        Some("array") => {
            object.remove("enum");
            let items = object.entry("items").or_insert_with(|| json!({}));
            if never(items) {
                *items = json!({});
            }
        }
        _ => objects(object, at, notes),
    }
    choice::choices(schema, at, notes);
}

fn kind_of(object: &Map<String, Value>) -> Option<&str> {
    object.get("type").and_then(Value::as_str)
}

pub(super) fn never(schema: &Value) -> bool {
    *schema == json!({"not": {}}) || *schema == json!(false)
}

/// An enumeration without a type: of strings, of nothing but null, or of no one type.
fn untyped_values(object: &mut Map<String, Value>) {
    if object.contains_key("type") {
        return;
    }
    let Some(values) = object.get("enum").and_then(Value::as_array) else {
        return;
    };
    if values.iter().all(Value::is_null) {
        return;
    }
    let nullable = values.iter().any(Value::is_null);
    if values
        .iter()
        .all(|value| value.is_string() || value.is_null())
    {
        object.insert("type".to_owned(), json!("string"));
        if nullable {
            object.insert("nullable".to_owned(), json!(true));
        }
    } else {
        object.remove("enum");
    }
}

fn strings(object: &mut Map<String, Value>, at: &str, notes: &mut Vec<Note>) {
    if let Some(format) = object.remove("format") {
        note(
            notes,
            at,
            format!("the format {format} is left to the service, so that the type is a string"),
        );
    }
    let Some(values) = object.get("enum").and_then(Value::as_array) else {
        return;
    };
    let mut seen = BTreeSet::new();
    let names = values.iter().filter_map(Value::as_str);
    let names: Vec<&str> = names.filter(|name| seen.insert(*name)).collect();
    let kept: Vec<Value> = names.iter().map(|name| json!(name)).collect();
    if kept.is_empty() || !names_apart(&names) {
        note(
            notes,
            at,
            "the values make no names that differ, so the type is a string",
        );
        object.remove("enum");
    } else {
        object.insert("enum".to_owned(), Value::Array(kept));
    }
}

/// Whether typify finds a name for each value, in either of its two ways.
pub(super) fn names_apart(values: &[&str]) -> bool {
    let apart = |names: Vec<String>| names.iter().collect::<BTreeSet<_>>().len() == names.len();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let dashed = |value: &&str| variant(&value.replace('\'', "").replace(|c| !word(c), "-"));
    let marked = |value: &&str| variant(&value.replace(|c| !word(c), "X"));
    apart(values.iter().map(dashed).collect()) || apart(values.iter().map(marked).collect())
}

fn variant(value: &str) -> String {
    let name = value.to_pascal_case();
    if name.is_empty() {
        "X".to_owned()
    } else {
        name
    }
}

fn numbers(object: &mut Map<String, Value>, at: &str, notes: &mut Vec<Note>) {
    if object.remove("enum").is_some() {
        note(
            notes,
            at,
            "its values are left to the service, so that the type stays plain",
        );
    }
    let known = match kind_of(object) {
        Some("integer") => &INTEGERS[..],
        Some("number") => &["float", "double"],
        _ => &[],
    };
    if object
        .get("format")
        .is_some_and(|format| !known.iter().any(|known| format == known))
    {
        object.remove("format");
    }
}

fn objects(object: &mut Map<String, Value>, at: &str, notes: &mut Vec<Note>) {
    if kind_of(object) == Some("object") {
        object.remove("enum");
    }
    object.remove("format");
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        let before = properties.len();
        properties.retain(|_, property| !never(property));
        if properties.len() < before {
            note(notes, at, "properties that may not be there are left out");
        }
        let names: Vec<String> = properties.keys().map(|name| field(name)).collect();
        if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
            note(
                notes,
                at,
                "its properties make no names that differ, so the type is a map",
            );
            object.remove("properties");
            object.remove("required");
            object.insert("additionalProperties".to_owned(), json!(true));
            object.insert("type".to_owned(), json!("object"));
        }
    }
    let additional = object.get("additionalProperties");
    if additional.is_some_and(never) {
        object.insert("additionalProperties".to_owned(), json!(false));
    }
    let names = object
        .get("properties")
        .and_then(Value::as_object)
        .filter(|names| !names.is_empty());
    if let Some(names) = names {
        let taken = names.keys().any(|name| field(name) == "extra");
        match object.get("additionalProperties") {
            Some(Value::Object(_)) if taken => {
                note(
                    notes,
                    at,
                    "other properties are not kept, since one is called extra",
                );
                object.remove("additionalProperties");
            }
            // `true` would drop them in silence; the empty schema keeps them in a map.
            Some(Value::Bool(true)) if !taken => {
                object.insert("additionalProperties".to_owned(), json!({}));
            }
            _ => {}
        }
        object.entry("type").or_insert_with(|| json!("object"));
    } else if kind_of(object) == Some("object")
        && object.get("additionalProperties") == Some(&json!({}))
    {
        object.insert("additionalProperties".to_owned(), json!(true));
    }
    if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
        let mut seen = BTreeSet::new();
        required.retain(|name| {
            name.as_str()
                .is_some_and(|name| seen.insert(name.to_owned()))
        });
        if required.is_empty() {
            object.remove("required");
        }
    }
}

/// The field that typify makes of a property.
pub(super) fn field(name: &str) -> String {
    let snake = name
        .replace('\'', "")
        .replace(|c: char| !(c.is_alphanumeric() || c == '_'), "-")
        .to_snake_case();
    if snake.is_empty() {
        "x".to_owned()
    } else {
        snake
    }
}
