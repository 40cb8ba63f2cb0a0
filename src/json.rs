//! Taking an answer apart without losing what is not understood: a field is taken only where it has
//! the expected type, and stays among the rest otherwise.

use serde_json::{Map, Value};

/// A text. A `null` is taken too, and is nothing.
pub(crate) fn take_text(map: &mut Map<String, Value>, field: &str) -> Option<String> {
    match map.get(field)? {
        Value::String(_) | Value::Null => match map.remove(field)? {
            Value::String(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// An object; an empty one where there is none. A `null` is taken too.
pub(crate) fn take_object(map: &mut Map<String, Value>, field: &str) -> Map<String, Value> {
    match map.get(field) {
        Some(Value::Object(_) | Value::Null) => match map.remove(field) {
            Some(Value::Object(object)) => object,
            _ => Map::new(),
        },
        _ => Map::new(),
    }
}
