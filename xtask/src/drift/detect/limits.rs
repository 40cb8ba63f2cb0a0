//! Rules for keywords that hold one limit each: ranges, lengths, patterns, formats, flags.

use std::cmp::Ordering;
use std::sync::LazyLock;

use serde_json::{Number, Value};

use super::node::brief;
use super::schema::Pair;
use super::walk::{Flow, Shift, Walk};
use crate::drift::types::Class;

const LOWER: [&str; 5] = [
    "minimum",
    "exclusiveMinimum",
    "minLength",
    "minItems",
    "minProperties",
];
const UPPER: [&str; 6] = [
    "maximum",
    "exclusiveMaximum",
    "maxLength",
    "maxItems",
    "maxProperties",
    "maxContains",
];
/// What holds where `minContains` is not written.
static ONE: LazyLock<Value> = LazyLock::new(|| Value::from(1));
/// Formats that say how a text encodes something else.
const ENCODINGS: [&str; 4] = ["byte", "binary", "base64", "base64url"];
/// Beyond it a float holds whole numbers alone.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
/// Formats where each holds every value of the one before it.
const WIDENING: [[&str; 2]; 2] = [["int32", "int64"], ["float", "double"]];

/// Judges one of these keywords; false if it is none of them.
pub(super) fn compare<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>, key: &str) -> bool {
    let (at, side) = pair.place(key);
    let (old, new) = (pair.old.get(key), pair.new.get(key));
    let shift = match key {
        "minContains" => {
            let said = |value: Option<&'a Value>| value.or(Some(&ONE));
            bound(said(old), said(new), Ordering::Greater)
        }
        _ if LOWER.contains(&key) => bound(old, new, Ordering::Greater),
        _ if UPPER.contains(&key) => bound(old, new, Ordering::Less),
        "multipleOf" => multiple(old, new),
        "uniqueItems" => flag(old, new),
        "pattern" => Some(presence(old, new)),
        // The same text means something else.
        "contentEncoding" | "contentMediaType" => Some(Some(Shift::Other)),
        "format" => Some(format(old, new)),
        "readOnly" | "writeOnly" => return access(walk, pair, key),
        "deprecated" => {
            let class = Class::Compatible;
            let what = match new {
                Some(Value::Bool(true)) => "it is deprecated now",
                _ => "it is no longer deprecated",
            };
            let why = "It works as before; when deprecated, it is announced to go.";
            walk.emit(&at, side, what, class, why);
            return true;
        }
        _ => return false,
    };
    let Some(shift) = shift else {
        return false;
    };
    let what = match (old, new) {
        (Some(old), Some(new)) => format!("`{key}` goes from {} to {}", brief(old), brief(new)),
        (None, Some(new)) => format!("`{key}` {} was added", brief(new)),
        (Some(old), None) => format!("`{key}` {} was removed", brief(old)),
        (None, None) => return true,
    };
    match shift {
        Some(shift) => walk.shift(&at, side, what, shift),
        None => walk.rewritten(&at, what),
    }
    true
}

/// How a bound moved; the inner `None` where it only is written in another way.
fn bound(old: Option<&Value>, new: Option<&Value>, stricter: Ordering) -> Option<Option<Shift>> {
    let moved = match (old, new) {
        (Some(Value::Number(old)), Some(Value::Number(new))) => compare_numbers(new, old)?,
        (None, Some(Value::Number(_))) => stricter,
        (Some(Value::Number(_)), None) => stricter.reverse(),
        _ => return None,
    };
    Some(match moved {
        Ordering::Equal => None,
        _ if moved == stricter => Some(Shift::Narrower),
        _ => Some(Shift::Wider),
    })
}

fn compare_numbers(a: &Number, b: &Number) -> Option<Ordering> {
    let whole = |n: &Number| {
        n.as_i64()
            .map(i128::from)
            .or_else(|| n.as_u64().map(i128::from))
    };
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => {
            let (a, b) = (a.as_f64()?, b.as_f64()?);
            // Larger ones may only be the same because they are rounded.
            let known = a != b || a.abs() < LARGEST_EXACT;
            a.partial_cmp(&b).filter(|_| known)
        }
    }
}

