//! The main job for each agent: an image on disk becomes generated images on disk, and the request on the
//! wire is the documented one.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use weshop::emulator::Emulator;
use weshop::schedule::Schedule;
use weshop::types::*;
use weshop::{Client, FreeParams, Input, IntoParams, SavedImage};

use crate::support::{Act, PUBLIC, Server, client, png};

const WIDTH: u32 = 40;
const HEIGHT: u32 = 30;

/// Prepares a run, compares its body with what the documentation asks for, runs it on an emulator, and
/// opens what it saved.
async fn run(input: Input, params: impl IntoParams, body: Value) -> Vec<image::RgbaImage> {
    let emulator = Emulator::builder()
        .run_time(Duration::from_millis(40))
        .start()
        .await
        .unwrap();
    let client = Client::builder().emulator(emulator.url()).build().unwrap();
    let submission = client
        .submit(input, params)
        .with_callback_url("https://shop.example.com/hooks/weshop");
    let prepared = submission.prepare().await.unwrap();
    assert_eq!(
        masked(serde_json::to_value(prepared.request()).unwrap()),
        body
    );
    let run = client.send(&prepared).await.unwrap();
    let done = run
        .wait()
        .with_schedule(Schedule::every(Duration::from_millis(20)))
        .await
        .unwrap();
    assert_eq!(done.id(), run.id());
    assert!(!done.is_partial());
    let folder = tempfile::tempdir().unwrap();
    let saved = done.save_images(folder.path()).await.unwrap();
    saved.iter().map(open).collect()
}

fn open(saved: &SavedImage) -> image::RgbaImage {
    assert_eq!(saved.path.metadata().unwrap().len(), saved.len);
    image::open(&saved.path).unwrap().into_rgba8()
}

/// The URLs of uploads, which differ from run to run, as `UPLOADED`.
fn masked(mut body: Value) -> Value {
    if let Some(input) = body["input"].as_object_mut() {
        for (_, value) in input.iter_mut() {
            if value
                .as_str()
                .is_some_and(|url| url.starts_with("http://127.0.0.1:"))
            {
                *value = json!("UPLOADED");
            }
        }
    }
    body
}

fn photo(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("photo.png");
    std::fs::write(&path, png(WIDTH, HEIGHT)).unwrap();
    path
}

fn request(agent: &str, input: Value, params: Value) -> Value {
    json!({
        "agent": {"name": agent, "version": "v1.0"},
        "input": input,
        "params": params,
        "callbackUrl": "https://shop.example.com/hooks/weshop",
    })
}

#[tokio::test]
async fn aimodel() {
    let folder = tempfile::tempdir().unwrap();
    let params = AimodelParams::builder()
        .generated_content(GeneratedContent::ReferToOrigin)
        .mask_type(MaskType::Custom)
        .location_id(7)
        .fashion_model_id(9)
        .text_description("street style".to_string())
        .neg_text_description("hats".to_string())
        .custom_mask_url("https://images.example.com/mask.png".to_string())
        .batch_count(2)
        .pose(Pose::ReferenceImagePose);
    let body = request(
        "aimodel",
        json!({"originalImage": "UPLOADED", "taskName": "spring"}),
        json!({
            "generatedContent": "referToOrigin",
            "maskType": "custom",
            "locationId": 7,
            "fashionModelId": 9,
            "textDescription": "street style",
            "negTextDescription": "hats",
            "customMaskUrl": "https://images.example.com/mask.png",
            "batchCount": 2,
            "pose": "referenceImagePose",
        }),
    );
    let input = Input::new(photo(folder.path())).with_task_name("spring");
    let images = run(input, params, body).await;
    assert_eq!(images.len(), 2);
    assert_ne!(images[0], images[1]);
    assert!(
        images
            .iter()
            .all(|image| image.dimensions() == (WIDTH, HEIGHT))
    );
}

#[tokio::test]
async fn aiproduct() {
    use base64::Engine;
    let folder = tempfile::tempdir().unwrap();
    let mask = base64::engine::general_purpose::STANDARD.encode(png(WIDTH, HEIGHT));
    let params = AiproductParams::builder()
        .generated_content(GeneratedContent::FreeCreation)
        .mask_type(SubjectMaskType::Custom)
        .location_id(3)
        .text_description("on marble".to_string())
        .neg_text_description("people".to_string())
        .custom_mask(mask.clone())
        .batch_count(1);
    let body = request(
        "aiproduct",
        json!({"originalImage": "UPLOADED"}),
        json!({
            "generatedContent": "freeCreation",
            "maskType": "custom",
            "locationId": 3,
            "textDescription": "on marble",
            "negTextDescription": "people",
            "customMask": mask,
            "batchCount": 1,
        }),
    );
    let images = run(photo(folder.path()).into(), params, body).await;
    assert_eq!(images.len(), 1);
    assert_eq!(images[0].dimensions(), (WIDTH, HEIGHT));
}

#[tokio::test]
async fn aipose() {
    let params = AiposeParams::builder()
        .text_description("hands in pockets".to_string())
        .generate_version(AiposeVersion::Pro)
        .batch_count(3);
    let body = request(
        "aipose",
        json!({"originalImage": PUBLIC}),
        json!({"textDescription": "hands in pockets", "generateVersion": "pro", "batchCount": 3}),
    );
    assert_eq!(run(PUBLIC.into(), params, body).await.len(), 3);
}

