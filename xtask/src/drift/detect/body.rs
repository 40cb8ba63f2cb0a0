//! Rules for request bodies, responses and the media types of both.

use std::collections::BTreeSet;

use serde_json::Value;

use super::node::{Node, follow, keys_of, place, verb};
use super::parameter::{self, headers};
use super::schema;
use super::view::is_words;
use super::walk::{Flow, Shift, Walk};
use crate::drift::types::{Class, Side};

/// Follows the references on both sides, and notes every place on the way.
fn resolve<'a>(
    walk: &mut Walk<'a>,
    old: &Node<'a>,
    new: &Node<'a>,
) -> Option<(Node<'a>, Node<'a>)> {
    walk.beside(old, new);
    let (was, is) = (walk.resolve(Side::Old, old), walk.resolve(Side::New, new));
    let found = was.zip(is);
    match &found {
        // A reference that goes elsewhere and finds the same there changes nothing.
        Some(_) => walk.touch(),
        None if old.value != new.value => {
            walk.unclassified(new, Side::New, "a reference changed that leads nowhere");
        }
        None => {}
    }
    found
}

pub(super) fn request<'a>(walk: &mut Walk<'a>, old: Option<&Node<'a>>, new: Option<&Node<'a>>) {
    let required = |node: &Node<'a>| node.get("required") == Some(&Value::Bool(true));
    match (old, new) {
        (Some(old), Some(new)) => {
            if let Some((old, new)) = resolve(walk, old, new) {
                request_fields(walk, &old, &new);
            }
        }
        (Some(old), None) => {
            let why = "Callers who send one can no longer, or are ignored.";
            walk.emit(
                old,
                Side::Old,
                "the request body was removed",
                Class::Breaking,
                why,
            );
        }
        (None, Some(new)) => {
            let body = follow(walk.new, new).unwrap_or_else(|| new.clone());
            if required(&body) {
                let why = "What callers send today lacks it and is refused.";
                walk.emit(
                    new,
                    Side::New,
                    "a required request body was added",
                    Class::Breaking,
                    why,
                );
            } else {
                let why = "Callers may leave it out.";
                walk.emit(
                    new,
                    Side::New,
                    "an optional request body was added",
                    Class::Compatible,
                    why,
                );
            }
        }
        (None, None) => {}
    }
}

pub(super) fn request_fields<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    let set = |node: &Node<'a>| node.get("required") == Some(&Value::Bool(true));
    fields(walk, old, new, |walk, key, (at, side)| {
        if key != "required" {
            return false;
        }
        match (set(old), set(new)) {
            (false, true) => walk.shift(
                at,
                side,
                "the request body is required now",
                Shift::Narrower,
            ),
            (true, false) => walk.shift(
                at,
                side,
                "the request body is no longer required",
                Shift::Wider,
            ),
            _ => walk.rewritten(at, "`required` says what held already"),
        }
        true
    });
}

/// The fields that bodies and responses share, and those that `special` knows.
fn fields<'a>(
    walk: &mut Walk<'a>,
    old: &Node<'a>,
    new: &Node<'a>,
    special: impl Fn(&mut Walk<'a>, &str, (&Node<'a>, Side)) -> bool,
) {
    if old.value == new.value || !walk.visit(Some(old), Some(new)) {
        return;
    }
    let before = walk.activity();
    for key in keys_of(old.map(), new.map()) {
        if old.get(key) == new.get(key) {
            continue;
        }
        let (at, side) = place(old, new, key);
        match key {
            "content" => content(walk, old.child(key).as_ref(), new.child(key).as_ref()),
            _ if special(walk, key, (&at, side)) => {}
            _ if is_words(key) => {
                walk.words(
                    &at,
                    side,
                    format!("`{key}` {}", verb(old.get(key), new.get(key))),
                );
            }
            _ => walk.unclassified(
                &at,
                side,
                format!("`{key}` {}", verb(old.get(key), new.get(key))),
            ),
        }
    }
    if walk.activity() == before {
        walk.unclassified(new, Side::New, "it is written in another way");
    }
}

