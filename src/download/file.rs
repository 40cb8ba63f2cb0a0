//! One image on its way from its host to its file.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::TempPath;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};

use super::{SaveImages, SavedImage, Target};
use crate::envelope::retry_after;
use crate::error::{ApiFailure, Error};
use crate::image::sniff;
use crate::transport::not_answered;

/// Enough of an image to tell that it is one.
const HEAD: usize = 64;
const NO_IMAGE: &str = "what came is no image";
const TOO_LARGE: &str = "the image is larger than is allowed";
const EXTENSIONS: [&str; 8] = ["png", "jpg", "webp", "gif", "bmp", "tiff", "avif", "heic"];

impl SaveImages {
    /// The image's file, if there is one, and its size.
    pub(super) async fn existing(&self, image: &Target) -> Option<(PathBuf, u64)> {
        for extension in EXTENSIONS {
            let path = self.path(image, extension);
            match tokio::fs::metadata(&path).await {
                Ok(file) if file.is_file() => return Some((path, file.len())),
                _ => {}
            }
        }
        None
    }

    fn path(&self, image: &Target, extension: &str) -> PathBuf {
        let name = format!("{}-{}.{extension}", self.stem, image.mark);
        self.folder.join(name)
    }

    /// Fetches an image once.
    pub(super) async fn fetch(&self, image: &Target) -> Result<SavedImage, Error> {
        let stall = self.client.transport().timeouts.stall();
        let started = Instant::now();
        let broken = |error: reqwest::Error| match error.is_redirect() {
            true => Error::api(ApiFailure {
                status: 302,
                message: "redirects without end".to_owned(),
                ..ApiFailure::default()
            }),
            false => not_answered(error, started.elapsed()),
        };
        let mut response = timeout(stall, self.client.downloads().get(&image.url).send())
            .await
            .map_err(|_| Error::timeout(started.elapsed(), None))?
            .map_err(broken)?;
        let status = response.status();
        if !status.is_success() {
            return Err(Error::api(ApiFailure {
                status: status.as_u16(),
                message: "the image cannot be had".to_owned(),
                retryable: status.as_u16() == 429 || status.is_server_error(),
                retry_after: retry_after(response.headers(), SystemTime::now()),
                ..ApiFailure::default()
            }));
        }
        let unreadable = |reason: &str| Error::unreadable(status.as_u16(), reason, "");
        let announced = response.content_length();
        if announced.is_some_and(|announced| announced > self.max_bytes) {
            return Err(unreadable(TOO_LARGE).lasting());
        }
        let failed = |source| writing(&self.folder, source);
        let (file, part) = create_part(&self.folder).await.map_err(failed)?;
        let mut file = tokio::fs::File::from_std(file);
        let mut head = Vec::new();
        let mut len = 0u64;
        while let Some(chunk) = timeout(stall, response.chunk())
            .await
            .map_err(|_| Error::timeout(started.elapsed(), Some(status.as_u16())))?
            .map_err(broken)?
        {
            len += chunk.len() as u64;
            if len > self.max_bytes {
                return Err(unreadable(TOO_LARGE).lasting());
            }
            if head.len() < HEAD {
                head.extend_from_slice(&chunk[..chunk.len().min(HEAD)]);
                // An error page is given up before the whole of it is on disk.
                if head.len() >= HEAD && sniff(&head).is_none() {
                    return Err(unreadable(NO_IMAGE));
                }
            }
            file.write_all(&chunk).await.map_err(failed)?;
        }
        if announced.is_some_and(|announced| announced != len) {
            return Err(unreadable("the image is not as long as was announced"));
        }
        let format = sniff(&head).ok_or_else(|| unreadable(NO_IMAGE))?;
        // tokio reports a write that failed, on a full disk for example, when it is flushed only.
        file.flush().await.map_err(failed)?;
        file.sync_all().await.map_err(failed)?;
        let written = file.metadata().await.map_err(failed)?.len();
        if written != len {
            return Err(failed(io::ErrorKind::StorageFull.into()));
        }
        let path = self.path(image, format.extension);
        let put = put(part, &path, self.replace).await;
        let there = put.map_err(|source| writing(&path, source))?;
        Ok(image.saved(path, there.unwrap_or(len), there.is_some()))
    }
}

fn writing(path: &Path, source: io::Error) -> Error {
    Error::io("writing an image", Some(path.to_owned()), source)
}

/// Renames the part to its name; gives the size of the image that somebody else had put there meanwhile.
async fn put(part: TempPath, path: &Path, replace: bool) -> io::Result<Option<u64>> {
    let path = path.to_owned();
    blocking(move || {
        if replace {
            part.persist(&path)?;
            return Ok(None);
        }
        match part.persist_noclobber(&path) {
            Ok(()) => Ok(None),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                // A folder or a link to nothing can have the name as well, and is no image.
                match std::fs::metadata(&path) {
                    Ok(there) if there.is_file() => Ok(Some(there.len())),
                    _ => Err(error.error),
                }
            }
            Err(error) => Err(error.error),
        }
    })
    .await
}

async fn create_part(folder: &Path) -> io::Result<(std::fs::File, TempPath)> {
    let folder = folder.to_owned();
    let mut builder = tempfile::Builder::new();
    builder.prefix(".weshop-");
    // Temporary files are their owner's alone, results are like any other file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    blocking(move || Ok(builder.tempfile_in(folder)?.into_parts())).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}
