//! From an answer's bytes to a value or an error, in one place.
//!
//! `success` in the body decides, whatever the HTTP status says: a 200 with `success: false` is an
//! error, and so is any status outside 2xx with any body.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::credentials::ApiKey;
use crate::error::{ApiFailure, Error};
use crate::ids::RunId;
use crate::json::{MAX_VALUES, most_values};

/// How much of a foreign text an error shows, in characters.
const SNIPPET: usize = 300;

/// A whole answer, its body bounded when it was read.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: bytes::Bytes,
}

impl Answer {
    /// Checks the envelope. The value is without the key, should somebody have echoed it.
    pub(crate) fn open(&self, key: &ApiKey) -> Result<Value, Error> {
        let mut json = self.parse();
        if let Some(json) = &mut json {
            key.scrub_json(json);
        }
        let success = json
            .as_ref()
            .and_then(|json| json.get("success"))
            .and_then(Value::as_bool);
        let complaint = json.as_ref().and_then(Complaint::find);
        match json {
            Some(json) if self.status.is_success() && success == Some(true) => Ok(json),
            _ if !self.status.is_success() || success == Some(false) || complaint.is_some() => {
                let mut failure = self.failure(complaint);
                failure.enveloped = success == Some(false);
                failure.request_id = failure.request_id.map(|id| key.scrub(id));
                Err(Error::api(failure))
            }
            Some(_) => Err(self.unreadable("JSON without `success`")),
            None if self.body.is_empty() => Err(self.unreadable("the body is empty")),
            None => Err(self.unreadable("no JSON, or too much of it")),
        }
    }

    /// The body as JSON, if it is JSON of a size that can be held: an empty object of two bytes takes
    /// hundreds in memory.
    fn parse(&self) -> Option<Value> {
        if most_values(&self.body) > MAX_VALUES {
            return None;
        }
        serde_json::from_slice(&self.body).ok()
    }

    pub(crate) fn unreadable(&self, reason: &str) -> Error {
        Error::unreadable(self.status.as_u16(), reason, self.snippet())
    }

    fn failure(&self, complaint: Option<Complaint>) -> ApiFailure {
        let status = self.status.as_u16();
        let complaint = complaint.unwrap_or_default();
        let message = match complaint.message {
            Some(message) => bounded(&message),
            None if self.status.is_redirection() => "a redirect, which is not followed".to_owned(),
            None => match self.snippet() {
                empty if empty.is_empty() => "no body".to_owned(),
                snippet => snippet,
            },
        };
        ApiFailure {
            status,
            code: complaint.code.as_deref().map(bounded),
            message,
            retryable: complaint
                .retryable
                .unwrap_or(status == 429 || self.status.is_server_error()),
            retry_after: retry_after(&self.headers, SystemTime::now()),
            request_id: request_id(&self.headers),
            enveloped: false,
            said_retryable: complaint.retryable,
        }
    }

    fn snippet(&self) -> String {
        let head = &self.body[..self.body.len().min(SNIPPET * 4)];
        bounded(String::from_utf8_lossy(head).trim())
    }

    /// The run's id, wherever an answer to a submission may have put it,
    /// or the part of it that arrived.
    pub(crate) fn run_id(&self) -> Option<RunId> {
        match self.parse() {
            Some(json) => run_id(&json),
            None => run_id_in_fragment(&String::from_utf8_lossy(&self.body)),
        }
    }
}

/// The handle is `meta.executionId`; the vendor's own client reads `data.executionId`.
pub(crate) fn run_id(json: &Value) -> Option<RunId> {
    ["/meta/executionId", "/data/executionId"]
        .iter()
        .find_map(|pointer| match json.pointer(pointer)? {
            Value::String(id) => RunId::new(id.as_str()).ok(),
            Value::Number(id) => RunId::new(id.to_string()).ok(),
            _ => None,
        })
}

fn run_id_in_fragment(text: &str) -> Option<RunId> {
    let (_, rest) = text.split_once("\"executionId\"")?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start();
    let id = match value.strip_prefix('"') {
        Some(text) => text.split_once('"')?.0,
        // A number that nothing follows may go on.
        None => &value[..value.find([',', '}', ' ', '\n'])?],
    };
    let text = value.starts_with('"');
    let number = id.bytes().all(|byte| byte.is_ascii_digit());
    (text || number).then(|| RunId::new(id).ok()).flatten()
}

/// What a body says against the call: `{"error": {…}}`, or the older `{"code": …, "msg": …}`.
#[derive(Default)]
struct Complaint {
    code: Option<String>,
    message: Option<String>,
    retryable: Option<bool>,
}

impl Complaint {
    fn find(json: &Value) -> Option<Self> {
        let (body, words) = match json.get("error") {
            Some(error @ Value::Object(_)) => (error, "message"),
            Some(Value::String(message)) => {
                return Some(Self {
                    code: text(json.get("code")),
                    message: Some(message.clone()),
                    retryable: json.get("retryable").and_then(Value::as_bool),
                });
            }
            _ => (json, "msg"),
        };
        let message = text(body.get(words));
        let code = text(body.get("code"));
        // Some services put a code and a word beside every answer, good ones too.
        if words == "msg" && matches!(code.as_deref(), Some("0" | "200")) {
            return None;
        }
        (message.is_some() || code.is_some()).then(|| Self {
            code,
            message,
            retryable: body.get("retryable").and_then(Value::as_bool),
        })
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A foreign text for people: not too long, and without line breaks that would forge lines of a log.
pub(crate) fn bounded(text: &str) -> String {
    let shown = text.chars().take(SNIPPET);
    let mut shown: String = shown
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(SNIPPET).is_some() {
        shown.push('…');
    }
    shown
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-request-id", "request-id", "x-trace-id"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok().map(bounded))
}

/// `Retry-After` in seconds or as a date; a date in the past is no wait.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}
