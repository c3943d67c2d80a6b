//! Sections F and G of the corpus before a session: settings and names of the first message, TLS and
//! its bytes, versions, lengths, and what may not be said before somebody has proved who they are.

use std::net::SocketAddr;

use wire::frontend;

use super::line::{Line, Login, Message};
use crate::serve::{Gateway, Setup};

/// A first packet of these bytes behind its length and protocol.
fn packet(protocol: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(8 + body.len())
        .unwrap()
        .to_be_bytes()
        .to_vec();
    bytes.extend(protocol.to_be_bytes());
    bytes.extend(body);
    bytes
}

const THREE: u32 = 3 << 16;
const TLS: u32 = 80_877_103;
const GSS: u32 = 80_877_104;

/// Sends bytes on a new connection; all that comes back, and whether the connection ends.
fn answers(address: SocketAddr, bytes: &[u8]) -> Vec<Message> {
    let mut line = Line::open(address);
    line.out.extend_from_slice(bytes);
    line.send();
    let all: Vec<Message> = std::iter::from_fn(|| line.next()).collect();
    assert!(line.is_closed);
    all
}

/// The connection ends, and if something is said it is one fatal error of this code.
fn closes(address: SocketAddr, name: &str, bytes: &[u8], codes: &[&str]) {
    let said = answers(address, bytes);
    for message in &said {
        assert_eq!(message.tag, b'E', "{name}: {}", message.words());
        assert_eq!(message.field('V'), "FATAL", "{name}");
        let code = message.field('C');
        assert!(
            codes.contains(&code.as_str()),
            "{name}: {}",
            message.words()
        );
    }
    assert!(said.len() <= 1, "{name}");
    assert!(
        !said.is_empty() || codes.is_empty(),
        "{name}: nothing was said"
    );
}

#[test]
fn first_packets_that_are_not_as_they_should_be_end_the_connection() {
    let gateway = Gateway::start();
    let address = gateway.address();
    let violation = ["08P01"];
    // G12: lengths.
    for length in [
        0_u32,
        3,
        4,
        7,
        10_001,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
    ] {
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.extend(THREE.to_be_bytes());
        closes(address, "G12", &bytes, &violation);
    }
    // F17: a name twice, none, an empty one, one with bytes that are no text, one without an end.
    for body in [
        &b"user\0ana.home\0user\0li.beijing\0database\0app\0\0"[..],
        b"user\0ana.home\0database\0app\0database\0app\0\0",
        b"user\0\0database\0app\0\0",
        b"database\0app\0\0",
        b"user\0ana.home\0database\0app\0application_name\0\xff\xfe\0\0",
        b"user\0ana.home\0database\0app",
        b"user\0ana.home\0database\0app\0\0and more",
        b"",
    ] {
        closes(address, "F17", &packet(THREE, body), &violation);
    }
    // F18: protocols that are none.
    let body = b"user\0ana.home\0database\0app\0\0";
    for protocol in [0, 1 << 16, 2 << 16, 4 << 16, 99 << 16, 80_877_101] {
        let codes = ["08P01", "0A000"];
        closes(address, "F18", &packet(protocol, body), &codes);
    }
    // G03: bytes behind the wish for TLS or GSS would be read as if they had come inside it.
    for wish in [TLS, GSS] {
        let mut bytes = packet(wish, b"");
        bytes.extend(packet(THREE, body));
        let mut line = Line::open(address);
        line.out.extend_from_slice(&bytes);
        line.send();
        let answer = line.byte();
        assert!(answer.is_none() || answer == Some(b'N'), "G03: {answer:?}");
        assert_eq!(line.next(), None, "G03");
    }
    // G04: each is asked for once at most.
    for wish in [TLS, GSS] {
        let mut line = Line::open(address);
        for turn in [Some(b'N'), None] {
            line.out.extend_from_slice(&packet(wish, b""));
            line.send();
            assert_eq!(line.byte(), turn, "G04");
        }
    }
    // A direct TLS handshake where there is no TLS.
    closes(address, "G06", b"\x16\x03\x01\x00\x05hello", &[]);
}

