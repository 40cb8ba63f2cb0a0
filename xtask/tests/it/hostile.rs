//! Documents that are made to hang, to overflow a stack or to fill the memory.

use serde_json::{Value, json};
use xtask::drift::types::Class;
use xtask::drift::{detect, second_opinion};

fn document(schemas: Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "d", "content":
            {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}},
        "components": {"schemas": schemas},
    })
}

fn both(old: &Value, new: &Value) -> Vec<xtask::drift::types::Change> {
    // Whether it has an opinion does not matter here, that it comes back does.
    let _ = second_opinion::ask(old, new);
    detect(old, new)
}

#[test]
fn circles_of_references_end() {
    let usual = document(json!({"A": {"type": "string"}, "B": {"type": "string"}}));
    for circle in [
        json!({"A": {"$ref": "#/components/schemas/A"}}),
        json!({"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}),
        json!({"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}}),
        json!({"A": {"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]},
            "B": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}}),
        json!({"A": {"not": {"$ref": "#/components/schemas/A"}}}),
        json!({"A": {"properties": {"x": {"$ref": "#/components/schemas/A/properties/x"}}}}),
        json!({"A": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/A"}}}),
        json!({"A": {"items": {"$ref": "#"}}}),
    ] {
        let circle = document(circle);
        let mut other = circle.clone();
        other["components"]["schemas"]["A"]["title"] = json!("Another");
        for (old, new) in [(&usual, &circle), (&circle, &usual), (&circle, &other)] {
            assert!(!both(old, new).is_empty(), "{old} {new}");
        }
    }
}

#[test]
fn circles_of_paths_end() {
    let usual = document(json!({"A": {"type": "string"}}));
    let mut circle = usual.clone();
    circle["paths"]["/a"] = json!({"$ref": "#/paths/~1b"});
    circle["paths"]["/b"] = json!({"$ref": "#/paths/~1a"});
    assert!(!both(&usual, &circle).is_empty());
    assert!(!both(&circle, &usual).is_empty());
}

/// Schemas that refer to the next one each, so that following them costs as much stack as there is.
fn chain(length: usize, last: &Value) -> Value {
    let mut schemas = serde_json::Map::new();
    for index in 0..length {
        let next = format!("#/components/schemas/S{}", index + 1);
        let schema = json!({"type": "object", "properties": {"next": {"$ref": next}}});
        schemas.insert(format!("S{index}"), schema);
    }
    schemas.insert(format!("S{length}"), last.clone());
    schemas.insert("A".to_owned(), json!({"$ref": "#/components/schemas/S0"}));
    document(schemas.into())
}

#[test]
fn long_chains_cost_no_stack() {
    let length = 5_000;
    let old = chain(length, &json!({"type": "string"}));
    let new = chain(length, &json!({"type": "integer"}));
    let changes = both(&old, &new);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].class, Class::Breaking);
    assert_eq!(changes[0].operations, ["GET /a"]);
}

#[test]
fn long_lists_are_not_compared_each_with_each() {
    let values = |from: usize| (from..from + 20_000).collect::<Vec<_>>();
    let refs = |from: usize| {
        let item = |i| json!({"type": "object", "title": format!("{i}")});
        (from..from + 10_000).map(item).collect::<Vec<_>>()
    };
    let long = |from: usize| {
        let mut long = document(json!({
            "A": {"enum": values(from), "required": values(from).iter().map(usize::to_string).collect::<Vec<_>>()},
            "B": {"anyOf": refs(from)},
            "C": {"prefixItems": refs(from)},
        }));
        let parameter = |i| json!({"name": format!("p{i}"), "in": "query", "schema": {}});
        long["paths"]["/a"]["get"]["parameters"] = (from..from + 10_000).map(parameter).collect();
        let server = |i| json!({"url": format!("https://{i}.example")});
        long["servers"] = (from..from + 10_000).map(server).collect();
        let way = |i: usize| json!({"key": [i.to_string()]});
        long["security"] = (from..from + 10_000).map(way).collect();
        for i in from..from + 5_000 {
            long["paths"][format!("/a/{{p{i}}}")] = json!({"get": {"responses": {}}});
        }
        long
    };
    let changes = detect(&long(0), &long(1));
    assert!(
        changes
            .iter()
            .any(|c| c.pointer == "/components/schemas/A/enum")
    );
    assert!(changes.iter().any(|c| c.pointer == "/servers"));
}

#[test]
fn large_members_of_many_compositions_are_not_read_for_each() {
    let big = |count: usize| -> Value {
        let field = |i| (format!("f{i}"), json!({"type": "string"}));
        let fields: serde_json::Map<_, _> = (0..count / 50).map(field).collect();
        json!({"type": "object", "properties": fields, "required": ["f0"],
            "oneOf": (0..count).map(|i| json!({"const": i})).collect::<Vec<_>>()})
    };
    let members = |count: usize| -> Vec<Value> {
        let member = |i| json!({"$ref": "#/components/schemas/Big", "title": format!("{i}")});
        (0..count).map(member).collect()
    };
    let many = |count: usize| {
        let mut schemas = json!({"Big": big(1_500), "A": {}});
        for i in 0..30 {
            schemas[format!("One{i}")] = json!({"oneOf": members(count)});
            schemas[format!("All{i}")] = json!({"allOf": members(count)});
        }
        document(schemas)
    };
    for (from, to) in [(2, 200), (200, 2)] {
        let changes = detect(&many(from), &many(to));
        assert!(
            changes
                .iter()
                .any(|c| c.pointer.starts_with("/components/schemas/All0/allOf/"))
        );
    }
}

#[test]
fn what_all_operations_share_is_not_told_of_each() {
    let many = |kind: &str| {
        let mut many = document(json!({"A": {"type": kind}}));
        let operation = many["paths"]["/a"].clone();
        for i in 0..500 {
            many["paths"][format!("/a{i}")] = operation.clone();
        }
        many
    };
    let changes = detect(&many("string"), &many("integer"));
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].operations.len(), 21);
    assert_eq!(changes[0].operations[20], "481 more operations");
}
