//! What URLs are taken, and what a client is good for afterwards.

use postgres::{ConnectError, connect, introspect};
use scratch::Server;

use crate::wait;

#[test]
fn both_the_socket_and_the_port_are_reached_and_the_client_stays_usable() {
    let server = Server::start().unwrap();
    for url in [server.url("postgres"), server.socket_url("postgres")] {
        wait(async {
            let client = connect(&url).await.unwrap();
            let snapshot = introspect(&client).await.unwrap();
            assert_eq!(snapshot.database, "postgres");
            assert_eq!(snapshot.server_encoding, "UTF8");
            // Out of the transaction: the path is the session's own again, and writing works.
            client
                .batch_execute("create temp table t ()")
                .await
                .unwrap();
            let row = client.query_one("show search_path", &[]).await.unwrap();
            assert_eq!(row.get::<_, String>(0), "\"$user\", public");
        });
    }
}

#[test]
fn a_url_that_wants_tls_is_refused_not_downgraded() {
    for setting in [
        "sslmode=require",
        "channel_binding=require",
        "sslnegotiation=direct&sslmode=require",
    ] {
        let url = format!("postgresql://cordon@127.0.0.1:1/app?{setting}");
        let error = wait(connect(&url)).unwrap_err();
        assert!(
            matches!(error, ConnectError::Tls { .. }),
            "{setting}: {error}"
        );
    }
    // A mode that the reader does not know is not read as none.
    let error = wait(connect(
        "postgresql://cordon@127.0.0.1:1/app?sslmode=verify-full",
    ))
    .unwrap_err();
    assert!(matches!(error, ConnectError::Url(_)), "{error}");
}

#[test]
fn nobody_there_is_said_so() {
    let error = wait(connect("postgresql://cordon@127.0.0.1:1/app")).unwrap_err();
    assert!(matches!(error, ConnectError::Refused(_)), "{error}");
}

#[test]
fn a_role_that_may_not_read_views_gets_none_of_their_text() {
    let server = Server::start().unwrap();
    server
        .run(
            "postgres",
            "create role reader login; create view v as select 1 as one;
             revoke execute on function pg_catalog.pg_get_viewdef(oid) from public;",
        )
        .unwrap();
    let url = server.url("postgres").replace("postgres@", "reader@");
    let snapshot = wait(async { introspect(&connect(&url).await.unwrap()).await.unwrap() });
    assert_eq!(snapshot.relations.len(), 1);
    assert_eq!(snapshot.relations[0].definition, None);
    assert_eq!(snapshot.relations[0].columns.len(), 1);
}
