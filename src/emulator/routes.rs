//! The paths and what each of them does.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::draw::{self, Canvas, Picture};
use super::life::Life;
use super::presets;
use super::reply::{Refusal, success};
use super::state::{Run, Shared, Upload};

type App = State<Arc<Shared>>;
type Answer = Result<Response, Refusal>;

/// What a request may carry beside the image itself: a mask in base64, the multipart's own lines.
const OVERHEAD: usize = 1 << 20;

/// Everything, for the API's own port.
pub(super) fn api(shared: &Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/openapi/agent/assets/images", post(upload))
        .route("/openapi/agent/runs", post(submit))
        .route("/openapi/agent/runs/{id}", get(read_run))
        .route("/openapi/v1/agent/info", get(agent_info))
        .route_layer(middleware::from_fn_with_state(shared.clone(), authorize))
        .merge(pictures());
    finish(api, shared)
}

/// The pictures alone, for the second port.
pub(super) fn results(shared: &Arc<Shared>) -> Router {
    finish(pictures(), shared)
}

fn pictures() -> Router<Arc<Shared>> {
    Router::new()
        .route("/images/{name}", get(image))
        .route("/results/{id}/{file}", get(result))
        .route("/presets/{file}", get(preset))
}

fn finish(router: Router<Arc<Shared>>, shared: &Arc<Shared>) -> Router {
    router
        .fallback(async || Refusal::not_found("this path"))
        .method_not_allowed_fallback(async || {
            Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "this path does not take this method",
            )
        })
        .layer(middleware::from_fn_with_state(shared.clone(), receive))
        // `receive` has its own bound, with an envelope for whoever passes it.
        .layer(DefaultBodyLimit::disable())
        .with_state(shared.clone())
}

/// Takes the whole request in, in bounded memory, before anything looks at it.
async fn receive(State(app): App, request: Request, next: Next) -> Answer {
    let (parts, body) = request.into_parts();
    let limit = app.settings.max_upload.saturating_add(OVERHEAD);
    let Some(body) = collect(body, limit).await? else {
        return Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "TOO_LARGE",
            format!("a request may have {limit} bytes"),
        ));
    };
    Ok(next.run(Request::from_parts(parts, Body::from(body))).await)
}

/// The whole body, or none when it passes `limit`. The rest is read all the same and thrown away: one
/// that stops reading leaves its caller with a broken pipe instead of an answer.
async fn collect(body: Body, limit: usize) -> Result<Option<Bytes>, Refusal> {
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
    Ok((!over).then(|| all.into()))
}

async fn authorize(State(app): App, request: Request, next: Next) -> Answer {
    let key = request
        .headers()
        .get(header::AUTHORIZATION)
        .map(|key| key.as_bytes());
    let refused = |why: &str| Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", why);
    match (key, &app.settings.api_key) {
        (None | Some(b""), _) => Err(refused(
            "the Authorization header with the API key is missing",
        )),
        (Some(key), _) if key.starts_with(b"Bearer ") => Err(refused(
            "the Authorization header takes the bare key, without `Bearer `",
        )),
        (Some(key), Some(right)) if key != right.as_bytes() => {
            Err(refused("this is not the emulator's API key"))
        }
        _ => Ok(next.run(request).await),
    }
}

async fn upload(
    State(app): App,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Answer {
    let bad = |why: String| Refusal::bad_request("INVALID_UPLOAD", why);
    let mut form = form.map_err(|error| bad(error.body_text()))?;
    let mut file = None;
    while let Some(part) = form
        .next_field()
        .await
        .map_err(|error| bad(error.body_text()))?
    {
        match part.name() {
            Some("image") if file.is_none() => {
                file = Some(part.bytes().await.map_err(|error| bad(error.body_text()))?);
            }
            Some("image") => return Err(bad("there is more than one part named `image`".into())),
            name => {
                return Err(bad(format!(
                    "the form takes one part, `image`, and not {:?}",
                    name.unwrap_or_default()
                )));
            }
        }
    }
    let file = file.ok_or_else(|| bad("the form has no part named `image`".into()))?;
    if file.len() > app.settings.max_upload {
        return Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "TOO_LARGE",
            format!("an image may have {} bytes", app.settings.max_upload),
        ));
    }
    let upload = inspect(&app, file).await?;
    let name = app.store().add_upload(upload)?;
    Ok(success(
        json!({"image": format!("{}/images/{name}", app.api)}),
        None,
    ))
}

