//! The shapes that progenitor and typify take, from a faithful 3.0.3 document.
//!
//! What is dropped here narrows nothing on the wire: a range or a pattern that the generated types do
//! not check is still the service's to check, or the caller's.

mod bodies;
mod choice;
mod circles;
mod effort;
mod kinds;
mod merge;
mod names;
mod operation;
mod parameters;
mod scalars;
mod schema;
mod text;

pub(crate) use names::type_name;
pub(crate) use scalars::component;
use serde_json::{Map, Value, json};
pub(crate) use text::visible;

use crate::operations::METHODS;
use crate::walk::each_schema;
use crate::{LeftOut, Note};

pub(crate) struct Adapted {
    /// Paths and schemas, and nothing else that a generator need know.
    pub(crate) document: Value,
    pub(crate) left_out: Vec<LeftOut>,
    /// Optional parameters that the generated operations do not have.
    pub(crate) reduced: Vec<Note>,
    pub(crate) notes: Vec<Note>,
}

pub(crate) fn adapt(lowered: &Value) -> Adapted {
    let mut source = lowered.clone();
    let mut notes = Vec::new();
    each_schema(&mut source, &mut |schema, at| {
        schema::plain(schema, at, &mut notes)
    });
    scalars::settle(&mut source, &mut notes);
    merge::settle(&mut source, &mut notes);
    effort::settle(&mut source, &mut notes);
    each_schema(&mut source, &mut |schema, at| {
        schema::plain(schema, at, &mut notes)
    });

    let mut reduced = Vec::new();
    let (paths, left_out) = operation::paths(&source, &mut reduced, &mut notes);
    let schemas = source
        .pointer("/components/schemas")
        .cloned()
        .unwrap_or_else(|| json!({}));
    let mut document = json!({
        "openapi": "3.0.3",
        "info": info(lowered),
        "paths": paths,
        "components": {"schemas": schemas},
    });
    names::settle(&mut document, &mut notes);
    Adapted {
        document,
        left_out,
        reduced,
        notes,
    }
}

fn info(lowered: &Value) -> Value {
    let member = |key: &str| {
        let text = lowered
            .get("info")
            .and_then(|info| info.get(key))
            .and_then(Value::as_str);
        text::plain(text.unwrap_or_default())
    };
    json!({"title": member("title"), "description": member("description"), "version": member("version")})
}

/// Where a local reference leads in a chain that ends.
pub(crate) fn resolved<'a>(document: &'a Value, value: &'a Value) -> Option<&'a Value> {
    let mut value = value;
    for _ in 0..16 {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => value = document.pointer(reference.strip_prefix('#')?)?,
            None => return Some(value),
        }
    }
    None
}

fn is_null(schema: &Value) -> bool {
    schema
        .get("enum")
        .and_then(Value::as_array)
        .is_some_and(|values| matches!(values.as_slice(), [Value::Null]))
}

/// A schema, or null.
fn or_null(schema: Value) -> Value {
    json!({"oneOf": [schema, {"enum": [null]}]})
}

fn kind(schema: &Value) -> Option<&str> {
    schema.get("type").and_then(Value::as_str)
}

fn note(notes: &mut Vec<Note>, pointer: &str, message: impl Into<String>) {
    notes.push(Note {
        pointer: pointer.to_owned(),
        message: message.into(),
    });
}

/// The operations of a path item, with their methods.
fn operations_of(
    item: &Map<String, Value>,
) -> impl Iterator<Item = (&'static str, &Map<String, Value>)> {
    METHODS
        .into_iter()
        .filter_map(|method| Some((method, item.get(method)?.as_object()?)))
}
