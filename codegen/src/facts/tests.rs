#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::{Facts, Field, Kind, Text};

fn field(property: Value) -> Field {
    let document = json!({"components": {"schemas": {
        "Thing": {"type": "object", "properties": {"it": property}},
        "Size": {"type": "string", "enum": ["1K", "2K"]},
        "Free": {"oneOf": [{"const": "a", "description": "A."}, {"const": "b"}]},
        "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}, {"$ref": "#/components/schemas/Loop"}]},
    }}});
    let facts = Facts::of(&document);
    let thing = facts
        .objects
        .iter()
        .find(|object| object.name == "Thing")
        .unwrap();
    thing.fields[0].clone()
}

fn text(values: &[&str]) -> Kind {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    Kind::String(Text {
        values,
        ..Text::default()
    })
}

#[test]
fn every_way_to_write_an_enumeration_reads_the_same() {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let cases = [
        (json!({"enum": ["a", "b"]}), text(&["a", "b"]), false),
        (json!({"const": "a"}), text(&["a"]), false),
        (reference("Size"), text(&["1K", "2K"]), false),
        (reference("Free"), text(&["a", "b"]), false),
        (
            json!({"$ref": "#/components/schemas/Free", "default": "a"}),
            text(&["a", "b"]),
            false,
        ),
        (
            json!({"$ref": "#/components/schemas/Free", "enum": ["b"]}),
            text(&["b"]),
            false,
        ),
        (
            json!({"anyOf": [reference("Size"), {"type": "null"}]}),
            text(&["1K", "2K"]),
            true,
        ),
        (
            json!({"type": ["string", "null"], "enum": ["a", null]}),
            text(&["a"]),
            true,
        ),
        (
            json!({"anyOf": [reference("Size"), reference("Free")]}),
            text(&["1K", "2K", "a", "b"]),
            false,
        ),
        (
            json!({"allOf": [reference("Size")]}),
            text(&["1K", "2K"]),
            false,
        ),
        // An enumeration beside any text is any text.
        (
            json!({"anyOf": [reference("Size"), {"type": "string"}]}),
            text(&[]),
            false,
        ),
    ];
    for (schema, kind, nullable) in cases {
        let field = field(schema.clone());
        assert_eq!((field.kind, field.nullable), (kind, nullable), "{schema}");
    }
}

#[test]
fn bounds_are_inclusive_and_the_narrowest_hold() {
    let integer = |min, max| Kind::Integer { min, max };
    let cases = [
        (json!({"type": "integer"}), integer(None, None)),
        (
            json!({"type": "integer", "minimum": 1, "maximum": 16}),
            integer(Some(1), Some(16)),
        ),
        (
            json!({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 17}),
            integer(Some(1), Some(16)),
        ),
        (
            json!({"type": "integer", "format": "int32", "minimum": 0}),
            integer(Some(0), Some(i32::MAX.into())),
        ),
        (
            json!({"type": "integer", "format": "int64"}),
            integer(Some(i64::MIN), Some(i64::MAX)),
        ),
        (
            json!({"allOf": [{"type": "integer", "maximum": 9}, {"type": "integer", "maximum": 4}]}),
            integer(None, Some(4)),
        ),
        (
            json!({"anyOf": [{"type": "integer", "maximum": 9}, {"type": "integer", "maximum": 4}]}),
            integer(None, Some(9)),
        ),
        (
            json!({"type": "number", "minimum": 0.5}),
            Kind::Number {
                min: Some(0.5),
                max: None,
            },
        ),
    ];
    for (schema, kind) in cases {
        assert_eq!(field(schema.clone()).kind, kind, "{schema}");
    }
    let text = field(json!({"type": "string", "minLength": 1, "maxLength": 9})).kind;
    assert_eq!(
        text,
        Kind::String(Text {
            values: vec![],
            min_length: Some(1),
            max_length: Some(9)
        })
    );
}

#[test]
fn what_is_not_understood_allows_anything() {
    for schema in [
        json!({}),
        json!(true),
        json!({"$ref": "#/components/schemas/Missing"}),
        json!({"$ref": "elsewhere.yaml#/Thing"}),
        json!({"$ref": "#/components/schemas/Loop"}),
        json!({"type": "quaternion"}),
        json!({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
    ] {
        assert_eq!(field(schema.clone()).kind, Kind::Any, "{schema}");
    }
}

#[test]
fn objects_are_put_together_from_their_parts() {
    let facts = Facts::of(&json!({"components": {"schemas": {
        "Base": {"type": "object", "required": ["id", "ghost"], "properties": {"id": {"type": "integer"}}},
        "Whole": {"allOf": [{"$ref": "#/components/schemas/Base"}], "type": "object",
                  "properties": {"id": {"type": "integer", "minimum": 1}, "inner": {"$ref": "#/components/schemas/Base"}},
                  "additionalProperties": false},
        "Word": {"type": "string"},
    }}}));
    let names: Vec<_> = facts
        .objects
        .iter()
        .map(|object| (object.name.as_str(), object.closed))
        .collect();
    assert_eq!(names, [("Base", false), ("Whole", true)]);
    let whole: Vec<_> = facts.objects[1]
        .fields
        .iter()
        .map(|f| (f.name.as_str(), f.required, f.kind.clone()))
        .collect();
    assert_eq!(
        whole,
        [
            ("ghost", true, Kind::Any),
            (
                "id",
                true,
                Kind::Integer {
                    min: Some(1),
                    max: None
                }
            ),
            (
                "inner",
                false,
                Kind::Object {
                    schema: Some("Base".into())
                }
            ),
        ]
    );
}

#[test]
fn the_source_is_one_rust_expression() {
    let facts = Facts::of(&json!({"components": {"schemas": {"A\"b": {
        "type": "object", "additionalProperties": false, "required": ["n"],
        "properties": {
            "n": {"type": "integer", "minimum": 1}, "x": {"type": ["number", "null"], "maximum": 2},
            "s": {"enum": ["1K", "\u{2028}"]}, "o": {"type": "object"}, "any": {}, "null": {"type": "null"},
            "list": {"type": "array"}, "flag": {"type": "boolean"},
        },
    }}}}));
    let source = facts.source();
    syn::parse_str::<syn::Expr>(&source).expect("it parses");
    insta::assert_snapshot!(source);
}

#[test]
fn no_document_is_too_strange() {
    for document in [
        json!(null),
        json!({"components": {"schemas": []}}),
        json!({"components": {"schemas": {"A": {"type": "object", "properties": 3, "required": {}, "allOf": 1}}}}),
        json!({"components": {"schemas": {"A": {"$ref": "#/components/schemas/A"}}}}),
        json!({"components": {"schemas": {"A": {"type": "object", "allOf": [
            {"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/A"}]}}}}),
    ] {
        let _ = Facts::of(&document).source();
    }
}
