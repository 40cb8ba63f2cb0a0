//! The pictures: uploads as they came, results and presets drawn when somebody fetches them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;

use super::draw::{self, Canvas, Picture};
use super::reply::Refusal;
use super::state::{Run, Shared};
use super::{mask, presets, spec};

type App = State<Arc<Shared>>;
type Answer = Result<Response, Refusal>;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/images/{name}", get(image))
        .route("/results/{id}/{file}", get(result))
        .route("/presets/{file}", get(preset))
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
    if !run
        .course
        .images(age)
        .any(|(at, image)| at == index && !image.fails)
    {
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
pub(super) async fn blocking<T: Send + 'static>(
    app: &Shared,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let failed =
        |why: String| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "DRAWING_FAILED", why);
    let permit = app.drawing.clone().acquire_owned().await;
    let permit = permit.map_err(|error| failed(error.to_string()))?;
    let working = tokio::task::spawn_blocking(move || {
        let done = work();
        // Held by the work and not by whoever waits for it, who may go away.
        drop(permit);
        done
    });
    working.await.map_err(|error| failed(error.to_string()))
}

/// What the run's request asks to be drawn.
fn picture(app: &Shared, run: &Run, index: usize) -> Picture {
    let (input, params) = (&run.request["input"], &run.request["params"]);
    let number = |value: &Value| value.as_f64().map(|n| n as u32);
    // The rule about it may have been left out, and memory has its limits all the same.
    let most = spec::largest_canvas().unwrap_or(draw::MAX_SIDE);
    let canvas = (run.agent() == "expandimage")
        .then(|| {
            Some((
                number(&params["targetWidth"])?,
                number(&params["targetHeight"])?,
            ))
        })
        .flatten()
        .map(|(width, height)| Canvas {
            width: width.min(most).max(1),
            height: height.min(most).max(1),
            left: number(&params["fillLeft"]),
            top: number(&params["fillTop"]),
        });
    let held = |url: &Value| Some(app.upload_at(url.as_str()?)?.file.clone());
    Picture {
        agent: run.agent().to_owned(),
        index,
        original: held(&input["originalImage"]),
        mask: mask::inline(params).or_else(|| held(&params["customMaskUrl"])),
        canvas,
        background: background(params),
    }
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
