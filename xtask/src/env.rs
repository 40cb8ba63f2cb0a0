//! Where the commands find what they work on.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::Failure;
use crate::fetch::Limits;

/// The repository and the world around it, as the commands see them.
#[derive(Debug, Clone)]
pub struct Env {
    /// The root of the repository.
    pub root: PathBuf,
    /// The time to write down when a document is accepted.
    pub now: SystemTime,
    /// What may be fetched.
    pub limits: Limits,
}

impl Env {
    /// The repository that this crate is part of.
    pub fn of_this_repository() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self::at(here.parent().unwrap_or(here))
    }

    /// A repository elsewhere.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            now: SystemTime::now(),
            limits: Limits::default(),
        }
    }

    /// The vendored document.
    pub fn document(&self) -> PathBuf {
        self.root.join("openapi.yaml")
    }

    /// Where the vendored document came from.
    pub fn provenance(&self) -> PathBuf {
        self.root.join("openapi.provenance.json")
    }

    /// The generated API as it was when the vendored document was accepted.
    pub fn surface(&self) -> PathBuf {
        self.root.join("xtask/surface.txt")
    }

    /// What the library's own code needs from the document.
    pub fn needs(&self) -> PathBuf {
        self.root.join("src/needs.txt")
    }

    /// Reads one of the files above.
    ///
    /// # Errors
    /// Which file cannot be read, and why.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        std::fs::read(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
    }
}
