//! progenitor behind glass: what it refuses or panics on is found, left out and named.

use std::collections::BTreeSet;
use std::sync::Once;
use std::{panic, thread};

use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle};
use serde_json::{Map, Value, json};

use crate::adapt::component;
use crate::operations::METHODS;
use crate::pointer::join;
use crate::{Error, LeftOut, Note, Options, polish, twice, variants};

/// Deeply nested types take deep recursion; the memory is only reserved until it is used.
const STACK: usize = 256 * 1024 * 1024;
const THREAD: &str = "weshop-codegen";

/// Most attempts at a document: with more than this to leave out, the rest is left out untried.
const ATTEMPTS: usize = 1_000;

/// What progenitor is told.
#[derive(Clone)]
pub(crate) struct Settings {
    inner_type: Option<String>,
}

impl Settings {
    pub(crate) fn new(options: &Options) -> Result<Self, Error> {
        let inner_type = options.inner_type.clone();
        if let Some(path) = &inner_type
            && let Err(error) = syn::parse_str::<syn::Type>(path)
        {
            return Err(Error::Ungeneratable(format!(
                "the inner type {path:?} is no type: {error}"
            )));
        }
        Ok(Self { inner_type })
    }
}

pub(crate) struct Made {
    pub(crate) source: String,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) left_out_schemas: Vec<Note>,
}

/// Something that can be generated or left out by itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    Operation { path: String, method: &'static str },
    Schema(String),
}

/// Generates all of a document that can be generated.
pub(crate) fn generate(document: &Value, settings: &Settings) -> Result<Made, String> {
    let units = units(document);
    let mut refused = Vec::new();
    let source = match attempt(document, &units, settings) {
        Ok(source) => source,
        Err(_) => {
            let mut left = ATTEMPTS;
            let kept = sift(document, &units, settings, &mut refused, &mut left);
            together(document, kept, settings, &mut refused)?
        }
    };
    let mut left_out = Vec::new();
    let mut left_out_schemas = Vec::new();
    for (unit, reason) in refused {
        match unit {
            Unit::Schema(name) => left_out_schemas.push(Note {
                pointer: join("/components/schemas", &name),
                message: format!("the schema is left out: {reason}"),
            }),
            Unit::Operation { path, method } => {
                let id = &document["paths"][&path][method]["operationId"];
                left_out.push(LeftOut {
                    operation_id: id.as_str().unwrap_or_default().to_owned(),
                    method: method.to_uppercase(),
                    path,
                    reason,
                });
            }
        }
    }
    Ok(Made {
        source,
        left_out,
        left_out_schemas,
    })
}

/// Every operation, and every schema that no operation needs.
fn units(document: &Value) -> Vec<Unit> {
    let mut units = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS
            .into_iter()
            .filter(|method| item.get(method).is_some())
        {
            units.push(Unit::Operation {
                path: path.clone(),
                method,
            });
        }
    }
    let needed = needed(document, &units);
    let schemas = document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten();
    units.extend(
        schemas
            .filter(|(name, _)| !needed.contains(*name))
            .map(|(name, _)| Unit::Schema(name.clone())),
    );
    units
}

/// The units that can be generated, found by halves; the others are added to `refused`.
fn sift(
    document: &Value,
    units: &[Unit],
    settings: &Settings,
    refused: &mut Vec<(Unit, String)>,
    left: &mut usize,
) -> Vec<Unit> {
    if *left == 0 {
        let untried = "it was not tried, since too much else cannot be generated";
        refused.extend(units.iter().map(|unit| (unit.clone(), untried.to_owned())));
        return Vec::new();
    }
    *left -= 1;
    let why = match attempt(document, units, settings) {
        Ok(_) => return units.to_vec(),
        Err(why) => why,
    };
    if let [unit] = units {
        refused.push((unit.clone(), why));
        return Vec::new();
    }
    let (first, second) = units.split_at(units.len() / 2);
    let mut kept = sift(document, first, settings, refused, left);
    kept.extend(sift(document, second, settings, refused, left));
    kept
}

