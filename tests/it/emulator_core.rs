//! The emulator as a plain HTTP service, asked without the client.

use std::time::Duration;

use image::{DynamicImage, GenericImageView, ImageFormat, Rgba, RgbaImage};
use reqwest::StatusCode;
use serde_json::{Value, json};
use weshop::emulator::{API_KEY, Clock, Emulator, EmulatorBuilder};
use weshop_codegen::Document;

/// An emulator whose time is stepped, and a plain HTTP client with its key.
pub(crate) struct Bed {
    pub(crate) emulator: Emulator,
    pub(crate) http: reqwest::Client,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        Self::with(Emulator::builder()).await
    }

    pub(crate) async fn with(builder: EmulatorBuilder) -> Self {
        let emulator = builder
            .clock(Clock::stepped())
            .run_time(Duration::from_secs(100))
            .start()
            .await
            .unwrap();
        Self {
            emulator,
            http: reqwest::Client::new(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.emulator.url());
        self.http.get(url).header("Authorization", API_KEY)
    }

    pub(crate) fn post(&self, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.emulator.url());
        self.http.post(url).header("Authorization", API_KEY)
    }

    pub(crate) fn submission(&self, body: &Value) -> reqwest::RequestBuilder {
        self.post("/openapi/agent/runs").json(body)
    }

    pub(crate) async fn upload(&self, file: Vec<u8>) -> String {
        let (status, body) = answer(self.upload_form(file)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["data"]["image"].as_str().unwrap().to_owned()
    }

    pub(crate) fn upload_form(&self, file: Vec<u8>) -> reqwest::RequestBuilder {
        let part = reqwest::multipart::Part::bytes(file).file_name("image.png");
        self.post("/openapi/agent/assets/images")
            .multipart(reqwest::multipart::Form::new().part("image", part))
    }

    pub(crate) async fn submit(&self, body: &Value) -> String {
        let (status, body) = answer(self.submission(body)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        assert_eq!(body["success"], true);
        assert_eq!(body["data"]["executionId"], body["meta"]["executionId"]);
        body["meta"]["executionId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn execution(&self, id: &str) -> Value {
        let (status, body) = answer(self.get(&format!("/openapi/agent/runs/{id}"))).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        assert_eq!(body["data"]["executions"][0]["executionId"], id);
        body["data"]["executions"][0].clone()
    }

    pub(crate) fn step(&self, seconds: u64) {
        self.emulator.clock().advance(Duration::from_secs(seconds));
    }

    /// Fetches every image of a run, without the key.
    pub(crate) async fn images(&self, id: &str) -> Vec<DynamicImage> {
        let mut images = Vec::new();
        for result in self.execution(id).await["result"].as_array().unwrap() {
            let response = self
                .http
                .get(result["image"].as_str().unwrap())
                .send()
                .await
                .unwrap();
            assert_eq!(response.headers()["content-type"], "image/png");
            let file = response.bytes().await.unwrap();
            images.push(image::load_from_memory_with_format(&file, ImageFormat::Png).unwrap());
        }
        images
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    (status, response.json().await.unwrap())
}

/// Asserts an error envelope with this status and code.
pub(crate) async fn refused(request: reqwest::RequestBuilder, status: u16, code: &str) -> Value {
    let (answered, body) = answer(request).await;
    assert_eq!(answered.as_u16(), status, "{body}");
    assert_eq!(body["success"], false, "{body}");
    assert_eq!(body["error"]["code"], code, "{body}");
    assert!(!body["error"]["message"].as_str().unwrap().is_empty());
    body
}

const GROUND: Rgba<u8> = Rgba([250, 250, 250, 255]);
const SUBJECT: Rgba<u8> = Rgba([180, 20, 20, 255]);

/// A red square on a light ground.
pub(crate) fn photo(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        let inside = |at, size: u32| (size / 4..size * 3 / 4).contains(&at);
        if inside(x, width) && inside(y, height) {
            SUBJECT
        } else {
            GROUND
        }
    })
}

pub(crate) fn png(image: &RgbaImage) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    image.write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

pub(crate) fn run(agent: &str, image: &str, params: Value) -> Value {
    json!({
        "agent": {"name": agent, "version": "v1.0"},
        "input": {"originalImage": image},
        "params": params,
    })
}

pub(crate) fn pose(image: &str, count: u32) -> Value {
    run(
        "aipose",
        image,
        json!({"textDescription": "hands in pockets", "batchCount": count}),
    )
}

#[tokio::test]
async fn an_upload_is_served_back_as_it_was() {
    let bed = Bed::new().await;
    let file = png(&photo(20, 10));
    let url = bed.upload(file.clone()).await;
    let response = bed.http.get(url).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.bytes().await.unwrap(), file);
}

