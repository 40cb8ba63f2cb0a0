//! No change goes unreported, whatever it is.
//!
//! Each property runs some thousand cases; `WESHOP_FUZZ_CASES=1000000` runs as many as it says.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Map, Value};
use xtask::drift::detect;

use crate::mutation::{apply, mutations};

fn cases(usual: u32) -> Config {
    let told = std::env::var("WESHOP_FUZZ_CASES").ok();
    Config {
        cases: told.and_then(|n| n.parse().ok()).unwrap_or(usual),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    }
}

static BASE: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../openapi.yaml");
    weshop_codegen::Document::parse(text)
        .unwrap()
        .value()
        .clone()
});

/// The document with its keys in the opposite order.
fn reordered(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let turned = map.iter().rev().map(|(k, v)| (k.clone(), reordered(v)));
            Value::Object(turned.collect::<Map<_, _>>())
        }
        Value::Array(list) => list.iter().map(reordered).collect(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn a_difference_is_reported_and_none_is_not(before in mutations(), after in mutations()) {
        let old = apply(&BASE, &before);
        let new = apply(&old, &after);
        let changes = detect(&old, &new);
        let patch = || json_patch::diff(&old, &new).to_string();
        prop_assert_eq!(old == new, changes.is_empty(), "{}", patch());
        prop_assert!(detect(&new, &reordered(&new)).is_empty());
        for change in &changes {
            prop_assert!(!change.what.is_empty() && !change.why.is_empty());
        }
        // Nothing may be seen in one direction alone.
        prop_assert_eq!(old == new, detect(&new, &old).is_empty(), "{}", patch());
    }
}
