//! Documents that are small and would keep a careless reader busy for hours.
//!
//! Nothing is timed here: without its bound each of these would not end on the day it began.

use serde_json::{Map, Value, json};
use weshop_codegen::{
    Document, Generated, Lowered, Options, check_needs, generate, lower, lower_widening,
};

pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

pub(super) fn document(members: Value) -> Document {
    let mut document = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}});
    if let (Some(document), Value::Object(members)) = (document.as_object_mut(), members) {
        document.extend(members);
    }
    Document::parse(&document.to_string()).unwrap()
}

fn lowered(members: Value) -> Lowered {
    lower(&document(members)).unwrap()
}

fn generated(members: Value) -> Generated {
    generate(&lowered(members), &Options::default()).unwrap()
}

/// Lowers and adapts, and spares the generator types without number.
fn lowered_and_adapted(schemas: &Map<String, Value>) {
    let document = document(json!({"components": {"schemas": schemas}}));
    assert_eq!(check_needs(&document, ""), Ok(()));
}

/// A document with one operation that takes parameters and answers nothing.
fn with_parameters(parameters: &Value, schemas: &Value) -> Value {
    json!({
        "paths": {"/a": {"get": {"operationId": "a", "parameters": parameters}}},
        "components": {"schemas": schemas},
    })
}

/// Two schemas a level, each a choice of both of the next level: so many ways lead to the last one.
pub(super) fn choices(levels: usize) -> Map<String, Value> {
    let mut schemas = Map::new();
    for level in 0..levels {
        let next = [
            reference(&format!("A{}", level + 1)),
            reference(&format!("B{}", level + 1)),
        ];
        for name in ["A", "B"] {
            schemas.insert(format!("{name}{level}"), json!({"oneOf": next}));
        }
    }
    for name in ["A", "B"] {
        let last = json!({"type": "string", "enum": [name]});
        schemas.insert(format!("{name}{levels}"), last);
    }
    schemas
}

#[test]
fn choices_of_choices_are_followed_once() {
    let parameters = json!([{"name": "q", "in": "query", "schema": reference("A0")}]);
    let schemas = Value::Object(choices(40));
    let generated = generated(with_parameters(&parameters, &schemas));
    assert_eq!(generated.reduced, []);
    assert!(generated.source.contains("pub fn q<V>(mut self"));
}

/// A parameter may lead to a choice that is a part of itself, which no component is.
#[test]
fn a_parameter_in_a_circle_is_left_out() {
    let parameters =
        json!([{"name": "q", "in": "query", "schema": {"$ref": "#/components/schemas/A/allOf/1"}}]);
    let circle = json!({"oneOf": [{"$ref": "#/components/schemas/A/allOf/1"}, {"type": "string"}]});
    let schemas = json!({"A": {"allOf": [{"type": "object", "properties": {"a": {}}}, circle]}});
    let mut members = with_parameters(&parameters, &schemas);
    members["openapi"] = json!("3.0.3");
    let generated = generated(members);
    assert!(generated.source.contains("pub fn a(&self)"));
}

/// Most of what these make is refused once and left as it is, which is the point.
#[test]
fn all_of_is_looked_at_a_bounded_number_of_times() {
    // Two ways a level, and nothing at the end that could be merged.
    let mut schemas = Map::new();
    for level in 0..14 {
        let next = vec![reference(&format!("A{}", level + 1)); 12];
        schemas.insert(format!("A{level}"), json!({"allOf": next}));
    }
    schemas.insert(
        "A14".to_owned(),
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
    );
    lowered_and_adapted(&schemas);
    // A merge that fails at its last member, tried by all who refer to it.
    let mut members = vec![reference("Part"); 3_000];
    members.extend([json!({"type": "string"}), json!({"type": "integer"})]);
    let mut schemas = Map::from_iter([("Whole".to_owned(), json!({"allOf": members}))]);
    schemas.insert(
        "Part".to_owned(),
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
    );
    for index in 0..5_000 {
        let user = json!({"allOf": [reference("Whole"), {"properties": {"b": {}}}]});
        schemas.insert(format!("User{index}"), user);
    }
    lowered_and_adapted(&schemas);
    // Members that are merged one after another.
    let member = |index: usize| json!({"type": "object", "properties": {format!("p{index}"): {}}, "required": [format!("p{index}")]});
    let members: Vec<Value> = (0..30_000).map(member).collect();
    lowered_and_adapted(&Map::from_iter([(
        "All".to_owned(),
        json!({"allOf": members}),
    )]));
}

#[test]
fn parameters_are_compared_by_name() {
    let parameters: Vec<Value> = (0..15_000)
        .map(|index| json!({"name": format!("p{index}"), "in": "cookie"}))
        .collect();
    let generated = generated(with_parameters(&json!(parameters), &json!({})));
    assert_eq!(generated.reduced.len(), 15_000);
    let path: String = (0..20_000).map(|index| format!("{{{index}}}")).collect();
    let twice = format!("/{path}{{0}}");
    let generated = self::generated(json!({"paths": {twice: {"get": {"operationId": "a"}}}}));
    assert_eq!(generated.left_out.len(), 1);
}

