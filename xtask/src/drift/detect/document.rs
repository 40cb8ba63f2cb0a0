//! Rules for what stands around the operations: servers, security, components, words.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::reach::Reach;
use super::view::is_words;
use super::walk::{Flow, Node, Walk, brief, keys_of, place, same_set, too_long, verb};
use super::{body, operation, parameter, schema};
use crate::drift::types::{Class, Side};

pub(super) fn compare<'a>(walk: &mut Walk<'a>, reach: &Reach) {
    let (old, new) = (Node::root(walk.old), Node::root(walk.new));
    if old.value == new.value || !walk.visit(Some(&old), Some(&new)) {
        return;
    }
    // First, so that what both documents call by one name is judged in the direction that it flows.
    if let (Some(old), Some(new)) = (old.child("components"), new.child("components")) {
        components(walk, reach, &old, &new);
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
    let empty = Node { ptr, value: &*NONE };
    if there.value == &*NONE {
        return walk.rewritten(there, format!("an empty `{key}` came or went"));
    }
    let (old, new) = (old.unwrap_or(&empty), new.unwrap_or(&empty));
    match key {
        "paths" => operation::compare_paths(walk, old, new),
        _ => components(walk, reach, old, new),
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
        walk.rewritten(at, "the order of `security` changed");
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

/// Compares what has the same name on both sides, in the directions in which it flows.
fn components<'a>(walk: &mut Walk<'a>, reach: &Reach, old: &Node<'a>, new: &Node<'a>) {
    walk.visit(Some(old), Some(new));
    for kind in keys_of(old.map(), new.map()) {
        let (at, side) = place(old, new, kind);
        let (was, is) = (old.child(kind), new.child(kind));
        if was.as_ref().map(|n| n.value) == is.as_ref().map(|n| n.value) {
            continue;
        }
        if is_words(kind) || ["examples", "links"].contains(&kind) {
            walk.words(
                &at,
                side,
                format!("`{kind}` {}", verb(old.get(kind), new.get(kind))),
            );
            continue;
        }
        walk.visit(was.as_ref(), is.as_ref());
        let map = |node: &Option<Node<'a>>| node.as_ref().and_then(Node::map);
        if map(&was).is_none_or(Map::is_empty) && map(&is).is_none_or(Map::is_empty) {
            walk.rewritten(&at, format!("`{kind}` is written in another way"));
        }
        if [&was, &is]
            .into_iter()
            .flatten()
            .any(|node| node.map().is_none())
        {
            walk.unclassified(
                &at,
                side,
                format!("`{kind}` changed into or from what is no table"),
            );
        }
        for name in keys_of(map(&was), map(&is)) {
            let child = |node: &Option<Node<'a>>| node.as_ref().and_then(|n| n.child(name));
            match (child(&was), child(&is)) {
                (Some(old), Some(new)) if old.value == new.value => {}
                (Some(old), Some(new)) => {
                    for flow in reach.flows(&new.ptr) {
                        walk.flowing(Some(flow), |walk| component(walk, kind, &old, &new));
                    }
                }
                // What others refer to is judged where they do, so the rest is known only at the end.
                (Some(old), None) => walk.later(old, Side::Old),
                (None, Some(new)) => walk.later(new, Side::New),
                (None, None) => {}
            }
        }
    }
}

fn component<'a>(walk: &mut Walk<'a>, kind: &str, old: &Node<'a>, new: &Node<'a>) {
    if kind != "schemas" {
        walk.beside(old, new);
    }
    let (was, is) = match kind {
        "schemas" => {
            walk.enqueue(old.clone(), new.clone());
            return;
        }
        _ => match (walk.resolve(Side::Old, old), walk.resolve(Side::New, new)) {
            (Some(was), Some(is)) => (was, is),
            _ => {
                return walk.unclassified(new, Side::New, "a reference changed that leads nowhere");
            }
        },
    };
    match kind {
        "responses" => walk.flowing(Some(Flow::Response), |w| {
            body::response_fields(w, &was, &is)
        }),
        "requestBodies" => {
            walk.flowing(Some(Flow::Request), |w| body::request_fields(w, &was, &is))
        }
        "parameters" => walk.flowing(Some(Flow::Request), |w| parameter_pair(w, &was, &is)),
        "headers" => parameter::fields(walk, &was, &is),
        "securitySchemes" => walk.flowing(None, |walk| scheme(walk, &was, &is)),
        _ => walk.unclassified(new, Side::New, "it changed"),
    }
}

fn parameter_pair<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    for key in ["name", "in"] {
        if old.get(key) != new.get(key) {
            let (at, side) = place(old, new, key);
            let what = format!(
                "`{key}` of a shared parameter {}",
                verb(old.get(key), new.get(key))
            );
            let why = "Callers send it under the old name or in the old place.";
            walk.emit(&at, side, what, Class::Breaking, why);
        }
    }
    parameter::fields(walk, old, new);
}

fn scheme<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    for key in keys_of(old.map(), new.map()) {
        if old.get(key) == new.get(key) {
            continue;
        }
        let (at, side) = place(old, new, key);
        let what = format!("`{key}` {}", verb(old.get(key), new.get(key)));
        if is_words(key) || key == "bearerFormat" {
            walk.words(&at, side, what);
        } else {
            let why = "Callers authenticate in the old way and are refused.";
            walk.emit(&at, side, what, Class::Breaking, why);
        }
    }
    if old.map().is_none() || new.map().is_none() {
        schema_like(walk, new);
    }
}

fn schema_like(walk: &mut Walk<'_>, at: &Node<'_>) {
    walk.unclassified(at, Side::New, "it changed into or from what is no object");
}

/// Judges a component that only one document has and that nothing led to.
fn lone_component(walk: &mut Walk<'_>, at: &Node<'_>, side: Side) {
    let name = at.ptr.rsplit('/').next().unwrap_or_default();
    let name = name.replace("~1", "/").replace("~0", "~");
    let (class, why, verb) = match side {
        Side::Old => (
            Class::Breaking,
            "Nothing refers to it any more, but callers may name the type that is generated from it.",
            "removed",
        ),
        Side::New => (
            Class::Compatible,
            "Callers of today do not know it.",
            "added",
        ),
    };
    walk.emit(
        at,
        side,
        format!("the component `{name}` was {verb}"),
        class,
        why,
    );
}

/// Compares the pairs of schemas that references led to, until none is left; then what nothing led to.
pub(super) fn drain(walk: &mut Walk<'_>) {
    while let Some((old, new, flow)) = walk.queue.pop_front() {
        // Equal schemas under two names are judged too: there is nothing to say of them.
        walk.visit(Some(&old), Some(&new));
        walk.flowing(Some(flow), |walk| schema::compare(walk, &old, &new));
    }
    for (component, side) in walk.postponed() {
        if !walk.visited(side, &component.ptr) {
            lone_component(walk, &component, side);
        }
    }
}
