//! A value is accepted or refused by the lowered schema as it is by the schema of 3.1.
//!
//! Both are judged by one JSON Schema validator; the lowered schema is put back into words of 2020-12
//! first, by the rules of 3.0.3 and no others.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use weshop_codegen::{Document, lower, lower_widening};

/// The rules of 3.0.3: null only where `nullable` stands beside `type`, flags for exclusive bounds,
/// nothing beside a `$ref`.
fn as_2020(schema: &Value) -> Value {
    let Some(object) = schema.as_object() else {
        return schema.clone();
    };
    if let Some(reference) = object.get("$ref") {
        return json!({"$ref": reference});
    }
    let mut target = Map::new();
    for (key, value) in object {
        let value = match key.as_str() {
            "nullable" | "exclusiveMinimum" | "exclusiveMaximum" | "format" => continue,
            "type" if object.get("nullable") == Some(&json!(true)) => json!([value, "null"]),
            "items" | "not" | "additionalProperties" => as_2020(value),
            "allOf" | "anyOf" | "oneOf" => value.as_array().unwrap().iter().map(as_2020).collect(),
            "properties" => {
                let members = value.as_object().unwrap().iter();
                Value::Object(
                    members
                        .map(|(name, member)| (name.clone(), as_2020(member)))
                        .collect(),
                )
            }
            "minimum" | "maximum" => {
                let flag = format!("exclusiveM{}", &key[1..]);
                let key = if object.get(&flag) == Some(&json!(true)) {
                    flag
                } else {
                    key.clone()
                };
                target.insert(key, value.clone());
                continue;
            }
            _ => value.clone(),
        };
        target.insert(key.clone(), value);
    }
    Value::Object(target)
}

/// A validator for the component `S`.
fn judge(schemas: &Value) -> jsonschema::Validator {
    let root = json!({"$ref": "#/components/schemas/S", "components": {"schemas": schemas}});
    jsonschema::draft202012::new(&root).unwrap()
}

fn schemas(schema: &Value) -> Value {
    let mut schemas = json!({
        "S": schema,
        "Other": {"type": ["object", "null"], "properties": {"a": {"type": "string"}, "b": true}, "required": ["a"]},
        "Names": {"type": "string", "enum": ["a", "c"]},
        "Number": {"type": "number", "exclusiveMinimum": 0},
    });
    if schema.to_string().contains("/Loose\"") {
        // Widened: what refers to it may accept more, and may not accept less.
        schemas["Loose"] = json!({"type": ["object", "string"], "patternProperties": {"^a": {"type": "integer"}}, "minLength": 1});
    }
    schemas
}

fn document(schemas: &Value) -> Document {
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "components": {"schemas": schemas},
    });
    Document::parse(&document.to_string()).unwrap()
}

fn lowered_schemas(value: &Value) -> Value {
    let schemas = value["components"]["schemas"].as_object().unwrap();
    Value::Object(
        schemas
            .iter()
            .map(|(name, schema)| (name.clone(), as_2020(schema)))
            .collect(),
    )
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|flag| json!(flag)),
        (-2..4_i64).prop_map(|number| json!(number)),
        prop_oneof![Just(0.5), Just(1.0), Just(1.5)].prop_map(|number| json!(number)),
        prop_oneof![Just(""), Just("a"), Just("b"), Just("abc")].prop_map(|text| json!(text)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map("[abc]", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn type_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "null", "boolean", "integer", "number", "string", "array", "object",
    ])
}

