//! What is left for typify to merge must be little: it follows every way through a schema, and the
//! properties that two parts describe without end.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{note, resolved};
use crate::Note;
use crate::walk::each_schema;

/// Most combinations of choices within one schema.
const WAYS: usize = 256;
/// Most schemas, names and pairs of names that are looked at for a whole document.
const LOOKS: usize = 1_000_000;
const DEPTH: usize = 32;

/// What could not be merged and is too much to be left becomes any JSON.
pub(super) fn settle(document: &mut Value, notes: &mut Vec<Note>) {
    let source = document.clone();
    let mut left = LOOKS;
    each_schema(document, &mut |schema, at| {
        let mut effort = Effort {
            source: &source,
            left: &mut left,
        };
        if is_several(schema) && effort.of(schema, DEPTH).is_none() {
            let why = "its parts make too many combinations for a type, so anything is taken";
            note(notes, at, why);
            *schema = json!({});
        }
    });
}

fn is_several(schema: &Value) -> bool {
    let Some(object) = schema.as_object() else {
        return false;
    };
    let members = object.get("allOf").and_then(Value::as_array);
    let beside = |key: &String| !matches!(key.as_str(), "allOf" | "description");
    members.is_some_and(|members| members.len() > 1 || object.keys().any(beside))
}

struct Effort<'a, 'l> {
    source: &'a Value,
    left: &'l mut usize,
}

/// What a schema comes to once it is followed.
#[derive(Default)]
struct Parts<'a> {
    /// The combinations of its choices.
    ways: usize,
    /// What is said of each property, whichever way is taken.
    names: BTreeMap<&'a str, Vec<&'a Value>>,
}

impl<'a> Effort<'a, '_> {
    /// `None` if it is too much.
    fn of(&mut self, schema: &'a Value, depth: usize) -> Option<Parts<'a>> {
        let depth = depth.checked_sub(1)?;
        let end = resolved(self.source, schema)?;
        let properties = end.get("properties").and_then(Value::as_object);
        self.look(1 + properties.map_or(0, serde_json::Map::len))?;
        let mut all = Parts {
            ways: 1,
            ..Parts::default()
        };
        for (name, property) in properties.into_iter().flatten() {
            all.names.insert(name, vec![property]);
        }
        // The items of two lists are merged as the properties of two objects are.
        for key in ["items", "additionalProperties"] {
            if let Some(inner) = end.get(key).filter(|inner| inner.is_object()) {
                all.names.entry(key).or_default().push(inner);
            }
        }
        for member in end
            .get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let part = self.of(member, depth)?;
            self.add(&mut all, part)?;
        }
        if let Some(members) = end.get("oneOf").and_then(Value::as_array) {
            let mut either = Parts::default();
            for member in members {
                let part = self.of(member, depth)?;
                either.ways += part.ways;
                for (name, said) in part.names {
                    either.names.entry(name).or_default().extend(said);
                }
            }
            self.add(&mut all, either)?;
        }
        Some(all)
    }

    fn look(&mut self, steps: usize) -> Option<()> {
        let left = self.left.checked_sub(steps);
        *self.left = left.unwrap_or(0);
        left.map(|_| ())
    }

    /// Adds what holds beside the rest.
    fn add(&mut self, all: &mut Parts<'a>, part: Parts<'a>) -> Option<()> {
        all.ways = all
            .ways
            .checked_mul(part.ways)
            .filter(|ways| *ways <= WAYS)?;
        for (name, said) in part.names {
            let known = all.names.entry(name).or_default();
            self.look(1 + known.len() * said.len())?;
            let pairs = known
                .iter()
                .flat_map(|one| said.iter().map(move |other| (*one, *other)));
            if pairs
                .into_iter()
                .any(|(one, other)| self.is_deep(one, other))
            {
                return None;
            }
            known.extend(said);
        }
        Some(())
    }

    /// Whether the merge of two properties would go on into what they hold.
    fn is_deep(&self, one: &'a Value, other: &'a Value) -> bool {
        let reference = |schema: &'a Value| schema.get("$ref");
        let alike = reference(one).is_some() && reference(one) == reference(other);
        let deep = [
            "allOf",
            "oneOf",
            "properties",
            "items",
            "additionalProperties",
        ];
        let is_plain = |schema: &'a Value| {
            resolved(self.source, schema)
                .is_some_and(|end| deep.iter().all(|key| end.get(key).is_none()))
        };
        !(alike || is_plain(one) && is_plain(other))
    }
}