pub(super) fn responses<'a>(walk: &mut Walk<'a>, old: Option<&Node<'a>>, new: Option<&Node<'a>>) {
    if !walk.visit(old, new) {
        return;
    }
    let map = |node: Option<&Node<'a>>| node.and_then(Node::map);
    let before = walk.activity();
    for status in keys_of(map(old), map(new)) {
        let child = |node: Option<&Node<'a>>| node.and_then(|n| n.child(status));
        match (child(old), child(new)) {
            (Some(old), Some(new)) if old.value == new.value => {}
            (Some(old), Some(new)) if status.starts_with("x-") => {
                let what = format!("`{status}` {}", verb(Some(old.value), Some(new.value)));
                walk.words(&new, Side::New, what);
            }
            (Some(old), Some(new)) => {
                if let Some((old, new)) = resolve(walk, &old, &new) {
                    response_fields(walk, &old, &new);
                }
            }
            (Some(old), None) => lone_response(walk, &old, Side::Old, status),
            (None, Some(new)) => lone_response(walk, &new, Side::New, status),
            (None, None) => {}
        }
    }
    if walk.activity() == before
        && let Some(at) = new.or(old)
    {
        walk.unclassified(at, Side::New, "`responses` is written in another way");
    }
}

fn lone_response(walk: &mut Walk<'_>, at: &Node<'_>, side: Side, status: &str) {
    if status.starts_with("x-") {
        return walk.words(at, side, format!("the extension `{status}` came or went"));
    }
    let happy = status.starts_with(['1', '2', '3']);
    let (class, why) = match (side, happy) {
        (Side::Old, true) => (
            Class::Breaking,
            "Callers wait for an answer that does not come any more.",
        ),
        (Side::New, true) => (
            Class::Breaking,
            "Callers of today take an answer with this status for an error.",
        ),
        (Side::Old, false) => (
            Class::Compatible,
            "One way to fail is gone; callers still handle the others.",
        ),
        (Side::New, false) => (
            Class::Compatible,
            "Callers of today see it as an error too, though without its details.",
        ),
    };
    let verb = if side == Side::Old {
        "removed"
    } else {
        "added"
    };
    walk.emit(
        at,
        side,
        format!("the response `{status}` was {verb}"),
        class,
        why,
    );
}

pub(super) fn response_fields<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    fields(walk, old, new, |walk, key, (at, side)| match key {
        "headers" => {
            headers(walk, old.child(key).as_ref(), new.child(key).as_ref());
            true
        }
        "links" => {
            let what = format!("`{key}` {}", verb(old.get(key), new.get(key)));
            walk.words(at, side, what);
            true
        }
        _ => false,
    });
}

/// Compares the media types of a body, a response or a parameter.
pub(super) fn content<'a>(walk: &mut Walk<'a>, old: Option<&Node<'a>>, new: Option<&Node<'a>>) {
    if !walk.visit(old, new) {
        return;
    }
    let map = |node: Option<&Node<'a>>| node.and_then(Node::map);
    let before = walk.activity();
    for media in keys_of(map(old), map(new)) {
        let child = |node: Option<&Node<'a>>| node.and_then(|n| n.child(media));
        match (child(old), child(new)) {
            (Some(old), Some(new)) => media_type(walk, &old, &new),
            (Some(old), None) => {
                let why = match walk.flow() {
                    Some(Flow::Response) => "Callers who read this form receive another or none.",
                    _ => "Callers who send this form are refused.",
                };
                let what = format!("the media type `{media}` was removed");
                walk.emit(&old, Side::Old, what, Class::Breaking, why);
            }
            (None, Some(new)) => {
                let what = format!("the media type `{media}` was added");
                let (class, why) = match walk.flow() {
                    Some(Flow::Response) => (
                        Class::Breaking,
                        "An answer may come in a form that callers do not read.",
                    ),
                    _ => (
                        Class::Compatible,
                        "Callers may go on sending the form that they send.",
                    ),
                };
                walk.emit(&new, Side::New, what, class, why);
            }
            (None, None) => {}
        }
    }
    if walk.activity() == before
        && let Some(at) = new.or(old)
    {
        walk.rewritten(at, "`content` is written in another way");
    }
}

