//! No change goes unreported, whatever it is.
//!
//! Each property runs some thousand cases; `WESHOP_FUZZ_CASES=1000000` runs as many as it says.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Map, Value, json};
use xtask::drift::display::{self, Format};
use xtask::drift::types::Report;
use xtask::drift::{detect, second_opinion};

use crate::mutation::{apply, mutations, places};

const NEEDS: &str = include_str!("../../../src/needs.txt");

fn cases(usual: u32) -> Config {
    let told = std::env::var("WESHOP_FUZZ_CASES").ok();
    Config {
        cases: told.and_then(|n| n.parse().ok()).unwrap_or(usual),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    }
}

static BASE: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../openapi.yaml");
    weshop_codegen::Document::parse(text)
        .unwrap()
        .value()
        .clone()
});

/// Whether two documents say the same once what they refer to is written in its place.
fn same(old: &Value, new: &Value) -> bool {
    if old == new {
        return true;
    }
    let rest = |document: &Value| {
        let mut rest = expanded(document, document, 0);
        let map = rest.as_object_mut().unwrap();
        map.remove("components");
        rest
    };
    let schemes = |document: &Value| document.pointer("/components/securitySchemes").cloned();
    // A type that nothing refers to is generated all the same, so its name may not come or go, nor what
    // it says change, whichever of the two documents no longer refers to it.
    let unused = |document: &Value| {
        let text = document.to_string();
        let mut unused = BTreeSet::new();
        for (kind, entries) in document["components"].as_object().into_iter().flatten() {
            for name in entries.as_object().into_iter().flat_map(Map::keys) {
                let place = format!("/components/{kind}/{name}");
                if !text.contains(&format!("#{place}\"")) {
                    unused.insert(place);
                }
            }
        }
        unused
    };
    let said = |document: &Value, place: &str| {
        let entry = document.pointer(place)?;
        Some(expanded(document, entry, 0))
    };
    let mut lone = &unused(old) | &unused(new);
    lone.retain(|place| said(old, place) != said(new, place));
    rest(old) == rest(new) && schemes(old) == schemes(new) && lone.is_empty()
}

/// The value with references replaced by what they mean, so deep that circles end.
fn expanded(document: &Value, value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(map) => {
            let reference = map.get("$ref").and_then(Value::as_str);
            let target = reference.and_then(|r| document.pointer(r.strip_prefix('#')?));
            match target {
                Some(_) if depth > 4 => Value::Null,
                Some(target) => {
                    let meant = expanded(document, target, depth + 1);
                    let beside = map.iter().filter(|(k, _)| *k != "$ref");
                    let mut beside: Map<_, _> = beside
                        .map(|(k, v)| (k.clone(), expanded(document, v, depth)))
                        .collect();
                    if beside.is_empty() {
                        return meant;
                    }
                    beside.insert("$ref".to_owned(), meant);
                    beside.into()
                }
                None => map
                    .iter()
                    .map(|(k, v)| (k.clone(), expanded(document, v, depth)))
                    .collect(),
            }
        }
        Value::Array(list) => list.iter().map(|v| expanded(document, v, depth)).collect(),
        other => other.clone(),
    }
}

/// The document with its keys in the opposite order.
fn reordered(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let turned = map.iter().rev().map(|(k, v)| (k.clone(), reordered(v)));
            Value::Object(turned.collect::<Map<_, _>>())
        }
        Value::Array(list) => list.iter().map(reordered).collect(),
        other => other.clone(),
    }
}

/// A report on everything, in every format.
fn shown(old: &Value, new: &Value) -> Vec<u8> {
    let mut report = Report {
        changes: detect(old, new),
        ..Report::default()
    };
    let lowered = |value: &Value| {
        let document = weshop_codegen::Document::parse(&value.to_string()).ok()?;
        weshop_codegen::lower(&document).ok()
    };
    if let (Some(was), Some(is)) = (lowered(old), lowered(new)) {
        match second_opinion::ask(was.value(), is.value()) {
            Ok(opinions) => second_opinion::weigh(&mut report, opinions, old, new),
            Err(why) => report.notes.push(why),
        }
    }
    let mut out = Vec::new();
    for format in [Format::Text, Format::Markdown, Format::Json, Format::Github] {
        display::write(&report, format, &mut out).unwrap();
    }
    out
}

