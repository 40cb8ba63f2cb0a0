//! What a document offers, whether or not a client can be generated for it.

use serde_json::Value;

use crate::unique::Unique;

/// The methods a path item may hold, as the document spells them.
pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// One operation of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// The document's `operationId`, or one made from method and path where it has none.
    pub operation_id: String,
    /// The method in capitals.
    pub method: String,
    /// The path with its `{placeholders}`.
    pub path: String,
}

/// Every operation of a lowered document, in the order of paths. Each id occurs once: a second operation
/// with the same id gets a number.
pub fn operations(document: &Value) -> Vec<Operation> {
    let mut found: Vec<Operation> = Vec::new();
    let mut names = Unique::default();
    for (path, item) in document
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        for method in METHODS.into_iter().filter(|_| !path.starts_with("x-")) {
            let Some(operation) = item.get(method).filter(|operation| operation.is_object()) else {
                continue;
            };
            let id = operation
                .get("operationId")
                .and_then(Value::as_str)
                .filter(|id| !id.trim().is_empty());
            let id = id.map_or_else(|| made_up_id(method, path), str::to_owned);
            let operation_id = names.take(&id, "_", str::to_owned);
            found.push(Operation {
                operation_id,
                method: method.to_uppercase(),
                path: path.clone(),
            });
        }
    }
    found
}

/// An id from method and path, the same on every run.
fn made_up_id(method: &str, path: &str) -> String {
    let mut id = method.to_owned();
    for part in path
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
    {
        id.push('_');
        id.push_str(part);
    }
    id
}
