//! What openapi.yaml itself says about a request: its own schemas, applied as they stand.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use axum::http::HeaderMap;
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
    /// What each operation, such as `get /path`, takes beside a body.
    parameters: HashMap<String, Vec<Parameter>>,
    batch_count: Option<u32>,
    largest_canvas: Option<u32>,
}

struct Parameter {
    name: String,
    /// `query` or `header`, among others.
    place: String,
    required: bool,
    default: Option<i64>,
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

/// Checks the query of reading `path`, given as its pairs.
pub(super) fn check_query(path: &str, pairs: &[(String, String)]) -> Vec<Judgement> {
    let mut found = Vec::new();
    for parameter in parameters("get", path, "query") {
        let given = pairs.iter().filter(|(name, _)| *name == parameter.name);
        let given: Vec<_> = given.map(|(_, text)| text.as_str().into()).collect();
        found.extend(parameter.check(&format!("?{}", parameter.name), &given));
    }
    found
}

/// Checks the headers of posting to `path`.
pub(super) fn check_headers(path: &str, headers: &HeaderMap) -> Vec<Judgement> {
    let mut found = Vec::new();
    for parameter in parameters("post", path, "header") {
        let given = headers.get_all(&parameter.name).iter();
        let given: Vec<_> = given
            .map(|text| String::from_utf8_lossy(text.as_bytes()))
            .collect();
        found.extend(parameter.check(&parameter.name, &given));
    }
    found
}

/// What a number of the query is when it is left out.
pub(super) fn query_default(path: &str, name: &str) -> Option<i64> {
    parameters("get", path, "query")
        .find(|parameter| parameter.name == name)?
        .default
}

/// How many images a run makes when it does not say; one where the document does not say either.
pub(super) fn batch_count() -> u32 {
    spec().batch_count.unwrap_or(1)
}

/// The longest side of a canvas, when the document states one.
pub(super) fn largest_canvas() -> Option<u32> {
    spec().largest_canvas
}

fn parameters<'a>(
    method: &str,
    path: &str,
    place: &'a str,
) -> impl Iterator<Item = &'static Parameter> + 'a {
    let operation = spec().parameters.get(&format!("{method} {path}"));
    let all = operation.into_iter().flatten();
    all.filter(move |parameter| parameter.place == place)
}

impl Parameter {
    /// Checks the values that were given, of which there should be one.
    fn check(&self, at: &str, given: &[Cow<'_, str>]) -> Vec<Judgement> {
        let Some(text) = given.first() else {
            let missing = Judgement::new(at, "required", "this parameter is required");
            return self.required.then_some(missing).into_iter().collect();
        };
        let number = text.parse().ok();
        let number = number.filter(|number| {
            let range = self.integer.as_ref();
            range.is_some_and(|range| range.contains(number))
        });
        let value = number.map_or_else(|| json!(text), |number: i64| json!(number));
        let mut found: Vec<_> = self
            .schema
            .iter_errors(&value)
            .map(|error| judgement(at, &error))
            .collect();
        if given.len() > 1 {
            let words = "this parameter is given more than once";
            found.push(Judgement::new(at, "once", words));
        }
        found
    }
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
                .iter()
                .filter_map(|(agent, name)| Some((*agent, schema(name)?)))
                .collect(),
            virtualtryon_input: schema("VirtualtryonInput"),
            batch_count: params
                .iter()
                .find_map(|(_, name)| stated(document, name, "batchCount", "default")),
            largest_canvas: stated(document, "ExpandimageParams", "targetWidth", "maximum"),
            parameters: all_parameters(document),
        }
    }
}

/// A number that the document states of a field, there or in the schema that the field refers to.
fn stated(document: &Value, schema: &str, field: &str, keyword: &str) -> Option<u32> {
    let field = &document["components"]["schemas"][schema]["properties"][field];
    let target = || document.pointer(field["$ref"].as_str()?.strip_prefix('#')?);
    let number = field.get(keyword).or_else(|| target()?.get(keyword));
    number?.as_u64()?.try_into().ok()
}

fn all_parameters(document: &Value) -> HashMap<String, Vec<Parameter>> {
    let mut all = HashMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let compiled = parameters.filter_map(|parameter| {
                let schema = &parameter["schema"];
                Some(Parameter {
                    name: parameter["name"].as_str()?.to_owned(),
                    place: parameter["in"].as_str()?.to_owned(),
                    required: parameter["required"] == true,
                    default: schema["default"].as_i64(),
                    integer: integer(schema),
                    schema: compile(document, schema)?,
                })
            });
            all.insert(format!("{method} {path}"), compiled.collect());
        }
    }
    all
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
