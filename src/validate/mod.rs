//! Says what is wrong with a request before it costs anything.
//!
//! Two sources of rules, each written down once: what the API's document states about single fields
//! (types, ranges, enumerations, what is required) comes out of `openapi.yaml` when the crate is built,
//! as [`facts`]; what holds between fields is a table in each agent's module below
//! [`agents`](crate::agents). Nothing here touches the network or the disk.
//!
//! A whole request from elsewhere, such as a line of a catalogue:
//!
//! ```
//! use serde_json::json;
//! use weshop::agents;
//!
//! let job = json!({
//!     "agent": {"name": "virtualtryon", "version": "v1.0"},
//!     "input": {"originalImage": "https://example.com/coat.png"},
//!     "params": {"generateVersion": "bananaPro", "descriptionType": "auto", "batchCount": 40},
//! });
//! let violations = agents::validate(&job).unwrap_err();
//! assert_eq!(
//!     violations.to_string(),
//!     "2 things are wrong with the request:\n  \
//!      /params/batchCount: `batchCount` must be from 1 to 16 [range]\n  \
//!      /params/imageSize: `imageSize` is required with `generateVersion: bananaPro`: \
//!      set `1K`, `2K` or `4K` [size-required]"
//! );
//! ```

use serde_json::{Map, Value};

pub mod facts;

mod document;
mod evaluate;
mod input;
pub(crate) mod png;
mod row;
mod rule;
mod text;
mod violation;

pub(crate) use document::unconvertible;
pub use input::{Input, Source};
pub(crate) use row::{
    Row, Side, any_of, exactly_one, figure, fits, hex_colour, needed, not_blank, png_base64,
    public_url, same_size, unused,
};
pub use rule::{Allow, Rule, UnknownRule};
pub(crate) use text::unreachable;
pub use violation::{Violation, Violations};

use evaluate::Request;
use facts::{Facts, Schema};
use violation::Report;

/// What is known of an agent: its name, its version, the schemas of what it takes, its rules.
#[derive(Debug)]
pub struct Spec {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) params: &'static str,
    pub(crate) input: &'static str,
    pub(crate) rows: &'static [&'static [Row]],
}

impl Spec {
    /// The agent's name on the wire.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The version that is known.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// The component of the API's document that describes `params`.
    pub fn params_schema(&self) -> &'static str {
        self.params
    }

    /// The component of the API's document that describes `input`.
    pub fn input_schema(&self) -> &'static str {
        self.input
    }

    /// The parts of a request that are closed, and the components that describe them.
    fn parts(&self) -> [(&'static str, &'static str); 3] {
        [
            ("agent", "AgentRef"),
            ("input", self.input),
            ("params", self.params),
        ]
    }

    /// The rules that hold between fields, beside what the document states, each once.
    pub fn rules(&self) -> impl Iterator<Item = Rule> {
        let mut rules: Vec<Rule> = self
            .rows
            .iter()
            .copied()
            .flatten()
            .map(|row| row.rule)
            .collect();
        rules.push(Rule::PublicUrl);
        rules.sort_unstable();
        rules.dedup();
        rules.into_iter()
    }
}

/// How strictly to check, and against which document.
#[derive(Debug, Clone)]
pub struct Options {
    allow: Allow,
    loopback_images: bool,
    facts: &'static Facts<'static>,
}

impl Default for Options {
    /// Every rule, and the document that this crate was built from.
    fn default() -> Self {
        Self {
            allow: Allow::none(),
            loopback_images: false,
            facts: Facts::vendored(),
        }
    }
}

impl Options {
    /// Steps around a rule.
    #[must_use]
    pub fn allow(mut self, rule: Rule) -> Self {
        self.allow = self.allow.and(rule);
        self
    }

    /// Steps around all of these rules, and no others.
    #[must_use]
    pub fn allow_all(mut self, rules: Allow) -> Self {
        self.allow = rules;
        self
    }

    /// Takes images and masks on loopback for reachable, as they are for an emulator on this machine,
    /// whatever its host is called and however many ports it has. A callback is still to be public.
    #[must_use]
    pub fn allow_loopback_images(mut self) -> Self {
        self.loopback_images = true;
        self
    }

    /// Checks against the facts of another edition of the document.
    #[must_use]
    pub fn facts(mut self, facts: &'static Facts<'static>) -> Self {
        self.facts = facts;
        self
    }
}

/// Checks what is about to be submitted to a known agent.
///
/// # Errors
/// Everything that is wrong, except for the rules that `options` steps around.
pub fn check(
    agent: &Spec,
    input: &Input<'_>,
    params: &Map<String, Value>,
    options: &Options,
) -> Result<(), Violations> {
    check_noting(agent, input, params, options, &[])
}

