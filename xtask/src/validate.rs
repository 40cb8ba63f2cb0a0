//! Whether a document is OpenAPI 3.1.
//!
//! The document is held against the schema that the OpenAPI Initiative publishes for 3.1 (the edition of
//! 2022-10-07, under the Apache License 2.0, vendored as it is). That one leaves schema objects open, so
//! each component schema is held against the metaschema of JSON Schema 2020-12 as well.

use std::sync::LazyLock;

use jsonschema::{Draft, Validator};
use serde_json::Value;

/// More problems than anybody reads.
const MOST: usize = 20;

static SCHEMA: LazyLock<Result<Validator, String>> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(include_str!("oas-3.1.schema.json"))
        .map_err(|error| error.to_string())?;
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .build(&schema)
        .map_err(|error| error.to_string())
});

/// Checks a document.
///
/// # Errors
/// What is wrong with it, each with its place; the first twenty.
pub fn validate(document: &Value) -> Result<(), Vec<String>> {
    let schema = SCHEMA.as_ref().map_err(|error| vec![error.clone()])?;
    let mut problems: Vec<String> = schema
        .iter_errors(document)
        .take(MOST)
        .map(|error| problem("", &error))
        .collect();
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
            problems.push(problem(&format!("/components/schemas/{name}"), &error));
        }
    }
    problems.truncate(MOST);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn problem(base: &str, error: &jsonschema::ValidationError<'_>) -> String {
    const LIMIT: usize = 300;
    let message = error.to_string();
    let short: String = message.chars().take(LIMIT).collect();
    let dots = if short.len() < message.len() {
        "…"
    } else {
        ""
    };
    format!("{base}{}: {short}{dots}", error.instance_path())
}
