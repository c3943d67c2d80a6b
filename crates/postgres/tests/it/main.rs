//! Links and introspection against a real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod builtin;
mod link;
mod schema;
mod total;

use std::future::Future;

use pgschema::{Schema, Snapshot};
use scratch::Server;

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
        let client = postgres::connect(&server.socket_url(database))
            .await
            .unwrap();
        postgres::introspect(&client).await.unwrap()
    })
}

/// The schema that a script makes in a database of its own.
fn schema_of(server: &Server, database: &str, script: &str) -> Schema {
    server.create_database(database).unwrap();
    server.run(database, script).unwrap();
    Schema::new(snapshot(server, database)).unwrap()
}
