//! Takes HTTP connections until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// LIMIT: connections at once; further ones wait. Scrapers and verifiers are few.
const CONNECTIONS_MAX: usize = 128;
/// LIMIT: of a request's head, and of the time it may take.
const HEAD_BYTES_MAX: usize = 16 * 1024;
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// LIMIT: of a whole connection: nobody may hold one for ever.
const CONNECTION_MAX: Duration = Duration::from_secs(300);
/// How long answers that are under way may take after the stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);
/// How long to rest after the system could not give a connection.
const REST: Duration = Duration::from_millis(50);

/// A listener that answers.
pub(in crate::serve) struct Listening {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Listening {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub(in crate::serve) async fn start(
        wanted: SocketAddr,
        router: Router,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(wanted).await.with_context(|| {
            format!(
                "cannot listen at {wanted} for HTTP; another program may have the port, or set `http` \
                 in cordon.toml"
            )
        })?;
        let address = listener.local_addr()?;
        let stop = watch::Sender::new(false);
        let task = tokio::spawn(accept(listener, router, stop.subscribe()));
        Ok(Self {
            address,
            stop,
            task,
        })
    }

    /// Where it listens.
    pub(in crate::serve) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it after the answers that are under way.
    pub(in crate::serve) async fn stop(self) {
        self.stop.send_replace(true);
        // The task ends by itself within its own limit.
        let _ = self.task.await;
    }
}

async fn accept(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    loop {
        let next = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            next = next => next,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "no HTTP connection could be taken");
                sleep(REST).await;
                continue;
            }
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(
                TokioIo::new(stream),
                TowerToHyperService::new(router.clone()),
            );
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks or lasts too long is the other side's concern.
            let _ = timeout(CONNECTION_MAX, connection).await;
            drop(permit);
        });
    }
    drop(listener);
    let _ = timeout(STOP_TIMEOUT, graceful.shutdown()).await;
}
