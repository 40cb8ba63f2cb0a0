//! A schema as its rules want to read it: references and wrappers that mean nothing are seen through.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::node::{LONGEST_CHAIN, Node, target, too_long};

/// Keywords that describe and do not limit.
pub(super) const WORDS: [&str; 8] = [
    "title",
    "description",
    "summary",
    "example",
    "examples",
    "externalDocs",
    "$comment",
    "tags",
];

/// Whether a keyword is words, or an extension, which nothing that speaks the API reads.
pub(super) fn is_words(key: &str) -> bool {
    WORDS.contains(&key) || key.starts_with("x-")
}

/// Whether a keyword may stand beside a wrapper that is seen through.
fn stands_aside(key: &str) -> bool {
    is_words(key) || ["default", "deprecated", "readOnly", "writeOnly", "nullable"].contains(&key)
}

/// Several schema objects that hold at once; where they repeat a keyword, the outer one is read.
pub(super) struct Schema<'a> {
    pub(super) layers: Vec<Node<'a>>,
    hidden: Vec<(usize, &'static str)>,
    whole: Option<&'static str>,
    /// What the innermost layer refers to, as long as it has not been followed.
    pub(super) tail: Option<Node<'a>>,
    /// A reference that leads nowhere.
    pub(super) dangling: Option<&'a str>,
    /// The schema `false`, or something that is no schema at all.
    pub(super) opaque: Option<&'a Value>,
    /// For each layer, what it says of `null` if anything, and whether it adds `null` to what it wraps.
    nulls: Vec<(Option<bool>, bool)>,
    /// The wrappers that were seen through.
    pub(super) forms: Vec<&'static str>,
}

impl<'a> Schema<'a> {
    /// Reads a schema; a composition under the keyword `whole` is left as it is.
    pub(super) fn read(document: &'a Value, node: &Node<'a>, whole: Option<&'static str>) -> Self {
        let mut schema = Self {
            whole,
            layers: Vec::new(),
            hidden: Vec::new(),
            tail: None,
            dangling: None,
            opaque: None,
            nulls: Vec::new(),
            forms: Vec::new(),
        };
        schema.add(document, node.clone());
        schema
    }

    /// Follows the reference that is left, and those that it leads to.
    pub(super) fn follow(&mut self, document: &'a Value) {
        for _ in 0..LONGEST_CHAIN {
            match self.tail.take() {
                Some(next) => self.add(document, next),
                None => return,
            }
        }
        if self.tail.take().is_some() {
            self.dangling = Some("a chain of references without an end");
        }
    }

    fn add(&mut self, document: &'a Value, mut node: Node<'a>) {
        loop {
            let Some(map) = node.map() else {
                if node.value != &Value::Bool(true) {
                    self.opaque = Some(node.value);
                }
                return;
            };
            let layer = self.layers.len();
            self.layers.push(node.clone());
            let adds = ["anyOf", "oneOf"].iter().any(|key| {
                let members = map.get(*key).and_then(Value::as_array);
                members.is_some_and(|list| list.iter().any(is_null))
            });
            self.nulls.push((allows_null(map), adds || nullable(map)));
            if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                self.hidden.push((layer, "$ref"));
                self.tail = target(document, reference);
                if self.tail.is_none() {
                    self.dangling = Some(reference);
                }
                return;
            }
            let wrapped = only_member(&node, map).filter(|(key, _)| Some(*key) != self.whole);
            let Some((key, inner)) = wrapped else {
                return;
            };
            self.hidden.push((layer, key));
            self.forms.push(key);
            node = inner;
        }
    }

    pub(super) fn node(&self, key: &str) -> Option<Node<'a>> {
        let shown = |layer: &usize| !self.hidden.iter().any(|(l, k)| l == layer && *k == key);
        (0..self.layers.len())
            .filter(shown)
            .find_map(|layer| self.layers[layer].child(key))
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.node(key).map(|node| node.value)
    }

    pub(super) fn keys(&self) -> BTreeSet<&'a str> {
        let maps = self.layers.iter().filter_map(Node::map);
        let keys = maps.flat_map(Map::keys).map(String::as_str);
        keys.filter(|key| self.get(key).is_some()).collect()
    }

    /// What every layer says for a keyword, when more than one does.
    pub(super) fn repeated(&self, key: &str) -> Vec<&'a Value> {
        let all: Vec<_> = self.layers.iter().filter_map(|l| l.get(key)).collect();
        if all.len() > 1 { all } else { Vec::new() }
    }

    /// Whether `null` is allowed: every layer that limits the values has to let it pass.
    pub(super) fn null(&self) -> bool {
        let mut allowed = None;
        for (own, adds) in self.nulls.iter().rev() {
            let inner = if *adds { Some(true) } else { allowed };
            allowed = match (*own, inner) {
                (Some(own), Some(inner)) => Some(own && inner),
                (own, inner) => own.or(inner),
            };
        }
        allowed == Some(true)
    }

    /// The types without `null`; `None` where any is allowed.
    pub(super) fn types(&self) -> Option<BTreeSet<&'a str>> {
        let map = self.layers.iter().find_map(|layer| {
            let map = layer.map()?;
            map.contains_key("type").then_some(map)
        })?;
        let mut types = types(map)?;
        types.remove("null");
        Some(types)
    }

    /// The composition that was seen through here and has more than one member in `other`.
    pub(super) fn unlike(&self, other: &Self) -> Option<&'static str> {
        let mut forms = self.forms.iter().copied();
        forms.find(|form| !other.forms.contains(form) && other.get(form).is_some())
    }

    /// Whether nothing here limits what kind of value it is.
    pub(super) fn is_any(&self) -> bool {
        let limits = ["type", "const", "enum", "allOf", "anyOf", "oneOf", "not"];
        self.tail.is_none()
            && self.dangling.is_none()
            && self.opaque.is_none()
            && limits.iter().all(|key| self.get(key).is_none())
    }
}

