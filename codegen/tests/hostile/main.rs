//! Documents that mean harm: refused with a sentence, or taken, and nothing else.
//!
//! `WESHOP_FUZZ_CASES=1000000 cargo test --release -p weshop-codegen --test hostile` runs a million
//! mutated documents; without it a few thousand are tried.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod growth;
mod hangs;

use proptest::prelude::*;
use serde_json::{Value, json};
use weshop_codegen::{Document, MAX_BYTES, Options, generate, lower, lower_widening};

const IDIOMS: &str = include_str!("../fixtures/idioms.yaml");

/// The one sentence that a text is refused with.
fn refusal(text: impl AsRef<[u8]>) -> String {
    let sentence = Document::parse_bytes(text.as_ref())
        .unwrap_err()
        .to_string();
    assert!(
        !sentence.contains('\n') && sentence.len() < 500,
        "{sentence}"
    );
    sentence
}

#[test]
fn bombs_are_refused() {
    let mut laughs = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..12 {
        let inner = vec![format!("*a{}", level - 1); 9].join(", ");
        laughs.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    refusal(laughs);
    let mut merges = String::from("m0: &m0 {a: 1}\n");
    for level in 1..40 {
        merges.push_str(&format!(
            "m{level}: &m{level} {{<<: [*m{0}, *m{0}], k{level}: *m{0}}}\n",
            level - 1
        ));
    }
    refusal(merges);
    refusal("a: &a [*a]");
}

#[test]
fn deep_nesting_is_refused() {
    for depth in [150, 10_000, 1_000_000] {
        refusal(format!("{{\"a\": {}", "[".repeat(depth)));
        refusal(format!(
            "{{\"a\": {}1{}}}",
            "{\"a\":".repeat(depth),
            "}".repeat(depth)
        ));
        refusal(format!("a: {}", "[".repeat(depth)));
        refusal(format!("a: {}", "{a: ".repeat(depth)));
    }
    let block: String = (0..2_000)
        .map(|level| format!("{}a:\n", " ".repeat(level)))
        .collect();
    refusal(block);
    refusal(format!("a: {}b", "- ".repeat(100_000)));
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let large = vec![b'#'; 50 * 1024 * 1024];
    assert!(refusal(large).contains(&MAX_BYTES.to_string()));
    refusal(format!("{{\"a\": [{}0]}}", "0,".repeat(1_100_000)));
    refusal(format!("a: [{}0]", "0,".repeat(1_100_000)));
}

#[test]
fn what_readers_differ_on_is_refused() {
    assert!(refusal("{\"a\": 1, \"a\": 2}").contains("twice"));
    refusal("a: 1\na: 2\n");
    refusal("a:\n  b: 1\n  b: 2\n");
    assert!(refusal(b"a: \xff\xfe").contains("UTF-8"));
    refusal("a: .nan");
    refusal("a: .inf");
    refusal("a: 1\n---\nb: 2\n");
    refusal("- a\n- b\n");
    refusal("text");
    refusal("");
    refusal("{\"a\": 1} trailing");
    refusal("{\"a\": 1,}");
    refusal("a: [1, 2");
    refusal("a: *nowhere");
}

#[test]
fn readers_agree_on_the_rest() {
    let parsed = |text: &str| Document::parse(text).unwrap().value().clone();
    assert_eq!(
        parsed("a: yes\nb: 1_000\nc: on\nd: ~"),
        json!({"a": "yes", "b": "1_000", "c": "on", "d": null})
    );
    assert_eq!(
        parsed("200: {x: 1.0}\n'201': 2"),
        json!({"200": {"x": 1.0}, "201": 2})
    );
    assert_eq!(
        parsed("a: &x {k: 1}\nb: *x"),
        json!({"a": {"k": 1}, "b": {"k": 1}})
    );
    assert_eq!(
        parsed("\u{feff}{\"a\": 18446744073709551616}"),
        json!({"a": 18446744073709551616.0_f64})
    );
    assert_eq!(
        parsed("a: 18446744073709551616"),
        json!({"a": 18446744073709551616.0_f64})
    );
}

/// A document that is small and would lower to a huge one is an obstacle.
#[test]
fn growth_is_bounded() {
    let mut schema = json!({"type": "object", "required": ["a"]});
    for _ in 0..25 {
        schema = json!({"if": schema, "then": {"minProperties": 1}, "else": {"minProperties": 2}});
    }
    let document = json!({"openapi": "3.1.0", "components": {"schemas": {"S": schema}}});
    let obstacles = lower(&Document::parse(&document.to_string()).unwrap()).unwrap_err();
    assert!(obstacles.to_string().contains("grows"), "{obstacles}");

    let items: Vec<Value> = (0..5_000)
        .map(|index| json!({"title": index.to_string()}))
        .collect();
    let refs: Vec<Value> = (0..5_000)
        .map(|index| json!({"$ref": format!("#/x/{index}")}))
        .collect();
    let document =
        json!({"openapi": "3.1.0", "x": items, "components": {"schemas": {"S": {"allOf": refs}}}});
    assert!(lower(&Document::parse(&document.to_string()).unwrap()).is_err());
}

/// Circles of every sort are generated or left out.
#[test]
fn circles_end() {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let mut schemas = json!({
        "Itself": reference("Itself"),
        "Ping": reference("Pong"),
        "Pong": reference("Ping"),
        "All": {"allOf": [reference("Every"), {"properties": {"a": reference("All")}}]},
        "Every": {"allOf": [reference("All"), {"properties": {"b": reference("Every")}}]},
        "One": {"oneOf": [reference("Two"), {"type": "null"}]},
        "Two": {"anyOf": [reference("One"), {"type": "string"}]},
        "List": {"type": "array", "items": reference("List")},
        "Map": {"type": "object", "additionalProperties": reference("Map")},
        "Tree": {"type": "object", "properties": {"l": reference("Tree"), "r": {"oneOf": [reference("Tree"), {"type": "null"}]}}},
        "Not": {"not": reference("Not")},
    });
    for index in 0..300 {
        schemas[format!("Chain{index}")] = reference(&format!("Chain{}", (index + 1) % 300));
        schemas[format!("Part{index}")] = json!({"allOf": [reference(&format!("Part{}", (index + 1) % 300)), {"properties": {"a": {"type": "string"}}}]});
    }
    let document = json!({"openapi": "3.1.0", "components": {"schemas": schemas}});
    let lowered = lower(&Document::parse(&document.to_string()).unwrap()).unwrap();
    let generated = generate(&lowered, &Options::default()).unwrap();
    assert!(generated.source.contains("pub struct Tree"));
}

/// The deepest document that is read is lowered and generated too, on a thread with a usual stack.
#[test]
fn the_deepest_document_is_no_trouble() {
    let mut schema = json!({"type": ["string", "integer"]});
    for level in 0..29 {
        schema = match level % 4 {
            0 => json!({"properties": {"a": schema}}),
            1 => json!({"anyOf": [schema, {"type": "null"}]}),
            2 => json!({"items": schema, "type": ["array", "null"]}),
            _ => json!({"additionalProperties": schema}),
        };
    }
    let document = json!({"openapi": "3.1.0", "components": {"schemas": {"S": schema}}});
    let document = Document::parse(&document.to_string()).unwrap();
    let lowered = lower(&document).unwrap();
    generate(&lowered, &Options::default()).unwrap();
}

/// A change to a document's text or tree.
#[derive(Debug, Clone)]
enum Mutation {
    Flip(usize, u8),
    Cut(usize, usize),
    Repeat(usize, usize, usize),
    Insert(usize, &'static str),
    /// Puts one part of the tree in another's place.
    Graft(usize, usize),
    Drop(usize),
    /// Puts a keyword and a value into an object.
    Keyword(usize, &'static str, usize),
}

const TOKENS: [&str; 20] = [
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "!!binary ",
    "\"",
    "'",
    "\n",
    "\u{0}",
    "? ",
    "| ",
    "---\n",
    "$ref: '#/components/schemas/Thing'",
    "1e400",
    "𝕏",
];
const KEYWORDS: [&str; 30] = [
    "$ref",
    "$id",
    "$anchor",
    "$defs",
    "$dynamicRef",
    "type",
    "const",
    "enum",
    "nullable",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "if",
    "then",
    "else",
    "prefixItems",
    "items",
    "contains",
    "propertyNames",
    "patternProperties",
    "unevaluatedProperties",
    "dependentRequired",
    "exclusiveMinimum",
    "schema",
    "content",
    "parameters",
    "responses",
    "in",
    "openapi",
];

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = || any::<usize>();
    prop_oneof![
        1 => (place(), any::<u8>()).prop_map(|(at, byte)| Mutation::Flip(at, byte)),
        1 => (place(), 0..200_usize).prop_map(|(at, length)| Mutation::Cut(at, length)),
        1 => (place(), 0..200_usize, 0..20_usize).prop_map(|(at, length, times)| Mutation::Repeat(at, length, times)),
        1 => (place(), prop::sample::select(TOKENS.to_vec())).prop_map(|(at, token)| Mutation::Insert(at, token)),
        4 => (place(), place()).prop_map(|(from, to)| Mutation::Graft(from, to)),
        2 => place().prop_map(Mutation::Drop),
        4 => (place(), prop::sample::select(KEYWORDS.to_vec()), place())
            .prop_map(|(at, key, value)| Mutation::Keyword(at, key, value)),
    ]
}

/// Every place in a tree.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            places(
                member,
                format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                found,
            );
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| {
            places(item, format!("{at}/{index}"), found);
        }),
        _ => {}
    }
    found.push(at);
}