#[tokio::test]
async fn a_run_passes_its_states_and_its_images_appear_one_after_another() {
    let bed = Bed::new().await;
    let id = bed.submit(&pose("https://example.com/a.png", 3)).await;
    let mut seen = Vec::new();
    for _ in 0..=20 {
        let execution = bed.execution(&id).await;
        let images = execution["result"].as_array().unwrap().len();
        seen.push((execution["status"].as_str().unwrap().to_owned(), images));
        bed.step(5);
    }
    seen.dedup();
    let expected = [
        ("Pending", 0),
        ("Segmenting", 0),
        ("Running", 0),
        ("Running", 1),
        ("Running", 2),
        ("Success", 3),
    ];
    assert_eq!(
        seen,
        expected.map(|(status, images)| (status.to_owned(), images))
    );
}

#[tokio::test]
async fn batch_count_is_four_when_omitted() {
    let bed = Bed::new().await;
    let params = json!({"textDescription": "walking"});
    let id = bed
        .submit(&run("aipose", "https://example.com/a.png", params))
        .await;
    bed.step(100);
    assert_eq!(bed.images(&id).await.len(), 4);
}

#[tokio::test]
async fn numbers_are_those_of_the_document() {
    let document = Document::parse_bytes(include_bytes!("../../openapi.yaml")).unwrap();
    let number = |pointer: &str| document.value().pointer(pointer).unwrap().as_u64().unwrap();
    let bed = Bed::with(Emulator::builder().without_rule("maximum")).await;

    let params = json!({"textDescription": "walking"});
    bed.submit(&run("aipose", "https://example.com/a.png", params))
        .await;
    let batch = number("/components/schemas/BatchCount/default");
    assert_eq!(u64::from(bed.emulator.charges()[0].images), batch);

    let (_, body) =
        answer(bed.get("/openapi/v1/agent/info?agentName=aimodel&agentVersion=v1.0")).await;
    let page_size = number("/paths/~1openapi~1v1~1agent~1info/get/parameters/3/schema/default");
    assert_eq!(body["data"]["pagination"]["pageSize"], page_size);
    assert_eq!(body["data"]["pagination"]["page"], 1);

    let key = "/paths/~1openapi~1agent~1runs/post/parameters/0/schema";
    let (least, most) = (
        number(&format!("{key}/minLength")) as usize,
        number(&format!("{key}/maxLength")) as usize,
    );
    let pose = pose("https://example.com/a.png", 1);
    let keyed = |length| {
        let key = "k".repeat(length);
        bed.submission(&pose).header("Idempotency-Key", key)
    };
    for length in [least, most] {
        assert_eq!(answer(keyed(length)).await.0, StatusCode::OK);
    }
    for length in [least - 1, most + 1] {
        refused(keyed(length), 400, "INVALID_PARAMS").await;
    }
    refused(
        keyed(3).header("Idempotency-Key", "k"),
        400,
        "INVALID_PARAMS",
    )
    .await;

    let side = number("/components/schemas/ExpandimageParams/properties/targetWidth/maximum");
    let params = json!({"targetWidth": side + 5, "targetHeight": 2, "batchCount": 1});
    let id = bed
        .submit(&run("expandimage", "https://example.com/a.png", params))
        .await;
    bed.step(100);
    assert_eq!(u64::from(bed.images(&id).await[0].width()), side);
}

#[tokio::test]
async fn expandimage_gives_the_target_size_with_the_original_in_its_place() {
    let bed = Bed::new().await;
    let original = photo(40, 30);
    let url = bed.upload(png(&original)).await;
    let placed = json!({"targetWidth": 100, "targetHeight": 80, "fillLeft": 7, "fillTop": 11, "batchCount": 2});
    let centred = json!({"targetWidth": 100, "targetHeight": 80, "batchCount": 1});
    for (params, left, top) in [(placed, 7, 11), (centred, 30, 25)] {
        let id = bed.submit(&run("expandimage", &url, params)).await;
        bed.step(100);
        let images = bed.images(&id).await;
        for image in &images {
            assert_eq!(image.dimensions(), (100, 80));
            assert_eq!(*image.view(left, top, 40, 30).to_image(), *original);
            assert_ne!(image.get_pixel(left - 1, top), GROUND);
        }
        assert!(
            images.len() == 1 || images[0] != images[1],
            "a batch's images differ"
        );
    }
}

