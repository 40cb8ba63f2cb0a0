//! What openapi.yaml states is written nowhere else: change the document, and verdicts follow.

use std::process::Command;

use serde_json::{Value, json};
use weshop::agents;
use weshop::validate::facts::{Facts, Field, Kind, Schema};
use weshop::validate::{Options, Rule};
use weshop_codegen::{Document, facts};

use crate::needs::build_script;
use crate::validate_cases::least;

fn document() -> Value {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.yaml"));
    Document::parse(&text.unwrap()).unwrap().value().clone()
}

/// A static table, as the build makes one: what a test leaks is small and soon over.
fn leaked(facts: &facts::Facts) -> &'static Facts<'static> {
    let text = |text: &str| -> &'static str { String::leak(text.to_owned()) };
    let kind = |kind: &facts::Kind| match kind {
        facts::Kind::Boolean => Kind::Boolean,
        facts::Kind::Integer { min, max } => Kind::Integer {
            min: *min,
            max: *max,
        },
        facts::Kind::Number { min, max } => Kind::Number {
            min: *min,
            max: *max,
        },
        facts::Kind::String(given) => Kind::String {
            values: given
                .values
                .iter()
                .map(|value| text(value))
                .collect::<Vec<_>>()
                .leak(),
            min_length: given.min_length,
            max_length: given.max_length,
        },
        facts::Kind::Array => Kind::Array,
        facts::Kind::Object { schema } => Kind::Object {
            schema: schema.as_deref().map(text),
        },
        _ => Kind::Any,
    };
    let field = |field: &facts::Field| Field {
        name: text(&field.name),
        required: field.required,
        nullable: field.nullable,
        kind: kind(&field.kind),
    };
    let schemas = facts.objects.iter().map(|object| Schema {
        name: text(&object.name),
        closed: object.closed,
        fields: object.fields.iter().map(field).collect::<Vec<_>>().leak(),
    });
    Box::leak(Box::new(Facts {
        schemas: schemas.collect::<Vec<_>>().leak(),
    }))
}

fn options(document: &Value) -> Options {
    Options::default().facts(leaked(&facts::Facts::of(document)))
}

/// The least request of an agent, with one field more.
fn with(agent: &str, field: &str, value: Value) -> Value {
    let mut request = least(agent);
    request["params"][field] = value;
    request
}

fn rules(request: &Value, options: &Options) -> Vec<Rule> {
    match agents::validate_with(request, options) {
        Ok(()) => Vec::new(),
        Err(violations) => violations
            .iter()
            .map(|violation| violation.rule())
            .collect(),
    }
}

#[test]
fn the_table_that_was_built_in_is_the_documents() {
    assert_eq!(leaked(&facts::Facts::of(&document())), Facts::vendored());
}

#[test]
fn the_build_takes_its_table_from_the_document_that_it_is_given() {
    let mut document = document();
    *document
        .pointer_mut("/components/schemas/BatchCount/maximum")
        .unwrap() = json!(32);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openapi.json");
    std::fs::write(&path, document.to_string()).unwrap();
    let built = Command::new(build_script())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("OUT_DIR", folder.path())
        .env("WESHOP_OPENAPI", &path)
        .output()
        .unwrap();
    assert!(built.status.success());
    let table = std::fs::read_to_string(folder.path().join("facts.rs")).unwrap();
    assert_eq!(table, facts::Facts::of(&document).source());
    assert!(table.contains("Integer { min: Some(1), max: Some(32) }"));
}

