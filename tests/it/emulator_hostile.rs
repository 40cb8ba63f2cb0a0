//! Hostile input to the emulator: an error envelope, and never a panic or a 5xx.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};
use weshop::emulator::{Emulator, judge};
use weshop::mask::Mask;

use crate::emulator_core::{Bed, answer, photo, png, pose, refused, run};

/// Any JSON, with the names that mean something now and then.
fn anything() -> impl Strategy<Value = Value> {
    let names = prop_oneof![
        prop::sample::select(vec![
            "agent",
            "name",
            "version",
            "input",
            "originalImage",
            "params",
            "maskType",
            "customMask",
            "textDescription",
            "batchCount",
            "targetWidth",
            "callbackUrl",
            "fillLeft",
        ])
        .prop_map(str::to_owned),
        ".{0,4}",
    ];
    let words = prop::sample::select(vec![
        "aimodel",
        "removeBG",
        "expandimage",
        "virtualtryon",
        "v1.0",
        "custom",
        "http://[",
        "#",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names.clone(), inner, 0..8).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn the_judge_takes_anything(request in anything()) {
        if let Err(found) = judge(&request) {
            prop_assert!(!found.is_empty());
        }
    }
}

#[tokio::test]
async fn every_submission_is_answered_with_an_envelope() {
    let bed = Bed::new().await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..200 {
        let request = anything().new_tree(&mut runner).unwrap().current();
        // Whatever may be within each part of a request that looks like one.
        let whole = pose("https://example.com/a.png", 1);
        let with = |field: &str| {
            let mut whole = whole.clone();
            whole[field] = request.clone();
            whole
        };
        let bodies = [
            request.clone(),
            with("agent"),
            with("input"),
            with("params"),
            with("callbackUrl"),
        ];
        for body in bodies {
            let (status, told) = answer(bed.submission(&body)).await;
            assert!(status == 200 || status == 400, "{status}: {told} to {body}");
            assert_eq!(told["success"], status == 200, "{told}");
            if let Some(id) = told["data"]["executionId"].as_str() {
                bed.execution(id).await;
            }
        }
    }
}

#[tokio::test]
async fn every_broken_image_is_refused_or_drawn_from() {
    let bed = Bed::new().await;
    let whole = png(&photo(12, 12));
    let mut files: Vec<Vec<u8>> = (0..whole.len())
        .step_by(3)
        .map(|n| whole[..n].to_vec())
        .collect();
    for n in (0..whole.len()).step_by(2) {
        let mut bent = whole.clone();
        bent[n] ^= 0x55;
        files.push(bent);
    }
    for file in files {
        let (status, body) = answer(bed.upload_form(file)).await;
        if status == 200 {
            let params =
                json!({"maskType": "autoSubjectSegment", "backgroundId": 4001, "batchCount": 1});
            let id = bed
                .submit(&run(
                    "removeBG",
                    body["data"]["image"].as_str().unwrap(),
                    params,
                ))
                .await;
            bed.step(100);
            assert_eq!(bed.images(&id).await.len(), 1);
        } else {
            assert_eq!(
                (status.as_u16(), &body["error"]["code"]),
                (400, &json!("INVALID_IMAGE"))
            );
        }
    }
}

#[tokio::test]
async fn a_mask_that_cannot_be_read_does_no_harm() {
    let bed = Bed::new().await;
    let image = bed.upload(png(&photo(12, 12))).await;
    let params = json!({"maskType": "custom", "customMask": "iVBORw0KGgo=", "backgroundHex": "#000000", "batchCount": 1});
    let id = bed.submit(&run("removeBG", &image, params)).await;
    bed.step(100);
    assert_eq!(bed.images(&id).await.len(), 1);
}

#[tokio::test]
async fn answers_stay_short_whatever_was_asked() {
    let bed = Bed::new().await;
    let mut request = run(
        "aipose",
        "https://example.com/a.png",
        json!({"textDescription": "x"}),
    );
    for n in 0..2000 {
        request["params"][format!("{n}-{}", "x".repeat(500))] = json!(n);
        request["input"][format!("unknown-{n}")] = json!(n);
    }
    let body = refused(bed.submission(&request), 400, "INVALID_PARAMS").await;
    assert!(
        body.to_string().len() < 64 << 10,
        "{} bytes",
        body.to_string().len()
    );

    let long = json!({"x": "y".repeat(49 << 20)});
    refused(bed.submission(&long), 413, "TOO_LARGE").await;
    let deep = "[".repeat(10_000);
    let deep = bed
        .post("/openapi/agent/runs")
        .header("Content-Type", "application/json")
        .body(deep);
    refused(deep, 400, "INVALID_JSON").await;
}

/// A run of an agent whose parameters nobody looks at.
fn free(params: Value) -> Value {
    run("someday", "https://example.com/a.png", params)
}

#[tokio::test]
async fn a_request_may_be_as_large_as_the_largest_mask() {
    let bed = Bed::new().await;
    let base64 = Mask::MAX_BYTES.div_ceil(3) * 4;
    bed.submit(&free(json!({"customMask": "A".repeat(base64)})))
        .await;
}

#[tokio::test]
async fn a_request_of_very_many_values_is_not_even_parsed() {
    let bed = Bed::new().await;
    bed.submit(&free(json!({"x": vec![0; 90_000]}))).await;
    let body = refused(
        bed.submission(&free(json!({"x": vec![0; 100_000]}))),
        413,
        "TOO_LARGE",
    )
    .await;
    let words = body["error"]["message"].as_str().unwrap();
    assert!(words.contains("100000 values"), "{words}");
}

#[tokio::test]
async fn runs_are_kept_by_what_they_take_in_memory() {
    let bed = Bed::new().await;
    // Half a megabyte to send, and sixty to keep.
    let body = free(json!({"x": vec![json!({"": 0}); 45_000]}));
    for _ in 0..8 {
        bed.submit(&body).await;
    }
    refused(bed.submission(&body), 413, "STORAGE_FULL").await;
}

#[tokio::test]
async fn the_name_of_a_part_comes_back_shortened() {
    let bed = Bed::new().await;
    let form = reqwest::multipart::Form::new().text("n".repeat(100_000), "x");
    let upload = bed.post("/openapi/agent/assets/images").multipart(form);
    let body = refused(upload, 400, "INVALID_UPLOAD").await;
    let length = body.to_string().len();
    assert!(length < 4 << 10, "{length} bytes");
}

#[tokio::test]
async fn the_ledger_keeps_no_more_headers_and_paths_than_bodies() {
    let bed = Bed::new().await;
    let (path, value) = ("x".repeat(50_000), "y".repeat(8_000));
    for _ in 0..250 {
        let mut request = bed.get(&format!("/openapi/agent/runs/{path}"));
        for n in 0..32 {
            request = request.header(format!("x-{n}"), &value);
        }
        refused(request, 404, "NOT_FOUND").await;
    }
    let kept = bed.emulator.requests();
    let bytes: usize = kept
        .iter()
        .map(|request| {
            let headers = request.headers.values().map(|value| value.len());
            headers.sum::<usize>() + request.uri.path().len()
        })
        .sum();
    assert!(!kept.is_empty() && bytes <= 64 << 20, "{bytes} bytes");
}

#[tokio::test]
async fn a_caller_that_stops_halfway_holds_nobody_up() {
    use tokio::io::AsyncWriteExt;
    let emulator = Emulator::start().await.unwrap();
    let address = emulator.url().trim_start_matches("http://").to_owned();
    let mut halfway = Vec::new();
    for begun in [
        "",
        "GET",
        "GET / HTTP/1.1\r\n",
        "POST /openapi/agent/runs HTTP/1.1\r\ncontent-length: 9\r\n\r\n{",
    ] {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        halfway.push(stream);
    }
    let url = format!("{}/openapi/agent/runs/x", emulator.url());
    refused(reqwest::Client::new().get(url), 401, "UNAUTHORIZED").await;
    // Nor do they keep it from ending.
    emulator.shutdown().await;
}
