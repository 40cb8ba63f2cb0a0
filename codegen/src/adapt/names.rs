//! Names: each type has one of its own, and what is written in place gets one too.
//!
//! typify names a type in place after where it stands, and takes it for any other type of that name.

use std::collections::BTreeMap;

use heck::ToPascalCase;
use serde_json::{Map, Value, json};

use super::scalars::component;
use super::{is_null, kind, note, or_null};
use crate::Note;
use crate::operations::METHODS;
use crate::pointer::join;
use crate::unique::Unique;
use crate::walk::each_schema;

/// Names that generated code uses for something else.
const TAKEN: [&str; 11] = [
    "Box", "Default", "Err", "None", "Ok", "Option", "Result", "Self", "Some", "String", "Vec",
];

pub(super) fn settle(document: &mut Value, notes: &mut Vec<Note>) {
    let mut names = Names {
        taken: Unique::without(TAKEN.map(str::to_owned)),
        new: Map::new(),
    };
    rename(document, &mut names, notes);

    let schemas = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
        .map(std::mem::take);
    let mut schemas = schemas.unwrap_or_default();
    for (name, schema) in &mut schemas {
        names.inside(schema, name);
    }
    for (_, item) in document
        .get_mut("paths")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                names.operation(operation);
            }
        }
    }
    schemas.append(&mut names.new);
    document["components"] = json!({"schemas": schemas});
}

/// Components whose names would be one in Rust, or another's, or no reference's end.
fn rename(document: &mut Value, names: &mut Names, notes: &mut Vec<Note>) {
    let schemas = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
        .map(std::mem::take);
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    let mut kept = Map::new();
    for (name, schema) in schemas.unwrap_or_default() {
        let simple = name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        let new = if simple && names.taken.try_take(type_name(&name)) {
            name.clone()
        } else {
            names.free(&name)
        };
        if new != name {
            note(
                notes,
                &join("/components/schemas", &name),
                format!("is called {new} in Rust"),
            );
            renamed.insert(name, new.clone());
        }
        kept.insert(new, schema);
    }
    document["components"] = json!({"schemas": kept});
    each_schema(document, &mut |schema, _| {
        let target = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(component);
        if let Some(new) = target.and_then(|name| renamed.get(&name)) {
            *schema = json!({"$ref": format!("#/components/schemas/{new}")});
        }
    });
}

/// The type that typify makes of a name.
pub(crate) fn type_name(name: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let name = name
        .replace('\'', "")
        .replace(|c| !word(c), "-")
        .to_pascal_case();
    if name.starts_with(|c: char| c.is_alphabetic()) {
        name
    } else {
        format!("X{name}")
    }
}

struct Names {
    taken: Unique,
    new: Map<String, Value>,
}

impl Names {
    fn free(&mut self, hint: &str) -> String {
        self.taken.take(&type_name(hint), "", type_name)
    }

    fn operation(&mut self, operation: &mut Value) {
        let id = operation
            .get("operationId")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let name = parameter
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let hint = format!("{id}-{name}");
            if let Some(schema) = parameter.get_mut("schema") {
                self.place(schema, &hint);
            }
        }
        for (key, suffix) in [("requestBody", "Body"), ("responses", "Response")] {
            let Some(holder) = operation.get_mut(key) else {
                continue;
            };
            let answers = if key == "responses" {
                holder.as_object_mut()
            } else {
                None
            };
            match answers {
                Some(answers) => {
                    // Answers of one type have one name.
                    let mut named: Vec<(Value, Value)> = Vec::new();
                    for (_, answer) in answers {
                        for schema in media_schemas(answer) {
                            let before = schema.clone();
                            match named.iter().find(|(written, _)| *written == before) {
                                Some((_, placed)) => *schema = placed.clone(),
                                None => {
                                    self.place(schema, &format!("{id}-{suffix}"));
                                    named.push((before, schema.clone()));
                                }
                            }
                        }
                    }
                }
                None => {
                    if let Some(holder) = operation.get_mut(key) {
                        for schema in media_schemas(holder) {
                            if kind(schema) != Some("string") {
                                self.place(schema, &format!("{id}-{suffix}"));
                            }
                        }
                    }
                }
            }
        }
    }

    /// A schema where a type is needed: one that is a type of its own becomes a component.
    fn place(&mut self, schema: &mut Value, hint: &str) {
        if !needs_name(schema) {
            self.inside(schema, hint);
            return;
        }
        let name = self.free(hint);
        let mut own = schema.take();
        self.inside(&mut own, &name);
        let object = own.as_object_mut();
        let nullable = object.and_then(|object| object.remove("nullable")) == Some(json!(true));
        let description = own.get("description").cloned();
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        self.new.insert(name, own);
        *schema = match (nullable, description) {
            (false, None) => reference,
            (true, None) => or_null(reference),
            (false, Some(description)) => json!({"allOf": [reference], "description": description}),
            (true, Some(description)) => {
                let mut placed = or_null(reference);
                placed["description"] = description;
                placed
            }
        };
    }

    /// The parts of a schema that has its name.
    fn inside(&mut self, schema: &mut Value, name: &str) {
        let documented = is_documented_enum(schema);
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        for (property, inner) in object
            .get_mut("properties")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten()
        {
            self.place(inner, &format!("{name}-{property}"));
        }
        if let Some(items) = object.get_mut("items") {
            self.place(items, &format!("{name}-item"));
        }
        if let Some(additional) = object.get_mut("additionalProperties") {
            self.place(additional, &format!("{name}-value"));
        }
        for member in object
            .get_mut("allOf")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            self.inside(member, name);
        }
        let members = object
            .get_mut("oneOf")
            .and_then(Value::as_array_mut)
            .filter(|_| !documented);
        let Some(members) = members else { return };
        let single = members.iter().filter(|member| !is_null(member)).count() == 1;
        for (index, member) in members.iter_mut().enumerate() {
            let hint = if single {
                name.to_owned()
            } else {
                format!("{name}-variant-{index}")
            };
            self.place(member, &hint);
        }
    }
}

fn media_schemas(holder: &mut Value) -> impl Iterator<Item = &mut Value> {
    let content = holder.get_mut("content").and_then(Value::as_object_mut);
    content
        .into_iter()
        .flatten()
        .filter_map(|(_, media)| media.get_mut("schema"))
}

/// Whether typify would make a type with a name of its own of a schema.
fn needs_name(schema: &Value) -> bool {
    let Some(object) = schema.as_object() else {
        return false;
    };
    let filled = |key: &str| {
        object
            .get(key)
            .and_then(Value::as_object)
            .is_some_and(|members| !members.is_empty())
    };
    let several = |key: &str, least: usize| {
        let members = object.get(key).and_then(Value::as_array);
        members.is_some_and(|members| {
            members.iter().filter(|member| !is_null(member)).count() >= least
        })
    };
    let strings = kind(schema) == Some("string") && object.contains_key("enum");
    let closed =
        kind(schema) == Some("object") && object.get("additionalProperties") == Some(&json!(false));
    filled("properties")
        || strings
        || closed
        || several("oneOf", 2)
        || several("allOf", 2)
        || several("allOf", 1)
            && object
                .keys()
                .any(|key| !matches!(key.as_str(), "allOf" | "description"))
}

fn is_documented_enum(schema: &Value) -> bool {
    let members = schema.get("oneOf").and_then(Value::as_array);
    members.is_some_and(|members| {
        members
            .iter()
            .all(|member| kind(member) == Some("string") && member.get("enum").is_some())
    })
}
