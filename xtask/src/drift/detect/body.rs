//! Rules for request bodies, responses and the media types of both.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::delta::{Delta, deltas};
use super::node::{Node, follow};
use super::parameter::headers;
use super::schema;
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
    fields(walk, old, new, |walk, key, delta| {
        if key != "required" {
            return false;
        }
        let (at, side) = (delta.at(), delta.side());
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
    special: impl Fn(&mut Walk<'a>, &str, &Delta<'a>) -> bool,
) {
    if old.value == new.value || !walk.visit(Some(old), Some(new)) {
        return;
    }
    let before = walk.activity();
    for (key, delta) in deltas(Some(old), Some(new)) {
        match key {
            "content" => content(walk, delta.was(), delta.is()),
            _ if special(walk, key, &delta) => {}
            _ => walk.keyword(key, &delta),
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
    let before = walk.activity();
    for (status, delta) in deltas(old, new) {
        match delta {
            _ if status.starts_with("x-") => walk.keyword(status, &delta),
            Delta::Changed { was, is } => {
                if let Some((old, new)) = resolve(walk, &was, &is) {
                    response_fields(walk, &old, &new);
                }
            }
            _ => lone_response(walk, &delta, status, [old, new]),
        }
    }
    walk.rewritten_table(before, old, new, "responses");
}

/// Whether an answer with this status is what callers wait for; `default` is where no other is.
fn happy(status: &str, table: Option<&Node<'_>>) -> bool {
    let good = |status: &str| status.starts_with(['1', '2', '3']);
    let mut all = table.and_then(Node::map).into_iter().flat_map(Map::keys);
    good(status) || (status == "default" && !all.any(|status| good(status)))
}

/// The response that told of an error before it had one of its own, or that tells of it from now on.
fn instead<'a>(table: Option<&Node<'a>>, status: &str) -> Option<Node<'a>> {
    let table = table?;
    let range = status.get(..1).map(|first| format!("{first}XX"));
    let range = range.filter(|range| range != status);
    let wider = range.and_then(|range| table.child(&range));
    wider.or_else(|| table.child("default").filter(|_| status != "default"))
}

/// Whether two responses have the same content and the same headers.
fn alike(walk: &Walk<'_>, old: &Node<'_>, new: &Node<'_>) -> bool {
    let (old, new) = (follow(walk.old, old), follow(walk.new, new));
    let parts = ["content", "headers"];
    old.zip(new)
        .is_some_and(|(old, new)| parts.iter().all(|part| old.get(part) == new.get(part)))
}

fn lone_response<'a>(
    walk: &mut Walk<'a>,
    delta: &Delta<'a>,
    status: &str,
    [old, new]: [Option<&Node<'a>>; 2],
) {
    let happy = match delta.side() {
        Side::Old => happy(status, old),
        Side::New => happy(status, new),
    };
    let unlike = match delta {
        Delta::Removed(was) => instead(new, status).is_some_and(|is| !alike(walk, was, &is)),
        Delta::Added(is) => instead(old, status).is_some_and(|was| !alike(walk, &was, is)),
        Delta::Changed { .. } => false,
    };
    let (class, why) = match (delta.side(), happy) {
        (Side::Old, true) => (
            Class::Breaking,
            "Callers wait for an answer that does not come any more.",
        ),
        (Side::New, true) => (
            Class::Breaking,
            "Callers of today take an answer with this status for an error.",
        ),
        (_, false) if unlike => (
            Class::Unclassified,
            "Callers of today take it for the more general response, which holds something else.",
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
    let what = format!("the response `{status}` {}", delta.verb());
    walk.emit(delta.at(), delta.side(), what, class, why);
}

pub(super) fn response_fields<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    fields(walk, old, new, |walk, key, delta| match key {
        "headers" => {
            headers(walk, delta.was(), delta.is());
            true
        }
        "links" => {
            let what = format!("`{key}` {}", delta.verb());
            walk.words(delta.at(), delta.side(), what);
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
    let before = walk.activity();
    for (media, delta) in deltas(old, new) {
        let response = walk.flow() == Some(Flow::Response);
        let (class, why) = match &delta {
            Delta::Changed { was, is } => {
                media_type(walk, was, is);
                continue;
            }
            Delta::Removed(_) if response => (
                Class::Breaking,
                "Callers who read this form receive another or none.",
            ),
            Delta::Removed(_) => (Class::Breaking, "Callers who send this form are refused."),
            Delta::Added(_) if response => (
                Class::Breaking,
                "An answer may come in a form that callers do not read.",
            ),
            Delta::Added(_) => (
                Class::Compatible,
                "Callers may go on sending the form that they send.",
            ),
        };
        let what = format!("the media type `{media}` {}", delta.verb());
        walk.emit(delta.at(), delta.side(), what, class, why);
    }
    walk.rewritten_table(before, old, new, "content");
}

fn media_type<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    if !walk.visit(Some(old), Some(new)) {
        return;
    }
    let before = walk.activity();
    for (key, delta) in deltas(Some(old), Some(new)) {
        match (key, &delta) {
            ("schema", Delta::Changed { was, is }) => schema::compare(walk, was, is),
            ("schema", Delta::Added(at)) => {
                walk.shift(at, Side::New, "a schema was added", Shift::Other);
            }
            ("schema", Delta::Removed(at)) => {
                walk.shift(at, Side::Old, "the schema was removed", Shift::Other);
            }
            ("encoding", delta) => encodings(walk, delta.was(), delta.is()),
            _ => walk.keyword(key, &delta),
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
    let before = walk.activity();
    for (part, delta) in deltas(old, new) {
        let by = match &delta {
            Delta::Changed { was, is } => {
                encoding(walk, was, is);
                continue;
            }
            // Without one the part is written as its schema suggests.
            Delta::Removed(_) | Delta::Added(_) => Shift::Other,
        };
        let what = format!("the encoding of `{part}` {}", delta.verb());
        walk.shift(delta.at(), delta.side(), what, by);
    }
    walk.rewritten_table(before, old, new, "encoding");
}

fn encoding<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    if !walk.visit(Some(old), Some(new)) {
        return;
    }
    let before = walk.activity();
    for (key, delta) in deltas(Some(old), Some(new)) {
        match key {
            "contentType" => content_type(walk, old.text(key), new.text(key), &delta),
            "headers" => headers(walk, delta.was(), delta.is()),
            _ => walk.keyword(key, &delta),
        }
    }
    if walk.activity() == before {
        walk.unclassified(new, Side::New, "the encoding is written in another way");
    }
}

fn content_type(walk: &mut Walk<'_>, old: Option<&str>, new: Option<&str>, delta: &Delta<'_>) {
    let set = |text: &str| -> BTreeSet<String> {
        text.split(',').map(|t| t.trim().to_lowercase()).collect()
    };
    let by = match (old.map(set), new.map(set)) {
        (Some(was), Some(is)) if was == is => {
            return walk.rewritten(delta.at(), "`contentType` is written in another way");
        }
        (Some(was), Some(is)) => Shift::of(was.is_subset(&is), is.is_subset(&was)),
        // Without one the schema tells the type.
        _ => Shift::Other,
    };
    let what = format!("`contentType` {}", delta.verb());
    walk.shift(delta.at(), delta.side(), what, by);
}
