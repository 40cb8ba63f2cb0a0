//! 3.1 to 3.0.3, faithfully or not at all.

mod schema;

use serde_json::{Map, Value, json};

use crate::operations::METHODS;
use crate::pointer::join;
use crate::{Document, Note, Obstacle, Obstacles};

/// An OpenAPI 3.0.3 document that says on the wire what the 3.1 document said.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowered {
    value: Value,
    notes: Vec<Note>,
}

impl Lowered {
    /// The 3.0.3 document.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// What was removed or rewritten without effect on the wire.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

/// Lowers a 3.1 document to 3.0.3; a 3.0 document is handed through.
///
/// # Errors
/// Every construct that matters on the wire and that 3.0 cannot express, all of them at once.
pub fn lower(document: &Document) -> Result<Lowered, Obstacles> {
    let source = document.value();
    let mut walk = Walk {
        notes: Vec::new(),
        obstacles: Vec::new(),
    };
    let version = source
        .get("openapi")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let value = if version.starts_with("3.0.") {
        source.clone()
    } else if version == "3.1" || version.starts_with("3.1.") {
        walk.document(source)
    } else {
        walk.obstacle(
            "/openapi",
            "it is not an OpenAPI 3.1 document",
            "convert it to OpenAPI 3.1 first",
        );
        Value::Null
    };
    if walk.obstacles.is_empty() {
        Ok(Lowered {
            value,
            notes: walk.notes,
        })
    } else {
        Err(Obstacles(walk.obstacles))
    }
}

/// What a member of an object is, so that a property called `schema` is never taken for one.
#[derive(Clone, Copy)]
enum Kind {
    /// As it stands, whatever is in it.
    Plain,
    Info,
    Paths,
    PathItem,
    Operation,
    Parameter,
    /// A header, which is a parameter without name and place.
    RequestBody,
    Responses,
    Response,
    MediaType,
    Encoding,
    Components,
    Schema,
}

struct Walk {
    notes: Vec<Note>,
    obstacles: Vec<Obstacle>,
}

impl Walk {
    fn note(&mut self, pointer: &str, message: impl Into<String>) {
        self.notes.push(Note {
            pointer: pointer.to_owned(),
            message: message.into(),
        });
    }

    fn obstacle(&mut self, pointer: &str, problem: impl Into<String>, advice: impl Into<String>) {
        self.obstacles.push(Obstacle {
            pointer: pointer.to_owned(),
            problem: problem.into(),
            advice: advice.into(),
        });
    }

    fn document(&mut self, source: &Value) -> Value {
        let mut target = Map::new();
        for (key, value) in source.as_object().into_iter().flatten() {
            let at = join("", key);
            match key.as_str() {
                "openapi" => {}
                "webhooks" => self.note(&at, "webhooks are calls to the client, removed"),
                "jsonSchemaDialect" => self.dialect(value, &at),
                "info" => self.put(&mut target, key, value, &at, Kind::Info),
                "paths" => self.put(&mut target, key, value, &at, Kind::Paths),
                "components" => self.put(&mut target, key, value, &at, Kind::Components),
                _ => self.put(&mut target, key, value, &at, Kind::Plain),
            }
        }
        target.insert("openapi".to_owned(), json!("3.0.3"));
        target
            .entry("info")
            .or_insert_with(|| json!({"title": "", "version": ""}));
        target.entry("paths").or_insert_with(|| json!({}));
        Value::Object(target)
    }

    fn put(
        &mut self,
        target: &mut Map<String, Value>,
        key: &str,
        value: &Value,
        at: &str,
        kind: Kind,
    ) {
        target.insert(key.to_owned(), self.node(value, at, kind));
    }

    fn dialect(&mut self, value: &Value, at: &str) {
        let known = [
            "https://json-schema.org/draft/2020-12/schema",
            "https://spec.openapis.org/oas/3.1/dialect/base",
        ];
        if value
            .as_str()
            .is_some_and(|uri| known.contains(&uri.trim_end_matches('#')))
        {
            self.note(at, "the usual dialect, removed");
        } else {
            self.obstacle(
                at,
                "schemas are in a dialect that is not known",
                "write them in JSON Schema 2020-12",
            );
        }
    }

