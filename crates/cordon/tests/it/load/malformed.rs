//! What no client should send, in every state of a session: the session ends with the right code, and
//! nothing else does.

use crate::gateway::{Entries, Raw};
use crate::serve::Gateway;

/// A message of a client by its parts.
fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    bytes.extend(body);
    bytes
}

/// Only the head of a message, which says how long it would be.
fn head(tag: u8, length: u32) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend(length.to_be_bytes());
    bytes
}

/// What is no message of a session.
fn bad_messages() -> Vec<(&'static str, Vec<u8>)> {
    let long_name = [&[b'n'; 64][..], b"\0select 1\0\0\0"].concat();
    let mut bad = vec![
        ("an unknown type", message(b'?', b"")),
        ("type zero", message(0, b"")),
        ("a server's message", message(b'T', b"\0\0")),
        ("a function call", message(b'F', b"\0\0\0\x01\0\0\0\0\0\0")),
        ("a password", message(b'p', b"secret\0")),
        ("a text without end", message(b'Q', b"select 1")),
        ("a text that ends early", message(b'Q', b"select 1\0drop\0")),
        ("a text that is not UTF-8", message(b'Q', b"sel\xff\0")),
        ("a text with a surrogate", message(b'Q', b"\xed\xa0\x80\0")),
        ("an empty Parse", message(b'P', b"")),
        ("a Parse with a long name", message(b'P', &long_name)),
        (
            "a Parse with types missing",
            message(b'P', b"\0select 1\0\xff\xff"),
        ),
        (
            "a Parse with more behind",
            message(b'P', b"\0select 1\0\0\0x"),
        ),
        ("an empty Bind", message(b'B', b"")),
        ("a Bind with forms missing", message(b'B', b"\0\0\xff\xff")),
        (
            "a Bind with a strange form",
            message(b'B', b"\0\0\0\x01\0\x07\0\0\0\0"),
        ),
        (
            "a Bind with values missing",
            message(b'B', b"\0\0\0\0\xff\xff"),
        ),
        (
            "a Bind with a negative length",
            message(b'B', b"\0\0\0\0\0\x01\xff\xff\xff\xfe\0\0"),
        ),
        (
            "a Bind with a length beyond it",
            message(b'B', b"\0\0\0\0\0\x01\x7f\xff\xff\xff\0\0"),
        ),
        ("an empty Execute", message(b'E', b"")),
        (
            "an Execute of minus one",
            message(b'E', b"\0\xff\xff\xff\xff"),
        ),
        ("an Execute cut short", message(b'E', b"\0\0\0")),
        ("a Describe of nothing", message(b'D', b"X\0")),
        ("a Close of nothing", message(b'C', b"")),
        ("a Sync with a body", message(b'S', b"x")),
        ("a Flush with a body", message(b'H', b"x")),
        ("a Terminate with a body", message(b'X', b"x")),
        ("a CopyDone with a body", message(b'c', b"x")),
        ("a CopyFail without an end", message(b'f', b"why")),
    ];
    for tag in *b"QPBEDCSHXdcfpF" {
        bad.push(("a length of zero", head(tag, 0)));
        bad.push(("a length of three", head(tag, 3)));
        bad.push(("a negative length", head(tag, 0x8000_0000)));
        bad.push(("the longest length", head(tag, 0x7fff_ffff)));
    }
    for tag in *b"QPBd" {
        bad.push(("a length above the limit", head(tag, (16 << 20) + 1)));
    }
    bad
}

type Enter = fn(&mut Raw);

