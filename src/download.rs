//! Results to disk.
//!
//! Images are fetched by an HTTP client that never had the key, since they live on other hosts.
//! Each is streamed to a temporary file beside its target, its length is checked, and only then is
//! it renamed: a file that bears an image's name is a whole image.
//!
//! ```no_run
//! # async fn example(done: weshop::CompletedRun) -> Result<(), weshop::Error> {
//! for saved in done.save_images("out").await? {
//!     println!("{}", saved.path.display());
//! }
//! # Ok(()) }
//! ```

use std::future::IntoFuture;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use reqwest::Url;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::client::Client;
use crate::envelope::retry_after;
use crate::error::{ApiFailure, Error};
use crate::ids::RunId;
use crate::image::sniff;
use crate::snapshot::RunSnapshot;
use crate::transport::not_answered;

const OPERATION: &str = "saveImages";
const AT_ONCE: usize = 4;
const LONGEST_STEM: usize = 100;
/// Enough of an image to tell that it is one.
const HEAD: usize = 64;
const NO_IMAGE: &str = "what came is no image";
const EXTENSIONS: [&str; 8] = ["png", "jpg", "webp", "gif", "bmp", "tiff", "avif", "heic"];

/// An image that is on disk now.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedImage {
    /// Where it is.
    pub path: PathBuf,
    /// Where it came from.
    pub url: String,
    /// Its size in bytes.
    pub len: u64,
    /// Whether it had been there before and was left alone.
    pub existed: bool,
}

/// Saves the images of a run; made by [`Client::save_images`] and
/// [`CompletedRun::save_images`](crate::CompletedRun::save_images). Await it.
#[derive(Debug)]
#[must_use = "await it"]
pub struct SaveImages {
    client: Client,
    run: RunId,
    urls: Vec<(usize, String)>,
    folder: PathBuf,
    stem: String,
    replace: bool,
    max_bytes: u64,
}

impl Client {
    /// Saves the finished images of a snapshot to a folder, which is made where it is missing. The
    /// files are named after the run and the image's place in it, `8f6a-1.png`. Works for failed
    /// runs too, whose error carries the snapshot.
    ///
    /// # Errors
    /// The first failure, after every image was tried; it bears the run's id. What was saved stays,
    /// and a second call fetches only what is missing.
    ///
    /// # Cancellation
    /// Dropping the future leaves no partial file behind.
    pub fn save_images(&self, run: &RunSnapshot, folder: impl Into<PathBuf>) -> SaveImages {
        let urls = run.results().iter().enumerate();
        SaveImages {
            client: self.clone(),
            run: run.id().clone(),
            urls: urls
                .filter_map(|(index, result)| {
                    Some((index + 1, result.finished_image()?.to_owned()))
                })
                .collect(),
            folder: folder.into(),
            stem: file_stem(run.id().as_str()),
            replace: false,
            max_bytes: 256 * 1024 * 1024,
        }
    }
}

impl SaveImages {
    /// What file names begin with, in place of the run's id. Where it has characters other than ASCII
    /// letters, digits, `-`, `_` and `.`, they become `_`, and a digest is added.
    pub fn with_stem(mut self, stem: impl AsRef<str>) -> Self {
        self.stem = file_stem(stem.as_ref());
        self
    }

    /// Whether files that exist are fetched anew and replaced; they are kept unless this is set.
    pub fn with_replace(mut self, replace: bool) -> Self {
        self.replace = replace;
        self
    }

    /// The most that one image may weigh: 256 MiB unless set.
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    async fn save(self) -> Result<Vec<SavedImage>, Error> {
        let about = |error: Error| {
            error
                .with_operation(OPERATION)
                .with_run_id(self.run.clone())
        };
        tokio::fs::create_dir_all(&self.folder)
            .await
            .map_err(|source| {
                about(Error::io(
                    "making the folder",
                    Some(self.folder.clone()),
                    source,
                ))
            })?;
        let each: Vec<_> = self
            .urls
            .iter()
            .map(|(number, url)| self.save_one(*number, url))
            .collect();
        let saved: Vec<_> = stream::iter(each).buffered(AT_ONCE).collect().await;
        saved.into_iter().map(|one| one.map_err(about)).collect()
    }

