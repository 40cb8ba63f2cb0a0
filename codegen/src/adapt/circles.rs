//! Schemas that are parts of themselves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::note;
use super::scalars::component;
use crate::Note;
use crate::pointer::join;

/// A schema that is, in place, also itself says nothing by that.
pub(super) fn break_circles(document: &mut Value, notes: &mut Vec<Note>) {
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, schema) in schemas.into_iter().flatten() {
        let mut targets = BTreeSet::new();
        in_place(schema, &mut targets, 0);
        edges.insert(name.clone(), targets);
    }
    let mut closing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut done: BTreeSet<&String> = BTreeSet::new();
    for start in edges.keys() {
        // Depth first without recursion: a chain may be as long as the document.
        let mut path: Vec<(&String, Vec<&String>)> = vec![(start, edges[start].iter().collect())];
        let mut on_path: BTreeSet<&String> = [start].into();
        while let Some((name, left)) = path.last_mut() {
            let name = *name;
            match left.pop() {
                Some(target) if on_path.contains(target) => {
                    let closing = closing.entry(name.clone()).or_default();
                    closing.insert(target.clone());
                }
                Some(target) if !done.contains(target) => {
                    if let Some(targets) = edges.get(target) {
                        on_path.insert(target);
                        path.push((target, targets.iter().collect()));
                    }
                }
                Some(_) => {}
                None => {
                    done.insert(name);
                    on_path.remove(name);
                    path.pop();
                }
            }
        }
    }
    let schemas = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        if let Some(closing) = closing.get(name) {
            note(
                notes,
                &join("/components/schemas", name),
                "is itself a part of itself, which says nothing",
            );
            cut(schema, closing, 0);
        }
    }
}

/// The components that a schema is, in whole or in part.
fn in_place(schema: &Value, targets: &mut BTreeSet<String>, depth: usize) {
    if let Some(name) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(component)
    {
        targets.insert(name);
    }
    if depth < 64 {
        for key in ["allOf", "oneOf"] {
            for member in schema
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                in_place(member, targets, depth + 1);
            }
        }
    }
}

fn cut(schema: &mut Value, closing: &BTreeSet<String>, depth: usize) {
    let closes = |member: &Value| {
        let target = member
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(component);
        target.is_some_and(|target| closing.contains(&target))
    };
    if closes(schema) {
        *schema = json!({});
        return;
    }
    let Some(object) = schema.as_object_mut().filter(|_| depth < 64) else {
        return;
    };
    for key in ["allOf", "oneOf"] {
        if let Some(members) = object.get_mut(key).and_then(Value::as_array_mut) {
            members.retain(|member| !closes(member));
            members
                .iter_mut()
                .for_each(|member| cut(member, closing, depth + 1));
            if members.is_empty() {
                object.remove(key);
            }
        }
    }
}
