//! What a run is made of, before there is JSON: builders, typed parameters, free-form ones, masks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use weshop::agents;
use weshop::validate::{Input, Options, Rule, Source, Violations};
use weshop::{Agent as _, FreeParams, IntoParams, Mask, MaskError, WithMask as _, types};

use crate::support::{PUBLIC, png};

fn found(verdict: Result<(), Violations>) -> Vec<(String, Rule)> {
    let violations = verdict.err().into_iter().flatten();
    violations
        .map(|violation| (violation.pointer().to_owned(), violation.rule()))
        .collect()
}

fn check(params: impl IntoParams) -> Vec<(String, Rule)> {
    let checked = params.into_params();
    found(checked.and_then(|params| params.check(&Input::from(PUBLIC), &Options::default())))
}

#[test]
fn a_builder_that_lacks_fields_is_told_all_that_is_wrong() {
    let bare = check(types::AimodelParams::builder().batch_count(17));
    assert_eq!(
        bare,
        [
            ("/params/batchCount".to_owned(), Rule::Range),
            ("/params/generatedContent".to_owned(), Rule::Required),
            ("/params/maskType".to_owned(), Rule::Required),
            ("/params".to_owned(), Rule::AnyOfLook),
        ]
    );
    let required = |fields: &[&str]| -> Vec<_> {
        fields
            .iter()
            .map(|field| (format!("/params/{field}"), Rule::Required))
            .collect()
    };
    let scene = types::AiproductParams::builder().location_id(1);
    assert_eq!(check(scene), required(&["generatedContent", "maskType"]));
    assert_eq!(
        check(types::AiposeParams::builder()),
        required(&["textDescription"])
    );
    assert_eq!(
        check(types::ExpandimageParams::builder()),
        required(&["targetHeight", "targetWidth"])
    );
    assert_eq!(
        check(types::RemoveBgParams::builder().background_id(1)),
        required(&["maskType"])
    );
    assert_eq!(
        check(types::VirtualtryonParams::builder()),
        required(&["descriptionType", "generateVersion"])
    );
}

#[test]
fn what_a_builder_was_given_is_what_goes_over_the_wire() {
    let builder = types::AiposeParams::builder()
        .text_description("hands in pockets".to_string())
        .generate_version(types::AiposeVersion::Pro);
    let params = builder.clone().into_params().unwrap();
    assert_eq!((params.name(), params.version()), ("aipose", "v1.0"));
    let expected = json!({"textDescription": "hands in pockets", "generateVersion": "pro"});
    assert_eq!(Value::from(params.values().clone()), expected);
    let built: types::AiposeParams = builder.try_into().unwrap();
    assert_eq!((&built).into_params().unwrap().values(), params.values());
}

#[test]
fn a_value_that_a_builder_cannot_take_is_pointed_at() {
    let builder = types::AiposeParams::builder()
        .text_description("hands in pockets".to_string())
        .batch_count(Overflow);
    assert_eq!(
        check(builder),
        [("/params/batchCount".to_owned(), Rule::Range)]
    );
}

#[test]
fn values_that_a_builder_cannot_take_hide_nothing_else() {
    let builder = types::AimodelParams::builder()
        .generated_content("nope")
        .mask_type("autoAparelSegment")
        .batch_count(99);
    let params = builder.into_params().unwrap();
    let violations = params
        .check(&Input::from("http://localhost/a.png"), &Options::default())
        .unwrap_err();
    insta::assert_snapshot!("unconvertible", violations);
    let wide = types::ExpandimageParams::builder().target_width(u64::MAX);
    assert_eq!(
        check(wide.target_height(9000)),
        [
            ("/params/targetWidth".to_owned(), Rule::Range),
            ("/params/targetHeight".to_owned(), Rule::Range)
        ]
    );
    // A value that is not there cannot be sent, whatever is stepped around.
    let all = Options::default().allow_all(Rule::ALL.iter().copied().collect());
    let violations = params.check(&Input::from(PUBLIC), &all).unwrap_err();
    assert_eq!(violations.len(), 2);
}