    async fn save_one(&self, number: usize, url: &str) -> Result<SavedImage, Error> {
        let stem = format!("{}-{number}", self.stem);
        if !self.replace
            && let Some((path, len)) = self.existing(&stem).await
        {
            return Ok(SavedImage {
                path,
                url: url.to_owned(),
                len,
                existed: true,
            });
        }
        // The service names it, so it may be anything.
        if !Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Err(Error::unreadable(
                200,
                "an image's address is no web address",
                "",
            ));
        }
        let transport = self.client.transport();
        let limit = transport.timeouts.transfer();
        let mut attempts = transport.attempts();
        loop {
            let attempt = attempts.begin();
            let error = match timeout(limit, self.fetch(url, &stem)).await {
                Ok(Ok(saved)) => {
                    attempts.succeeded();
                    return Ok(saved);
                }
                Ok(Err(error)) => error,
                Err(_) => Error::timeout(limit, None),
            };
            let pause = error.is_retryable().then(|| attempts.again(&error, None));
            let Some(pause) = pause.flatten() else {
                return Err(error.with_attempts(attempt));
            };
            sleep(pause).await;
        }
    }

    async fn existing(&self, stem: &str) -> Option<(PathBuf, u64)> {
        for extension in EXTENSIONS {
            let path = self.folder.join(format!("{stem}.{extension}"));
            match tokio::fs::metadata(&path).await {
                Ok(file) if file.is_file() => return Some((path, file.len())),
                _ => {}
            }
        }
        None
    }

    async fn fetch(&self, url: &str, stem: &str) -> Result<SavedImage, Error> {
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
        let mut response = timeout(stall, self.client.downloads().get(url).send())
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
        let failed = |source| Error::io("writing an image", Some(self.folder.clone()), source);
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
                return Err(unreadable("the image is larger than is allowed"));
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
            return Err(failed(std::io::ErrorKind::StorageFull.into()));
        }
        let path = self.folder.join(format!("{stem}.{}", format.extension));
        let existed = self.put(part, &path).await.map_err(failed)?;
        Ok(SavedImage {
            path,
            url: url.to_owned(),
            len,
            existed,
        })
    }

    /// Renames the part to its name; says whether somebody else had put one there meanwhile.
    async fn put(&self, part: tempfile::TempPath, path: &Path) -> std::io::Result<bool> {
        let (path, replace) = (path.to_owned(), self.replace);
        blocking(move || {
            if replace {
                part.persist(&path)?;
                return Ok(false);
            }
            match part.persist_noclobber(&path) {
                Ok(()) => Ok(false),
                Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(true),
                Err(error) => Err(error.error),
            }
        })
        .await
    }
}

impl IntoFuture for SaveImages {
    type Output = Result<Vec<SavedImage>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.save())
    }
}

async fn create_part(folder: &Path) -> std::io::Result<(std::fs::File, tempfile::TempPath)> {
    let folder = folder.to_owned();
    let mut builder = tempfile::Builder::new();
    builder.prefix(".weshop-");
    // Temporary files are their owner's alone, results are like any other file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    blocking(move || Ok(builder.tempfile_in(folder)?.into_parts())).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(std::io::Error::other)?
}

/// A name that stays in its folder, whatever the service or the caller calls the run. Where that takes
/// changing it, a digest keeps different runs apart.
fn file_stem(name: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let replaced = name.chars().take(LONGEST_STEM);
    let stem: String = replaced.map(|c| if safe(c) { c } else { '_' }).collect();
    let stem = stem.trim_start_matches('.');
    if stem == name {
        return stem.to_owned();
    }
    let digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).simple();
    format!("{stem}-{:.8}", digest.to_string())
}
