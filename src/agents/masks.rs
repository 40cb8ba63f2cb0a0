//! The rules of agents that take a mask.

use crate::validate::{Row, Rule, exactly_one, none_of, png_base64, public_url, same_size};

pub(super) const ROWS: &[Row] = &[
    exactly_one(Rule::MaskSource, "customMask", "customMaskUrl").when("maskType", &["custom"]),
    none_of(Rule::MaskUnused, &["customMask", "customMaskUrl"]).unless("maskType", &["custom"]),
    png_base64(Rule::MaskEncoding, "customMask"),
    same_size(Rule::MaskSize, "customMask"),
    public_url(Rule::PublicUrl, "customMaskUrl"),
];
