//! Needs of operations: of the generated methods, and of requests that are built by hand.

use heck::ToSnakeCase;
use serde_json::Value;

use super::schemas::{Schemas, required, shape};
use super::table::{Row, Table};
use super::{GONE, Verdict, answers};
use crate::adapt::{Adapted, resolved};
use crate::{LeftOut, Operation};

pub(super) struct Calls<'a> {
    pub(super) operations: Vec<Operation>,
    pub(super) lowered: &'a Value,
    pub(super) adapted: &'a Adapted,
    pub(super) schemas: &'a Schemas<'a>,
    pub(super) table: &'a Table<'a>,
}

/// An operation as the client has it, or else as the document declares it.
struct Call<'a> {
    node: &'a Value,
    generated: bool,
}

impl Calls<'_> {
    pub(super) fn verdict(&self, row: &Row<'_>) -> Verdict {
        let (owner, member) = row.split();
        let mut operations = self.operations.iter();
        let Some(operation) = operations.find(|operation| operation.operation_id == owner) else {
            // One line for an operation that is gone, not one for each thing that belongs to it.
            let told = row.kind != "operation" && self.table.lists("operation", owner);
            return (!told).then(|| GONE.to_owned());
        };
        // What is called by hand is not what the generator would make of it.
        let by_hand = !self.table.lists("method", owner);
        let generated = at(&self.adapted.document, operation)
            .filter(|built| !by_hand && built["operationId"] == operation.operation_id.as_str());
        let call = Call {
            node: generated.or_else(|| at(self.lowered, operation))?,
            generated: generated.is_some(),
        };
        match row.kind {
            "operation" => self.operation(row, operation),
            "method" if call.generated => self.method(row, &call),
            "method" => Some(self.reason(operation)),
            "body" | "parameter" if !by_hand && !call.generated => None,
            "body" => self.body(row, &call),
            "parameter" => self.parameter(row, &call, member),
            "part" => self.part(row, &call, member),
            _ => self.answer(row, at(self.lowered, operation)?),
        }
    }

    fn operation(&self, row: &Row<'_>, operation: &Operation) -> Verdict {
        let name = row.name.to_snake_case();
        let first = self
            .operations
            .iter()
            .find(|other| other.operation_id.to_snake_case() == name)?;
        if first == operation {
            row.compare(&format!("{} {}", operation.method, operation.path))
        } else {
            let first = &first.operation_id;
            Some(format!(
                "has another name in Rust, since {first} comes first"
            ))
        }
    }

    fn method(&self, row: &Row<'_>, call: &Call<'_>) -> Verdict {
        let set = |parameter: &Value| {
            let mut names = self.table.members("parameter", row.name);
            names.any(|name| is_called(parameter, name))
        };
        let mut parameters = parameters(call.node).filter(|parameter| is_required(parameter));
        let new = parameters.find_map(|parameter| {
            let name = parameter.get("name")?.as_str()?;
            (!set(parameter)).then(|| format!("{} parameter {name}", place(parameter)))
        });
        let body = call.node.get("requestBody");
        let body = body.filter(|_| !self.table.lists("body", row.name));
        let new = new.or_else(|| body.map(|_| "body".to_owned()))?;
        Some(format!("requires a {new}, which nothing in the table sets"))
    }

    fn reason(&self, operation: &Operation) -> String {
        let same = |left: &&LeftOut| left.method == operation.method && left.path == operation.path;
        match self.adapted.left_out.iter().find(same) {
            Some(left) => format!("is not generated: {}", left.reason),
            None => "is generated under another name".to_owned(),
        }
    }

    fn body(&self, row: &Row<'_>, call: &Call<'_>) -> Verdict {
        let wanted = row.shape.split(' ').next().unwrap_or_default();
        let mut bodies = self.bodies(call);
        let Some((name, media)) = bodies
            .iter()
            .position(|(name, _)| name == wanted)
            .or(bodies.len().checked_sub(1))
            .map(|index| bodies.swap_remove(index))
        else {
            return Some(GONE.to_owned());
        };
        let parts = self.parts(media).into_iter().flat_map(required);
        let new = parts
            .filter(|_| !call.generated)
            .find(|part| !self.table.lists_member("part", row.name, part));
        if let Some(new) = new {
            return Some(format!(
                "requires the part {new}, which nothing in the table sets"
            ));
        }
        let (kind, _) = media.get("schema").map(shape).unwrap_or_default();
        let of = row.shape.split_once(' ').map(|(_, kind)| kind);
        match of {
            Some(of) if self.schemas.is_told(of) => None,
            Some(_) => row.compare(&format!("{name} {kind}")),
            None => row.compare(&name),
        }
    }

    fn part(&self, row: &Row<'_>, call: &Call<'_>, member: &str) -> Verdict {
        let bodies = self.bodies(call);
        let mut forms = bodies.iter().filter_map(|(_, media)| self.parts(media));
        let found = forms.find_map(|form| Some((form, form.get("properties")?.get(member)?)));
        match found {
            // One line for a body that is gone, not one for each part of it.
            None if bodies.is_empty() && self.table.lists("body", row.split().0) => None,
            None => Some(GONE.to_owned()),
            Some((form, part)) => {
                let must = required(form).any(|name| name == member);
                left_out_at_times(row, shape(part).0, must)
            }
        }
    }

    fn parameter(&self, row: &Row<'_>, call: &Call<'_>, member: &str) -> Verdict {
        let wanted = row.shape.split(' ').next().unwrap_or_default();
        let mut found: Vec<&Value> = parameters(call.node)
            .filter_map(|parameter| resolved(self.lowered, parameter))
            .filter(|parameter| is_called(parameter, member))
            .collect();
        found.sort_by_key(|parameter| place(parameter) != wanted);
        let Some(parameter) = found.first() else {
            return Some(GONE.to_owned());
        };
        let (kind, _) = shape(&parameter["schema"]);
        let of = row.shape.split_once(' ').map_or("", |(_, kind)| kind);
        if self.schemas.is_told(of) {
            return None;
        }
        let found = format!("{} {kind}", place(parameter));
        left_out_at_times(row, found, is_required(parameter))
    }

    fn answer(&self, row: &Row<'_>, operation: &Value) -> Verdict {
        let (owner, member) = row.split();
        let found = |path: &str| answers::field(self.lowered, operation, path);
        if let Some(found) = member.split(" or ").find_map(found) {
            return row.compare(&found);
        }
        // One line for a field that is gone, not one for each field in it.
        let ends = member.match_indices('.').map(|(end, _)| &member[..end]);
        let told = ends
            .filter(|outer| self.table.lists_member("answer", owner, outer))
            .any(|outer| found(outer).is_none());
        (!told).then(|| GONE.to_owned())
    }

    /// The media types of a request in small letters, each without what follows a `;`.
    fn bodies<'c>(&'c self, call: &Call<'c>) -> Vec<(String, &'c Value)> {
        let body = call.node.get("requestBody");
        let body = body.and_then(|body| resolved(self.lowered, body));
        let content = body.and_then(|body| body.get("content")?.as_object());
        let bodies = content.into_iter().flatten();
        let essence = |name: &str| {
            name.split(';')
                .next()
                .map(|name| name.trim().to_lowercase())
        };
        bodies
            .filter_map(|(name, media)| Some((essence(name)?, media)))
            .collect()
    }

    /// The schema of a form.
    fn parts<'c>(&'c self, media: &'c Value) -> Option<&'c Value> {
        resolved(self.lowered, media.get("schema")?)
    }
}