struct Overflow;

impl TryFrom<Overflow> for Option<i64> {
    type Error = &'static str;
    fn try_from(_: Overflow) -> Result<Self, &'static str> {
        Err("too large")
    }
}

#[test]
fn agents_that_nobody_knows_take_anything_but_an_unreachable_image() {
    let free = |name: &str, params| FreeParams::new(name, "v1.0", params).into_params();
    let options = Options::default();
    let anything = free("upscaler", json!({"batchCount": 1000, "x": null})).unwrap();
    assert!(anything.spec().is_none());
    assert_eq!(found(anything.check(&Input::from(PUBLIC), &options)), []);
    let mut input = Input::from("http://localhost/a.png");
    input.callback_url = Some("ftp://example.com");
    assert_eq!(
        found(anything.check(&input, &options)),
        [
            ("/input/originalImage".to_owned(), Rule::PublicUrl),
            ("/callbackUrl".to_owned(), Rule::PublicUrl),
        ]
    );
    let nameless = free("", json!({})).unwrap();
    assert_eq!(
        found(nameless.check(&Input::from(PUBLIC), &options)),
        [("/agent/name".to_owned(), Rule::Length)]
    );
    assert_eq!(
        free("upscaler", json!([])).unwrap_err()[0].rule(),
        Rule::Type
    );
    // Known after all: the same rules, unless the version is another.
    assert_eq!(
        check(FreeParams::new(
            "aipose",
            "v1.0",
            json!({"textDescription": " "})
        ))[0]
            .1,
        Rule::PoseText
    );
    assert_eq!(
        check(FreeParams::new(
            "aipose",
            "v9",
            json!({"textDescription": " "})
        )),
        []
    );
}

#[test]
fn jobs_for_unknown_agents_have_the_shape_of_a_request() {
    let job = json!({
        "agent": {"name": "upscaler", "version": "v3"},
        "input": {"originalImage": PUBLIC, "style": 1},
        "params": {"maskType": "custom", "textDescription": null},
    });
    assert_eq!(agents::validate(&job), Ok(()));
    for (pointer, value, rule) in [
        ("", json!([]), Rule::Type),
        ("/agent", json!("upscaler"), Rule::Type),
        ("/agent/name", json!(""), Rule::Length),
        ("/agent/version", Value::Null, Rule::Type),
        ("/input", json!(PUBLIC), Rule::Type),
        (
            "/input/originalImage",
            json!("http://127.0.0.1/"),
            Rule::PublicUrl,
        ),
        ("/params", json!(1), Rule::Type),
    ] {
        let mut job = job.clone();
        *job.pointer_mut(pointer).unwrap() = value;
        assert_eq!(found(agents::validate(&job)), [(pointer.to_owned(), rule)]);
    }
    for (name, at) in [
        ("agent", "/agent"),
        ("input", "/input"),
        ("params", "/params"),
    ] {
        let mut job = job.clone();
        job.as_object_mut().unwrap().remove(name);
        assert_eq!(
            found(agents::validate(&job)),
            [(at.to_owned(), Rule::Required)]
        );
    }
}