#[test]
fn another_maximum_is_another_verdict() {
    let mut document = document();
    *document
        .pointer_mut("/components/schemas/BatchCount/maximum")
        .unwrap() = json!(32);
    let (before, after) = (Options::default(), options(&document));
    for agent in [
        "virtualtryon",
        "aimodel",
        "aiproduct",
        "aipose",
        "expandimage",
        "removeBG",
    ] {
        for (count, old, new) in [
            (16, true, true),
            (17, false, true),
            (32, false, true),
            (33, false, false),
        ] {
            let request = with(agent, "batchCount", json!(count));
            assert_eq!(rules(&request, &before).is_empty(), old, "{agent} {count}");
            assert_eq!(rules(&request, &after).is_empty(), new, "{agent} {count}");
        }
    }
    let words =
        agents::validate_with(&with("aipose", "batchCount", json!(33)), &after).unwrap_err();
    assert_eq!(words[0].message(), "`batchCount` must be from 1 to 32");
}

#[test]
fn another_value_is_taken_and_named() {
    let mut document = document();
    let sizes = document
        .pointer_mut("/components/schemas/ImageSize/enum")
        .unwrap();
    sizes.as_array_mut().unwrap().push(json!("8K"));
    let kinds = document
        .pointer_mut("/components/schemas/SubjectMaskType/oneOf")
        .unwrap();
    kinds
        .as_array_mut()
        .unwrap()
        .push(json!({"const": "autoHumanSegment"}));
    let (before, after) = (Options::default(), options(&document));
    for request in [
        with("virtualtryon", "imageSize", json!("8K")),
        with("removeBG", "maskType", json!("autoHumanSegment")),
    ] {
        assert_eq!(rules(&request, &before), [Rule::Enum]);
        assert_eq!(rules(&request, &after), []);
    }
    // The rules between fields take their words from there too.
    let request = with("virtualtryon", "generateVersion", json!("bananaPro"));
    let words = agents::validate_with(&request, &after).unwrap_err();
    assert!(
        words[0].message().ends_with("set `1K`, `2K`, `4K` or `8K`"),
        "{words}"
    );
}

#[test]
fn a_field_that_is_gone_is_refused_and_a_new_one_taken() {
    let mut document = document();
    let params = "/components/schemas/AimodelParams/properties";
    let fields = document
        .pointer_mut(params)
        .unwrap()
        .as_object_mut()
        .unwrap();
    fields.remove("pose");
    fields.insert("seed".to_owned(), json!({"type": "integer", "minimum": 0}));
    let (before, after) = (Options::default(), options(&document));
    let pose = with("aimodel", "pose", json!("freePose"));
    let seed = with("aimodel", "seed", json!(7));
    assert_eq!(
        (rules(&pose, &before), rules(&pose, &after)),
        (vec![], vec![Rule::UnknownField])
    );
    assert_eq!(
        (rules(&seed, &before), rules(&seed, &after)),
        (vec![Rule::UnknownField], vec![])
    );
    assert_eq!(
        rules(&with("aimodel", "seed", json!(-1)), &after),
        [Rule::Range]
    );
}

#[test]
fn what_becomes_required_or_nullable_is_so_at_once() {
    let mut document = document();
    let required = document
        .pointer_mut("/components/schemas/AiposeParams/required")
        .unwrap();
    required
        .as_array_mut()
        .unwrap()
        .push(json!("generateVersion"));
    let width = "/components/schemas/ExpandimageParams/properties/fillLeft/type";
    *document.pointer_mut(width).unwrap() = json!(["integer", "null"]);
    let (before, after) = (Options::default(), options(&document));
    assert_eq!(
        (
            rules(&least("aipose"), &before),
            rules(&least("aipose"), &after)
        ),
        (vec![], vec![Rule::Required])
    );
    let null = with("expandimage", "fillLeft", Value::Null);
    assert_eq!(
        (rules(&null, &before), rules(&null, &after)),
        (vec![Rule::Type], vec![])
    );
}

#[test]
fn a_document_that_says_nothing_leaves_the_rules_between_fields() {
    let after = options(&json!({"openapi": "3.1.0"}));
    let mut request = with("removeBG", "anything", json!({"goes": true}));
    assert_eq!(rules(&request, &after), []);
    request["params"]
        .as_object_mut()
        .unwrap()
        .remove("backgroundId");
    assert_eq!(rules(&request, &after), [Rule::AnyOfBackground]);
}
