//! Documents that lack what a row of `src/needs.txt` names; the tests of xtask use it too.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// The document without what a row needs.
pub(crate) fn without(mut document: Value, kind: &str, name: &str) -> Value {
    let (owner, member) = name.split_once('.').unwrap_or((name, ""));
    if kind == "answer" {
        let answer = "responses/200/content/application~1json/schema";
        let answer = format!("{}/{answer}", operation(&document, owner));
        // Several places may be one, of a schema that they share.
        let mut places = BTreeSet::new();
        for path in member.split(" or ") {
            let (outer, field) = path.rsplit_once('.').unwrap_or(("", path));
            let names = outer.split('.').filter(|name| !name.is_empty());
            let holder = names.fold(object(&document, &answer), |at, name| {
                object(&document, &format!("{at}/properties/{name}"))
            });
            places.insert((holder + "/properties", field));
        }
        for (at, field) in places {
            remove(&mut document, &at, field);
        }
        return document;
    }
    let schema = format!("/components/schemas/{owner}");
    match kind {
        // A document that names no server is served by its own.
        "server" => document["servers"] = json!([{"url": "https://api.example"}]),
        "security" => remove(&mut document, "/components", "securitySchemes"),
        "operation" => {
            let at = operation(&document, owner);
            let (item, method) = at.rsplit_once('/').unwrap();
            remove(&mut document, item, method);
        }
        "method" => {
            let at = operation(&document, owner);
            let session = json!({"name": "session", "in": "cookie", "required": true,
                                 "schema": {"type": "string"}});
            document.pointer_mut(&at).unwrap()["parameters"] = json!([session]);
        }
        "body" => {
            let at = operation(&document, owner);
            remove(&mut document, &at, "requestBody");
        }
        "part" => {
            let form = "requestBody/content/multipart~1form-data/schema/properties";
            let at = format!("{}/{form}", operation(&document, owner));
            remove(&mut document, &at, member);
        }
        "parameter" => {
            let at = operation(&document, owner) + "/parameters";
            let parameters = document.pointer_mut(&at).unwrap().as_array_mut().unwrap();
            let place = parameters.iter().position(|p| p["name"] == member).unwrap();
            match parameters[place]["in"].as_str() {
                // Without a word about it, what stands in the path is a string.
                Some("path") => parameters[place]["schema"] = json!({"type": "integer"}),
                _ => drop(parameters.remove(place)),
            }
        }
        "schema" => remove(&mut document, "/components/schemas", owner),
        "property" if member == "*" => {
            document.pointer_mut(&schema).unwrap()["additionalProperties"] = json!(false);
        }
        "property" => remove(&mut document, &(schema + "/properties"), member),
        "value" => {
            let gone = |value: &Value| value == member || value["const"] == member;
            let schema = document.pointer_mut(&schema).unwrap();
            for key in ["oneOf", "enum"] {
                if let Some(values) = schema.get_mut(key).and_then(Value::as_array_mut) {
                    values.retain(|value| !gone(value));
                }
            }
        }
        _ => panic!("{kind} is no kind"),
    }
    document
}

fn remove(document: &mut Value, at: &str, name: &str) {
    let object = document.pointer_mut(at).unwrap().as_object_mut().unwrap();
    assert!(object.remove(name).is_some(), "{at} has no {name}");
}

/// Where an operation is.
pub(crate) fn operation(document: &Value, id: &str) -> String {
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["operationId"] == id {
                return format!("/paths/{}/{method}", path.replace('/', "~1"));
            }
        }
    }
    panic!("there is no {id}")
}

/// Where the object is that a schema refers to, or lists.
fn object(document: &Value, at: &str) -> String {
    let schema = document.pointer(at).unwrap();
    match schema["$ref"].as_str() {
        Some(reference) => object(document, &reference[1..]),
        None if schema.get("items").is_some() => object(document, &format!("{at}/items")),
        None => at.to_owned(),
    }
}