#[test]
fn typed_inputs_are_looked_at_whole() {
    let params: types::VirtualtryonParams = types::VirtualtryonParams::builder()
        .generate_version(types::VirtualtryonVersion::WeshopFlash)
        .description_type(types::DescriptionType::Custom)
        .text_description("Figure 1 on Figure 2 before Figure 3".to_string())
        .try_into()
        .unwrap();
    let input: types::VirtualtryonInput = types::VirtualtryonInput::builder()
        .original_image(PUBLIC.to_string())
        .fashion_model_image("http://localhost/2.png".to_string())
        .try_into()
        .unwrap();
    assert_eq!(
        found(params.validate(&input)),
        [
            ("/input/locationImage".to_owned(), Rule::FigureReference),
            ("/input/fashionModelImage".to_owned(), Rule::PublicUrl),
        ]
    );
    let mut plain = types::RunInput::builder().original_image(PUBLIC.to_string());
    plain = plain.extra(
        json!({"locationImage": PUBLIC})
            .as_object()
            .unwrap()
            .clone(),
    );
    let plain: types::RunInput = plain.try_into().unwrap();
    let expand: types::ExpandimageParams = types::ExpandimageParams::builder()
        .target_width(1)
        .target_height(1)
        .try_into()
        .unwrap();
    assert_eq!(
        found(expand.validate(&plain)),
        [("/input/locationImage".to_owned(), Rule::UnknownField)]
    );
}

#[test]
fn what_is_to_be_submitted_is_looked_at_before_it_is_opened() {
    let params = || {
        types::ExpandimageParams::builder()
            .target_width(8)
            .target_height(8)
    };
    let verdict = |input: &weshop::Input| {
        let params: types::ExpandimageParams = params().try_into().unwrap();
        found(params.validate(input))
    };
    let too_wide = ("/params/targetWidth".to_owned(), Rule::CanvasFit);
    assert_eq!(verdict(&png(9, 8).into()), [too_wide]);
    assert_eq!(verdict(&png(8, 8).into()), []);
    assert_eq!(verdict(&"no/such/file.png".into()), []);
    let loopback = ("/input/originalImage".to_owned(), Rule::PublicUrl);
    assert_eq!(verdict(&"http://localhost/9.png".into()), [loopback]);
    let input = weshop::Input::new(PUBLIC)
        .with_location(PUBLIC)
        .with_field("x", 1);
    let fields: Vec<_> = verdict(&input).into_iter().map(|(at, _)| at).collect();
    assert_eq!(fields, ["/input/locationImage", "/input/x"]);
}

#[test]
fn an_image_is_an_image_however_it_was_given() {
    let params = |text: &str| {
        let builder = types::VirtualtryonParams::builder()
            .generate_version(types::VirtualtryonVersion::WeshopPro)
            .description_type(types::DescriptionType::Custom)
            .text_description(text.to_string());
        builder.into_params().unwrap()
    };
    let check = |text: &str, url: &str| {
        let input = weshop::Input::new(PUBLIC).with_field("fashionModelImage", url);
        found(params(text).check(&(&input).into(), &Options::default()))
    };
    assert_eq!(check("the model of Figure 2", PUBLIC), []);
    assert_eq!(
        check("a coat", "http://127.0.0.1/a.png"),
        [("/input/fashionModelImage".to_owned(), Rule::PublicUrl)]
    );
}

#[test]
fn fields_that_no_request_has_are_refused() {
    let job = json!({
        "agent": {"name": "aipose", "version": "v1.0", "nane": 1},
        "input": {"originalImage": PUBLIC}, "params": {"textDescription": "x"},
        "callbackURL": "https://example.com/done", "safeGenerate": true,
    });
    let violations = agents::validate(&job).unwrap_err();
    let found: Vec<_> = violations
        .iter()
        .map(|it| (it.pointer(), it.rule()))
        .collect();
    assert_eq!(
        found,
        [
            ("/callbackURL", Rule::UnknownField),
            ("/agent/nane", Rule::UnknownField),
        ]
    );
    assert_eq!(
        violations[0].message(),
        "there is no such field: write it `callbackUrl`"
    );
    let mut free = job;
    free["agent"]["name"] = "upscaler".into();
    assert!(agents::validate(&free).is_ok());
}

#[test]
fn urls_of_an_emulator_are_its_own_affair() {
    let params = types::AiposeParams::builder()
        .text_description("a".to_string())
        .into_params()
        .unwrap();
    let own = Options::default().allow_loopback_images();
    let mut input = Input::from("http://localhost:4000/images/1.png");
    assert_eq!(found(params.check(&input, &own)), []);
    input.callback_url = Some("http://localhost:4001/done");
    assert_eq!(found(params.check(&input, &own)).len(), 1);
}