#[tokio::test]
async fn remove_bg_puts_the_colour_behind_the_subject() {
    let bed = Bed::new().await;
    let url = bed.upload(png(&photo(40, 40))).await;
    let params =
        json!({"maskType": "autoSubjectSegment", "backgroundHex": "#ced2ce", "batchCount": 1});
    let id = bed.submit(&run("removeBG", &url, params)).await;
    bed.step(100);
    let image = &bed.images(&id).await[0];
    assert_eq!(image.dimensions(), (40, 40));
    assert_eq!(image.get_pixel(0, 0), Rgba([0xce, 0xd2, 0xce, 255]));
    assert_eq!(image.get_pixel(20, 20), SUBJECT);
}

#[tokio::test]
async fn remove_bg_protects_what_the_callers_mask_marks() {
    use base64::Engine as _;
    let bed = Bed::new().await;
    let url = bed.upload(png(&photo(40, 40))).await;
    let mask = RgbaImage::from_fn(40, 40, |x, _| Rgba([0, 0, 0, if x < 10 { 255 } else { 0 }]));
    let mask = base64::engine::general_purpose::STANDARD.encode(png(&mask));
    let params = json!({"maskType": "custom", "customMask": mask, "backgroundHex": "#000080", "batchCount": 1});
    let id = bed.submit(&run("removeBG", &url, params)).await;
    bed.step(100);
    let image = &bed.images(&id).await[0];
    assert_eq!(image.get_pixel(5, 20), GROUND);
    assert_eq!(image.get_pixel(20, 20), Rgba([0, 0, 0x80, 255]));
}

#[tokio::test]
async fn other_agents_mark_the_original_by_agent_and_index() {
    let bed = Bed::new().await;
    let original = photo(120, 120);
    let url = bed.upload(png(&original)).await;
    let pose = bed.submit(&pose(&url, 16)).await;
    let product = json!({"generatedContent": "freeCreation", "maskType": "autoSubjectSegment",
        "textDescription": "marble", "batchCount": 1});
    let product = bed.submit(&run("aiproduct", &url, product)).await;
    bed.step(100);
    let mut images = bed.images(&pose).await;
    images.extend(bed.images(&product).await);
    for (n, image) in images.iter().enumerate() {
        assert_eq!(image.dimensions(), (120, 120));
        assert_eq!(image.get_pixel(60, 60), SUBJECT);
        assert_ne!(image.get_pixel(0, 0), GROUND);
        assert!(
            images[..n].iter().all(|other| other != image),
            "image {n} is like another"
        );
    }
}

