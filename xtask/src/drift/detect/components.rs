//! Rules for what is declared once and referred to: schemas, responses, parameters, security schemes.

use serde_json::Map;

use super::node::{Node, keys_of, place, verb};
use super::reach::Reach;
use super::view::is_words;
use super::walk::{Flow, Walk};
use super::{body, parameter, schema};
use crate::drift::types::{Class, Side};

/// Compares what has the same name on both sides, in the directions in which it flows.
pub(super) fn compare<'a>(walk: &mut Walk<'a>, reach: &Reach, old: &Node<'a>, new: &Node<'a>) {
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
