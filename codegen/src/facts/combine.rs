//! What satisfies both of two shapes, and what satisfies either.

use std::collections::HashSet;

use super::shape::{Kind, NOTHING, Shape, Text};

impl From<Kind> for Shape {
    fn from(kind: Kind) -> Self {
        Self {
            kind,
            nullable: false,
        }
    }
}

impl Shape {
    /// What satisfies both.
    pub(super) fn meet(self, other: Self) -> Self {
        Self {
            nullable: self.nullable && other.nullable,
            kind: meet(self.kind, other.kind),
        }
    }

    /// What satisfies any of several.
    pub(super) fn any_of(shapes: impl Iterator<Item = Self>) -> Self {
        let mut all = shapes.fold(NOTHING, Self::join);
        if let Kind::String(text) = &mut all.kind {
            let mut seen = HashSet::new();
            text.values.retain(|value| seen.insert(value.clone()));
        }
        all
    }

    /// What satisfies either, its values perhaps twice.
    pub(super) fn join(self, other: Self) -> Self {
        Self {
            nullable: self.nullable || other.nullable,
            kind: join(self.kind, other.kind),
        }
    }
}

fn meet(one: Kind, other: Kind) -> Kind {
    use Kind::{Any, Array, Boolean, Integer, Nothing, Number, Object};
    match (one, other) {
        (Any, kind) | (kind, Any) => kind,
        (Boolean, Boolean) => Boolean,
        (Array, Array) => Array,
        (Integer { min: a, max: b }, Integer { min: c, max: d }) => Integer {
            min: a.max(c),
            max: least(b, d),
        },
        (Number { min: a, max: b }, Number { min: c, max: d }) => Number {
            min: [a, c].into_iter().flatten().reduce(f64::max),
            max: [b, d].into_iter().flatten().reduce(f64::min),
        },
        // The bounds of the number are dropped: too wide is the safe side.
        (Integer { min, max }, Number { .. }) | (Number { .. }, Integer { min, max }) => {
            Integer { min, max }
        }
        (Kind::String(a), Kind::String(b)) => match narrower(a, b) {
            Some(text) => Kind::String(text),
            None => Nothing,
        },
        (Object { schema: a }, Object { schema: b }) => Object { schema: a.or(b) },
        _ => Nothing,
    }
}

fn join(one: Kind, other: Kind) -> Kind {
    use Kind::{Any, Array, Boolean, Integer, Nothing, Number, Object};
    match (one, other) {
        (Nothing, kind) | (kind, Nothing) => kind,
        (Boolean, Boolean) => Boolean,
        (Array, Array) => Array,
        (Integer { min: a, max: b }, Integer { min: c, max: d }) => Integer {
            min: a.min(c),
            max: a_bound_for_both(b, d),
        },
        (Number { .. } | Integer { .. }, Number { .. } | Integer { .. }) => Number {
            min: None,
            max: None,
        },
        (Kind::String(a), Kind::String(b)) => Kind::String(wider(a, b)),
        (Object { schema: a }, Object { schema: b }) => Object {
            schema: if a == b { a } else { None },
        },
        _ => Any,
    }
}

pub(super) fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    [one, other].into_iter().flatten().min()
}

fn a_bound_for_both<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    Some(one?.max(other?))
}

fn narrower(a: Text, b: Text) -> Option<Text> {
    let values = match (a.values.is_empty(), b.values.is_empty()) {
        (true, _) => b.values,
        (_, true) => a.values,
        _ => {
            let b: HashSet<String> = b.values.into_iter().collect();
            let values = a.values.into_iter();
            let both: Vec<String> = values.filter(|value| b.contains(value)).collect();
            if both.is_empty() {
                return None;
            }
            both
        }
    };
    Some(Text {
        values,
        min_length: a.min_length.max(b.min_length),
        max_length: least(a.max_length, b.max_length),
    })
}

fn wider(a: Text, b: Text) -> Text {
    let mut values = Vec::new();
    if !a.values.is_empty() && !b.values.is_empty() {
        values = a.values;
        values.extend(b.values);
    }
    Text {
        values,
        min_length: a.min_length.min(b.min_length),
        max_length: a_bound_for_both(a.max_length, b.max_length),
    }
}
