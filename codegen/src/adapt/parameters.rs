//! Parameters: plain values and lists of them, each under a Rust name of its own.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::operation::About;
use super::schema::field;
use super::{is_null, note, resolved, text};
use crate::Note;

/// Headers that a description of an operation does not set.
const OWN_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

pub(super) fn list<'a>(
    about: &About<'a>,
    own: Option<&'a Value>,
    shared: Option<&'a Value>,
    has_body: bool,
    reduced: &mut Vec<Note>,
    notes: &mut Vec<Note>,
) -> Result<Vec<Value>, String> {
    let mut all = given(about, own, shared)?;
    let template = template(about.path)?;
    let places: BTreeSet<&str> = template.iter().copied().collect();
    let mut taken: BTreeSet<String> = ["new", "send", "stream", "header_map"]
        .map(str::to_owned)
        .into();
    if has_body {
        taken.extend(["body".to_owned(), "body_map".to_owned()]);
    }
    let mut list = Vec::new();
    let mut described: BTreeSet<&str> = BTreeSet::new();
    // Those that must be there come first, so that an optional one yields its name to them.
    all.sort_by_key(|parameter| parameter.get("required") != Some(&json!(true)));
    for parameter in all {
        let name = parameter
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let place = parameter
            .get("in")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if place == "header" && OWN_HEADERS.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            note(
                notes,
                about.at,
                format!("the header {name} is the client's own"),
            );
            continue;
        }
        if place == "path" && !places.contains(name) {
            note(
                notes,
                about.at,
                format!("the path has no place for the parameter {name}"),
            );
            continue;
        }
        let required = place == "path" || parameter.get("required") == Some(&json!(true));
        let built = schema(about, parameter, name, place, notes).and_then(|schema| {
            let free = taken.insert(field(name));
            free.then_some(schema)
                .ok_or_else(|| "its name is another's in Rust".to_owned())
        });
        match built {
            Ok(schema) => {
                let words = parameter
                    .get("description")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let mut built =
                    json!({"name": name, "in": place, "required": required, "schema": schema});
                if !words.is_empty() {
                    built["description"] = json!(text::plain(words));
                }
                list.push(built);
                if place == "path" {
                    described.insert(name);
                }
            }
            Err(reason) if required => {
                return Err(format!("the {place} parameter {name}: {reason}"));
            }
            Err(reason) => reduced.push(Note {
                pointer: about.at.to_owned(),
                message: format!("the optional {place} parameter {name} is left out: {reason}"),
            }),
        }
    }
    for name in template {
        if !described.contains(name) {
            if !taken.insert(field(name)) {
                return Err(format!(
                    "the path parameter {name}: its name is another's in Rust"
                ));
            }
            note(
                notes,
                about.at,
                format!("the path parameter {name} is not described, so it is a string"),
            );
            list.push(
                json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
            );
        }
    }
    Ok(list)
}

/// The parameters of an operation and of its path; of two with one name and place the later counts.
fn given<'a>(
    about: &About<'a>,
    own: Option<&'a Value>,
    shared: Option<&'a Value>,
) -> Result<Vec<&'a Map<String, Value>>, String> {
    let lists = [shared, own].into_iter().flatten();
    let mut all = Vec::new();
    for parameter in lists.filter_map(Value::as_array).flatten() {
        let parameter = about.followed(parameter)?.and_then(Value::as_object);
        all.push(parameter.ok_or("a parameter is no object")?);
    }
    let key = |parameter: &'a Map<String, Value>| (parameter.get("name"), parameter.get("in"));
    let numbered = all.iter().enumerate();
    let last: HashMap<_, _> = numbered.map(|(index, one)| (key(one), index)).collect();
    let counts = |(index, parameter): (usize, &'a Map<String, Value>)| {
        (last.get(&key(parameter)) == Some(&index)).then_some(parameter)
    };
    Ok(all.into_iter().enumerate().filter_map(counts).collect())
}

/// The names in a path's braces.
fn template(path: &str) -> Result<Vec<&str>, String> {
    let mut names = Vec::new();
    let mut seen = BTreeSet::new();
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or("a brace of its path is never closed")?;
        if name.is_empty() || name.contains('{') || !seen.insert(name) {
            return Err("the braces of its path do not name each parameter once".to_owned());
        }
        names.push(name);
        rest = after;
    }
    if rest.contains('}') {
        Err("a brace of its path is never opened".to_owned())
    } else {
        Ok(names)
    }
}

/// The parameter's schema as the generated client can write it, or why it cannot.
fn schema<'a>(
    about: &About<'a>,
    parameter: &'a Map<String, Value>,
    name: &str,
    place: &str,
    notes: &mut Vec<Note>,
) -> Result<Value, String> {
    let style = parameter.get("style").and_then(Value::as_str);
    let usual = match place {
        "query" => "form",
        "path" | "header" => "simple",
        "cookie" => return Err("the client sends no cookies".to_owned()),
        _ => return Err(format!("there is no place {place:?}")),
    };
    if style.is_some_and(|style| style != usual) {
        return Err(format!(
            "the style {} cannot be generated",
            style.unwrap_or_default()
        ));
    }
    let schema = parameter
        .get("schema")
        .ok_or("it is described by a media type")?;
    let end = resolved(about.source, schema).ok_or("its schema refers to nothing")?;
    if end
        .as_object()
        .is_some_and(|end| end.keys().all(|key| key == "description"))
    {
        return Ok(json!({"type": "string"}));
    }
    let kind = about
        .kinds
        .of(schema)
        .ok_or("its schema is neither a plain value nor a list of them")?;
    match kind {
        "enum" => Ok(without_null(schema)),
        "array" => {
            let items = about
                .kinds
                .items(schema)
                .ok_or("its schema is a list or null of something else")?;
            let item = about.kinds.of(items).filter(|kind| *kind != "array");
            let item = item.ok_or("its schema is a list of something that is no plain value")?;
            if place == "query" && parameter.get("explode") != Some(&json!(false)) {
                let items = if item == "enum" {
                    about.afford(items)?;
                    without_null(items)
                } else {
                    json!({"type": item})
                };
                return Ok(json!({"type": "array", "items": items}));
            }
            note(
                notes,
                about.at,
                format!("the {place} parameter {name} is a string: values with commas between"),
            );
            Ok(json!({"type": "string"}))
        }
        kind => {
            let mut plain = json!({"type": kind});
            if let Some(format) = end.get("format") {
                plain["format"] = format.clone();
            }
            Ok(plain)
        }
    }
}

/// Null cannot be sent in a parameter, only left out.
fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(object) = schema.as_object_mut() {
        object.remove("nullable");
    }
    let member = schema.get("oneOf").and_then(Value::as_array);
    let member = member.filter(|members| members.iter().any(is_null));
    let member = member.and_then(|members| members.iter().find(|member| !is_null(member)));
    member.cloned().unwrap_or(schema)
}
