//! Listens, and serves each connection in a task of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::gate::Gate;
use crate::startup;

/// How long the listener rests after the system could not give it a connection: too many files.
const REST: Duration = Duration::from_millis(100);

/// How long an entry that nobody waits for may wait for one that somebody waits for.
const HURRY: Duration = Duration::from_millis(20);

/// Takes connections until the gate is stopped, and returns when the last session has ended.
pub async fn serve(gate: Arc<Gate>, listener: TcpListener) {
    let mut sessions = JoinSet::new();
    let mut hurry = tokio::time::interval(HURRY);
    hurry.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
            _ = hurry.tick() => {
                gate.record_turned_away();
                gate.recorder().hurry();
            }
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
    gate.recorder().hurry();
}
