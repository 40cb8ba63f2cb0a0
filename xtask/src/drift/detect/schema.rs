//! Rules for schemas: what a caller may send, and what may arrive.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::limits;
use super::view::{Closed, Schema, is_null, is_words};
use super::walk::{Flow, Node, Shift, Walk, brief, keys_of, same_set, too_long, verb};
use crate::drift::types::{Class, Side};

/// Two views of what should be the same schema.
pub(super) struct Pair<'a, 'b> {
    pub(super) old: &'b Schema<'a>,
    pub(super) new: &'b Schema<'a>,
    /// Where the new schema begins.
    pub(super) here: &'b Node<'a>,
}

impl<'a> Pair<'a, '_> {
    /// Where a keyword is, in the new document or else in the old one.
    pub(super) fn place(&self, key: &str) -> (Node<'a>, Side) {
        match (self.new.node(key), self.old.node(key)) {
            (Some(node), _) => (node, Side::New),
            (None, Some(node)) => (node, Side::Old),
            (None, None) => (self.here.clone(), Side::New),
        }
    }
}

/// Compares two schemas; whatever they differ in, something is reported.
pub(super) fn compare<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    if old.value == new.value || !walk.visit(Some(old), Some(new)) {
        return;
    }
    let before = walk.activity();
    let mut a = Schema::read(walk.old, old, None);
    let mut b = Schema::read(walk.new, new, None);
    // A wrapper that gains a member, or loses all but one, is a composition on both sides.
    if let Some(form) = a.unlike(&b) {
        a = Schema::read(walk.old, old, Some(form));
    } else if let Some(form) = b.unlike(&a) {
        b = Schema::read(walk.new, new, Some(form));
    }
    let own_layers = (a.layers.len(), b.layers.len());
    match (a.tail.is_some(), b.tail.is_some()) {
        (true, true) => {
            if let (Some(from), Some(to)) = (a.tail.clone(), b.tail.clone()) {
                if from.ptr != to.ptr && from.value != to.value {
                    let what = format!("it refers to `{}` and no longer to `{}`", to.ptr, from.ptr);
                    let why = "What is different there is reported by itself.";
                    walk.emit(new, Side::New, what, Class::Documentation, why);
                }
                walk.enqueue(from, to);
            }
        }
        (true, false) => a.follow(walk.old),
        (false, true) => b.follow(walk.new),
        (false, false) => {}
    }
    let moved = a.layers.len() != own_layers.0 || b.layers.len() != own_layers.1;
    for layer in &a.layers {
        walk.visit(Some(layer), None);
    }
    for layer in &b.layers {
        walk.visit(None, Some(layer));
    }
    let pair = Pair {
        old: &a,
        new: &b,
        here: new,
    };
    if a.dangling != b.dangling {
        walk.unclassified(new, Side::New, "a reference changed that leads nowhere");
    }
    match (a.opaque, b.opaque) {
        (None, None) => keywords(walk, &pair),
        (Some(x), Some(y)) if x == y => {}
        (None, Some(Value::Bool(false))) => {
            walk.shift(
                new,
                Side::New,
                "no value is allowed any more",
                Shift::Narrower,
            );
        }
        (Some(Value::Bool(false)), None) => {
            walk.shift(new, Side::New, "values are allowed now", Shift::Wider);
        }
        _ => walk.unclassified(
            new,
            Side::New,
            "the schema changed into or from what is none",
        ),
    }
    if a.forms != b.forms {
        walk.rewritten(new, "the schema is wrapped in another way");
    }
    // What is written in place on one side and referred to on the other says the same.
    if moved {
        walk.touch();
    }
    // A rule above may have seen no difference in what is written differently; it is still reported.
    if walk.activity() == before {
        walk.unclassified(new, Side::New, "the schema is written in another way");
    }
}

