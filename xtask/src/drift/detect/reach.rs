//! Which operations lead to which component, and which way the data flows there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::node::{Node, follow, join};
use super::operation::{METHODS, label};
use super::walk::Flow;

/// The uses of everything in one or more documents.
#[derive(Default)]
pub(super) struct Reach {
    flows: BTreeMap<String, BTreeSet<Flow>>,
    /// For each component, the components and operations that refer to it.
    users: BTreeMap<String, BTreeSet<String>>,
    /// How each operation is called.
    labels: BTreeMap<String, String>,
}

/// More operations than anybody reads in one place.
const MOST_OPERATIONS: usize = 20;

/// The names by which people call what is only ever sent, or only ever received.
const SENT: [&str; 5] = ["Request", "Params", "Parameters", "Input", "Body"];
const RECEIVED: [&str; 5] = ["Response", "Result", "Results", "Output", "Reply"];

impl Reach {
    /// Takes in one document.
    pub(super) fn add(&mut self, document: &Value) {
        let graph = links(document);
        let (mut sent, mut received) = (BTreeSet::new(), BTreeSet::new());
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
                self.labels.insert(operation.ptr.clone(), label);
                let request = [
                    item.child("parameters"),
                    operation.child("parameters"),
                    operation.child("requestBody"),
                ];
                self.starts(&operation.ptr, request, &mut sent);
                self.starts(
                    &operation.ptr,
                    [operation.child("responses")],
                    &mut received,
                );
            }
        }
        for (user, used) in &graph {
            for component in used {
                let users = self.users.entry(component.clone()).or_default();
                users.insert(user.clone());
            }
        }
        self.spread(&graph, Flow::Request, sent);
        self.spread(&graph, Flow::Response, received);
        // Types that no operation refers to are still generated, and their names tell what they are for.
        let named = |flow| {
            let schemas = graph.keys().filter(|pointer| {
                let name = pointer.strip_prefix("/components/schemas/");
                name.and_then(flow_of_name) == Some(flow) && !self.flows.contains_key(*pointer)
            });
            schemas.cloned().collect::<BTreeSet<_>>()
        };
        let (sent, received) = (named(Flow::Request), named(Flow::Response));
        self.spread(&graph, Flow::Request, sent);
        self.spread(&graph, Flow::Response, received);
    }

    /// Adds what an operation's parts refer to.
    fn starts<'a>(
        &mut self,
        operation: &str,
        parts: impl IntoIterator<Item = Option<Node<'a>>>,
        start: &mut BTreeSet<String>,
    ) {
        let mut found = BTreeSet::new();
        for part in parts.into_iter().flatten() {
            references(part.value, &mut found);
        }
        for component in found {
            let users = self.users.entry(component.clone()).or_default();
            users.insert(operation.to_owned());
            start.insert(component);
        }
    }

    /// Gives a direction to all that can be reached.
    fn spread(
        &mut self,
        graph: &BTreeMap<String, BTreeSet<String>>,
        flow: Flow,
        start: BTreeSet<String>,
    ) {
        for pointer in reached(start, |pointer| graph.get(pointer)) {
            self.flows.entry(pointer).or_default().insert(flow);
        }
    }

    /// The directions in which a component's data flows; both, when nothing tells.
    pub(super) fn flows(&self, pointer: &str) -> Vec<Flow> {
        match self.flows.get(pointer) {
            Some(flows) => flows.iter().copied().collect(),
            None => vec![Flow::Request, Flow::Response],
        }
    }

    /// The operations that a place bears on.
    pub(super) fn operations(&self, pointer: &str) -> Vec<String> {
        let segments: Vec<&str> = pointer.split('/').skip(1).collect();
        let labels: BTreeSet<&String> = match segments.as_slice() {
            ["paths", path, rest @ ..] => {
                let item = format!("/paths/{path}");
                let own = rest.first().map(|method| join(&item, method));
                match own.and_then(|own| self.labels.get(&own)) {
                    Some(own) => BTreeSet::from([own]),
                    None => {
                        let all = self.labels.range(format!("{item}/")..);
                        let below = |(at, _): &(&String, _)| {
                            at.rsplit_once('/').is_some_and(|(i, _)| i == item)
                        };
                        all.take_while(below).map(|(_, label)| label).collect()
                    }
                }
            }
            ["components", kind, name, ..] => {
                let root = format!("/components/{kind}/{name}");
                let users = reached(BTreeSet::from([root]), |place| self.users.get(place));
                users
                    .iter()
                    .filter_map(|user| self.labels.get(user))
                    .collect()
            }
            _ => BTreeSet::new(),
        };
        let more = labels.len().saturating_sub(MOST_OPERATIONS);
        let shown = labels.into_iter().take(MOST_OPERATIONS).cloned();
        let rest = (more > 0).then(|| format!("{more} more operations"));
        shown.chain(rest).collect()
    }
}

/// Everything that can be reached, where it begins included.
fn reached<'a>(
    start: BTreeSet<String>,
    next: impl Fn(&str) -> Option<&'a BTreeSet<String>>,
) -> BTreeSet<String> {
    let mut queue: VecDeque<String> = start.iter().cloned().collect();
    let mut seen = start;
    while let Some(pointer) = queue.pop_front() {
        for next in next(&pointer).into_iter().flatten() {
            if seen.insert(next.clone()) {
                queue.push_back(next.clone());
            }
        }
    }
    seen
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
