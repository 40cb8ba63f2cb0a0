//! For every rule and agent the smallest request that breaks it and it alone, and the nearest one that
//! passes.

// Every row gives its edits in the same form.
#![allow(clippy::cloned_ref_to_slice_refs)]

use serde_json::{Value, json};
use weshop::validate::Rule;

mod shared;

pub const AGENTS: [&str; 6] = [
    "virtualtryon",
    "aimodel",
    "aiproduct",
    "aipose",
    "expandimage",
    "removeBG",
];

/// The smallest request that an agent takes.
pub fn least(agent: &str) -> Value {
    let params = match agent {
        "virtualtryon" => json!({"generateVersion": "weshopFlash", "descriptionType": "auto"}),
        "aimodel" => json!({
            "generatedContent": "freeCreation", "maskType": "autoApparelSegment", "locationId": 1,
        }),
        "aiproduct" => json!({
            "generatedContent": "referToOrigin", "maskType": "autoSubjectSegment", "locationId": 1,
        }),
        "aipose" => json!({"textDescription": "hands in pockets"}),
        "expandimage" => json!({"targetWidth": 1920, "targetHeight": 1080}),
        "removeBG" => json!({"maskType": "autoSubjectSegment", "backgroundId": 1}),
        other => panic!("{other} is not typed"),
    };
    json!({
        "agent": {"name": agent, "version": "v1.0"},
        "input": {"originalImage": "https://example.com/coat.png"},
        "params": params,
    })
}

