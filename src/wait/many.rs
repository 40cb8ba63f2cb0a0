//! Many waits at once.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, Stream, StreamExt};

use crate::client::Client;
use crate::error::Error;
use crate::ids::RunId;
use crate::run::CompletedRun;

use super::Wait;

impl Client {
    /// Waits for many runs; each result comes as soon as it is there, with its run's id.
    ///
    /// Give it runs, or waits that were set up one by one. However many they are, they ask no more
    /// often than the client's [`PollLimits`](crate::wait::PollLimits) allow, each in its turn. A
    /// wait takes a few kilobytes.
    ///
    /// The waits stand still while the stream is not polled, as in a loop that saves the images of
    /// one run before it takes the next; other waits of the client go on meanwhile. A wait whose
    /// deadline passed in that time still asks once if its turn comes within five seconds of being
    /// polled again, which is so for a hundred of them at the default limits; the rest end unasked.
    /// [`Wait::with_deadline`] says what to do about that.
    ///
    /// # Cancellation
    /// Dropping the stream ends all its waits; the runs go on.
    ///
    /// ```no_run
    /// # async fn example(client: weshop::Client, runs: Vec<weshop::Run>) {
    /// use futures_util::StreamExt;
    ///
    /// let mut results = client.wait_all(runs);
    /// while let Some((id, result)) = results.next().await {
    ///     match result {
    ///         Ok(done) => println!("{id}: {} images", done.images().count()),
    ///         Err(error) => eprintln!("{id}: {error}"),
    ///     }
    /// }
    /// # }
    /// ```
    pub fn wait_all<W>(&self, runs: impl IntoIterator<Item = W>) -> WaitAll
    where
        W: Into<Wait>,
    {
        let waits = runs.into_iter().map(|run| {
            let wait: Wait = run.into();
            let id = wait.run.id().clone();
            let ends = async move { (id, wait.await) };
            Box::pin(ends) as BoxFuture<'static, _>
        });
        WaitAll(waits.collect())
    }
}

/// The results of many waits as they come: see [`Client::wait_all`].
#[must_use = "streams do nothing unless polled"]
pub struct WaitAll(FuturesUnordered<BoxFuture<'static, Ended>>);

type Ended = (RunId, Result<CompletedRun, Error>);

impl Stream for WaitAll {
    type Item = Ended;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl fmt::Debug for WaitAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitAll")
            .field("waiting", &self.0.len())
            .finish()
    }
}
