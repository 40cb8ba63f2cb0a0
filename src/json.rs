//! How much JSON is read, and taking an answer apart without losing what is not understood: a field is
//! taken only where it has the expected type, and stays among the rest otherwise.

use serde_json::{Map, Value};

/// The most values that a document from outside may have: a page of presets has some hundreds.
pub(crate) const MAX_VALUES: usize = 100_000;

/// How many values a document has at most, told without parsing it: all but the first follow one of these
/// bytes, which texts may have too.
pub(crate) fn most_values(json: &[u8]) -> usize {
    let begins = |byte: &&u8| matches!(byte, b',' | b'{' | b'[');
    1 + json.iter().filter(begins).count()
}

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
