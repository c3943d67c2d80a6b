//! What the gateway shows over HTTP: health, metrics and the published part of its logs. It answers
//! GET alone, asks nobody who they are, and shows nothing that is about anybody.

mod health;
mod listener;
mod logs;
mod metrics;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use gateway::Gate;
use ledger::{AccessLog, ControlLog};

pub(super) use listener::Listening;

/// What the answers are made from.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) gate: Arc<Gate>,
    pub(super) access: Arc<AccessLog>,
    pub(super) control: Arc<ControlLog>,
    /// The folder of all logs.
    pub(super) ledger: PathBuf,
}

/// The routes; other parts of the listener are merged with them.
pub(super) fn routes(shown: Shown) -> Router {
    Router::new()
        .route("/health", get(health::answer))
        .route("/metrics", get(metrics::answer))
        .route("/log/{folder}/{*file}", get(logs::answer))
        .with_state(shown)
}

/// An answer that no cache may keep longer than it says.
fn reply(
    status: StatusCode,
    kind: &'static str,
    cache: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    let no_sniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, no_sniff);
    response
}
