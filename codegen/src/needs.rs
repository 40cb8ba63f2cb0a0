//! What hand-written code needs from the document, so that a missing thing is one line and not a page.
//!
//! A table has one need a line, four columns parted by `|`; blank lines and lines that begin with `#`
//! say nothing:
//!
//! ```text
//! server    | https://photos.example |              | src/client.rs, BASE
//! security  | X-Key               | apiKey header          | src/client.rs, send
//! operation | addPhoto            | POST /photos           | src/photo.rs, ADD_PHOTO
//! method    | addPhoto            |                        | src/photo.rs, add
//! body      | addPhoto            | application/json Photo | src/photo.rs, add
//! parameter | addPhoto.X-Trace    | header string?         | src/photo.rs, add
//! part      | upload.image        | string                 | src/upload.rs, upload
//! answer    | addPhoto.data.id    | string                 | src/photo.rs, add
//! schema    | Photo               | built                  | src/photo.rs, add
//! property  | Photo.width         | integer?               | src/photo.rs, rule range
//! property  | Photo.*             | any                    | src/photo.rs, add
//! value     | Size.large          | Large                  | src/photo.rs, add
//! ```
//!
//! The third column is a shape; an empty one takes any. It is
//!
//! - of a `server`, where all operations of the table are, nothing;
//! - of a `security` scheme, which alone opens each of them, its type, and of an `apiKey` its place too;
//! - of an `operation`, which need only be declared, its method and path;
//! - of a `method`, which the generated client must have under the operation's own name, nothing. What
//!   it requires must have rows: nothing else is set;
//! - of a `body`, its media type and the name of its schema. An operation that is called by hand may take
//!   a form, and each `part` of it is a row;
//! - of a `parameter`, its place and type, and of a `part` its type; with `?` if the code leaves it out at
//!   times, so that it must not be required;
//! - of an `answer`, a field of what comes back on success, its type; several places parted by ` or ` are
//!   one need that any of them meets;
//! - of a `schema`, `built` if the code builds one, so that what it requires must have rows, or `values`
//!   if it must be an enumeration;
//! - of a `property`, its JSON type or the name of its schema, with `?` if it may be absent or null. `*`
//!   stands for all properties that the schema does not list;
//! - of a `value`, the name of its variant.

use std::fmt;

use crate::adapt::adapt;
use crate::pointer::join;
use crate::{Document, Generated, lower, operations};

mod access;
mod answers;
mod calls;
mod schemas;
mod table;

use calls::Calls;
use schemas::Schemas;
use table::{Row, Table};

/// Something that is needed and not there, or not as it is needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Missing {
    /// What is needed, as the table names it.
    pub what: String,
    /// The file and item that need it.
    pub needed_by: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; {} needs it", self.what, self.why, self.needed_by)
    }
}

/// What is wrong with something that is needed, if anything is.
type Verdict = Option<String>;

const GONE: &str = "is not in the document";

/// Holds a document against a table of needs.
///
/// What the generator refuses only when it tries is not seen here: see [`Generated::check_needs`].
///
/// # Errors
/// Everything that is missing or has another shape, in the order of the table. A line of the table that
/// cannot be read is reported as missing too.
pub fn check_needs(document: &Document, needs: &str) -> Result<(), Vec<Missing>> {
    // A reference to a schema that is gone is an obstacle too, and not the news.
    let lowered = lower::leniently(document);
    let adapted = adapt(&lowered);
    let table = Table::read(needs);
    let schemas = Schemas::of(&adapted.document, &table);
    let calls = Calls {
        operations: operations(&lowered),
        lowered: &lowered,
        adapted: &adapted,
        schemas: &schemas,
        table: &table,
    };
    let verdict = |row: &Row<'_>| match row.kind {
        "schema" | "property" | "value" => schemas.verdict(row),
        "server" => access::server(&calls, row),
        "security" => access::security(&calls, row),
        _ => calls.verdict(row),
    };
    result(table.unread.clone(), table.rows.iter(), verdict)
}

impl Generated {
    /// Holds what was left out against a table of needs.
    ///
    /// # Errors
    /// Every needed method and schema that the source does not have.
    pub fn check_needs(&self, needs: &str) -> Result<(), Vec<Missing>> {
        let table = Table::read(needs);
        let reason = |row: &Row<'_>| match row.kind {
            "method" => {
                let mut left_out = self.left_out.iter();
                let left = left_out.find(|left| left.operation_id == row.name);
                left.map(|left| left.reason.clone())
            }
            "schema" => {
                let pointer = join("/components/schemas", row.name);
                let note = self.reduced.iter().find(|note| note.pointer == pointer);
                note.map(|note| note.message.clone())
            }
            _ => None,
        };
        result(Vec::new(), table.rows.iter(), |row| {
            Some(format!("is not generated: {}", reason(row)?))
        })
    }
}

fn result<'a>(
    mut missing: Vec<Missing>,
    rows: impl Iterator<Item = &'a Row<'a>>,
    verdict: impl Fn(&Row<'a>) -> Verdict,
) -> Result<(), Vec<Missing>> {
    missing.extend(rows.filter_map(|row| {
        Some(Missing {
            why: plain(&verdict(row)?),
            what: format!("{} {}", row.kind, row.name),
            needed_by: row.needed_by.to_owned(),
        })
    }));
    if missing.is_empty() {
        Ok(())
    } else {
        Err(missing)
    }
}

/// Names of a document may hold anything, a terminal's control sequences included.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_control() {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
