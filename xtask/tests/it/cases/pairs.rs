//! Small pairs that the base document has no place for, each judged as it is sent and as it is received.

use std::fmt::Write as _;

use insta::{assert_snapshot, with_settings};
use serde_json::{Value, json};
use xtask::drift::detect;

/// A document with one operation, `POST /a`, and whatever else a case adds.
fn document(parts: &Value) -> Value {
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://a.example"}],
        "paths": {"/a": {"post": {"responses": {"200": {"description": "d"}}}}},
        "components": {},
    });
    json_patch::merge(&mut document, parts);
    document
}

fn content(schema: &Value) -> Value {
    json!({"content": {"application/json": {"schema": schema}}})
}

fn sent(schema: &Value, schemas: &Value) -> Value {
    let post = json!({"requestBody": content(schema)});
    document(&json!({"paths": {"/a": {"post": post}}, "components": {"schemas": schemas}}))
}

fn received(schema: &Value, schemas: &Value) -> Value {
    let post = json!({"responses": {"200": content(schema)}});
    document(&json!({"paths": {"/a": {"post": post}}, "components": {"schemas": schemas}}))
}

/// What a report says, in a line for each change.
fn judged(old: &Value, new: &Value) -> String {
    let mut text = String::new();
    for change in detect(old, new) {
        let (class, at) = (change.class.name(), &change.pointer);
        let way = change.direction.name();
        writeln!(
            text,
            "{class}: {} ({at}, {way})\n  {}",
            change.what, change.why
        )
        .unwrap();
    }
    text
}

fn both_ways(old: &Value, new: &Value, schemas: &Value) -> String {
    let as_sent = judged(&sent(old, schemas), &sent(new, schemas));
    let as_received = judged(&received(old, schemas), &received(new, schemas));
    format!("sent:\n{as_sent}\nreceived:\n{as_received}")
}

fn check(name: &str, described: &str, shown: &str) {
    let path = "../snapshots";
    with_settings!({description => described, omit_expression => true, snapshot_path => path}, {
        assert_snapshot!(name, shown);
    });
}

/// A schema before and after, and what its references lead to.
macro_rules! schemas {
    ($($name:ident: $old:tt => $new:tt $(, $schemas:tt)?;)*) => {
        $(#[test]
        fn $name() {
            let (old, new) = (json!($old), json!($new));
            let schemas = [$(json!($schemas),)? json!({})];
            let shown = both_ways(&old, &new, &schemas[0]);
            check(stringify!($name), &format!("{old} => {new}"), &shown);
        })*
    };
}

/// Parts of a document before and after, and the parts that both have.
macro_rules! documents {
    ($($name:ident: $old:tt => $new:tt $(, $both:tt)?;)*) => {
        $(#[test]
        fn $name() {
            let (old, new) = (json!($old), json!($new));
            let both = [$(json!($both),)? json!({})];
            let with = |parts: &Value| {
                let mut whole = document(&both[0]);
                json_patch::merge(&mut whole, parts);
                whole
            };
            let shown = judged(&with(&old), &with(&new));
            check(stringify!($name), &format!("{old} => {new}"), &shown);
        })*
    };
}

