//! Random requests around the edges.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::support::png;
use crate::validate_cases::least;

/// What a field may hold: values that are fine on their own, and values at or beyond an edge.
struct Field {
    name: &'static str,
    fine: Vec<Value>,
    edge: Vec<Value>,
}

fn field(name: &'static str, fine: Value, edge: Value) -> Field {
    let list = |value: Value| value.as_array().unwrap().clone();
    Field {
        name,
        fine: list(fine),
        edge: list(edge),
    }
}

fn integer(name: &'static str, least: i64, most: i64) -> Field {
    let fine = json!([least, most, least as f64, (least / 2 + most / 2)]);
    let wrong = json!([
        least.checked_sub(1),
        most.checked_add(1),
        0,
        1,
        -1,
        4,
        4.5,
        1e300,
        -1e300,
        u64::MAX,
        "4",
        "",
        null,
        true,
        [],
        {}
    ]);
    field(name, fine, wrong)
}

fn choice(name: &'static str, values: &[&str]) -> Field {
    let mut edge = json!([
        "",
        " ",
        "none",
        "Custom",
        "custom ",
        null,
        1,
        false,
        ["custom"],
        {}
    ]);
    let edges = edge.as_array_mut().unwrap();
    edges.push(json!(values[0].to_uppercase() + "x"));
    edges.push(json!(format!(" {}", values[0])));
    field(name, json!(values), edge)
}

fn text(name: &'static str) -> Field {
    field(
        name,
        json!(["a coat", "Figure 1 in a park", "figure 22"]),
        json!(["", " ", "\n\u{3000}", "\u{200b}", "Figure 2", "figure3 and FIGURE\t2", "figure\u{a0}3", "Figure 23",
               "figure 2 of figure 3", "configure 2", null, 5, true, ["a"], {"a": 1}]),
    )
}

fn url(name: &'static str) -> Field {
    field(
        name,
        json!([
            "https://example.com/a.png",
            "HTTP://example.com:8080",
            "http://10.0.0.1/?a=b#c"
        ]),
        json!([
            "",
            " ",
            "a.png",
            "/a",
            "//example.com/a",
            "ftp://example.com/a",
            "http://",
            "https://localhost/",
            "http://LOCALHOST:1/",
            "http://a.localhost/",
            "http://localhost.example.com",
            "http://127.0.0.1/a",
            "http://127.1.2.3:80",
            "http://128.0.0.1",
            "http://0.0.0.0/",
            "http://[::1]:8080/",
            "http://[2001:db8::1]/",
            "data:image/png;base64,AA==",
            "http://exa mple.com/",
            "http://a.com:99999/",
            "http://localhost./",
            "javascript:alert(1)",
            "http://u:p@127.0.0.1/",
            "http://127.0.0.1@example.com/",
            "http://[::]/a",
            "http://[::ffff:127.0.0.1]/a",
            "https:example.com/a",
            "https:/example.com/a",
            "https:///example.com/a",
            "https:\\\\example.com\\a",
            " https://example.com/a",
            "https://exam\tple.com/a",
            "https://example.com/a b",
            null,
            7,
            [],
            {}
        ]),
    )
}

fn mask(name: &'static str) -> Field {
    let good = STANDARD.encode(png(2, 2));
    field(
        name,
        json!([good.clone(), STANDARD.encode(b"\x89PNG\r\n\x1a\n")]),
        json!([
            "",
            " ",
            format!("data:image/png;base64,{good}"),
            format!("DATA:,{good}"),
            format!("{good}\n"),
            format!(" {good}"),
            good.trim_end_matches('='),
            format!("{good}===="),
            "iVBORw0KGgo",
            "iVBORw0KGgp=",
            "R0lGODlhAQABAAAAACw=",
            "iVBORw0KGg==",
            "!!!!",
            "iVBORw0KGgoAA_-A",
            null,
            3,
            false,
            [],
            {}
        ]),
    )
}

