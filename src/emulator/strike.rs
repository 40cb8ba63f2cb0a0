//! Faults at work: what they make of an answer.

use std::time::{Duration, SystemTime};

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde_json::json;

use super::Clock;
use super::fault::Fault;
use super::server::Wire;

/// The furthest that a date says: one of five digits cannot be written.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Where and when a fault strikes.
pub(super) struct Scene<'a> {
    pub(super) clock: &'a Clock,
    pub(super) wire: &'a Wire,
    pub(super) results: &'a str,
    /// What garbage is made from.
    pub(super) seed: u64,
}

impl Fault {
    /// What arrives instead of `answer`; does not return when nothing does.
    pub(super) async fn strike(&self, answer: Option<Response>, scene: &Scene<'_>) -> Response {
        match self {
            Self::Refuse { lasting } => scene.wire.refuse(*lasting).await,
            Self::Reset => scene.wire.reset().await,
            Self::Close | Self::DropAnswer => scene.wire.close().await,
            Self::Delay { by } => {
                scene.clock.sleep(*by).await;
                answer.unwrap_or_default()
            }
            Self::Drip { bytes, every } => {
                let (answer, body) = taken(answer).await;
                dripping(answer, body, (*bytes).max(1), *every, scene.clock.clone())
            }
            Self::Truncate { bytes } => {
                let (answer, body) = taken(answer).await;
                let shown = body.slice(..body.len().min(*bytes));
                let breaking = stream::once(async {
                    // One turn for the server to send what it has, which it would forget otherwise.
                    tokio::task::yield_now().await;
                    Err(std::io::Error::other("truncated"))
                });
                let broken = stream::iter([Ok(shown)]).chain(breaking);
                sized(answer, body.len(), Body::from_stream(broken))
            }
            Self::WrongContentType { content_type } => {
                let mut answer = answer.unwrap_or_default();
                if let Ok(value) = HeaderValue::from_str(content_type) {
                    answer.headers_mut().insert(header::CONTENT_TYPE, value);
                }
                answer
            }
            replacing => replacing.instead(scene),
        }
    }

    /// The answer of a fault that has one of its own.
    fn instead(&self, scene: &Scene<'_>) -> Response {
        match self {
            Self::Garbage => {
                let mut random = fastrand::Rng::with_seed(scene.seed);
                // Never begins like JSON, whatever the seed.
                let bytes: Vec<u8> = std::iter::once(0xff)
                    .chain(std::iter::repeat_with(|| random.u8(..)).take(255))
                    .collect();
                ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
            }
            Self::Html { status } => {
                let page = "<html><head><title>Bad Gateway</title></head>\
                    <body><h1>Bad Gateway</h1><hr>gateway</body></html>";
                (code(*status), axum::response::Html(page)).into_response()
            }
            Self::TooManyRequests { retry_after, date } => {
                let words = "too many requests; ask again later";
                let answer = envelope(429, "TOO_MANY_REQUESTS", words, Some(true));
                let wait = match date {
                    true => {
                        httpdate::fmt_http_date(SystemTime::now() + (*retry_after).min(CENTURY))
                    }
                    false => retry_after.as_secs().to_string(),
                };
                ([(header::RETRY_AFTER, wait)], answer).into_response()
            }
            Self::Status {
                status,
                retry_after,
                envelope: with_envelope,
            } => {
                let answer = match with_envelope {
                    true => envelope(*status, "SCRIPTED", "the scenario asked for this", None),
                    false => code(*status).into_response(),
                };
                match retry_after.map(|wait| wait.as_secs().to_string()) {
                    Some(wait) => ([(header::RETRY_AFTER, wait)], answer).into_response(),
                    None => answer,
                }
            }
            Self::Refusal {
                status,
                code,
                message,
                retryable,
            } => envelope(*status, code, message, *retryable),
            Self::CodeMsg {
                status,
                code: number,
                msg,
            } => (code(*status), Json(json!({"code": number, "msg": msg}))).into_response(),
            Self::Redirect { status, to } => {
                let elsewhere = format!("{}/elsewhere", scene.results);
                let to = to.as_deref().unwrap_or(&elsewhere);
                (code(*status), [(header::LOCATION, to)]).into_response()
            }
            Self::Oversized { bytes } => oversized(*bytes),
            _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn envelope(status: u16, name: &str, message: &str, retryable: Option<bool>) -> Response {
    let mut error = json!({"code": name, "message": message});
    if let Some(retryable) = retryable {
        error["retryable"] = retryable.into();
    }
    (
        code(status),
        Json(json!({"success": false, "error": error})),
    )
        .into_response()
}

async fn taken(answer: Option<Response>) -> (Response, Bytes) {
    let (parts, body) = answer.unwrap_or_default().into_parts();
    // The emulator's own answers are whole in memory already.
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    (Response::from_parts(parts, Body::empty()), body)
}

fn sized(mut answer: Response, length: usize, body: Body) -> Response {
    answer
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length.into());
    *answer.body_mut() = body;
    answer
}

fn dripping(
    answer: Response,
    body: Bytes,
    piece: usize,
    every: Duration,
    clock: Clock,
) -> Response {
    let length = body.len();
    let pieces = stream::unfold((body, clock), move |(mut rest, clock)| async move {
        if rest.is_empty() {
            return None;
        }
        clock.sleep(every).await;
        let next = rest.split_to(rest.len().min(piece));
        Some((Ok::<_, std::io::Error>(next), (rest, clock)))
    });
    sized(answer, length, Body::from_stream(pieces))
}

fn oversized(bytes: u64) -> Response {
    const FRAME: u64 = 2;
    let spaces = Bytes::from(vec![b' '; 64 << 10]);
    let body = stream::unfold(bytes.max(FRAME), move |left| {
        let spaces = spaces.clone();
        async move {
            let piece = match left {
                0 => return None,
                left if left == bytes.max(FRAME) => Bytes::from_static(b"{"),
                1 => Bytes::from_static(b"}"),
                left => spaces.slice(
                    ..spaces
                        .len()
                        .min(usize::try_from(left - 1).unwrap_or(usize::MAX)),
                ),
            };
            let rest = left - piece.len() as u64;
            Some((Ok::<_, std::io::Error>(piece), rest))
        }
    });
    let answer = [(header::CONTENT_TYPE, "application/json")].into_response();
    sized(
        answer,
        usize::try_from(bytes.max(FRAME)).unwrap_or(usize::MAX),
        Body::from_stream(body),
    )
}