fn keywords<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>) {
    let mut done = BTreeSet::from(["type", "nullable"]);
    let before = walk.activity();
    let closed = values(walk, pair, &mut done);
    kinds(walk, pair, &closed);
    let spelled =
        |schema: &Schema<'a>| (schema.get("type").cloned(), schema.get("nullable").cloned());
    if spelled(pair.old) != spelled(pair.new) && walk.activity() == before {
        let (at, _) = pair.place("type");
        walk.rewritten(&at, "the type is written in another way");
    }
    for key in &pair.old.keys() | &pair.new.keys() {
        let (old, new) = (pair.old.get(key), pair.new.get(key));
        if pair.old.repeated(key) != pair.new.repeated(key) && !is_words(key) {
            let (at, side) = pair.place(key);
            walk.unclassified(
                &at,
                side,
                format!("`{key}` is limited in more than one place"),
            );
        }
        if old == new || done.contains(key) {
            continue;
        }
        let before = walk.activity();
        keyword(walk, pair, key);
        if walk.activity() == before {
            let (at, side) = pair.place(key);
            walk.unclassified(&at, side, format!("`{key}` {}", verb(old, new)));
        }
    }
}

/// Types and nullability, in whichever of the ways they are written.
fn kinds<'a>(
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
    if pair.old.null != pair.new.null && !one_is_any {
        if pair.new.null {
            walk.shift(&at, side, "`null` is allowed now", Shift::Wider);
        } else {
            walk.shift(&at, side, "`null` is no longer allowed", Shift::Narrower);
        }
    }
}

/// Closed lists of values, in whichever of the three ways they are written.
fn values<'a>(
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
    let null = pair.old.null == pair.new.null;
    if old.form != new.form || (walk.activity() == before && null) {
        walk.rewritten(&at, "the same values are listed in another way");
    } else {
        walk.touch();
    }
}

fn keyword<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>, key: &str) {
    let (at, side) = pair.place(key);
    let (old, new) = (pair.old.node(key), pair.new.node(key));
    if is_words(key) {
        let what = format!("`{key}` {}", verb(pair.old.get(key), pair.new.get(key)));
        return walk.words(&at, side, what);
    }
    if limits::compare(walk, pair, key) {
        return;
    }
    match key {
        "properties" => properties(walk, pair),
        "required" => required(walk, pair),
        "additionalProperties" => additional(walk, pair),
        "allOf" | "anyOf" | "oneOf" => members(walk, pair, key),
        "default" => default(walk, pair),
        "items"
        | "contains"
        | "propertyNames"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentSchema" => match (old, new) {
            (Some(old), Some(new)) => compare(walk, &old, &new),
            (None, Some(new)) if allows_all(new.value) => {
                walk.rewritten(&at, format!("`{key}` says what held already"));
            }
            (None, _) => walk.shift(&at, side, format!("`{key}` was added"), Shift::Narrower),
            (_, None) => walk.shift(&at, side, format!("`{key}` was removed"), Shift::Wider),
        },
        "prefixItems" | "patternProperties" | "dependentSchemas" | "$defs" => {
            if let (Some(old), Some(new)) = (old, new) {
                each(walk, &old, &new);
            }
        }
        _ => {}
    }
}

/// Compares what has the same name, or the same index, on both sides.
fn each<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    if !walk.visit(Some(old), Some(new)) {
        return;
    }
    let was: BTreeMap<String, Node<'a>> = old.children().into_iter().collect();
    let is: BTreeMap<String, Node<'a>> = new.children().into_iter().collect();
    for (key, member) in was.iter().filter(|(key, _)| !is.contains_key(*key)) {
        walk.unclassified(member, Side::Old, format!("`{key}` was removed"));
    }
    for (key, member) in &is {
        match was.get(key) {
            Some(was) => compare(walk, was, member),
            None => walk.unclassified(member, Side::New, format!("`{key}` was added")),
        }
    }
}

fn names<'a>(schema: &Schema<'a>) -> BTreeSet<&'a str> {
    let list = schema.get("required").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn has_property(schema: &Schema<'_>, name: &str) -> bool {
    schema
        .get("properties")
        .is_some_and(|p| p.get(name).is_some())
}

