//! 3.0.3 to Rust source.

use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle};

use crate::adapt::{Adapted, adapt};
use crate::{Error, Lowered, Note, operations};

const NO_EXTRA: &str = "extra: Err(\"no value supplied for extra\".to_string()),";

/// How the client is to be generated.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// Path of a type that the client carries and hands to its `ClientHooks`, which must then be
    /// implemented for the client. Without one the client has no hooks of yours.
    pub inner_type: Option<String>,
}

impl Options {
    /// A client that carries a value of the type `path` for its hooks.
    pub fn with_inner_type(mut self, path: impl Into<String>) -> Self {
        self.inner_type = Some(path.into());
        self
    }
}

/// The generated client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Generated {
    /// Rust source of a module, formatted.
    pub source: String,
    /// The operations that the client does not have.
    pub left_out: Vec<LeftOut>,
    /// What was reshaped to suit the generator.
    pub notes: Vec<Note>,
}

/// An operation that cannot be generated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The operation's id.
    pub operation_id: String,
    /// The method in capitals.
    pub method: String,
    /// The path with its `{placeholders}`.
    pub path: String,
    /// Why it was left out.
    pub reason: String,
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} ({} {}): {}",
            self.operation_id, self.method, self.path, self.reason
        )
    }
}

/// Generates a client from a lowered document.
///
/// # Errors
/// [`Error::Ungeneratable`] if nothing can be generated; an operation that alone stands in the way is
/// left out and named instead.
pub fn generate(lowered: &Lowered, options: &Options) -> Result<Generated, Error> {
    let refused = |why: String| Error::Ungeneratable(why);
    let Adapted {
        document,
        left_out,
        notes,
    } = adapt(lowered.value());
    let spec = serde_json::from_value(document).map_err(|error| refused(error.to_string()))?;

    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_tag(TagStyle::Merged);
    if let Some(path) = &options.inner_type {
        let path = path
            .parse()
            .map_err(|error| refused(format!("the inner type {path:?} is no path: {error}")))?;
        settings
            .with_inner_type(path)
            .with_hooks(HooksMode::Expected);
    }
    let tokens = Generator::new(&settings)
        .generate_tokens(&spec)
        .map_err(|error| refused(error.to_string()))?;
    let file = syn::parse2(tokens).map_err(|error| refused(error.to_string()))?;
    let mut source = prettyplease::unparse(&file);
    // Without unknown fields a struct has none, so its builder need not be told of them.
    source = source.replace(NO_EXTRA, "extra: Ok(Default::default()),");
    // A fragment, not a program: rustdoc would list it as a test that is never run.
    source = source.replace("```ignore", "```text");
    source.push_str(&operations_module(lowered));
    Ok(Generated {
        source,
        left_out,
        notes,
    })
}

/// A table of every operation, those that were left out included.
fn operations_module(lowered: &Lowered) -> String {
    let mut source = String::from(
        "
/// Every operation of the document, those without a generated method included.
pub mod operations {
    /// Where an operation is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Operation {
        /// The document's `operationId`.
        pub id: &'static str,
        /// The method in capitals.
        pub method: &'static str,
        /// The path with its `{placeholders}`.
        pub path: &'static str,
    }
",
    );
    for operation in operations(lowered.value()) {
        let (id, method, path) = (&operation.operation_id, &operation.method, &operation.path);
        let name = constant_name(id);
        source.push_str(&format!(
            "
    /// `{method} {path}`
    pub const {name}: Operation = Operation {{ id: {id:?}, method: {method:?}, path: {path:?} }};
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
        if !c.is_ascii_alphanumeric() {
            name.push('_');
        } else {
            if c.is_ascii_uppercase() && after_lower {
                name.push('_');
            }
            name.push(c.to_ascii_uppercase());
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}
