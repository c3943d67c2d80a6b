//! Links and introspection against a real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod builtin;
mod bypass;
mod lending;
mod link;
mod login;
mod schema;
mod secure;
mod stream;
mod total;
mod watching;

use std::future::Future;
use std::time::Duration;

use pgschema::{Schema, Snapshot};
use postgres::{Link, Options, Target};
use scratch::Server;
use tokio::time::Instant;

/// Runs a future to its end on this thread.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// The snapshot of a database, taken as superuser.
fn snapshot(server: &Server, database: &str) -> Snapshot {
    wait(async {
        let target = Target::parse(&server.socket_url(database), None).unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut link = Link::connect(&target, &Options::default(), deadline)
            .await
            .unwrap();
        postgres::introspect(&mut link).await.unwrap()
    })
}

/// The schema that a script makes in a database of its own.
fn schema_of(server: &Server, database: &str, script: &str) -> Schema {
    server.create_database(database).unwrap();
    server.run(database, script).unwrap();
    Schema::new(snapshot(server, database)).unwrap()
}
