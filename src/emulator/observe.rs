//! What every request passes on its way in and out: the ledger and the scenario.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde_json::Value;

use super::ledger::RecordedRequest;
use super::reply::Refusal;
use super::script::Operation;
use super::server::Wire;
use super::state::Shared;
use super::strike::Scene;
use crate::json::{MAX_VALUES, most_values};

/// What an upload may carry beside the image: the multipart's own lines.
const OVERHEAD: usize = 1 << 20;
/// The most that anything else may be: a mask of 32 MiB fits, which base64 makes a third larger.
const MOST_JSON: usize = 48 << 20;

/// Which of the two ports a request came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct OnResultsPort(pub(super) bool);

/// Takes a request in, writes it down, and lets it meet what the scenario has for it.
pub(super) async fn observe(
    State(app): State<Arc<Shared>>,
    Extension(wire): Extension<Wire>,
    Extension(OnResultsPort(on_results_port)): Extension<OnResultsPort>,
    request: Request,
    next: Next,
) -> Response {
    // The page watches; it does not take part.
    let has_key = request.headers().contains_key(header::AUTHORIZATION);
    if is_of_the_page(&request) && !on_results_port && !has_key {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let operation = operation(&parts.method, parts.uri.path())
        // The other port has the pictures and nothing else.
        .filter(|operation| !on_results_port || *operation == Operation::Image);
    let limit = match operation {
        Some(Operation::Upload) => app.settings.max_upload.saturating_add(OVERHEAD),
        _ => MOST_JSON,
    };
    let mut body = collect(body, limit).await;
    if operation != Some(Operation::Upload) {
        body = body.and_then(parsable);
    }
    let recorded = RecordedRequest {
        number: 0,
        at: app.settings.clock.now(),
        on_results_port,
        operation,
        method: parts.method.clone(),
        uri: parts.uri.clone(),
        headers: parts.headers.clone(),
        body: body.as_ref().ok().cloned().unwrap_or_default(),
        status: None,
        fault: None,
        unexpected: None,
    };
    let number = app.ledger.record(recorded);
    let is_api = !on_results_port && parts.uri.path().starts_with("/openapi/");
    if let Some(why) = complaint(operation, has_key && !is_api) {
        app.ledger.unexpected(number, why);
    }
    let mut plan = match operation {
        Some(operation) => {
            let agent = agent(&app, operation, parts.uri.path(), body.as_ref().ok());
            app.script.plan(operation, agent.as_deref())
        }
        None => Default::default(),
    };
    let struck = plan.fault.take();
    let works = struck
        .as_ref()
        .is_none_or(|fault| fault.lets_work(plan.after_work));
    parts.extensions.insert(Arc::new(plan));
    let answer = match body {
        _ if !works => None,
        Ok(body) => Some(next.run(Request::from_parts(parts, Body::from(body))).await),
        Err(refusal) => Some(refusal.into_response()),
    };
    // Whether the key is right is for the service to say, and not for a fault.
    if answer.as_ref().map(Response::status) == Some(StatusCode::UNAUTHORIZED) {
        let why = "the API key is missing or not the right one";
        app.ledger.unexpected(number, why);
    }
    let answer = match struck {
        None => answer.unwrap_or_default(),
        Some(fault) => {
            app.ledger
                .note(number, |request| request.fault = Some(fault.name()));
            let scene = Scene {
                clock: &app.settings.clock,
                wire: &wire,
                results: &app.results,
                seed: app.settings.seed ^ number,
            };
            fault.strike(answer, &scene).await
        }
    };
    let status = answer.status();
    app.ledger
        .note(number, |request| request.status = Some(status.as_u16()));
    answer
}

fn is_of_the_page(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && matches!(
            request.uri().path(),
            "/" | "/page.js" | "/page.css" | "/state.json"
        )
}

/// Why nobody should have sent a request; `leaks` is whether it has a key that is not for the API.
fn complaint(operation: Option<Operation>, leaks: bool) -> Option<&'static str> {
    match operation {
        Some(Operation::Image) if leaks => {
            Some("an Authorization header was sent to a picture's URL")
        }
        _ if leaks => Some("an Authorization header was sent to a path that is not the API's"),
        None => Some("the service has no such operation"),
        Some(_) => None,
    }
}

/// The whole body. The rest of one that is too long is read all the same and thrown away: a server that
/// stops reading leaves its caller with a broken pipe instead of an answer.
async fn collect(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let mut body = body.into_data_stream();
    let mut all = Vec::new();
    let mut over = false;
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| {
            Refusal::bad_request("UNREADABLE_REQUEST", format!("the body broke off: {error}"))
        })?;
        over |= all.len() + piece.len() > limit;
        if over {
            all = Vec::new();
        } else {
            all.extend_from_slice(&piece);
        }
    }
    if over {
        return Err(too_large(format!("a request may have {limit} bytes")));
    }
    Ok(all.into())
}

/// The body, when what it holds takes no more memory parsed than there should be.
fn parsable(body: Bytes) -> Result<Bytes, Refusal> {
    match most_values(&body) {
        0..=MAX_VALUES => Ok(body),
        _ => Err(too_large(format!("a request may have {MAX_VALUES} values"))),
    }
}

fn too_large(words: String) -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", words)
}

fn operation(method: &Method, path: &str) -> Option<Operation> {
    let steps: Vec<_> = path.strip_prefix('/')?.split('/').collect();
    if steps.contains(&"") {
        return None;
    }
    match (method.as_str(), steps.as_slice()) {
        ("POST", ["openapi", "agent", "assets", "images"]) => Some(Operation::Upload),
        ("POST", ["openapi", "agent", "runs"]) => Some(Operation::Submit),
        ("GET", ["openapi", "agent", "runs", _]) => Some(Operation::Read),
        ("GET", ["openapi", "v1", "agent", "info"]) => Some(Operation::Info),
        // A plain server of files answers HEAD too.
        ("GET" | "HEAD", ["images", _] | ["results", _, _] | ["presets", _]) => {
            Some(Operation::Image)
        }
        _ => None,
    }
}

/// The agent of the run that a request is about.
fn agent(app: &Shared, operation: Operation, path: &str, body: Option<&Bytes>) -> Option<String> {
    let run = |id: &str| app.store().run(id).map(|run| run.agent().to_owned());
    match operation {
        Operation::Submit => {
            let request: Value = serde_json::from_slice(body?).ok()?;
            Some(request["agent"]["name"].as_str()?.to_owned())
        }
        Operation::Read => run(path.rsplit('/').next()?),
        Operation::Image => run(path.strip_prefix("/results/")?.split('/').next()?),
        Operation::Upload | Operation::Info => None,
    }
}
