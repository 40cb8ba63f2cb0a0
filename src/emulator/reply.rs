//! Envelopes: what every answer of the API is wrapped in.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// How many characters of a text there are where a caller may have chosen it.
const MOST_WORDS: usize = 300;

/// What a caller sent comes back in the words, and need not do so at any length.
pub(super) fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MOST_WORDS) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// A success envelope.
pub(super) fn success(data: Value, execution_id: Option<&str>) -> Response {
    let mut body = json!({"success": true, "data": data});
    if let Some(id) = execution_id {
        body["meta"] = json!({"executionId": id});
    }
    Json(body).into_response()
}

/// A call that is turned down, and why.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    details: Map<String, Value>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            details: Map::new(),
        }
    }

    pub(super) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            format!("{what} is not known here"),
        )
    }

    /// Adds a field to the envelope's `error`.
    pub(super) fn with(mut self, field: &str, value: Value) -> Self {
        self.details.insert(field.to_owned(), value);
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut error = self.details;
        error.insert("code".into(), self.code.into());
        error.insert("message".into(), self.message.into());
        error.insert("retryable".into(), false.into());
        (self.status, Json(json!({"success": false, "error": error}))).into_response()
    }
}
