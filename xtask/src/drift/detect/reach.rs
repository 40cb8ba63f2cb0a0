//! Which operations lead to which component, and which way the data flows there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::operation::{METHODS, label};
use super::walk::{Flow, Node, follow, join};

/// A component or an operation that others lead to.
#[derive(Default)]
struct Users {
    operations: BTreeSet<String>,
    flows: BTreeSet<Flow>,
}

/// The uses of everything in one or more documents.
#[derive(Default)]
pub(super) struct Reach {
    users: BTreeMap<String, Users>,
    labels: BTreeMap<String, String>,
}

/// The names by which people call what is only ever sent, or only ever received.
const SENT: [&str; 5] = ["Request", "Params", "Parameters", "Input", "Body"];
const RECEIVED: [&str; 5] = ["Response", "Result", "Results", "Output", "Reply"];

impl Reach {
    /// Takes in one document.
    pub(super) fn add(&mut self, document: &Value) {
        let graph = links(document);
        let paths = document.get("paths").map(|value| Node {
            ptr: "/paths".to_owned(),
            value,
        });
        for (path, item) in paths.iter().flat_map(Node::children) {
            let item = follow(document, &item).unwrap_or(item);
            for method in METHODS {
                let Some(operation) = item.child(method) else {
                    continue;
                };
                let Some(map) = operation.map() else { continue };
                let label = label(method, &path, map);
                self.labels.insert(operation.ptr.clone(), label.clone());
                let sent = [
                    item.child("parameters"),
                    operation.child("parameters"),
                    operation.child("requestBody"),
                ];
                let received = [operation.child("responses")];
                self.spread(&graph, &label, Flow::Request, sent);
                self.spread(&graph, &label, Flow::Response, received);
            }
        }
        // Types that no operation refers to are still generated, and their names tell what they are for.
        for pointer in graph.keys() {
            let Some(name) = pointer.strip_prefix("/components/schemas/") else {
                continue;
            };
            if self.users.contains_key(pointer) {
                continue;
            }
            if let Some(flow) = flow_of_name(name) {
                self.visit(&graph, None, flow, vec![pointer.clone()]);
            }
        }
    }

    fn spread<'a>(
        &mut self,
        graph: &BTreeMap<String, BTreeSet<String>>,
        label: &str,
        flow: Flow,
        parts: impl IntoIterator<Item = Option<Node<'a>>>,
    ) {
        let mut start = BTreeSet::new();
        for part in parts.into_iter().flatten() {
            references(part.value, &mut start);
        }
        self.visit(graph, Some(label), flow, start);
    }

    fn visit(
        &mut self,
        graph: &BTreeMap<String, BTreeSet<String>>,
        label: Option<&str>,
        flow: Flow,
        start: impl IntoIterator<Item = String>,
    ) {
        let mut queue: VecDeque<String> = start.into_iter().collect();
        let mut seen: BTreeSet<String> = queue.iter().cloned().collect();
        while let Some(pointer) = queue.pop_front() {
            let users = self.users.entry(pointer.clone()).or_default();
            users.flows.insert(flow);
            users.operations.extend(label.map(str::to_owned));
            for next in graph.get(&pointer).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    queue.push_back(next.clone());
                }
            }
        }
    }

    /// The directions in which a component's data flows; both, when nothing tells.
    pub(super) fn flows(&self, pointer: &str) -> Vec<Flow> {
        match self.users.get(pointer) {
            Some(users) if !users.flows.is_empty() => users.flows.iter().copied().collect(),
            _ => vec![Flow::Request, Flow::Response],
        }
    }

    /// The operations that a place bears on.
    pub(super) fn operations(&self, pointer: &str) -> Vec<String> {
        let segments: Vec<&str> = pointer.split('/').skip(1).collect();
        match segments.as_slice() {
            ["paths", path, rest @ ..] => {
                let item = format!("/paths/{path}");
                if let Some(own) = rest.first().and_then(|m| self.labels.get(&join(&item, m))) {
                    return vec![own.clone()];
                }
                let of_item = |(at, _): &(&String, &String)| {
                    at.rsplit_once('/').is_some_and(|(i, _)| i == item)
                };
                self.labels
                    .iter()
                    .filter(of_item)
                    .map(|(_, l)| l.clone())
                    .collect()
            }
            ["components", kind, name, ..] => {
                let root = format!("/components/{kind}/{name}");
                let users = self.users.get(&root);
                users
                    .map(|u| u.operations.iter().cloned().collect())
                    .unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }
}

/// The direction that a name such as `AimodelParams` tells.
fn flow_of_name(name: &str) -> Option<Flow> {
    if SENT.iter().any(|suffix| name.ends_with(suffix)) {
        Some(Flow::Request)
    } else if RECEIVED.iter().any(|suffix| name.ends_with(suffix)) {
        Some(Flow::Response)
    } else {
        None
    }
}

/// For each component, the components that it refers to.
fn links(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut graph = BTreeMap::new();
    let components = document.get("components").map(|value| Node {
        ptr: "/components".to_owned(),
        value,
    });
    for (_, kind) in components.iter().flat_map(Node::children) {
        for (_, entry) in kind.children() {
            let mut found = BTreeSet::new();
            references(entry.value, &mut found);
            graph.insert(entry.ptr, found);
        }
    }
    graph
}

/// The components that are referred to anywhere below a value.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let root = map
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(component_of);
            found.extend(root);
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

fn component_of(reference: &str) -> Option<String> {
    let mut segments = reference.strip_prefix("#/components/")?.split('/');
    let (kind, name) = (segments.next()?, segments.next()?);
    Some(format!("/components/{kind}/{name}"))
}