/// Decodes an uploaded file once, so that a broken one is refused here and not missed until it is drawn.
async fn inspect(app: &Shared, file: Bytes) -> Result<Upload, Refusal> {
    let checked = blocking(app, move || {
        let size = draw::size(&file)?;
        let content_type = match image::guess_format(&file)? {
            image::ImageFormat::Png => "image/png",
            image::ImageFormat::Jpeg => "image/jpeg",
            _ => "image/webp",
        };
        draw::decode(&file)?;
        Ok::<_, image::ImageError>(Upload {
            file,
            content_type,
            size,
        })
    });
    checked.await?.map_err(|error| {
        Refusal::bad_request(
            "INVALID_IMAGE",
            format!("this is not an image that can be used: {error}"),
        )
    })
}

async fn submit(State(app): App, headers: HeaderMap, body: Bytes) -> Answer {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| is_json(value)) {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "a run is submitted as application/json",
        ));
    }
    let request: Value = serde_json::from_slice(&body)
        .map_err(|error| Refusal::bad_request("INVALID_JSON", error.to_string()))?;
    let key = match headers.get("idempotency-key").map(|key| key.to_str()) {
        Some(Ok(key)) if (1..=255).contains(&key.len()) => Some(key),
        Some(_) => {
            return Err(Refusal::bad_request(
                "INVALID_PARAMS",
                "Idempotency-Key has from 1 to 255 visible characters",
            ));
        }
        None => None,
    };
    let images = match &request["params"]["batchCount"] {
        Value::Null => 4,
        count => count
            .as_f64()
            .filter(|count| count.fract() == 0.0 && (1.0..=16.0).contains(count))
            .ok_or_else(|| {
                Refusal::bad_request("INVALID_PARAMS", "batchCount is an integer from 1 to 16")
            })? as u32,
    };
    if !request["agent"]["name"].is_string() || !request["input"]["originalImage"].is_string() {
        return Err(Refusal::bad_request(
            "INVALID_PARAMS",
            "agent.name and input.originalImage are strings and required",
        ));
    }
    let now = app.settings.clock.now();
    let life = Life::usual(app.settings.run_time, images);
    let price = u64::from(app.settings.price_per_image) * u64::from(images);
    let key = key.filter(|_| app.settings.idempotency);
    let mut store = app.store();
    let run = store.submit(key, request, body.len(), now, life, price)?;
    let data = json!({
        "executionId": run.id,
        "taskId": run.task_id,
        "powerConsumption": run.price,
        "powerBalanceAmount": store.balance(),
    });
    Ok(success(data, Some(&run.id)))
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