#[tokio::test]
async fn expandimage() {
    let params = ExpandimageParams::builder()
        .target_width(100)
        .target_height(80)
        .fill_left(5)
        .fill_top(6);
    let body = request(
        "expandimage",
        json!({"originalImage": "UPLOADED"}),
        json!({"targetWidth": 100, "targetHeight": 80, "fillLeft": 5, "fillTop": 6}),
    );
    let images = run(png(WIDTH, HEIGHT).into(), params, body).await;
    // Four is what the service makes where no count is given.
    assert_eq!(images.len(), 4);
    let original = image::load_from_memory(&png(WIDTH, HEIGHT))
        .unwrap()
        .into_rgba8();
    for image in images {
        assert_eq!(image.dimensions(), (100, 80));
        let placed = image::imageops::crop_imm(&image, 5, 6, WIDTH, HEIGHT).to_image();
        assert_eq!(placed, original);
    }
}

#[tokio::test]
async fn remove_bg() {
    // A red square on white: the white goes, the square stays.
    let mut photo = image::RgbaImage::from_pixel(WIDTH, HEIGHT, image::Rgba([255; 4]));
    for (x, y) in (10..30).flat_map(|x| (8..22).map(move |y| (x, y))) {
        photo.put_pixel(x, y, image::Rgba([220, 0, 0, 255]));
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    photo.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let params = RemoveBgParams::builder()
        .mask_type(SubjectMaskType::AutoSubjectSegment)
        .background_id(12)
        .background_hex("#ced2ce".to_string())
        .batch_count(1);
    let body = request(
        "removeBG",
        json!({"originalImage": "UPLOADED"}),
        json!({"maskType": "autoSubjectSegment", "backgroundId": 12,
            "backgroundHex": "#ced2ce", "batchCount": 1}),
    );
    let images = run(bytes.into_inner().into(), params, body).await;
    assert_eq!(images[0].get_pixel(1, 1).0, [0xce, 0xd2, 0xce, 255]);
    assert_eq!(images[0].get_pixel(20, 15).0, [220, 0, 0, 255]);
}

#[tokio::test]
async fn virtualtryon() {
    let params = VirtualtryonParams::builder()
        .generate_version(VirtualtryonVersion::BananaPro)
        .description_type(DescriptionType::Custom)
        .text_description("the model of Figure 2 wears Figure 1 in Figure 3".to_string())
        .aspect_ratio("3:4".parse::<AspectRatio>().unwrap())
        .image_size("2K".parse::<ImageSize>().unwrap())
        .batch_count(2);
    let body = request(
        "virtualtryon",
        json!({
            "originalImage": "UPLOADED",
            "fashionModelImage": "UPLOADED",
            "locationImage": "https://images.example.com/street.jpg",
        }),
        json!({
            "generateVersion": "bananaPro",
            "descriptionType": "custom",
            "textDescription": "the model of Figure 2 wears Figure 1 in Figure 3",
            "aspectRatio": "3:4",
            "imageSize": "2K",
            "batchCount": 2,
        }),
    );
    let input = Input::new(png(WIDTH, HEIGHT))
        .with_fashion_model(std::io::Cursor::new(png(20, 20)).into_inner())
        .with_location("https://images.example.com/street.jpg");
    assert_eq!(run(input, params, body).await.len(), 2);
}

#[tokio::test]
async fn another_agent_by_name() {
    let params = FreeParams::new("upscaler", "v2.1", json!({"factor": 2, "batchCount": 1}));
    let mut body = request(
        "upscaler",
        json!({"originalImage": PUBLIC, "secondImage": "https://images.example.com/b.png"}),
        json!({"factor": 2, "batchCount": 1}),
    );
    body["agent"]["version"] = json!("v2.1");
    let input = Input::new(PUBLIC).with_field("secondImage", "https://images.example.com/b.png");
    assert_eq!(run(input, params, body).await.len(), 1);
}

#[tokio::test]
async fn what_was_prepared_is_what_is_sent() {
    let server = Server::always(Act::json(
        json!({"success": true, "data": {"taskId": "t1", "powerConsumption": 4, "powerBalanceAmount": 96.5},
            "meta": {"executionId": "run-1"}}),
    ))
    .await;
    let client = client(&server.url);
    let params = ExpandimageParams::builder()
        .target_width(64)
        .target_height(64);
    let prepared = client.submit(PUBLIC, params).prepare().await.unwrap();
    let kept = serde_json::to_string(&prepared).unwrap();
    let again = serde_json::from_str(&kept).unwrap();
    let run = client.send(&again).await.unwrap();
    client.send(&prepared).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].path, "/openapi/agent/runs");
    assert_eq!(
        seen[0].json(),
        serde_json::to_value(prepared.request()).unwrap()
    );
    assert_eq!(seen[0].body, seen[1].body);
    for sent in &seen {
        assert_eq!(
            sent.header("idempotency-key"),
            Some(prepared.idempotency_key().as_str())
        );
    }
    let receipt = run.receipt().unwrap();
    assert_eq!(receipt.task_id.as_deref(), Some("t1"));
    assert_eq!(
        (receipt.power_consumption, receipt.power_balance),
        (Some(4.0), Some(96.5))
    );
}
