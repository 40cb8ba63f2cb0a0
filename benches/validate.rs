//! What it costs to check a full request, beside serialising the same one: `cargo bench --bench validate`.
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use weshop::validate::{Input, Source};
use weshop::{Agent, Mask, agents, types};

const BATCHES: usize = 2_001;
// Short, so that most batches run without another process in between.
const PER_BATCH: u32 = 50;

fn main() {
    println!("median of {BATCHES} batches of {PER_BATCH}\n");
    println!(
        "{:44} {:>10} {:>10} {:>10}",
        "full request", "typed", "as JSON", "serialise"
    );
    let text =
        "the model of Figure 2 wears Figure 1 in front of Figure 3, street style, morning light";
    let original = "https://images.example.com/catalogue/2026/spring/coat.png";
    let reference = "https://images.example.com/references/model-17.png?size=large";
    line::<types::VirtualtryonParams>(&json!({
        "agent": {"name": "virtualtryon", "version": "v1.0"},
        "input": {"originalImage": original, "fashionModelImage": reference, "locationImage": reference,
                  "taskName": "spring catalogue"},
        "params": {"generateVersion": "bananaPro", "descriptionType": "custom", "textDescription": text,
                   "aspectRatio": "3:4", "imageSize": "2K", "batchCount": 4},
        "callbackUrl": "https://shop.example.com/hooks/weshop",
    }));
    line::<types::AimodelParams>(&json!({
        "agent": {"name": "aimodel", "version": "v1.0"},
        "input": {"originalImage": original, "taskName": "spring catalogue"},
        "params": {"generatedContent": "freeCreation", "maskType": "custom", "locationId": 12,
                   "fashionModelId": 7, "textDescription": text, "negTextDescription": "blurry, low contrast",
                   "customMaskUrl": reference, "batchCount": 4, "pose": "freePose"},
        "callbackUrl": "https://shop.example.com/hooks/weshop",
    }));
    line::<types::ExpandimageParams>(&json!({
        "agent": {"name": "expandimage", "version": "v1.0"},
        "input": {"originalImage": original, "taskName": "spring catalogue"},
        "params": {"targetWidth": 1920, "targetHeight": 1080, "fillLeft": 10, "fillTop": 10, "batchCount": 4},
        "callbackUrl": "https://shop.example.com/hooks/weshop",
    }));

    let hostile = hostile();
    let refused = median(|| Mask::from_bytes(black_box(&hostile)).is_err());
    println!(
        "\na mask that claims 200 megapixels in {} bytes: refused in {refused:?}",
        hostile.len()
    );
}

fn line<P: Agent + serde::de::DeserializeOwned>(request: &Value) {
    let params: P = serde_json::from_value(request["params"].clone()).expect("the parameters fit");
    let whole: types::RunRequest =
        serde_json::from_value(request.clone()).expect("the request fits");
    let text = |pointer: &str| request.pointer(pointer).and_then(Value::as_str);
    let mut input = Input::new();
    input.original_image = text("/input/originalImage").map(Source::Url);
    input.fashion_model_image = text("/input/fashionModelImage").map(Source::Url);
    input.location_image = text("/input/locationImage").map(Source::Url);
    input.task_name = text("/input/taskName");
    input.callback_url = text("/callbackUrl");
    params.validate(input).expect("the request is right");

    let typed = median(|| black_box(&params).validate(black_box(input)).is_ok());
    let json = median(|| agents::validate(black_box(request)).is_ok());
    let serialise = median(|| serde_json::to_vec(black_box(&whole)).is_ok());
    println!(
        "{:44} {typed:>10.2?} {json:>10.2?} {serialise:>10.2?}",
        P::SPEC.name()
    );
}

fn median(mut work: impl FnMut() -> bool) -> Duration {
    let mut batches: Vec<Duration> = (0..BATCHES)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..PER_BATCH {
                assert!(black_box(work()));
            }
            start.elapsed() / PER_BATCH
        })
        .collect();
    batches.sort_unstable();
    batches[BATCHES / 2]
}

/// Signature, header and the start of image data, with the right checksums.
fn hostile() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(20_000_u32.to_be_bytes());
    bytes.extend(10_000_u32.to_be_bytes());
    bytes.extend(b"\x08\x06\0\0\0");
    let checksum = bytes[12..].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))
        })
    });
    bytes.extend((!checksum).to_be_bytes());
    bytes.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    bytes.resize(60, 0);
    bytes
}