/// Generates units that can be generated one by one, without those that do not go with the ones before.
fn together(
    document: &Value,
    mut kept: Vec<Unit>,
    settings: &Settings,
    refused: &mut Vec<(Unit, String)>,
) -> Result<String, String> {
    let mut left = ATTEMPTS;
    loop {
        let mut why = match attempt(document, &kept, settings) {
            Ok(source) => return Ok(source),
            Err(why) => why,
        };
        // The first `good` units go together, the first `bad` do not; found by halves.
        let (mut good, mut bad) = (0, kept.len());
        while bad - good > 1 && left > 0 {
            left -= 1;
            let middle = good.midpoint(bad);
            match attempt(document, &kept[..middle], settings) {
                Ok(_) => good = middle,
                Err(reason) => (bad, why) = (middle, reason),
            }
        }
        if kept.is_empty() {
            return Err(why);
        } else if left > 0 {
            refused.push((kept.remove(bad - 1), why));
        } else {
            refused.extend(kept.drain(good..).map(|unit| (unit, why.clone())));
        }
    }
}

/// The components that units lead to.
fn needed(document: &Value, units: &[Unit]) -> BTreeSet<String> {
    let schemas = &document["components"]["schemas"];
    let mut found = BTreeSet::new();
    let mut open: Vec<&Value> = Vec::new();
    for unit in units {
        match unit {
            Unit::Operation { path, method } => open.push(&document["paths"][path][method]),
            Unit::Schema(name) => {
                found.insert(name.clone());
                open.push(&schemas[name]);
            }
        }
    }
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                let name = members
                    .get("$ref")
                    .and_then(Value::as_str)
                    .and_then(component);
                if let Some(name) = name
                    && found.insert(name.clone())
                {
                    open.push(&schemas[&name]);
                }
                open.extend(members.values());
            }
            _ => {}
        }
    }
    found
}

fn attempt(document: &Value, units: &[Unit], settings: &Settings) -> Result<String, String> {
    let mut paths = Map::new();
    for unit in units {
        if let Unit::Operation { path, method } = unit {
            let item = paths.entry(path).or_insert_with(|| json!({}));
            item[*method] = document["paths"][path][method].clone();
        }
    }
    let mut schemas = document["components"]["schemas"].clone();
    let needed = needed(document, units);
    if let Some(schemas) = schemas.as_object_mut() {
        schemas.retain(|name, _| needed.contains(name));
    }
    let mut part = document.clone();
    part["paths"] = Value::Object(paths);
    part["components"]["schemas"] = schemas;
    let settings = settings.clone();
    quietly(move || progenitor(part, &settings))
}

fn progenitor(document: Value, settings: &Settings) -> Result<String, String> {
    let spec: openapiv3::OpenAPI =
        serde_json::from_value(document.clone()).map_err(|error| error.to_string())?;
    let mut told = GenerationSettings::new();
    told.with_interface(InterfaceStyle::Builder)
        .with_tag(TagStyle::Merged);
    if let Some(path) = &settings.inner_type {
        let path = path
            .parse()
            .map_err(|_| format!("the inner type {path:?} is no type"))?;
        told.with_inner_type(path).with_hooks(HooksMode::Expected);
    }
    let tokens = Generator::new(&told)
        .generate_tokens(&spec)
        .map_err(|error| error.to_string())?;
    let mut file: syn::File = syn::parse2(tokens).map_err(|error| error.to_string())?;
    polish::extra_is_optional(&mut file);
    variants::rename(&mut file, &document);
    twice::check(&file.items)?;
    let source = prettyplease::unparse(&file);
    // A fragment, not a program: rustdoc would list it as a test that is never run.
    Ok(source.replace("```ignore", "```text"))
}

/// Runs `work` on a thread with room, its panic an error like another and not on the terminal.
fn quietly<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(THREAD) {
                before(info);
            }
        }));
    });
    let spawned = thread::Builder::new()
        .name(THREAD.to_owned())
        .stack_size(STACK)
        .spawn(work);
    let result = spawned
        .map_err(|error| format!("no thread to generate on: {error}"))?
        .join();
    let message = |payload: &dyn std::any::Any| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no words");
        let line: String = text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(200)
            .collect();
        format!("the generator gave up on it: {line}")
    };
    result.unwrap_or_else(|payload| Err(message(payload.as_ref())))
}

#[cfg(test)]
mod tests;