fn multiple(old: Option<&Value>, new: Option<&Value>) -> Option<Option<Shift>> {
    let (old, new) = match (old, new) {
        (None, _) => return Some(Some(Shift::Narrower)),
        (_, None) => return Some(Some(Shift::Wider)),
        (Some(old), Some(new)) => (old, new),
    };
    let (old, new) = (old.as_f64()?, new.as_f64()?);
    if old == new {
        // Larger ones may only be the same because they are rounded.
        return (old.abs() < LARGEST_EXACT).then_some(None);
    }
    let divides = |small: f64, large: f64| {
        let times = large / small;
        times.fract() == 0.0 && times.abs() < LARGEST_EXACT
    };
    Some(Some(Shift::of(divides(new, old), divides(old, new))))
}

fn flag(old: Option<&Value>, new: Option<&Value>) -> Option<Option<Shift>> {
    let set = |value: Option<&Value>| value.map_or(Some(false), Value::as_bool);
    Some(match (set(old)?, set(new)?) {
        (false, true) => Some(Shift::Narrower),
        (true, false) => Some(Shift::Wider),
        _ => None,
    })
}

fn presence(old: Option<&Value>, new: Option<&Value>) -> Option<Shift> {
    Some(match (old, new) {
        (None, _) => Shift::Narrower,
        (_, None) => Shift::Wider,
        _ => Shift::Other,
    })
}

fn format(old: Option<&Value>, new: Option<&Value>) -> Option<Shift> {
    let holds = |small: Option<&Value>, large: Option<&Value>| {
        WIDENING.iter().any(|[narrow, wide]| {
            small.is_some_and(|s| s == narrow) && large.is_some_and(|l| l == wide)
        })
    };
    let encodes = |value: Option<&Value>| {
        let name = value.and_then(Value::as_str);
        name.is_some_and(|name| ENCODINGS.contains(&name))
    };
    match (old, new) {
        _ if encodes(old) || encodes(new) => Some(Shift::Other),
        (Some(_), Some(_)) => Some(Shift::of(holds(old, new), holds(new, old))),
        _ => presence(old, new),
    }
}

/// `readOnly` is about requests, `writeOnly` about responses; a required field that is no longer read-only
/// has to be sent from now on.
fn access<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>, key: &str) -> bool {
    let (at, side) = pair.place(key);
    let set = |value: Option<&Value>| value == Some(&Value::Bool(true));
    let (was, is) = (set(pair.old.get(key)), set(pair.new.get(key)));
    let concerns = match key {
        "readOnly" => Flow::Request,
        _ => Flow::Response,
    };
    let what = match is {
        true => format!("`{key}` holds now"),
        false => format!("`{key}` no longer holds"),
    };
    match (was == is, walk.flow() == Some(concerns), is) {
        (true, _, _) => walk.rewritten(&at, what),
        (false, true, true) => {
            let why = match concerns {
                Flow::Request => "Callers who send it are refused or ignored.",
                Flow::Response => "Callers who read it find it gone.",
            };
            walk.emit(&at, side, what, Class::Breaking, why);
        }
        (false, true, false) if concerns == Flow::Request => {
            let (class, why) = match pair.required {
                Some(true) => (
                    Class::Breaking,
                    "Callers do not send it today, and have to from now on.",
                ),
                Some(false) => (Class::Compatible, "Callers may leave it out."),
                None => (
                    Class::Unclassified,
                    "Whether callers have to send it now is not known.",
                ),
            };
            walk.emit(&at, side, what, class, why);
        }
        _ => {
            let why = "Callers of today neither send nor miss anything.";
            walk.emit(&at, side, what, Class::Compatible, why);
        }
    }
    true
}
