//! What parameters and the fields of forms can be written as, once references are followed.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::Value;

use super::{is_null, kind, resolved};

/// How many references and choices deep a plain value may be.
const DEPTH: usize = 64;

/// Each schema is looked at once, however many ways lead to it: choices of choices multiply.
pub(super) struct Kinds<'a> {
    document: &'a Value,
    /// What is known already, by the place of a schema in the document.
    known: RefCell<HashMap<*const Value, Option<&'static str>>>,
}

impl<'a> Kinds<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        Self {
            document,
            known: RefCell::default(),
        }
    }

    /// A string, a number, a list, and so on; `None` if it is nothing of the sort.
    pub(super) fn of(&self, schema: &'a Value) -> Option<&'static str> {
        self.read(schema, DEPTH)
    }

    fn read(&self, schema: &'a Value, depth: usize) -> Option<&'static str> {
        let depth = depth.checked_sub(1)?;
        let end = resolved(self.document, schema)?;
        let place: *const Value = end;
        if let Some(known) = self.known.borrow().get(&place) {
            return *known;
        }
        // What is met again within itself is no plain value.
        self.known.borrow_mut().insert(place, None);
        let found = self.look(end, depth);
        self.known.borrow_mut().insert(place, found);
        found
    }

    fn look(&self, end: &'a Value, depth: usize) -> Option<&'static str> {
        if let Some(only) = end
            .get("allOf")
            .and_then(Value::as_array)
            .filter(|members| members.len() == 1)
        {
            return self.read(&only[0], depth);
        }
        match kind(end) {
            Some("string") if end.get("enum").is_some() => Some("enum"),
            Some("string") => Some("string"),
            Some("integer") => Some("integer"),
            Some("number") => Some("number"),
            Some("boolean") => Some("boolean"),
            Some("array") => Some("array"),
            _ => {
                let members = end.get("oneOf").and_then(Value::as_array)?;
                let mut kinds = members
                    .iter()
                    .filter(|member| !is_null(member))
                    .map(|member| self.read(member, depth));
                let first = kinds.next()??;
                kinds.try_fold(first, |kind, other| match other? {
                    "array" => None,
                    other if other == kind => Some(kind),
                    _ => Some("string"),
                })
            }
        }
    }

    /// The items of a list that may be behind references or beside null.
    pub(super) fn items(&self, schema: &'a Value) -> Option<&'a Value> {
        let mut schema = schema;
        for _ in 0..DEPTH {
            let end = resolved(self.document, schema)?;
            if let Some(items) = end.get("items") {
                return Some(items);
            }
            let members = end.get("oneOf").or_else(|| end.get("allOf"))?.as_array()?;
            schema = members.iter().find(|member| !is_null(member))?;
        }
        None
    }
}
