//! What a document offers, whether or not a client can be generated for it.

use serde_json::Value;

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

/// Every operation of a lowered document, in the order of paths.
pub fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let id = operation.get("operationId").and_then(Value::as_str);
            found.push(Operation {
                operation_id: id.map_or_else(|| made_up_id(method, path), str::to_owned),
                method: method.to_uppercase(),
                path: path.clone(),
            });
        }
    }
    found
}

/// An id from method and path, the same for every run and every other operation beside it.
pub(crate) fn made_up_id(method: &str, path: &str) -> String {
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
