//! How large a tree is.

use serde_json::Value;

/// So many bytes of text count as one value more: a text may be as long as a document.
const BYTES: usize = 64;

/// How many values a tree holds, long texts counted as several.
pub(crate) fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.iter().map(member).sum::<usize>(),
        Value::String(text) => 1 + text.len() / BYTES,
        _ => 1,
    }
}

/// The size of a member of an object.
pub(crate) fn member((key, value): (&String, &Value)) -> usize {
    key.len() / BYTES + size(value)
}
