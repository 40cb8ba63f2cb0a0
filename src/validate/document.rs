//! Holds JSON against what the document states: required, known, of the right type and in range.

use serde_json::{Map, Value};

use super::facts::{Facts, Field, Kind, Schema};
use super::input::{Given, Input};
use super::rule::Rule;
use super::text::{choice, escaped};
use super::violation::{Report, Violation};

/// Checks one object and the objects in it, except for the fields in `apart`.
pub(super) fn object(
    report: &mut Report,
    facts: &Facts<'_>,
    schema: &Schema<'_>,
    at: &str,
    map: &Map<String, Value>,
    apart: &[&str],
) {
    for field in schema.fields {
        match map.get(field.name) {
            Some(given) if !apart.contains(&field.name) => value(report, facts, field, at, given),
            Some(_) => {}
            None if field.required => missing(report, field, at),
            None => {}
        }
    }
    if schema.closed {
        unknown(report, schema, at, map.keys().map(String::as_str));
    }
}

/// Checks an input that is not JSON yet.
pub(super) fn input(
    report: &mut Report,
    facts: &Facts<'_>,
    schema: &Schema<'_>,
    input: &Input<'_>,
) {
    for field in schema.fields {
        match input.given().find(|(name, _)| *name == field.name) {
            Some((_, Given::Text(given))) => text(report, field, "/input", given),
            Some((_, Given::Json(given))) => value(report, facts, field, "/input", given),
            Some((_, Given::Upload)) => {}
            None if field.required => missing(report, field, "/input"),
            None => {}
        }
    }
    unknown(
        report,
        schema,
        "/input",
        input.given().map(|(name, _)| name),
    );
}

/// Refuses what is another writing of a field that exists, in an object that takes others besides.
pub(super) fn misspelt(
    report: &mut Report,
    schema: &Schema<'_>,
    at: &str,
    map: &Map<String, Value>,
) {
    let names = map.keys().map(String::as_str);
    // Of a closed object, every unknown field has been told.
    let names = names.filter(|name| !schema.closed && schema.meant(name).is_some());
    unknown(report, schema, at, names);
}

fn unknown<'a>(
    report: &mut Report,
    schema: &Schema<'_>,
    at: &str,
    names: impl Iterator<Item = &'a str>,
) {
    let mut names: Vec<&str> = names.filter(|name| schema.field(name).is_none()).collect();
    // A map's own order is the caller's, or the parser's.
    names.sort_unstable();
    for name in names {
        let message = match schema.meant(name) {
            Some(meant) => format!("there is no such field: write it `{meant}`"),
            None => "there is no such field: it would be ignored, and the run charged".into(),
        };
        report.add(
            Rule::UnknownField,
            format!("{at}/{}", escaped(name)),
            message,
        );
    }
}

fn missing(report: &mut Report, field: &Field<'_>, at: &str) {
    let mut message = format!("`{}` is required", field.name);
    if let Kind::String {
        values: values @ [_, ..],
        ..
    } = field.kind
    {
        message += &format!(": set {}", choice(values));
    }
    report.missing(format!("{at}/{}", field.name), message);
}

/// What is to be said of a field whose value a typed builder could not convert.
pub(crate) fn unconvertible(field: &Field<'_>, pointer: String) -> Violation {
    let (rule, message) = match field.kind {
        Kind::String {
            values: values @ [_, ..],
            ..
        } => (
            Rule::Enum,
            format!("`{}` must be {}", field.name, choice(values)),
        ),
        Kind::Integer { min, max } => (Rule::Range, range(field.name, min, max)),
        kind => (
            Rule::Type,
            format!("`{}` must be {}", field.name, wanted(kind)),
        ),
    };
    Violation::new(pointer, rule, message)
}

fn value(report: &mut Report, facts: &Facts<'_>, field: &Field<'_>, at: &str, value: &Value) {
    if value.is_null() && field.nullable {
        return;
    }
    let pointer = || format!("{at}/{}", field.name);
    match (field.kind, value) {
        (Kind::Any, _) | (Kind::Boolean, Value::Bool(_)) | (Kind::Array, Value::Array(_)) => {}
        (Kind::Integer { min, max }, Value::Number(number)) if is_whole(number) => {
            if out_of_range(number, min.map(Bound::Whole), max.map(Bound::Whole)) {
                // The limits of 64 bits are no news to anybody.
                let min = min.filter(|&min| min > i64::MIN);
                let max = max.filter(|&max| max < i64::MAX);
                let message = range(field.name, min, max);
                report.add(Rule::Range, pointer(), message);
            }
        }
        (Kind::Number { min, max }, Value::Number(number)) => {
            if out_of_range(number, min.map(Bound::Float), max.map(Bound::Float)) {
                report.add(Rule::Range, pointer(), range(field.name, min, max));
            }
        }
        (Kind::String { .. }, Value::String(given)) => text(report, field, at, given),
        (Kind::Object { schema }, Value::Object(map)) => {
            if let Some(schema) = schema.and_then(|name| facts.schema(name)) {
                object(report, facts, schema, &pointer(), map, &[]);
            }
        }
        (kind, given) => {
            let message = format!(
                "`{}` must be {}, not {}",
                field.name,
                wanted(kind),
                found(given)
            );
            report.add(Rule::Type, pointer(), message);
        }
    }
}

