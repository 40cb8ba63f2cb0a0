//! What hand-written code needs from the document, so that a missing thing is one line and not a page.
//!
//! A table has one need a line, four columns parted by `|`; blank lines and lines that begin with `#`
//! say nothing:
//!
//! ```text
//! operation | getRun              | GET /runs/{id}   | src/client.rs, Client::read
//! schema    | Params              |                  | src/agent.rs, impl Agent
//! property  | Params.maskType     | MaskType         | src/agent.rs, rule mask-source
//! property  | Params.batchCount   | integer?         | src/agent.rs, rule range
//! value     | MaskType.custom     |                  | src/agent.rs, rule mask-source
//! ```
//!
//! The third column is a shape: an operation's method and path; a property's JSON type or the name of
//! its schema, with `?` if it may be absent or null. An empty one takes any shape.

use std::fmt;

use serde_json::Value;

use crate::adapt::adapt;
use crate::{Document, lower, operations};

/// Something that is needed and not there, or not as it is needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Missing {
    /// What is needed, as the table names it.
    pub what: String,
    /// The file and item that need it.
    pub needed_by: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; {} needs it", self.what, self.why, self.needed_by)
    }
}

/// Holds a document against a table of needs.
///
/// # Errors
/// Everything that is missing or has another shape, in the order of the table. A line of the table that
/// cannot be read is reported as missing too.
pub fn check_needs(document: &Document, needs: &str) -> Result<(), Vec<Missing>> {
    // A reference to a schema that is gone is an obstacle too, and not the news.
    let lowered = lower::leniently(document);
    let operations = operations(&lowered);
    let shaped = adapt(&lowered).document;
    let gone = |name: &str| schema(&shaped, name).is_none();
    let rows: Vec<Vec<&str>> = rows(needs).collect();
    let mut missing = Vec::new();
    for columns in &rows {
        let [kind, name, shape, needed_by] = columns.as_slice() else {
            missing.push(Missing {
                what: format!("the line {:?}", columns.join(" | ")),
                needed_by: "the table of needs".to_owned(),
                why: "does not have four columns".to_owned(),
            });
            continue;
        };
        let (owner, member) = name.split_once('.').unwrap_or((name, ""));
        let found = match *kind {
            "operation" => {
                let found = operations
                    .iter()
                    .find(|operation| operation.operation_id == *name);
                found.map(|operation| format!("{} {}", operation.method, operation.path))
            }
            "schema" => schema(&shaped, name).map(|_| String::new()),
            "property" => property(&shaped, owner, member),
            "value" => value(&shaped, owner, member),
            _ => None,
        };
        let why = match found {
            // One line for a schema that is gone, not one for each thing in it or of it.
            None if matches!(*kind, "property" | "value")
                && gone(owner)
                && listed(&rows, owner) =>
            {
                continue;
            }
            None => "is not in the document".to_owned(),
            Some(_) if *kind == "property" && is_gone(shape, &gone, &rows) => continue,
            Some(found) if !shape.is_empty() && found != *shape => {
                format!("is {found:?} and not {shape:?}")
            }
            Some(_) => continue,
        };
        missing.push(Missing {
            what: format!("{kind} {name}"),
            needed_by: (*needed_by).to_owned(),
            why,
        });
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(missing)
    }
}

fn rows(needs: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = needs
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split('|').map(str::trim).collect())
}

/// Whether a shape is a schema that is reported as gone.
fn is_gone(shape: &str, gone: &impl Fn(&str) -> bool, rows: &[Vec<&str>]) -> bool {
    let name = shape.trim_end_matches('?');
    listed(rows, name) && gone(name)
}

/// Whether the table has a row for a schema.
fn listed(rows: &[Vec<&str>], name: &str) -> bool {
    rows.iter()
        .any(|row| row.first() == Some(&"schema") && row.get(1) == Some(&name))
}

fn schema<'a>(document: &'a Value, name: &str) -> Option<&'a Value> {
    document.get("components")?.get("schemas")?.get(name)
}

/// A property's shape, wherever in an `allOf` it stands.
fn property(document: &Value, owner: &str, member: &str) -> Option<String> {
    let owner = schema(document, owner)?;
    let parts = owner
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut places = vec![owner];
    places.extend(parts.filter_map(|part| match reference(part) {
        Some(name) => schema(document, name),
        None => Some(part),
    }));
    let node = places
        .iter()
        .find_map(|place| place.get("properties")?.get(member))?;
    let named = |place: &&Value| {
        let required = place.get("required").and_then(Value::as_array);
        required.is_some_and(|names| names.iter().any(|name| name == member))
    };
    let (kind, nullable) = shape(node);
    let optional = nullable || !places.iter().any(named);
    Some(if optional { format!("{kind}?") } else { kind })
}

fn shape(node: &Value) -> (String, bool) {
    let nullable = node.get("nullable") == Some(&Value::Bool(true));
    if let Some(name) = reference(node) {
        return (name.to_owned(), nullable);
    }
    if let Some(kind) = node.get("type").and_then(Value::as_str) {
        return (kind.to_owned(), nullable);
    }
    let null = serde_json::json!({"enum": [null]});
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

/// A value's own name, if the schema enumerates it.
fn value(document: &Value, owner: &str, member: &str) -> Option<String> {
    let owner = schema(document, owner)?;
    let parts = ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|key| owner.get(key)?.as_array())
        .flatten();
    let mut places = parts.chain([owner]);
    places
        .any(|place| {
            let values = place.get("enum").and_then(Value::as_array);
            values.is_some_and(|values| values.iter().any(|value| value == member))
        })
        .then(String::new)
}

fn reference(node: &Value) -> Option<&str> {
    node.get("$ref")?
        .as_str()?
        .strip_prefix("#/components/schemas/")
}
