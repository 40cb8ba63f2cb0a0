//! Needs of where the operations are called and with which key: the servers and security schemes.

use serde_json::{Map, Value};

use super::calls::{Calls, at};
use super::table::Row;
use super::{GONE, Verdict};
use crate::Operation;
use crate::adapt::resolved;

/// Longer addresses are none, in bytes.
const MAX_URL: usize = 2_000;
/// More than are told of one operation.
const MOST_TOLD: usize = 5;

/// Whether every operation of the table is at a server. One that is relative to where the document came
/// from may well be it.
pub(super) fn server(calls: &Calls<'_>, row: &Row<'_>) -> Verdict {
    let wanted = row.name.trim_end_matches('/');
    needed(calls).find_map(|(operation, node)| {
        let item = calls.lowered.get("paths")?.get(&operation.path)?;
        let mut lists = [node, item, calls.lowered].into_iter().filter_map(servers);
        let found: Vec<String> = lists.next()?.iter().filter_map(url).collect();
        let met = |url: &String| url.is_empty() || url == wanted;
        let elsewhere = !found.iter().any(met);
        elsewhere.then(|| {
            let found = told(&found);
            format!(
                "is not where {} is, which is {found}",
                operation.operation_id
            )
        })
    })
}

/// Whether a key alone opens every operation of the table; one that asks for none takes any.
pub(super) fn security(calls: &Calls<'_>, row: &Row<'_>) -> Verdict {
    let wanted = format!("{} {}", row.shape, row.name).to_lowercase();
    let mut met = false;
    for (operation, node) in needed(calls) {
        let asked = node
            .get("security")
            .or_else(|| calls.lowered.get("security"));
        let Some(asked) = asked.and_then(Value::as_array) else {
            continue;
        };
        let free = |requirement: &Value| requirement.as_object().is_none_or(Map::is_empty);
        if asked.is_empty() || asked.iter().any(free) {
            continue;
        }
        let keys = asked
            .iter()
            .filter_map(|requirement| keys(calls.lowered, requirement));
        let keys: Vec<String> = keys.collect();
        if keys.is_empty() {
            return Some(GONE.to_owned());
        }
        if !keys.iter().any(|key| key.to_lowercase() == wanted) {
            let (id, keys) = (&operation.operation_id, told(&keys));
            return Some(format!("is not what {id} asks for, which is {keys}"));
        }
        met = true;
    }
    (!met).then(|| GONE.to_owned())
}

fn told(found: &[String]) -> String {
    let shown = found.get(..MOST_TOLD).unwrap_or(found).join(" or ");
    match found.len().saturating_sub(MOST_TOLD) {
        0 => shown,
        more => format!("{shown} or one of {more} more"),
    }
}

/// The operations that the table calls, with their nodes.
fn needed<'c>(calls: &'c Calls<'_>) -> impl Iterator<Item = (&'c Operation, &'c Value)> {
    let listed = |operation: &&Operation| calls.table.lists("operation", &operation.operation_id);
    let operations = calls.operations.iter().filter(listed);
    operations.filter_map(|operation| Some((operation, at(calls.lowered, operation)?)))
}

fn servers(holder: &Value) -> Option<&Vec<Value>> {
    let list = holder.get("servers").and_then(Value::as_array);
    list.filter(|list| !list.is_empty())
}

/// A server's address with the usual values in it; `None` if it is longer than any address.
fn url(server: &Value) -> Option<String> {
    let mut rest = server.get("url")?.as_str()?;
    let mut url = String::new();
    // Values are not looked into for more variables: they could double with each.
    while let Some((before, (name, after))) = rest
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        .filter(|_| url.len() < MAX_URL)
    {
        let variable = server.get("variables").and_then(|all| all.get(name));
        url.push_str(before);
        match variable.and_then(|variable| variable.get("default")?.as_str()) {
            Some(usual) => url.push_str(usual),
            None => url.extend(["{", name, "}"]),
        }
        rest = after;
    }
    url.push_str(rest);
    url.truncate(url.trim_end_matches('/').len());
    (url.len() < MAX_URL).then_some(url)
}

/// What one requirement takes; `None` if the document does not have it.
fn keys(document: &Value, requirement: &Value) -> Option<String> {
    let schemes = document.get("components")?.get("securitySchemes")?;
    let names = requirement.as_object()?.keys();
    let keys = names.map(|name| {
        let scheme = resolved(document, schemes.get(name)?)?;
        let parts = ["type", "in", "name", "scheme"].map(|key| scheme.get(key)?.as_str());
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        Some(parts.join(" "))
    });
    let keys: Option<Vec<String>> = keys.collect();
    Some(keys?.join(" and "))
}
