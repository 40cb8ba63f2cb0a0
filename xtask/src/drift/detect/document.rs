//! Rules for what stands around the operations: servers, security, components, words.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::delta::{Delta, deltas};
use super::node::{Node, brief, same_set, too_long, verb};
use super::reach::Reach;
use super::walk::Walk;
use super::{components, operation, servers};
use crate::drift::types::{Class, Side};

pub(super) fn compare<'a>(walk: &mut Walk<'a>, reach: &Reach) {
    let (old, new) = (Node::root(walk.old), Node::root(walk.new));
    if old.value == new.value || !walk.visit(Some(&old), Some(&new)) {
        return;
    }
    // First, so that what both documents call by one name is judged in the direction that it flows.
    if let (Some(old), Some(new)) = (old.child("components"), new.child("components")) {
        components::compare(walk, reach, &old, &new);
    }
    for (key, delta) in deltas(Some(&old), Some(&new)) {
        match (key, &delta) {
            ("components", Delta::Changed { .. }) => {}
            ("paths", Delta::Changed { was, is }) => operation::compare_paths(walk, was, is),
            // A whole table of components or paths that one side lacks is reported entry by entry.
            ("components" | "paths", _) => one_sided(walk, reach, key, &delta),
            ("info" | "tags" | "externalDocs", Delta::Changed { was, is }) => {
                texts(walk, was, is, 0);
            }
            ("info" | "tags" | "externalDocs", _) => {
                let what = format!("`{key}` {}", delta.verb());
                walk.words(delta.at(), delta.side(), what);
            }
            ("servers", _) => servers::compare(walk, &delta, [None, None]),
            ("security", _) => requirements(walk, [delta.was(), delta.is()], &delta),
            ("webhooks", _) => webhooks(walk, delta.was(), delta.is()),
            ("openapi", _) => version(walk, &delta),
            _ => walk.keyword(key, &delta),
        }
    }
}

fn one_sided<'a>(walk: &mut Walk<'a>, reach: &Reach, key: &str, delta: &Delta<'a>) {
    static NONE: LazyLock<Value> = LazyLock::new(|| Value::Object(Map::new()));
    let (there, ptr) = (delta.at(), format!("/{key}"));
    let empty = Node { ptr, value: &NONE };
    if there.value == &*NONE {
        return walk.rewritten(there, format!("an empty `{key}` came or went"));
    }
    let (old, new) = (delta.was().unwrap_or(&empty), delta.is().unwrap_or(&empty));
    match key {
        "paths" => operation::compare_paths(walk, old, new),
        _ => components::compare(walk, reach, old, new),
    }
}

fn version(walk: &mut Walk<'_>, delta: &Delta<'_>) {
    let minor = |node: Option<&Node<'_>>| {
        let text = node?.value.as_str()?;
        Some(text.rsplit_once('.')?.0.to_owned())
    };
    let what = "the version of OpenAPI changed";
    match (minor(delta.was()), minor(delta.is())) {
        (Some(a), Some(b)) if a == b => walk.words(delta.at(), delta.side(), what),
        _ => walk.unclassified(delta.at(), delta.side(), what),
    }
}

/// Texts, a few levels deep, each reported by itself.
fn texts<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>, depth: usize) {
    const DEEPEST: usize = 2;
    walk.visit(Some(old), Some(new));
    if depth == DEEPEST || old.map().is_none() || new.map().is_none() {
        return walk.words(new, Side::New, "the words changed");
    }
    for (key, delta) in deltas(Some(old), Some(new)) {
        match &delta {
            Delta::Changed { was, is } if was.value.is_object() && is.value.is_object() => {
                texts(walk, was, is, depth + 1);
            }
            _ => {
                let what = format!("`{key}` {}", delta.verb());
                walk.words(delta.at(), delta.side(), what);
            }
        }
    }
}

/// The ways to authenticate, of which a caller needs one.
pub(super) fn requirements<'a>(
    walk: &mut Walk<'a>,
    [old, new]: [Option<&Node<'a>>; 2],
    delta: &Delta<'a>,
) {
    let (at, side) = (delta.at(), delta.side());
    if too_long(old.map(|n| n.value), new.map(|n| n.value)) {
        return walk.unclassified(at, side, "`security` is too long to be judged");
    }
    let list = |node: Option<&Node<'a>>| node.and_then(|n| n.value.as_array());
    let (Some(was), Some(is)) = (list(old), list(new)) else {
        let verb = verb(old.map(|n| n.value), new.map(|n| n.value));
        let why = "Which key a request needs is now said elsewhere, or not at all.";
        return walk.emit(at, side, format!("`security` {verb}"), Class::Breaking, why);
    };
    if is.is_empty() && !was.is_empty() {
        let why = "A key that is sent all the same does no harm.";
        let what = "no key is needed any more";
        return walk.emit(at, side, what, Class::Compatible, why);
    }
    for gone in was.iter().filter(|way| !is.contains(way)) {
        let what = format!("authenticating with {} is no longer accepted", brief(gone));
        walk.emit(
            at,
            side,
            what,
            Class::Breaking,
            "Callers who authenticate this way are refused.",
        );
    }
    for come in is.iter().filter(|way| !was.contains(way)) {
        let what = format!("authenticating with {} is accepted", brief(come));
        let why = if was.is_empty() {
            (
                Class::Breaking,
                "No key was needed before, and one is needed now.",
            )
        } else {
            (Class::Compatible, "Callers may go on as they do.")
        };
        walk.emit(at, side, what, why.0, why.1);
    }
    if same_set(was, is) {
        walk.rewritten(at, "`security` says what held already");
    }
}

fn webhooks<'a>(walk: &mut Walk<'a>, old: Option<&Node<'a>>, new: Option<&Node<'a>>) {
    let before = walk.activity();
    for (name, delta) in deltas(old, new) {
        let (class, why) = match &delta {
            Delta::Changed { is, .. } => {
                walk.unclassified(is, Side::New, format!("the webhook `{name}` changed"));
                continue;
            }
            Delta::Removed(_) => (Class::Breaking, "Callers who wait for it wait in vain."),
            Delta::Added(_) => (Class::Compatible, "Nobody has asked for it yet."),
        };
        let what = format!("the webhook `{name}` {}", delta.verb());
        walk.emit(delta.at(), delta.side(), what, class, why);
    }
    walk.rewritten_table(before, old, new, "webhooks");
}
