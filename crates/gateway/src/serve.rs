//! Listens, and serves each connection in a task of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::gate::Gate;
use crate::startup;

/// How long the listener rests after the system could not give it a connection: too many files.
const REST: Duration = Duration::from_millis(100);

/// Takes connections until the gate is stopped, and returns when the last session has ended.
pub async fn serve(gate: Arc<Gate>, listener: TcpListener) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = gate.stopping() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let gate = Arc::clone(&gate);
                    sessions.spawn(startup::serve(gate, stream, peer.ip()));
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection could be taken");
                    tokio::time::sleep(REST).await;
                }
            },
            Some(ended) = sessions.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a session broke off");
                }
            }
        }
    }
    drop(listener);
    while sessions.join_next().await.is_some() {}
    gate.flush_turned_away();
}
