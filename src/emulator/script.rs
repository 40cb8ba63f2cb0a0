//! Scenarios: which request meets which fault, which run lives which life.
//!
//! ```
//! # async fn f() -> std::io::Result<()> {
//! use weshop::emulator::{Emulator, Fault, Life, Operation, Rule, Scenario};
//!
//! let scenario = Scenario::new()
//!     .rule(Rule::on(Operation::Submit).nth(1).fault(Fault::DropAnswer))
//!     .rule(Rule::on(Operation::Submit).agent("aipose").life(Life::failing("no person found")));
//! let emulator = Emulator::builder().scenario(scenario).start().await?;
//! # Ok(()) }
//! ```

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::callbacks::Callback;
use super::fault::Fault;
use super::life::Life;

/// What an emulator is to do beside the usual. It can be read from JSON or TOML with serde; the form is
/// in `docs/scenario.schema.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[must_use]
pub struct Scenario {
    rules: Vec<Rule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    soak: Option<Soak>,
}

/// One operation of the emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Operation {
    /// Uploading an image.
    Upload,
    /// Submitting a run.
    Submit,
    /// Reading a run.
    Read,
    /// Listing presets.
    Info,
    /// Fetching a picture: an upload, a result, a preset's.
    Image,
}

/// What happens to the requests that it matches. Of several rules the first one with a fault decides the
/// fault, the first one with a life the life, and so on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[must_use]
pub struct Rule {
    on: Operation,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    every: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<Fault>,
    #[serde(default)]
    after_work: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    life: Option<Life>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    callback: Option<Callback>,
}

/// Faults by probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[must_use]
pub struct Soak {
    probability: f64,
    #[serde(default = "mixture")]
    faults: Vec<Fault>,
}

impl Scenario {
    /// Nothing but the usual.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Mixes faults into all requests that no rule has a fault for.
    pub fn soak(mut self, soak: Soak) -> Self {
        self.soak = Some(soak);
        self
    }
}

impl Rule {
    /// A rule for every request of `operation`.
    pub fn on(operation: Operation) -> Self {
        Self {
            on: operation,
            agent: None,
            nth: None,
            first: None,
            every: None,
            fault: None,
            after_work: false,
            life: None,
            callback: None,
        }
    }

    /// For runs of this agent only (submitting, reading, and their images).
    pub fn agent(mut self, name: impl Into<String>) -> Self {
        self.agent = Some(name.into());
        self
    }

    /// For the nth matching request only, counted from 1.
    pub fn nth(mut self, n: u64) -> Self {
        self.nth = Some(n);
        self
    }

    /// For the first `n` matching requests only.
    pub fn first(mut self, n: u64) -> Self {
        self.first = Some(n);
        self
    }

    /// For every nth matching request only.
    pub fn every(mut self, n: u64) -> Self {
        self.every = Some(n);
        self
    }

    /// The fault that they meet.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Lets the fault strike after the work is done: a run is accepted and charged, and then the answer
    /// is lost or replaced. Before it, unless set, where the fault does not need the true answer. A
    /// connection that is refused does no work either way.
    pub fn after_work(mut self) -> Self {
        self.after_work = true;
        self
    }

    /// The life of the runs that are submitted.
    pub fn life(mut self, life: Life) -> Self {
        self.life = Some(life);
        self
    }

    /// What becomes of the callbacks of the runs that are submitted.
    pub fn callback(mut self, callback: Callback) -> Self {
        self.callback = Some(callback);
        self
    }

    fn selects(&self, n: u64) -> bool {
        self.nth.is_none_or(|nth| n == nth)
            && self.first.is_none_or(|first| n <= first)
            && self
                .every
                .is_none_or(|every| every != 0 && n.is_multiple_of(every))
    }
}

impl Soak {
    /// Strikes each request with this probability, from 0 to 1, with one of a mixture of faults, before
    /// the work or after it.
    pub fn new(probability: f64) -> Self {
        Self {
            probability,
            faults: mixture(),
        }
    }

