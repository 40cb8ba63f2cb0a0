//! Listeners and connections: loopback only, every task owned by the emulator that started it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::callbacks::{self, Order};
use super::state::Shared;
use super::{Clock, routes};

/// How long requests under way may take to end once the emulator is shut down.
const GRACE: Duration = Duration::from_secs(1);

/// How long to leave accepting alone after it failed.
const PAUSE: Duration = Duration::from_millis(10);

/// The accepting tasks. Each owns the tasks of its connections, so ending it ends them.
#[derive(Debug)]
pub(super) struct Server {
    stop: CancellationToken,
    accepting: Vec<JoinHandle<()>>,
    callbacks: JoinHandle<()>,
}

/// A hold on the connection that a request came on, for faults.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    cut: CancellationToken,
    rst: Arc<AtomicBool>,
    refuse: mpsc::UnboundedSender<Duration>,
}

impl Wire {
    /// Ends the connection at once, with an RST; whatever was still to be sent is lost.
    pub(super) async fn reset(&self) -> ! {
        self.rst.store(true, Ordering::Relaxed);
        self.close().await
    }

    /// Ends the connection at once, with a FIN.
    pub(super) async fn close(&self) -> ! {
        self.cut.cancel();
        // The connection's task drops this future along with everything else of the connection.
        std::future::pending().await
    }

    /// Resets every connection, and refuses new ones for a while.
    pub(super) async fn refuse(&self, lasting: Duration) -> ! {
        // When nobody accepts any more there is nothing left to refuse.
        let _ = self.refuse.send(lasting);
        self.reset().await
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
        orders: mpsc::UnboundedReceiver<Order>,
    ) -> io::Result<Self> {
        let stop = CancellationToken::new();
        let serve = |listener: TcpListener, router: Router| {
            let port = Port {
                address: listener.local_addr()?,
                clock: shared.settings.clock.clone(),
                router,
                stop: stop.clone(),
            };
            Ok::<_, io::Error>(tokio::spawn(port.accept(listener)))
        };
        let mut accepting = vec![serve(api, routes::api(shared))?];
        if let Some(listener) = results {
            accepting.push(serve(listener, routes::results(shared))?);
        }
        let callbacks = tokio::spawn(callbacks::deliver(shared.clone(), orders));
        Ok(Self {
            stop,
            accepting,
            callbacks,
        })
    }

    pub(super) async fn shutdown(mut self) {
        self.stop.cancel();
        for task in self.accepting.drain(..) {
            // A task that panicked has ended too, which is all that is asked for.
            let _ = task.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.callbacks.abort();
        for task in &self.accepting {
            task.abort();
        }
    }
}

/// A port and what is served on it.
struct Port {
    address: SocketAddr,
    clock: Clock,
    router: Router,
    stop: CancellationToken,
}

impl Port {
    async fn accept(self, mut listener: TcpListener) {
        let (refuse, mut refusals) = mpsc::unbounded_channel();
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = self.stop.cancelled() => break,
                Some(lasting) = refusals.recv() => {
                    connections.abort_all();
                    drop(listener);
                    listener = tokio::select! {
                        () = self.stop.cancelled() => return,
                        listener = self.closed_for(lasting) => listener,
                    };
                }
                Some(_) = connections.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let serving = serve(stream, &self.router, refuse.clone(), self.stop.clone());
                        connections.spawn(serving);
                    }
                    // Out of file descriptors, most likely: others must get the chance to free some.
                    Err(_) => tokio::time::sleep(PAUSE).await,
                },
            }
        }
        drop(listener);
        let ended = async { while connections.join_next().await.is_some() {} };
        // Dropping the set afterwards aborts whoever did not make it.
        let _ = tokio::time::timeout(GRACE, ended).await;
    }

    /// Holds the port without listening on it, which is what refuses connections, and listens again
    /// afterwards. Holding it keeps anyone else from getting it meanwhile.
    async fn closed_for(&self, lasting: Duration) -> TcpListener {
        let held = loop {
            match self.hold() {
                Ok(socket) => break socket,
                // The listener that was dropped just now may take the system a moment.
                Err(_) => tokio::task::yield_now().await,
            }
        };
        self.clock.sleep(lasting).await;
        let mut listening = held.listen(1024);
        loop {
            match listening {
                Ok(listener) => break listener,
                Err(_) => tokio::task::yield_now().await,
            }
            listening = self.hold().and_then(|socket| socket.listen(1024));
        }
    }

    fn hold(&self) -> io::Result<TcpSocket> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        Ok(socket)
    }
}

fn serve(
    stream: TcpStream,
    router: &Router,
    refuse: mpsc::UnboundedSender<Duration>,
    stop: CancellationToken,
) -> impl Future<Output = ()> + use<> {
    // Polls are small and frequent; waiting to fill packets would only slow them down.
    let _ = stream.set_nodelay(true);
    let wire = Wire {
        cut: CancellationToken::new(),
        rst: Arc::default(),
        refuse,
    };
    let stream = Stream {
        stream,
        rst: wire.rst.clone(),
    };
    let cut = wire.cut.clone();
    let service = TowerToHyperService::new(router.clone().layer(Extension(wire)));
    async move {
        let mut connection =
            std::pin::pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            // A client that goes away in the middle of something is no concern of the server's.
            _ = connection.as_mut() => return,
            () = cut.cancelled() => return,
            () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            _ = connection => {}
            () = cut.cancelled() => {}
        }
    }
}

/// A stream that ends with an RST when it was told to.
struct Stream {
    stream: TcpStream,
    rst: Arc<AtomicBool>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.rst.load(Ordering::Relaxed) {
            // Without it the connection ends with a FIN: milder than asked for, but ended.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
