//! What the generator is given, what it makes of it, and what it leaves out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};
use weshop_codegen::{Document, Generated, Options, generate, lower};

const IDIOMS: &str = include_str!("fixtures/idioms.yaml");

fn generated(text: &str) -> Generated {
    let lowered = lower(&Document::parse(text).unwrap()).unwrap();
    generate(&lowered, &Options::default()).unwrap()
}

fn of_paths(paths: &Value) -> Generated {
    generated(
        &json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths})
            .to_string(),
    )
}

fn of_schemas(schemas: &Value) -> Generated {
    generated(&json!({"openapi": "3.1.0", "components": {"schemas": schemas}}).to_string())
}

/// The lines of a source that declare something.
fn surface(source: &str) -> String {
    let builders = source
        .find("    /// Types for composing complex structures.")
        .unwrap_or(source.len());
    let rest = source
        .find("#[derive(Clone, Debug)]\n///Client")
        .unwrap_or(builders);
    let types = source[..builders].lines().map(str::trim);
    let client = source[rest..].lines().map(str::trim);
    let declares = |line: &&str| line.starts_with("pub ");
    let derived = [
        "Clone,",
        "Copy,",
        "Debug,",
        "Default,",
        "Eq,",
        "Hash,",
        "Ord,",
        "PartialEq,",
        "PartialOrd,",
    ];
    let variant = |line: &str| {
        let named = line.ends_with(',') && line.starts_with(|c: char| c.is_ascii_uppercase());
        named && !line.contains("=>") && !derived.contains(&line)
    };
    let lines = types
        .filter(|line| declares(line) || variant(line))
        .chain(client.filter(declares));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_idioms_of_3_1_become_an_api() {
    let generated = generated(IDIOMS);
    insta::assert_snapshot!("idioms_surface", surface(&generated.source));
    let lines = |items: Vec<String>| items.join("\n");
    insta::assert_snapshot!(
        "idioms_left_out",
        lines(
            generated
                .left_out
                .iter()
                .map(ToString::to_string)
                .chain(generated.reduced.iter().map(ToString::to_string))
                .collect()
        )
    );
    insta::assert_snapshot!(
        "idioms_notes",
        lines(generated.notes.iter().map(ToString::to_string).collect())
    );
}

#[test]
fn generating_is_the_same_each_time() {
    assert_eq!(generated(IDIOMS), generated(IDIOMS));
}

#[test]
fn every_operation_is_in_the_table_and_has_a_constant() {
    let source = generated(IDIOMS).source;
    for (name, id) in [
        ("LIST_THINGS", "listThings"),
        ("LIST_THINGS_2", "listThings_2"),
        ("NEW", "new"),
        ("GET_THINGS_THING_ID_IMAGE", "get_things_thing_id_image"),
        ("POST_IMAGE", "postImage"),
        ("OPTIONS_THINGS", "options_things"),
    ] {
        assert!(
            source.contains(&format!(
                "pub const {name}: Operation = Operation {{\n        id: \"{id}\","
            )),
            "{name}"
        );
    }
}

#[test]
fn the_table_says_why_an_operation_has_no_method() {
    let source = generated(IDIOMS).source;
    let why = "/// `POST /things/{thing-id}/image`\n    ///\n    /// Without a generated method: the request body \
               is multipart/form-data, which cannot be generated.\n    pub const POST_IMAGE";
    assert!(source.contains(why));
}

#[test]
fn an_inner_type_asks_for_hooks() {
    let lowered = lower(&Document::parse(IDIOMS).unwrap()).unwrap();
    let options = Options::default().with_inner_type("crate::hooks::Hooks<u8>");
    let source = generate(&lowered, &options).unwrap().source;
    assert!(source.contains("pub(crate) inner: crate::hooks::Hooks<u8>"));
    assert!(
        !source.contains("impl ClientHooks<"),
        "no hooks of the generator's own"
    );
    let nonsense = Options::default().with_inner_type("not a type");
    assert!(
        generate(&lowered, &nonsense)
            .unwrap_err()
            .to_string()
            .contains("is no type")
    );
}

#[test]
fn one_operation_that_cannot_be_generated_leaves_the_others() {
    let answer = json!({"200": {"description": "d", "content": {"application/json": {"schema": {"type": "string"}}}}});
    let generated = of_paths(&json!({
        "/good": {"get": {"operationId": "good", "responses": answer}},
        "/file": {"post": {"operationId": "file", "responses": answer, "requestBody": {"content": {"multipart/form-data": {}}}}},
        "/labels/{a}": {"get": {"operationId": "labels", "responses": answer, "parameters": [
            {"name": "a", "in": "path", "required": true, "style": "label", "schema": {"type": "string"}},
        ]}},
        "/open/{brace": {"get": {"operationId": "open", "responses": answer}},
        "no-slash": {"get": {"operationId": "noSlash", "responses": answer}},
        "/taken": {"post": {"operationId": "taken", "responses": answer, "requestBody": {"content": {"application/json": {}}}, "parameters": [
            {"name": "body", "in": "query", "required": true, "schema": {"type": "string"}},
        ]}},
    }));
    assert!(generated.source.contains("pub fn good(&self)"));
    let left_out: Vec<String> = generated.left_out.iter().map(ToString::to_string).collect();
    assert_eq!(
        left_out,
        [
            "file (POST /file): the request body is multipart/form-data, which cannot be generated",
            "labels (GET /labels/{a}): the path parameter a: the style label cannot be generated",
            "noSlash (GET no-slash): its path does not begin with a slash",
            "open (GET /open/{brace): a brace of its path is never closed",
            "taken (POST /taken): the query parameter body: its name is another's in Rust",
        ]
    );
}

#[test]
fn answers_that_differ_have_one_type() {
    let json_of = |schema: Value| json!({"description": "d", "content": {"application/json": {"schema": schema}}});
    let generated = of_paths(&json!({
        "/same": {"get": {"operationId": "same", "responses": {
            "200": json_of(json!({"type": "string"})), "201": json_of(json!({"type": "string"})), "default": json_of(json!({"type": "integer"})),
        }}},
        "/json": {"get": {"operationId": "json", "responses": {
            "200": json_of(json!({"type": "string"})), "201": json_of(json!({"type": "integer"})),
            "400": json_of(json!({"type": "string"})), "500": json_of(json!({"type": "integer"})),
        }}},
        "/empty": {"get": {"operationId": "empty", "responses": {
            "200": json_of(json!({"type": "string"})), "204": {"description": "d"},
            "400": json_of(json!({"type": "string"})), "401": {"description": "d"},
        }}},
        "/default": {"get": {"operationId": "only", "responses": {"default": json_of(json!({"type": "string"}))}}},
        "/nothing": {"get": {"operationId": "nothing"}},
        "/any": {"get": {"operationId": "any", "responses": {"200": {"description": "d", "content": {"*/*": {"schema": {"type": "object"}}}}}}},
    }));
    assert_eq!(generated.left_out, []);
    let sends: Vec<String> = generated
        .source
        .split("pub async fn send(")
        .skip(1)
        .map(|rest| {
            let answer = rest
                .split("-> ")
                .nth(1)
                .unwrap()
                .split(" {\n")
                .next()
                .unwrap();
            answer.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect();
    insta::assert_snapshot!("answers", sends.join("\n"));
}

#[test]
fn names_that_clash_are_kept_apart() {
    let object =
        |property: &str| json!({"type": "object", "properties": {property: {"type": "string"}}});
    let generated = of_schemas(&json!({
        "foo_bar": object("a"),
        "FooBar": object("b"),
        "Foo": {"type": "object", "properties": {"bar": object("c"), "Bar2": {"title": "FooBar", "type": "string", "enum": ["x", "y"]}}},
        "Ok": {"type": "string", "enum": ["a", "A"]},
        "Default": object("d"),
        "with space": object("e"),
        "With/Slash": object("f"),
        "a%b": object("g"),
    }));
    let mut structs: Vec<&str> = generated
        .source
        .split("pub mod builder")
        .next()
        .unwrap()
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("pub struct ")
                .or_else(|| line.trim().strip_prefix("pub enum "))
        })
        .collect();
    structs.sort_unstable();
    insta::assert_snapshot!("names", structs.join("\n"));
}

#[test]
fn null_is_an_option_wherever_it_is_allowed() {
    let generated = of_schemas(&json!({
        "Maybe": {"type": ["object", "null"], "properties": {"a": {"type": "string"}}},
        "Holder": {"type": "object", "required": ["by_ref", "by_one_of", "by_any_of", "by_type", "list", "values"], "properties": {
            "by_ref": {"$ref": "#/components/schemas/Maybe"},
            "by_one_of": {"oneOf": [{"$ref": "#/components/schemas/Size"}, {"type": "null"}]},
            "by_any_of": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
            "by_type": {"type": ["integer", "null"]},
            "list": {"type": "array", "items": {"$ref": "#/components/schemas/Maybe"}},
            "values": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        }},
        "Size": {"enum": ["big", null]},
    }));
    let source = generated.source.split("impl Holder").next().unwrap();
    let start = source.find("pub struct Holder").unwrap();
    insta::assert_snapshot!("nulls", &source[start..]);
}

#[test]
fn variants_have_names_that_can_be_read() {
    let source = of_schemas(&json!({
        "Ratio": {"type": "string", "enum": ["1:1", "11", "16:9", "auto"]},
        "Named": {"type": "string", "enum": ["1:1", "9:16"], "x-enum-varnames": ["Square", "Portrait"]},
        "Signs": {"type": "string", "enum": ["<", ">", "="]},
        "paper-size": {"type": "string", "enum": ["a", "b"], "x-enum-varnames": ["Small", "Large"]},
    }))
    .source;
    for wanted in [
        "\"1:1\" => Ok(Self::X1_1)",
        "\"11\" => Ok(Self::X11)",
        "Self::X16_9 => f.write_str(\"16:9\")",
        "Ok(Self::Auto)",
        "Self::Square => f.write_str(\"1:1\")",
        "Ok(Self::Portrait)",
        "\"b\" => Ok(Self::Large)",
    ] {
        assert!(source.contains(wanted), "{wanted}");
    }
    assert!(!source.contains("pub enum Signs"), "signs make no names");
}

#[test]
fn names_of_variants_change_places_at_once() {
    let source = of_schemas(&json!({
        "Chain": {"type": "string", "enum": ["asc", "ascending"], "x-enum-varnames": ["Ascending", "AscendingFull"]},
        "Swap": {"type": "string", "enum": ["a", "b"], "x-enum-varnames": ["B", "A"]},
        "Text": {"type": "string", "enum": ["x", "Self::X y"], "x-enum-varnames": ["First", "Second"]},
    }))
    .source;
    for wanted in [
        "Self::Ascending => f.write_str(\"asc\")",
        "Self::AscendingFull => f.write_str(\"ascending\")",
        "\"asc\" => Ok(Self::Ascending)",
        "Self::B => f.write_str(\"a\")",
        "Self::A => f.write_str(\"b\")",
        "\"b\" => Ok(Self::A)",
        "Self::Second => f.write_str(\"Self::X y\")",
    ] {
        assert!(source.contains(wanted), "{wanted}");
    }
}

/// A given name that another variant has by itself would be two variants of one name.
#[test]
fn names_of_variants_that_would_be_one_are_not_taken() {
    let generated = of_schemas(&json!({
        "Half": {"type": "string", "enum": ["foo", "bar", "1:1", "11"], "x-enum-varnames": ["Bar", "1", "", ""]},
    }));
    assert_eq!(generated.reduced, []);
    for wanted in [
        "\"foo\" => Ok(Self::Foo)",
        "\"bar\" => Ok(Self::Bar)",
        "\"1:1\" => Ok(Self::X1_1)",
    ] {
        assert!(generated.source.contains(wanted), "{wanted}");
    }
}

/// What is on the wire stays as it is, and is written in a way that can be seen.
#[test]
fn characters_that_rustc_refuses_in_comments_are_in_none() {
    let generated = generated(&json!({
        "openapi": "3.1.0",
        "paths": {"/a/\u{2067}b\r": {"get": {"operationId": "a", "description": "one\rtwo", "responses": {
            "200": {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/E"}}}},
        }}}},
        "components": {"schemas": {"E": {"type": "object", "description": "left \u{2067}right\u{2069} end\rof it", "properties": {
            "\u{202e}name": {"type": "string", "enum": ["\u{2066}a\r"]},
        }}}},
    }).to_string());
    let source = generated.source;
    assert!(
        !source.contains(|c| matches!(c, '\r' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    );
    assert!(syn::parse_file(&source).is_ok());
    for wanted in [
        "left right end\nof it",
        "rename = \"\\u{202e}name\"",
        "rename = \"\\u{2066}a\\r\"",
        "path: \"/a/\\u{2067}b\\r\"",
    ] {
        assert!(source.contains(wanted), "{wanted}");
    }
}

#[test]
fn a_builder_needs_no_unknown_fields() {
    let source = of_schemas(&json!({
        "Open": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}, "additionalProperties": true},
        "Own": {"type": "object", "required": ["extra"], "properties": {"extra": {"type": "string", "enum": ["a"]}}},
    }))
    .source;
    assert!(source.contains("extra: Ok(Default::default())"));
    assert_eq!(
        source.matches("no value supplied for extra").count(),
        1,
        "a field that is called extra is another"
    );
}

#[test]
fn nothing_in_a_description_is_a_test() {
    let source = generated(IDIOMS).source;
    assert!(source.contains("let this = \"no test\";"));
    assert!(!source.contains("    let this"), "not indented as code");
    assert!(!source.contains("```ignore") && !source.contains("```rust"));
}
