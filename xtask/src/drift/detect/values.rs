//! Rules for the kinds of values that are allowed, and for closed lists of them.

use std::collections::BTreeSet;

use super::node::{Node, brief};
use super::schema::Pair;
use super::view::{Closed, Schema};
use super::walk::{Shift, Walk};
use crate::drift::types::Side;

/// Types and nullability, in whichever of the ways they are written.
pub(super) fn kinds<'a>(
    walk: &mut Walk<'a>,
    pair: &Pair<'a, '_>,
    closed: &(Option<Closed<'a>>, Option<Closed<'a>>),
) {
    let (at, side) = pair.place("type");
    let types = |schema: &Schema<'a>, closed: &Option<Closed<'a>>| {
        schema
            .types()
            .or_else(|| closed.as_ref().map(Closed::types))
    };
    let (old, new) = (types(pair.old, &closed.0), types(pair.new, &closed.1));
    if old != new {
        let within =
            |inner: &Option<BTreeSet<&str>>, outer: &Option<BTreeSet<&str>>| match (inner, outer) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(inner), Some(outer)) => inner
                    .iter()
                    .all(|t| outer.contains(t) || (*t == "integer" && outer.contains("number"))),
            };
        let name = |types: &Option<BTreeSet<&str>>| match types {
            Some(types) => types.iter().copied().collect::<Vec<_>>().join(" or "),
            None => "any".to_owned(),
        };
        let what = format!("the type goes from {} to {}", name(&old), name(&new));
        walk.shift(
            &at,
            side,
            what,
            Shift::of(within(&old, &new), within(&new, &old)),
        );
    }
    let one_is_any = pair.old.is_any() != pair.new.is_any();
    if pair.old.null() != pair.new.null() && !one_is_any {
        if pair.new.null() {
            walk.shift(&at, side, "`null` is allowed now", Shift::Wider);
        } else {
            walk.shift(&at, side, "`null` is no longer allowed", Shift::Narrower);
        }
    }
}

/// Closed lists of values, in whichever of the three ways they are written.
pub(super) fn values<'a>(
    walk: &mut Walk<'a>,
    pair: &Pair<'a, '_>,
    done: &mut BTreeSet<&'static str>,
) -> (Option<Closed<'a>>, Option<Closed<'a>>) {
    let closed = (Closed::of(pair.old), Closed::of(pair.new));
    let forms = ["const", "enum", "oneOf", "anyOf"];
    let others = |schema: &Schema<'a>, form: &str| {
        forms.iter().any(|f| *f != form && schema.get(f).is_some())
    };
    match &closed {
        (Some(old), Some(new)) if !others(pair.old, old.form) && !others(pair.new, new.form) => {
            listed(walk, pair, old, new);
            done.extend(forms);
        }
        (None, Some(new)) if forms.iter().all(|f| pair.old.get(f).is_none()) => {
            let (at, side) = pair.place(new.form);
            let what = format!("only {} values are allowed now", new.values.len());
            walk.shift(&at, side, what, Shift::Narrower);
            done.extend(forms);
        }
        (Some(old), None) if forms.iter().all(|f| pair.new.get(f).is_none()) => {
            let (at, side) = pair.place(old.form);
            walk.shift(
                &at,
                side,
                "other values than those listed are allowed now",
                Shift::Wider,
            );
            done.extend(forms);
        }
        _ => {}
    }
    closed
}

fn listed<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>, old: &Closed<'a>, new: &Closed<'a>) {
    if pair.old.get(old.form) == pair.new.get(new.form) && old.form == new.form {
        return;
    }
    let before = walk.activity();
    let (at, side) = pair.place(new.form);
    for (value, _) in old.values.iter().filter(|(value, _)| !new.has(value)) {
        let what = format!("the value {} was removed", brief(value));
        walk.shift(&at, side, what, Shift::Narrower);
    }
    for (value, node) in &new.values {
        let Some((_, known)) = old.values.iter().find(|(v, _)| v == value) else {
            let what = format!("the value {} was added", brief(value));
            walk.shift(&at, side, what, Shift::Wider);
            continue;
        };
        let words = |node: &Option<Node<'_>>| node.as_ref().map(|n| n.value.clone());
        if old.form == new.form && words(known) != words(node) {
            let what = format!("the words for {} changed", brief(value));
            walk.words(node.as_ref().unwrap_or(&at), Side::New, what);
        }
    }
    let null = pair.old.null() == pair.new.null();
    if old.form != new.form || (walk.activity() == before && null) {
        walk.rewritten(&at, "the same values are listed in another way");
    } else {
        walk.touch();
    }
}
