//! The masks that come inside a request.

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The file that `customMask` holds, when it holds one.
pub(super) fn inline(params: &Value) -> Option<Bytes> {
    let text = params["customMask"]
        .as_str()
        .filter(|text| !text.trim().is_empty())?;
    STANDARD.decode(text).ok().map(Bytes::from)
}
