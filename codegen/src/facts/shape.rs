//! What one schema says about a single value.

use std::cell::Cell;

use serde_json::Value;

/// How many references and combinations deep a schema is followed.
pub(super) const MAX_DEPTH: usize = 32;
/// How many of them are followed for one value: combinations of combinations multiply.
const MAX_STEPS: usize = 10_000;

/// What a value must be, apart from `null`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// Anything: the document does not say, or says it in a way that is not understood here.
    Any,
    /// `true` or `false`.
    Boolean,
    /// A whole number between bounds, both inclusive.
    Integer {
        /// The least value.
        min: Option<i64>,
        /// The greatest value.
        max: Option<i64>,
    },
    /// A number between bounds, both inclusive.
    Number {
        /// The least value.
        min: Option<f64>,
        /// The greatest value.
        max: Option<f64>,
    },
    /// A text.
    String(Text),
    /// A list.
    Array,
    /// An object, with the component's name where there is one.
    Object {
        /// The component that describes it.
        schema: Option<String>,
    },
    /// Nothing but `null`.
    Nothing,
}

/// What a text must be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// The values that it may have; none means any.
    pub values: Vec<String>,
    /// Its least length in characters.
    pub min_length: Option<u64>,
    /// Its greatest length in characters.
    pub max_length: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub(super) kind: Kind,
    pub(super) nullable: bool,
}

const ANYTHING: Shape = Shape {
    kind: Kind::Any,
    nullable: true,
};
const NOTHING: Shape = Shape {
    kind: Kind::Nothing,
    nullable: false,
};

/// What the schema says about a value.
pub(super) fn of(document: &Value, schema: &Value) -> Shape {
    Walk {
        document,
        left: Cell::new(MAX_STEPS),
    }
    .read(schema, MAX_DEPTH)
}

/// What a local `$ref` leads to.
pub(super) fn target<'a>(document: &'a Value, schema: &Value) -> Option<&'a Value> {
    let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
    document.pointer(pointer)
}

struct Walk<'a> {
    document: &'a Value,
    left: Cell<usize>,
}

impl Walk<'_> {
    fn read(&self, schema: &Value, depth: usize) -> Shape {
        let (Some(depth), Some(left)) = (depth.checked_sub(1), self.left.get().checked_sub(1))
        else {
            return ANYTHING;
        };
        self.left.set(left);
        let mut shape = ANYTHING;
        if let Some(target) = target(self.document, schema) {
            let mut referred = self.read(target, depth);
            if let Kind::Object {
                schema: name @ None,
            } = &mut referred.kind
            {
                *name = component(schema);
            }
            shape = shape.meet(referred);
        }
        if let Some(types) = schema.get("type") {
            let named = match types {
                Value::Array(types) => types.iter().map(type_named).fold(NOTHING, Shape::join),
                one => type_named(one),
            };
            shape = shape.meet(named);
        } else if schema.get("properties").is_some() {
            shape = shape.meet(Kind::Object { schema: None }.into());
        }
        if let Some(value) = schema.get("const") {
            shape = shape.meet(exactly(value));
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            shape = shape.meet(values.iter().map(exactly).fold(NOTHING, Shape::join));
        }
        for word in ["oneOf", "anyOf"] {
            if let Some(members) = schema.get(word).and_then(Value::as_array) {
                let members = members.iter().map(|member| self.read(member, depth));
                shape = shape.meet(members.fold(NOTHING, Shape::join));
            }
        }
        for part in schema
            .get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            shape = shape.meet(self.read(part, depth));
        }
        bounded(shape, schema)
    }
}

fn component(schema: &Value) -> Option<String> {
    let name = schema
        .get("$ref")?
        .as_str()?
        .strip_prefix("#/components/schemas/")?;
    (!name.contains('/')).then(|| name.replace("~1", "/").replace("~0", "~"))
}

fn type_named(name: &Value) -> Shape {
    match name.as_str() {
        Some("null") => Shape {
            kind: Kind::Nothing,
            nullable: true,
        },
        Some("boolean") => Kind::Boolean.into(),
        Some("integer") => Kind::Integer {
            min: None,
            max: None,
        }
        .into(),
        Some("number") => Kind::Number {
            min: None,
            max: None,
        }
        .into(),
        Some("string") => Kind::String(Text::default()).into(),
        Some("array") => Kind::Array.into(),
        Some("object") => Kind::Object { schema: None }.into(),
        _ => ANYTHING,
    }
}

fn exactly(value: &Value) -> Shape {
    match value {
        Value::Null => Shape {
            kind: Kind::Nothing,
            nullable: true,
        },
        Value::Bool(_) => Kind::Boolean.into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Kind::Integer {
                min: Some(whole),
                max: Some(whole),
            }
            .into(),
            None => Kind::Number {
                min: number.as_f64(),
                max: number.as_f64(),
            }
            .into(),
        },
        Value::String(text) => Kind::String(Text {
            values: vec![text.clone()],
            ..Text::default()
        })
        .into(),
        Value::Array(_) => Kind::Array.into(),
        Value::Object(_) => Kind::Object { schema: None }.into(),
    }
}

/// Applies the words that bound a value whose type is known by now.
fn bounded(mut shape: Shape, schema: &Value) -> Shape {
    let number = |word: &str| schema.get(word).and_then(Value::as_f64);
    let whole = |word: &str| schema.get(word).and_then(Value::as_i64);
    match &mut shape.kind {
        Kind::Integer { min, max } => {
            let (least, most) = match schema.get("format").and_then(Value::as_str) {
                Some("int32") => (Some(i32::MIN.into()), Some(i32::MAX.into())),
                Some("int64") => (Some(i64::MIN), Some(i64::MAX)),
                _ => (None, None),
            };
            let above = whole("exclusiveMinimum").and_then(|bound| bound.checked_add(1));
            let below = whole("exclusiveMaximum").and_then(|bound| bound.checked_sub(1));
            *min = [*min, least, whole("minimum"), above]
                .into_iter()
                .flatten()
                .max();
            *max = [*max, most, whole("maximum"), below]
                .into_iter()
                .flatten()
                .min();
        }
        Kind::Number { min, max } => {
            *min = [*min, number("minimum"), number("exclusiveMinimum")]
                .into_iter()
                .flatten()
                .reduce(f64::max);
            *max = [*max, number("maximum"), number("exclusiveMaximum")]
                .into_iter()
                .flatten()
                .reduce(f64::min);
        }
        Kind::String(text) => {
            let length = |word: &str| schema.get(word).and_then(Value::as_u64);
            text.min_length = text.min_length.max(length("minLength"));
            text.max_length = least(text.max_length, length("maxLength"));
        }
        _ => {}
    }
    shape
}

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

    /// What satisfies either.
    fn join(self, other: Self) -> Self {
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

fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
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
            let both: Vec<String> = a
                .values
                .into_iter()
                .filter(|value| b.values.contains(value))
                .collect();
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
        let mut seen = std::collections::BTreeSet::new();
        values.retain(|value| seen.insert(value.clone()));
    }
    Text {
        values,
        min_length: a.min_length.min(b.min_length),
        max_length: a_bound_for_both(a.max_length, b.max_length),
    }
}