fn params_of(agent: &str) -> Vec<Field> {
    let id = |name| integer(name, i64::MIN, i64::MAX);
    let subject = ["autoSubjectSegment", "custom"];
    let mut fields = match agent {
        "aimodel" | "aiproduct" => vec![
            choice("generatedContent", &["freeCreation", "referToOrigin"]),
            id("locationId"),
            text("textDescription"),
            text("negTextDescription"),
        ],
        "aipose" => vec![
            text("textDescription"),
            choice("generateVersion", &["lite", "pro"]),
        ],
        "expandimage" => vec![
            integer("targetWidth", 1, 4096),
            integer("targetHeight", 1, 4096),
            integer("fillLeft", 0, i64::MAX),
            integer("fillTop", 0, i64::MAX),
        ],
        "removeBG" => vec![
            id("backgroundId"),
            field(
                "backgroundHex",
                json!(["#ced2ce", "#FFFFFF"]),
                json!([
                    "",
                    " ",
                    "#ced2c",
                    "#ced2cef",
                    "ced2ce",
                    "#ced2cg",
                    "#ced2ce\n",
                    "white",
                    null,
                    0,
                    [],
                    {}
                ]),
            ),
        ],
        "virtualtryon" => vec![
            choice(
                "generateVersion",
                &["weshopFlash", "weshopPro", "bananaPro"],
            ),
            choice("descriptionType", &["custom", "auto"]),
            text("textDescription"),
            choice(
                "aspectRatio",
                &["1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9", "21:9"],
            ),
            choice("imageSize", &["1K", "2K", "4K"]),
        ],
        other => panic!("{other} is not typed"),
    };
    match agent {
        "aimodel" => {
            fields.push(id("fashionModelId"));
            fields.push(choice(
                "pose",
                &["originalImagePose", "referenceImagePose", "freePose"],
            ));
            let all = [
                "autoApparelSegment",
                "autoUpperApparelSegment",
                "autoLowerApparelSegment",
                "autoSubjectSegment",
                "autoHumanSegment",
                "inverseAutoHumanSegment",
                "custom",
                "custom",
                "custom",
                "custom",
            ];
            fields.push(choice("maskType", &all));
        }
        "aiproduct" | "removeBG" => fields.push(choice("maskType", &subject)),
        _ => {}
    }
    if matches!(agent, "aimodel" | "aiproduct" | "removeBG") {
        fields.extend([mask("customMask"), url("customMaskUrl")]);
    }
    fields.push(integer("batchCount", 1, 16));
    fields
}

fn fill(rng: &mut Rng, fields: &[Field], calm: bool) -> Map<String, Value> {
    let mut map = Map::new();
    for Field { name, fine, edge } in fields {
        let edge_in = if calm { 40 } else { 6 };
        let values = match rng.u8(0..100) {
            0..30 => continue,
            _ if rng.u8(0..edge_in) == 0 => edge,
            _ => fine,
        };
        map.insert((*name).to_owned(), rng.choice(values).unwrap().clone());
    }
    if rng.u8(0..40) == 0 {
        let names = [
            "batch_count",
            "callback_URL",
            "extra",
            "locationImage",
            "a/b~c",
            "",
            "textDescription ",
        ];
        map.insert((*rng.choice(names.iter()).unwrap()).to_owned(), json!(1));
    }
    map
}

/// Requests to one agent, without end.
pub struct Requests {
    agent: &'static str,
    fields: Vec<Field>,
    inputs: Vec<Field>,
    rng: Rng,
}

impl Requests {
    pub fn new(agent: &'static str, seed: u64) -> Self {
        let (fields, inputs) = (params_of(agent), inputs_of(agent));
        let rng = Rng::with_seed(seed);
        Self {
            agent,
            fields,
            inputs,
            rng,
        }
    }

    pub fn draw(&mut self) -> Value {
        request(&mut self.rng, self.agent, &self.fields, &self.inputs)
    }
}

fn request(rng: &mut Rng, agent: &str, fields: &[Field], inputs: &[Field]) -> Value {
    // Half of them start from a request that is whole, so that one edge at a time is met too.
    let calm = rng.bool();
    let mut request = least(agent);
    let params = fill(rng, fields, calm);
    let input = fill(rng, inputs, calm);
    if calm {
        request["params"].as_object_mut().unwrap().extend(params);
        request["input"].as_object_mut().unwrap().extend(input);
    } else {
        request["params"] = params.into();
        request["input"] = input.into();
    }
    let callback = [Field {
        name: "callbackUrl",
        ..url("callbackUrl")
    }];
    request
        .as_object_mut()
        .unwrap()
        .extend(fill(rng, &callback, calm));
    if rng.u8(0..30) == 0 {
        let part = *rng
            .choice(["agent", "input", "params", "/agent/version"].iter())
            .unwrap();
        let odd = rng
            .choice(vec![
                json!(null),
                json!("v1.1"),
                json!([]),
                json!({}),
                json!(4),
            ])
            .unwrap();
        match part {
            "/agent/version" => request["agent"]["version"] = odd,
            // A request without its agent's name is nobody's.
            "agent" => drop(request["agent"].as_object_mut().unwrap().remove("version")),
            _ if rng.bool() => drop(request.as_object_mut().unwrap().remove(part)),
            _ => request[part] = odd,
        }
    }
    request
}

fn inputs_of(agent: &str) -> Vec<Field> {
    let mut fields = vec![url("originalImage"), text("taskName")];
    if agent == "virtualtryon" {
        fields.extend([url("fashionModelImage"), url("locationImage")]);
    }
    fields
}
