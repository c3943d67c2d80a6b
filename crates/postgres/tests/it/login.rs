//! Who is believed on either side when a link begins.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use bytes::BytesMut;
use postgres::{Link, LinkError, Options, Password, Target};
use scratch::Server;
use tokio::time::Instant;
use wire::server;

use crate::secure::{PASSWORD, Secure};
use crate::wait;

fn connect(address: &str, password: Option<&str>) -> Result<Link, LinkError> {
    let target = Target::parse(address, password.map(Password::new)).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    wait(async { Link::connect(&target, &Options::default(), deadline).await })
}

#[test]
fn scram_is_bound_to_the_certificate_that_the_server_showed() {
    let secure = Secure::start(
        "localhost",
        &rcgen::PKCS_ECDSA_P384_SHA384,
        "hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl all all ::1/128 scram-sha-256",
    );
    let address = secure.address("localhost", "sslmode=verify-full");
    connect(&address, Some(PASSWORD)).unwrap();
    // Nobody is let in with less.
    let error = connect(&address, Some("another")).unwrap_err();
    assert!(
        matches!(&error, LinkError::Refused { sqlstate, .. } if sqlstate.as_str() == "28P01"),
        "{error}"
    );
    let error = connect(&address, None).unwrap_err();
    assert!(matches!(error, LinkError::NoPassword), "{error}");
    // The server lets nobody in without TLS, so that the link above had it.
    let plain = format!("postgres://app@127.0.0.1:{}/postgres", secure.server.port());
    let error = connect(&plain, Some(PASSWORD)).unwrap_err();
    assert!(
        matches!(&error, LinkError::Refused { sqlstate, .. } if sqlstate.as_str() == "28000"),
        "{error}"
    );
    // The name counts, unless it is said that it does not; the authority always counts.
    let by_number = secure.address("127.0.0.1", "sslmode=verify-full");
    let error = connect(&by_number, Some(PASSWORD)).unwrap_err();
    assert!(matches!(error, LinkError::Tls(_)), "{error}");
    let by_number = secure.address("127.0.0.1", "sslmode=verify-ca");
    connect(&by_number, Some(PASSWORD)).unwrap();
    for mode in ["verify-full", "verify-ca"] {
        let address = format!(
            "postgres://app@localhost:{}/postgres?sslmode={mode}&sslrootcert={}",
            secure.server.port(),
            secure.other_authority.display()
        );
        let error = connect(&address, Some(PASSWORD)).unwrap_err();
        assert!(matches!(error, LinkError::Tls(_)), "{error}");
    }
}

#[test]
fn a_certificate_that_cannot_be_bound_to_leaves_plain_scram() {
    let secure = Secure::start(
        "localhost",
        &rcgen::PKCS_ED25519,
        "hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl all all ::1/128 scram-sha-256",
    );
    let address = secure.address("localhost", "sslmode=verify-full");
    // Ed25519 has no hash of its own that RFC 5929 could name. The server would end the session if
    // we tried.
    connect(&address, Some(PASSWORD)).unwrap();
}

#[test]
fn a_password_in_clear_is_only_given_inside_tls_and_md5_never() {
    let secure = Secure::start(
        "localhost",
        &rcgen::PKCS_ECDSA_P256_SHA256,
        "hostssl all all 127.0.0.1/32 password\nhostssl all all ::1/128 password\n\
         hostnossl all all 127.0.0.1/32 password\nlocal all all md5",
    );
    connect(
        &secure.address("localhost", "sslmode=verify-full"),
        Some(PASSWORD),
    )
    .unwrap();
    let plain = format!("postgres://app@127.0.0.1:{}/postgres", secure.server.port());
    let error = connect(&plain, Some(PASSWORD)).unwrap_err();
    assert!(matches!(error, LinkError::Method { .. }), "{error}");
    secure
        .server
        .run(
            "postgres",
            "set password_encryption = md5; create role old login password 'x'",
        )
        .unwrap();
    let socket = secure.server.socket_url("postgres");
    let error = connect(&socket.replace("postgres@", "old@"), Some("x")).unwrap_err();
    assert!(
        matches!(error, LinkError::Method { method: "md5" }),
        "{error}"
    );
    // With a password that is kept as SCRAM, the same line of pg_hba.conf asks for SCRAM.
    connect(&socket.replace("postgres@", "app@"), Some(PASSWORD)).unwrap();
}