schemas! {
    // `null` in a closed list
    null_listed: {"enum": ["x", "y"]} => {"enum": ["x", "y", null]};
    null_listed_where_typed: {"type": ["string", "null"], "enum": ["x", "y"]}
        => {"type": ["string", "null"], "enum": ["x", "y", null]};
    null_not_listed: {"enum": ["x", "y", null]} => {"enum": ["x", "y"]};
    null_listed_and_not_typed: {"type": "string", "enum": ["x", "y", null]} => {"type": "string", "enum": ["x", "y"]};
    null_left_to_the_type: {"type": ["string", "null"], "enum": ["x", "y", null]} => {"enum": ["x", "y", null]};
    null_typed_out: {"type": ["string", "null"], "enum": ["x", null]} => {"type": "string", "enum": ["x", null]};
    null_in_a_wrapper: {"enum": ["x", "y", null]} => {"anyOf": [{"enum": ["x", "y"]}, {"type": "null"}]};
    null_typed_beside_constants: {"type": ["string", "null"], "oneOf": [{"const": "x"}, {"const": "y"}]}
        => {"oneOf": [{"const": "x"}, {"const": "y"}, {"type": "null"}]};

    // Fields that only one direction has
    read_only_lost_by_required: {"required": ["id"], "properties": {"id": {"type": "string", "readOnly": true}}}
        => {"required": ["id"], "properties": {"id": {"type": "string"}}};
    read_only_lost_by_optional: {"properties": {"id": {"type": "string", "readOnly": true}}}
        => {"properties": {"id": {"type": "string"}}};
    read_only_lost_where_required_elsewhere:
        {"allOf": [{"properties": {"id": {"type": "string", "readOnly": true}}}, {"required": ["id"]}]}
        => {"allOf": [{"properties": {"id": {"type": "string"}}}, {"required": ["id"]}]};
    read_only_lost_by_items: {"items": {"type": "string", "readOnly": true}} => {"items": {"type": "string"}};

    // Fields beside others that are limited
    map_names_another_kind: {"additionalProperties": {"type": "string"}}
        => {"additionalProperties": {"type": "string"}, "properties": {"count": {"type": "object"}}};
    map_names_the_same_kind: {"additionalProperties": {"type": "string"}}
        => {"additionalProperties": {"type": "string"}, "properties": {"count": {"type": "string", "title": "C"}}};
    map_names_a_narrower_kind: {"additionalProperties": {"type": "string"}}
        => {"additionalProperties": {"type": "string"}, "properties": {"count": {"type": "string", "maxLength": 3}}};
    map_names_what_a_pattern_may_hold: {"patternProperties": {"^c": {"type": "string"}}}
        => {"patternProperties": {"^c": {"type": "string"}}, "properties": {"count": {"type": "object"}}};

    // Fields that are never there
    field_forbidden: {"properties": {"a": {"type": "string"}}} => {"properties": {"a": false}};
    field_allowed: {"properties": {"a": false}, "required": ["a"]} => {"properties": {"a": {"type": "string"}}, "required": ["a"]};
    field_forbidden_as_wrapped: {"properties": {"a": {"type": "string"}}} => {"properties": {"a": {"not": {}}}};

    // Compositions
    one_of_gains_what_overlaps: {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]}
        => {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string"}, {"type": "integer", "maximum": 10}]};
    one_of_gains_another_type: {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]}
        => {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string"}, {"type": "boolean"}]};
    one_of_gains_another_tag:
        {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]}
        => {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"},
            {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["cow", "ox"]}}}]},
        {"Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}}},
            "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}}}};
    one_of_gains_an_optional_tag:
        {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]}
        => {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"},
            {"type": "object", "properties": {"kind": {"const": "cow"}}}]},
        {"Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}}},
            "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}}}};
    one_of_member_takes_more: {"oneOf": [{"type": "integer", "maximum": 5}, {"type": "integer", "minimum": 10}]}
        => {"oneOf": [{"type": "integer", "maximum": 20}, {"type": "integer", "minimum": 10}]};
    one_of_member_takes_a_type_of_another: {"oneOf": [{"type": "string"}, {"type": "integer"}]}
        => {"oneOf": [{"type": ["string", "integer"]}, {"type": "integer"}]};
    one_of_member_that_is_closed_added: {"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {}}, "additionalProperties": false}]}
        => {"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {}}, "additionalProperties": false},
            {"type": "object", "required": ["b"], "properties": {"b": {}}, "additionalProperties": false}]};
    one_of_member_opened: {"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {}}, "additionalProperties": false},
            {"type": "object", "required": ["b"], "properties": {"b": {}}, "additionalProperties": false}]}
        => {"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {}}},
            {"type": "object", "required": ["b"], "properties": {"b": {}}}]};
    one_of_member_of_another_kind_opened: {"oneOf": [{"type": "object", "properties": {"a": {}}, "additionalProperties": false}, {"type": "string"}]}
        => {"oneOf": [{"type": "object", "properties": {"a": {}}}, {"type": "string"}]};
    all_of_loses_fields: {"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}]}
        => {"allOf": [{"properties": {"a": {"type": "string"}}}]};
    all_of_loses_a_reference: {"allOf": [{"properties": {"a": {"type": "string"}}}, {"$ref": "#/components/schemas/B"}]}
        => {"allOf": [{"properties": {"a": {"type": "string"}}}]},
        {"B": {"allOf": [{"$ref": "#/components/schemas/C"}]}, "C": {"properties": {"c": {"type": "string"}}}};
    all_of_fields_written_in_place:
        {"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}]}
        => {"allOf": [{"properties": {"a": {"type": "string"}}}], "properties": {"b": {"type": "integer"}}};
    all_of_gains_fields: {"properties": {"a": {"type": "string"}}, "allOf": [{"minProperties": 1}], "additionalProperties": false}
        => {"properties": {"a": {"type": "string"}}, "additionalProperties": false,
            "allOf": [{"minProperties": 1}, {"properties": {"b": {"type": "string"}}}]};
    all_of_dropped: {"type": "object", "allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}]}
        => {"type": "object"};
    any_of_dropped: {"type": "object", "anyOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}]}
        => {"type": "object"};
    one_of_of_one_gains_what_overlaps: {"oneOf": [{"type": "integer", "minimum": 0}]}
        => {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "number"}]};
    one_of_gains_what_is_told_apart: {"discriminator": {"propertyName": "k"}, "oneOf": [{"type": "object"}, {"type": "object", "minProperties": 1}]}
        => {"discriminator": {"propertyName": "k"}, "oneOf": [{"type": "object"}, {"type": "object", "minProperties": 1}, {"type": "object", "maxProperties": 3}]};
    one_of_words_changed: {"oneOf": [{"type": "integer", "title": "A"}, {"type": "number"}]}
        => {"oneOf": [{"type": "integer", "title": "B"}, {"type": "number"}]};
    one_of_gains_null: {"oneOf": [{"type": "integer"}, {"type": "string"}]}
        => {"oneOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]};
    any_of_gains: {"anyOf": [{"type": "integer"}, {"type": "string"}]}
        => {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "number"}]};
    all_of_becomes_a_reference:
        {"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]} => {"$ref": "#/components/schemas/A"},
        {"A": {"properties": {"a": {"type": "string"}}}, "B": {"properties": {"b": {"type": "string"}}}};
    reference_becomes_all_of:
        {"$ref": "#/components/schemas/A"} => {"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]},
        {"A": {"properties": {"a": {"type": "string"}}}, "B": {"properties": {"b": {"type": "string"}}}};
    map_of_references_named: {"additionalProperties": {"$ref": "#/components/schemas/A"}}
        => {"additionalProperties": {"$ref": "#/components/schemas/A"}, "properties": {"x": {"$ref": "#/components/schemas/A"}}},
        {"A": {"type": "string"}};
    write_only_gained: {"properties": {"p": {"type": "string"}}} => {"properties": {"p": {"type": "string", "writeOnly": true}}};
    minimum_close: {"minimum": 9007199254740993_u64} => {"minimum": 9007199254740992.0};

    // Arrays
    min_contains_none: {"type": "array", "contains": {"const": 1}} => {"type": "array", "contains": {"const": 1}, "minContains": 0};
    min_contains_usual: {"type": "array", "contains": {"const": 1}} => {"type": "array", "contains": {"const": 1}, "minContains": 1};
    min_contains_gone: {"type": "array", "contains": {"const": 1}, "minContains": 0} => {"type": "array", "contains": {"const": 1}};
    contains_anything: {"type": "array"} => {"type": "array", "contains": {}};
    contains_counted: {"type": "array", "contains": {"const": 1}, "maxContains": 2}
        => {"type": "array", "contains": {"enum": [1, 2]}, "maxContains": 2};

    // Other keywords
    encoded_now: {"type": "string"} => {"type": "string", "contentEncoding": "base64"};
    media_type_said: {"type": "string"} => {"type": "string", "contentMediaType": "image/png"};
    format_byte: {"type": "string"} => {"type": "string", "format": "byte"};
    format_byte_dropped: {"type": "string", "format": "byte"} => {"type": "string"};
    xml_name_changed: {"type": "object", "xml": {"name": "a"}} => {"type": "object", "xml": {"name": "b"}};
    default_changed: {"properties": {"a": {"type": "string", "default": "x"}}} => {"properties": {"a": {"type": "string", "default": "y"}}};
    multiple_large: {"type": "integer", "multipleOf": 3} => {"type": "integer", "multipleOf": 100000000000000000000.0};
    multiple_close: {"type": "integer", "multipleOf": 9007199254740993_u64} => {"type": "integer", "multipleOf": 9007199254740992_u64};
    unique: {"type": "array"} => {"type": "array", "uniqueItems": true};
    pattern_added: {"type": "string"} => {"type": "string", "pattern": "^a"};
    min_properties: {"type": "object"} => {"type": "object", "minProperties": 2};
    property_names: {"type": "object"} => {"type": "object", "propertyNames": {"maxLength": 3}};
    dependent_required: {"type": "object", "dependentRequired": {"a": ["b"]}} => {"type": "object", "dependentRequired": {"a": ["c"]}};
    discriminator_added: {"oneOf": [{"type": "object"}, {"type": "string"}]}
        => {"oneOf": [{"type": "object"}, {"type": "string"}], "discriminator": {"propertyName": "kind"}};
    not_narrowed: {"type": "integer", "not": {"maximum": 3}} => {"type": "integer", "not": {"maximum": 2}};
    if_narrowed: {"if": {"maximum": 3}, "then": {"multipleOf": 2}} => {"if": {"maximum": 2}, "then": {"multipleOf": 2}};
    write_only_lost: {"properties": {"p": {"type": "string", "writeOnly": true}}} => {"properties": {"p": {"type": "string"}}};
    deprecated_field: {"properties": {"p": {"type": "string"}}} => {"properties": {"p": {"type": "string", "deprecated": true}}};
    reference_gains_a_type: {"$ref": "#/components/schemas/N"} => {"$ref": "#/components/schemas/N", "type": "string"},
        {"N": {"type": ["string", "null"]}};
    exclusive_minimum: {"type": "integer", "minimum": 5} => {"type": "integer", "exclusiveMinimum": 5};
    items_closed: {"prefixItems": [{"type": "string"}]} => {"prefixItems": [{"type": "string"}], "items": false};
    prefix_items_added: {"items": {"type": "string"}} => {"prefixItems": [{"type": "integer"}], "items": {"type": "string"}};
    unevaluated_opened: {"unevaluatedProperties": false} => {"unevaluatedProperties": {}};
}

documents! {
    // Servers
    servers_own: {} => {"paths": {"/a": {"post": {"servers": [{"url": "https://b.example"}]}}}};
    servers_own_of_a_path: {} => {"paths": {"/a": {"servers": [{"url": "https://b.example"}]}}};
    servers_own_dropped: {"paths": {"/a": {"post": {"servers": [{"url": "https://b.example"}]}}}} => {};
    servers_own_as_the_path: {"paths": {"/a": {"servers": [{"url": "https://b.example"}]}}}
        => {"paths": {"/a": {"servers": [{"url": "https://b.example"}], "post": {"servers": [{"url": "https://b.example"}]}}}};
    servers_own_more: {} => {"paths": {"/a": {"post": {"servers": [{"url": "https://a.example"}, {"url": "https://b.example"}]}}}};
    servers_own_fewer: {"servers": [{"url": "https://a.example"}, {"url": "https://b.example"}]}
        => {"servers": [{"url": "https://a.example"}, {"url": "https://b.example"}],
            "paths": {"/a": {"post": {"servers": [{"url": "https://a.example"}]}}}};
    server_put_first: {} => {"servers": [{"url": "https://b.example"}, {"url": "https://a.example"}]};
    servers_unsaid: {"servers": []} => {"servers": [{"url": "https://a.example"}]};
    servers_usual_said: {"servers": []} => {"servers": [{"url": "/"}]};

    // Parameters
    parameter_becomes_content: {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}]}}}}
        => {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query",
            "content": {"application/json": {"schema": {"type": "string"}}}}]}}}};
    parameter_was_content: {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query",
            "content": {"application/json": {"schema": {"type": "string"}}}}]}}}}
        => {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}]}}}};
    parameter_gains_content: {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query"}]}}}}
        => {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query", "content": {"application/json": {}}}]}}}};
    header_becomes_content: {"paths": {"/a": {"post": {"responses": {"200": {"headers": {"X-A": {"schema": {"type": "string"}}}}}}}}}
        => {"paths": {"/a": {"post": {"responses": {"200": {"headers": {"X-A": {"content": {"text/plain": {}}}}}}}}}};
    parameter_array_joined: {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query", "schema": {"type": "array"}}]}}}}
        => {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query", "explode": false, "schema": {"type": "array"}}]}}}};
    cookie_required: {"paths": {"/a": {"post": {"parameters": [{"name": "c", "in": "cookie"}]}}}}
        => {"paths": {"/a": {"post": {"parameters": [{"name": "c", "in": "cookie", "required": true}]}}}};
    parameter_array_pipes: {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query", "schema": {"type": "array"}}]}}}}
        => {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query", "style": "pipeDelimited", "schema": {"type": "array"}}]}}}};
    parameter_reserved: {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query", "allowReserved": true}]}}}}
        => {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query"}]}}}};
    parameter_content_renamed: {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query", "content": {"application/json": {}}}]}}}}
        => {"paths": {"/a": {"post": {"parameters": [{"name": "q", "in": "query", "content": {"text/plain": {}}}]}}}};
    header_optional_now: {"paths": {"/a": {"post": {"responses": {"200": {"headers": {"X-A": {"required": true}}}}}}}}
        => {"paths": {"/a": {"post": {"responses": {"200": {"headers": {"X-A": {}}}}}}}};

    // Bodies
    media_type_parameter: {"paths": {"/a": {"post": {"requestBody": {"content": {"text/plain": {}}}}}}}
        => {"paths": {"/a": {"post": {"requestBody": {"content": {"text/plain; charset=utf-8": {}}}}}}};
    part_encoding_dropped:
        {"paths": {"/a": {"post": {"requestBody": {"content": {"multipart/form-data": {"encoding": {"p": {"style": "deepObject"}}}}}}}}}
        => {"paths": {"/a": {"post": {"requestBody": {"content": {"multipart/form-data": {"encoding": {}}}}}}}};
    part_type_dropped:
        {"paths": {"/a": {"post": {"requestBody": {"content": {"multipart/form-data": {"encoding": {"p": {"contentType": "text/csv"}}}}}}}}}
        => {"paths": {"/a": {"post": {"requestBody": {"content": {"multipart/form-data": {"encoding": {"p": {}}}}}}}}};
    only_answer_removed: {"paths": {"/b": {"get": {"responses": {"default": {"description": "d"}, "404": {"description": "e"}}}}}}
        => {"paths": {"/b": {"get": {"responses": {"404": {"description": "e"}}}}}};
    error_told_otherwise:
        {"paths": {"/a": {"post": {"responses": {"4XX": {"content": {"application/json": {"schema": {"type": "object"}}}}}}}}}
        => {"paths": {"/a": {"post": {"responses": {"4XX": {"content": {"application/json": {"schema": {"type": "object"}}}},
            "404": {"content": {"application/json": {"schema": {"type": "integer"}}}}}}}}};
    error_told_again:
        {"paths": {"/a": {"post": {"responses": {"default": {"content": {"application/json": {"schema": {"type": "object"}}}}}}}}}
        => {"paths": {"/a": {"post": {"responses": {"default": {"content": {"application/json": {"schema": {"type": "object"}}}},
            "5XX": {"description": "5", "content": {"application/json": {"schema": {"type": "object"}}}}}}}}};
    error_left_to_another:
        {"paths": {"/a": {"post": {"responses": {"default": {"content": {"application/json": {"schema": {"type": "object"}}}},
            "404": {"content": {"application/json": {"schema": {"type": "integer"}}}}}}}}}
        => {"paths": {"/a": {"post": {"responses": {"default": {"content": {"application/json": {"schema": {"type": "object"}}}}}}}}};
    scopes_added: {"security": [{"token": ["read"]}]} => {"security": [{"token": ["read", "write"]}]};
    security_no_longer_optional: {"security": [{"key": []}, {}]} => {"security": [{"key": []}]};

    // Which way components flow
    reference_percent_encoded:
        {"components": {"schemas": {"Run[x]Response": {"type": "string"}}}}
        => {"components": {"schemas": {"Run[x]Response": {"type": "string", "maxLength": 5}}}},
        {"paths": {"/a": {"post": {"requestBody": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/Run%5Bx%5DResponse"}}}}}}}};
    webhook_body: {"components": {"schemas": {"DoneParams": {"enum": ["a"]}}}} => {"components": {"schemas": {"DoneParams": {"enum": ["a", "b"]}}}},
        {"webhooks": {"done": {"post": {"requestBody": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/DoneParams"}}}}}}}};
    webhook_answer: {"components": {"schemas": {"DoneResponse": {"enum": ["a", "b"]}}}} => {"components": {"schemas": {"DoneResponse": {"enum": ["a"]}}}},
        {"webhooks": {"done": {"post": {"responses": {"200": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/DoneResponse"}}}}}}}}};
    webhook_shared_body:
        {"components": {"requestBodies": {"Done": {"content": {"a/b": {"schema": {"type": "string"}}}}}}}
        => {"components": {"requestBodies": {"Done": {"content": {"a/b": {"schema": {"type": ["string", "null"]}}}}}}},
        {"webhooks": {"done": {"$ref": "#/components/pathItems/Done"}},
            "components": {"pathItems": {"Done": {"post": {"requestBody": {"$ref": "#/components/requestBodies/Done"}}}}}};
    callback_body: {"components": {"schemas": {"DoneRequest": {"type": "string"}}}} => {"components": {"schemas": {"DoneRequest": {"type": ["string", "null"]}}}},
        {"paths": {"/a": {"post": {"callbacks": {"done": {"{$request.body#/url}":
            {"post": {"requestBody": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/DoneRequest"}}}}}}}}}}}};
    callback_shared: {"components": {"schemas": {"DoneRequest": {"type": "string"}}}} => {"components": {"schemas": {"DoneRequest": {"type": ["string", "null"]}}}},
        {"paths": {"/a": {"post": {"callbacks": {"done": {"$ref": "#/components/callbacks/Done"}}}}},
            "components": {"callbacks": {"Done": {"{$request.body#/url}":
                {"post": {"requestBody": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/DoneRequest"}}}}}}}}}};
    unused_shared_by_two: {"components": {"schemas": {"X": {"type": "string"}}}} => {"components": {"schemas": {"X": {"type": "string", "maxLength": 3}}}},
        {"components": {"schemas": {"Bar": {"properties": {"x": {"$ref": "#/components/schemas/X"}}},
            "FooResponse": {"properties": {"x": {"$ref": "#/components/schemas/X"}}}}}};
    unused_shared_by_a_circle: {"components": {"schemas": {"X": {"type": "string"}}}} => {"components": {"schemas": {"X": {"type": "string", "maxLength": 3}}}},
        {"components": {"schemas": {"Bar": {"properties": {"b": {"$ref": "#/components/schemas/Baz"}, "x": {"$ref": "#/components/schemas/X"}}},
            "Baz": {"properties": {"b": {"$ref": "#/components/schemas/Bar"}}},
            "FooResponse": {"properties": {"x": {"$ref": "#/components/schemas/X"}}}}}};
    unused_used_by_one: {"components": {"schemas": {"X": {"type": "string"}}}} => {"components": {"schemas": {"X": {"type": "string", "maxLength": 3}}}},
        {"components": {"schemas": {"FooResponse": {"properties": {"x": {"$ref": "#/components/schemas/X"}}}}}};
    unused_response: {"components": {"schemas": {"FooRequest": {"type": "string"}}}} => {"components": {"schemas": {"FooRequest": {"type": ["string", "null"]}}}},
        {"components": {"responses": {"Foo": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/FooRequest"}}}}}}};
    one_of_member_widened_behind_references:
        {"components": {"schemas": {"Id": {"type": "integer"}}}} => {"components": {"schemas": {"Id": {"type": ["integer", "string"]}}}},
        {"components": {"schemas": {"Key": {"$ref": "#/components/schemas/Id"}, "Name": {"type": "string"},
                "OneRequest": {"oneOf": [{"$ref": "#/components/schemas/Name"}, {"$ref": "#/components/schemas/Key"}]}}},
            "paths": {"/a": {"post": {"callbacks": {"done": {"{$request.body#/url}": {"post":
                {"requestBody": {"content": {"a/b": {"schema": {"oneOf": [{"$ref": "#/components/schemas/Name"}, {"$ref": "#/components/schemas/Key"}]}}}},
                 "responses": {"200": {"description": "d", "content": {"a/b": {"schema": {"oneOf": [{"$ref": "#/components/schemas/Key"}, {"$ref": "#/components/schemas/Name"}]}}}}}}}}}}}}};
    one_of_member_widened_that_is_told_apart:
        {"components": {"schemas": {"Id": {"type": "integer"}}}} => {"components": {"schemas": {"Id": {"type": ["integer", "string"]}}}},
        {"components": {"schemas": {"Name": {"type": "string"}, "OneRequest": {"discriminator": {"propertyName": "k"},
            "oneOf": [{"$ref": "#/components/schemas/Name"}, {"$ref": "#/components/schemas/Id"}]}}}};
    reference_into_a_path:
        {"paths": {"/a": {"post": {"requestBody": {"content": {"a/b": {"schema": {"type": "string"}}}}}}}}
        => {"paths": {"/a": {"post": {"requestBody": {"content": {"a/b": {"schema": {"type": ["string", "null"]}}}}}}}},
        {"paths": {"/b": {"get": {"responses": {"200": {"content": {"a/b": {"schema":
            {"$ref": "#/paths/~1a/post/requestBody/content/a~1b/schema"}}}}}}}}};
    reference_into_a_response:
        {"components": {"responses": {"R": {"content": {"a/b": {"schema": {"type": "string"}}}}}}}
        => {"components": {"responses": {"R": {"content": {"a/b": {"schema": {"type": "string", "maxLength": 3}}}}}}},
        {"paths": {"/a": {"post": {"responses": {"200": {"$ref": "#/components/responses/R"}},
            "requestBody": {"content": {"a/b": {"schema": {"$ref": "#/components/responses/R/content/a~1b/schema"}}}}}}}};
}
