//! Every rule breaks alone, in its own words, and can be stepped around by its name.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};
use weshop::agents;
use weshop::validate::{self, Allow, Input, Options, Rule, Source, Violations};

use crate::validate_cases::{Case, Edit, cases, edited};

/// Checks as JSON, unless the request has an image that JSON cannot express.
fn verdict(agent: &str, edits: &[Edit]) -> Result<(), Violations> {
    let (request, local) = edited(agent, edits);
    let text = |pointer: &str| request.pointer(pointer).and_then(Value::as_str);
    let original = match local {
        Some(size) => Some(Source::Local { size: Some(size) }),
        None => text("/input/originalImage").map(Source::Url),
    };
    if local.is_none() {
        agents::validate(&request)?;
    }
    // What comes from typed values is held to the same rules. JSON alone can get the input wrong.
    let inputs = request["input"].as_object().unwrap();
    let known = [
        "originalImage",
        "fashionModelImage",
        "locationImage",
        "taskName",
    ];
    let params: &Map<String, Value> = request["params"].as_object().unwrap();
    let extra: Map<String, Value> = inputs
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut input = Input::new();
    input.original_image = original;
    input.fashion_model_image = text("/input/fashionModelImage").map(Source::Url);
    input.location_image = text("/input/locationImage").map(Source::Url);
    input.task_name = text("/input/taskName");
    input.callback_url = text("/callbackUrl");
    input.extra = Some(&extra);
    let spec = agents::find(agent).unwrap();
    validate::check(spec, &input, params, &Options::default())
}

#[test]
fn each_rule_breaks_alone_and_its_neighbour_passes() {
    for (index, case) in cases().iter().enumerate() {
        let Case {
            agent,
            rule,
            at,
            breaks,
            passes,
        } = case;
        let violations = verdict(agent, breaks).unwrap_err();
        let found: Vec<_> = violations.iter().map(|v| (v.rule(), v.pointer())).collect();
        assert_eq!(found, [(*rule, *at)], "case {index}: {agent} {rule}");
        assert_eq!(
            verdict(agent, passes),
            Ok(()),
            "case {index}: {agent} {rule}"
        );
    }
}

#[test]
fn every_rule_of_every_agent_has_a_case() {
    let covered: BTreeSet<_> = cases().iter().map(|case| (case.agent, case.rule)).collect();
    let stated = [
        Rule::Required,
        Rule::Type,
        Rule::Range,
        Rule::UnknownField,
        Rule::AgentVersion,
    ];
    for spec in agents::ALL {
        for rule in spec.rules().chain(stated) {
            assert!(
                covered.contains(&(spec.name(), rule)),
                "{} {rule}",
                spec.name()
            );
        }
    }
}

/// Lists of values are the document's, and may grow without a test to say so.
pub fn values() -> [(&'static str, &'static str); 1] {
    [(
        "(must be|set) `[^`]+`(, `[^`]+`)* or `[^`]+`",
        "$1 {values}",
    )]
}

#[test]
fn the_words_of_every_message() {
    let mut words = String::new();
    let mut seen = BTreeSet::new();
    for case in cases() {
        let violation = &verdict(case.agent, &case.breaks).unwrap_err()[0];
        if seen.insert(violation.to_string()) {
            let _ = writeln!(words, "{violation}");
        }
    }
    insta::with_settings!({filters => values()}, {
        insta::assert_snapshot!(words);
    });
}

#[test]
fn a_rule_is_stepped_around_by_its_name_and_no_other_is() {
    for case in cases() {
        let (request, local) = edited(case.agent, &case.breaks);
        if local.is_some() {
            continue;
        }
        let around = Options::default().allow(case.rule);
        assert_eq!(
            agents::validate_with(&request, &around),
            Ok(()),
            "{}",
            case.rule
        );
        let all_others: Allow = Rule::ALL
            .iter()
            .copied()
            .filter(|&rule| rule != case.rule)
            .collect();
        let others = Options::default().allow_all(all_others);
        let violations = agents::validate_with(&request, &others).unwrap_err();
        assert_eq!(violations[0].rule(), case.rule);
    }
}