fn media_type<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    if old.value == new.value || !walk.visit(Some(old), Some(new)) {
        return;
    }
    let before = walk.activity();
    for key in keys_of(old.map(), new.map()) {
        if old.get(key) == new.get(key) {
            continue;
        }
        let (at, side) = place(old, new, key);
        let what = format!("`{key}` {}", verb(old.get(key), new.get(key)));
        match (key, old.child(key), new.child(key)) {
            ("schema", Some(old), Some(new)) => schema::compare(walk, &old, &new),
            ("schema", None, _) => walk.shift(&at, side, "a schema was added", Shift::Other),
            ("schema", _, None) => walk.shift(&at, side, "the schema was removed", Shift::Other),
            ("encoding", was, is) => encodings(walk, was.as_ref(), is.as_ref()),
            _ if is_words(key) => walk.words(&at, side, what),
            _ => walk.unclassified(&at, side, what),
        }
    }
    if walk.activity() == before {
        walk.unclassified(new, Side::New, "the media type is written in another way");
    }
}

/// How the parts of a form are written.
fn encodings<'a>(walk: &mut Walk<'a>, old: Option<&Node<'a>>, new: Option<&Node<'a>>) {
    if !walk.visit(old, new) {
        return;
    }
    let map = |node: Option<&Node<'a>>| node.and_then(Node::map);
    let before = walk.activity();
    for part in keys_of(map(old), map(new)) {
        let child = |node: Option<&Node<'a>>| node.and_then(|n| n.child(part));
        match (child(old), child(new)) {
            (Some(old), Some(new)) if old.value == new.value => {}
            (Some(old), Some(new)) => encoding(walk, &old, &new),
            (Some(old), None) => {
                walk.shift(
                    &old,
                    Side::Old,
                    format!("the encoding of `{part}` was removed"),
                    Shift::Wider,
                );
            }
            (None, Some(new)) => {
                walk.shift(
                    &new,
                    Side::New,
                    format!("the encoding of `{part}` was added"),
                    Shift::Narrower,
                );
            }
            (None, None) => {}
        }
    }
    if walk.activity() == before
        && let Some(at) = new.or(old)
    {
        walk.rewritten(at, "`encoding` is written in another way");
    }
}

fn encoding<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    if !walk.visit(Some(old), Some(new)) {
        return;
    }
    let before = walk.activity();
    for key in keys_of(old.map(), new.map()) {
        if old.get(key) == new.get(key) {
            continue;
        }
        let (at, side) = place(old, new, key);
        let what = format!("`{key}` {}", verb(old.get(key), new.get(key)));
        match (key, old.text(key), new.text(key)) {
            ("contentType", Some(was), Some(is)) => {
                let set = |text: &str| -> BTreeSet<String> {
                    text.split(',').map(|t| t.trim().to_lowercase()).collect()
                };
                let (was, is) = (set(was), set(is));
                if was == is {
                    walk.rewritten(&at, "`contentType` is written in another way");
                } else {
                    let shift = Shift::of(was.is_subset(&is), is.is_subset(&was));
                    walk.shift(&at, side, what, shift);
                }
            }
            ("contentType", None, _) => walk.shift(&at, side, what, Shift::Narrower),
            ("contentType", _, None) => walk.shift(&at, side, what, Shift::Wider),
            ("headers", _, _) => {
                parameter::headers(walk, old.child(key).as_ref(), new.child(key).as_ref())
            }
            _ if is_words(key) => walk.words(&at, side, what),
            _ => walk.unclassified(&at, side, what),
        }
    }
    if walk.activity() == before {
        walk.unclassified(new, Side::New, "the encoding is written in another way");
    }
}