/// What is changed in it.
#[derive(Clone)]
pub enum Edit {
    Set(&'static str, Value),
    Drop(&'static str),
    /// The original image is a local file of this size.
    Local(u32, u32),
}
use Edit::{Drop, Local, Set};

pub struct Case {
    pub agent: &'static str,
    pub rule: Rule,
    /// The pointer of the one violation.
    pub at: &'static str,
    pub breaks: Vec<Edit>,
    pub passes: Vec<Edit>,
}

/// The request, and the size of its image if that is local.
pub fn edited(agent: &str, edits: &[Edit]) -> (Value, Option<(u32, u32)>) {
    let mut request = least(agent);
    let mut local = None;
    for edit in edits {
        match edit {
            Set(pointer, value) => {
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                request.pointer_mut(parent).unwrap()[name] = value.clone();
            }
            Drop(pointer) => {
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                let parent = request.pointer_mut(parent).unwrap();
                parent.as_object_mut().unwrap().remove(name);
            }
            Local(width, height) => local = Some((*width, *height)),
        }
    }
    (request, local)
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |agent, rule, at, breaks: &[Edit], passes: &[Edit]| {
        cases.push(Case {
            agent,
            rule,
            at,
            breaks: breaks.to_vec(),
            passes: passes.to_vec(),
        });
    };
    let set = |pointer, value: Value| Set(pointer, value);
    for agent in AGENTS {
        shared::every_agent(agent, &mut case);
    }
    for agent in ["aimodel", "aiproduct", "removeBG"] {
        shared::masks(agent, &mut case);
    }

    use Rule::*;
    let no_place = [Drop("/params/locationId")];
    let with = |edits: &[Edit], more: Edit| [edits, &[more]].concat();
    case(
        "aimodel",
        AnyOfLook,
        "/params",
        &no_place,
        &with(&no_place, set("/params/fashionModelId", json!(1))),
    );
    let blank = with(&no_place, set("/params/textDescription", json!(" \n")));
    case(
        "aimodel",
        AnyOfLook,
        "/params",
        &blank,
        &with(&no_place, set("/params/textDescription", json!("a"))),
    );
    case(
        "aiproduct",
        AnyOfScene,
        "/params",
        &no_place,
        &with(&no_place, set("/params/textDescription", json!("a"))),
    );
    case("aiproduct", AnyOfScene, "/params", &blank, &[]);
    let no_background = [Drop("/params/backgroundId")];
    let hex = |text: &str| with(&no_background, set("/params/backgroundHex", json!(text)));
    case(
        "removeBG",
        AnyOfBackground,
        "/params",
        &no_background,
        &hex("#ced2ce"),
    );
    case("removeBG", AnyOfBackground, "/params", &hex(" "), &[]);
    case(
        "removeBG",
        HexColour,
        "/params/backgroundHex",
        &hex("#ced2c"),
        &hex("#CED2CE"),
    );
    case(
        "removeBG",
        HexColour,
        "/params/backgroundHex",
        &hex("ced2ce"),
        &hex("#ced2ce"),
    );

    let text = "/params/textDescription";
    case("aipose", Required, text, &[Drop(text)], &[]);
    case(
        "aipose",
        PoseText,
        text,
        &[set(text, json!("\u{3000}"))],
        &[set(text, json!("a"))],
    );
    case(
        "aipose",
        Enum,
        "/params/generateVersion",
        &[set("/params/generateVersion", json!("weshopPro"))],
        &[set("/params/generateVersion", json!("lite"))],
    );
    for (field, other) in [
        ("/params/targetWidth", "/params/targetHeight"),
        ("/params/targetHeight", "/params/targetWidth"),
    ] {
        case("expandimage", Required, field, &[Drop(field)], &[]);
        case(
            "expandimage",
            Range,
            field,
            &[set(field, json!(4097))],
            &[set(field, json!(4096))],
        );
        case(
            "expandimage",
            Range,
            field,
            &[set(field, json!(0))],
            &[set(field, json!(1))],
        );
        case(
            "expandimage",
            Type,
            field,
            &[set(field, json!("1080"))],
            &[set(other, json!(1080.0))],
        );
    }
    for field in ["/params/fillLeft", "/params/fillTop"] {
        case(
            "expandimage",
            Range,
            field,
            &[set(field, json!(-1))],
            &[set(field, json!(0))],
        );
    }
    let at = |x: i64, y: i64, w, h| {
        [
            set("/params/fillLeft", json!(x)),
            set("/params/fillTop", json!(y)),
            Local(w, h),
        ]
    };
    case(
        "expandimage",
        CanvasFit,
        "/params/fillLeft",
        &at(321, 0, 1600, 1080),
        &at(320, 0, 1600, 1080),
    );
    case(
        "expandimage",
        CanvasFit,
        "/params/fillTop",
        &at(0, 81, 1920, 1000),
        &at(0, 80, 1920, 1000),
    );
    case(
        "expandimage",
        CanvasFit,
        "/params/fillLeft",
        &at(i64::MAX, 0, 1, 1),
        &at(1919, 1079, 1, 1),
    );
    case(
        "expandimage",
        CanvasFit,
        "/params/targetWidth",
        &[Local(1921, 1)],
        &[Local(1920, 1)],
    );
    case(
        "expandimage",
        CanvasFit,
        "/params/targetHeight",
        &[Local(1, 1081)],
        &[Local(1, 1080)],
    );

    case(
        "expandimage",
        CanvasFit,
        "/params/targetWidth",
        &[set("/params/fillLeft", json!(4000)), Local(3000, 1)],
        &[set("/params/targetWidth", json!(3000)), Local(3000, 1)],
    );
    case(
        "expandimage",
        CanvasFit,
        "/params/targetWidth",
        &[Local(5000, 1)],
        &[set("/params/targetWidth", json!(4096)), Local(4096, 1)],
    );

    let engine = |name: &str| set("/params/generateVersion", json!(name));
    let custom = set("/params/descriptionType", json!("custom"));
    case(
        "virtualtryon",
        PromptRequired,
        text,
        &[custom.clone()],
        &[custom.clone(), set(text, json!("a"))],
    );
    case(
        "virtualtryon",
        PromptRequired,
        text,
        &[custom.clone(), set(text, json!("\t"))],
        &[set(text, json!("\t"))],
    );
    let ratio = set("/params/aspectRatio", json!("3:4"));
    case(
        "virtualtryon",
        AspectEngine,
        "/params/aspectRatio",
        &[ratio.clone()],
        &[ratio, engine("weshopPro")],
    );
    let size = set("/params/imageSize", json!("2K"));
    case(
        "virtualtryon",
        SizeRequired,
        "/params/imageSize",
        &[engine("bananaPro")],
        &[engine("bananaPro"), size.clone()],
    );
    case(
        "virtualtryon",
        Enum,
        "/params/imageSize",
        &[set("/params/imageSize", json!("2k"))],
        &[size],
    );
    case(
        "virtualtryon",
        Enum,
        "/params/generateVersion",
        &[engine("lite")],
        &[engine("weshopPro")],
    );
    case(
        "virtualtryon",
        Required,
        "/params/descriptionType",
        &[Drop("/params/descriptionType")],
        &[],
    );
    for (figure, near, field) in [
        (
            "the model of FIGURE  2",
            "Figure 21",
            "/input/fashionModelImage",
        ),
        ("before figure3", "Figure 31", "/input/locationImage"),
    ] {
        let names = set(text, json!(figure));
        let image = |url: &str| set(field, json!(url));
        case(
            "virtualtryon",
            FigureReference,
            field,
            &[names.clone()],
            &[set(text, json!(near))],
        );
        case(
            "virtualtryon",
            FigureReference,
            field,
            &[names.clone(), image(" ")],
            &[names, image("https://example.com/2.png")],
        );
        case(
            "virtualtryon",
            PublicUrl,
            field,
            &[image("http://localhost/2.png")],
            &[image("http://localhost.example.com/2.png")],
        );
    }
    cases
}