/// Checks a text where the document may well ask for something else.
pub(super) fn text(report: &mut Report, field: &Field<'_>, at: &str, given: &str) {
    let pointer = || format!("{at}/{}", field.name);
    match field.kind {
        Kind::Any => {}
        Kind::String { values, .. } if !values.is_empty() && !values.contains(&given) => {
            report.add(Rule::Enum, pointer(), not_one_of(field.name, values, given));
        }
        Kind::String {
            min_length: min,
            max_length: max,
            ..
        } => {
            if !has_length(given, min, max) {
                report.add(Rule::Length, pointer(), length(field.name, min, max));
            }
        }
        kind => {
            let message = format!("`{}` must be {}, not a string", field.name, wanted(kind));
            report.add(Rule::Type, pointer(), message);
        }
    }
}

fn is_whole(number: &serde_json::Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

enum Bound {
    Whole(i64),
    Float(f64),
}

fn out_of_range(number: &serde_json::Number, min: Option<Bound>, max: Option<Bound>) -> bool {
    min.is_some_and(|min| is_less(number, min)) || max.is_some_and(|max| is_more(number, max))
}

fn is_less(number: &serde_json::Number, bound: Bound) -> bool {
    match (number.as_i64(), bound) {
        (Some(number), Bound::Whole(bound)) => number < bound,
        (None, Bound::Whole(_)) if number.is_u64() => false,
        (_, Bound::Whole(bound)) => number.as_f64().is_some_and(|number| number < bound as f64),
        (_, Bound::Float(bound)) => number.as_f64().is_some_and(|number| number < bound),
    }
}

fn is_more(number: &serde_json::Number, bound: Bound) -> bool {
    match (number.as_i64(), bound) {
        (Some(number), Bound::Whole(bound)) => number > bound,
        (None, Bound::Whole(_)) if number.is_u64() => true,
        // Rounded up to a float, the greatest i64 is one too many.
        (_, Bound::Whole(bound)) => number
            .as_f64()
            .is_some_and(|number| number > bound as f64 || number >= i64::MAX as f64),
        (_, Bound::Float(bound)) => number.as_f64().is_some_and(|number| number > bound),
    }
}

fn has_length(text: &str, min: Option<u64>, max: Option<u64>) -> bool {
    // Most texts have no bounds: do not count in vain.
    if min.is_none() && max.is_none() {
        return true;
    }
    let length = text.chars().count() as u64;
    min.is_none_or(|min| length >= min) && max.is_none_or(|max| length <= max)
}

fn range<T: std::fmt::Display>(name: &str, min: Option<T>, max: Option<T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("`{name}` must be from {min} to {max}"),
        (Some(min), None) => format!("`{name}` must be at least {min}"),
        (None, Some(max)) => format!("`{name}` must be at most {max}"),
        (None, None) => format!("`{name}` is out of range"),
    }
}

fn length(name: &str, min: Option<u64>, max: Option<u64>) -> String {
    match (min, max) {
        (Some(1), None) => format!("`{name}` must not be empty"),
        (Some(min), None) => format!("`{name}` must have at least {min} characters"),
        (None, Some(max)) => format!("`{name}` must have at most {max} characters"),
        (min, max) => {
            let (min, max) = (min.unwrap_or(0), max.unwrap_or(u64::MAX));
            format!("`{name}` must have {min} to {max} characters")
        }
    }
}

fn not_one_of(name: &str, values: &[&str], given: &str) -> String {
    match values
        .iter()
        .find(|value| value.eq_ignore_ascii_case(given.trim()))
    {
        Some(meant) => format!("`{name}` must be written `{meant}`"),
        None => format!("`{name}` must be {}", choice(values)),
    }
}

fn wanted(kind: Kind<'_>) -> &'static str {
    match kind {
        Kind::Any => "anything",
        Kind::Boolean => "true or false",
        Kind::Integer { .. } => "a whole number",
        Kind::Number { .. } => "a number",
        Kind::String { .. } => "a string",
        Kind::Array => "a list",
        Kind::Object { .. } => "an object",
    }
}

pub(super) fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null; leave it out",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if is_whole(number) => "a number",
        Value::Number(_) => "a fraction",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