/// `?` is for what the code leaves out at times: what it always sends may be required or not.
fn left_out_at_times(row: &Row<'_>, found: String, must: bool) -> Verdict {
    let optional = row.shape.ends_with('?');
    let found = if optional && !must {
        format!("{found}?")
    } else {
        found
    };
    row.compare(&found)
}

pub(super) fn at<'a>(document: &'a Value, operation: &Operation) -> Option<&'a Value> {
    let item = document.get("paths")?.get(&operation.path)?;
    item.get(operation.method.to_lowercase())
}

fn parameters(operation: &Value) -> impl Iterator<Item = &Value> {
    let list = operation.get("parameters").and_then(Value::as_array);
    list.into_iter().flatten()
}

/// Headers have no case on the wire; in Rust the letters that begin a word have.
fn is_called(parameter: &Value, wanted: &str) -> bool {
    let name = parameter.get("name").and_then(Value::as_str);
    let header = place(parameter) == "header";
    name.is_some_and(|name| {
        let alike = header && name.eq_ignore_ascii_case(wanted);
        name == wanted || alike && name.to_snake_case() == wanted.to_snake_case()
    })
}

fn is_required(parameter: &Value) -> bool {
    parameter.get("required") == Some(&Value::Bool(true))
}

fn place(parameter: &Value) -> &str {
    let place = parameter.get("in").and_then(Value::as_str);
    place.unwrap_or_default()
}
