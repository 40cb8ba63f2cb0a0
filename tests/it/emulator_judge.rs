//! The judge: what it lets pass and what it finds, rule by rule.

use serde_json::{Value, json};
use weshop::emulator::judge;

const URL: &str = "https://example.com/a.png";
/// A PNG of one pixel.
const MASK: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

fn run(agent: &str, params: Value) -> Value {
    json!({
        "agent": {"name": agent, "version": "v1.0"},
        "input": {"originalImage": URL},
        "params": params,
    })
}

/// One request of each agent that every rule lets pass.
fn valid() -> Vec<Value> {
    vec![
        run(
            "aimodel",
            json!({"generatedContent": "freeCreation", "maskType": "autoApparelSegment", "textDescription": "street"}),
        ),
        run(
            "aiproduct",
            json!({"generatedContent": "referToOrigin", "maskType": "custom", "customMask": MASK, "locationId": 3}),
        ),
        run(
            "aipose",
            json!({"textDescription": "walking", "generateVersion": "pro"}),
        ),
        run(
            "expandimage",
            json!({"targetWidth": 4096, "targetHeight": 1, "fillLeft": 0, "batchCount": 16}),
        ),
        run(
            "removeBG",
            json!({"maskType": "autoSubjectSegment", "backgroundHex": "#ced2CE"}),
        ),
        run(
            "virtualtryon",
            json!({"generateVersion": "bananaPro", "descriptionType": "custom", "textDescription": "figure 1 walks", "imageSize": "2K", "aspectRatio": "3:4"}),
        ),
        json!({"agent": {"name": "someday", "version": "v9"}, "input": {"x": 1}, "params": {"y": [null]}}),
    ]
}

/// Values by JSON pointer.
type Changes = Vec<(&'static str, Value)>;

/// `base` with some values put in (or taken out, when null) by JSON pointer.
fn with(base: &Value, changes: &[(&str, Value)]) -> Value {
    let mut changed = base.clone();
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let parent = changed
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap();
        match value {
            Value::Null => drop(parent.remove(field)),
            value => drop(parent.insert(field.to_owned(), value.clone())),
        }
    }
    changed
}

fn rules(request: &Value) -> Vec<String> {
    let found = judge(request).err().unwrap_or_default();
    let mut rules: Vec<_> = found.into_iter().map(|one| one.rule).collect();
    rules.sort();
    rules.dedup();
    rules
}

#[test]
fn sound_requests_pass() {
    for request in valid() {
        assert_eq!(judge(&request), Ok(()), "{request}");
    }
}

#[test]
fn each_rule_finds_its_own() {
    let v = valid();
    let (model, product, pose, expand, remove, tryon) = (&v[0], &v[1], &v[2], &v[3], &v[4], &v[5]);
    let cases: Vec<(&str, &Value, Changes)> = vec![
        (
            "any-of-look",
            model,
            vec![("/params/textDescription", json!(" \u{3000}\n"))],
        ),
        (
            "any-of-scene",
            product,
            vec![("/params/locationId", Value::Null)],
        ),
        (
            "any-of-background",
            remove,
            vec![("/params/backgroundHex", Value::Null)],
        ),
        (
            "any-of-background",
            remove,
            vec![("/params/backgroundHex", json!(""))],
        ),
        (
            "mask-source",
            product,
            vec![("/params/customMask", Value::Null)],
        ),
        (
            "mask-source",
            product,
            vec![("/params/customMaskUrl", json!(URL))],
        ),
        (
            "mask-unused",
            model,
            vec![("/params/customMaskUrl", json!(URL))],
        ),
        (
            "mask-encoding",
            product,
            vec![(
                "/params/customMask",
                json!(format!("data:image/png;base64,{MASK}")),
            )],
        ),
        (
            "mask-encoding",
            product,
            vec![("/params/customMask", json!("aGVsbG8="))],
        ),
        (
            "mask-encoding",
            product,
            vec![("/params/customMask", json!(MASK.trim_end_matches('=')))],
        ),
        (
            "hex-colour",
            remove,
            vec![("/params/backgroundHex", json!("#ced2c"))],
        ),
        (
            "hex-colour",
            remove,
            vec![("/params/backgroundHex", json!("ced2ce"))],
        ),
        (
            "prompt-required",
            tryon,
            vec![("/params/textDescription", json!("\t"))],
        ),
        (
            "aspect-engine",
            tryon,
            vec![("/params/generateVersion", json!("weshopFlash"))],
        ),
        (
            "size-required",
            tryon,
            vec![("/params/imageSize", Value::Null)],
        ),
        (
            "pose-text",
            pose,
            vec![("/params/textDescription", json!("  "))],
        ),
        (
            "figure-reference",
            tryon,
            vec![("/params/textDescription", json!("as FIGURE2."))],
        ),
        (
            "figure-reference",
            tryon,
            vec![
                ("/params/textDescription", json!("in Figure \n3")),
                ("/input/fashionModelImage", json!(URL)),
            ],
        ),
        (
            "figure-reference",
            tryon,
            vec![
                ("/params/textDescription", json!("Figure 3")),
                ("/input/locationImage", json!(" ")),
            ],
        ),
        (
            "public-url",
            pose,
            vec![("/input/originalImage", json!("a.png"))],
        ),
        (
            "public-url",
            pose,
            vec![("/input/originalImage", json!(" "))],
        ),
        (
            "public-url",
            pose,
            vec![("/input/originalImage", json!("ftp://example.com/a.png"))],
        ),
        (
            "public-url",
            pose,
            vec![("/callbackUrl", json!("http://127.9.9.9/cb"))],
        ),
        (
            "public-url",
            tryon,
            vec![("/input/locationImage", json!("http://LOCALHOST:8080/a.png"))],
        ),
        (
            "public-url",
            model,
            vec![("/input/originalImage", json!("https://a.localhost/a.png"))],
        ),
        (
            "public-url",
            model,
            vec![("/input/originalImage", json!("http://[::1]/a.png"))],
        ),
        (
            "public-url",
            model,
            vec![("/input/originalImage", json!("http://user@0.0.0.0/a.png"))],
        ),
        (
            "figure-reference",
            tryon,
            vec![("/params/textDescription", json!("(figure2)"))],
        ),
        (
            "figure-reference",
            tryon,
            vec![("/params/textDescription", json!("configure_Figure 3"))],
        ),
        (
            "additionalProperties",
            expand,
            vec![("/params/fillRight", json!(0))],
        ),
        ("misspelt-member", model, vec![("/callbackURL", json!(URL))]),
        ("misspelt-member", product, vec![("/IN_PUT", json!({}))]),
        (
            "additionalProperties",
            pose,
            vec![("/agent/nane", json!("aipose"))],
        ),
        (
            "additionalProperties",
            expand,
            vec![("/input/fashionModelImage", json!(URL))],
        ),
        ("const", expand, vec![("/agent/version", json!("v2.0"))]),
        (
            "enum",
            product,
            vec![
                ("/params/maskType", json!("autoHumanSegment")),
                ("/params/customMask", Value::Null),
            ],
        ),
        (
            "maximum",
            expand,
            vec![("/params/targetWidth", json!(4097))],
        ),
        ("maximum", expand, vec![("/params/batchCount", json!(17))]),
        ("minimum", expand, vec![("/params/fillTop", json!(-1))]),
        (
            "required",
            expand,
            vec![("/params/targetHeight", Value::Null)],
        ),
        (
            "required",
            pose,
            vec![("/input/originalImage", Value::Null)],
        ),
        ("type", expand, vec![("/params/fillTop", json!(1.5))]),
        ("type", pose, vec![("/input/taskName", json!(1))]),
        ("type", pose, vec![("/input", json!([]))]),
    ];
    for (rule, base, changes) in cases {
        let request = with(base, &changes);
        assert_eq!(rules(&request), [rule], "{request}");
    }
}

