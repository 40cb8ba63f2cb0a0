//! The rules of agents that take a mask.

use crate::validate::{Row, Rule, exactly_one, png_base64, public_url, same_size, unused};

pub(super) const ROWS: &[Row] = &[
    exactly_one(Rule::MaskSource, "customMask", "customMaskUrl").when("maskType", &["custom"]),
    unused(Rule::MaskUnused, "customMask").unless("maskType", &["custom"]),
    unused(Rule::MaskUnused, "customMaskUrl").unless("maskType", &["custom"]),
    png_base64(Rule::MaskEncoding, "customMask"),
    same_size(Rule::MaskSize, "customMask"),
    public_url(Rule::PublicUrl, "customMaskUrl"),
];
