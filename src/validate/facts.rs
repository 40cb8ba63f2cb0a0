//! What the API's document states about single fields: the table that the build derives from
//! `openapi.yaml`, so that no range, maximum or enumeration is written a second time.
//!
//! ```
//! use weshop::validate::facts::{Facts, Kind};
//!
//! let params = Facts::vendored().schema("AiposeParams").expect("the document describes it");
//! assert!(params.closed);
//! let text = params.field("textDescription").expect("the schema lists it");
//! assert!(text.required && matches!(text.kind, Kind::String { .. }));
//! ```

/// The objects of a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts<'a> {
    /// The component schemas that describe objects, ordered by name.
    pub schemas: &'a [Schema<'a>],
}

/// An object of the document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schema<'a> {
    /// The component's name.
    pub name: &'a str,
    /// Whether fields that are not listed are refused.
    pub closed: bool,
    /// The fields, ordered by name.
    pub fields: &'a [Field<'a>],
}

/// A field of a [`Schema`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field<'a> {
    /// Its name on the wire.
    pub name: &'a str,
    /// Whether it must be there.
    pub required: bool,
    /// Whether `null` is a value of it.
    pub nullable: bool,
    /// What else its value must be.
    pub kind: Kind<'a>,
}

/// What the value of a [`Field`] must be, apart from `null`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind<'a> {
    /// Anything.
    Any,
    /// `true` or `false`.
    Boolean,
    /// A whole number; `4.0` is one, as in JSON Schema.
    Integer {
        /// The least value.
        min: Option<i64>,
        /// The greatest value.
        max: Option<i64>,
    },
    /// A number.
    Number {
        /// The least value.
        min: Option<f64>,
        /// The greatest value.
        max: Option<f64>,
    },
    /// A text.
    String {
        /// The values that it may have; none means any.
        values: &'a [&'a str],
        /// Its least length in characters.
        min_length: Option<u64>,
        /// Its greatest length in characters.
        max_length: Option<u64>,
    },
    /// A list; its items are not looked at.
    Array,
    /// An object.
    Object {
        /// The schema that describes it, where there is one.
        schema: Option<&'a str>,
    },
}

static VENDORED: Facts<'static> = include!(concat!(env!("OUT_DIR"), "/facts.rs"));

impl Facts<'static> {
    /// The facts of the document that this crate was built from.
    pub fn vendored() -> &'static Self {
        &VENDORED
    }
}

impl<'a> Facts<'a> {
    /// The schema of this name.
    pub fn schema(&self, name: &str) -> Option<&'a Schema<'a>> {
        let found = self
            .schemas
            .binary_search_by(|schema| schema.name.cmp(name));
        found.ok().and_then(|index| self.schemas.get(index))
    }
}

impl<'a> Schema<'a> {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'a Field<'a>> {
        let found = self.fields.binary_search_by(|field| field.name.cmp(name));
        found.ok().and_then(|index| self.fields.get(index))
    }

    /// The values that a field may have; none where the document does not list them.
    pub(super) fn values(&self, field: &str) -> &'a [&'a str] {
        match self.field(field).map(|field| field.kind) {
            Some(Kind::String { values, .. }) => values,
            _ => &[],
        }
    }

    /// The field that was meant: the same letters, in whatever case and with or without `_` and `-`.
    pub(crate) fn meant(&self, name: &str) -> Option<&'a str> {
        let letters = |name: &str| -> String {
            let kept = name.chars().filter(|c| !matches!(c, '_' | '-'));
            kept.map(|c| c.to_ascii_lowercase()).collect()
        };
        let wanted = letters(name);
        self.fields
            .iter()
            .map(|field| field.name)
            .find(|field| letters(field) == wanted)
    }
}