#[test]
fn nothing_but_its_proof_may_come_from_who_has_none() {
    let gateway = Gateway::start();
    let address = gateway.address();
    let start = |more: &[(&str, &str)]| {
        let mut line = Line::open(address);
        let parameters = [("user", "ana.home"), ("database", "app")];
        let parameters = parameters.iter().chain(more).copied();
        frontend::startup(&mut line.out, wire::Minor::Zero, parameters).unwrap();
        line
    };
    // G01: a Query behind the first message, in one packet and in another.
    for is_one_packet in [true, false] {
        let mut line = start(&[]);
        if !is_one_packet {
            line.send();
            assert_eq!(line.next().unwrap().tag, b'R');
        }
        frontend::query(&mut line.out, "select 1").unwrap();
        line.send();
        let said: Vec<Message> = std::iter::from_fn(|| line.next()).collect();
        let last = said.last().unwrap();
        assert_eq!(
            (last.tag, last.field('C')),
            (b'E', "08P01".to_owned()),
            "G01"
        );
    }
    // G01: and one behind the last proof.
    let mut line = start(&[]);
    line.send();
    line.next();
    let none = postgres_protocol::authentication::sasl::ChannelBinding::unsupported();
    let password = crate::serve::PASSWORD.as_bytes();
    let mut scram = postgres_protocol::authentication::sasl::ScramSha256::new(password, none);
    frontend::sasl_initial(&mut line.out, "SCRAM-SHA-256", Some(scram.message())).unwrap();
    line.send();
    let challenge = line.next().unwrap();
    scram.update(&challenge.body[4..]).unwrap();
    frontend::sasl_response(&mut line.out, scram.message()).unwrap();
    frontend::query(&mut line.out, "select 1").unwrap();
    line.send();
    let said: Vec<Message> = std::iter::from_fn(|| line.next()).collect();
    assert_eq!(said.last().unwrap().field('C'), "08P01", "G01");
    assert!(
        said.iter()
            .all(|message| !matches!(message.tag, b'D' | b'Z'))
    );
    // G10: what is offered is SCRAM and nothing else, to anybody.
    for user in ["ana.home", "nobody", "postgres"] {
        let mut line = Line::open(address);
        let parameters = [("user", user), ("database", "app")];
        frontend::startup(&mut line.out, wire::Minor::Zero, parameters).unwrap();
        line.send();
        let offer = line.next().unwrap();
        assert_eq!(offer.body, b"\0\0\0\x0aSCRAM-SHA-256\0\0", "G10: {user}");
    }
    // G12: lengths of the answer.
    for length in [0_u32, 3, 0x0001_0000, 0x7fff_ffff, 0xffff_ffff] {
        let mut line = start(&[]);
        line.send();
        line.next();
        line.out.extend_from_slice(b"p");
        line.out.extend_from_slice(&length.to_be_bytes());
        line.send();
        let said: Vec<Message> = std::iter::from_fn(|| line.next()).collect();
        assert_eq!(said.last().unwrap().field('C'), "08P01", "G12: {length}");
    }
    // G27: replication, however it is asked for; the rest of the protocol calls it by statements.
    for value in ["true", "on", "1", "yes", "database", "tru", "TRUE"] {
        let mut line = start(&[("replication", value)]);
        line.send();
        let said: Vec<Message> = std::iter::from_fn(|| line.next()).collect();
        let last = said.last().unwrap();
        assert_eq!(last.tag, b'E', "G27: {value}");
        assert!(
            last.field('D').contains("message-not-allowed"),
            "G27: {value}"
        );
    }
    // G09: a name that there is not gets a challenge of the same form, and the same every time.
    let challenge = |user: &str| {
        let mut line = Line::open(address);
        let parameters = [("user", user), ("database", "app")];
        frontend::startup(&mut line.out, wire::Minor::Zero, parameters).unwrap();
        line.send();
        line.next();
        frontend::sasl_initial(&mut line.out, "SCRAM-SHA-256", Some(b"n,,n=,r=abcdefgh")).unwrap();
        line.send();
        let said = String::from_utf8(line.next().unwrap().body[4..].to_vec()).unwrap();
        let (_, salt) = said.split_once(",s=").unwrap();
        salt.to_owned()
    };
    assert_eq!(challenge("nobody"), challenge("nobody"), "G09");
    let form = |salt: &str| (salt.len(), salt.split_once(",i=").unwrap().1.to_owned());
    assert_eq!(
        form(&challenge("nobody")),
        form(&challenge("ana.home")),
        "G09"
    );
}

