//! The table as Rust source.

use std::fmt::Write as _;

use super::{Facts, Field, Kind};

impl Facts {
    /// A Rust expression, made of struct literals and borrowed constants only, for a `static` of a
    /// type of the reader's own: `Facts { schemas: &[Schema { name, closed, fields }] }`, with
    /// `Field { name, required, nullable, kind }` and `Kind` as this module's one, its texts being
    /// `Kind::String { values, min_length, max_length }`.
    pub fn source(&self) -> String {
        let mut out = String::from("Facts { schemas: &[\n");
        for object in &self.objects {
            out += &format!(
                "    Schema {{ name: {:?}, closed: {}, fields: &[\n",
                object.name, object.closed
            );
            for Field {
                name,
                required,
                nullable,
                kind,
            } in &object.fields
            {
                let kind = kind_source(kind);
                let _ = writeln!(
                    out,
                    "        Field {{ name: {name:?}, required: {required}, nullable: {nullable}, kind: {kind} }},"
                );
            }
            out += "    ] },\n";
        }
        out + "] }\n"
    }
}

fn kind_source(kind: &Kind) -> String {
    match kind {
        // A field that only `null` satisfies: the document contradicts itself, so nothing is held to it.
        Kind::Any | Kind::Nothing => "Kind::Any".to_owned(),
        Kind::Boolean => "Kind::Boolean".to_owned(),
        Kind::Array => "Kind::Array".to_owned(),
        Kind::Integer { min, max } => format!("Kind::Integer {{ min: {min:?}, max: {max:?} }}"),
        Kind::Number { min, max } => format!("Kind::Number {{ min: {min:?}, max: {max:?} }}"),
        Kind::Object { schema } => format!("Kind::Object {{ schema: {schema:?} }}"),
        Kind::String(text) => format!(
            "Kind::String {{ values: &{:?}, min_length: {:?}, max_length: {:?} }}",
            text.values, text.min_length, text.max_length
        ),
    }
}