fn properties<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>) {
    let (old, new) = (pair.old.node("properties"), pair.new.node("properties"));
    if !walk.visit(old.as_ref(), new.as_ref()) {
        return;
    }
    let map = |node: &Option<Node<'a>>| node.as_ref().and_then(Node::map);
    let required = names(pair.new);
    for name in keys_of(map(&old), map(&new)) {
        let child = |node: &Option<Node<'a>>| node.as_ref().and_then(|n| n.child(name));
        match (child(&old), child(&new)) {
            (Some(old), Some(new)) => compare(walk, &old, &new),
            (Some(old), None) => field_removed(walk, &old, name),
            (None, Some(new)) => field_added(walk, pair, &new, name, required.contains(name)),
            (None, None) => {}
        }
    }
    let kind = |node: &Option<Node<'a>>| node.as_ref().map(|n| n.map().map(|m| m.is_empty()));
    // One side has no properties at all, and the other says so with an empty object.
    if kind(&old) != kind(&new) && [kind(&old), kind(&new)].contains(&Some(Some(true))) {
        let (at, _) = pair.place("properties");
        walk.rewritten(&at, "`properties` is written in another way");
    }
}

fn field_removed(walk: &mut Walk<'_>, at: &Node<'_>, name: &str) {
    let what = format!("the field `{name}` was removed");
    let why = match walk.flow() {
        Some(Flow::Request) => "Callers who send it can no longer, or are ignored.",
        _ => "Callers who read it find it gone.",
    };
    walk.emit(at, Side::Old, what, Class::Breaking, why);
}

fn field_added(
    walk: &mut Walk<'_>,
    pair: &Pair<'_, '_>,
    at: &Node<'_>,
    name: &str,
    required: bool,
) {
    let kind = if required { "required" } else { "optional" };
    let what = format!("the {kind} field `{name}` was added");
    let no = Some(&Value::Bool(false));
    let closed =
        pair.old.get("additionalProperties") == no || pair.old.get("unevaluatedProperties") == no;
    let (class, why) = match (walk.flow(), required) {
        (Some(Flow::Request), true) => (
            Class::Breaking,
            "What callers send today lacks it and is refused.",
        ),
        (Some(Flow::Request), false) => (Class::Compatible, "Callers may leave it out."),
        (Some(Flow::Response), _) if closed => (
            Class::Breaking,
            "The object was closed, so callers' types refuse a field that they do not know.",
        ),
        _ => (
            Class::Compatible,
            "Callers skip the fields of an answer that they do not know.",
        ),
    };
    walk.emit(at, Side::New, what, class, why);
}

fn required<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>) {
    let (at, side) = pair.place("required");
    let (old, new) = (names(pair.old), names(pair.new));
    if old == new {
        let strings = |schema: &Schema<'a>| {
            let list = schema.get("required").map(Value::as_array);
            list.is_none_or(|l| l.is_some_and(|l| l.iter().all(Value::is_string)))
        };
        if strings(pair.old) && strings(pair.new) {
            walk.rewritten(&at, "`required` is written in another way");
        }
        return;
    }
    for name in &new - &old {
        // A field that is new altogether is reported where it is.
        if has_property(pair.new, name) && !has_property(pair.old, name) {
            walk.touch();
            continue;
        }
        walk.shift(
            &at,
            side,
            format!("the field `{name}` is required now"),
            Shift::Narrower,
        );
    }
    for name in &old - &new {
        if has_property(pair.old, name) && !has_property(pair.new, name) {
            walk.touch();
            continue;
        }
        walk.shift(
            &at,
            side,
            format!("the field `{name}` is no longer required"),
            Shift::Wider,
        );
    }
}

/// Whether a schema allows every value.
fn allows_all(schema: &Value) -> bool {
    match schema {
        Value::Bool(all) => *all,
        Value::Object(map) => map.keys().all(|key| is_words(key)),
        _ => false,
    }
}