/// What typify would merge by itself, in every combination or without end.
#[test]
fn what_cannot_be_merged_is_not_left_to_the_generator() {
    let object =
        |name: &str, schema: Value| json!({"type": "object", "properties": {name: schema}});
    let text = json!({"type": "string"});
    let choice = |index: usize| json!({"oneOf": [object(&format!("a{index}"), text.clone()), object(&format!("b{index}"), text.clone())]});
    let mut schemas = Map::new();
    schemas.insert(
        "Choices".to_owned(),
        json!({"allOf": (0..40).map(choice).collect::<Vec<_>>()}),
    );
    schemas.insert("Few".to_owned(), json!({"allOf": [choice(0), choice(1)]}));
    for level in 0..40 {
        for side in ["X", "Y"] {
            let next = reference(&format!("{side}{}", level + 1));
            let schema = json!({"type": "object", "properties": {"a": next, "b": next}});
            schemas.insert(format!("{side}{level}"), schema);
        }
    }
    schemas.insert("X40".to_owned(), object("x", text.clone()));
    schemas.insert("Y40".to_owned(), object("y", text.clone()));
    schemas.insert(
        "Sides".to_owned(),
        json!({"allOf": [reference("X0"), reference("Y0")]}),
    );
    for name in ["P", "Q"] {
        schemas.insert(name.to_owned(), object("next", reference(name)));
    }
    let circles = [reference("P"), reference("Q"), choice(0), choice(1)];
    schemas.insert("Circles".to_owned(), json!({"allOf": circles}));
    let generated = generated(json!({"components": {"schemas": schemas}}));
    let any: Vec<&str> = generated
        .notes
        .iter()
        .filter(|note| note.message.contains("combinations"))
        .map(|note| note.pointer.as_str())
        .collect();
    assert_eq!(
        any,
        [
            "/components/schemas/Choices",
            "/components/schemas/Circles",
            "/components/schemas/Sides"
        ]
    );
    assert!(generated.source.contains("pub struct FewVariant0"));
}

#[test]
fn what_schemas_evaluate_is_looked_up_once() {
    let mut schemas = Map::new();
    for level in 0..7 {
        let next = vec![reference(&format!("A{}", level + 1)); 40];
        schemas.insert(format!("A{level}"), json!({"allOf": next}));
    }
    schemas.insert(
        "A7".to_owned(),
        json!({"type": "object", "properties": {"x": {"type": "string"}}}),
    );
    schemas.insert(
        "Top".to_owned(),
        json!({"allOf": [reference("A0")], "unevaluatedProperties": false}),
    );
    let lowered = lowered(json!({"components": {"schemas": schemas}}));
    let top = &lowered.value()["components"]["schemas"]["Top"];
    assert_eq!(top["properties"], json!({"x": {}}));
    // One that is large and a part of many is not written out for each of them.
    let properties: Map<String, Value> = (0..200_000)
        .map(|index| (index.to_string(), json!({})))
        .collect();
    let mut schemas = Map::from_iter([("Large".to_owned(), json!({"properties": properties}))]);
    for index in 0..20_000 {
        let user = json!({"allOf": [reference("Large")], "unevaluatedProperties": false});
        schemas.insert(format!("User{index}"), user);
    }
    assert!(lower(&document(json!({"components": {"schemas": schemas}}))).is_err());
}

#[test]
fn long_lists_are_read_once() {
    let values: Vec<String> = (0..40_000)
        .map(|index| format!("a common beginning {index}"))
        .collect();
    let constants: Vec<Value> = values
        .iter()
        .map(|value| json!({"type": "integer", "x-enum-varnames": [value]}))
        .collect();
    let names: Vec<Value> = values
        .iter()
        .map(|value| json!({"required": [value]}))
        .collect();
    let mut all = Map::new();
    all.insert("Enum".to_owned(), json!({"type": "string", "enum": values}));
    lowered_and_adapted(&all);
    lowered_and_adapted(&Map::from_iter([(
        "Choice".to_owned(),
        json!({"oneOf": constants}),
    )]));
    let (one, other) = values.split_at(20_000);
    let halves = [one, other]
        .map(|required| json!({"type": "object", "required": required, "properties": {"a": {}}}));
    lowered_and_adapted(&Map::from_iter([(
        "Required".to_owned(),
        json!({"allOf": halves}),
    )]));
    let kinds = vec!["object"; 60_000];
    lowered_and_adapted(&Map::from_iter([(
        "Kinds".to_owned(),
        json!({"type": kinds, "properties": {"a": {}}, "format": "int32"}),
    )]));
    let tuple = json!({"type": "array", "prefixItems": names, "items": false});
    let document = document(json!({"components": {"schemas": {"Tuple": tuple}}}));
    let lowered = lower_widening(&document).unwrap();
    assert_eq!(lowered.losses().len(), 1);
}

#[test]
fn parts_of_themselves_are_found_in_one_go() {
    let schemas = (0..25_000).map(|index| format!("S{index}"));
    let schemas: Map<String, Value> = schemas
        .map(|name| (name.clone(), json!({"allOf": [reference(&name)]})))
        .collect();
    lowered_and_adapted(&schemas);
}

#[test]
fn losses_are_held_against_negations_by_place() {
    let mut schemas = Map::new();
    for index in 0..20_000 {
        schemas.insert(
            format!("Lost{index}"),
            json!({"propertyNames": {"pattern": "a"}}),
        );
        schemas.insert(
            format!("User{index}"),
            json!({"not": reference(&format!("Lost{index}"))}),
        );
    }
    let obstacles =
        lower_widening(&document(json!({"components": {"schemas": schemas}}))).unwrap_err();
    assert_eq!(obstacles.iter().count(), 20_000);
}

#[test]
fn the_table_finds_what_is_left_out() {
    let paths: Map<String, Value> = (0..25_000)
        .map(|index| {
            (
                format!("/p{index}"),
                json!({"trace": {"operationId": index.to_string()}}),
            )
        })
        .collect();
    assert_eq!(generated(json!({"paths": paths})).left_out.len(), 25_000);
}