    /// Lowers one node; a member's kind follows from its parent's.
    fn node(&mut self, value: &Value, at: &str, kind: Kind) -> Value {
        if matches!(kind, Kind::Schema) {
            return self.schema(value, at);
        }
        let Some(object) = value.as_object() else {
            return value.clone();
        };
        if matches!(kind, Kind::Plain) {
            return value.clone();
        }
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            return self.reference(object, reference, at);
        }
        let mut target = Map::new();
        for (key, member) in object {
            let at = join(at, key);
            if key.starts_with("x-") {
                target.insert(key.clone(), member.clone());
                continue;
            }
            match (kind, key.as_str()) {
                (Kind::Info, "summary") => self.note(&at, "info.summary, removed"),
                (Kind::Info, "license") => {
                    let mut license = member.clone();
                    if license
                        .as_object_mut()
                        .is_some_and(|license| license.remove("identifier").is_some())
                    {
                        self.note(&at, "license.identifier, removed");
                    }
                    target.insert(key.clone(), license);
                }
                (Kind::Paths, _) => self.put(&mut target, key, member, &at, Kind::PathItem),
                (Kind::PathItem, name) if METHODS.contains(&name) => {
                    self.put(&mut target, key, member, &at, Kind::Operation);
                }
                (Kind::PathItem | Kind::Operation, "parameters") => {
                    let list = self.list(member, &at, Kind::Parameter);
                    target.insert(key.clone(), list);
                }
                (Kind::Operation, "requestBody") => {
                    self.put(&mut target, key, member, &at, Kind::RequestBody)
                }
                (Kind::Operation, "responses") => {
                    self.put(&mut target, key, member, &at, Kind::Responses)
                }
                (Kind::Operation, "callbacks") => {
                    self.note(&at, "callbacks are calls to the client, removed")
                }
                (Kind::Responses, _) => self.put(&mut target, key, member, &at, Kind::Response),
                (Kind::Parameter | Kind::MediaType, "schema") => {
                    self.put(&mut target, key, member, &at, Kind::Schema);
                }
                (Kind::Parameter | Kind::RequestBody | Kind::Response, "content") => {
                    let map = self.map(member, &at, Kind::MediaType);
                    target.insert(key.clone(), map);
                }
                (Kind::Response | Kind::Encoding, "headers") => {
                    let map = self.map(member, &at, Kind::Parameter);
                    target.insert(key.clone(), map);
                }
                (Kind::MediaType, "encoding") => {
                    let map = self.map(member, &at, Kind::Encoding);
                    target.insert(key.clone(), map);
                }
                (Kind::Parameter | Kind::MediaType, "example" | "examples") => {
                    self.note(&at, format!("{key}, removed"));
                }
                (Kind::Components, section) => {
                    let kind = match section {
                        "schemas" => Kind::Schema,
                        "responses" => Kind::Response,
                        "parameters" | "headers" => Kind::Parameter,
                        "requestBodies" => Kind::RequestBody,
                        "securitySchemes" | "links" => Kind::Plain,
                        _ => {
                            self.note(&at, format!("components.{section}, removed"));
                            continue;
                        }
                    };
                    let map = self.map(member, &at, kind);
                    target.insert(key.clone(), map);
                }
                _ => {
                    target.insert(key.clone(), member.clone());
                }
            }
        }
        if matches!(kind, Kind::Operation) && !target.contains_key("responses") {
            self.note(at, "no responses are described, an undescribed one added");
            target.insert(
                "responses".to_owned(),
                json!({"default": {"description": ""}}),
            );
        }
        Value::Object(target)
    }

    fn list(&mut self, value: &Value, at: &str, kind: Kind) -> Value {
        let items = value.as_array().into_iter().flatten().enumerate();
        items
            .map(|(index, item)| self.node(item, &join(at, &index.to_string()), kind))
            .collect()
    }

    fn map(&mut self, value: &Value, at: &str, kind: Kind) -> Value {
        let members = value.as_object().into_iter().flatten();
        let lowered =
            members.map(|(key, member)| (key.clone(), self.node(member, &join(at, key), kind)));
        Value::Object(lowered.collect())
    }

    /// A reference to something other than a schema: what stands beside it only describes.
    fn reference(&mut self, object: &Map<String, Value>, reference: &str, at: &str) -> Value {
        self.check_local(reference, at);
        for key in object.keys().filter(|key| *key != "$ref") {
            self.note(
                &join(at, key),
                "stands beside a $ref and only describes, removed",
            );
        }
        json!({"$ref": reference})
    }

    fn check_local(&mut self, reference: &str, at: &str) {
        if !reference.starts_with("#/") {
            self.obstacle(
                &join(at, "$ref"),
                format!("it refers to {reference:?}, outside this document"),
                "bundle the document into one file first",
            );
        }
    }
}