/// As [`check`], with what is known to be wrong before: no option steps around that.
pub(crate) fn check_noting(
    agent: &Spec,
    input: &Input<'_>,
    params: &Map<String, Value>,
    options: &Options,
    noted: &[Violation],
) -> Result<(), Violations> {
    let facts = options.facts;
    let mut report = Report::new(options.allow, noted);
    if let Some(schema) = facts.schema(agent.input) {
        document::input(&mut report, facts, schema, input);
    }
    let schema = facts.schema(agent.params);
    if let Some(schema) = schema {
        document::object(&mut report, facts, &closed(schema), "/params", params, &[]);
    }
    let request = Request {
        input,
        params,
        schema,
        loopback_images: options.loopback_images,
    };
    request.check(report, agent.rows)
}

/// Checks what is about to be submitted to an agent of which nothing is known: its name and the URLs.
///
/// # Errors
/// An empty name or version, and URLs that the service cannot reach.
pub fn check_unknown(
    name: &str,
    version: &str,
    input: &Input<'_>,
    options: &Options,
) -> Result<(), Violations> {
    check_unknown_noting([name, version], input, options, &[])
}

/// As [`check_unknown`], with what is known to be wrong before.
pub(crate) fn check_unknown_noting(
    [name, version]: [&str; 2],
    input: &Input<'_>,
    options: &Options,
    noted: &[Violation],
) -> Result<(), Violations> {
    let mut report = Report::new(options.allow, noted);
    for (part, given) in [("name", name), ("version", version)] {
        let schema = options.facts.schema("AgentRef");
        if let Some(field) = schema.and_then(|schema| schema.field(part)) {
            document::text(&mut report, field, "/agent", given);
        }
    }
    let request = Request {
        input,
        params: &Map::new(),
        schema: None,
        loopback_images: options.loopback_images,
    };
    request.check(report, &[])
}

/// Checks a whole request of unknown origin, `{"agent", "input", "params", "callbackUrl"}`.
///
/// If `agents` has one of the request's name, its rules hold, and unknown fields are refused in `agent`,
/// `input` and `params`; beside these only what is another writing of them is, since the vendor's own
/// client sends a field there that is not documented. Any other agent's `params` are free-form.
///
/// # Errors
/// Everything that is wrong, except for the rules that `options` steps around.
pub fn request(agents: &[&Spec], request: &Value, options: &Options) -> Result<(), Violations> {
    let facts = options.facts;
    let mut report = Report::new(options.allow, &[]);
    let Value::Object(request) = request else {
        let message = format!(
            "a request must be an object, not {}",
            document::found(request)
        );
        report.add(Rule::Type, String::new(), message);
        return report.finish();
    };
    let object = |name: &str| request.get(name).and_then(Value::as_object);
    let name = object("agent").and_then(|agent| agent.get("name"));
    let agent = name
        .and_then(Value::as_str)
        .and_then(|name| agents.iter().find(|agent| agent.name == name));
    if let Some(schema) = facts.schema("RunRequest") {
        match agent {
            Some(agent) => {
                let apart = agent.parts().map(|(part, _)| part);
                document::object(&mut report, facts, schema, "", request, &apart);
                document::misspelt(&mut report, schema, "", request);
            }
            None => document::object(&mut report, facts, schema, "", request, &[]),
        }
    }
    if let Some(agent) = agent {
        known(&mut report, facts, agent, request);
    }
    let none = Map::new();
    let request = Request {
        input: &Input::of_json(object("input"), request.get("callbackUrl")),
        params: object("params").unwrap_or(&none),
        schema: agent.and_then(|agent| facts.schema(agent.params)),
        loopback_images: options.loopback_images,
    };
    request.check(report, agent.map(|agent| agent.rows).unwrap_or_default())
}

/// Checks the fields of a known agent's request.
fn known(report: &mut Report, facts: &Facts<'_>, agent: &Spec, request: &Map<String, Value>) {
    let version = request.get("agent").and_then(|agent| agent.get("version"));
    if version
        .and_then(Value::as_str)
        .is_some_and(|version| version != agent.version)
    {
        let Spec { name, version, .. } = agent;
        let message = format!("`{name}` is known in version `{version}` only");
        report.add(Rule::AgentVersion, "/agent/version".to_owned(), message);
    }
    for (name, schema) in agent.parts() {
        let at = format!("/{name}");
        match (request.get(name), facts.schema(schema)) {
            (Some(Value::Object(map)), Some(schema)) => {
                document::object(report, facts, &closed(schema), &at, map, &[]);
            }
            (Some(Value::Object(_)) | None, _) => {}
            (Some(other), _) => {
                let message = format!("`{name}` must be an object, not {}", document::found(other));
                report.add(Rule::Type, at, message);
            }
        }
    }
}

/// What a known agent does not take is refused even where the document leaves room: the service ignores
/// a field that is misspelt, and charges for the run.
fn closed<'a>(schema: &Schema<'a>) -> Schema<'a> {
    Schema {
        closed: true,
        ..*schema
    }
}
