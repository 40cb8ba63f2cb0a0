//! Needs of the generated types, looked up in the document that they are generated from.

use heck::ToPascalCase;
use serde_json::{Value, json};

use super::table::{Row, Table};
use super::{GONE, Verdict};

pub(super) struct Schemas<'a> {
    document: &'a Value,
    table: &'a Table<'a>,
}

impl<'a> Schemas<'a> {
    pub(super) fn of(document: &'a Value, table: &'a Table<'a>) -> Self {
        Self { document, table }
    }

    pub(super) fn verdict(&self, row: &Row<'_>) -> Verdict {
        let (owner, member) = row.split();
        if row.kind != "schema" && self.is_told(owner) {
            return None;
        }
        let found = match row.kind {
            "schema" => return self.schema(row),
            "property" => self.property(owner, member),
            _ => self.value(owner, member),
        };
        match found {
            None => Some(GONE.to_owned()),
            // One line for a schema that is gone, not one for each thing in it or of it.
            Some(_) if row.kind == "property" && self.is_told(row.shape) => None,
            Some(found) => row.compare(&found),
        }
    }

    /// Whether a shape is of a schema that is gone and has a row of its own to say so.
    pub(super) fn is_told(&self, shape: &str) -> bool {
        let name = shape.trim_end_matches('?');
        self.table.lists("schema", name) && self.get(name).is_none()
    }

    fn schema(&self, row: &Row<'_>) -> Verdict {
        let Some(schema) = self.get(row.name) else {
            return Some(GONE.to_owned());
        };
        match row.shape {
            "values" if !is_enumeration(schema) => Some("is no enumeration".to_owned()),
            "built" => {
                let places = self.places(schema);
                let mut required = places.iter().flat_map(|place| required(place));
                let new =
                    required.find(|name| !self.table.lists_member("property", row.name, name))?;
                Some(format!("requires {new}, which nothing in the table sets"))
            }
            _ => None,
        }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.document.get("components")?.get("schemas")?.get(name)
    }

    /// Where properties may stand: in the schema, and in each member of its `allOf`.
    fn places(&self, owner: &'a Value) -> Vec<&'a Value> {
        let parts = owner.get("allOf").and_then(Value::as_array);
        let mut places = vec![owner];
        places.extend(
            parts
                .into_iter()
                .flatten()
                .filter_map(|part| match reference(part) {
                    Some(name) => self.get(name),
                    None => Some(part),
                }),
        );
        places
    }

    fn property(&self, owner: &str, member: &str) -> Option<String> {
        let places = self.places(self.get(owner)?);
        if member == "*" {
            let others = places
                .iter()
                .find_map(|place| place.get("additionalProperties"))?;
            return (*others != Value::Bool(false)).then(|| shape(others).0);
        }
        let node = places
            .iter()
            .find_map(|place| place.get("properties")?.get(member))?;
        let (kind, nullable) = shape(node);
        let mut names = places.iter().flat_map(|place| required(place));
        let optional = nullable || !names.any(|name| name == member);
        Some(if optional { format!("{kind}?") } else { kind })
    }

    /// The variant of a value, if the schema enumerates it.
    fn value(&self, owner: &str, member: &str) -> Option<String> {
        let owner = self.get(owner)?;
        let parts = ["oneOf", "anyOf"]
            .into_iter()
            .filter_map(|key| owner.get(key)?.as_array())
            .flatten();
        let found = parts.chain([owner]).find_map(|place| {
            let values = place.get("enum")?.as_array()?;
            let index = values.iter().position(|value| value == member)?;
            Some((place, index))
        });
        let (place, index) = found?;
        let given = place
            .get("x-enum-varnames")
            .and_then(|names| names.get(index)?.as_str());
        Some(given.map_or_else(|| member.to_pascal_case(), str::to_owned))
    }
}

/// Whether a type has a variant for each of some values and no others.
fn is_enumeration(schema: &Value) -> bool {
    let values = |schema: &Value| schema.get("enum").and_then(Value::as_array).map(Vec::len);
    let single = schema.get("oneOf").and_then(Value::as_array);
    values(schema).is_some()
        || single.is_some_and(|parts| parts.iter().all(|part| values(part) == Some(1)))
}

/// The names that an object's schema requires.
pub(super) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// A type, or the name of a schema; and whether it may be null.
pub(super) fn shape(node: &Value) -> (String, bool) {
    let nullable = node.get("nullable") == Some(&Value::Bool(true));
    if let Some(name) = reference(node) {
        return (name.to_owned(), nullable);
    }
    if let Some(kind) = node.get("type").and_then(Value::as_str) {
        let values = node.get("additionalProperties").map(shape);
        return match values {
            // A map of anything and one of something are different types.
            Some((values, _)) if kind == "object" && values != "any" => {
                (format!("object of {values}"), nullable)
            }
            _ => (kind.to_owned(), nullable),
        };
    }
    let null = json!({"enum": [null]});
    for key in ["allOf", "oneOf", "anyOf"] {
        let parts = node
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let (nulls, others): (Vec<&Value>, Vec<&Value>) = parts.partition(|part| **part == null);
        if let [one] = others.as_slice() {
            let (kind, inner) = shape(one);
            return (kind, nullable || inner || !nulls.is_empty());
        }
    }
    ("any".to_owned(), nullable)
}

pub(super) fn reference(node: &Value) -> Option<&str> {
    node.get("$ref")?
        .as_str()?
        .strip_prefix("#/components/schemas/")
}
