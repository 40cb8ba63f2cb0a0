//! Everything a submission is held against before it is accepted.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::draw;
use super::judge::{Judgement, judge};
use super::reply::{Refusal, shortened};
use super::spec;
use super::state::Shared;

/// How many violations an answer names.
const MOST_VIOLATIONS: usize = 50;

/// Turns down a submission that openapi.yaml, the judge, or the images at hand speak against.
pub(super) fn check(app: &Shared, request: &Value) -> Result<(), Refusal> {
    let documented = documented(request);
    let mut found = spec::check_run(&documented);
    found.extend(judge(&public(app, documented)).err().unwrap_or_default());
    found.extend(canvas_fit(app, request));
    found.extend(mask_size(app, request));
    found.retain(|one| !app.settings.waived.contains(&one.rule));
    refuse(found)
}

/// An error envelope that names every violation, when there is one.
pub(super) fn refuse(found: Vec<Judgement>) -> Result<(), Refusal> {
    // The document and the judge find many things both.
    let mut distinct: Vec<Judgement> = Vec::new();
    for one in found {
        if distinct.len() == MOST_VIOLATIONS {
            break;
        }
        if !distinct
            .iter()
            .any(|other| other.at == one.at && other.rule == one.rule)
        {
            distinct.push(Judgement {
                at: shortened(one.at),
                message: shortened(one.message),
                ..one
            });
        }
    }
    if distinct.is_empty() {
        return Ok(());
    }
    let words: Vec<_> = distinct.iter().map(ToString::to_string).collect();
    let violations = distinct
        .iter()
        .map(|one| json!({"at": one.at, "rule": one.rule, "message": one.message}))
        .collect();
    Err(Refusal::bad_request("INVALID_PARAMS", words.join("; ")).with("violations", violations))
}

/// The request without what the vendor's own client adds and no document has: the original image once
/// more, as `params.images`.
fn documented(request: &Value) -> Value {
    let mut request = request.clone();
    let repeated = json!([request["input"]["originalImage"]]);
    if let Some(Value::Object(params)) = request.get_mut("params")
        && params.get("images") == Some(&repeated)
    {
        params.remove("images");
    }
    request
}

/// The request as it would be if the emulator were a public service: its own URLs, and the loopback
/// callback that only an emulator can call, stand under a public name.
fn public(app: &Shared, mut request: Value) -> Value {
    const PUBLIC: &str = "https://emulator.example/";
    for (parent, field) in [
        ("/input", "originalImage"),
        ("/input", "fashionModelImage"),
        ("/input", "locationImage"),
        ("/params", "customMaskUrl"),
        ("", "callbackUrl"),
    ] {
        let place = request
            .pointer_mut(parent)
            .and_then(|parent| parent.get_mut(field));
        let Some(Value::String(url)) = place else {
            continue;
        };
        let own = [&app.api, &app.results].iter().any(|origin| {
            url.strip_prefix(*origin)
                .is_some_and(|rest| rest.starts_with('/'))
        });
        if own || (field == "callbackUrl" && is_loopback(url)) {
            *url = PUBLIC.to_owned();
        }
    }
    request
}

/// Whether `url` is one that the emulator may call back.
pub(super) fn is_loopback(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    url.scheme() == "http" && (host == "localhost" || address.is_ok_and(|ip| ip.is_loopback()))
}

fn canvas_fit(app: &Shared, request: &Value) -> Vec<Judgement> {
    let params = &request["params"];
    if request["agent"]["name"] != "expandimage" {
        return Vec::new();
    }
    let source = request["input"]["originalImage"]
        .as_str()
        .and_then(|url| app.upload_at(url));
    let Some((width, height)) = source.map(|upload| upload.size) else {
        return Vec::new();
    };
    [
        ("fillLeft", "targetWidth", width),
        ("fillTop", "targetHeight", height),
    ]
    .into_iter()
    .filter(|(fill, target, side)| {
        let offset = params[*fill].as_f64().unwrap_or(0.0);
        params[*target]
            .as_f64()
            .is_some_and(|target| offset + f64::from(*side) > target)
    })
    .map(|(fill, target, side)| {
        let words = format!("{fill} and the image's {side} pixels do not fit {target}");
        Judgement::new(&format!("/params/{target}"), "canvas-fit", &words)
    })
    .collect()
}

fn mask_size(app: &Shared, request: &Value) -> Option<Judgement> {
    let params = &request["params"];
    let held = |url: &Value| Some(app.upload_at(url.as_str()?)?.size);
    let (at, mask) = match super::mask::inline(params) {
        Some(mask) => ("/params/customMask", draw::size(&mask).ok()?),
        None => ("/params/customMaskUrl", held(&params["customMaskUrl"])?),
    };
    let image = held(&request["input"]["originalImage"])?;
    (mask != image).then(|| {
        let words = format!(
            "the mask has {} x {} pixels and the image {} x {}",
            mask.0, mask.1, image.0, image.1
        );
        Judgement::new(at, "mask-size", &words)
    })
}