#[test]
fn the_list_reads_well_with_one_and_with_ten() {
    let job = json!({
        "agent": {"name": "aimodel", "version": "v2"},
        "input": {"originalImage": "a.png", "locationImage": 1, "taskName": 2},
        "params": {
            "maskType": "custom", "batchCount": 0, "pose": "FREEPOSE", "a/b~": 1, "negTextDescription": [],
            "customMask": "data:", "customMaskUrl": "http://localhost/",
        },
        "callbackUrl": "/done",
    });
    let violations = agents::validate(&job).unwrap_err();
    insta::with_settings!({filters => crate::validate_rules::values()}, {
        insta::assert_snapshot!("ten", violations);
        insta::assert_json_snapshot!("ten_as_json", violations);
    });
    let job = json!({"agent": {"name": "aipose", "version": "v1.0"}, "input": {"originalImage": PUBLIC}, "params": {}});
    insta::assert_snapshot!("one", agents::validate(&job).unwrap_err());
}

fn mask_error(bytes: &[u8]) -> MaskError {
    Mask::from_bytes(bytes).unwrap_err()
}

/// Signature, IHDR and the beginning of image data, checksums and all.
fn claim(width: u32, height: u32, colour: u8, more: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut ihdr = [width.to_be_bytes(), height.to_be_bytes()].concat();
    ihdr.extend([8, colour, 0, 0, 0]);
    for (name, data) in [(b"IHDR", ihdr.as_slice())]
        .iter()
        .chain(more)
        .chain(&[(b"IDAT", &[][..])])
    {
        bytes.extend((data.len() as u32).to_be_bytes());
        let body = [&name[..], data].concat();
        bytes.extend(&body);
        bytes.extend(crc32(&body).to_be_bytes());
    }
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))
        })
    })
}

#[test]
fn masks_are_known_by_their_header() {
    let mask = Mask::from_bytes(png(4, 3)).unwrap();
    assert_eq!(mask.size(), Some((4, 3)));
    assert_eq!(
        mask.base64().map(|text| STANDARD.decode(text).unwrap()),
        Some(png(4, 3))
    );
    let palette: (&[u8; 4], &[u8]) = (b"PLTE", &[0, 0, 0]);
    let transparent: (&[u8; 4], &[u8]) = (b"tRNS", &[0]);
    for (colour, chunks, has_alpha) in [
        (6, vec![], true),
        (4, vec![], true),
        (2, vec![], false),
        (0, vec![], false),
        (3, vec![palette], false),
        (3, vec![palette, transparent], true),
        (0, vec![(b"tRNS", &[0, 0][..])], true),
    ] {
        let result = Mask::from_bytes(claim(5, 7, colour, &chunks));
        match has_alpha {
            true => assert_eq!(result.unwrap().size(), Some((5, 7)), "{colour}"),
            false => assert!(matches!(result, Err(MaskError::Opaque)), "{colour}"),
        }
    }
}

#[test]
fn what_is_no_mask_is_refused_by_what_it_is() {
    assert!(matches!(mask_error(b""), MaskError::NotPng));
    assert!(matches!(
        mask_error(b"\xff\xd8\xff\xe0 a photograph"),
        MaskError::NotPng
    ));
    assert!(matches!(mask_error(&png(4, 3)[..30]), MaskError::Damaged));
    assert!(matches!(
        mask_error(&claim(0, 3, 6, &[])),
        MaskError::Damaged
    ));
    let mut wrong_checksum = png(4, 3);
    wrong_checksum[29] ^= 1;
    assert!(matches!(mask_error(&wrong_checksum), MaskError::Damaged));
    // No compression makes ten megapixels out of a few bytes.
    assert!(matches!(
        mask_error(&claim(5000, 2000, 6, &[])),
        MaskError::Damaged
    ));
    assert!(matches!(
        mask_error(&vec![0; Mask::MAX_BYTES + 1]),
        MaskError::TooManyBytes
    ));
}

