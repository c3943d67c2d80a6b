//! `/health`: whether somebody who connects now can be served, and what is in the way if not.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use ledger::{Progress, Standing};
use serde_json::{Value, json};

use super::{Shown, reply};

pub(super) async fn answer(State(shown): State<Shown>) -> Response {
    let (is_healthy, value) = health(&shown);
    let status = if is_healthy {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    reply(status, "application/json", "no-store", format!("{value}\n"))
}

fn health(shown: &Shown) -> (bool, Value) {
    let takes_sessions = shown.gate.takes_sessions();
    let (access, control) = (shown.access.progress(), shown.control.progress());
    let (access, control) = (access.borrow().clone(), control.borrow().clone());
    // A control log that is full or closed ends nobody's right: what is in force is known.
    let is_ledger_open = access.standing == Standing::Open;
    // The watch over a schema has a link of its own: while it holds, the server answers.
    let databases: Vec<(String, bool)> = shown
        .gate
        .databases()
        .map(|database| (database.name().to_owned(), !database.is_halted()))
        .collect();
    let are_valid = databases.iter().all(|(_, is_valid)| *is_valid);
    let is_healthy = takes_sessions && is_ledger_open && are_valid;
    let value = json!({
        "healthy": is_healthy,
        "takes_sessions": takes_sessions,
        "ledger": { "access": log(&access), "control": log(&control) },
        "databases": databases
            .into_iter()
            .map(|(name, is_valid)| (name, json!({ "schema_valid": is_valid })))
            .collect::<serde_json::Map<_, _>>(),
    });
    (is_healthy, value)
}

/// In one word; the reasons stand in the gateway's log, which is for its operator alone.
fn log(progress: &Progress) -> Value {
    json!({
        "standing": standing(&progress.standing),
        "publishes": progress.publish_trouble.is_none(),
        "witnessed": progress.witness_trouble.is_none(),
    })
}

pub(super) const fn standing(standing: &Standing) -> &'static str {
    match standing {
        Standing::Open => "open",
        Standing::Full => "full",
        Standing::Stopped(_) => "stopped",
        Standing::Closed => "closed",
    }
}
