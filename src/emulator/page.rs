//! The page at `/`, on which a person watches the emulator, and the state that it shows.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::reply::Refusal;
use super::state::Shared;

/// How many of the youngest runs, uploads and requests the page shows.
const SHOWN: usize = 50;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(page))
        .route("/page.js", get(script))
        .route("/page.css", get(style))
        .route("/state.json", get(state))
        .route_layer(middleware::from_fn(loopback_name))
}

/// Refuses a page of the wide web that has given its own name this machine's address.
async fn loopback_name(request: Request, next: Next) -> Result<Response, Refusal> {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    if matches!(name, Some("127.0.0.1" | "localhost")) {
        return Ok(next.run(request).await);
    }
    let words = "the page is for 127.0.0.1 and localhost only";
    Err(Refusal::new(StatusCode::FORBIDDEN, "FORBIDDEN", words))
}

async fn page(State(app): State<Arc<Shared>>) -> Response {
    let pictures = &app.results;
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         img-src 'self' data: {pictures}; base-uri 'none'; form-action 'none'"
    );
    let page = Html(include_str!("page/page.html"));
    ([(header::CONTENT_SECURITY_POLICY, policy)], page).into_response()
}

async fn script() -> impl IntoResponse {
    let kind = "text/javascript; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], include_str!("page/page.js"))
}

async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("page/page.css"),
    )
}

async fn state(State(app): State<Arc<Shared>>) -> Response {
    let now = app.settings.clock.now();
    let (runs, uploads) = app.store().youngest(SHOWN);
    let runs: Vec<Value> = runs
        .iter()
        .map(|run| summary(&run.read(now, &app.results)))
        .collect();
    let uploads: Vec<_> = uploads
        .iter()
        .map(|name| format!("{}/images/{name}", app.api))
        .collect();
    let (requests, count) = app.ledger.youngest(SHOWN);
    let requests: Vec<Value> = requests
        .iter()
        .map(|request| {
            json!({
                "number": request.number,
                "at": request.at.as_secs_f64(),
                "method": request.method.as_str(),
                "path": request.uri.to_string(),
                "status": request.status,
                "fault": request.fault,
                "unexpected": request.unexpected,
            })
        })
        .collect();
    let mut charges = app.ledger.charges();
    let points: u64 = charges.iter().map(|charge| charge.points).sum();
    let charged = charges.len();
    charges.reverse();
    let charges: Vec<Value> = charges
        .iter()
        .take(SHOWN)
        .map(|charge| {
            json!({
                "at": charge.at.as_secs_f64(),
                "run": charge.execution_id,
                "agent": charge.agent,
                "key": charge.idempotency_key,
                "images": charge.images,
                "points": charge.points,
            })
        })
        .collect();
    let state = json!({
        "now": now.as_secs_f64(),
        "runs": runs,
        "uploads": uploads,
        "requests": requests,
        "requestCount": count,
        "charges": charges,
        "chargeCount": charged,
        "points": points,
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(state)).into_response()
}

fn summary(run: &Value) -> Value {
    let execution = &run["executions"][0];
    json!({
        "id": execution["executionId"],
        "agent": run["agentName"],
        "name": run["initParams"]["taskName"],
        "status": execution["status"],
        "error": execution["error"],
        "result": execution["result"],
        "batch": execution["params"]["batchCount"],
    })
}
