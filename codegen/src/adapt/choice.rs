//! `allOf`, `anyOf` and `oneOf` as typify takes them.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::schema::{names_apart, never};
use super::{is_null, kind, note, or_null};
use crate::Note;

/// Rewrites the choices of a schema whose members are rewritten already.
pub(super) fn choices(schema: &mut Value, at: &str, notes: &mut Vec<Note>) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(mut members)) = object.remove("allOf") {
        members.retain(|member| !vacuous(member) && !never(member));
        if object.contains_key("enum") && !members.is_empty() {
            // typify takes an enumeration only as a member of its own.
            let values = ["type", "enum", "nullable"].iter();
            let own = values.filter_map(|key| Some(((*key).to_owned(), object.remove(*key)?)));
            members.push(Value::Object(own.collect()));
        }
        if !members.is_empty() {
            object.insert("allOf".to_owned(), Value::Array(members));
        }
    }
    let written = [object.remove("anyOf"), object.remove("oneOf")];
    for members in written.into_iter().flatten() {
        if let Value::Array(members) = members {
            choice(object, members, at, notes);
        }
    }
    if object
        .get("allOf")
        .and_then(Value::as_array)
        .is_some_and(|members| members.len() == 1)
    {
        only_member(object);
    }
}

/// One member of `allOf` with nothing beside it but words is that member.
fn only_member(object: &mut Map<String, Value>) {
    let bare = object
        .keys()
        .all(|key| matches!(key.as_str(), "allOf" | "description"));
    let Some(Value::Array(members)) = object.get("allOf") else {
        return;
    };
    let Some(Value::Object(member)) = members.first() else {
        return;
    };
    if bare && !member.contains_key("$ref") {
        let mut merged = member.clone();
        if let Some(description) = object.get("description") {
            merged.insert("description".to_owned(), description.clone());
        }
        *object = merged;
    }
}

/// Whether a member says nothing that a type could.
fn vacuous(schema: &Value) -> bool {
    let says = |key: &String| !matches!(key.as_str(), "description" | "required");
    schema
        .as_object()
        .is_some_and(|object| !object.keys().any(says))
        || *schema == json!(true)
}

/// A choice between schemas as typify takes it: one of several, or one of one and null.
fn choice(object: &mut Map<String, Value>, members: Vec<Value>, at: &str, notes: &mut Vec<Note>) {
    let mut nullable = false;
    let mut kept: Vec<Value> = Vec::new();
    let mut seen: HashSet<Value> = HashSet::new();
    for mut member in members.into_iter().filter(|member| !never(member)) {
        if is_null(&member) {
            nullable = true;
            continue;
        }
        if let Some(inner) = member.as_object_mut()
            && inner.remove("nullable") == Some(json!(true))
        {
            nullable = true;
        }
        // A choice within a choice, or null within it, is part of this one.
        match member.get("oneOf").and_then(Value::as_array).cloned() {
            Some(inner) if member.as_object().is_some_and(|member| member.len() == 1) => {
                for member in inner {
                    if is_null(&member) {
                        nullable = true;
                    } else if seen.insert(member.clone()) {
                        kept.push(member);
                    }
                }
            }
            _ if seen.insert(member.clone()) => kept.push(member),
            _ => {}
        }
    }
    if kept.iter().any(vacuous) {
        note(
            notes,
            at,
            "a choice that allows anything, or differs in what is required alone, is left to the service",
        );
        return;
    }
    merge_strings(&mut kept);
    merge_numbers(&mut kept);
    let chosen = match kept.len() {
        0 if nullable => json!({"enum": [null]}),
        0 => return,
        1 => kept.remove(0),
        _ => json!({"oneOf": kept}),
    };
    let chosen = if nullable && !is_null(&chosen) {
        or_null(chosen)
    } else {
        chosen
    };
    let alone = object.keys().all(|key| key == "description");
    match chosen {
        Value::Object(chosen) if alone && !chosen.contains_key("$ref") => {
            let description = object.get("description").cloned();
            object.extend(chosen);
            if let Some(description) = description {
                object.insert("description".to_owned(), description);
            }
        }
        // Beside other keywords, a choice is one of the things that hold.
        chosen => {
            let all = object.entry("allOf").or_insert_with(|| json!([]));
            if let Some(all) = all.as_array_mut() {
                all.push(chosen);
            }
        }
    }
}

/// Any string beside a string is any string; enumerations of strings are one.
fn merge_strings(members: &mut Vec<Value>) {
    let plain = |member: &Value| kind(member) == Some("string") && member.get("enum").is_none();
    if members.iter().any(plain) {
        let mut first = true;
        members.retain(|member| {
            kind(member) != Some("string") || plain(member) && std::mem::take(&mut first)
        });
        return;
    }
    let listed = |member: &Value| {
        member
            .get("enum")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let all = members.iter().all(|member| kind(member) == Some("string"));
    if members.len() < 2 || !all {
        return;
    }
    // One value each, with its own description, is typify's form of a documented enumeration.
    let values: Vec<Value> = members.iter().flat_map(listed).collect();
    let names: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    let documented = members.iter().all(|member| listed(member).len() == 1);
    if !names_apart(&names) || !documented {
        let mut seen = HashSet::new();
        let names: Vec<&str> = names
            .into_iter()
            .filter(|name| seen.insert(*name))
            .collect();
        let merged = if names_apart(&names) {
            json!({"type": "string", "enum": names})
        } else {
            json!({"type": "string"})
        };
        *members = vec![merged];
    }
}

fn merge_numbers(members: &mut Vec<Value>) {
    let is = |name: &'static str| move |member: &Value| kind(member) == Some(name);
    if members.iter().any(is("number")) {
        members.retain(|member| !is("integer")(member));
    }
    for name in ["number", "integer", "boolean"] {
        let mut first = true;
        members.retain(|member| !is(name)(member) || std::mem::take(&mut first));
    }
}
