//! Rules for servers: where requests go, and the key with them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::delta::{Delta, deltas};
use super::node::{Node, brief, too_long};
use super::view::is_words;
use super::walk::Walk;
use crate::drift::types::{Class, Side};

/// What holds where no server is listed.
static USUAL: LazyLock<Value> = LazyLock::new(|| json!([{"url": "/"}]));

/// Compares the servers of a document, of a path or of an operation.
///
/// A path or an operation that lists none has those that it inherits.
pub(super) fn compare<'a>(
    walk: &mut Walk<'a>,
    delta: &Delta<'a>,
    inherited: [Option<Node<'a>>; 2],
) {
    let (at, side) = (delta.at(), delta.side());
    let [from, to] = inherited;
    let (old, new) = (delta.was().cloned().or(from), delta.is().cloned().or(to));
    if too_long(old.as_ref().map(|n| n.value), new.as_ref().map(|n| n.value)) {
        return walk.unclassified(at, side, "the servers are too many to be judged");
    }
    let (Some(olds), Some(news)) = (list(old.as_ref()), list(new.as_ref())) else {
        return walk.unclassified(at, side, "`servers` changed into or from what is no list");
    };
    match delta {
        Delta::Changed { was, is } if filled(was) && filled(is) => each(walk, at, &olds, &news),
        _ => whole(walk, delta, &olds, &news),
    }
}

fn filled(servers: &Node<'_>) -> bool {
    servers
        .value
        .as_array()
        .is_some_and(|list| !list.is_empty())
}

/// The servers that hold; `None` if it is no list.
fn list<'a>(servers: Option<&Node<'a>>) -> Option<Vec<Node<'a>>> {
    let usual = || Node::root(&USUAL);
    let node = match servers {
        Some(node) if !node.value.is_array() => return None,
        Some(node) if filled(node) => node.clone(),
        _ => usual(),
    };
    Some(
        node.children()
            .into_iter()
            .map(|(_, server)| server)
            .collect(),
    )
}

fn url(server: &Node<'_>) -> String {
    brief(server.get("url").unwrap_or(&Value::Null))
}

/// The first server with each URL.
fn by_url<'a, 'b>(servers: &'b [Node<'a>]) -> BTreeMap<Option<&'a str>, &'b Node<'a>> {
    let mut found = BTreeMap::new();
    for server in servers {
        found.entry(server.text("url")).or_insert(server);
    }
    found
}

/// Where generated clients send requests, if that is another place now: from where and to where.
fn moved(olds: &[Node<'_>], news: &[Node<'_>]) -> Option<(String, String)> {
    let (from, to) = (olds.first().map(url)?, news.first().map(url)?);
    let same = olds.first().map(|n| n.get("url")) == news.first().map(|n| n.get("url"));
    (!same).then_some((from, to))
}

/// Judges a list that came or went: what is inherited holds instead, or what is usual.
fn whole(walk: &mut Walk<'_>, delta: &Delta<'_>, olds: &[Node<'_>], news: &[Node<'_>]) {
    let (at, side) = (delta.at(), delta.side());
    if let Some((from, to)) = moved(olds, news) {
        let what = format!("requests go to {to} and no longer to {from}");
        let why = "Requests, and the key with them, go where they did not go before.";
        return walk.emit(at, side, what, Class::Breaking, why);
    }
    let values = |servers: &[Node<'_>]| -> Vec<Value> {
        servers.iter().map(|server| server.value.clone()).collect()
    };
    if values(olds) == values(news) {
        return walk.rewritten(at, "`servers` says what held already");
    }
    let (was, is) = (by_url(olds), by_url(news));
    let (class, why) = if was.keys().any(|url| !is.contains_key(url)) {
        (
            Class::Breaking,
            "Callers may have chosen a server that is no longer listed.",
        )
    } else if was
        .iter()
        .any(|(url, was)| is.get(url).is_none_or(|is| is.value != was.value))
    {
        (
            Class::Unclassified,
            "Servers with the same URL are described otherwise.",
        )
    } else {
        (Class::Compatible, "Requests go where they went.")
    };
    walk.emit(
        at,
        side,
        "other servers are listed after the first one",
        class,
        why,
    );
}

fn each<'a>(walk: &mut Walk<'a>, at: &Node<'a>, olds: &[Node<'a>], news: &[Node<'a>]) {
    let before = walk.activity();
    let (known, listed) = (by_url(olds), by_url(news));
    for was in olds {
        match listed.get(&was.text("url")) {
            None => {
                let what = format!("the server {} was removed", url(was));
                let why = "Requests, and the key with them, go where the service may no longer be.";
                walk.emit(was, Side::Old, what, Class::Breaking, why);
            }
            Some(is) if is.value != was.value => {
                walk.visit(Some(was), Some(is));
                for (key, delta) in deltas(Some(was), Some(is)) {
                    let what = format!("`{key}` of a server {}", delta.verb());
                    if key == "name" || is_words(key) {
                        walk.words(delta.at(), delta.side(), what);
                    } else {
                        walk.unclassified(delta.at(), delta.side(), what);
                    }
                }
            }
            Some(_) => {}
        }
    }
    for is in news
        .iter()
        .filter(|is| !known.contains_key(&is.text("url")))
    {
        let what = format!("the server {} was added", url(is));
        let why = "Callers may go on with the server that they use.";
        walk.emit(is, Side::New, what, Class::Compatible, why);
    }
    // Where the first one is gone altogether, that is reported as such.
    let kept = olds
        .first()
        .is_some_and(|was| listed.contains_key(&was.text("url")));
    if let Some((from, to)) = moved(olds, news).filter(|_| kept) {
        let what = format!("the first server is {to} and no longer {from}");
        let why = "The first one is where generated clients send requests.";
        walk.emit(at, Side::New, what, Class::Unclassified, why);
    }
    if walk.activity() == before {
        let what = "the order of the servers changed";
        let why = "The first one is where generated clients send requests.";
        walk.emit(at, Side::New, what, Class::Unclassified, why);
    }
}
