//! The witness over HTTP: `POST /add-checkpoint`, `GET /health`. Judges nothing itself.

use std::fmt::Display;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::event::{self, Level, to_stderr};
use crate::limits::{
    BODY_TIMEOUT, CONNECTIONS_MAX, HEAD_BYTES_MAX, HEAD_TIMEOUT, REQUEST_BYTES_MAX, STOP_TIMEOUT,
};
use crate::{Answer, Settings, Witness, WitnessError};

/// Tells the time in seconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        // Before 1970 it shows 0, which is before every cosignature: nothing is cosigned then.
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs())
    })
}

#[derive(Clone)]
struct Shared {
    witness: Arc<Witness>,
    clock: Clock,
    /// Turns true when the witness must stop.
    stop: watch::Sender<bool>,
}

/// Runs a witness until it is told to stop (SIGINT, SIGTERM) or must.
///
/// # Errors
/// What [`Witness::open`] says, an address that is taken, or [`WitnessError::Stopped`].
pub fn serve(settings: &Settings, clock: Clock) -> Result<(), WitnessError> {
    let witness = Arc::new(Witness::open(settings, clock(), to_stderr)?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| WitnessError::Settings {
            cause: format!("the system gives no event queue: {error}"),
            remedy: "raise its limit of open files",
        })?;
    runtime.block_on(run(settings, witness, clock))
}

async fn run(settings: &Settings, witness: Arc<Witness>, clock: Clock) -> Result<(), WitnessError> {
    let failed = |source| WitnessError::Listen {
        address: settings.listen,
        source,
    };
    let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let key = witness.key().to_string();
    let logs = settings.logs.len();
    say(
        clock(),
        Level::Info,
        "listening",
        &[("address", &address), ("witness", &key), ("logs", &logs)],
    );
    let stop = watch::Sender::new(false);
    stop_on_signal(stop.clone(), Arc::clone(&clock))?;
    let shared = Shared {
        witness: Arc::clone(&witness),
        clock: Arc::clone(&clock),
        stop,
    };
    accept(listener, &shared).await;
    match witness.broken() {
        Some(cause) => Err(WitnessError::Stopped {
            cause: cause.to_owned(),
        }),
        None => Ok(()),
    }
}

/// Takes connections until the stop, then waits for answers that are under way.
async fn accept(listener: TcpListener, shared: &Shared) {
    let router = Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/health", get(health))
        .with_state(shared.clone());
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    let mut stopped = shared.stop.subscribe();
    loop {
        let next = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (listener.accept().await, permit)
        };
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => break,
            (accepted, permit) = next => match (accepted, permit) {
                (Ok((stream, _)), Ok(permit)) => {
                    connect(stream, permit, router.clone(), &graceful);
                }
                (Err(error), _) => {
                    say((shared.clock)(), Level::Warning, "not-accepted", &[("cause", &error)]);
                    // Out of files: without a pause this would spin until one is closed.
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
                (Ok(_), Err(_)) => break,
            },
        }
    }
    drop(listener);
    let is_done = timeout(STOP_TIMEOUT, graceful.shutdown()).await.is_ok();
    say(
        (shared.clock)(),
        Level::Info,
        "stopped",
        &[("all_answered", &is_done)],
    );
}

fn connect(
    stream: TcpStream,
    permit: OwnedSemaphorePermit,
    router: Router,
    graceful: &GracefulShutdown,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // A connection that breaks is the other side's concern: what was cosigned is stored.
        let _ = connection.await;
        drop(permit);
    });
}

fn stop_on_signal(stop: watch::Sender<bool>, clock: Clock) -> Result<(), WitnessError> {
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let mut signals = signal(kind).map_err(|error| WitnessError::Settings {
            cause: format!("the system gives no signals: {error}"),
            remedy: "run it where it does",
        })?;
        let (stop, clock) = (stop.clone(), Arc::clone(&clock));
        tokio::spawn(async move {
            signals.recv().await;
            say(clock(), Level::Info, "stopping", &[]);
            stop.send_replace(true);
        });
    }
    Ok(())
}

fn say(now_s: u64, level: Level, event: &str, fields: &[(&str, &dyn Display)]) {
    to_stderr(&event::line(now_s, level, event, fields));
}

async fn add_checkpoint(State(shared): State<Shared>, request: Request) -> Response {
    let too_slow = "the body did not come in time; send it at once";
    let too_large = format!("the body was cut or is above {REQUEST_BYTES_MAX} bytes");
    // Those who say beforehand that it is too large need not send it.
    if request.body().size_hint().lower() > REQUEST_BYTES_MAX as u64 {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, &too_large);
    }
    let body = match timeout(
        BODY_TIMEOUT,
        to_bytes(request.into_body(), REQUEST_BYTES_MAX),
    )
    .await
    {
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, too_slow),
        Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE, &too_large),
        Ok(Ok(body)) => body,
    };
    let (witness, now_s) = (Arc::clone(&shared.witness), (shared.clock)());
    let judged = spawn_blocking(move || witness.consider(&body, now_s)).await;
    let answer = judged.unwrap_or_else(|_| Answer::Unable("the witness failed".to_owned()));
    if let Some(cause) = shared.witness.broken() {
        say(
            (shared.clock)(),
            Level::Error,
            "broken",
            &[("cause", &cause)],
        );
        shared.stop.send_replace(true);
    }
    let status = StatusCode::from_u16(answer.status());
    respond(
        status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        answer.content_type(),
        answer.body(),
    )
}

async fn health(State(shared): State<Shared>) -> Response {
    let witness = Arc::clone(&shared.witness);
    let status = spawn_blocking(move || witness.status()).await;
    let Ok(status) = status else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "the witness failed");
    };
    let code = match status.broken {
        None => StatusCode::OK,
        Some(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    respond(code, "application/json", format!("{}\n", status.to_json()))
}

fn plain(code: StatusCode, text: &str) -> Response {
    respond(code, "text/plain; charset=utf-8", format!("{text}\n"))
}

fn respond(code: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = code;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
