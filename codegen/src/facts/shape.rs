//! What one schema says about a single value.

use std::cell::Cell;

use serde_json::Value;

use super::combine::least;

/// How many references and combinations deep a schema is followed.
pub(super) const MAX_DEPTH: usize = 32;
/// How many of them are followed for one value: combinations of combinations multiply.
const MAX_STEPS: usize = 10_000;
/// How many are followed, and values and fields looked at, for a whole document.
const MAX_STEPS_IN_ALL: usize = 2_000_000;

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
pub(super) const NOTHING: Shape = Shape {
    kind: Kind::Nothing,
    nullable: false,
};

/// What a local `$ref` leads to.
pub(super) fn target<'a>(document: &'a Value, schema: &Value) -> Option<&'a Value> {
    let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
    document.pointer(pointer)
}

/// Looks at the schemas of a document, at so many and no more.
pub(super) struct Walk<'a> {
    document: &'a Value,
    left: Cell<usize>,
    left_in_all: Cell<usize>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        Self {
            document,
            left: Cell::new(0),
            left_in_all: Cell::new(MAX_STEPS_IN_ALL),
        }
    }

    /// What the schema says about a value.
    pub(super) fn of(&self, schema: &Value) -> Shape {
        self.left.set(MAX_STEPS);
        self.read(schema, MAX_DEPTH)
    }

    /// Whether so much more may be looked at; once that is too much, nothing may.
    pub(super) fn spend(&self, steps: usize) -> bool {
        let left = self.left_in_all.get().checked_sub(steps);
        self.left_in_all.set(left.unwrap_or(0));
        left.is_some()
    }

    fn read(&self, schema: &Value, depth: usize) -> Shape {
        let (Some(depth), Some(left)) = (depth.checked_sub(1), self.left.get().checked_sub(1))
        else {
            return ANYTHING;
        };
        let values = schema.get("enum").and_then(Value::as_array);
        if !self.spend(1 + values.map_or(0, Vec::len)) {
            return ANYTHING;
        }
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
        if let Some(values) = values {
            shape = shape.meet(Shape::any_of(values.iter().map(exactly)));
        }
        for word in ["oneOf", "anyOf"] {
            if let Some(members) = schema.get(word).and_then(Value::as_array) {
                let members = members.iter().map(|member| self.read(member, depth));
                shape = shape.meet(Shape::any_of(members));
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