#[test]
fn a_server_without_tls_is_not_spoken_to() {
    let server = Server::start().unwrap();
    let address = format!(
        "postgres://postgres@localhost:{}/postgres?sslmode=verify-full",
        server.port()
    );
    let error = connect(&address, None).unwrap_err();
    assert!(matches!(error, LinkError::NoTls), "{error}");
}

/// Answers one connection with these bytes, one part for each message that the client sends, and
/// returns the port.
fn fake(answers: Vec<Vec<u8>>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [0; 4096];
        for answer in answers {
            if stream.read(&mut bytes).unwrap_or_default() == 0 {
                return;
            }
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
        // Wait until the other side closes.
        while stream.read(&mut bytes).is_ok_and(|count| count > 0) {}
    });
    port
}

fn written(write: impl FnOnce(&mut BytesMut)) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    write(&mut bytes);
    bytes.to_vec()
}

#[test]
fn a_server_that_cannot_prove_that_it_knows_the_password_is_left() {
    let offer = || written(|out| server::authentication_sasl(out, &["SCRAM-SHA-256"]).unwrap());
    let ok = || written(server::authentication_ok);
    // It lets us in after the offer, without any proof.
    let port = fake(vec![offer(), ok()]);
    let address = format!("postgres://app@127.0.0.1:{port}/x");
    let error = connect(&address, Some("secret")).unwrap_err();
    assert!(matches!(error, LinkError::Unexpected { .. }), "{error}");
    // It sends back a nonce that is not ours.
    let challenge = written(|out| {
        server::authentication_sasl_continue(out, b"r=another,s=AAAA,i=4096").unwrap();
    });
    let port = fake(vec![offer(), challenge]);
    let address = format!("postgres://app@127.0.0.1:{port}/x");
    let error = connect(&address, Some("secret")).unwrap_err();
    assert!(matches!(error, LinkError::Unproven { .. }), "{error}");
    // It offers something else.
    let port = fake(vec![written(|out| {
        server::authentication_sasl(out, &["SCRAM-SHA-256-PLUS", "OAUTHBEARER"]).unwrap();
    })]);
    let address = format!("postgres://app@127.0.0.1:{port}/x");
    let error = connect(&address, Some("secret")).unwrap_err();
    assert!(matches!(error, LinkError::Method { .. }), "{error}");
}

#[test]
fn what_no_server_says_at_the_beginning_ends_the_link() {
    let cases: [Vec<u8>; 5] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        b"R\0\0\0\x03".to_vec(),
        written(|out| server::data_row(out, [None]).unwrap()),
        written(|out| server::ready_for_query(out, wire::TransactionStatus::Idle)),
        written(|out| {
            server::authentication_ok(out);
            server::ready_for_query(out, wire::TransactionStatus::Open);
        }),
    ];
    for answer in cases {
        let port = fake(vec![answer.clone()]);
        let error = connect(&format!("postgres://app@127.0.0.1:{port}/x"), None).unwrap_err();
        assert!(
            matches!(error, LinkError::Unexpected { .. } | LinkError::Wire(_)),
            "{answer:?}: {error}"
        );
    }
}

#[test]
fn a_setting_that_is_not_what_was_pinned_ends_the_link() {
    let port = fake(vec![written(|out| {
        server::authentication_ok(out);
        server::parameter_status(out, "standard_conforming_strings", "off").unwrap();
        server::ready_for_query(out, wire::TransactionStatus::Idle);
    })]);
    let error = connect(&format!("postgres://app@127.0.0.1:{port}/x"), None).unwrap_err();
    assert!(
        matches!(&error, LinkError::Deviated { setting } if setting == "standard_conforming_strings"),
        "{error}"
    );
}

#[test]
fn a_server_that_says_nothing_is_left_in_time() {
    let port = fake(vec![Vec::new()]);
    let target = Target::parse(&format!("postgres://app@127.0.0.1:{port}/x"), None).unwrap();
    let deadline = Instant::now() + Duration::from_millis(200);
    let error =
        wait(async { Link::connect(&target, &Options::default(), deadline).await }).unwrap_err();
    assert!(matches!(error, LinkError::Late { .. }), "{error}");
}
