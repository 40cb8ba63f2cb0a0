//! What each change of the document does to the generated API.

use serde_json::Value;

use super::types::{ApiChange, Change, Class, Direction, Side};

/// Pairs of a change and an effect that are still held against each other.
const MOST_PAIRS: usize = 1_000_000;

/// Gives every change of the API to the change of the document that it most likely comes from.
///
/// Code that names what is gone does not compile, so a change that was harmless on the wire alone then
/// counts as breaking. What comes from no change of the document, such as another edition of the
/// generator, becomes a change of its own.
pub fn attribute(changes: &mut Vec<Change>, api: Vec<ApiChange>, old: &Value, new: &Value) {
    let causes: Vec<Vec<Vec<String>>> = changes.iter().map(|c| causes(c, old, new)).collect();
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    // Two documents with nothing in common: nobody wants to know which line comes from which.
    let many = api.len() * changes.len() > MOST_PAIRS;
    for effect in api {
        let score = |index: &usize| {
            let scores = causes[*index]
                .iter()
                .map(|cause| likeness(&effect, cause, &changes[*index]));
            scores.max().unwrap_or(0)
        };
        let best = match many {
            true => None,
            false => (0..changes.len()).rev().max_by_key(score),
        };
        match best.filter(|index| score(index) > 0) {
            Some(index) => changes[index].api.push(effect),
            None if effect.breaks() => gone.push(effect),
            None => come.push(effect),
        }
    }
    for change in changes.iter_mut() {
        if change.class < Class::Breaking && change.api.iter().any(ApiChange::breaks) {
            change.class = Class::Breaking;
            change.why.push_str(
                " But what is generated from it is another type, and code that names it may not compile.",
            );
        }
    }
    let own = |what: &str, class, why: &str, api| Change {
        operations: Vec::new(),
        direction: Direction::Neither,
        pointer: String::new(),
        side: Side::New,
        what: what.to_owned(),
        class,
        why: why.to_owned(),
        api,
    };
    if !gone.is_empty() {
        let why = "Code that names what is gone or changed does not compile.";
        changes.push(own(
            "the generated API lost or changed items",
            Class::Breaking,
            why,
            gone,
        ));
    }
    if !come.is_empty() {
        let why = "Nobody names it yet.";
        changes.push(own(
            "the generated API gained items",
            Class::Compatible,
            why,
            come,
        ));
    }
}

/// The names under which what is generated from a changed place may go.
fn causes(change: &Change, old: &Value, new: &Value) -> Vec<Vec<String>> {
    let mut causes = vec![cause(&change.pointer, old), cause(&change.pointer, new)];
    if !change.pointer.starts_with("/components/schemas/") {
        let ids = change.operations.iter().filter_map(|label| {
            let (_, id) = label.strip_suffix(')')?.rsplit_once('(')?;
            Some(vec![normal(id)])
        });
        causes.extend(ids);
    }
    causes.retain(|cause| !cause.is_empty());
    causes.dedup();
    causes
}

/// The names that lead from a place in the document to what is generated from it, the outermost first.
fn cause(pointer: &str, document: &Value) -> Vec<String> {
    let segments: Vec<String> = pointer
        .split('/')
        .skip(1)
        .map(|s| s.replace("~1", "/").replace("~0", "~"))
        .collect();
    let mut names = Vec::new();
    match segments.as_slice() {
        [a, b, name, rest @ ..] if a == "components" && b == "schemas" => {
            names.push(name.clone());
            names.extend(members(rest));
        }
        [a, path, method, rest @ ..] if a == "paths" => {
            let operation = document.get("paths").and_then(|p| p.get(path)?.get(method));
            let id = operation
                .and_then(|o| o.get("operationId"))
                .and_then(Value::as_str);
            names.extend(id.map(str::to_owned));
            let parameter = match rest {
                [list, index, ..] if list == "parameters" => operation
                    .and_then(|o| o.get("parameters")?.get(index.parse::<usize>().ok()?))
                    .and_then(|p| p.get("name")?.as_str()),
                _ => None,
            };
            names.extend(parameter.map(str::to_owned));
            names.extend(members(rest));
        }
        _ => {}
    }
    names.iter().map(|name| normal(name)).collect()
}

/// The names of properties on the way.
fn members(segments: &[String]) -> Vec<String> {
    let pairs = segments.windows(2).filter(|pair| pair[0] == "properties");
    pairs.map(|pair| pair[1].clone()).collect()
}

/// A name without the differences between the spellings of JSON and of Rust.
fn normal(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// How much an effect looks as if it came from a change; 0 if not at all.
fn likeness(effect: &ApiChange, cause: &[String], change: &Change) -> u32 {
    let Some((first, inner)) = cause.split_first() else {
        return 0;
    };
    let item = effect.item();
    let path = item.split("::").collect::<Vec<_>>();
    let (owner, member) = match path.as_slice() {
        // `types::Run.id`, `types::Run::Variant`, `builder::Submit::body`, `Client::submit`.
        ["types" | "builder", rest @ ..] => match rest {
            [one] => one
                .split_once('.')
                .map_or((*one, None), |(o, m)| (o, Some(m))),
            [owner, member, ..] => (*owner, Some(*member)),
            [] => return 0,
        },
        ["Client" | "operations", name] => (*name, None),
        _ => return 0,
    };
    let (owner, member) = (normal(owner), member.map(normal));
    if owner.is_empty() || !owner.starts_with(first.as_str()) {
        return 0;
    }
    let mut score = if owner == *first { 16 } else { 4 };
    let told = member
        .as_ref()
        .is_some_and(|m| inner.contains(m) || normal(&change.what).contains(m.as_str()));
    let whole = format!("{first}{}", inner.concat());
    if told || (!inner.is_empty() && owner.starts_with(&whole)) {
        score += 32;
    }
    let fits = match effect {
        ApiChange::Added { .. } => change.what.ends_with("added"),
        ApiChange::Removed { .. } => change.what.ends_with("removed"),
        ApiChange::Changed { .. } => change.class > Class::Documentation,
    };
    score + u32::from(fits) * 2 + u32::from(change.class > Class::Documentation)
}
