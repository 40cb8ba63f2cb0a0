//! Which operations lead to which component, and which way the data flows there.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use serde_json::Value;

use super::node::{Node, follow, join, percent_decode};
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
    /// Schemas that are referred to where they stand, in the middle of something else.
    strays: BTreeSet<String>,
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
        strays(document, &mut self.strays);
        self.label_all(document);
        let (sent, received) = self.parts(document);
        for (user, used) in &graph {
            for component in used {
                let users = self.users.entry(component.clone()).or_default();
                users.insert(user.clone());
            }
        }
        self.spread(&graph, Flow::Request, sent);
        self.spread(&graph, Flow::Response, received);
        // What no operation refers to is still generated, and its kind or name tells what it is for.
        let used: BTreeSet<&String> = graph
            .iter()
            .flat_map(|(user, used)| used.iter().filter(move |one| *one != user))
            .collect();
        self.unused(&graph, |pointer| {
            told(pointer).or_else(|| both(!used.contains(pointer)))
        });
        // Only circles are left, which may lead to what others lead to as well.
        self.unused(&graph, |pointer| both(told(pointer).is_none()));
    }

    /// Gives directions to components that have none, and to all that they lead to.
    fn unused(
        &mut self,
        graph: &BTreeMap<String, BTreeSet<String>>,
        told: impl Fn(&String) -> Option<Vec<Flow>>,
    ) {
        let mut starts = BTreeMap::<Flow, BTreeSet<String>>::new();
        for pointer in graph
            .keys()
            .filter(|pointer| !self.flows.contains_key(*pointer))
        {
            for flow in told(pointer).into_iter().flatten() {
                starts.entry(flow).or_default().insert(pointer.clone());
            }
        }
        for (flow, start) in starts {
            self.spread(graph, flow, start);
        }
    }

    /// Notes how each operation is called, and what it refers to.
    fn label_all(&mut self, document: &Value) {
        for (path, item) in children(document, "/paths") {
            let item = follow(document, &item).unwrap_or(item);
            for method in METHODS {
                let Some(operation) = item.child(method) else {
                    continue;
                };
                let Some(map) = operation.map() else { continue };
                let label = label(method, &path, map);
                self.labels.insert(operation.ptr.clone(), label);
                let mut found = BTreeSet::new();
                let parts = ["parameters", "requestBody", "responses", "callbacks"];
                let own = parts.into_iter().filter_map(|part| operation.get(part));
                let all = own.chain(item.get("parameters"));
                all.for_each(|part| references(part, &mut found));
                for component in found {
                    let users = self.users.entry(component).or_default();
                    users.insert(operation.ptr.clone());
                }
            }
        }
    }

    /// The components that callers send, and those that they receive.
    ///
    /// Webhooks and callbacks are called by the service, so there everything flows the other way.
    fn parts(&self, document: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
        let items = |pointer: &str, turned: bool| {
            let all = children(document, pointer).into_iter();
            all.map(move |(_, item)| (item, turned))
        };
        let mut open: Vec<(Node<'_>, bool)> = items("/webhooks", true).collect();
        open.extend(items("/paths", false));
        let (mut sent, mut received) = (BTreeSet::new(), BTreeSet::new());
        let mut seen = HashSet::new();
        // Those that only operations lead to are known before those that nothing leads to.
        let mut later: Vec<(Node<'_>, bool)> = items("/components/pathItems", false).collect();
        later.extend(items("/components/pathItems", true));
        let shared = children(document, "/components/callbacks").into_iter();
        later.extend(
            shared
                .flat_map(|(_, callback)| callback.children())
                .map(|(_, item)| (item, true)),
        );
        loop {
            let Some((item, turned)) = open.pop() else {
                let fresh = |(item, _): &(Node<'_>, bool)| {
                    [true, false]
                        .iter()
                        .all(|turned| !seen.contains(&(item.ptr.clone(), *turned)))
                };
                later.retain(fresh);
                if later.is_empty() {
                    return (sent, received);
                }
                open.append(&mut later);
                continue;
            };
            let item = follow(document, &item).unwrap_or(item);
            if !seen.insert((item.ptr.clone(), turned)) {
                continue;
            }
            let (to, from) = match turned {
                false => (&mut sent, &mut received),
                true => (&mut received, &mut sent),
            };
            for operation in METHODS.iter().filter_map(|method| item.child(method)) {
                let requests = ["parameters", "requestBody"];
                let requests = requests.iter().filter_map(|part| operation.get(part));
                requests
                    .chain(item.get("parameters"))
                    .for_each(|part| references(part, to));
                operation
                    .get("responses")
                    .into_iter()
                    .for_each(|part| references(part, from));
                let callbacks = operation.child("callbacks");
                for (_, callback) in callbacks.iter().flat_map(Node::children) {
                    let callback = follow(document, &callback).unwrap_or(callback);
                    if seen.insert((callback.ptr.clone(), !turned)) {
                        let items = callback.children().into_iter();
                        open.extend(items.map(|(_, item)| (item, !turned)));
                    }
                }
            }
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

    /// Schemas that may flow in another direction than what they are a part of.
    pub(super) fn strays(&self) -> &BTreeSet<String> {
        &self.strays
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

/// The directions of a component that nothing refers to, if its kind or its name tells.
fn told(pointer: &str) -> Option<Vec<Flow>> {
    let (kind, name) = pointer.strip_prefix("/components/")?.split_once('/')?;
    match kind {
        "schemas" => flow_of_name(name).map(|flow| vec![flow]),
        "requestBodies" | "parameters" => Some(vec![Flow::Request]),
        "responses" => Some(vec![Flow::Response]),
        // Their parts flow in both directions, and are followed by themselves.
        "pathItems" | "callbacks" => Some(Vec::new()),
        _ => None,
    }
}

fn both(both: bool) -> Option<Vec<Flow>> {
    both.then(|| vec![Flow::Request, Flow::Response])
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
    let pointer = percent_decode(reference.strip_prefix('#')?);
    let mut segments = pointer.strip_prefix("/components/")?.split('/');
    let (kind, name) = (segments.next()?, segments.next()?);
    Some(format!("/components/{kind}/{name}"))
}

/// The schemas that are referred to and are no component by themselves, nor a part of one.
fn strays(document: &Value, found: &mut BTreeSet<String>) {
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                let reference = map.get("$ref").and_then(Value::as_str);
                let pointer = reference.and_then(|r| Some(percent_decode(r.strip_prefix('#')?)));
                found.extend(pointer.filter(|pointer| {
                    let within = pointer.split('/').any(|segment| segment == "schema");
                    within && !pointer.starts_with("/components/schemas/")
                }));
                open.extend(map.values());
            }
            Value::Array(list) => open.extend(list),
            _ => {}
        }
    }
}

/// The entries of a table, with their names.
fn children<'a>(document: &'a Value, pointer: &str) -> Vec<(String, Node<'a>)> {
    let table = Node::at(document, pointer);
    table.iter().flat_map(Node::children).collect()
}