#[test]
fn two_hundred_megapixels_in_sixty_bytes_are_refused() {
    let claim = claim(20_000, 10_000, 6, &[]);
    assert!(claim.len() < 60, "{}", claim.len());
    let error = mask_error(&claim);
    assert!(matches!(
        error,
        MaskError::TooManyPixels {
            width: 20_000,
            height: 10_000
        }
    ));
    assert_eq!(
        error.to_string(),
        "the mask claims 20000 by 10000 pixels; 100 megapixels are the most"
    );
}

#[tokio::test]
async fn masks_come_from_files_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mask.png");
    std::fs::write(&path, png(2, 2)).unwrap();
    assert_eq!(
        Mask::from_file(&path).await.unwrap(),
        Mask::from_bytes(png(2, 2)).unwrap()
    );
    assert!(matches!(
        Mask::from_file(dir.path()).await,
        Err(MaskError::NotAFile)
    ));
    assert!(matches!(
        Mask::from_file(dir.path().join("none")).await,
        Err(MaskError::Io(_))
    ));
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(matches!(
        Mask::from_file(&path).await,
        Err(MaskError::TooManyBytes)
    ));
}

#[test]
fn a_mask_sets_the_fields_that_go_together() {
    let file = Mask::from_bytes(png(4, 3)).unwrap();
    let url = Mask::from_url("https://example.com/mask.png");
    let builder = || types::RemoveBgParams::builder().background_id(1);
    let encoded = builder()
        .mask(url.clone())
        .mask(file.clone())
        .into_params()
        .unwrap();
    assert_eq!(encoded.values()["maskType"], "custom");
    assert_eq!(encoded.values()["customMask"].as_str(), file.base64());
    assert!(!encoded.values().contains_key("customMaskUrl"));
    let linked = builder()
        .mask(file)
        .mask(url.clone())
        .into_params()
        .unwrap();
    assert_eq!(linked.values()["customMaskUrl"].as_str(), url.url());
    assert!(!linked.values().contains_key("customMask"));

    let mut input = Input::new();
    let options = Options::default();
    for (source, fits) in [
        (Source::Local { size: Some((4, 3)) }, true),
        (Source::Local { size: Some((3, 4)) }, false),
        (Source::Local { size: None }, true),
        (
            Source::Sized {
                url: PUBLIC,
                size: (8, 6),
            },
            false,
        ),
        (Source::Url(PUBLIC), true),
    ] {
        input.original_image = Some(source);
        let expected = if fits {
            vec![]
        } else {
            vec![("/params/customMask".to_owned(), Rule::MaskSize)]
        };
        assert_eq!(found(encoded.check(&input, &options)), expected);
        assert_eq!(found(linked.check(&input, &options)), []);
    }
}

#[test]
fn nothing_private_is_shown() {
    let secret = "signature=s3cret";
    let url = format!("https://example.com/a.png?{secret}");
    let params = FreeParams::new("upscaler", "v1", json!({"key": secret}));
    let mask = Mask::from_url(url.as_str());
    let shown = format!(
        "{params:?} {mask:?} {:?} {:?}",
        Input::from(url.as_str()),
        Source::Url(&url)
    );
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(!format!("{:?}", params.into_params().unwrap()).contains("s3cret"));
    let wrong = json!({
        "agent": {"name": "aipose", "version": secret},
        "input": {"originalImage": format!("http://localhost/?{secret}")},
        "params": {"textDescription": "a", "generateVersion": secret},
    });
    let violations = agents::validate(&wrong).unwrap_err();
    assert_eq!(violations.len(), 3);
    assert!(!format!("{violations} {violations:?}").contains("s3cret"));
}
