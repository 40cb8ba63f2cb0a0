//! Finds what differs between two documents, and judges it.
//!
//! Operations and components are paired and walked side by side, each place by the rules for what it is.
//! Every rule owes a finding for what differs, and says "unclassified" where it knows no better; a plain
//! structural comparison below them catches what they never came to. Time and memory are bounded by the
//! number of places in the documents, references that run in circles included.

mod apart;
mod body;
mod components;
mod composition;
mod delta;
mod document;
mod flow;
mod limits;
mod net;
mod node;
mod object;
mod operation;
mod overlap;
mod parameter;
mod reach;
mod schema;
mod servers;
mod values;
mod view;
mod walk;

use std::collections::BTreeMap;

use serde_json::Value;

use self::node::Node;
use self::reach::Reach;
use self::walk::Walk;
use super::types::{Change, Side};

/// Every difference between two documents; none if they say the same.
///
/// The order of keys says nothing, nor does the place where something that is referred to is written.
/// Documents are walked by recursion, so they may be nested no deeper than
/// [`weshop_codegen::MAX_DEPTH`], which whatever was read as a document keeps.
pub fn detect(old: &Value, new: &Value) -> Vec<Change> {
    if old == new {
        return Vec::new();
    }
    let mut reach = Reach::default();
    reach.add(old);
    reach.add(new);
    let mut walk = Walk::new(old, new);
    document::compare(&mut walk, &reach);
    components::strays(&mut walk, &reach);
    components::drain(&mut walk);
    apart::spread(&mut walk, &reach);
    net::spread(&mut walk);
    if walk.found_nothing() && !only_moved(old, new) {
        let root = Node::root(new);
        walk.unclassified(&root, Side::New, "the documents differ where no rule looks");
    }
    let mut changes = walk.into_changes();
    // Looked up once for each component: many changes share one, and a large one has many users.
    let mut known = BTreeMap::<String, Vec<String>>::new();
    for change in &mut changes {
        let root: Vec<&str> = change.pointer.split('/').take(4).collect();
        let operations = known.entry(root.join("/"));
        let operations = operations.or_insert_with_key(|root| reach.operations(root));
        change.operations.clone_from(operations);
    }
    changes.sort_by(|a, b| (b.class, &a.pointer, &a.what).cmp(&(a.class, &b.pointer, &b.what)));
    changes
}

/// Whether two documents differ in nothing but references and what they name.
fn only_moved(old: &Value, new: &Value) -> bool {
    // Both are judged from wherever something refers to them, so here only the rest matters.
    const ELSEWHERE: &str = "components";
    let refers = |value: &Value| value.get("$ref").is_some_and(Value::is_string);
    if old == new || refers(old) || refers(new) {
        return true;
    }
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys()).filter(|key| *key != ELSEWHERE);
            keys.map(|key| (a.get(key), b.get(key)))
                .all(|pair| matches!(pair, (Some(was), Some(is)) if only_moved(was, is)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(was, is)| only_moved(was, is))
        }
        _ => false,
    }
}