/// Every construct that may hold nothing, holding nothing: its rules find no entry to speak of.
fn hollow() -> Value {
    let operation = |responses: Value, body: Value| {
        json!({"parameters": [], "requestBody": body, "responses": responses, "security": [],
               "servers": [], "callbacks": {}, "tags": []})
    };
    let empty = operation(json!({}), json!({"content": {}}));
    let media = json!({"schema": {"type": "object", "properties": {}, "required": [], "allOf": [],
                       "patternProperties": {}, "$defs": {}}, "encoding": {}, "examples": {}});
    let full = operation(
        json!({"200": {"description": "", "headers": {}, "links": {}, "content": {"a/b": {}}}}),
        json!({"content": {"c/d": media, "e/f": {"encoding": {"g": {"headers": {}}}}}}),
    );
    let components = json!({"schemas": {}, "parameters": {}, "responses": {}, "headers": {},
                            "requestBodies": {}, "securitySchemes": {}, "examples": {}});
    json!({
        "openapi": "3.1.0", "info": {"title": "One", "version": "1"}, "servers": [], "security": [],
        "webhooks": {}, "tags": [], "components": components,
        "paths": {"/empty": {}, "/one": {"parameters": [], "post": empty}, "/two": {"post": full}},
    })
}

/// A change of kind, which the rules for what a place should hold never expect, is seen at every
/// place, though a finding elsewhere keeps the last resort from speaking.
fn seen_everywhere(old: &Value, others: &[Value]) {
    let mut silent = Vec::new();
    for place in places(old) {
        for other in others {
            let mut new = old.clone();
            *new.pointer_mut(&place).unwrap() = other.clone();
            if place.starts_with("/info") || same(old, &new) {
                continue;
            }
            new["info"]["title"] = "Another".into();
            if detect(old, &new).len() < 2 {
                silent.push(format!("{place} as {other}"));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn what_becomes_something_else_is_reported() {
    seen_everywhere(&BASE, &[json!([])]);
    let empty = json!({"openapi": "3.1.0", "info": {}, "paths": {}, "components": {}});
    for old in [hollow(), empty] {
        let others = [json!([]), json!({}), json!(7), json!(""), Value::Null];
        seen_everywhere(&old, &others);
    }
}

proptest! {
    #![proptest_config(cases(200))]

    /// Neither the rules, nor lowering, nor the second opinion panics, hangs or never ends.
    #[test]
    fn every_report_can_be_written(before in mutations(), after in mutations()) {
        let old = apply(&BASE, &before);
        let new = apply(&old, &after);
        prop_assert!(!shown(&old, &new).is_empty());
    }
}

proptest! {
    #![proptest_config(cases(300))]

    /// Whatever the document is, the library's needs are met, or each that is not is told in a line.
    #[test]
    fn what_is_needed_is_told_of_any_document(changes in mutations()) {
        let document = apply(&BASE, &changes);
        let Ok(document) = weshop_codegen::Document::parse(&document.to_string()) else {
            return Ok(());
        };
        let missing = weshop_codegen::check_needs(&document, NEEDS).err();
        for line in missing.into_iter().flatten().map(|one| one.to_string()) {
            prop_assert!(line.contains("src/") && !line.contains(char::is_control), "{}", line);
        }
    }
}

/// What is written where it was referred to says the same, though nothing refers to its type any more.
#[test]
fn what_is_written_in_place_of_its_reference_is_no_change() {
    let place = "/components/schemas/AgentInfo/properties/pagination/oneOf/0";
    let reference = BASE.pointer(place).unwrap()["$ref"].as_str().unwrap();
    let meant = BASE.pointer(&reference[1..]).unwrap().clone();
    let mut new = BASE.clone();
    *new.pointer_mut(place).unwrap() = meant;
    assert!(same(&BASE, &new));
    assert_eq!(detect(&BASE, &new), []);
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn a_difference_is_reported_and_none_is_not(before in mutations(), after in mutations()) {
        let old = apply(&BASE, &before);
        let new = apply(&old, &after);
        let changes = detect(&old, &new);
        let patch = || json_patch::diff(&old, &new).to_string();
        prop_assert!(!changes.is_empty() || same(&old, &new), "{}", patch());
        prop_assert!(detect(&new, &reordered(&new)).is_empty());
        for change in &changes {
            prop_assert!(!change.what.is_empty() && !change.why.is_empty());
        }
        // Nothing may be seen in one direction alone.
        prop_assert!(!detect(&new, &old).is_empty() || same(&old, &new), "{}", patch());
    }
}