fn mutate(mutations: &[Mutation]) -> Vec<u8> {
    let mut tree = Document::parse(IDIOMS).unwrap().value().clone();
    for mutation in mutations {
        let mut found = Vec::new();
        places(&tree, String::new(), &mut found);
        if found.len() > 5_000 {
            break;
        }
        let place = |seed: &usize| found[seed % found.len()].clone();
        match mutation {
            Mutation::Graft(from, to) => {
                let part = tree.pointer(&place(from)).unwrap().clone();
                *tree.pointer_mut(&place(to)).unwrap() = part;
            }
            Mutation::Drop(at) => *tree.pointer_mut(&place(at)).unwrap() = Value::Null,
            Mutation::Keyword(at, key, seed) => {
                let part = tree.pointer(&place(seed)).unwrap().clone();
                let value = if *key == "$ref" {
                    json!(format!("#{}", place(seed)))
                } else {
                    part
                };
                if let Some(object) = tree.pointer_mut(&place(at)).unwrap().as_object_mut() {
                    object.insert((*key).to_owned(), value);
                }
            }
            _ => {}
        }
    }
    let textual = mutations.iter().any(|mutation| {
        matches!(
            mutation,
            Mutation::Flip(..) | Mutation::Cut(..) | Mutation::Repeat(..) | Mutation::Insert(..)
        )
    });
    let structural = mutations.iter().any(|mutation| {
        matches!(
            mutation,
            Mutation::Graft(..) | Mutation::Drop(..) | Mutation::Keyword(..)
        )
    });
    let mut text = if structural {
        tree.to_string().into_bytes()
    } else {
        IDIOMS.as_bytes().to_vec()
    };
    for mutation in mutations.iter().filter(|_| textual) {
        let length = text.len().max(1);
        let span =
            |at: &usize, length_of: &usize| at % length..(at % length + length_of).min(text.len());
        match mutation {
            Mutation::Flip(at, byte) if !text.is_empty() => text[at % length] ^= byte,
            Mutation::Cut(at, cut) => {
                text.drain(span(at, cut));
            }
            Mutation::Repeat(at, part, times) => {
                let part = text[span(at, part)].repeat(*times);
                let at = at % length;
                text.splice(at..at, part);
            }
            Mutation::Insert(at, token) => {
                let at = at % length;
                text.splice(at..at, token.bytes());
            }
            _ => {}
        }
    }
    text
}

fn cases() -> u32 {
    std::env::var("WESHOP_FUZZ_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(2_000)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(), failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default()
    })]

    #[test]
    fn mutated_documents_are_lowered_or_refused(mutations in prop::collection::vec(mutation(), 1..6), roll in 0..1_000_u32) {
        let text = mutate(&mutations);
        match Document::parse_bytes(&text) {
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
            Ok(document) => {
                match lower(&document) {
                    Err(obstacles) => prop_assert!(obstacles.iter().next().is_some()),
                    Ok(lowered) => prop_assert!(lowered.losses().is_empty()),
                }
                let lowered = lower_widening(&document);
                // Generating takes a hundred times as long, so it is tried on some.
                if let Ok(lowered) = lowered
                    && roll < 5
                {
                    let generated = generate(&lowered, &Options::default());
                    prop_assert!(generated.is_ok(), "{:?}", generated.err());
                }
            }
        }
    }
}
