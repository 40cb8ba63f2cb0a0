//! Everything around the schemas.

use serde_json::{Map, Value, json};

use super::Walk;
use crate::operations::METHODS;
use crate::pointer::join;

/// How deep what is written out may hold what is written out too.
const MAX_WRITTEN_OUT: usize = 8;

/// What a node is, so that a property called `schema` is never taken for one.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// As it stands, whatever is in it.
    Plain,
    Info,
    Operation,
    /// A parameter, or a header, which is one without name and place.
    Parameter,
    RequestBody,
    Response,
    MediaType,
    Encoding,
    Schema,
    SecurityScheme,
}

impl Kind {
    /// Where its components are, for those that a reference can name.
    fn section(self, at: &str) -> Option<&'static str> {
        match self {
            Self::Parameter if at.contains("/headers/") => Some("headers"),
            Self::Parameter => Some("parameters"),
            Self::RequestBody => Some("requestBodies"),
            Self::Response => Some("responses"),
            Self::SecurityScheme => Some("securitySchemes"),
            _ => None,
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn document(&mut self) -> Value {
        let source = self.source;
        let version = source
            .get("openapi")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if version.starts_with("3.0.") {
            return source.clone();
        }
        if version != "3.1" && !version.starts_with("3.1.") {
            let found = if version.is_empty() {
                "no version".to_owned()
            } else {
                format!("version {version:?}")
            };
            self.obstacle(
                "/openapi",
                format!("it is no OpenAPI 3.1 document: {found}"),
                "convert it to 3.1 first",
            );
            return Value::Null;
        }
        let mut target = Map::new();
        for (key, value) in source.as_object().into_iter().flatten() {
            let at = join("", key);
            let lowered = match key.as_str() {
                "webhooks" => {
                    self.note(&at, "webhooks are calls to the client, removed");
                    continue;
                }
                "jsonSchemaDialect" => {
                    self.dialect(value, &at);
                    continue;
                }
                "info" => self.node(value, &at, Kind::Info),
                "paths" => self.paths(value, &at),
                "components" => self.components(value, &at),
                "security" => self.security(value, &at),
                "tags" | "servers" | "externalDocs" => value.clone(),
                _ if key.starts_with("x-") || key == "openapi" => value.clone(),
                _ => {
                    self.note(&at, format!("{key} is unknown, removed"));
                    continue;
                }
            };
            target.insert(key.clone(), lowered);
        }
        target.insert("openapi".to_owned(), json!("3.0.3"));
        target
            .entry("info")
            .or_insert_with(|| json!({"title": "", "version": ""}));
        target.entry("paths").or_insert_with(|| json!({}));
        self.hoist(&mut target);
        Value::Object(target)
    }

    /// Schemas that references name and that are no components become some.
    fn hoist(&mut self, target: &mut Map<String, Value>) {
        while let Some((pointer, name)) = self.references.pending.pop() {
            let Some(schema) = self.source.pointer(&pointer) else {
                continue;
            };
            let lowered = self.schema(schema, &pointer);
            let components = target.entry("components").or_insert_with(|| json!({}));
            let schemas = components
                .as_object_mut()
                .map(|all| all.entry("schemas").or_insert_with(|| json!({})));
            if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
                schemas.insert(name, lowered);
            }
        }
    }

    pub(super) fn dialect(&mut self, value: &Value, at: &str) {
        let known = [
            "https://json-schema.org/draft/2020-12/schema",
            "https://spec.openapis.org/oas/3.1/dialect/",
        ];
        if value
            .as_str()
            .is_some_and(|uri| known.iter().any(|known| uri.starts_with(known)))
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

    fn paths(&mut self, value: &'a Value, at: &str) -> Value {
        let mut paths = Map::new();
        for (path, item) in value.as_object().into_iter().flatten() {
            let at = join(at, path);
            let lowered = if path.starts_with("x-") {
                item.clone()
            } else {
                self.path_item(item, &at, 0)
            };
            paths.insert(path.clone(), lowered);
        }
        Value::Object(paths)
    }

    /// A path item with the one that it refers to written out: 3.0 has no place for it.
    fn path_item(&mut self, value: &'a Value, at: &str, depth: usize) -> Value {
        let Some(object) = value.as_object() else {
            self.obstacle(at, "a path item is not an object", "correct the document");
            return json!({});
        };
        let mut target = Map::new();
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            if depth > MAX_WRITTEN_OUT {
                self.obstacle(
                    at,
                    "path items refer to each other in a circle",
                    "correct the references",
                );
            } else if let Some(pointer) = self.path_item_reference(reference, at) {
                self.note(at, format!("the path item {reference} is written out"));
                let referred = self
                    .source
                    .pointer(&pointer)
                    .filter(|item| self.afford(item, at));
                let referred = referred.map(|item| self.path_item(item, &pointer, depth + 1));
                if let Some(Value::Object(referred)) = referred {
                    target = referred;
                }
            }
        }
        for (key, member) in object {
            let at = join(at, key);
            let lowered = match key.as_str() {
                "$ref" => continue,
                "parameters" => self.list(member, &at, Kind::Parameter),
                name if METHODS.contains(&name) => self.node(member, &at, Kind::Operation),
                "summary" | "description" | "servers" => member.clone(),
                _ if key.starts_with("x-") => member.clone(),
                _ => {
                    self.note(&at, format!("{key} is unknown, removed"));
                    continue;
                }
            };
            target.insert(key.clone(), lowered);
        }
        Value::Object(target)
    }

