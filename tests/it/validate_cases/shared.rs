//! The rows that several agents have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use weshop::validate::Rule;

use super::Edit::{self, Drop, Local, Set};
use crate::support::png;

pub type Add<'a> = dyn FnMut(&'static str, Rule, &'static str, &[Edit], &[Edit]) + 'a;

pub fn every_agent(agent: &'static str, case: &mut Add<'_>) {
    use Rule::{AgentVersion, PublicUrl, Range, Required, Type, UnknownField};
    let original = "/input/originalImage";
    let count = "/params/batchCount";
    let to = |pointer, value: Value| [Set(pointer, value)];
    case(agent, Required, original, &[Drop(original)], &[]);
    case(
        agent,
        Range,
        count,
        &to(count, json!(0)),
        &to(count, json!(1)),
    );
    case(
        agent,
        Range,
        count,
        &to(count, json!(17)),
        &to(count, json!(16)),
    );
    case(
        agent,
        Type,
        count,
        &to(count, json!("4")),
        &to(count, json!(4.0)),
    );
    case(
        agent,
        Type,
        count,
        &to(count, json!(4.5)),
        &to(count, json!(4)),
    );
    case(agent, Type, count, &to(count, Value::Null), &[]);
    case(
        agent,
        UnknownField,
        "/params/batch_count",
        &to("/params/batch_count", json!(4)),
        &to(count, json!(4)),
    );
    case(
        agent,
        UnknownField,
        "/input/imageUrl",
        &to("/input/imageUrl", json!("a")),
        &to("/input/taskName", json!("a")),
    );
    case(
        agent,
        AgentVersion,
        "/agent/version",
        &to("/agent/version", json!("v2.0")),
        &[],
    );
    for (bad, good) in [
        ("", "https://a.example/"),
        ("coat.png", "http://a.example/coat.png"),
        ("http://127.0.0.1/coat.png", "http://128.0.0.1/coat.png"),
    ] {
        case(
            agent,
            PublicUrl,
            original,
            &to(original, json!(bad)),
            &to(original, json!(good)),
        );
    }
    case(
        agent,
        PublicUrl,
        "/callbackUrl",
        &to("/callbackUrl", json!("http://[::1]/")),
        &to("/callbackUrl", json!("http://[::2]/")),
    );
    if agent != "virtualtryon" {
        case(
            agent,
            UnknownField,
            "/input/locationImage",
            &to("/input/locationImage", json!("https://a.example/")),
            &[],
        );
    }
}

pub fn masks(agent: &'static str, case: &mut Add<'_>) {
    use Rule::{Enum, MaskEncoding, MaskSize, MaskSource, MaskUnused, PublicUrl, Required, Type};
    let (kind, mask, url) = (
        "/params/maskType",
        "/params/customMask",
        "/params/customMaskUrl",
    );
    let encoded = STANDARD.encode(png(4, 3));
    let custom = Set(kind, json!("custom"));
    let link = Set(url, json!("https://example.com/mask.png"));
    let file = Set(mask, json!(encoded));
    let blank = Set(mask, json!(" "));
    case(agent, Required, kind, &[Drop(kind)], &[]);
    case(
        agent,
        Enum,
        kind,
        &[Set(kind, json!("autoNothing"))],
        &[Set(kind, json!("autoSubjectSegment"))],
    );
    case(agent, Type, kind, &[Set(kind, json!(1))], &[]);
    case(
        agent,
        MaskSource,
        mask,
        &[custom.clone()],
        &[custom.clone(), file.clone()],
    );
    case(
        agent,
        MaskSource,
        mask,
        &[custom.clone(), blank.clone()],
        &[custom.clone(), blank, link.clone()],
    );
    case(
        agent,
        MaskSource,
        url,
        &[custom.clone(), file.clone(), link.clone()],
        &[custom.clone(), link.clone()],
    );
    case(
        agent,
        MaskUnused,
        mask,
        &[file.clone()],
        &[custom.clone(), file.clone()],
    );
    case(
        agent,
        MaskUnused,
        url,
        &[link.clone()],
        &[custom.clone(), link],
    );
    for bad in [
        format!("data:image/png;base64,{encoded}"),
        encoded.trim_end_matches('=').to_owned() + "!",
        format!("{encoded}\n"),
        STANDARD.encode(b"GIF89a trailing"),
        STANDARD.encode(b"\x89PNG"),
    ] {
        case(
            agent,
            MaskEncoding,
            mask,
            &[custom.clone(), Set(mask, json!(bad))],
            &[custom.clone(), file.clone()],
        );
    }
    case(
        agent,
        MaskSize,
        mask,
        &[custom.clone(), file.clone(), Local(4, 4)],
        &[custom.clone(), file, Local(4, 3)],
    );
    let loopback = Set(url, json!("https://mask.localhost/"));
    case(
        agent,
        PublicUrl,
        url,
        &[custom.clone(), loopback],
        &[custom, Set(url, json!("https://localhost.mask/"))],
    );
}