    /// The faults to choose from.
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults = faults.into_iter().collect();
        self
    }
}

/// Every fault that a caller can live with; refusing and hanging would strike others too.
fn mixture() -> Vec<Fault> {
    let millis = Duration::from_millis;
    vec![
        Fault::Reset,
        Fault::Close,
        Fault::DropAnswer,
        Fault::Delay { by: millis(20) },
        Fault::Drip {
            bytes: 64,
            every: millis(1),
        },
        Fault::Truncate { bytes: 20 },
        Fault::Garbage,
        Fault::Html { status: 502 },
        Fault::TooManyRequests {
            retry_after: Duration::ZERO,
            date: false,
        },
        Fault::TooManyRequests {
            retry_after: Duration::ZERO,
            date: true,
        },
        Fault::Status {
            status: 500,
            retry_after: None,
            envelope: false,
        },
        Fault::Status {
            status: 503,
            retry_after: Some(Duration::ZERO),
            envelope: true,
        },
        Fault::Refusal {
            status: 200,
            code: "SYSTEM_BUSY".into(),
            message: "busy".into(),
            retryable: Some(true),
        },
        Fault::CodeMsg {
            status: 500,
            code: json!(50001),
            msg: "busy".into(),
        },
        Fault::Redirect {
            status: 307,
            to: None,
        },
        Fault::WrongContentType {
            content_type: "text/plain".into(),
        },
    ]
}

/// What one request is in for.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) fault: Option<Fault>,
    pub(super) after_work: bool,
    pub(super) life: Option<Life>,
    pub(super) callback: Option<Callback>,
}

/// A scenario under way.
#[derive(Debug)]
pub(super) struct Script {
    scenario: Scenario,
    /// How many requests each rule has matched.
    matched: Vec<AtomicU64>,
    /// How many requests each operation has had.
    seen: Mutex<HashMap<Operation, u64>>,
    seed: u64,
}

impl Script {
    pub(super) fn new(scenario: Scenario, seed: u64) -> Self {
        Self {
            matched: scenario.rules.iter().map(|_| AtomicU64::new(0)).collect(),
            scenario,
            seen: Mutex::default(),
            seed,
        }
    }

    /// Decides about the next request of `operation`.
    pub(super) fn plan(&self, operation: Operation, agent: Option<&str>) -> Plan {
        let mut plan = Plan::default();
        for (rule, matched) in self.scenario.rules.iter().zip(&self.matched) {
            let concerned = rule.on == operation
                && rule.agent.as_deref().is_none_or(|only| agent == Some(only));
            if !concerned || !rule.selects(matched.fetch_add(1, Ordering::Relaxed) + 1) {
                continue;
            }
            if plan.fault.is_none() && rule.fault.is_some() {
                plan.fault.clone_from(&rule.fault);
                plan.after_work = rule.after_work;
            }
            plan.life = plan.life.or_else(|| rule.life.clone());
            plan.callback = plan.callback.or_else(|| rule.callback.clone());
        }
        if let (None, Some(soak)) = (&plan.fault, &self.scenario.soak) {
            let mut random = self.random(operation);
            if random.f64() < soak.probability {
                plan.fault = random.choice(&soak.faults).cloned();
                // A service that says no does not do the work: that would be lying, not failing.
                let doubtful = plan.fault.as_ref().is_some_and(|fault| !fault.says_no());
                plan.after_work = random.bool() && doubtful;
            }
        }
        plan
    }

    /// Chance that depends on the seed, the operation, and how many requests it has had: the same every
    /// time, whatever other operations do meanwhile.
    fn random(&self, operation: Operation) -> fastrand::Rng {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let n = seen.entry(operation).or_default();
        *n += 1;
        let mut random = fastrand::Rng::with_seed(self.seed ^ ((operation as u64) << 56) ^ *n);
        // Neighbouring seeds begin alike.
        random.u64(..);
        random
    }
}
