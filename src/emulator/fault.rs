//! What can go wrong between a caller and a paid service.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::millis;

/// A fault that a request meets. Times are by the emulator's clock.
///
/// In a scenario file a fault is an object with its `kind` in kebab case and its fields in camel case,
/// durations in milliseconds: `{"kind": "delay", "ms": 2000}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum Fault {
    /// The request's connection is reset before anything is done, every other one with it, and for a
    /// while the port refuses connections.
    Refuse {
        /// For how long.
        #[serde(rename = "ms", with = "millis")]
        lasting: Duration,
    },
    /// The connection is reset (RST).
    Reset,
    /// The connection is closed (FIN) instead of an answer.
    Close,
    /// **Accepted, then dropped**: the work is done, and the connection closed instead of an answer.
    DropAnswer,
    /// The answer comes late; the work is done at once.
    Delay {
        /// How late.
        #[serde(rename = "ms", with = "millis")]
        by: Duration,
    },
    /// The answer comes in small pieces.
    Drip {
        /// The size of a piece.
        bytes: usize,
        /// The time before each piece.
        #[serde(rename = "everyMs", with = "millis")]
        every: Duration,
    },
    /// The answer breaks off although its `Content-Length` announces all of it.
    Truncate {
        /// How much of the body arrives.
        bytes: usize,
    },
    /// HTTP 200 and `application/json`, with a body that is not JSON.
    Garbage,
    /// A gateway's page instead of an answer.
    Html {
        /// The status, for example 502.
        status: u16,
    },
    /// HTTP 429 with an error envelope.
    TooManyRequests {
        /// What `Retry-After` says, in whole seconds.
        #[serde(rename = "retryAfterMs", with = "millis")]
        retry_after: Duration,
        /// Whether it says so as a date.
        #[serde(default)]
        date: bool,
    },
    /// Any status.
    Status {
        /// The status, for example 500 or 503.
        status: u16,
        /// What `Retry-After` says, in whole seconds.
        #[serde(
            default,
            rename = "retryAfterMs",
            with = "millis::option",
            skip_serializing_if = "Option::is_none"
        )]
        retry_after: Option<Duration>,
        /// Whether there is an error envelope; the body is empty when not.
        #[serde(default)]
        envelope: bool,
    },
    /// `success: false`, on HTTP 200 as often as not.
    Refusal {
        /// The HTTP status.
        status: u16,
        /// The envelope's code.
        code: String,
        /// The envelope's message.
        message: String,
        /// The envelope's `retryable`; left out when none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retryable: Option<bool>,
    },
    /// The other form of error: `{"code": …, "msg": …}`.
    CodeMsg {
        /// The HTTP status.
        status: u16,
        /// A string or a number.
        code: Value,
        /// The words.
        msg: String,
    },
    /// A redirect.
    Redirect {
        /// The status, for example 307.
        status: u16,
        /// Where to; the emulator's results port when none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// HTTP 200 with a JSON body of this size, sent as fast as it is read.
    Oversized {
        /// The size.
        bytes: u64,
    },
    /// The right body under another content type.
    WrongContentType {
        /// The content type.
        content_type: String,
    },
}

impl Fault {
    /// Whether the work is done before the fault strikes; `after_work` is what the scenario says.
    pub(super) fn lets_work(&self, after_work: bool) -> bool {
        match self {
            // Nobody heard the request.
            Self::Refuse { .. } => false,
            // What they bend, or lose, is the true answer.
            Self::DropAnswer
            | Self::Delay { .. }
            | Self::Drip { .. }
            | Self::Truncate { .. }
            | Self::WrongContentType { .. } => true,
            _ => after_work,
        }
    }

    /// Whether its answer tells the caller that nothing was done.
    pub(super) fn says_no(&self) -> bool {
        matches!(
            self,
            Self::TooManyRequests { .. }
                | Self::Refusal { .. }
                | Self::CodeMsg { .. }
                | Self::Redirect { .. }
                | Self::Status {
                    retry_after: Some(_),
                    ..
                }
        )
    }

    /// The name that the ledger has for it.
    pub(super) fn name(&self) -> String {
        let written = serde_json::to_value(self).unwrap_or_default();
        written["kind"].as_str().unwrap_or_default().to_owned()
    }
}
