//! Uploading: an image of this machine becomes a URL that runs can use.

use std::path::PathBuf;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Request};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::io::ReaderStream;

use crate::client::Client;
use crate::credentials::REDACTED;
use crate::error::Error;
use crate::generated::operations;
use crate::image::{Image, Inspected, Local, LocalBody};
use crate::transport::{Call, Pulse, Requests};
use crate::validate::{self, Violations};

/// How much of a file is in memory at a time.
const CHUNK: usize = 64 * 1024;

/// An image that the service keeps: any number of runs can use it.
///
/// It serialises, so that a photo need not be uploaded anew for each run of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadedImage {
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<(u32, u32)>,
}

impl UploadedImage {
    /// Where the service keeps it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its width and height in pixels, where they were seen when it was uploaded. The rules that
    /// compare sizes use them.
    pub fn size(&self) -> Option<(u32, u32)> {
        self.size
    }

    /// The URL alone.
    pub fn into_url(self) -> String {
        self.url
    }
}

impl Client {
    /// Uploads an image, which costs nothing, and answers with a URL that runs can use again and
    /// again. A file is streamed. What is at a URL already is not uploaded.
    ///
    /// ```no_run
    /// # async fn example(client: weshop::Client) -> Result<(), weshop::Error> {
    /// let coat = client.upload("coat.png").await?;
    /// println!("{} ({:?} pixels)", coat.url(), coat.size());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for what is no image,
    /// [`Io`](crate::ErrorKind::Io) where it cannot be read, and those of any call. A failure that
    /// may pass was tried again as [`RetryPolicy`](crate::RetryPolicy) says, save for a reader's
    /// content, which cannot be had twice.
    ///
    /// # Cancellation
    /// Dropping the future ends the upload; nothing is charged for it.
    pub async fn upload(&self, image: impl Into<Image>) -> Result<UploadedImage, Error> {
        let image = image.into().inspect().await?;
        match image.complaint("/image") {
            Some(violation) => Err(Violations::from(violation).into()),
            None => self.uploaded(image).await,
        }
    }

    /// [`upload`](Self::upload) of whatever the service may take and this crate does not know for an
    /// image; it is sent as `application/octet-stream`.
    ///
    /// # Errors
    /// As [`upload`](Self::upload), save that nothing is looked at.
    ///
    /// # Cancellation
    /// As [`upload`](Self::upload).
    pub async fn upload_unchecked(&self, image: impl Into<Image>) -> Result<UploadedImage, Error> {
        let image = image.into().inspect().await?;
        self.uploaded(image).await
    }

    /// The image as the service has it: what is at a URL already stays there.
    pub(crate) async fn uploaded(&self, image: Inspected) -> Result<UploadedImage, Error> {
        match image {
            Inspected::Url(url, size) => Ok(UploadedImage { url, size }),
            Inspected::Local(local) => self.upload_local(local).await,
        }
    }

    async fn upload_local(&self, local: Local) -> Result<UploadedImage, Error> {
        let operation = &operations::UPLOAD_IMAGE;
        let size = local.format.and_then(|format| format.size);
        let (content_type, extension) = match local.format {
            Some(format) => (format.content_type, format.extension),
            None => ("application/octet-stream", "bin"),
        };
        let mut parts = UploadRequests {
            client: self,
            content_type,
            extension,
            body: Some(local.body),
            pulse: Pulse::new(),
        };
        let call = Call::read(operation.id);
        let json = self.transport().execute(&call, &mut parts).await?;
        let url = json.pointer("/data/image").and_then(|url| url.as_str());
        // The next thing that is done with it costs money.
        let usable = |url: &&str| {
            let loopback = self.transport().endpoint.is_emulator();
            !url.contains(REDACTED) && validate::unreachable(url, loopback).is_none()
        };
        match url.filter(usable) {
            Some(url) => Ok(UploadedImage {
                url: url.to_owned(),
                size,
            }),
            None => {
                let reason = "no URL of the image in it that the service can fetch";
                Err(Error::unreadable(200, reason, "").with_operation(operation.id))
            }
        }
    }
}

struct UploadRequests<'a> {
    client: &'a Client,
    content_type: &'static str,
    extension: &'static str,
    body: Option<LocalBody>,
    pulse: Pulse,
}

impl UploadRequests<'_> {
    async fn part(&mut self) -> Result<Option<Part>, Error> {
        let part = match self.body.take() {
            None => return Ok(None),
            Some(LocalBody::Bytes(bytes)) => {
                self.body = Some(LocalBody::Bytes(bytes.clone()));
                let len = bytes.len() as u64;
                Part::stream_with_length(self.streamed(std::io::Cursor::new(bytes)), len)
            }
            Some(LocalBody::File { path, len }) => {
                let part = self.file(path.clone(), len).await;
                self.body = Some(LocalBody::File { path, len });
                part?
            }
            Some(LocalBody::Reader { head, rest }) => {
                Part::stream(self.streamed(std::io::Cursor::new(head).chain(rest)))
            }
        };
        Ok(Some(part))
    }

    async fn file(&self, path: PathBuf, len: u64) -> Result<Part, Error> {
        match tokio::fs::File::open(&path).await {
            // A file that grows meanwhile must not outgrow the length that was announced.
            Ok(file) => Ok(Part::stream_with_length(self.streamed(file.take(len)), len)),
            Err(error) => Err(Error::io("reading the image", Some(path), error)),
        }
    }

    fn streamed(&self, reader: impl AsyncRead + Send + Sync + 'static) -> Body {
        let pulse = self.pulse.clone();
        Body::wrap_stream(ReaderStream::with_capacity(reader, CHUNK).inspect(
            move |_: &Result<Bytes, _>| {
                pulse.beat();
            },
        ))
    }
}

impl Requests for UploadRequests<'_> {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Request>, Error>> {
        Box::pin(async {
            let Some(part) = self.part().await? else {
                return Ok(None);
            };
            let part = part
                .file_name(format!("image.{}", self.extension))
                .mime_str(self.content_type)
                .map_err(|error| Error::configuration("the content type").with_source(error))?;
            let transport = self.client.transport();
            let url = transport.endpoint.join(operations::UPLOAD_IMAGE.path)?;
            let request = transport
                .http
                .post(url)
                .multipart(Form::new().part("image", part))
                .build()
                .map_err(|error| Error::configuration("the upload").with_source(error))?;
            Ok(Some(request))
        })
    }

    /// A reader's content cannot be had twice.
    fn is_repeatable(&self) -> bool {
        self.body.is_some()
    }

    fn pulse(&self) -> Option<Pulse> {
        Some(self.pulse.clone())
    }
}