#[tokio::test]
async fn results_can_be_served_from_another_port() {
    let bed = Bed::with(Emulator::builder().results_on_other_port(true)).await;
    let id = bed.submit(&pose("https://example.com/a.png", 1)).await;
    bed.step(100);
    let url = bed.execution(&id).await["result"][0]["image"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(url.starts_with(bed.emulator.results_url()));
    assert_ne!(bed.emulator.results_url(), bed.emulator.url());
    assert_eq!(bed.images(&id).await.len(), 1);
    let elsewhere = format!("{}/openapi/agent/runs/{id}", bed.emulator.results_url());
    refused(bed.http.get(elsewhere), 404, "NOT_FOUND").await;
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let bed = Bed::new().await;
    let url = format!("{}/openapi/agent/runs/x", bed.emulator.url());
    refused(bed.http.get(&url), 401, "UNAUTHORIZED").await;
    refused(
        bed.http.get(&url).header("Authorization", "other"),
        401,
        "UNAUTHORIZED",
    )
    .await;
    let bearer = format!("Bearer {API_KEY}");
    refused(
        bed.http.get(&url).header("Authorization", bearer),
        401,
        "UNAUTHORIZED",
    )
    .await;

    let any = Bed::with(Emulator::builder().accept_any_key(true)).await;
    let url = format!("{}/openapi/agent/runs/x", any.emulator.url());
    refused(
        any.http.get(&url).header("Authorization", "other"),
        404,
        "NOT_FOUND",
    )
    .await;
    refused(
        any.http.get(&url).header("Authorization", ""),
        401,
        "UNAUTHORIZED",
    )
    .await;
}

#[tokio::test]
async fn malformed_requests_are_refused_with_an_envelope() {
    let bed = Bed::new().await;
    let runs = || bed.post("/openapi/agent/runs");
    let json = |body: &'static str| runs().header("Content-Type", "application/json").body(body);
    refused(json("{"), 400, "INVALID_JSON").await;
    refused(json("[]"), 400, "INVALID_PARAMS").await;
    refused(json("\"text\""), 400, "INVALID_PARAMS").await;
    refused(runs().body("{}"), 415, "UNSUPPORTED_MEDIA_TYPE").await;
    refused(bed.get("/openapi/agent/runs/unknown"), 404, "NOT_FOUND").await;
    refused(bed.get("/openapi/nowhere"), 404, "NOT_FOUND").await;
    refused(bed.get("/openapi/agent/runs"), 405, "METHOD_NOT_ALLOWED").await;
}

#[tokio::test]
async fn a_bad_upload_is_refused() {
    let bed = Bed::with(Emulator::builder().max_upload(100_000)).await;
    let broken = &png(&photo(64, 64))[..100];
    // The header of a picture of 60,000 pixels by 60,000, which would be fourteen gigabytes.
    let mut bomb = png(&photo(1, 1));
    bomb[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    for file in [
        b"GIF89a".to_vec(),
        b"hello".to_vec(),
        Vec::new(),
        broken.to_vec(),
        bomb,
    ] {
        refused(bed.upload_form(file), 400, "INVALID_IMAGE").await;
    }
    refused(bed.upload_form(vec![0; 200_000]), 413, "TOO_LARGE").await;
    refused(bed.upload_form(vec![0; 3 << 20]), 413, "TOO_LARGE").await;
    let form = reqwest::multipart::Form::new().text("picture", "x");
    let upload = || bed.post("/openapi/agent/assets/images");
    refused(upload().multipart(form), 400, "INVALID_UPLOAD").await;
    refused(upload().body("image"), 400, "INVALID_UPLOAD").await;
}

#[tokio::test]
async fn a_repeated_idempotency_key_gives_the_first_run() {
    let bed = Bed::new().await;
    let submit = |body: &Value| bed.submission(body).header("Idempotency-Key", "k");
    let (_, first) = answer(submit(&pose("https://example.com/a.png", 1))).await;
    let (_, again) = answer(submit(&pose("https://example.com/a.png", 1))).await;
    assert_eq!(first, again);
    refused(
        submit(&pose("https://example.com/a.png", 2)),
        409,
        "IDEMPOTENCY_CONFLICT",
    )
    .await;

    let off = Bed::with(Emulator::builder().idempotency(false)).await;
    let submit = || {
        off.submission(&pose("https://example.com/a.png", 1))
            .header("Idempotency-Key", "k")
    };
    let (_, first) = answer(submit()).await;
    let (_, again) = answer(submit()).await;
    assert_ne!(first["data"]["executionId"], again["data"]["executionId"]);
}

#[tokio::test]
async fn presets_come_in_pages() {
    let bed = Bed::new().await;
    let info = |query: &str| bed.get(&format!("/openapi/v1/agent/info?agentVersion=v1.0&{query}"));
    let mut ids = Vec::new();
    for page in 1.. {
        let query = format!("agentName=aimodel&resourceType=locations&page={page}&pageSize=100");
        let (_, body) = answer(info(&query)).await;
        let data = &body["data"];
        assert_eq!(data["fashionModels"], json!([]));
        ids.extend(
            data["locations"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["id"].as_i64().unwrap()),
        );
        if data["pagination"]["locations"]["isLastPage"] == true {
            assert_eq!(data["pagination"]["locations"]["total"], ids.len());
            break;
        }
    }
    let all = ids.len();
    ids.dedup();
    assert_eq!((all, ids.len()), (230, 230));

    let (_, body) = answer(info("agentName=removeBG")).await;
    assert_eq!(body["data"]["backgrounds"].as_array().unwrap().len(), 12);
    let picture = body["data"]["backgrounds"][0]["image"].as_str().unwrap();
    assert_eq!(
        bed.http.get(picture).send().await.unwrap().status(),
        StatusCode::OK
    );
    for wrong in [
        "agentName=",
        "agentName=aipose&page=0",
        "agentName=aipose&pageSize=101",
        "agentName=aimodel&resourceType=shoes",
        "agentName=removeBG&resourceType=locations",
    ] {
        refused(info(wrong), 400, "INVALID_PARAMS").await;
    }
}

#[tokio::test]
async fn the_port_is_free_again_after_a_drop_and_after_a_shutdown() {
    let emulator = Emulator::start().await.unwrap();
    let port: u16 = emulator.url().rsplit(':').next().unwrap().parse().unwrap();
    emulator.shutdown().await;
    let again = Emulator::builder().port(port).start().await.unwrap();
    drop(again);
    // A dropped emulator's task ends when the runtime gets to it.
    let rebound = async {
        loop {
            match Emulator::builder().port(port).start().await {
                Ok(emulator) => break emulator,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    rebound.await.shutdown().await;
}

#[test]
fn the_client_has_the_emulators_key() {
    assert_eq!(weshop::EMULATOR_KEY, API_KEY);
}

#[tokio::test]
async fn no_debug_shows_a_key() {
    let builder = Emulator::builder().api_key("canary-key");
    let shown = format!("{builder:?}");
    let emulator = builder.start().await.unwrap();
    assert!(
        !format!("{shown} {emulator:?}").contains("canary"),
        "{shown} {emulator:?}"
    );
}
