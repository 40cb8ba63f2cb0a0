//! Each construct of 3.1 in a small case: what it becomes, what is noted, what stands in the way.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};
use weshop_codegen::{Document, lower, lower_widening};

/// Reads a whole document.
fn document(value: &Value) -> Document {
    Document::parse(&value.to_string()).unwrap()
}

/// A document around one schema.
fn with_schema(schema: &Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "components": {"schemas": {
            "S": schema,
            "Other": {"type": "object", "properties": {"a": {"type": "string"}}},
            "Size": {"type": "string", "enum": ["big", "small"]},
        }},
    })
}

/// What lowering says of a document, for a snapshot.
fn told(value: &Value, place: &str) -> String {
    let document = document(value);
    let mut lines = Vec::new();
    let lowered = match lower(&document) {
        Ok(lowered) => Some(lowered),
        Err(obstacles) => {
            lines.extend(
                obstacles
                    .iter()
                    .map(|obstacle| format!("OBSTACLE {obstacle}")),
            );
            lower_widening(&document).ok()
        }
    };
    if let Some(lowered) = lowered {
        let value = lowered.value().pointer(place).unwrap_or(&Value::Null);
        lines.push(serde_json::to_string_pretty(value).unwrap());
        lines.extend(lowered.notes().iter().map(|note| format!("note {note}")));
        lines.extend(lowered.losses().iter().map(|loss| format!("LOSS {loss}")));
    }
    lines.join("\n")
}

macro_rules! schemas {
    ($($name:ident: $schema:tt;)+) => {$(
        #[test]
        fn $name() {
            let document = with_schema(&json!($schema));
            insta::assert_snapshot!(stringify!($name), told(&document, "/components/schemas/S"));
        }
    )+};
}