#[test]
fn versions_and_options_that_are_not_known_are_negotiated() {
    let gateway = Gateway::start();
    let address = gateway.address();
    // F18: a later minor version and an option of the protocol: told, and let in by what is known.
    for (protocol, option) in [(THREE + 99, false), (THREE + 2, true), (THREE, true)] {
        let mut body = b"user\0ana.home\0database\0app\0".to_vec();
        if option {
            body.extend(b"_pq_.compress\0on\0");
        }
        body.push(0);
        let mut line = Line::open(address);
        line.out.extend_from_slice(&packet(protocol, &body));
        line.send();
        let first = line.next().unwrap();
        assert_eq!(first.tag, b'v', "F18: {}", first.words());
        assert_eq!(first.body.ends_with(b"_pq_.compress\0"), option, "F18");
        assert_eq!(line.next().unwrap().tag, b'R', "F18");
    }
    // 3.2 has long keys, 3.0 has short ones.
    for (minor, length) in [(wire::Minor::Zero, 4), (wire::Minor::Two, 32)] {
        let login = Login {
            minor,
            ..Login::new("ana.home", "app")
        };
        let line = Line::login(address, &login);
        let key = line.greeting.iter().find(|message| message.tag == b'K');
        assert_eq!(key.unwrap().body.len(), 4 + length);
    }
    // F15: names of programs keep neither control characters nor more than a name's length.
    let long = "x".repeat(5_000);
    for (name, shown) in [
        (
            "line\nbreak; drop\u{1b}[31m \u{e9}",
            "line?break; drop?[31m ?",
        ),
        (long.as_str(), &long[..63]),
    ] {
        let more = [("application_name", name)];
        let login = Login {
            more: &more,
            ..Login::new("ana.home", "app")
        };
        let mut line = Line::open(address);
        line.enter(&login);
        let said = line.said().join("\n");
        let is_refused = said.contains("FATAL");
        assert!(
            is_refused || said.contains(&format!("application_name\\x00{shown}\\x00")),
            "F15: {said}"
        );
    }
    // F06: bytes that are no text end the session that sends them, in each message with a text.
    for bytes in [
        &b"Q\0\0\0\x0eselect '\xff'\0"[..],
        b"P\0\0\0\x10\0select '\xff'\0\0\0",
        b"P\0\0\0\x11\xc3\x28\0select 1\0\0\0",
        b"B\0\0\0\x0d\xff\0\0\0\0\0\0\0\0",
        b"D\0\0\0\x07S\xff\0",
        b"E\0\0\0\x0a\xff\0\0\0\0\0",
        b"C\0\0\0\x07P\xff\0",
        b"f\0\0\0\x06\xff\0",
    ] {
        let mut line = Line::login(address, &Login::new("ana.home", "app"));
        line.out.extend_from_slice(bytes);
        line.send();
        let said = line.next().unwrap();
        assert_eq!(said.field('C'), "08P01", "F06: {bytes:?}: {}", said.words());
        assert_eq!(line.next(), None, "F06: {bytes:?}");
    }
}

#[test]
fn a_gateway_whose_tls_cannot_be_set_up_does_not_listen() {
    // G06: rather than serving in clear.
    let setup = Setup::new();
    let settings = std::fs::read_to_string(setup.file("cordon.toml")).unwrap();
    let tls = "\n[tls]\ncertificate = \"none.pem\"\nkey = \"none.key\"\n";
    std::fs::write(setup.file("cordon.toml"), settings + tls).unwrap();
    let ran = crate::command::cordon(&["serve", setup.dir_text(), "--evaluation"]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("none.pem"), "{}", ran.err);
    assert!(!ran.err.contains("listening"), "{}", ran.err);
}
