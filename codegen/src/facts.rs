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

use serde_json::Value;

mod shape;
mod source;

use shape::Shape;
pub use shape::{Kind, Text};

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
        let mut objects: Vec<Object> = schemas
            .into_iter()
            .flatten()
            .filter_map(|(name, schema)| object(document, name, schema))
            .collect();
        objects.sort_by(|a, b| a.name.cmp(&b.name));
        Self { objects }
    }
}

/// How many schemas one object is put together from at most.
const MAX_PARTS: usize = 1_000;

fn object(document: &Value, name: &str, schema: &Value) -> Option<Object> {
    if !matches!(shape::of(document, schema).kind, Kind::Object { .. }) {
        return None;
    }
    let mut object = Object {
        name: name.to_owned(),
        closed: false,
        fields: Vec::new(),
    };
    let mut parts = MAX_PARTS;
    gather(document, schema, &mut object, &mut parts, shape::MAX_DEPTH);
    object.fields.sort_by(|a, b| a.name.cmp(&b.name));
    Some(object)
}

/// Adds the fields of a schema and of all that it builds on (`$ref`, `allOf`).
fn gather(document: &Value, schema: &Value, object: &mut Object, parts: &mut usize, depth: usize) {
    let (Some(depth), Some(left)) = (depth.checked_sub(1), parts.checked_sub(1)) else {
        return;
    };
    *parts = left;
    if let Some(target) = shape::target(document, schema) {
        gather(document, target, object, parts, depth);
    }
    for part in schema
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        gather(document, part, object, parts, depth);
    }
    object.closed |= schema.get("additionalProperties") == Some(&Value::Bool(false));
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let shape = shape::of(document, property);
        match object.fields.iter_mut().find(|field| field.name == *name) {
            Some(field) => {
                let known = Shape {
                    kind: field.kind.clone(),
                    nullable: field.nullable,
                };
                let both = known.meet(shape);
                (field.kind, field.nullable) = (both.kind, both.nullable);
            }
            None => object.fields.push(Field {
                name: name.clone(),
                required: false,
                nullable: shape.nullable,
                kind: shape.kind,
            }),
        }
    }
    for name in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let Some(name) = name.as_str() else { continue };
        match object.fields.iter_mut().find(|field| field.name == name) {
            Some(field) => field.required = true,
            None => object.fields.push(Field {
                name: name.to_owned(),
                required: true,
                nullable: true,
                kind: Kind::Any,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