    fn components(&mut self, value: &Value, at: &str) -> Value {
        let mut components = Map::new();
        for (section, members) in value.as_object().into_iter().flatten() {
            let at = join(at, section);
            let kind = match section.as_str() {
                "schemas" => Kind::Schema,
                "responses" => Kind::Response,
                "parameters" | "headers" => Kind::Parameter,
                "requestBodies" => Kind::RequestBody,
                "securitySchemes" => Kind::SecurityScheme,
                "links" => Kind::Plain,
                _ => {
                    self.note(&at, format!("components.{section}, removed"));
                    continue;
                }
            };
            let mut lowered = self.map(members, &at, kind);
            if kind == Kind::SecurityScheme
                && let Some(schemes) = lowered.as_object_mut()
            {
                schemes
                    .retain(|_, scheme| scheme.get("type").is_none_or(|kind| kind != "mutualTLS"));
            }
            components.insert(section.clone(), lowered);
        }
        Value::Object(components)
    }

    /// Requirements without those for certificates, which 3.0 has no word for and HTTP does not carry.
    fn security(&mut self, value: &Value, at: &str) -> Value {
        let schemes = self.source.pointer("/components/securitySchemes");
        let kind = |name: &str| schemes?.get(name)?.get("type")?.as_str();
        let mut noted = false;
        let requirements = value.as_array().into_iter().flatten().map(|requirement| {
            let members = requirement.as_object().into_iter().flatten();
            let kept = members.filter_map(|(name, scopes)| match kind(name) {
                Some("mutualTLS") => {
                    noted = true;
                    None
                }
                Some("oauth2" | "openIdConnect") | None => Some((name.clone(), scopes.clone())),
                Some(_) => Some((name.clone(), json!([]))),
            });
            Value::Object(kept.collect())
        });
        let requirements: Vec<Value> = requirements.collect();
        if noted {
            self.note(at, "mutualTLS is below HTTP, removed");
        }
        Value::Array(requirements)
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

    /// Lowers one node; a member's kind follows from its parent's.
    fn node(&mut self, value: &Value, at: &str, kind: Kind) -> Value {
        match kind {
            Kind::Schema => return self.schema(value, at),
            Kind::Plain => return value.clone(),
            _ => {}
        }
        let Some(object) = value.as_object() else {
            return value.clone();
        };
        if let (Some(section), Some(reference)) =
            (kind.section(at), object.get("$ref").and_then(Value::as_str))
        {
            return match self.object_reference(object, reference, section, at) {
                Ok(lowered) => lowered,
                Err(pointer) => self.written_out(&pointer, at, kind),
            };
        }
        let mut target = Map::new();
        for (key, member) in object {
            let at = join(at, key);
            if let Some(lowered) = self.member(kind, key, member, &at) {
                target.insert(key.clone(), lowered);
            }
        }
        match kind {
            Kind::Operation if !has_members(target.get("responses")) => {
                self.note(at, "no responses are described, an undescribed one added");
                target.insert(
                    "responses".to_owned(),
                    json!({"default": {"description": ""}}),
                );
            }
            Kind::Response => {
                target.entry("description").or_insert_with(|| json!(""));
            }
            Kind::Info => {
                target.entry("title").or_insert_with(|| json!(""));
                target.entry("version").or_insert_with(|| json!(""));
            }
            _ => {}
        }
        Value::Object(target)
    }

    /// What a reference to something other than a component stands for.
    fn written_out(&mut self, pointer: &str, at: &str, kind: Kind) -> Value {
        let Some(found) = self.source.pointer(pointer) else {
            return json!({});
        };
        if found.get("$ref").is_some() {
            self.obstacle(
                at,
                "a reference leads to another one, and neither names a component",
                "name a component",
            );
            return json!({});
        }
        if self.written_out > MAX_WRITTEN_OUT {
            self.obstacle(
                at,
                "references that name no components lead in a circle",
                "name components",
            );
            return json!({});
        }
        self.note(at, format!("what is at {pointer} is written out"));
        if !self.afford(found, at) {
            return json!({});
        }
        self.written_out += 1;
        let lowered = self.node(found, pointer, kind);
        self.written_out -= 1;
        lowered
    }

    fn member(&mut self, kind: Kind, key: &str, member: &Value, at: &str) -> Option<Value> {
        if key.starts_with("x-") {
            return Some(member.clone());
        }
        Some(match (kind, key) {
            (Kind::Info, "summary") => {
                self.note(at, "info.summary, removed");
                return None;
            }
            (Kind::Info, "license") => {
                let mut license = member.clone();
                if license
                    .as_object_mut()
                    .is_some_and(|license| license.remove("identifier").is_some())
                {
                    self.note(at, "license.identifier, removed");
                }
                license
            }
            (Kind::Operation, "parameters") => self.list(member, at, Kind::Parameter),
            (Kind::Operation, "requestBody") => self.node(member, at, Kind::RequestBody),
            (Kind::Operation, "responses") => self.map(member, at, Kind::Response),
            (Kind::Operation, "security") => self.security(member, at),
            (Kind::Operation, "callbacks") => {
                self.note(at, "callbacks are calls to the client, removed");
                return None;
            }
            (Kind::Parameter | Kind::MediaType, "schema") => self.schema(member, at),
            (Kind::Parameter | Kind::RequestBody | Kind::Response, "content") => {
                self.map(member, at, Kind::MediaType)
            }
            (Kind::Response | Kind::Encoding, "headers") => self.map(member, at, Kind::Parameter),
            (Kind::MediaType, "encoding") => self.map(member, at, Kind::Encoding),
            (Kind::Parameter | Kind::MediaType, "example" | "examples") => {
                self.note(at, format!("{key}, removed"));
                return None;
            }
            _ => member.clone(),
        })
    }
}

fn has_members(value: Option<&Value>) -> bool {
    value
        .and_then(Value::as_object)
        .is_some_and(|members| !members.is_empty())
}
