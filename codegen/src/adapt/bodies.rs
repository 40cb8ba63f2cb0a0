//! What is sent and what is answered: one media type, and one type for success and for failure.

use serde_json::{Map, Value, json};

use super::operation::About;
use super::{kind, note, resolved, text};
use crate::Note;

/// The body as the generated client can send it, or why it cannot.
pub(super) fn request<'a>(
    about: &About<'a>,
    body: Option<&'a Value>,
    notes: &mut Vec<Note>,
) -> Result<Option<Value>, String> {
    let Some(body) = body else { return Ok(None) };
    let body = about.followed(body)?;
    let body = body.ok_or("the request body refers to nothing")?;
    let Some(content) = body.get("content").and_then(Value::as_object) else {
        return Ok(None);
    };
    let Some((name, media)) = chosen(content) else {
        let names: Vec<&str> = content.keys().map(String::as_str).collect();
        return match names.as_slice() {
            [] => Ok(None),
            names => Err(format!(
                "the request body is {}, which cannot be generated",
                names.join(" or ")
            )),
        };
    };
    if content.len() > 1 {
        note(
            notes,
            about.at,
            format!("the request body is sent as {name}"),
        );
    }
    if body.get("required") != Some(&json!(true)) {
        note(
            notes,
            about.at,
            "the request body may be absent, and is always sent",
        );
    }
    let schema = match name {
        "application/octet-stream" => json!({"type": "string", "format": "binary"}),
        "text/plain" => json!({"type": "string"}),
        "application/x-www-form-urlencoded" => form(about, media)?,
        _ => media.get("schema").cloned().unwrap_or_else(|| json!({})),
    };
    let mut built = json!({"required": true, "content": {name: {"schema": schema}}});
    if let Some(words) = body.get("description").and_then(Value::as_str) {
        built["description"] = json!(text::plain(words));
    }
    Ok(Some(built))
}

/// The media type to send, of those that can be generated.
fn chosen(content: &Map<String, Value>) -> Option<(&'static str, &Value)> {
    let known = [
        "application/json",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "text/plain",
    ];
    for known in known {
        if let Some((_, media)) = content.iter().find(|(name, _)| essence(name) == known) {
            return Some((known, media));
        }
    }
    content.get("*/*").map(|media| ("application/json", media))
}

/// A media type without its parameters.
fn essence(name: &str) -> String {
    name.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// A form has one plain value a field.
fn form<'a>(about: &About<'a>, media: &'a Value) -> Result<Value, String> {
    let schema = media
        .get("schema")
        .ok_or("the form in the request body is not described")?;
    let end =
        resolved(about.source, schema).ok_or("the form in the request body refers to nothing")?;
    let fields = end
        .get("properties")
        .and_then(Value::as_object)
        .ok_or("the form in the request body has no fields")?;
    for (name, field) in fields {
        if about.kinds.of(field).is_none_or(|kind| kind == "array") {
            return Err(format!(
                "the field {name} of the form in the request body is no plain value"
            ));
        }
    }
    Ok(schema.clone())
}

/// What an answer holds.
#[derive(Clone, PartialEq)]
enum Body {
    Json(Value),
    Raw,
    Nothing,
}

/// The answers, with one type for success and one for failure.
pub(super) fn responses<'a>(
    about: &About<'a>,
    responses: Option<&'a Value>,
    notes: &mut Vec<Note>,
) -> Result<Value, String> {
    let mut good: Vec<(String, Body)> = Vec::new();
    let mut bad: Vec<(String, Body)> = Vec::new();
    let mut default = None;
    for (status, response) in responses.and_then(Value::as_object).into_iter().flatten() {
        let response = about.followed(response)?;
        let Some(response) = response.filter(|response| response.is_object()) else {
            continue;
        };
        let status = status.to_ascii_uppercase();
        match status.as_bytes() {
            b"DEFAULT" => default = Some(body(about.source, response, false)),
            [b'2', rest @ ..] if rest == b"XX" || is_code(rest) => {
                good.push((status, body(about.source, response, true)));
            }
            [b'4' | b'5', rest @ ..] if rest == b"XX" || is_code(rest) => {
                bad.push((status, body(about.source, response, false)));
            }
            _ => note(
                notes,
                about.at,
                format!("the answer {status} is neither success nor failure, removed"),
            ),
        }
    }
    if let Some(default) = default {
        // For progenitor `default` is success and failure at once.
        for range in ["4XX", "5XX"] {
            if bad.iter().all(|(status, _)| status != range) {
                bad.push((range.to_owned(), default.clone()));
            }
        }
        if good.is_empty() {
            let body = if default == Body::Nothing {
                Body::Raw
            } else {
                default
            };
            good.push(("2XX".to_owned(), body));
        }
    }
    if bad.iter().any(|(_, body)| matches!(body, Body::Json(_))) {
        // Failures that are not told apart by a type are still failures.
        bad.retain(|(_, body)| matches!(body, Body::Json(_)));
    } else if bad.iter().any(|(_, body)| *body == Body::Raw) {
        bad.retain(|(_, body)| *body == Body::Raw);
    }
    one_type(about, "successes", &mut good, notes);
    one_type(about, "failures", &mut bad, notes);
    let written = good.into_iter().chain(bad).map(|(status, body)| {
        let mut response = json!({"description": ""});
        match body {
            Body::Json(schema) => {
                response["content"] = json!({"application/json": {"schema": schema}})
            }
            Body::Raw => response["content"] = json!({"application/octet-stream": {}}),
            Body::Nothing => {}
        }
        (status, response)
    });
    Ok(Value::Object(written.collect()))
}

fn is_code(rest: &[u8]) -> bool {
    rest.len() == 2 && rest.iter().all(u8::is_ascii_digit)
}

fn one_type(about: &About<'_>, which: &str, answers: &mut [(String, Body)], notes: &mut Vec<Note>) {
    let Some((_, first)) = answers.first() else {
        return;
    };
    if answers.iter().all(|(_, body)| body == first) {
        return;
    }
    let all_json = answers
        .iter()
        .all(|(_, body)| matches!(body, Body::Json(_)));
    let (body, words) = if all_json {
        (Body::Json(json!({})), "any JSON")
    } else {
        (Body::Raw, "a stream of bytes")
    };
    note(
        notes,
        about.at,
        format!("its {which} differ in type, so each is {words}"),
    );
    for answer in answers {
        answer.1 = body.clone();
    }
}

fn body(source: &Value, response: &Value, success: bool) -> Body {
    let Some(content) = response
        .get("content")
        .and_then(Value::as_object)
        .filter(|all| !all.is_empty())
    else {
        return Body::Nothing;
    };
    let named = content
        .iter()
        .find(|(name, _)| essence(name) == "application/json");
    let like_json = |name: &str| name.ends_with("+json");
    // An error is read as what it is; success under another name would have to be asked for by it.
    let named = named.or_else(|| {
        content
            .iter()
            .find(|(name, _)| !success && like_json(&essence(name)))
    });
    let named = named.or_else(|| {
        let any = content.get_key_value("*/*")?;
        let end = resolved(source, any.1.get("schema")?)?;
        (end.is_object() && kind(end) != Some("string")).then_some(any)
    });
    match named {
        Some((_, media)) => Body::Json(media.get("schema").cloned().unwrap_or_else(|| json!({}))),
        None => Body::Raw,
    }
}
