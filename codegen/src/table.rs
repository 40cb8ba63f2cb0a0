//! The table of operations in the generated source.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::unique::Unique;
use crate::{LeftOut, operations};

/// A module with every operation of a lowered document, those that were left out included.
pub(crate) fn module(lowered: &Value, left_out: &[LeftOut]) -> String {
    let mut source = String::from(
        "
/// Every operation of the document, those without a generated method included.
pub mod operations {
    /// Where an operation is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Operation {
        /// The document's `operationId`, or one made from method and path where it has none.
        pub id: &'static str,
        /// The method in capitals.
        pub method: &'static str,
        /// The path with its `{placeholders}`.
        pub path: &'static str,
    }
",
    );
    let places = left_out
        .iter()
        .map(|left| ((left.method.as_str(), left.path.as_str()), left));
    let missing: BTreeMap<_, _> = places.collect();
    let mut names = Unique::default();
    for operation in operations(lowered) {
        let (id, method, path) = (&operation.operation_id, &operation.method, &operation.path);
        let name = names.take(&constant_name(id), "_", str::to_owned);
        let shown = format!("{method} {path}").replace(['`', '\n', '\r'], " ");
        let missing = missing.get(&(method.as_str(), path.as_str()));
        let why = missing.map_or_else(String::new, |left| {
            let reason = left.reason.replace(['\n', '\r'], " ");
            format!("\n    ///\n    /// Without a generated method: {reason}.")
        });
        source.push_str(&format!(
            "
    /// `{shown}`{why}
    pub const {name}: Operation = Operation {{
        id: {id:?},
        method: {method:?},
        path: {path:?},
    }};
"
        ));
    }
    source.push_str("}\n");
    source
}

/// `uploadImage` to `UPLOAD_IMAGE`.
fn constant_name(id: &str) -> String {
    let mut name = String::new();
    let mut after_lower = false;
    for c in id.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && after_lower {
                name.push('_');
            }
            name.push(c.to_ascii_uppercase());
        } else if !name.ends_with('_') {
            name.push('_');
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name
    } else {
        format!("OPERATION_{name}")
    }
}
