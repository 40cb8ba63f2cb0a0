//! The vocabulary that rules between fields are written in.
//!
//! An agent's rules are a table of [`Row`]s, each a rule, the fields that it reads and, where it
//! holds for some values of another field only, that condition. Everything else (what counts as
//! given, which values exist, the words of a message) is the same for all of them and lives in
//! `evaluate`.

use super::rule::Rule;

pub(crate) type Names = &'static [&'static str];

/// One line of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(super) rule: Rule,
    pub(super) check: Check,
    pub(super) condition: Condition,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Check {
    AnyOf(Names),
    ExactlyOne(&'static str, &'static str),
    Needed(&'static str),
    NotBlank(&'static str),
    Unused(&'static str),
    PngBase64(&'static str),
    SameSize(&'static str),
    HexColour(&'static str),
    PublicUrl(&'static str),
    Figure {
        text: &'static str,
        number: char,
        image: &'static str,
    },
    Fits {
        offset: &'static str,
        canvas: &'static str,
        side: Side,
    },
}

impl Check {
    /// The fields of `params` that it reads.
    pub(super) fn reads(&self) -> impl Iterator<Item = &'static str> {
        let (many, one, other): (Names, _, _) = match *self {
            Self::AnyOf(fields) => (fields, None, None),
            Self::ExactlyOne(one, other) => (&[], Some(one), Some(other)),
            Self::Fits { offset, canvas, .. } => (&[], Some(offset), Some(canvas)),
            Self::Needed(field)
            | Self::NotBlank(field)
            | Self::Unused(field)
            | Self::PngBase64(field)
            | Self::SameSize(field)
            | Self::HexColour(field)
            | Self::PublicUrl(field)
            | Self::Figure { text: field, .. } => (&[], Some(field), None),
        };
        many.iter().copied().chain(one).chain(other)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Condition {
    Always,
    When(&'static str, Names),
    Unless(&'static str, Names),
}

/// A side of an image.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Width,
    Height,
}

impl Row {
    const fn new(rule: Rule, check: Check) -> Self {
        Self {
            rule,
            check,
            condition: Condition::Always,
        }
    }

    /// The row holds if the field has one of these values.
    pub(crate) const fn when(self, field: &'static str, values: Names) -> Self {
        Self {
            condition: Condition::When(field, values),
            ..self
        }
    }

    /// The row holds if the field has none of these values.
    pub(crate) const fn unless(self, field: &'static str, values: Names) -> Self {
        Self {
            condition: Condition::Unless(field, values),
            ..self
        }
    }
}

/// At least one of the fields is given.
pub(crate) const fn any_of(rule: Rule, fields: Names) -> Row {
    Row::new(rule, Check::AnyOf(fields))
}

/// One of the two fields is given, and only one.
pub(crate) const fn exactly_one(rule: Rule, one: &'static str, other: &'static str) -> Row {
    Row::new(rule, Check::ExactlyOne(one, other))
}

/// The field is given.
pub(crate) const fn needed(rule: Rule, field: &'static str) -> Row {
    Row::new(rule, Check::Needed(field))
}

/// The field, if it is there, says something.
pub(crate) const fn not_blank(rule: Rule, field: &'static str) -> Row {
    Row::new(rule, Check::NotBlank(field))
}

/// The field is not given.
pub(crate) const fn unused(rule: Rule, field: &'static str) -> Row {
    Row::new(rule, Check::Unused(field))
}

/// The field holds a PNG in base64.
pub(crate) const fn png_base64(rule: Rule, field: &'static str) -> Row {
    Row::new(rule, Check::PngBase64(field))
}

/// The PNG in the field has the original image's dimensions, where both are known.
pub(crate) const fn same_size(rule: Rule, field: &'static str) -> Row {
    Row::new(rule, Check::SameSize(field))
}

/// The field holds `#` and six hexadecimal digits.
pub(crate) const fn hex_colour(rule: Rule, field: &'static str) -> Row {
    Row::new(rule, Check::HexColour(field))
}

/// The field holds a URL that the service can reach. `input` and `callbackUrl` are held to it without
/// a row, for every agent.
pub(crate) const fn public_url(rule: Rule, field: &'static str) -> Row {
    Row::new(rule, Check::PublicUrl(field))
}

/// If the text names the figure, the input has the image.
pub(crate) const fn figure(
    rule: Rule,
    text: &'static str,
    number: char,
    image: &'static str,
) -> Row {
    Row::new(
        rule,
        Check::Figure {
            text,
            number,
            image,
        },
    )
}

/// The image's side and its offset, 0 if not given, do not exceed the canvas, where the image's size is
/// known.
pub(crate) const fn fits(
    rule: Rule,
    offset: &'static str,
    canvas: &'static str,
    side: Side,
) -> Row {
    Row::new(
        rule,
        Check::Fits {
            offset,
            canvas,
            side,
        },
    )
}
