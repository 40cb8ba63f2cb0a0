//! Where the schemas of a 3.0 document are.

use serde_json::Value;

use crate::operations::METHODS;
use crate::pointer::join;

/// Calls `visit` on every schema of a lowered document, inner ones first, with its pointer.
pub(crate) fn each_schema(document: &mut Value, visit: &mut dyn FnMut(&mut Value, &str)) {
    if let Some(sections) = document
        .get_mut("components")
        .and_then(Value::as_object_mut)
    {
        for (section, members) in sections {
            let at = join("/components", section);
            for (name, member) in members.as_object_mut().into_iter().flatten() {
                let at = join(&at, name);
                match section.as_str() {
                    "schemas" => schema(member, &at, visit),
                    "responses" | "parameters" | "headers" | "requestBodies" => {
                        holder(member, &at, visit)
                    }
                    _ => {}
                }
            }
        }
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        let at = join("/paths", path);
        parameters(item, &at, visit);
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                each_schema_of_operation(operation, &join(&at, method), visit);
            }
        }
    }
}

fn each_schema_of_operation(
    operation: &mut Value,
    at: &str,
    visit: &mut dyn FnMut(&mut Value, &str),
) {
    parameters(operation, at, visit);
    if let Some(body) = operation.get_mut("requestBody") {
        holder(body, &join(at, "requestBody"), visit);
    }
    let at = join(at, "responses");
    let responses = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut);
    for (status, response) in responses.into_iter().flatten() {
        holder(response, &join(&at, status), visit);
    }
}

fn parameters(owner: &mut Value, at: &str, visit: &mut dyn FnMut(&mut Value, &str)) {
    let at = join(at, "parameters");
    let list = owner.get_mut("parameters").and_then(Value::as_array_mut);
    for (index, parameter) in list.into_iter().flatten().enumerate() {
        holder(parameter, &join(&at, &index.to_string()), visit);
    }
}

/// A parameter, header, body or response: a schema, or media types with one each, or headers.
fn holder(holder: &mut Value, at: &str, visit: &mut dyn FnMut(&mut Value, &str)) {
    if let Some(inner) = holder.get_mut("schema") {
        schema(inner, &join(at, "schema"), visit);
    }
    for section in ["content", "headers"] {
        let at = join(at, section);
        let members = holder.get_mut(section).and_then(Value::as_object_mut);
        for (name, member) in members.into_iter().flatten() {
            if let Some(inner) = member.get_mut("schema") {
                schema(inner, &join(&join(&at, name), "schema"), visit);
            }
        }
    }
}

/// A schema and all schemas in it, inner ones first.
pub(crate) fn schema(node: &mut Value, at: &str, visit: &mut dyn FnMut(&mut Value, &str)) {
    if let Some(object) = node.as_object_mut() {
        for (key, member) in object {
            let at = join(at, key);
            match key.as_str() {
                "properties" => {
                    for (name, property) in member.as_object_mut().into_iter().flatten() {
                        schema(property, &join(&at, name), visit);
                    }
                }
                "items" | "not" | "additionalProperties" => schema(member, &at, visit),
                "allOf" | "anyOf" | "oneOf" => {
                    for (index, part) in member.as_array_mut().into_iter().flatten().enumerate() {
                        schema(part, &join(&at, &index.to_string()), visit);
                    }
                }
                _ => {}
            }
        }
    }
    visit(node, at);
}
