//! Needs of what comes back: fields of answers, which are read as JSON and not as generated types.

use serde_json::Value;

use super::schemas::shape;
use crate::adapt::resolved;

/// Most schemas that one field is looked for in.
const MAX_SCHEMAS: usize = 1_000;

/// The type of a field in what an operation answers on success: `data.runs.status`, wherever lists,
/// references and choices put it.
pub(super) fn field(document: &Value, operation: &Value, path: &str) -> Option<String> {
    let answers = operation.get("responses")?.as_object()?;
    let good = |status: &str| status.starts_with('2');
    let all = !answers.keys().any(|status| good(status));
    let success = answers
        .iter()
        .filter(|(status, _)| good(status) || all && status.as_str() == "default");
    let mut open: Vec<&Value> = Vec::new();
    for (_, answer) in success {
        let content =
            resolved(document, answer).and_then(|answer| answer.get("content")?.as_object());
        open.extend(
            content
                .into_iter()
                .flatten()
                .filter_map(|(_, media)| media.get("schema")),
        );
    }
    for name in path.split('.') {
        let parts = parts(document, open);
        open = parts
            .into_iter()
            .filter_map(|part| part.get("properties")?.get(name))
            .collect();
    }
    Some(shape(resolved(document, open.first()?)?).0)
}

/// Schemas and all that they are put together from.
fn parts<'a>(document: &'a Value, mut open: Vec<&'a Value>) -> Vec<&'a Value> {
    let mut found: Vec<&Value> = Vec::new();
    while let Some(schema) = open.pop() {
        let Some(schema) = resolved(document, schema) else {
            continue;
        };
        // A schema may contain itself.
        if found.len() >= MAX_SCHEMAS || found.iter().any(|known| std::ptr::eq(*known, schema)) {
            continue;
        }
        found.push(schema);
        open.extend(schema.get("items"));
        for key in ["allOf", "oneOf", "anyOf"] {
            open.extend(
                schema
                    .get(key)
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten(),
            );
        }
    }
    found
}