/// The states of a session that is let in.
fn states() -> [(&'static str, Enter); 6] {
    [
        ("ready", |_| {}),
        ("in a pipeline", |raw| {
            raw.parse("", "select 1").bind("", "").execute("", 0);
            raw.send();
        }),
        ("in a transaction", |raw| {
            raw.query("begin");
            raw.query("select name from users");
        }),
        ("in a transaction that failed", |raw| {
            raw.query("begin");
            raw.query("select * from nowhere");
        }),
        ("with a suspended portal", |raw| {
            raw.query("begin");
            raw.parse("", "select id from users")
                .bind("p", "")
                .execute("p", 1);
            wire::frontend::flush(&mut raw.out);
            raw.send();
        }),
        ("with an open cursor", |raw| {
            raw.query("begin");
            raw.query("declare c cursor for select id from users");
        }),
    ]
}

#[test]
fn what_is_no_message_ends_the_session_in_every_state() {
    let gateway = Gateway::start();
    let mut bystander = Raw::connect(gateway.address(), "ana.home");
    for (number, (what, bytes)) in bad_messages().iter().enumerate() {
        let states = states();
        // Each in one state, all in every state in long runs.
        let chosen = if testkit::is_long() {
            &states[..]
        } else {
            &states[number % states.len()..][..1]
        };
        for (state, enter) in chosen {
            let mut raw = Raw::connect(gateway.address(), "mei.eligible");
            enter(&mut raw);
            raw.send_bytes(bytes);
            let answers = raw.until_closed();
            let told = answers
                .iter()
                .rev()
                .find(|answer| answer.starts_with("Error"));
            let told = told.unwrap_or_else(|| panic!("{what} {state}: {answers:?}"));
            assert!(
                told.contains("protocol-violation") || told.contains("message-not-allowed"),
                "{what} {state}: {answers:?}"
            );
            assert_eq!(answers.last().unwrap(), told, "{what} {state}");
        }
        let answers = bystander.query(&format!("select {number}"));
        assert_eq!(answers.last().unwrap(), "Ready I");
    }
    drop(bystander);
    survives(gateway);
}

#[test]
fn after_an_error_nothing_is_looked_at_but_lengths_and_sync() {
    let gateway = Gateway::start();
    // As PostgreSQL: what comes before Sync is passed over, however it reads.
    let mut raw = Raw::connect(gateway.address(), "mei.eligible");
    raw.parse("", "select * from nowhere").describe_portal("");
    raw.bind("", "no such").execute("no such", 7);
    let answers = raw.sync();
    assert!(answers[0].starts_with("Error"), "{answers:?}");
    assert_eq!(answers[1..], ["Ready I"]);
    assert_eq!(raw.query("select 1").last().unwrap(), "Ready I");
    drop(raw);
    survives(gateway);
}

#[test]
fn what_is_no_beginning_is_turned_away() {
    let gateway = Gateway::start();
    let startup = |version: u32, body: &[u8]| {
        let mut bytes = u32::try_from(body.len() + 8)
            .unwrap()
            .to_be_bytes()
            .to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend(body);
        bytes
    };
    let many: Vec<u8> = (0..65)
        .flat_map(|n| format!("a{n}\0b\0").into_bytes())
        .chain(*b"user\0x\0\0")
        .collect();
    let beginnings: Vec<(&str, Vec<u8>)> = vec![
        ("a length of zero", vec![0, 0, 0, 0]),
        ("a length of seven", vec![0, 0, 0, 7]),
        ("a negative length", vec![0xff, 0xff, 0xff, 0xff]),
        ("a length above the limit", vec![0, 0, 0x27, 0x11]),
        ("HTTP", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("version 2", startup(0x0002_0000, b"user\0x\0\0")),
        ("version 4", startup(0x0004_0000, b"user\0x\0\0")),
        ("version 0", startup(0, b"user\0x\0\0")),
        ("no user", startup(0x0003_0000, b"database\0app\0\0")),
        ("an empty user", startup(0x0003_0000, b"user\0\0\0")),
        ("two users", startup(0x0003_0000, b"user\0a\0user\0b\0\0")),
        (
            "a user that is not UTF-8",
            startup(0x0003_0000, b"user\0\xff\0\0"),
        ),
        ("no end", startup(0x0003_0000, b"user\0x\0")),
        ("more behind the end", startup(0x0003_0000, b"user\0x\0\0x")),
        ("a name without a value", startup(0x0003_0000, b"user\0")),
        ("too many parameters", startup(0x0003_0000, &many)),
        (
            "a cancel that is too short",
            startup(80_877_102, b"\0\0\0\x01"),
        ),
        ("a cancel that is too long", startup(80_877_102, &[0; 300])),
        ("a request for TLS with a body", startup(80_877_103, b"x")),
        (
            "two requests for GSS",
            [startup(80_877_104, b""), startup(80_877_104, b"")].concat(),
        ),
    ];
    for (what, bytes) in &beginnings {
        let mut raw = Raw::open(gateway.address());
        raw.send_bytes(bytes);
        let answer = raw.next_or_garbage();
        assert!(
            answer == "closed" || answer.contains("protocol-violation"),
            "{what}: {answer}"
        );
    }
    survives(gateway);
}

#[test]
fn what_is_no_answer_to_a_question_for_a_password_is_turned_away() {
    let gateway = Gateway::start();
    let mut wrong = bad_messages();
    wrong.retain(|(_, bytes)| bytes.first() != Some(&b'p'));
    wrong.extend([
        ("an answer above the limit", head(b'p', 65_536)),
        ("no mechanism", message(b'p', b"")),
        (
            "an unknown mechanism",
            message(b'p', b"PLAIN\0\0\0\0\x04user"),
        ),
        (
            "MD5",
            message(b'p', b"md500000000000000000000000000000000\0"),
        ),
        (
            "no first message",
            message(b'p', b"SCRAM-SHA-256\0\xff\xff\xff\xff"),
        ),
        (
            "a first message that is none",
            message(b'p', b"SCRAM-SHA-256\0\0\0\0\x03abc"),
        ),
        (
            "a length beyond it",
            message(b'p', b"SCRAM-SHA-256\0\0\0\0\x7fabc"),
        ),
        ("another name inside", {
            let first = b"n,a=root,n=,r=abcdefghijklmnopqrstuvwx";
            let mut body = b"SCRAM-SHA-256\0".to_vec();
            body.extend(u32::try_from(first.len()).unwrap().to_be_bytes());
            body.extend(first);
            message(b'p', &body)
        }),
    ]);
    for (what, bytes) in &wrong {
        let mut raw = Raw::open(gateway.address());
        let parameters = [("user", "ana.home"), ("database", "app")];
        wire::frontend::startup(&mut raw.out, wire::Minor::Zero, parameters).unwrap();
        raw.send();
        assert!(raw.next().starts_with("Sasl "));
        raw.send_bytes(bytes);
        let answer = raw.next();
        assert!(
            answer.contains("protocol-violation") || answer.contains("authentication-failed"),
            "{what}: {answer}"
        );
        assert_eq!(raw.next(), "closed", "{what}");
    }
    survives(gateway);
}

/// It works, nothing broke off, and the ledger verifies.
fn survives(gateway: Gateway) {
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    let answers = raw.query("select title from regions where code = 'NA'");
    assert_eq!(answers.last().unwrap(), "Ready I", "{answers:?}");
    drop(raw);
    let said = gateway.said();
    assert!(
        !said.contains("broke off") && !said.contains("panicked"),
        "{said}"
    );
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    Entries::of(&setup);
}
