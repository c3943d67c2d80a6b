//! The first packets: what may stand in them, and what may not.

use bytes::BytesMut;
use wire::client::{Startup, take_startup};
use wire::{Cancel, Error, Minor, frontend};

use crate::written;

/// A packet with this code and body, its length right.
fn packet(code: u32, body: &[u8]) -> BytesMut {
    let mut out = BytesMut::new();
    out.extend_from_slice(&u32::try_from(body.len() + 8).unwrap().to_be_bytes());
    out.extend_from_slice(&code.to_be_bytes());
    out.extend_from_slice(body);
    out
}

const V3: u32 = 3 << 16;

fn refused(code: u32, body: &[u8]) -> Error {
    take_startup(&mut packet(code, body)).unwrap_err()
}

#[test]
fn a_session_is_asked_for_with_distinct_parameters() {
    let mut bytes = written(|out| {
        frontend::startup(
            out,
            Minor::Two,
            [
                ("user", "ann"),
                ("database", ""),
                ("_pq_.x", "1"),
                ("a", "b"),
            ],
        )
        .unwrap();
    });
    bytes.extend_from_slice(b"more");
    let Some(Startup::Session(message)) = take_startup(&mut bytes).unwrap() else {
        panic!("no session");
    };
    assert_eq!(&bytes[..], b"more");
    assert_eq!((message.user(), message.database()), ("ann", "ann"));
    assert_eq!(message.version().agreed(), Minor::Two);
    assert_eq!(message.extensions().collect::<Vec<_>>(), ["_pq_.x"]);
    assert_eq!(message.parameters().count(), 3);
    assert!(!message.is_spoken());
    assert_eq!(message.parameter("a"), Some("b"));
}

#[test]
fn versions_are_negotiated_within_three_only() {
    for (minor, agreed, is_spoken) in [
        (0, Minor::Zero, true),
        (1, Minor::Zero, false),
        (2, Minor::Two, true),
        (3, Minor::Two, false),
        (9999, Minor::Two, false),
    ] {
        let mut bytes = packet(V3 | minor, b"user\0a\0\0");
        let Some(Startup::Session(message)) = take_startup(&mut bytes).unwrap() else {
            panic!("no session");
        };
        assert_eq!(
            (message.version().agreed(), message.is_spoken()),
            (agreed, is_spoken)
        );
    }
    for code in [0, 2 << 16, 4 << 16, 80_877_101, 80_877_105, u32::MAX] {
        assert!(
            matches!(refused(code, b"user\0a\0\0"), Error::Version { .. }),
            "{code}"
        );
    }
}

#[test]
fn requests_before_a_session_are_told_apart() {
    let mut bytes = written(frontend::tls_request);
    assert_eq!(take_startup(&mut bytes).unwrap(), Some(Startup::Tls));
    let mut bytes = packet(80_877_104, b"");
    assert_eq!(take_startup(&mut bytes).unwrap(), Some(Startup::Gss));
    for key in [vec![1; 4], vec![2; 32], vec![3; 256]] {
        let cancel = Cancel::new(77, &key).unwrap();
        let mut bytes = written(|out| frontend::cancel_request(out, &cancel).unwrap());
        assert_eq!(
            take_startup(&mut bytes).unwrap(),
            Some(Startup::Cancel(cancel.clone()))
        );
        assert!(!format!("{cancel:?}").contains("key"));
    }
    for code in [80_877_103, 80_877_104] {
        assert!(matches!(refused(code, b"x"), Error::Trailing { .. }));
    }
    for key in [&b""[..], b"\0\0\0\x01", b"\0\0\0\x01abc", &[0; 4 + 257]] {
        refused(80_877_102, key);
    }
}

#[test]
fn packets_that_postgresql_would_not_take_are_refused() {
    let long = [b"user\0".to_vec(), vec![b'u'; 64], b"\0\0".to_vec()].concat();
    let many: Vec<u8> = (0..65)
        .flat_map(|n| format!("p{n}\0v\0").into_bytes())
        .collect();
    for body in [
        &b""[..],
        b"\0",
        b"user\0a\0",
        b"user\0a",
        b"user\0",
        b"user\0\0\0",
        b"user\0a\0\0\0",
        b"user\0a\0\0Q\0\0\0\x04",
        b"user\0a\0user\0b\0\0",
        b"user\0a\0x\x001\0x\x001\0\0",
        b"user\0\xff\0\0",
        b"database\0a\0\0",
        &long,
        &[&b"user\0a\0"[..], &many, b"\0"].concat(),
    ] {
        refused(V3, body);
    }
}

#[test]
fn lengths_are_refused_before_the_packet_comes() {
    for length in [0_u32, 3, 4, 7, 10_001, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
        let mut bytes = BytesMut::from(&length.to_be_bytes()[..]);
        assert!(take_startup(&mut bytes).is_err(), "{length}");
    }
    let whole = packet(V3, b"user\0a\0\0");
    for end in 0..whole.len() {
        let mut part = BytesMut::from(&whole[..end]);
        assert_eq!(take_startup(&mut part).unwrap(), None);
    }
}
