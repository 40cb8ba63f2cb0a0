//! What a document states about single fields, as a table.
//!
//! A generated type cannot say which fields of a JSON object are unknown, or out of range *before*
//! something fails to parse. [`Facts`] can: it holds, for every object among the components, the
//! fields with their types, ranges and enumerations. [`Facts::source`] writes it as a Rust
//! expression for a program that was built from the document.
//!
//! ```
//! use weshop_codegen::facts::{Facts, Kind};
//!
//! let document = serde_json::json!({"components": {"schemas": {
//!     "Order": {"type": "object", "required": ["count"], "additionalProperties": false,
//!               "properties": {"count": {"$ref": "#/components/schemas/Count"}}},
//!     "Count": {"type": "integer", "minimum": 1, "maximum": 16},
//! }}});
//! let facts = Facts::of(&document);
//! let order = &facts.objects[0];
//! assert_eq!((order.name.as_str(), order.closed), ("Order", true));
//! assert_eq!(order.fields[0].kind, Kind::Integer { min: Some(1), max: Some(16) });
//! ```

use std::collections::BTreeMap;

use serde_json::{Map, Value};

mod combine;
mod shape;
mod source;

pub use shape::{Kind, Text};
use shape::{Shape, Walk};

/// The objects among a document's components, by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// One for each component schema that describes an object; ordered by name.
    pub objects: Vec<Object>,
}

/// One component schema that describes an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// The component's name.
    pub name: String,
    /// Whether fields that are not listed are refused (`additionalProperties: false`).
    pub closed: bool,
    /// Its fields, ordered by name.
    pub fields: Vec<Field>,
}

/// One field of an [`Object`].
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name on the wire.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// Whether `null` is a value of it.
    pub nullable: bool,
    /// What else its value must be.
    pub kind: Kind,
}

impl Facts {
    /// Reads a 3.1 document. What it cannot understand it takes to allow anything, so that a
    /// checker built on the facts refuses too little and never too much.
    pub fn of(document: &Value) -> Self {
        let schemas = document
            .pointer("/components/schemas")
            .and_then(Value::as_object);
        let walk = Walk::new(document);
        let mut objects: Vec<Object> = schemas
            .into_iter()
            .flatten()
            .filter_map(|(name, schema)| object(document, &walk, name, schema))
            .collect();
        objects.sort_by(|a, b| a.name.cmp(&b.name));
        Self { objects }
    }
}

/// How many schemas one object is put together from at most.
const MAX_PARTS: usize = 1_000;

fn object(document: &Value, walk: &Walk<'_>, name: &str, schema: &Value) -> Option<Object> {
    if !matches!(walk.of(schema).kind, Kind::Object { .. }) {
        return None;
    }
    let mut gathering = Gathering {
        document,
        walk,
        fields: BTreeMap::new(),
        closed: false,
        cut_short: false,
        parts: MAX_PARTS,
    };
    gathering.add(schema, shape::MAX_DEPTH);
    Some(Object {
        name: name.to_owned(),
        // Fields that were not looked at are not to be refused.
        closed: gathering.closed && !gathering.cut_short,
        fields: gathering.fields.into_values().collect(),
    })
}

/// An object in the making.
struct Gathering<'a> {
    document: &'a Value,
    walk: &'a Walk<'a>,
    fields: BTreeMap<String, Field>,
    closed: bool,
    cut_short: bool,
    parts: usize,
}

impl Gathering<'_> {
    /// Adds the fields of a schema and of all that it builds on (`$ref`, `allOf`).
    fn add(&mut self, schema: &Value, depth: usize) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let required = schema.get("required").and_then(Value::as_array);
        let names = properties.map_or(0, Map::len) + required.map_or(0, Vec::len);
        let (Some(depth), Some(left), true) = (
            depth.checked_sub(1),
            self.parts.checked_sub(1),
            self.walk.spend(names),
        ) else {
            self.cut_short = true;
            return;
        };
        self.parts = left;
        if let Some(target) = shape::target(self.document, schema) {
            self.add(target, depth);
        }
        for part in schema
            .get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            self.add(part, depth);
        }
        self.closed |= schema.get("additionalProperties") == Some(&Value::Bool(false));
        for (name, property) in properties.into_iter().flatten() {
            let shape = self.walk.of(property);
            let field = self.field(name);
            let known = Shape {
                kind: std::mem::replace(&mut field.kind, Kind::Any),
                nullable: field.nullable,
            };
            let both = known.meet(shape);
            (field.kind, field.nullable) = (both.kind, both.nullable);
        }
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            self.field(name).required = true;
        }
    }

    /// The field of that name; a new one may be anything.
    fn field(&mut self, name: &str) -> &mut Field {
        let new = || Field {
            name: name.to_owned(),
            required: false,
            nullable: true,
            kind: Kind::Any,
        };
        self.fields.entry(name.to_owned()).or_insert_with(new)
    }
}

#[cfg(test)]
mod tests;
