//! What holds for every request, however odd.

use fastrand::Rng;
use proptest::prelude::*;
use serde_json::{Number, Value, json};
use weshop::agents;
use weshop::validate::{Input, Source};
use weshop::{Agent, Mask, types};

use crate::support::png;
use crate::validate_cases::{AGENTS, least};
use crate::validate_requests::Requests;

/// Any JSON, with the words that matter in it.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        any::<String>(),
        prop::sample::select(vec![
            "agent",
            "input",
            "params",
            "callbackUrl",
            "name",
            "version",
            "v1.0",
            "aimodel",
            "removeBG",
            "virtualtryon",
            "maskType",
            "custom",
            "customMask",
            "originalImage",
            "textDescription",
            "batchCount",
            "iVBORw0KGgo=",
            "figure 2",
            "http://[",
            "data:",
        ])
        .prop_map(str::to_owned),
    ];
    let number = prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number.prop_map(Value::Number),
        word.clone().prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((word.clone(), inner), 0..8)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn typed<P>(request: &Value) -> Option<(Value, bool)>
where
    P: Agent + serde::de::DeserializeOwned,
{
    let params: P = serde_json::from_value(request["params"].clone()).ok()?;
    let text = |pointer: &str| request.pointer(pointer).and_then(Value::as_str);
    let mut input = Input::new();
    input.original_image = text("/input/originalImage").map(Source::Url);
    input.fashion_model_image = text("/input/fashionModelImage").map(Source::Url);
    input.location_image = text("/input/locationImage").map(Source::Url);
    let again = serde_json::to_value(&params).unwrap();
    Some((again, params.validate(input).is_ok()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_json_makes_it_panic(json in any_json(), agent in prop::sample::select(AGENTS.to_vec()), bare in any::<bool>()) {
        let _ = agents::validate(&json);
        let mut request = least(agent);
        request["params"] = if bare { json.clone() } else { json!({"customMask": json, "batchCount": json}) };
        let _ = agents::validate(&request);
        request["input"] = json;
        let _ = agents::validate(&request);
    }

    #[test]
    fn no_bytes_make_a_mask_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..90, at in 0usize..90, byte in any::<u8>()) {
        let _ = Mask::from_bytes(&bytes);
        let mut damaged = png(3, 2);
        if let Some(place) = damaged.get_mut(at) {
            *place = byte;
        }
        damaged.truncate(cut.max(at));
        let _ = Mask::from_bytes(&damaged);
    }

    #[test]
    fn what_is_accepted_stays_accepted(seed in any::<u64>(), agent in prop::sample::select(AGENTS.to_vec())) {
        let request = Requests::new(agent, seed).draw();
        prop_assume!(agents::validate(&request).is_ok());
        let again: Value = serde_json::from_str(&request.to_string()).unwrap();
        prop_assert_eq!(agents::validate(&again), Ok(()));
        let typed = match agent {
            "virtualtryon" => typed::<types::VirtualtryonParams>(&request),
            "aimodel" => typed::<types::AimodelParams>(&request),
            "aiproduct" => typed::<types::AiproductParams>(&request),
            "aipose" => typed::<types::AiposeParams>(&request),
            "expandimage" => typed::<types::ExpandimageParams>(&request),
            _ => typed::<types::RemoveBgParams>(&request),
        };
        let has_float = request["params"].as_object().unwrap().values().any(Value::is_f64);
        match typed {
            Some((params, accepted)) => {
                prop_assert!(accepted);
                prop_assert_eq!(&params, &request["params"]);
            }
            // 4.0 is a whole number to the document and not to an `i64`.
            None => prop_assert!(has_float, "{request}"),
        }
    }

    // A JSON object keeps the order of its fields where a program turns `serde_json/preserve_order` on,
    // and is sorted where none does: built with it, this test is at its sharpest.
    #[test]
    fn the_order_of_fields_does_not_matter(seed in any::<u64>(), agent in prop::sample::select(AGENTS.to_vec())) {
        let mut request = Requests::new(agent, seed).draw();
        let before = agents::validate(&request);
        shuffle(&mut Rng::with_seed(seed), &mut request);
        prop_assert_eq!(before, agents::validate(&request));
    }
}

fn shuffle(rng: &mut Rng, value: &mut Value) {
    if let Value::Object(map) = value {
        let mut entries: Vec<_> = std::mem::take(map).into_iter().collect();
        rng.shuffle(&mut entries);
        for (name, mut value) in entries {
            shuffle(rng, &mut value);
            map.insert(name, value);
        }
    }
}
