//! What openapi.yaml itself says about a request: its own schemas, applied as they stand.

use std::collections::HashMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::judge::Judgement;

/// The document as it was when the crate was built, as JSON.
const DOCUMENT: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// The document's schemas, compiled. A document that lacks one leaves that one check out: the emulator
/// holds requests against what is written, and nothing more.
struct Spec {
    run_request: Option<Validator>,
    params: HashMap<&'static str, Validator>,
    virtualtryon_input: Option<Validator>,
    queries: HashMap<String, Vec<Parameter>>,
}

struct Parameter {
    name: String,
    required: bool,
    /// The numbers that its integer format has, when it is an integer.
    integer: Option<std::ops::RangeInclusive<i64>>,
    schema: Validator,
}

/// Checks the body of a submission.
pub(super) fn check_run(request: &Value) -> Vec<Judgement> {
    let spec = spec();
    let mut found = Vec::new();
    let mut check = |validator: Option<&Validator>, at: &str, value: &Value| {
        if let Some(validator) = validator {
            found.extend(
                validator
                    .iter_errors(value)
                    .map(|error| judgement(at, &error)),
            );
        }
    };
    check(spec.run_request.as_ref(), "", request);
    let agent = request["agent"]["name"].as_str().unwrap_or_default();
    if let Some(params) = request.get("params") {
        check(spec.params.get(agent), "/params", params);
    }
    if let (Some(input), "virtualtryon") = (request.get("input"), agent) {
        check(spec.virtualtryon_input.as_ref(), "/input", input);
    }
    found
}

/// Checks the query of the operation at `path`, given as its pairs.
pub(super) fn check_query(path: &str, pairs: &[(String, String)]) -> Vec<Judgement> {
    let mut found = Vec::new();
    for parameter in spec().queries.get(path).into_iter().flatten() {
        let mut given = pairs.iter().filter(|(name, _)| *name == parameter.name);
        let at = format!("?{}", parameter.name);
        let Some((_, text)) = given.next() else {
            if parameter.required {
                found.push(Judgement::new(
                    &at,
                    "required",
                    "this parameter is required",
                ));
            }
            continue;
        };
        if given.next().is_some() {
            found.push(Judgement::new(
                &at,
                "once",
                "this parameter is given more than once",
            ));
        }
        let number = text.parse().ok();
        let number = number.filter(|number| {
            let range = parameter.integer.as_ref();
            range.is_some_and(|range| range.contains(number))
        });
        let value = number.map_or_else(|| json!(text), |number: i64| json!(number));
        found.extend(
            parameter
                .schema
                .iter_errors(&value)
                .map(|error| judgement(&at, &error)),
        );
    }
    found
}

fn judgement(at: &str, error: &jsonschema::ValidationError<'_>) -> Judgement {
    // The value itself stays out of the words: it can be a mask of many megabytes.
    let words = error.masked().to_string();
    Judgement::new(
        &format!("{at}{}", error.instance_path()),
        error.kind().keyword(),
        &words,
    )
}

fn spec() -> &'static Spec {
    static SPEC: OnceLock<Spec> = OnceLock::new();
    SPEC.get_or_init(|| Spec::of(&serde_json::from_str(DOCUMENT).unwrap_or_default()))
}

impl Spec {
    fn of(document: &Value) -> Self {
        let schema = |name: &str| {
            document["components"]["schemas"].get(name)?;
            compile(
                document,
                &json!({"$ref": format!("#/components/schemas/{name}")}),
            )
        };
        let params = [
            ("aimodel", "AimodelParams"),
            ("aiproduct", "AiproductParams"),
            ("aipose", "AiposeParams"),
            ("expandimage", "ExpandimageParams"),
            ("removeBG", "RemoveBgParams"),
            ("virtualtryon", "VirtualtryonParams"),
        ];
        Self {
            run_request: schema("RunRequest"),
            params: params
                .into_iter()
                .filter_map(|(agent, name)| Some((agent, schema(name)?)))
                .collect(),
            virtualtryon_input: schema("VirtualtryonInput"),
            queries: queries(document),
        }
    }
}

fn queries(document: &Value) -> HashMap<String, Vec<Parameter>> {
    let mut queries = HashMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        let compiled = parameters
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| {
                Some(Parameter {
                    name: parameter["name"].as_str()?.to_owned(),
                    required: parameter["required"] == true,
                    integer: integer(&parameter["schema"]),
                    schema: compile(document, &parameter["schema"])?,
                })
            })
            .collect();
        queries.insert(path.clone(), compiled);
    }
    queries
}

fn integer(schema: &Value) -> Option<std::ops::RangeInclusive<i64>> {
    match (schema["type"].as_str()?, schema["format"].as_str()) {
        ("integer", Some("int32")) => Some(i32::MIN.into()..=i32::MAX.into()),
        ("integer", _) => Some(i64::MIN..=i64::MAX),
        _ => None,
    }
}

/// Compiles `schema` with the document's components below it, so that its references resolve.
fn compile(document: &Value, schema: &Value) -> Option<Validator> {
    let mut root = schema.clone();
    root["components"] = document["components"].clone();
    jsonschema::draft202012::new(&root).ok()
}
