//! What becomes of references: to plain values, to what may be null, to nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{is_null, note, or_null, resolved, schema};
use crate::pointer::{join, unescape};
use crate::size::member;
use crate::walk::each_schema;
use crate::{MAX_NODES, Note};

pub(super) fn settle(document: &mut Value, notes: &mut Vec<Note>) {
    dangling(document, notes);
    inline(document, notes);
    nulls(document);
    // What was a choice of references may now be one of plain values.
    each_schema(document, &mut |schema, at| schema::plain(schema, at, notes));
}

/// References that lead to nothing or in a circle stand for anything.
fn dangling(document: &mut Value, notes: &mut Vec<Note>) {
    let source = document.clone();
    each_schema(document, &mut |schema, at| {
        if schema.get("$ref").is_some() && resolved(&source, schema).is_none() {
            note(
                notes,
                at,
                "refers to nothing but itself, so anything is taken",
            );
            *schema = json!({});
        }
    });
}

/// Components that are one plain value are written where they are referred to.
fn inline(document: &mut Value, notes: &mut Vec<Note>) {
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    let mut scalars: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (name, schema) in schemas.into_iter().flatten() {
        let end = resolved(document, schema).and_then(Value::as_object);
        let Some(end) = end.filter(|end| is_scalar(end)) else {
            continue;
        };
        scalars.insert(
            format!("#{}", join("/components/schemas", name)),
            end.clone(),
        );
    }
    let mut room = MAX_NODES;
    each_schema(document, &mut |schema, at| {
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        let only = object
            .get("allOf")
            .and_then(Value::as_array)
            .filter(|members| members.len() == 1);
        let referred = match only {
            Some(members) => members[0].get("$ref"),
            None => object.get("$ref"),
        };
        let Some(found) = referred
            .and_then(Value::as_str)
            .and_then(|name| scalars.get(name))
        else {
            return;
        };
        // A description may be as long as a document, and be referred to from everywhere.
        let Some(left) = room.checked_sub(found.iter().map(member).sum()) else {
            return;
        };
        room = left;
        let mut written = found.clone();
        for (key, value) in object
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "$ref" | "allOf"))
        {
            written.insert(key.clone(), value.clone());
        }
        *object = written;
        note(notes, at, "a plain value, written in place");
    });
}

fn is_scalar(schema: &Map<String, Value>) -> bool {
    let kind = schema.get("type").and_then(Value::as_str);
    let plain = schema
        .keys()
        .all(|key| matches!(key.as_str(), "type" | "format" | "description" | "nullable"));
    plain && matches!(kind, Some("boolean" | "integer" | "number" | "string"))
}

/// A component that may be null would be two types of one name: null moves to where it is referred to.
fn nulls(document: &mut Value) {
    let mut nullable: BTreeSet<String> = BTreeSet::new();
    loop {
        let before = nullable.len();
        let schemas = document
            .pointer_mut("/components/schemas")
            .and_then(Value::as_object_mut);
        for (name, schema) in schemas.into_iter().flatten() {
            if strip_null(schema, &nullable) {
                nullable.insert(format!("#{}", join("/components/schemas", name)));
            }
        }
        if nullable.len() == before {
            break;
        }
    }
    if nullable.is_empty() {
        return;
    }
    let components = "/components/schemas/";
    each_schema(document, &mut |schema, at| {
        let reference = schema.get("$ref").and_then(Value::as_str);
        let alias = at
            .strip_prefix(components)
            .is_some_and(|rest| !rest.contains('/'));
        if !alias && reference.is_some_and(|reference| nullable.contains(reference)) {
            *schema = or_null(schema.take());
        }
    });
}

/// Takes null out of a component; true if it was in it.
fn strip_null(schema: &mut Value, nullable: &BTreeSet<String>) -> bool {
    if schema
        .get("$ref")
        .and_then(Value::as_str)
        .is_some_and(|reference| nullable.contains(reference))
    {
        return true;
    }
    let Some(object) = schema.as_object_mut() else {
        return false;
    };
    if object.remove("nullable") == Some(json!(true)) {
        return true;
    }
    let Some(members) = object.get_mut("oneOf").and_then(Value::as_array_mut) else {
        return false;
    };
    let before = members.len();
    members.retain(|member| !is_null(member));
    let found = members.len() < before;
    if found && members.len() == 1 {
        let only = members.remove(0);
        let description = object.remove("description");
        object.remove("oneOf");
        if only.get("$ref").is_some() {
            object.insert("allOf".to_owned(), json!([only]));
        } else if let Value::Object(only) = only {
            object.extend(only);
        }
        if let Some(description) = description {
            object.insert("description".to_owned(), description);
        }
    }
    found
}

/// The name of the component that a reference is to.
pub(crate) fn component(reference: &str) -> Option<String> {
    reference
        .strip_prefix("#/components/schemas/")
        .map(unescape)
}
