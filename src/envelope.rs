//! From an answer's bytes to a value or an error, in one place.
//!
//! `success` in the body decides, whatever the HTTP status says: a 200 with `success: false` is an
//! error, and so is any status outside 2xx with any body.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::credentials::{ApiKey, REDACTED};
use crate::error::{ApiFailure, Error};
use crate::ids::RunId;
use crate::json::{MAX_VALUES, most_values};

/// How much of a foreign text an error shows, in characters.
const SNIPPET: usize = 300;

/// What comes before an answer's body.
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
}

/// A whole answer, its body bounded when it was read, and the key taken out of all of it.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    retry_after: Option<Duration>,
    request_id: Option<String>,
    body: Bytes,
    /// The body as JSON, where it is JSON of a size that can be held.
    json: Option<Value>,
}

impl Answer {
    /// Takes in an answer, whole or `cut` off. An escape may hide the key from a look at the bytes, so
    /// that what is JSON is looked at as values, and what only begins so without its escapes.
    pub(crate) fn new(response: Head, body: Bytes, cut: bool, key: &ApiKey) -> Self {
        let mut body = key.scrub_bytes(body);
        if cut {
            key.scrub_end(&mut body);
        }
        let mut json = parse(&body);
        match &mut json {
            Some(json) => {
                if key.scrub_json(json) {
                    body = json.to_string().into();
                }
            }
            None => body = key.scrub_escaped(body),
        }
        Self {
            status: response.status,
            retry_after: retry_after(&response.headers, SystemTime::now()),
            request_id: request_id(&response.headers, key),
            body,
            json,
        }
    }

    /// Checks the envelope; a run that is `started` has an id, too.
    pub(crate) fn open(self, started: bool) -> Result<Value, Error> {
        let success = self
            .json
            .as_ref()
            .and_then(|json| json.get("success"))
            .and_then(Value::as_bool);
        let complaint = self.json.as_ref().and_then(Complaint::find);
        match &self.json {
            Some(json) if self.status.is_success() && success == Some(true) => {
                if started && run_id(json).is_none() {
                    return Err(self.unreadable("success without an execution id"));
                }
            }
            _ if !self.status.is_success() || success == Some(false) || complaint.is_some() => {
                let mut failure = self.failure(complaint);
                failure.enveloped = success == Some(false);
                return Err(Error::api(failure));
            }
            Some(_) => return Err(self.unreadable("JSON without `success`")),
            None if self.body.is_empty() => return Err(self.unreadable("the body is empty")),
            None => return Err(self.unreadable("no JSON, or too much of it")),
        }
        Ok(self.json.unwrap_or_default())
    }

    fn unreadable(&self, reason: &str) -> Error {
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
            retry_after: self.retry_after,
            request_id: self.request_id.clone(),
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
        match &self.json {
            Some(json) => run_id(json),
            None => run_id_in_fragment(&String::from_utf8_lossy(&self.body)),
        }
    }
}

fn parse(body: &[u8]) -> Option<Value> {
    match most_values(body) > MAX_VALUES {
        true => None,
        false => serde_json::from_slice(body).ok(),
    }
}

/// The handle is `meta.executionId`; the vendor's own client reads `data.executionId`.
pub(crate) fn run_id(json: &Value) -> Option<RunId> {
    ["/meta/executionId", "/data/executionId"]
        .iter()
        .find_map(|pointer| match json.pointer(pointer)? {
            // What is left of an id that echoes the key names no run.
            Value::String(id) if id.contains(REDACTED) => None,
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
    let whole = (text || number) && !id.contains(REDACTED);
    whole.then(|| RunId::new(id).ok()).flatten()
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

fn request_id(headers: &HeaderMap, key: &ApiKey) -> Option<String> {
    let id = ["x-request-id", "request-id", "x-trace-id"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())?;
    // Cut first, it could show all of the key but its end.
    Some(bounded(&key.scrub(id.to_owned())))
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
