//! Scenario files: what the published schema says of them is what is read.

use std::time::Duration;

use jsonschema::Validator;
use serde_json::{Value, json};
use weshop::emulator::{Callback, Fault, Life, Operation, Rule, Scenario, Soak};

fn schema() -> Validator {
    let schema: Value =
        serde_json::from_str(include_str!("../../docs/scenario.schema.json")).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

#[test]
fn the_scenarios_in_the_guide_are_sound() {
    let partial: Value =
        serde_json::from_str(include_str!("../../docs/scenarios/partial.json")).unwrap();
    let bad_day: Value = toml::from_str(include_str!("../../docs/scenarios/bad-day.toml")).unwrap();
    for scenario in [partial, bad_day] {
        let errors: Vec<_> = schema()
            .iter_errors(&scenario)
            .map(|it| it.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        assert!(serde_json::from_value::<Scenario>(scenario).is_ok());
    }
}

#[test]
fn everything_that_can_be_built_can_be_written_and_read() {
    let ms = Duration::from_millis;
    let faults = [
        Fault::Refuse { lasting: ms(5) },
        Fault::Reset,
        Fault::Close,
        Fault::DropAnswer,
        Fault::Delay { by: ms(5) },
        Fault::Drip {
            bytes: 1,
            every: ms(5),
        },
        Fault::Truncate { bytes: 1 },
        Fault::Garbage,
        Fault::Html { status: 502 },
        Fault::TooManyRequests {
            retry_after: ms(1000),
            date: true,
        },
        Fault::Status {
            status: 503,
            retry_after: Some(ms(1000)),
            envelope: true,
        },
        Fault::Status {
            status: 500,
            retry_after: None,
            envelope: false,
        },
        Fault::Refusal {
            status: 200,
            code: "A".into(),
            message: "b".into(),
            retryable: Some(true),
        },
        Fault::CodeMsg {
            status: 200,
            code: json!(7),
            msg: "b".into(),
        },
        Fault::Redirect {
            status: 307,
            to: Some("http://127.0.0.1:1/".into()),
        },
        Fault::Redirect {
            status: 302,
            to: None,
        },
        Fault::Oversized { bytes: 100 },
        Fault::WrongContentType {
            content_type: "text/html".into(),
        },
    ];
    let mut scenario = Scenario::new()
        .soak(Soak::new(0.5))
        .soak(Soak::new(0.5).faults(faults.clone()));
    for fault in faults {
        scenario = scenario.rule(
            Rule::on(Operation::Read)
                .nth(3)
                .first(4)
                .every(2)
                .fault(fault)
                .after_work(),
        );
    }
    let late = Callback::Late { by: ms(5) };
    for callback in [
        Callback::Once,
        Callback::Twice,
        Callback::Forged,
        Callback::Never,
        late,
    ] {
        scenario = scenario.rule(
            Rule::on(Operation::Submit)
                .agent("aipose")
                .callback(callback),
        );
    }
    for life in [
        Life::usual(),
        Life::failing("no"),
        Life::stuck("Running"),
        Life::usual()
            .state("Warming", ms(7))
            .ends("Cancelled")
            .images(3)
            .failed_image(1)
            .extra("a", 1),
    ] {
        scenario = scenario.rule(Rule::on(Operation::Submit).life(life));
    }
    let written = serde_json::to_value(&scenario).unwrap();
    let errors: Vec<_> = schema()
        .iter_errors(&written)
        .map(|it| it.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(
        serde_json::from_value::<Scenario>(written).unwrap(),
        scenario
    );
}

#[test]
fn what_the_schema_refuses_is_refused() {
    let fault = |fault: Value| json!({"rules": [{"on": "read", "fault": fault}]});
    for wrong in [
        json!({"rule": []}),
        json!({"rules": [{}]}),
        json!({"rules": [{"on": "delete"}]}),
        json!({"rules": [{"on": "read", "after_work": true}]}),
        json!({"rules": [{"on": "submit", "life": {"ends": "Failed"}}]}),
        json!({"rules": [{"on": "submit", "life": {"states": [{"status": "Running"}]}}]}),
        json!({"rules": [{"on": "submit", "callback": {"kind": "late"}}]}),
        json!({"rules": [{"on": "submit", "callback": {"kind": "sometimes"}}]}),
        json!({"soak": {}}),
        fault(json!({"kind": "explode"})),
        fault(json!({"kind": "delay"})),
        fault(json!({"kind": "delay", "ms": -1})),
        fault(json!({"kind": "delay", "ms": 1, "s": 1})),
        fault(json!({"kind": "html"})),
        fault(json!({"kind": "status", "status": "500"})),
        fault(json!({"kind": "refusal", "status": 200, "code": 7, "message": "m"})),
    ] {
        assert!(!schema().is_valid(&wrong), "by the schema: {wrong}");
        assert!(
            serde_json::from_value::<Scenario>(wrong.clone()).is_err(),
            "by the reader: {wrong}"
        );
    }
}
