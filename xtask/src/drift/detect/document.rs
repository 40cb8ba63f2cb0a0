//! Rules for what stands around the operations: servers, security, components, words.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::node::{Node, brief, keys_of, place, same_set, too_long, verb};
use super::reach::Reach;
use super::view::is_words;
use super::walk::Walk;
use super::{components, operation};
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
    for key in keys_of(old.map(), new.map()) {
        if old.get(key) == new.get(key) {
            continue;
        }
        let (at, side) = place(&old, &new, key);
        let (was, is) = (old.child(key), new.child(key));
        let what = || format!("`{key}` {}", verb(old.get(key), new.get(key)));
        match (key, &was, &is) {
            ("components", Some(_), Some(_)) => {}
            ("paths", Some(was), Some(is)) => operation::compare_paths(walk, was, is),
            ("info" | "tags" | "externalDocs", Some(was), Some(is)) => texts(walk, was, is, 0),
            ("info" | "tags" | "externalDocs", _, _) => walk.words(&at, side, what()),
            ("servers", _, _) => servers(walk, was.as_ref(), is.as_ref(), (&at, side)),
            ("security", _, _) => requirements(walk, was.as_ref(), is.as_ref(), (&at, side)),
            ("webhooks", _, _) => webhooks(walk, was.as_ref(), is.as_ref()),
            ("openapi", _, _) => version(walk, &old, &new),
            _ if is_words(key) => walk.words(&at, side, what()),
            // A whole table of components or paths that one side lacks is reported entry by entry.
            ("components" | "paths", None, Some(_)) | ("components" | "paths", Some(_), None) => {
                one_sided(walk, reach, key, was.as_ref(), is.as_ref());
            }
            _ => walk.unclassified(&at, side, what()),
        }
    }
}

fn one_sided<'a>(
    walk: &mut Walk<'a>,
    reach: &Reach,
    key: &str,
    old: Option<&Node<'a>>,
    new: Option<&Node<'a>>,
) {
    static NONE: LazyLock<Value> = LazyLock::new(|| Value::Object(Map::new()));
    let (Some(there), ptr) = (old.or(new), format!("/{key}")) else {
        return;
    };
    let empty = Node { ptr, value: &NONE };
    if there.value == &*NONE {
        return walk.rewritten(there, format!("an empty `{key}` came or went"));
    }
    let (old, new) = (old.unwrap_or(&empty), new.unwrap_or(&empty));
    match key {
        "paths" => operation::compare_paths(walk, old, new),
        _ => components::compare(walk, reach, old, new),
    }
}

fn version(walk: &mut Walk<'_>, old: &Node<'_>, new: &Node<'_>) {
    let (at, side) = place(old, new, "openapi");
    let minor = |node: &Node<'_>| {
        let text = node.text("openapi")?;
        Some(text.rsplit_once('.')?.0.to_owned())
    };
    let what = "the version of OpenAPI changed";
    match (minor(old), minor(new)) {
        (Some(a), Some(b)) if a == b => walk.words(&at, side, what),
        _ => walk.unclassified(&at, side, what),
    }
}

/// Texts, a few levels deep, each reported by itself.
fn texts<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>, depth: usize) {
    const DEEPEST: usize = 2;
    walk.visit(Some(old), Some(new));
    let maps = (old.map(), new.map());
    if depth == DEEPEST || maps.0.is_none() || maps.1.is_none() {
        return walk.words(new, Side::New, "the words changed");
    }
    for key in keys_of(maps.0, maps.1) {
        if old.get(key) == new.get(key) {
            continue;
        }
        let (at, side) = place(old, new, key);
        match (old.child(key), new.child(key)) {
            (Some(old), Some(new)) if new.value.is_object() && old.value.is_object() => {
                texts(walk, &old, &new, depth + 1);
            }
            _ => walk.words(
                &at,
                side,
                format!("`{key}` {}", verb(old.get(key), new.get(key))),
            ),
        }
    }
}

pub(super) fn servers<'a>(
    walk: &mut Walk<'a>,
    old: Option<&Node<'a>>,
    new: Option<&Node<'a>>,
    (at, side): (&Node<'a>, Side),
) {
    if too_long(old.map(|n| n.value), new.map(|n| n.value)) {
        return walk.unclassified(at, side, "the servers are too many to be judged");
    }
    let before = walk.activity();
    let list = |node: Option<&Node<'a>>| node.map(Node::children).unwrap_or_default();
    let (olds, news) = (list(old), list(new));
    let find = |list: &[(String, Node<'a>)], url: Option<&str>| {
        list.iter()
            .map(|(_, n)| n.clone())
            .find(|n| n.text("url") == url)
    };
    for (_, was) in &olds {
        let url = was.text("url");
        match find(&news, url) {
            None => {
                let what = format!(
                    "the server {} was removed",
                    brief(was.value.get("url").unwrap_or(&Value::Null))
                );
                let why = "Requests, and the key with them, go where the service may no longer be.";
                walk.emit(was, Side::Old, what, Class::Breaking, why);
            }
            Some(is) if is.value != was.value => {
                walk.visit(Some(was), Some(&is));
                for key in keys_of(was.map(), is.map()) {
                    if was.get(key) == is.get(key) {
                        continue;
                    }
                    let (at, side) = place(was, &is, key);
                    let what = format!("`{key}` of a server {}", verb(was.get(key), is.get(key)));
                    match key {
                        "name" => walk.words(&at, side, what),
                        _ if is_words(key) => walk.words(&at, side, what),
                        _ => walk.unclassified(&at, side, what),
                    }
                }
            }
            Some(_) => {}
        }
    }
    for (_, is) in &news {
        if find(&olds, is.text("url")).is_none() {
            let what = format!(
                "the server {} was added",
                brief(is.value.get("url").unwrap_or(&Value::Null))
            );
            let why = "Requests go where they went.";
            walk.emit(is, Side::New, what, Class::Compatible, why);
        }
    }
    if walk.activity() == before {
        let what = "the order of the servers changed";
        let why = "The first one is where generated clients send requests.";
        walk.emit(at, side, what, Class::Unclassified, why);
    }
}

/// The ways to authenticate, of which a caller needs one.
pub(super) fn requirements<'a>(
    walk: &mut Walk<'a>,
    old: Option<&Node<'a>>,
    new: Option<&Node<'a>>,
    (at, side): (&Node<'a>, Side),
) {
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
    let map = |node: Option<&Node<'a>>| node.and_then(Node::map);
    let before = walk.activity();
    for name in keys_of(map(old), map(new)) {
        let child = |node: Option<&Node<'a>>| node.and_then(|n| n.child(name));
        match (child(old), child(new)) {
            (Some(old), Some(new)) if old.value == new.value => {}
            (None, Some(new)) => {
                let why = "Nobody has asked for it yet.";
                walk.emit(
                    &new,
                    Side::New,
                    format!("the webhook `{name}` was added"),
                    Class::Compatible,
                    why,
                );
            }
            (Some(old), None) => {
                let why = "Callers who wait for it wait in vain.";
                walk.emit(
                    &old,
                    Side::Old,
                    format!("the webhook `{name}` was removed"),
                    Class::Breaking,
                    why,
                );
            }
            (_, Some(new)) => {
                walk.unclassified(&new, Side::New, format!("the webhook `{name}` changed"))
            }
            (None, None) => {}
        }
    }
    if walk.activity() == before
        && let Some(at) = new.or(old)
    {
        walk.rewritten(at, "`webhooks` is written in another way");
    }
}
