//! Operations with everything that they refer to written out, or the reason why they cannot be.

use std::cell::Cell;
use std::collections::BTreeMap;

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::{Map, Value, json};

use super::kinds::Kinds;
use super::{bodies, note, operations_of, parameters, resolved, text};
use crate::operations::operations;
use crate::pointer::join;
use crate::size::size;
use crate::unique::Unique;
use crate::{LeftOut, MAX_NODES, Note};

/// Methods that the generated client and its traits have already.
const TAKEN: [&str; 10] = [
    "new",
    "new_with_client",
    "pre",
    "post",
    "exec",
    "client",
    "inner",
    "baseurl",
    "api_version",
    "clone",
];

pub(super) fn paths(
    source: &Value,
    reduced: &mut Vec<Note>,
    notes: &mut Vec<Note>,
) -> (Value, Vec<LeftOut>) {
    let listed = operations(source);
    let kinds = Kinds::new(source);
    let room = Cell::new(MAX_NODES);
    let mut names = Unique::without(TAKEN.map(|name| name.to_pascal_case()));
    let ids = listed.iter().map(|listed| {
        (
            (listed.path.as_str(), listed.method.as_str()),
            &listed.operation_id,
        )
    });
    let ids: BTreeMap<_, _> = ids.collect();
    let mut left_out = Vec::new();
    let mut paths = Map::new();
    let items = source.get("paths").and_then(Value::as_object);
    for (path, item) in items.into_iter().flatten() {
        let Some(item) = item.as_object() else {
            continue;
        };
        let mut kept = Map::new();
        for (method, operation) in operations_of(item) {
            let at = join(&join("/paths", path), method);
            let upper = method.to_uppercase();
            let id = ids
                .get(&(path.as_str(), upper.as_str()))
                .map_or_else(String::new, ToString::to_string);
            if item.contains_key("servers") || operation.contains_key("servers") {
                note(
                    notes,
                    &at,
                    "it has servers of its own; the client sends to its own base URL",
                );
            }
            let about = About {
                source,
                kinds: &kinds,
                path,
                at: &at,
                room: &room,
            };
            match build(
                &about,
                method,
                operation,
                item.get("parameters"),
                reduced,
                notes,
            ) {
                Ok(mut built) => {
                    built.insert("operationId".to_owned(), json!(free_name(&id, &mut names)));
                    kept.insert(method.to_owned(), Value::Object(built));
                }
                Err(reason) => {
                    left_out.push(LeftOut {
                        operation_id: id,
                        method: upper,
                        path: path.clone(),
                        reason,
                    });
                }
            }
        }
        if !kept.is_empty() {
            paths.insert(path.clone(), Value::Object(kept));
        }
    }
    (Value::Object(paths), left_out)
}

/// The operation at hand.
pub(super) struct About<'a> {
    pub(super) source: &'a Value,
    pub(super) kinds: &'a Kinds<'a>,
    pub(super) path: &'a str,
    pub(super) at: &'a str,
    /// Values that operations may still write out of what they refer to.
    room: &'a Cell<usize>,
}

impl<'a> About<'a> {
    /// What a parameter, body or answer is, which is written out where it is referred to.
    pub(super) fn followed(&self, value: &'a Value) -> Result<Option<&'a Value>, String> {
        let end = resolved(self.source, value);
        if let Some(end) = end.filter(|_| value.get("$ref").is_some()) {
            self.afford(end)?;
        }
        Ok(end)
    }

    /// Pays for a copy; what is large may be referred to by all there are.
    pub(super) fn afford(&self, value: &Value) -> Result<(), String> {
        let room = self.room.get();
        let left = Some(room).filter(|room| *room > 0);
        let left = left.and_then(|room| room.checked_sub(size(value)));
        self.room.set(left.unwrap_or(0));
        left.map(|_| ())
            .ok_or_else(|| "what it refers to is too large to be written out".to_owned())
    }
}

fn build<'a>(
    about: &About<'a>,
    method: &str,
    operation: &'a Map<String, Value>,
    shared: Option<&'a Value>,
    reduced: &mut Vec<Note>,
    notes: &mut Vec<Note>,
) -> Result<Map<String, Value>, String> {
    if matches!(method, "options" | "trace") {
        return Err(format!(
            "the generator has no {} requests",
            method.to_uppercase()
        ));
    }
    if !about.path.starts_with('/') {
        return Err("its path does not begin with a slash".to_owned());
    }
    let body = bodies::request(about, operation.get("requestBody"), notes)?;
    let parameters = parameters::list(
        about,
        operation.get("parameters"),
        shared,
        body.is_some(),
        reduced,
        notes,
    )?;
    let responses = bodies::responses(about, operation.get("responses"), notes)?;
    let mut built = Map::new();
    for key in ["summary", "description"] {
        if let Some(words) = operation.get(key).and_then(Value::as_str) {
            built.insert(key.to_owned(), json!(text::plain(words)));
        }
    }
    built.insert("parameters".to_owned(), json!(parameters));
    if let Some(body) = body {
        built.insert("requestBody".to_owned(), body);
    }
    built.insert("responses".to_owned(), responses);
    Ok(built)
}

/// The id, or one beside it, whose Rust names no other operation has.
fn free_name(id: &str, names: &mut Unique) -> String {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let base = id.replace(|c| !word(c), "-");
    let base = if base.to_snake_case().is_empty() {
        "operation"
    } else {
        &base
    };
    names.take(base, "_", |name| name.to_pascal_case())
}