async fn read_run(State(app): App, id: Result<Path<String>, PathRejection>) -> Answer {
    let Path(id) = id.map_err(|error| Refusal::bad_request("INVALID_PARAMS", error.body_text()))?;
    let run = app
        .store()
        .run(&id)
        .ok_or_else(|| Refusal::not_found("this run"))?;
    let data = run.read(app.settings.clock.now(), &app.results);
    Ok(success(data, Some(&run.id)))
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct InfoQuery {
    agent_name: String,
    agent_version: String,
    page: Option<i32>,
    page_size: Option<i32>,
    resource_type: Option<String>,
}

async fn agent_info(
    State(app): App,
    query: Result<Query<InfoQuery>, axum::extract::rejection::QueryRejection>,
) -> Answer {
    let bad = |why: &str| Refusal::bad_request("INVALID_PARAMS", why);
    let Query(query) = query.map_err(|error| bad(&error.body_text()))?;
    if query.agent_name.is_empty() || query.agent_version.is_empty() {
        return Err(bad("agentName and agentVersion are not empty"));
    }
    let page = i64::from(query.page.unwrap_or(1));
    let page_size = i64::from(query.page_size.unwrap_or(50));
    if page < 1 || !(1..=100).contains(&page_size) {
        return Err(bad("page counts from 1 and pageSize is from 1 to 100"));
    }
    if query
        .resource_type
        .as_deref()
        .is_some_and(|only| !["locations", "fashionModels"].contains(&only))
    {
        return Err(bad("resourceType is `locations` or `fashionModels`"));
    }
    let listing = presets::Query {
        agent: &query.agent_name,
        page,
        page_size,
        resource: query.resource_type.as_deref(),
    };
    Ok(success(presets::page(&listing, &app.results)?, None))
}

async fn image(State(app): App, Path(name): Path<String>) -> Answer {
    let upload = app
        .store()
        .upload(&name)
        .ok_or_else(|| Refusal::not_found("this image"))?;
    Ok((
        [(header::CONTENT_TYPE, upload.content_type)],
        upload.file.clone(),
    )
        .into_response())
}

async fn result(State(app): App, Path((id, file)): Path<(String, String)>) -> Answer {
    let unknown = || Refusal::not_found("this image");
    let run = app.store().run(&id).ok_or_else(unknown)?;
    let index: usize = file
        .strip_suffix(".png")
        .and_then(|n| n.parse().ok())
        .ok_or_else(unknown)?;
    let age = app.settings.clock.now().saturating_sub(run.submitted);
    if !run.life.images(age).any(|(at, _)| at == index) {
        return Err(unknown());
    }
    let picture = picture(&app, &run, index);
    png(blocking(&app, move || draw::png(&picture)).await?)
}

async fn preset(State(app): App, Path(file): Path<String>) -> Answer {
    let id = file.strip_suffix(".png").and_then(|id| id.parse().ok());
    let id = id
        .filter(|id| presets::exists(*id))
        .ok_or_else(|| Refusal::not_found("this preset"))?;
    png(blocking(&app, move || draw::swatch(presets::colour(id))).await?)
}

fn png(drawn: Result<Vec<u8>, image::ImageError>) -> Answer {
    let file = drawn.map_err(|error| {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "DRAWING_FAILED",
            error.to_string(),
        )
    })?;
    Ok(([(header::CONTENT_TYPE, "image/png")], file).into_response())
}

/// Runs `work` where it stands in nobody's way; no more than a few at a time, for the memory's sake.
async fn blocking<T: Send + 'static>(
    app: &Shared,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let failed =
        |why: String| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "DRAWING_FAILED", why);
    let _permit = app
        .drawing
        .acquire()
        .await
        .map_err(|error| failed(error.to_string()))?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| failed(error.to_string()))
}

/// What the run's request asks to be drawn.
fn picture(app: &Shared, run: &Run, index: usize) -> Picture {
    let (input, params) = (&run.request["input"], &run.request["params"]);
    let number = |value: &Value| value.as_f64().map(|n| n as u32);
    let canvas = (run.agent() == "expandimage")
        .then(|| {
            Some((
                number(&params["targetWidth"])?,
                number(&params["targetHeight"])?,
            ))
        })
        .flatten()
        .map(|(width, height)| Canvas {
            width: width.clamp(1, 4096),
            height: height.clamp(1, 4096),
            left: number(&params["fillLeft"]),
            top: number(&params["fillTop"]),
        });
    let held = |url: &Value| Some(app.upload_at(url.as_str()?)?.file.clone());
    Picture {
        agent: run.agent().to_owned(),
        index,
        original: held(&input["originalImage"]),
        mask: mask(params).or_else(|| held(&params["customMaskUrl"])),
        canvas,
        background: background(params),
    }
}

fn mask(params: &Value) -> Option<Bytes> {
    use base64::Engine as _;
    let text = params["customMask"].as_str()?;
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .ok()
        .map(Bytes::from)
}

fn background(params: &Value) -> Option<[u8; 3]> {
    let hex = params["backgroundHex"]
        .as_str()
        .and_then(|text| text.strip_prefix('#'));
    let [_, r, g, b] = hex
        .filter(|digits| digits.len() == 6)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        .map(u32::to_be_bytes)
        .or_else(|| {
            let [r, g, b] = presets::colour(params["backgroundId"].as_i64()?);
            Some([0, r, g, b])
        })?;
    Some([r, g, b])
}
