//! Runs that made fewer images than they were asked for.

use serde_json::{Value, json};
use weshop::RunSnapshot;
use weshop_codegen::Document;

/// A run of an agent with this many finished images.
fn run(agent: &str, status: &str, params: &Value, finished: usize) -> RunSnapshot {
    let result = json!({"status": "Success", "image": "https://x.example.com/1.png"});
    serde_json::from_value(json!({"id": "r", "status": status, "agent_name": agent,
        "params": params, "results": vec![result; finished]}))
    .unwrap()
}

#[test]
fn images_that_were_never_made_are_missing() {
    let four = json!({"batchCount": 4});
    for (finished, partial) in [(0, true), (1, true), (3, true), (4, false), (5, false)] {
        for status in ["Success", "Failed", "Cancelled"] {
            let run = run("upscaler", status, &four, finished);
            assert_eq!(run.images_expected(), Some(4));
            assert_eq!(run.is_partial(), partial, "{status} {finished}");
        }
    }
}

#[test]
fn a_run_that_goes_on_misses_nothing_yet() {
    for status in ["Pending", "Running", "Dreaming"] {
        let run = run("aimodel", status, &json!({"batchCount": 4}), 1);
        assert!(!run.is_partial(), "{status}");
        assert_eq!(run.images_expected(), Some(4));
    }
}

#[test]
fn what_is_not_said_is_the_documented_default_or_unknown() {
    let pose = json!({"textDescription": "hands in pockets"});
    let null = json!({"textDescription": "hands in pockets", "batchCount": null});
    let strange = json!({"textDescription": "hands in pockets", "batchCount": "many"});
    for (agent, params, expected) in [
        ("aipose", &pose, Some(4)),
        ("removeBG", &pose, Some(4)),
        ("aipose", &null, Some(4)),
        ("aipose", &strange, None),
        // None of the six takes no parameters: these are not repeated.
        ("aipose", &json!({}), None),
        ("upscaler", &pose, None),
    ] {
        let run = run(agent, "Success", params, 1);
        assert_eq!(run.images_expected(), expected, "{agent} {params}");
        assert_eq!(run.is_partial(), expected.is_some(), "{agent} {params}");
    }
}

#[test]
fn where_the_number_is_unknown_the_results_are_counted() {
    let read = |results: Value| -> RunSnapshot {
        let run = json!({"id": "r", "status": "Success", "results": results});
        serde_json::from_value(run).unwrap()
    };
    let image = json!({"image": "https://x.example.com/1.png"});
    assert!(!read(json!([])).is_partial());
    assert!(!read(json!([image])).is_partial());
    assert!(read(json!([image, {"status": "Failed"}])).is_partial());
    // More results than were asked for, one of them without its image.
    let mut more = serde_json::to_value(read(json!([image, image, {}]))).unwrap();
    more["params"] = json!({"batchCount": 2});
    let more: RunSnapshot = serde_json::from_value(more).unwrap();
    assert!(more.is_partial());
}

/// The number that the library counts on where none is said is the document's.
#[test]
fn the_default_is_that_of_the_document() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.yaml"));
    let document = Document::parse(&text.unwrap()).unwrap();
    let document = document.value();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        let mut count = &schema["properties"]["batchCount"];
        if let Some(at) = count["$ref"].as_str() {
            count = document.pointer(at.trim_start_matches('#')).unwrap();
        }
        if let Some(default) = count.get("default") {
            assert_eq!(default, &json!(4), "{name}");
        }
    }
}
