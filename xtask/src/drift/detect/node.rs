//! Places in a document, and how references lead from one to another.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::drift::types::Side;

/// More references in a row than any real document has.
pub(super) const LONGEST_CHAIN: usize = 64;

/// More members than any list has that rules compare each with each.
pub(super) const LONGEST_LIST: usize = 2_000;

/// A place in a document.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) ptr: String,
    pub(super) value: &'a Value,
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        let ptr = String::new();
        Self { ptr, value }
    }

    pub(super) fn at(document: &'a Value, pointer: &str) -> Option<Self> {
        let value = document.pointer(pointer)?;
        let ptr = pointer.to_owned();
        Some(Self { ptr, value })
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.value.get(key)
    }

    pub(super) fn child(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        let ptr = join(&self.ptr, key);
        Some(Self { ptr, value })
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.as_str()
    }

    pub(super) fn map(&self) -> Option<&'a Map<String, Value>> {
        self.value.as_object()
    }

    /// The members of an object or of an array, with their places.
    pub(super) fn children(&self) -> Vec<(String, Self)> {
        let named = |key: String, value| {
            let ptr = join(&self.ptr, &key);
            (key, Self { ptr, value })
        };
        match self.value {
            Value::Object(map) => map.iter().map(|(k, v)| named(k.clone(), v)).collect(),
            Value::Array(list) => (0..)
                .zip(list)
                .map(|(i, v): (usize, _)| named(i.to_string(), v))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// Appends a segment to a JSON pointer.
pub(crate) fn join(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// A value short enough for a sentence.
pub(super) fn brief(value: &Value) -> String {
    const LIMIT: usize = 60;
    let full = value.to_string();
    match full.char_indices().nth(LIMIT) {
        Some((cut, _)) => format!("{}…", &full[..cut]),
        None => full,
    }
}

/// The keys of both, each once, in order.
pub(super) fn keys_of<'a>(
    old: Option<&'a Map<String, Value>>,
    new: Option<&'a Map<String, Value>>,
) -> BTreeSet<&'a str> {
    let keys = old.into_iter().chain(new).flat_map(Map::keys);
    keys.map(String::as_str).collect()
}

/// Equal members, whatever their order and number.
pub(super) fn same_set(old: &[Value], new: &[Value]) -> bool {
    old.iter().all(|v| new.contains(v)) && new.iter().all(|v| old.contains(v))
}

/// Whether one of two lists is too long for rules that compare each with each.
pub(super) fn too_long(old: Option<&Value>, new: Option<&Value>) -> bool {
    let length = |value: Option<&Value>| value.and_then(Value::as_array).map_or(0, Vec::len);
    length(old).max(length(new)) > LONGEST_LIST
}

/// How a key came or went, for keys that no closer rule explains.
pub(super) fn verb(old: Option<&Value>, new: Option<&Value>) -> &'static str {
    match (old, new) {
        (None, _) => "was added",
        (_, None) => "was removed",
        _ => "changed",
    }
}

/// The pair of places under a key, with the side to report on.
pub(super) fn place<'a>(old: &Node<'a>, new: &Node<'a>, key: &str) -> (Node<'a>, Side) {
    match (new.child(key), old.child(key)) {
        (Some(node), _) => (node, Side::New),
        (None, Some(node)) => (node, Side::Old),
        (None, None) => (new.clone(), Side::New),
    }
}

/// Follows local references to the place that they mean; `None` for a loop or a dangling one.
pub(super) fn follow<'a>(document: &'a Value, node: &Node<'a>) -> Option<Node<'a>> {
    let mut here = node.clone();
    for _ in 0..LONGEST_CHAIN {
        match here.text("$ref") {
            None => return Some(here),
            Some(reference) => here = target(document, reference)?,
        }
    }
    None
}

/// The place that one reference names.
pub(super) fn target<'a>(document: &'a Value, reference: &str) -> Option<Node<'a>> {
    let pointer = reference.strip_prefix('#')?;
    // Percent-encoding is legal in a fragment, and generators use it for names such as `Page[Run]`.
    let plain = percent_decode(pointer);
    Node::at(document, &plain)
}

pub(super) fn percent_decode(text: &str) -> String {
    match percent_encoding::percent_decode_str(text).decode_utf8() {
        Ok(plain) => plain.into_owned(),
        Err(_) => text.to_owned(),
    }
}
