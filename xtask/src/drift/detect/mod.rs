//! Finds what differs between two documents, and judges it.
//!
//! Operations and components are paired and walked side by side, each place by the rules for what it is.
//! Every rule owes a finding for what differs, and says "unclassified" where it knows no better; a plain
//! structural comparison below them catches what they never came to. Time and memory are bounded by the
//! number of places in the documents, references that run in circles included.

mod body;
mod document;
mod limits;
mod net;
pub(crate) mod operation;
mod parameter;
mod reach;
mod schema;
mod view;
pub(crate) mod walk;

use serde_json::Value;

use self::reach::Reach;
use self::walk::{Node, Walk};
use super::types::{Change, Class, Side};

/// Every difference between two documents; none if they say the same.
///
/// The order of keys says nothing, nor does the place where something that is referred to is written.
pub fn detect(old: &Value, new: &Value) -> Vec<Change> {
    if old == new {
        return Vec::new();
    }
    let mut reach = Reach::default();
    reach.add(old);
    reach.add(new);
    let mut walk = Walk::new(old, new);
    document::compare(&mut walk, &reach);
    document::drain(&mut walk);
    net::spread(&mut walk);
    if walk.found_nothing() && !only_moved(old, new) {
        let root = Node::root(new);
        walk.unclassified(&root, Side::New, "the documents differ where no rule looks");
    }
    let mut changes = walk.into_changes();
    for change in &mut changes {
        change.operations = reach.operations(&change.pointer);
    }
    changes.sort_by(|a, b| (b.class, &a.pointer, &a.what).cmp(&(a.class, &b.pointer, &b.what)));
    changes
}

/// Whether two documents differ in nothing but references and what they name.
fn only_moved(old: &Value, new: &Value) -> bool {
    let mut found = Vec::new();
    outside_references(old, new, "", &mut found);
    found.is_empty()
}

/// The places that differ and have to do with no reference.
fn outside_references(old: &Value, new: &Value, pointer: &str, found: &mut Vec<Class>) {
    let refers = |value: &Value| value.get("$ref").is_some_and(Value::is_string);
    if old == new || refers(old) || refers(new) || pointer.starts_with("/components/") {
        return;
    }
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => {
            let gone = a
                .keys()
                .any(|key| !b.contains_key(key) && key != "components");
            let come = b
                .keys()
                .any(|key| !a.contains_key(key) && key != "components");
            if gone || come {
                found.push(Class::Unclassified);
            }
            for (key, was) in a {
                if let Some(is) = b.get(key) {
                    outside_references(was, is, &walk::join(pointer, key), found);
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (was, is) in a.iter().zip(b) {
                outside_references(was, is, pointer, found);
            }
        }
        _ => found.push(Class::Unclassified),
    }
}
