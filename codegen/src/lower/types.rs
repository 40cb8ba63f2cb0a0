//! `type`, `enum`, `const` and what is left of `nullable`: they only make sense together.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Walk;
use super::numbers::same;
use super::schema::Parts;
use crate::pointer::join;

const TYPES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];
/// The keywords that only values of one type can violate.
const STRING: [&str; 4] = ["minLength", "maxLength", "pattern", "format"];
const NUMBER: [&str; 5] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];
const ARRAY: [&str; 4] = ["items", "minItems", "maxItems", "uniqueItems"];
const OBJECT: [&str; 5] = [
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
];

impl Walk<'_> {
    /// Writes types and values; answers whether a leftover `nullable` is still to be honoured.
    pub(super) fn types(
        &mut self,
        source: &Map<String, Value>,
        parts: &mut Parts,
        at: &str,
    ) -> bool {
        let leftover = source.get("nullable") == Some(&Value::Bool(true));
        let mut names = self.type_names(source, at);
        if leftover
            && let Some(names) = &mut names
            && !names.contains(&"null")
        {
            self.note(
                &join(at, "nullable"),
                "says nothing in 3.1; null is allowed, as 3.0 meant it",
            );
            names.push("null");
        }
        match self.values(source, names.as_deref(), at) {
            Some(values) => write_values(values, names.as_deref(), parts),
            None => {
                if let Some(names) = &names {
                    write_types(names, parts);
                }
            }
        }
        if parts.target.get("type").is_some_and(|kind| kind == "array") {
            parts.target.entry("items").or_insert_with(|| json!({}));
        }
        leftover && names.is_none()
    }

    fn type_names<'n>(&mut self, source: &'n Map<String, Value>, at: &str) -> Option<Vec<&'n str>> {
        let written = source.get("type")?;
        // YAML's bare null is what a quoted one was meant to be.
        let name = |value: &'n Value| {
            if value.is_null() {
                Some("null")
            } else {
                value.as_str()
            }
        };
        let listed = match written {
            Value::Array(names) => names.iter().map(name).collect::<Option<Vec<_>>>(),
            one => name(one).map(|name| vec![name]),
        };
        let known = listed.filter(|names| names.iter().all(|name| TYPES.contains(name)));
        if known.is_none() {
            self.obstacle(
                &join(at, "type"),
                format!("{written} is no type"),
                "name types of JSON Schema",
            );
        }
        let mut names = known?;
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        if names.contains(&"number") {
            names.retain(|name| *name != "integer");
        }
        Some(names)
    }

    /// The values that `enum` and `const` leave, null among them only if `type` allows it.
    fn values(
        &mut self,
        source: &Map<String, Value>,
        names: Option<&[&str]>,
        at: &str,
    ) -> Option<Vec<Value>> {
        let listed = source.get("enum").and_then(Value::as_array);
        let constant = source.get("const");
        let mut values: Vec<Value> = match (listed, constant) {
            (None, None) => return None,
            (Some(listed), None) => listed.clone(),
            (None, Some(constant)) => vec![constant.clone()],
            (Some(listed), Some(constant)) => listed
                .iter()
                .filter(|value| same(value, constant))
                .cloned()
                .collect(),
        };
        let before = values.len();
        values.retain(|value| names.is_none_or(|names| names.iter().any(|name| is(value, name))));
        if values.is_empty() && before > 0 {
            let at = join(at, if constant.is_some() { "const" } else { "enum" });
            self.obstacle(
                &at,
                "none of its values is of the type",
                "quote the values or correct the type",
            );
        } else if values.len() < before {
            self.note(
                &join(at, "enum"),
                "values that are not of the type, removed",
            );
        }
        Some(values)
    }
}

fn write_values(values: Vec<Value>, names: Option<&[&str]>, parts: &mut Parts) {
    if values.is_empty() {
        parts.all.push(json!({"not": {}}));
        return;
    }
    let mut kinds: Vec<&str> = Vec::new();
    for value in values.iter().filter(|value| !value.is_null()) {
        let kind = names
            .and_then(|names| names.iter().copied().find(|name| is(value, name)))
            .unwrap_or_else(|| type_of(value));
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if let [kind] = kinds.as_slice() {
        parts.target.insert("type".to_owned(), json!(kind));
        if values.iter().any(Value::is_null) {
            parts.target.insert("nullable".to_owned(), json!(true));
        }
    }
    parts.target.insert("enum".to_owned(), Value::Array(values));
}

fn write_types(names: &[&str], parts: &mut Parts) {
    let nullable = names.contains(&"null");
    let others: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| *name != "null")
        .collect();
    match others.as_slice() {
        [] if nullable => {
            parts.target.insert("enum".to_owned(), json!([null]));
        }
        [] => parts.all.push(json!({"not": {}})),
        [one] => {
            parts.target.insert("type".to_owned(), json!(one));
            if nullable {
                parts.target.insert("nullable".to_owned(), json!(true));
            }
        }
        // Every type there is, `integer` being a part of `number`.
        _ if nullable && others.len() == 5 && !others.contains(&"integer") => {}
        _ => {
            let mut members: Vec<Value> = others
                .iter()
                .map(|name| member(name, &others, parts))
                .collect();
            for key in [&STRING[..], &NUMBER, &ARRAY, &OBJECT]
                .into_iter()
                .flatten()
            {
                parts.target.remove(*key);
            }
            if nullable {
                members.push(json!({"enum": [null]}));
            }
            parts.all.push(json!({"anyOf": members}));
            // One anyOf needs no allOf around it.
            if parts.all.len() == 1 && !parts.target.contains_key("anyOf") {
                parts.all.clear();
                parts
                    .target
                    .insert("anyOf".to_owned(), Value::Array(members));
            }
        }
    }
}

/// One of several types, with the keywords that concern it.
fn member(name: &str, names: &[&str], parts: &Parts) -> Value {
    let mut keys: Vec<&str> = match name {
        "string" => STRING.to_vec(),
        "integer" | "number" => NUMBER.to_vec(),
        "array" => ARRAY.to_vec(),
        "object" => OBJECT.to_vec(),
        _ => Vec::new(),
    };
    let format = parts
        .target
        .get("format")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let numeric = ["int", "uint", "float", "double", "decimal"]
        .iter()
        .any(|prefix| format.starts_with(prefix));
    let is_number = matches!(name, "integer" | "number");
    if is_number && numeric {
        keys.push("format");
    } else if name == "string"
        && numeric
        && names
            .iter()
            .any(|name| matches!(*name, "integer" | "number"))
    {
        keys.retain(|key| *key != "format");
    }
    let kept = keys
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), parts.target.get(key)?.clone())));
    let mut schema: Map<String, Value> = kept.collect();
    schema.insert("type".to_owned(), json!(name));
    if name == "array" {
        schema.entry("items").or_insert_with(|| json!({}));
    }
    Value::Object(schema)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) if is_whole(value) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn is(value: &Value, name: &str) -> bool {
    type_of(value) == name || name == "number" && value.is_number()
}

fn is_whole(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}