fn additional<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>) {
    const KEY: &str = "additionalProperties";
    let (at, side) = pair.place(KEY);
    let (old, new) = (pair.old.node(KEY), pair.new.node(KEY));
    let open = |node: &Option<Node<'a>>| node.as_ref().is_none_or(|n| allows_all(n.value));
    let shut = |node: &Option<Node<'a>>| {
        node.as_ref()
            .is_some_and(|n| n.value == &Value::Bool(false))
    };
    match () {
        () if open(&old) && open(&new) => {
            walk.rewritten(&at, "`additionalProperties` says what held already");
        }
        () if shut(&new) => {
            walk.shift(
                &at,
                side,
                "fields that are not named are no longer allowed",
                Shift::Narrower,
            );
        }
        () if shut(&old) => {
            walk.shift(
                &at,
                side,
                "fields that are not named are allowed now",
                Shift::Wider,
            );
        }
        () if open(&old) => {
            walk.shift(
                &at,
                side,
                "fields that are not named are limited now",
                Shift::Narrower,
            );
        }
        () if open(&new) => {
            walk.shift(
                &at,
                side,
                "fields that are not named may be anything now",
                Shift::Wider,
            );
        }
        () => {
            if let (Some(old), Some(new)) = (old, new) {
                compare(walk, &old, &new);
            }
        }
    }
}

fn default<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>) {
    let (at, side) = pair.place("default");
    let what = match (pair.old.get("default"), pair.new.get("default")) {
        (Some(old), Some(new)) => format!("the default goes from {} to {}", brief(old), brief(new)),
        (None, Some(new)) => format!("the default {} was added", brief(new)),
        (Some(old), None) => format!("the default {} was removed", brief(old)),
        (None, None) => return,
    };
    let (class, why) = match (walk.flow(), pair.old.get("default")) {
        (Some(Flow::Request), Some(_)) => (
            Class::Breaking,
            "Callers who leave the value out get another behaviour than today.",
        ),
        (Some(Flow::Request), None) => (
            Class::Compatible,
            "It says what leaving the value out means, which was not said before.",
        ),
        _ => (
            Class::Compatible,
            "It only says what an absent value means.",
        ),
    };
    walk.emit(&at, side, what, class, why);
}

fn members<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>, key: &str) {
    let (at, side) = pair.place(key);
    let (old, new) = (pair.old.node(key), pair.new.node(key));
    let adds_up = key == "allOf";
    let (gain, loss) = if adds_up {
        (Shift::Narrower, Shift::Wider)
    } else {
        (Shift::Wider, Shift::Narrower)
    };
    let (Some(old), Some(new)) = (&old, &new) else {
        let (verb, by) = match new {
            Some(_) => ("was added", Shift::Narrower),
            None => ("was removed", Shift::Wider),
        };
        return walk.shift(&at, side, format!("`{key}` {verb}"), by);
    };
    let (Some(before), Some(after)) = (old.value.as_array(), new.value.as_array()) else {
        return;
    };
    // What is not judged here is reported as unclassified by the caller.
    if too_long(Some(old.value), Some(new.value)) || !walk.visit(Some(old), Some(new)) {
        return;
    }
    let kept = |node: &Node<'a>, others: &[Value]| -> Vec<Node<'a>> {
        let all = node.children().into_iter().map(|(_, member)| member);
        all.filter(|m| !others.contains(m.value) && (adds_up || !is_null(m.value)))
            .collect()
    };
    let (mut gone, mut come) = (kept(old, after), kept(new, before));
    if gone.is_empty() && come.is_empty() {
        if same_set(before, after) || pair.old.null == pair.new.null {
            walk.rewritten(
                &at,
                format!("the members of `{key}` are written in another way"),
            );
        } else {
            walk.touch();
        }
        return;
    }
    // Members that refer to the same schema belong together; what is left is paired as it comes.
    let same =
        |a: &Node<'_>, b: &Node<'_>| a.text("$ref").is_some() && a.text("$ref") == b.text("$ref");
    gone.retain(|was| match come.iter().position(|is| same(was, is)) {
        Some(index) => {
            let is = come.remove(index);
            compare(walk, was, &is);
            false
        }
        None => true,
    });
    let pairs = gone.len().min(come.len());
    for (was, is) in gone
        .drain(..pairs)
        .zip(come.drain(..pairs))
        .collect::<Vec<_>>()
    {
        compare(walk, &was, &is);
    }
    for was in gone {
        walk.shift(
            &was,
            Side::Old,
            format!("a member of `{key}` was removed"),
            loss,
        );
    }
    for is in come {
        walk.shift(
            &is,
            Side::New,
            format!("a member of `{key}` was added"),
            gain,
        );
    }
}
