//! Writing several files, all of them or none.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::Failure;

/// Replaces files.
///
/// Everything is on the disk before the first file is replaced, and should replacing one fail, those
/// already replaced are put back.
///
/// # Errors
/// What could not be written; nothing has changed then.
pub fn replace(files: &[(PathBuf, Vec<u8>)]) -> Result<(), Failure> {
    let wrong = |path: &Path, error: io::Error| {
        Failure::new(format!(
            "{} cannot be written: {error}; nothing was changed",
            path.display()
        ))
    };
    let mut ready = Vec::new();
    for (path, bytes) in files {
        let new = beside(path, bytes).map_err(|error| wrong(path, error))?;
        let old = match fs::read(path) {
            Ok(bytes) => Some(beside(path, &bytes).map_err(|error| wrong(path, error))?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(wrong(path, error)),
        };
        ready.push((path, new, old));
    }
    let mut done: Vec<(&PathBuf, Option<NamedTempFile>)> = Vec::new();
    for (path, new, old) in ready {
        match new.persist(path) {
            Ok(_) => done.push((path, old)),
            Err(error) => {
                let stuck: Vec<String> = done.into_iter().filter_map(put_back).collect();
                let failure = wrong(path, error.error);
                return Err(match stuck.is_empty() {
                    true => failure,
                    false => Failure::new(format!("{failure}, except {}", stuck.join(", "))),
                });
            }
        }
    }
    Ok(())
}

/// A file with these contents in the directory of `path`, where it can be renamed from.
fn beside(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let directory = path.parent().filter(|d| !d.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut file = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Readable by everybody, as files of a repository are; a temporary file usually is not.
        file.permissions(fs::Permissions::from_mode(0o644));
    }
    let mut file = file.tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Undoes one replacement; the file's name if that fails too.
fn put_back((path, old): (&PathBuf, Option<NamedTempFile>)) -> Option<String> {
    let undone = match old {
        Some(old) => old.persist(path).map(drop).map_err(|error| error.error),
        None => fs::remove_file(path),
    };
    undone.err().map(|_| path.display().to_string())
}
