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

mod file;
mod name;

use std::future::IntoFuture;
use std::path::PathBuf;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use reqwest::Url;
use tokio::time::{sleep, timeout};

use crate::client::Client;
use crate::error::Error;
use crate::ids::RunId;
use crate::snapshot::{RunResult, RunSnapshot};

const OPERATION: &str = "saveImages";
const AT_ONCE: usize = 4;

/// An image that is on disk now.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedImage {
    /// Where it is.
    pub path: PathBuf,
    /// Where it came from.
    pub url: String,
    /// Its place among the run's [`results`](RunSnapshot::results), counted from 1.
    pub number: usize,
    /// Its size in bytes.
    pub len: u64,
    /// Whether it had been there before and was left alone.
    pub existed: bool,
}

/// Saves the images of a run; made by [`Client::save_images`] and
/// [`CompletedRun::save_images`](crate::CompletedRun::save_images). Await it, or ask for
/// [`each`](Self::each).
#[derive(Debug)]
#[must_use = "await it"]
pub struct SaveImages {
    client: Client,
    run: RunId,
    images: Vec<Target>,
    folder: PathBuf,
    stem: String,
    replace: bool,
    max_bytes: u64,
}

/// An image to be saved.
#[derive(Debug)]
struct Target {
    number: usize,
    url: String,
    /// What its file's name has of it.
    mark: String,
}

impl Target {
    fn saved(&self, path: PathBuf, len: u64, existed: bool) -> SavedImage {
        SavedImage {
            path,
            url: self.url.clone(),
            number: self.number,
            len,
            existed,
        }
    }
}

impl Client {
    /// Saves the finished images of a snapshot to a folder, which is made where it is missing. Works
    /// for runs that go on, and for failed ones, whose error carries the snapshot. How many images
    /// there should be is not looked at: see [`RunSnapshot::is_partial`].
    ///
    /// The files are named after the run and a digest of the image's address, `8f6a-3d5c1f20a9be.png`:
    /// an image keeps its name when others arrive before it, and when the signature in its address
    /// changes. The results are in the service's order.
    ///
    /// # Errors
    /// The first failure, after every image was tried; it bears the run's id and the
    /// [image's number](Error::image_number). What was saved stays, and a second call fetches only
    /// what is missing. [`SaveImages::each`] tells what became of every image.
    ///
    /// # Cancellation
    /// Dropping the future leaves no partial file behind.
    pub fn save_images(&self, run: &RunSnapshot, folder: impl Into<PathBuf>) -> SaveImages {
        let results = run.results().iter().map(RunResult::finished_image).zip(1..);
        let (urls, numbers): (Vec<_>, Vec<_>) = results
            .filter_map(|(url, number)| Some((url?, number)))
            .unzip();
        let marks = name::marks(run.id(), &urls);
        SaveImages {
            client: self.clone(),
            run: run.id().clone(),
            images: urls
                .into_iter()
                .zip(numbers)
                .zip(marks)
                .map(|((url, number), mark)| Target {
                    number,
                    url: url.to_owned(),
                    mark,
                })
                .collect(),
            folder: folder.into(),
            stem: name::file_stem(run.id().as_str()),
            replace: false,
            max_bytes: 256 * 1024 * 1024,
        }
    }
}

impl SaveImages {
    /// What file names begin with, in place of the run's id. Where it has characters other than ASCII
    /// letters, digits, `-`, `_` and `.`, they become `_`, and a digest is added.
    pub fn with_stem(mut self, stem: impl AsRef<str>) -> Self {
        self.stem = name::file_stem(stem.as_ref());
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

    /// What became of each image, in the order of [`RunSnapshot::images`]: one that cannot be had
    /// hides none of the others.
    ///
    /// ```no_run
    /// # async fn example(done: weshop::CompletedRun) {
    /// for outcome in done.save_images("out").each().await {
    ///     match outcome {
    ///         Ok(saved) => println!("{}", saved.path.display()),
    ///         Err(error) => println!("image {:?}: {error}", error.image_number()),
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Cancellation
    /// As for [`Client::save_images`].
    pub async fn each(self) -> Vec<Result<SavedImage, Error>> {
        let each: Vec<_> = self
            .images
            .iter()
            .map(|image| self.try_one(image))
            .collect();
        stream::iter(each).buffered(AT_ONCE).collect().await
    }

    async fn all(self) -> Result<Vec<SavedImage>, Error> {
        // Who is told that all went well may look into the folder, even for no image.
        self.make_folder()
            .await
            .map_err(|error| self.about(error))?;
        self.each().await.into_iter().collect()
    }

    async fn try_one(&self, image: &Target) -> Result<SavedImage, Error> {
        let saved = self.save_one(image).await;
        saved.map_err(|error| self.about(error).with_image_number(image.number))
    }

    fn about(&self, error: Error) -> Error {
        error
            .with_operation(OPERATION)
            .with_run_id(self.run.clone())
    }

    async fn save_one(&self, image: &Target) -> Result<SavedImage, Error> {
        self.make_folder().await?;
        if !self.replace
            && let Some((path, len)) = self.existing(image).await
        {
            return Ok(image.saved(path, len, true));
        }
        // The service names it, so it may be anything.
        if !Url::parse(&image.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            let reason = "an image's address is no web address";
            return Err(Error::unreadable(200, reason, "").lasting());
        }
        let transport = self.client.transport();
        let limit = transport.timeouts.transfer();
        let mut attempts = transport.attempts();
        loop {
            let attempt = attempts.begin();
            let error = match timeout(limit, self.fetch(image)).await {
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

    async fn make_folder(&self) -> Result<(), Error> {
        let made = tokio::fs::create_dir_all(&self.folder).await;
        made.map_err(|source| Error::io("making the folder", Some(self.folder.clone()), source))
    }
}

impl IntoFuture for SaveImages {
    type Output = Result<Vec<SavedImage>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.all())
    }
}