#[test]
fn a_public_url_is_written_out_and_leads_elsewhere() {
    for url in [
        "https:example.com/a",
        "https:/example.com/a",
        "https:///example.com/a",
        r"https:\\example.com\a",
        r"https://\example.com/a",
        " https://example.com/a",
        "https://example.com/a ",
        "https://exam\tple.com/a",
        "https://example.com/\na",
        "https://example.com/a b",
        "http://[::]/a",
        "http://[::ffff:127.0.0.1]/a",
        "http://[::ffff:0.0.0.0]/a",
        "http://0/a",
        "http://localhost./a",
    ] {
        let request = with(&valid()[2], &[("/input/originalImage", json!(url))]);
        assert_eq!(rules(&request), ["public-url"], "{url:?}");
    }
    for url in [
        "HTTPS://example.com",
        "http://[2001:db8::1]:80/a",
        "http://[::ffff:10.0.0.1]/a",
        "https://example.com/%20?a=//b#c",
    ] {
        let request = with(&valid()[2], &[("/input/originalImage", json!(url))]);
        assert_eq!(judge(&request), Ok(()), "{url:?}");
    }
}

#[test]
fn what_only_looks_wrong_passes() {
    let v = valid();
    let (model, expand, remove, tryon) = (&v[0], &v[3], &v[4], &v[5]);
    let cases: Vec<(&Value, Changes)> = vec![
        (model, vec![("/params/customMask", json!(" "))]),
        (
            model,
            vec![
                ("/params/locationId", json!(7)),
                ("/params/textDescription", Value::Null),
            ],
        ),
        (
            model,
            vec![("/callbackUrl", json!("http://example.com/cb"))],
        ),
        (expand, vec![("/params/batchCount", json!(4.0))]),
        (
            remove,
            vec![
                ("/params/backgroundHex", Value::Null),
                ("/params/backgroundId", json!(1)),
            ],
        ),
        (
            tryon,
            vec![("/params/textDescription", json!("figure 21, configure 1"))],
        ),
        (
            tryon,
            vec![(
                "/params/textDescription",
                json!("configure 2 softboxes, pré\u{301}éfigure 3, 5figure 2, Ⅳfigure 3"),
            )],
        ),
        (
            tryon,
            vec![
                ("/params/textDescription", json!("Figure 2")),
                ("/input/fashionModelImage", json!(URL)),
            ],
        ),
        (
            tryon,
            vec![
                ("/params/descriptionType", json!("auto")),
                ("/params/textDescription", Value::Null),
            ],
        ),
        (
            tryon,
            vec![
                ("/params/generateVersion", json!("weshopFlash")),
                ("/params/aspectRatio", Value::Null),
            ],
        ),
    ];
    for (base, changes) in cases {
        let request = with(base, &changes);
        assert_eq!(judge(&request), Ok(()), "{request}");
    }
}

#[test]
fn a_long_text_is_judged_to_its_end() {
    let (tryon, long) = (&valid()[5], "configure 2 ".repeat(120_000));
    let text = |text: String| with(tryon, &[("/params/textDescription", json!(text))]);
    assert_eq!(judge(&text(long.clone())), Ok(()));
    assert_eq!(rules(&text(long + "figure 2")), ["figure-reference"]);
}

#[test]
fn json_null_is_a_wrong_type() {
    for field in ["textDescription", "locationId", "batchCount"] {
        let mut request = valid()[0].clone();
        request["params"][field] = Value::Null;
        assert!(judge(&request).is_err(), "{field}");
    }
}
