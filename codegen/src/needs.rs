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
    let lowered = match lower(document) {
        Ok(lowered) => lowered,
        Err(obstacles) => {
            let missing = |obstacle: &crate::Obstacle| Missing {
                what: "the document".to_owned(),
                needed_by: "every need".to_owned(),
                why: format!("cannot be lowered ({obstacle})"),
            };
            return Err(obstacles.iter().map(missing).collect());
        }
    };
    let operations = operations(lowered.value());
    let shaped = adapt(lowered.value()).document;
    let mut missing = Vec::new();
    for line in needs
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [kind, name, shape, needed_by] = columns.as_slice() else {
            missing.push(Missing {
                what: format!("the line {line:?}"),
                needed_by: "the table".to_owned(),
                why: "does not have four columns".to_owned(),
            });
            continue;
        };
        let found = match *kind {
            "operation" => operations
                .iter()
                .find(|operation| operation.operation_id == *name)
                .map(|operation| format!("{} {}", operation.method, operation.path)),
            "schema" => schema(&shaped, name).map(|_| String::new()),
            "property" => name
                .split_once('.')
                .and_then(|(owner, member)| property(&shaped, owner, member)),
            "value" => name
                .split_once('.')
                .and_then(|(owner, member)| value(&shaped, owner, member)),
            _ => None,
        };
        let why = match found {
            None => "is not in the document".to_owned(),
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
