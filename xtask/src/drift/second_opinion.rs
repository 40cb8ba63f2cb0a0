//! The crate `drift`, asked about the lowered documents.
//!
//! It knows OpenAPI 3.0 alone, has no word for much of it and panics at some changes, so it is held at
//! arm's length: what it finds where nothing else was found is added to a report, and where it is
//! stricter than the rules here the report says so.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use drift::{ChangeClass, ChangeComparison};
use serde_json::Value;

use super::types::{Change, Class, Direction, Report, Side};
use crate::quiet::quietly;

/// Enough for [`MOST_LEVELS`] levels of its recursion; only what is used is ever backed by memory.
const STACK: usize = 1 << 30;
/// Nested schemas, summed over all components, beyond which it is not asked.
const MOST_LEVELS: usize = 10_000;

/// What the crate says about one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Where it is in the new document.
    pub pointer: String,
    /// Its words.
    pub message: String,
    /// What that means for callers; `None` where it knows only that something changed.
    pub class: Option<Class>,
    direction: Direction,
}

/// Asks about two lowered documents.
///
/// # Errors
/// Why there is no answer: it was not asked, refused a document, or panicked.
pub fn ask(old: &Value, new: &Value) -> Result<Vec<Opinion>, String> {
    for document in [old, new] {
        if loops(document) {
            return Err("a schema is defined by nothing but itself".to_owned());
        }
        if levels(document) > MOST_LEVELS {
            return Err("the documents are too large for it".to_owned());
        }
    }
    let (old, new) = (old.clone(), new.clone());
    let answer = thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || quietly(|| ::drift::compare(&old, &new)))
        .map_err(|error| error.to_string())?
        .join()
        .unwrap_or_else(|_| Err("it panicked".to_owned()))?;
    let changes = answer.map_err(|error| format!("it refused: {error}"))?;
    Ok(changes.iter().flat_map(opinions).collect())
}

fn opinions(change: &::drift::Change) -> Vec<Opinion> {
    let base = change.paths.first().map(|path| path.new.without_subpath());
    let base = base.as_ref().map_or("", |path| path.current_pointer());
    let base = base.trim_start_matches('#');
    let mut direction = Direction::Neither;
    for path in &change.paths {
        direction = direction.and(match path.comparison {
            ChangeComparison::Input => Direction::Request,
            ChangeComparison::Output => Direction::Response,
            ChangeComparison::Structural => Direction::Neither,
        });
    }
    let opinion = |info: &::drift::ChangeInfo| Opinion {
        pointer: match info.new_subpath.as_str() {
            "" => base.to_owned(),
            subpath => format!("{base}/{subpath}"),
        },
        message: info.message.clone(),
        class: match info.class {
            ChangeClass::BackwardIncompatible | ChangeClass::Incompatible => Some(Class::Breaking),
            ChangeClass::ForwardIncompatible => Some(Class::Compatible),
            ChangeClass::Trivial => Some(Class::Documentation),
            ChangeClass::Unhandled => None,
        },
        direction,
    };
    change.changes.iter().map(opinion).collect()
}

/// Adds what the report on two raw documents lacks, and notes where the crate is stricter.
pub fn weigh(report: &mut Report, opinions: Vec<Opinion>, old: &Value, new: &Value) {
    let mut classes = BTreeMap::<String, Class>::new();
    for change in &report.changes {
        let mut add = |root: String| {
            let class = classes.entry(root).or_insert(change.class);
            *class = change.class.max(*class);
        };
        add(root(&change.pointer));
        // The crate reports operations that come and go at the root of them all.
        if change.pointer.starts_with("/paths/") {
            add("/paths".to_owned());
        }
    }
    for opinion in opinions {
        // Where nothing changed, the crate has only paired what does not belong together.
        let here = root(&opinion.pointer);
        if old.pointer(&here).is_some() && old.pointer(&here) == new.pointer(&here) {
            continue;
        }
        match (classes.get(&root(&opinion.pointer)), opinion.class) {
            (Some(Class::Compatible | Class::Documentation), Some(Class::Breaking)) => {
                report.notes.push(format!(
                    "The crate `drift` is stricter at {}: {}.",
                    opinion.pointer, opinion.message
                ));
            }
            (Some(_), _) => {}
            (None, class) => report.changes.push(Change {
                operations: Vec::new(),
                direction: opinion.direction,
                pointer: opinion.pointer,
                side: Side::New,
                what: opinion.message,
                class: class.unwrap_or(Class::Unclassified),
                why: "Found by the crate `drift` in the lowered documents.".to_owned(),
                api: Vec::new(),
            }),
        }
    }
}

/// The operation or component that a place belongs to.
fn root(pointer: &str) -> String {
    let segments: Vec<&str> = pointer.split('/').take(4).collect();
    segments.join("/")
}

/// How deep schemas nest, summed over components: a bound for every chain of references.
fn levels(document: &Value) -> usize {
    fn depth(value: &Value) -> usize {
        match value {
            Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
            Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
    let kinds = document.get("components").and_then(Value::as_object);
    let entries = kinds.into_iter().flat_map(|kinds| kinds.values());
    entries
        .filter_map(Value::as_object)
        .flat_map(|entries| entries.values())
        .map(depth)
        .sum()
}

/// Whether following references and compositions alone leads back to where it began.
///
/// The crate follows both without looking back, and neither a loop without an end nor an overflowing
/// stack can be caught.
fn loops(document: &Value) -> bool {
    let mut targets = BTreeSet::new();
    every_reference(document, &mut targets);
    let mut open = BTreeMap::<String, bool>::new();
    targets
        .into_iter()
        .any(|start| circular(start, document, &mut open))
}

fn every_reference(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(pointer));
            map.values().for_each(|value| every_reference(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| every_reference(value, found)),
        _ => {}
    }
}

fn pointer(reference: &Value) -> Option<String> {
    reference.as_str()?.strip_prefix('#').map(str::to_owned)
}

/// The references that stand for a schema, or for a part of it that is no property and no item.
fn ahead(value: &Value, found: &mut BTreeSet<String>) {
    found.extend(value.get("$ref").and_then(pointer));
    for key in ["allOf", "anyOf", "oneOf"] {
        let members = value.get(key).and_then(Value::as_array);
        members
            .into_iter()
            .flatten()
            .for_each(|member| ahead(member, found));
    }
    if let Some(inner) = value.get("not") {
        ahead(inner, found);
    }
}

/// Looks for a circle from here on, with a stack of its own; `open` holds what is under way or done.
fn circular(start: String, document: &Value, open: &mut BTreeMap<String, bool>) -> bool {
    let mut stack = vec![(start, false)];
    while let Some((here, done)) = stack.pop() {
        if done {
            open.insert(here, false);
            continue;
        }
        match open.get(&here) {
            Some(true) => return true,
            Some(false) => continue,
            None => {}
        }
        let mut next = BTreeSet::new();
        if let Some(value) = document.pointer(&here) {
            ahead(value, &mut next);
        }
        open.insert(here.clone(), true);
        stack.push((here, true));
        for next in next {
            match open.get(&next) {
                Some(true) => return true,
                Some(false) => {}
                None => stack.push((next, false)),
            }
        }
    }
    false
}