fn types(map: &Map<String, Value>) -> Option<BTreeSet<&str>> {
    match map.get("type")? {
        Value::String(one) => Some(BTreeSet::from([one.as_str()])),
        Value::Array(many) => Some(many.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

/// The word for it in OpenAPI 3.0, which documents go on using.
fn nullable(map: &Map<String, Value>) -> bool {
    map.get("nullable") == Some(&Value::Bool(true))
}

/// Whether the type and the listed values of one schema object allow `null`; `None` if it has neither.
fn allows_null(map: &Map<String, Value>) -> Option<bool> {
    let typed = types(map).map(|types| types.contains("null") || nullable(map));
    let constant = map.get("const").map(Value::is_null);
    let listed = map.get("enum").and_then(Value::as_array);
    let listed = listed.map(|list| list.contains(&Value::Null));
    let members = ["oneOf", "anyOf"]
        .iter()
        .filter_map(|key| map.get(*key)?.as_array());
    // Members that are single values make a closed list, too.
    let closed = |list: &Vec<Value>| list.iter().all(|one| member_value(one).is_some());
    let members = members.filter(|list| !list.is_empty() && closed(list));
    let members = members.map(|list| list.iter().any(is_null));
    let limits = [typed, constant, listed].into_iter().flatten();
    limits.chain(members).reduce(|a, b| a && b)
}

/// Whether a schema allows `null` and nothing else.
pub(super) fn is_null(schema: &Value) -> bool {
    let Some(map) = schema.as_object() else {
        return false;
    };
    let one = |key| {
        map.get(key)
            .and_then(Value::as_array)
            .is_some_and(|l| l.as_slice() == [Value::Null])
    };
    let null = map.get("type").is_some_and(|t| t == "null")
        || map.get("const") == Some(&Value::Null)
        || one("enum");
    null && map
        .keys()
        .all(|key| is_words(key) || ["type", "const", "enum"].contains(&key.as_str()))
}

/// The member of a composition that has just one beside `null`, where nothing else limits the schema.
fn only_member<'a>(
    node: &Node<'a>,
    map: &'a Map<String, Value>,
) -> Option<(&'static str, Node<'a>)> {
    let key = *["allOf", "anyOf", "oneOf"]
        .iter()
        .find(|key| map.contains_key(**key))?;
    if !map.keys().all(|k| k == key || stands_aside(k)) {
        return None;
    }
    let list = node.child(key)?;
    let members: Vec<_> = list.children();
    // `allOf` with `null` beside something else allows nothing, and is left to the general rule.
    let mut rest = members
        .into_iter()
        .filter(|(_, member)| key == "allOf" || !is_null(member.value));
    match (rest.next(), rest.next()) {
        (Some((_, only)), None) if list.value.is_array() => Some((key, only)),
        _ => None,
    }
}

/// A schema that allows a list of values and nothing else.
pub(super) struct Closed<'a> {
    /// The values, with the place that describes each if it has one.
    pub(super) values: Vec<(&'a Value, Option<Node<'a>>)>,
    /// The keyword that lists them.
    pub(super) form: &'static str,
}

impl<'a> Closed<'a> {
    pub(super) fn of(schema: &Schema<'a>) -> Option<Self> {
        if let Some(node) = schema.node("const") {
            return Some(Self::new(vec![(node.value, None)], "const"));
        }
        let long = |key| too_long(schema.get(key), None);
        if ["enum", "oneOf", "anyOf"].into_iter().any(long) {
            return None;
        }
        if let Some(list) = schema.get("enum").and_then(Value::as_array) {
            let values = list.iter().map(|value| (value, None)).collect();
            return Some(Self::new(values, "enum"));
        }
        ["oneOf", "anyOf"].into_iter().find_map(|form| {
            let list = schema.node(form).filter(|list| list.value.is_array())?;
            let mut values: Vec<(&Value, Option<Node<'_>>)> = Vec::new();
            for (_, member) in list.children() {
                if is_null(member.value) {
                    continue;
                }
                let value = member_value(member.value)?;
                if values.iter().any(|(known, _)| *known == value) {
                    return None;
                }
                values.push((value, Some(member)));
            }
            (!values.is_empty()).then(|| Self::new(values, form))
        })
    }

    fn new(mut values: Vec<(&'a Value, Option<Node<'a>>)>, form: &'static str) -> Self {
        // `null` among others is judged as nullability, as every other spelling of it is.
        if values.len() > 1 {
            values.retain(|(value, _)| !value.is_null());
        }
        Self { values, form }
    }

    pub(super) fn has(&self, value: &Value) -> bool {
        self.values.iter().any(|(v, _)| *v == value)
    }

    /// The types of the values, which stand in for a `type` that is not written.
    pub(super) fn types(&self) -> BTreeSet<&'static str> {
        self.values
            .iter()
            .map(|(value, _)| type_of(value))
            .collect()
    }
}

/// The one value that a member of a composition allows, where it says nothing else.
fn member_value(member: &Value) -> Option<&Value> {
    let map = member.as_object()?;
    let known = |key: &String| is_words(key) || ["type", "const", "enum"].contains(&key.as_str());
    if !map.keys().all(known) || (map.contains_key("const") && map.contains_key("enum")) {
        return None;
    }
    let value = match (map.get("const"), map.get("enum").and_then(Value::as_array)) {
        (Some(value), _) => value,
        (None, Some(list)) if list.len() == 1 => &list[0],
        _ => return None,
    };
    let fits = types(map).is_none_or(|types| types.contains(type_of(value)));
    fits.then_some(value)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
