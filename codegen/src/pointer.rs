//! JSON pointers, as places in messages.

/// The pointer `base` with one more reference token.
pub(crate) fn join(base: &str, token: &str) -> String {
    format!("{base}/{}", token.replace('~', "~0").replace('/', "~1"))
}
