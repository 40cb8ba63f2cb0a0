//! An independent judge of run requests, written from the documentation's tables as a JSON Schema.
//!
//! It shares no code with the client's rules, so that the one can be held against the other:
//!
//! ```
//! let request = serde_json::json!({
//!     "agent": {"name": "aipose", "version": "v1.0"},
//!     "input": {"originalImage": "https://example.com/coat.png"},
//!     "params": {"textDescription": " "},
//! });
//! let violations = weshop::emulator::judge(&request).unwrap_err();
//! assert_eq!(violations[0].rule, "pose-text");
//! assert_eq!(violations[0].at, "/params/textDescription");
//! ```

use std::fmt;
use std::net::IpAddr;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

const SCHEMA: &str = include_str!("judge.json");

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Judgement {
    /// Where, as a JSON pointer into the request (or `?name` for a parameter of the query, or the name of
    /// a header).
    pub at: String,
    /// Which rule: a name from the API's table of conditional rules, such as `mask-source`, or the JSON
    /// Schema keyword that failed, such as `required`.
    pub rule: String,
    /// What to do about it, in words.
    pub message: String,
}

impl Judgement {
    pub(super) fn new(at: &str, rule: &str, message: &str) -> Self {
        Self {
            at: at.to_owned(),
            rule: rule.to_owned(),
            message: message.to_owned(),
        }
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.at, self.message, self.rule)
    }
}

/// Judges the body of a submission, `{agent, input, params, callbackUrl}`, by every rule that the request
/// alone decides. Agents other than the six documented ones are accepted with any `params`.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn judge(request: &Value) -> Result<(), Vec<Judgement>> {
    let judge = compiled();
    let found: Vec<_> = judge
        .validator
        .iter_errors(request)
        .map(|error| judge.explain(&error))
        .collect();
    if found.is_empty() { Ok(()) } else { Err(found) }
}

struct Judge {
    schema: Value,
    validator: Validator,
}

/// # Panics
/// When judge.json, which is part of the crate, is not a schema.
#[allow(clippy::expect_used)] // No input reaches it, and every test of the judge would show it.
fn compiled() -> &'static Judge {
    static JUDGE: OnceLock<Judge> = OnceLock::new();
    JUDGE.get_or_init(|| {
        let schema: Value = serde_json::from_str(SCHEMA).expect("judge.json is JSON");
        let validator = jsonschema::draft202012::options()
            .with_format("public-url", is_public_url)
            .should_validate_formats(true)
            .build(&schema)
            .expect("judge.json is a schema");
        Judge { schema, validator }
    })
}

impl Judge {
    /// Finds the innermost named rule on the way to the keyword that failed.
    fn explain(&self, error: &jsonschema::ValidationError<'_>) -> Judgement {
        let words = error.masked().to_string();
        let (mut rule, mut message) = (error.kind().keyword(), words.as_str());
        let mut place = Some(&self.schema);
        for step in error.evaluation_path().as_str().split('/').skip(1) {
            place = place.and_then(|place| match (step, place) {
                ("$ref", place) => self
                    .schema
                    .pointer(place["$ref"].as_str()?.strip_prefix('#')?),
                (_, Value::Array(branches)) => branches.get(step.parse::<usize>().ok()?),
                _ => place.get(step),
            });
            if let Some(name) = place.and_then(|place| place["x-rule"].as_str()) {
                rule = name;
                message = place
                    .and_then(|place| place["description"].as_str())
                    .unwrap_or(&words);
            }
        }
        Judgement::new(error.instance_path().as_str(), rule, message)
    }
}

/// Whether a URL's host can be somebody else's machine; judge.json has how the URL is written.
fn is_public_url(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else {
        return false;
    };
    let Some(host) = url.host_str() else {
        return false;
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => {
            // An IPv4 address can be written as one of IPv6.
            let address = address.to_canonical();
            !address.is_loopback() && !address.is_unspecified()
        }
        Err(_) => {
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            name != "localhost" && !name.ends_with(".localhost")
        }
    }
}
