//! Keywords that apply schemas to items.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::Walk;
use super::applicators::IN_PLACE;
use super::schema::{Parts, whole};
use crate::pointer::join;

impl Walk<'_> {
    pub(super) fn arrays(&mut self, source: &Map<String, Value>, parts: &mut Parts, at: &str) {
        let listed = source.get("items").and_then(Value::as_array);
        let prefix = source
            .get("prefixItems")
            .and_then(Value::as_array)
            .or(listed);
        let rest = source.get("items").filter(|items| !items.is_array());
        let rest = rest.or_else(|| {
            let applies = IN_PLACE.iter().any(|key| source.contains_key(*key))
                || source.contains_key("contains");
            source.get("unevaluatedItems").filter(|_| !applies)
        });
        match prefix.filter(|prefix| !prefix.is_empty()) {
            Some(prefix) => self.tuple(prefix, rest, listed.is_some(), parts, at),
            None => match rest {
                Some(Value::Bool(false)) => {
                    self.note(&join(at, "items"), "no items are allowed: maxItems 0");
                    parts.target.insert("items".to_owned(), json!({}));
                    parts.target.insert("maxItems".to_owned(), json!(0));
                }
                Some(schema) => {
                    let lowered = self.schema(schema, &join(at, "items"));
                    parts.target.insert("items".to_owned(), lowered);
                }
                None => {}
            },
        }
        if source.contains_key("unevaluatedItems")
            && rest != source.get("unevaluatedItems")
            && rest.is_none()
        {
            self.loss(
                &join(at, "unevaluatedItems"),
                "3.0 has no unevaluatedItems; other items are not refused",
                "write items where the items are described",
            );
        }
        self.contains(source, parts, at);
    }

    /// 3.0 knows one schema for all items.
    fn tuple(
        &mut self,
        prefix: &[Value],
        rest: Option<&Value>,
        listed: bool,
        parts: &mut Parts,
        at: &str,
    ) {
        let place = join(at, if listed { "items" } else { "prefixItems" });
        let exact = prefix.iter().all(|schema| *schema == prefix[0])
            && (rest == Some(&json!(false)) || rest == Some(&prefix[0]));
        if !exact {
            self.loss(
                &place,
                "3.0 has no prefixItems; each item may be what any of them may be",
                "describe the items with one schema, or use an object",
            );
        }
        let lowered = prefix
            .iter()
            .enumerate()
            .map(|(index, schema)| self.schema(schema, &join(&place, &index.to_string())));
        let mut lowered: Vec<Value> = lowered.collect();
        match rest {
            Some(Value::Bool(false)) => {
                let most = parts
                    .target
                    .get("maxItems")
                    .and_then(Value::as_u64)
                    .unwrap_or(u64::MAX);
                parts
                    .target
                    .insert("maxItems".to_owned(), json!(most.min(prefix.len() as u64)));
            }
            Some(schema) => lowered.push(self.schema(schema, &join(at, "items"))),
            None => lowered.push(json!({})),
        }
        let mut seen = HashSet::new();
        let distinct = lowered
            .into_iter()
            .filter(|schema| seen.insert(schema.clone()));
        let mut members: Vec<Value> = distinct.collect();
        let items = if members.contains(&json!({})) {
            json!({})
        } else if members.len() == 1 {
            members.remove(0)
        } else {
            json!({"anyOf": members})
        };
        parts.target.insert("items".to_owned(), items);
    }

    fn contains(&mut self, source: &Map<String, Value>, parts: &mut Parts, at: &str) {
        let Some(schema) = source.get("contains") else {
            return;
        };
        let place = join(at, "contains");
        let least = source
            .get("minContains")
            .map(whole)
            .and_then(|value| value.as_u64())
            .unwrap_or(1);
        match (least, source.contains_key("maxContains")) {
            (0, false) => self.note(&place, "nothing need be contained, removed"),
            (1, false) => {
                self.note(&place, "not all items may be something else");
                let inner = self.negated(|walk| walk.schema(schema, &place));
                parts
                    .all
                    .push(json!({"not": {"type": "array", "items": {"not": inner}}}));
            }
            _ => self.loss(
                &place,
                "3.0 has no contains; what an array contains is not counted",
                "remove it, or check it elsewhere",
            ),
        }
    }
}
