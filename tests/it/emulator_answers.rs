//! Every answer of the emulator is one that openapi.yaml knows.

use jsonschema::Validator;
use serde_json::{Value, json};
use weshop::emulator::{Emulator, Life, Operation, Rule, Scenario};

use crate::emulator_core::{Bed, answer, photo, png, pose};

fn schema(name: &str) -> Validator {
    let text = include_str!("../../openapi.yaml");
    let document = weshop_codegen::Document::parse(text).unwrap();
    let components = document.value()["components"].clone();
    assert!(components["schemas"][name].is_object(), "{name}");
    let root = json!({"$ref": format!("#/components/schemas/{name}"), "components": components});
    jsonschema::draft202012::new(&root).unwrap()
}

#[tokio::test]
async fn answers_are_what_the_document_says() {
    let life = Life::usual()
        .failed_image(1)
        .error("too dark")
        .extra("video", Value::Null);
    let scenario = Scenario::new()
        .rule(Rule::on(Operation::Submit).nth(2).life(life))
        .rule(
            Rule::on(Operation::Submit)
                .nth(3)
                .life(Life::failing("no person found")),
        );
    let bed = Bed::with(Emulator::builder().scenario(scenario)).await;
    let check = |name: &str, body: &Value| {
        let errors: Vec<_> = schema(name)
            .iter_errors(body)
            .map(|it| it.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?} in {body}");
    };

    let (_, body) = answer(bed.upload_form(png(&photo(9, 9)))).await;
    check("UploadImageResponse", &body);
    let image = body["data"]["image"].as_str().unwrap();
    for _ in 0..3 {
        let (_, body) = answer(bed.submission(&pose(image, 2))).await;
        check("SubmitRunResponse", &body);
        let path = format!(
            "/openapi/agent/runs/{}",
            body["data"]["executionId"].as_str().unwrap()
        );
        for _ in 0..4 {
            check("GetRunResponse", &answer(bed.get(&path)).await.1);
            bed.step(30);
        }
    }
    for agent in ["aimodel", "aiproduct", "removeBG", "aipose", "someday"] {
        for page in [1, 9] {
            let query = format!("agentName={agent}&agentVersion=v1.0&page={page}");
            let (_, body) = answer(bed.get(&format!("/openapi/v1/agent/info?{query}"))).await;
            check("GetAgentInfoResponse", &body);
        }
    }
    for (status, request) in [
        (400, bed.get("/openapi/v1/agent/info")),
        (400, bed.submission(&json!({}))),
        (400, bed.upload_form(Vec::new())),
        (
            401,
            bed.http
                .get(format!("{}/openapi/agent/runs/x", bed.emulator.url())),
        ),
        (404, bed.get("/openapi/agent/runs/x")),
        (405, bed.post("/openapi/agent/runs/x")),
    ] {
        let (answered, body) = answer(request).await;
        assert_eq!(answered.as_u16(), status);
        check("ErrorResponse", &body);
    }
}
