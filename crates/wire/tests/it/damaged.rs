//! Every shape that a message may not have is refused, and by its first bytes where those tell.

use bytes::BytesMut;
use wire::backend;
use wire::client::{take_authentication, take_frame};
use wire::{Error, Limits};

use crate::framed;

fn client(mut bytes: BytesMut) -> Error {
    let limits = Limits::default();
    match take_frame(&mut bytes, &limits) {
        Err(error) => error,
        Ok(frame) => frame.expect("a whole message").message().unwrap_err(),
    }
}

fn server(mut bytes: BytesMut) -> Error {
    match backend::take(&mut bytes, &Limits::default()) {
        Err(error) => error,
        Ok(Some(backend::Incoming::Control(frame))) => frame.message().unwrap_err(),
        Ok(other) => panic!("{other:?}"),
    }
}

#[test]
fn lengths_are_refused_before_the_body_comes() {
    for tag in b"QPBDECSHXpdcf" {
        for length in [
            0_u32,
            1,
            2,
            3,
            0x8000_0000,
            0x7fff_ffff,
            0xffff_ffff,
            (16 << 20) + 1,
        ] {
            let mut bytes = BytesMut::from(&[*tag][..]);
            bytes.extend_from_slice(&length.to_be_bytes());
            assert!(
                matches!(
                    client(bytes),
                    Error::TooShort { .. } | Error::TooLong { .. }
                ),
                "{} {length}",
                char::from(*tag)
            );
        }
    }
    for tag in b"RKTDCEZNS1nd" {
        for length in [0_u32, 3, 0x7fff_ffff, 0xffff_ffff] {
            let mut bytes = BytesMut::from(&[*tag][..]);
            bytes.extend_from_slice(&length.to_be_bytes());
            assert!(
                matches!(
                    server(bytes),
                    Error::TooShort { .. } | Error::TooLong { .. }
                ),
                "{} {length}",
                char::from(*tag)
            );
        }
    }
}

#[test]
fn unknown_types_are_refused_by_their_byte() {
    for tag in 0..=u8::MAX {
        let mut bytes = BytesMut::from(&[tag][..]);
        if !b"BCdcfDEHFPpQSX".contains(&tag) {
            assert_eq!(
                take_frame(&mut bytes, &Limits::default()).unwrap_err(),
                Error::UnknownTag { tag }
            );
        }
        if tag != b'p' {
            assert_eq!(
                take_authentication(&mut bytes).unwrap_err(),
                Error::UnknownTag { tag }
            );
        }
        if !b"RK23CdcGHIEvnNAtS1sZTD".contains(&tag) {
            assert_eq!(
                backend::take(&mut bytes, &Limits::default()).unwrap_err(),
                Error::UnknownTag { tag }
            );
        }
    }
}

#[test]
fn bodies_that_do_not_end_where_the_message_does_are_refused() {
    let long = [&[b'S'][..], &[b'n'; 64], &[0]].concat();
    let cases: &[(u8, &[u8])] = &[
        (b'Q', b"select 1"),                                     // no NUL
        (b'Q', b"select 1\0X\0\0\0\x04"), // a NUL inside, and another message behind it
        (b'Q', b"\0\0"),                  // one NUL too many
        (b'Q', b"\xff\xfe\0"),            // not UTF-8
        (b'P', b"s\0select\0\0\x01"),     // a type is missing
        (b'P', b"s\0select\0\xff\xff\0\0\0\0"), // far more types than bytes
        (b'P', b"s\0select\0\0\0\0"),     // a byte too many
        (b'B', b"\0\0\0\0\0\x01\0\0\0\x05ab\0\0"), // a value beyond the message
        (b'B', b"\0\0\0\0\0\x01\xff\xff\xff\xfe\0\0"), // a length below -1
        (b'B', b"\0\0\0\x01\0\x02\0\0\0\0"), // a form that is neither
        (b'B', b"\0\0\0\x02\0\0\0\0\0\x01\xff\xff\xff\xff\0\0"), // two forms for one value
        (b'B', b"\0\0\0\0\xff\xff\xff\xff\xff\xff\0\0"), // far more values than bytes
        (b'B', b"\0\0\0\0\0\0\0\0\0"),    // a byte too many
        (b'D', b"X\0"),                   // neither statement nor portal
        (b'D', b"Sx"),                    // no NUL
        (b'C', b"Px\0\0"),                // a byte too many
        (b'E', b"\0\xff\xff\xff\xff"),    // fewer rows than none
        (b'E', b"\0\0\0\0\0\0"),          // a byte too many
        (b'D', &long),                    // a name that PostgreSQL would cut
        (b'f', b"no NUL"),
    ];
    for (tag, body) in cases {
        let error = client(framed(*tag, body));
        assert!(!error.to_string().is_empty(), "{body:?}");
    }
    let cases: &[(u8, &[u8])] = &[
        (b'Z', b"X"),
        (b'C', b"SELECT 1"),
        (b'C', b"SELECT 1\0\0"),
        (b'T', b"\xff\xffa\0"),
        (b'T', b"\0\x01a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02"),
        (b't', b"\0\x02\0\0\0\0"),
        (b'S', b"name\0"),
        (b'K', b"\0\0\0\x01abc"),
        (b'R', b"\0\0\0\x63"),
        (b'R', b"\0\0\0\0\0"),
        (b'R', b"\0\0\0\x0aSCRAM"),
        (b'R', b"\0\0\0\x0aSCRAM\0"),
        (b'E', b"SERROR\0C42501\0Mx\0"),
        (b'E', b"SERROR\0C42501\0\0"),
        (b'E', b"SERROR\0C4250\0Mx\0\0"),
        (b'E', b"SFEHLER\0C42501\0Mx\0\0"),
        (b'E', b"SERROR\0C42501\0Mx\0My\0\0"),
        (b'E', b"SERROR\0C42501\0Mx\0Pfive\0\0"),
        (b'E', b"SERROR\0C42501\0Mx\0\0\0"),
        (b'H', b"\x02\0\0"),
        (b'v', b"\0\x03\0\0\xff\xff\xff\xff"),
        (b'A', b"\0\0\0\x01a\0"),
    ];
    for (tag, body) in cases {
        let error = server(framed(*tag, body));
        assert!(!error.to_string().is_empty(), "{body:?}");
    }
}

#[test]
fn a_translated_severity_and_unknown_fields_are_understood() {
    let mut bytes = framed(b'E', b"SFEHLER\0VERROR\0C42501\0Mx\0?y\0Fz.c\0L1\0Rf\0\0");
    let Some(backend::Incoming::Control(frame)) =
        backend::take(&mut bytes, &Limits::default()).unwrap()
    else {
        panic!("no message");
    };
    assert!(frame.message().is_ok());
}

#[test]
fn a_call_past_sql_is_never_looked_into() {
    let mut bytes = framed(b'F', b"\xff\xff\xff");
    let frame = take_frame(&mut bytes, &Limits::default()).unwrap().unwrap();
    assert_eq!(
        frame.message().unwrap(),
        wire::client::Message::FunctionCall
    );
}

#[test]
fn a_limit_of_the_deployment_counts() {
    let limits = Limits {
        client_message_bytes: 20,
        ..Limits::default()
    };
    let mut fits = framed(b'Q', b"123456789012345\0");
    assert!(take_frame(&mut fits, &limits).unwrap().is_some());
    let mut too_long = framed(b'Q', b"1234567890123456\0");
    assert!(matches!(
        take_frame(&mut too_long, &limits),
        Err(Error::TooLong { limit: 20, .. })
    ));
}
