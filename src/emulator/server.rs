//! Listeners and connections: loopback only, every task owned by the emulator that started it.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::routes;
use super::state::Shared;

/// How long requests under way may take to end once the emulator is shut down.
const GRACE: Duration = Duration::from_secs(1);

/// The accepting tasks. Each owns the tasks of its connections, so ending it ends them.
#[derive(Debug)]
pub(super) struct Server {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// Resets the connection that a request came on.
#[derive(Clone, Debug)]
pub(super) struct Reset(CancellationToken);

impl Reset {
    /// Ends the connection at once, with an RST; whatever was still to be sent is lost.
    pub(super) async fn now(&self) -> ! {
        self.0.cancel();
        // The connection's task drops this future along with everything else of the connection.
        std::future::pending().await
    }
}

pub(super) async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

pub(super) fn url(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

impl Server {
    pub(super) fn start(
        api: TcpListener,
        results: Option<TcpListener>,
        shared: &Arc<Shared>,
    ) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = vec![tokio::spawn(accept(api, routes::api(shared), stop.clone()))];
        if let Some(listener) = results {
            tasks.push(tokio::spawn(accept(
                listener,
                routes::results(shared),
                stop.clone(),
            )));
        }
        Self { stop, tasks }
    }

    pub(super) async fn shutdown(mut self) {
        self.stop.cancel();
        for task in self.tasks.drain(..) {
            // A task that panicked has ended too, which is all that is asked for.
            let _ = task.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn accept(listener: TcpListener, router: Router, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, router.clone(), stop.clone()));
                }
                // Out of file descriptors, most likely: others must get the chance to free some.
                Err(_) => tokio::task::yield_now().await,
            },
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    // Dropping the set afterwards aborts whoever did not make it.
    let _ = tokio::time::timeout(GRACE, ended).await;
}

async fn serve(stream: TcpStream, router: Router, stop: CancellationToken) {
    // Polls are small and frequent; waiting to fill packets would only slow them down.
    let _ = stream.set_nodelay(true);
    let reset = CancellationToken::new();
    let service = TowerToHyperService::new(router.layer(Extension(Reset(reset.clone()))));
    let mut connection =
        std::pin::pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // A client that goes away in the middle of something is no concern of the server's.
        _ = connection.as_mut() => return,
        () = reset.cancelled() => return,
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
