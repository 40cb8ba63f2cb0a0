//! Spec tooling. fn main dispatches.
fn main() {}
