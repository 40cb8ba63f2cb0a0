//! The paths and what each of them does.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde_json::{Value, json};

use super::callbacks::Order;
use super::check::{self, check};
use super::draw;
use super::life::Course;
use super::observe::{OnResultsPort, observe};
use super::pictures::{self, blocking};
use super::reply::{Refusal, shortened, success};
use super::script::Plan;
use super::state::{Shared, Submission, Upload};
use super::{page, presets, spec, state};

type App = State<Arc<Shared>>;
type Answer = Result<Response, Refusal>;

/// Everything, for the API's own port.
pub(super) fn api(shared: &Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/openapi/agent/assets/images", post(upload))
        .route("/openapi/agent/runs", post(submit))
        .route("/openapi/agent/runs/{id}", get(read_run))
        .route("/openapi/v1/agent/info", get(agent_info))
        .route_layer(middleware::from_fn_with_state(shared.clone(), authorize))
        .merge(pictures::routes())
        .merge(page::routes());
    finish(api, shared, false)
}

/// The pictures alone, for the second port.
pub(super) fn results(shared: &Arc<Shared>) -> Router {
    finish(pictures::routes(), shared, true)
}

fn finish(router: Router<Arc<Shared>>, shared: &Arc<Shared>, on_results_port: bool) -> Router {
    router
        .fallback(async || Refusal::not_found("this path"))
        .method_not_allowed_fallback(async || {
            Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "this path does not take this method",
            )
        })
        .layer(middleware::from_fn_with_state(shared.clone(), observe))
        .layer(Extension(OnResultsPort(on_results_port)))
        // `observe` has its own bound, with an envelope for whoever passes it.
        .layer(DefaultBodyLimit::disable())
        .with_state(shared.clone())
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
        (Some(key), Some(right)) if key != right.0.as_bytes() => {
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
                let name = shortened(name.unwrap_or_default().to_owned());
                return Err(bad(format!(
                    "the form takes one part, `image`, and not {name:?}"
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

async fn submit(
    State(app): App,
    Extension(plan): Extension<Arc<Plan>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(is_json) {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "a run is submitted as application/json",
        ));
    }
    let request: Value = serde_json::from_slice(&body)
        .map_err(|error| Refusal::bad_request("INVALID_JSON", error.to_string()))?;
    check::refuse(spec::check_headers(uri.path(), &headers))?;
    let key = headers.get("idempotency-key").map(|key| key.to_str());
    let key = key.transpose().map_err(|_| {
        let words = "Idempotency-Key has visible characters only";
        Refusal::bad_request("INVALID_PARAMS", words)
    })?;
    check(&app, &request)?;
    let batch = request["params"]["batchCount"]
        .as_f64()
        .map_or_else(spec::batch_count, |count| count as u32);
    let callback = request["callbackUrl"]
        .as_str()
        .filter(|url| !url.trim().is_empty());
    let callback = callback.map(str::to_owned);
    let submission = Submission {
        key: key.filter(|_| app.settings.idempotency).map(str::to_owned),
        noted_key: key.map(str::to_owned),
        request,
        memory: state::memory(&body),
        at: app.settings.clock.now(),
        course: Course::of(
            &plan.life.clone().unwrap_or_default(),
            app.settings.run_time,
            batch,
        ),
        images: batch,
    };
    let (run, balance, new) = app.submit(submission)?;
    if let (true, Some(url)) = (new, callback) {
        let callback = plan.callback.clone().unwrap_or_default();
        app.call_back(Order {
            run: run.clone(),
            url,
            callback,
        });
    }
    let data = json!({
        "executionId": run.id,
        "taskId": run.task_id,
        "powerConsumption": run.price,
        "powerBalanceAmount": balance,
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

async fn agent_info(
    State(app): App,
    uri: Uri,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Answer {
    let Query(pairs) =
        query.map_err(|error| Refusal::bad_request("INVALID_PARAMS", error.body_text()))?;
    check::refuse(spec::check_query(uri.path(), &pairs))?;
    let value = |name| {
        pairs
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    };
    // Both are counted from 1.
    let number = |name| {
        value(name)
            .and_then(|text| text.parse().ok())
            .or_else(|| spec::query_default(uri.path(), name))
            .unwrap_or(1)
            .max(1)
    };
    let listing = presets::Query {
        agent: value("agentName").unwrap_or_default(),
        page: number("page"),
        page_size: number("pageSize"),
        resource: value("resourceType"),
    };
    Ok(success(presets::page(&listing, &app.results)?, None))
}