schemas! {
    ref_alone: {"$ref": "#/components/schemas/Other"};
    ref_with_description: {"$ref": "#/components/schemas/Other", "description": "d", "default": {}};
    ref_with_validation: {"$ref": "#/components/schemas/Other", "required": ["a"], "title": "t"};
    ref_with_const: {"$ref": "#/components/schemas/Size", "const": "big"};
    ref_with_nullable: {"$ref": "#/components/schemas/Other", "nullable": true};
    ref_and_all_of: {"$ref": "#/components/schemas/Other", "allOf": [{"required": ["a"]}]};
    null_beside_others: {"anyOf": [{"type": "string"}, {"type": "null"}]};
    null_beside_a_ref: {"oneOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}]};
    null_alone: {"type": "null"};
    null_unquoted: {"type": ["string", null]};
    const_string: {"const": "a"};
    const_false: {"const": false};
    const_zero: {"const": 0};
    const_empty: {"type": "string", "const": ""};
    const_null: {"const": null};
    const_object: {"const": {"a": 1}};
    const_of_another_type: {"type": "string", "const": 1};
    const_and_enum: {"enum": ["a", "b"], "const": "b"};
    const_and_enum_of_numbers: {"enum": [1, 2], "const": 1.0};
    const_and_enum_of_large_numbers: {"enum": [9007199254740992_i64, 9007199254740993_i64], "const": 9007199254740993_i64};
    const_in_a_nullable_type: {"type": ["string", "null"], "const": "a"};
    documented_constants: {"oneOf": [{"const": "a", "description": "A."}, {"const": "b", "title": "B"}]};
    examples: {"type": "string", "examples": ["a"], "example": "b"};
    leftover_nullable: {"type": "string", "nullable": true};
    leftover_nullable_untyped: {"allOf": [{"$ref": "#/components/schemas/Other"}], "nullable": true};
    leftover_not_nullable: {"type": "string", "nullable": false};
    nullable_type: {"type": ["integer", "null"], "minimum": 1};
    several_types: {"type": ["string", "integer", "null"], "minLength": 1, "maximum": 9, "format": "int32", "description": "d"};
    several_types_with_values: {"type": ["string", "integer"], "enum": ["a", 1, 2.5]};
    every_type: {"type": ["null", "boolean", "number", "string", "array", "object"], "minimum": 3};
    no_type: {"type": []};
    unknown_type: {"type": "file"};
    exclusive_numbers: {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 10};
    exclusive_and_inclusive: {"exclusiveMinimum": 1, "minimum": 2, "exclusiveMaximum": 5, "maximum": 9};
    exclusive_and_inclusive_large: {"exclusiveMinimum": 1152921504606846976_i64, "minimum": 1152921504606846990_i64};
    exclusive_flags: {"type": "integer", "minimum": 1, "exclusiveMinimum": true};
    whole_numbers: {"type": "string", "minLength": 1.0, "maxLength": 3};
    bounds_outside_i64: {"type": "integer", "maximum": 18446744073709551615_u64};
    enum_with_null: {"enum": ["a", null]};
    enum_with_null_and_type: {"type": ["string", "null"], "enum": ["a", null]};
    enum_without_its_null: {"type": ["string", "null"], "enum": ["a"]};
    enum_with_stray_values: {"type": "string", "enum": ["a", 1]};
    enum_of_several_types: {"enum": [1, "a", true]};
    enum_empty: {"enum": []};
    property_names_strings: {"type": "object", "propertyNames": {"type": "string"}};
    property_names_listed: {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "additionalProperties": {"type": "integer"}};
    property_names_by_ref: {"type": "object", "propertyNames": {"$ref": "#/components/schemas/Size"}};
    property_names_pattern: {"type": "object", "propertyNames": {"pattern": "^a"}};
    property_names_none: {"propertyNames": false};
    pattern_for_all: {"type": "object", "properties": {"a": {"type": "string"}}, "patternProperties": {".*": {"minLength": 1}}};
    pattern_closed: {"type": "object", "patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": false};
    pattern_open: {"patternProperties": {"^x-": {"type": "string"}}};
    tuple: {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false};
    tuple_of_one_kind: {"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}], "items": false, "minItems": 2};
    tuple_open: {"type": "array", "prefixItems": [{"type": "string"}]};
    items_as_a_list: {"type": "array", "items": [{"type": "string"}]};
    items_none: {"type": "array", "items": false};
    items_missing: {"type": "array"};
    contains_one: {"type": "array", "contains": {"type": "string"}};
    contains_none: {"contains": {"type": "string"}, "minContains": 0};
    contains_counted: {"contains": {"type": "string"}, "minContains": 2};
    if_then_else: {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}};
    if_alone: {"if": {"required": ["a"]}};
    if_with_a_loss: {"if": {"propertyNames": {"pattern": "a"}}, "then": {"required": ["b"]}};
    dependent: {"dependentRequired": {"a": ["b"], "c": []}, "dependentSchemas": {"a": {"minProperties": 2}}};
    unevaluated_alone: {"properties": {"a": {}}, "unevaluatedProperties": false};
    unevaluated_with_all_of: {"allOf": [{"$ref": "#/components/schemas/Other"}], "properties": {"b": {}}, "unevaluatedProperties": false};
    unevaluated_with_any_of: {"anyOf": [{"$ref": "#/components/schemas/Other"}], "unevaluatedProperties": false};
    unevaluated_items: {"type": "array", "unevaluatedItems": {"type": "string"}};
    one_of_with_a_loss: {"oneOf": [{"propertyNames": {"pattern": "a"}}, {"type": "string"}]};
    content_base64: {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"};
    content_raw: {"type": "string", "contentMediaType": "application/octet-stream"};
    content_schema: {"type": "string", "contentMediaType": "application/json", "contentSchema": {"type": "object"}};
    definitions: {"$defs": {"N": {"type": "integer"}}, "properties": {"n": {"$ref": "#/components/schemas/S/$defs/N"}}};
    ref_into_properties: {"$ref": "#/components/schemas/Other/properties/a"};
    anchor: {"$anchor": "s", "properties": {"next": {"$ref": "#s"}}};
    id_and_root: {"$id": "https://example.com/s", "properties": {"next": {"$ref": "https://example.com/s"}}};
    dynamic_ref: {"$dynamicAnchor": "node", "properties": {"child": {"$dynamicRef": "#node"}}};
    dynamic_ref_unknown: {"$dynamicRef": "#nowhere"};
    ref_to_nothing: {"$ref": "#/components/schemas/Gone"};
    ref_outside: {"$ref": "common.yaml#/A"};
    ref_to_itself: {"$ref": "#/components/schemas/S"};
    schema_true_and_false: {"properties": {"any": true, "none": false}, "additionalProperties": true};
    properties_called_like_keywords: {"properties": {"schema": {"type": "string"}, "examples": {"type": "string"}, "const": {"const": 1}, "type": {"type": "null"}, "$ref": {"type": "string"}}};
    unknown_keyword: {"type": "string", "nonsense": 1, "x-kept": 2};
    dialect_usual: {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "string"};
    dialect_unknown: {"$schema": "http://json-schema.org/draft-04/schema#"};
    not_a_schema: 5;
    all_of_nothing: {"allOf": []};
}

macro_rules! documents {
    ($($name:ident: $members:tt;)+) => {$(
        #[test]
        fn $name() {
            let mut document = json!({"openapi": "3.1.1", "info": {"title": "t", "version": "1"}});
            document.as_object_mut().unwrap().extend(json!($members).as_object().unwrap().clone());
            insta::assert_snapshot!(stringify!($name), told(&document, ""));
        }
    )+};
}

documents! {
    webhooks_and_no_paths: {"webhooks": {"w": {"post": {}}}};
    info_of_3_1: {"info": {"title": "t", "version": "1", "summary": "s", "license": {"name": "MIT", "identifier": "MIT"}}};
    dialect_of_the_document: {"jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base"};
    dialect_of_another: {"jsonSchemaDialect": "https://example.com/dialect"};
    one_of_that_refers_to_a_loss_elsewhere: {
        "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"patternProperties": {"^a": {"type": "string"}}}}}}}}}},
        "components": {"schemas": {
            "A": {"oneOf": [{"$ref": "#/paths/~1a/get/responses/200/content/application~1json/schema"}, {"type": "object"}]},
            "B": {"oneOf": [{"$ref": "#/components/schemas/A"}, {"type": "string"}]}
        }}
    };
    one_of_that_refers_to_a_loss: {"components": {"schemas": {
        "A": {"oneOf": [{"$ref": "#/components/schemas/B"}, {"type": "string"}]},
        "B": {"$ref": "#/components/schemas/C"},
        "C": {"propertyNames": {"pattern": "a"}}
    }}};
    not_that_refers_to_a_loss: {"components": {"schemas": {
        "A": {"not": {"$ref": "#/components/schemas/B"}},
        "B": {"$ref": "#/components/schemas/C"},
        "C": {"propertyNames": {"pattern": "a"}}
    }}};
    no_responses: {"paths": {"/a": {"get": {"operationId": "a"}}}};
    path_item_ref: {
        "paths": {"/a": {"$ref": "#/components/pathItems/A", "summary": "s"}},
        "components": {"pathItems": {"A": {"get": {"operationId": "a", "responses": {"204": {"description": "d"}}}}}}
    };
    path_items_in_a_circle: {
        "paths": {"/a": {"$ref": "#/components/pathItems/A"}},
        "components": {"pathItems": {"A": {"$ref": "#/components/pathItems/A"}}}
    };
    parameter_ref_with_words: {
        "paths": {"/a": {"get": {"operationId": "a", "parameters": [{"$ref": "#/components/parameters/P", "description": "d"}], "responses": {"200": {"description": "d"}}}}},
        "components": {"parameters": {"P": {"name": "p", "in": "query", "schema": {"const": 1}, "examples": {"e": {"value": 1}}}}}
    };
    parameter_ref_elsewhere: {
        "paths": {
            "/a": {"get": {"operationId": "a", "parameters": [{"name": "p", "in": "query", "schema": {}}], "responses": {"200": {"description": "d"}}}},
            "/b": {"get": {"operationId": "b", "parameters": [{"$ref": "#/paths/~1a/get/parameters/0"}], "responses": {"200": {"description": "d"}}}}
        }
    };
    security_below_http: {
        "security": [{"cert": [], "key": ["role"]}],
        "components": {"securitySchemes": {"cert": {"type": "mutualTLS"}, "key": {"type": "apiKey", "name": "k", "in": "header"}}}
    };
    callbacks: {"paths": {"/a": {"post": {"operationId": "a", "callbacks": {"c": {"{$request.body}": {"post": {}}}}, "responses": {"200": {"description": "d"}}}}}};
}

#[test]
fn other_versions_are_refused_and_3_0_is_handed_through() {
    let old = json!({"swagger": "2.0", "info": {}});
    assert!(
        lower(&document(&old))
            .unwrap_err()
            .to_string()
            .contains("convert it to 3.1 first")
    );
    let lowered = json!({"openapi": "3.0.2", "info": {"title": "t", "version": "1"}, "paths": {}});
    assert_eq!(*lower(&document(&lowered)).unwrap().value(), lowered);
}

#[test]
fn every_obstacle_is_named_at_once() {
    let schema = json!({
        "properties": {"a": {"$ref": "#/nowhere"}, "b": {"type": "file"}},
        "propertyNames": {"pattern": "a"},
        "unevaluatedItems": {},
    });
    let obstacles = lower(&document(&with_schema(&schema))).unwrap_err();
    let pointers: Vec<&str> = obstacles
        .iter()
        .map(|obstacle| obstacle.pointer.as_str())
        .collect();
    assert_eq!(
        pointers,
        [
            "/components/schemas/S/properties/a/$ref",
            "/components/schemas/S/properties/b/type",
            "/components/schemas/S/propertyNames",
        ]
    );
}

#[test]
fn lowering_is_the_same_each_time() {
    let text = include_str!("fixtures/idioms.yaml");
    let document = Document::parse(text).unwrap();
    let once = lower(&document).unwrap();
    assert_eq!(once, lower(&document).unwrap());
    // What is lowered is 3.0, which is handed through.
    assert_eq!(
        lower(&self::document(once.value())).unwrap().value(),
        once.value()
    );
}