/// One keyword, or two that belong together.
fn keyword(inner: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let one = |name: &'static str, value: BoxedStrategy<Value>| {
        value.prop_map(move |value| json!({name: value})).boxed()
    };
    let count = || (0..3_u32).prop_map(|count| json!(count)).boxed();
    let bound = || (-1..3_i64).prop_map(|bound| json!(bound)).boxed();
    let names = || {
        prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 0..3).prop_map(
            |mut names| {
                names.sort_unstable();
                names.dedup();
                json!(names)
            },
        )
    };
    let list = || {
        prop::collection::vec(inner.clone(), 1..3)
            .prop_map(Value::Array)
            .boxed()
    };
    let members = || {
        prop::collection::btree_map("[abc]", inner.clone(), 0..3)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
            .boxed()
    };
    prop_oneof![
        4 => one("type", type_name().prop_map(|name| json!(name)).boxed()),
        3 => one("type", prop::collection::btree_set(type_name(), 1..4).prop_map(|names| json!(names)).boxed()),
        2 => one("const", scalar().boxed()),
        2 => one("enum", prop::collection::vec(scalar(), 1..4).prop_map(|mut values| {
            values.dedup();
            json!(values)
        }).boxed()),
        2 => one("properties", members()),
        1 => one("required", names().boxed()),
        1 => one("additionalProperties", inner.clone()),
        1 => one("patternProperties", (prop::sample::select(vec![".*", "^a", "[bc]"]), inner.clone())
            .prop_map(|(pattern, schema)| json!({pattern: schema})).boxed()),
        1 => one("propertyNames", prop::sample::select(vec![
            json!({"type": "string"}), json!(true), json!(false), json!({"enum": ["a", "b"]}),
            json!({"$ref": "#/components/schemas/Names"}), json!({"const": "a"}), json!({"maxLength": 0}),
        ]).boxed()),
        1 => one("unevaluatedProperties", inner.clone()),
        1 => one("unevaluatedItems", inner.clone()),
        1 => one("items", inner.clone()),
        1 => one("prefixItems", list()),
        1 => one("contains", inner.clone()),
        1 => one("minContains", count()),
        1 => one("maxContains", count()),
        1 => one("minItems", count()),
        1 => one("maxItems", count()),
        1 => one("minProperties", count()),
        1 => one("maxProperties", count()),
        1 => one("minLength", count()),
        1 => one("maxLength", count()),
        1 => one("minimum", bound()),
        1 => one("maximum", bound()),
        1 => one("exclusiveMinimum", bound()),
        1 => one("exclusiveMaximum", bound()),
        1 => one("allOf", list()),
        2 => one("anyOf", list()),
        2 => one("oneOf", list()),
        1 => one("not", inner.clone()),
        2 => (inner.clone(), inner.clone(), prop::option::of(inner.clone())).prop_map(|(condition, then, otherwise)| {
            let mut schema = json!({"if": condition, "then": then});
            if let Some(otherwise) = otherwise {
                schema["else"] = otherwise;
            }
            schema
        }),
        1 => one("dependentRequired", names().prop_map(|names| json!({"a": names})).boxed()),
        1 => one("dependentSchemas", inner.clone().prop_map(|schema| json!({"b": schema})).boxed()),
        2 => one("$ref", prop::sample::select(vec!["Other", "Number", "Loose"])
            .prop_map(|name| json!(format!("#/components/schemas/{name}"))).boxed()),
        1 => Just(json!({"title": "t", "examples": ["e"], "contentEncoding": "base64", "x-y": 1})),
    ]
    .boxed()
}

fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(true)),
        Just(json!(false)),
        Just(json!({})),
        Just(json!({"type": "string"}))
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        prop::collection::vec(keyword(inner.boxed()), 1..4).prop_map(|keywords| {
            let mut schema = Map::new();
            for keyword in keywords {
                schema.extend(keyword.as_object().unwrap().clone());
            }
            Value::Object(schema)
        })
    })
}

fn cases() -> u32 {
    std::env::var("WESHOP_FAITHFUL_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(1_500)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_lowered_accepts_the_same(schema in schema(), values in prop::collection::vec(value(), 24)) {
        let before = schemas(&schema);
        let document = document(&before);
        let judge_before = judge(&before);
        if let Ok(lowered) = lower(&document) {
            prop_assert_eq!(lowered.losses().len(), 0);
            let after = lowered_schemas(lowered.value());
            let judge_after = judge(&after);
            for value in &values {
                prop_assert_eq!(
                    judge_before.is_valid(value), judge_after.is_valid(value),
                    "{} for\n{}\nlowered to\n{}", value, schema, after["S"]
                );
            }
        } else if let Ok(lowered) = lower_widening(&document) {
            let after = lowered_schemas(lowered.value());
            let judge_after = judge(&after);
            for value in values.iter().filter(|value| judge_before.is_valid(value)) {
                prop_assert!(
                    judge_after.is_valid(value),
                    "{} is refused for\n{}\nlowered to\n{}", value, schema, after["S"]
                );
            }
        }
    }
}

#[test]
fn the_judge_knows_both_dialects() {
    let strict = json!({"S": {"type": ["string", "null"], "minLength": 1}});
    let lowered = lower(&document(&strict)).unwrap();
    let after = judge(&lowered_schemas(lowered.value()));
    assert!(
        after.is_valid(&json!(null)) && after.is_valid(&json!("a")) && !after.is_valid(&json!(""))
    );
    // Read as it stands, the lowered schema would refuse null.
    assert!(!judge(&lowered.value()["components"]["schemas"]).is_valid(&json!(null)));
}
