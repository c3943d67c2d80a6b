//! Strangers who connect and say nothing, or half of something: others come in and are served.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

use super::size;
use crate::gateway::{Entries, Raw};
use crate::serve::{Gateway, PASSWORD, Setup, wait};

/// What strangers say before they fall silent.
const SAID: [&[u8]; 4] = [
    b"",
    b"\0\0\0\x29\0\x03",
    // A request for TLS, which is answered.
    b"\0\0\0\x08\x04\xd2\x16\x2f",
    // The beginning of a TLS handshake without a request.
    b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
];

/// A connection from an address of this host.
async fn connect(from: Ipv4Addr, to: SocketAddr, say: &[u8]) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((IpAddr::V4(from), 0).into()).unwrap();
    let mut stream = socket.connect(to).await.ok()?;
    // It may be let go at once.
    let _ = stream.write_all(say).await;
    Some(stream)
}

/// So many from one address, all held open.
async fn crowd(gateway: &Gateway, from: Ipv4Addr, many: usize) -> Vec<TcpStream> {
    let mut crowd = Vec::new();
    for number in 0..many {
        let said = SAID[number % SAID.len()];
        crowd.extend(connect(from, gateway.address(), said).await);
    }
    crowd
}

fn with_tls() -> Setup {
    let setup = Setup::new();
    let validity = identity::certificates::Validity {
        from: model::Timestamp::from_seconds(1_700_000_000),
        until: model::Timestamp::from_seconds(2_500_000_000),
    };
    let authority = identity::certificates::Authority::make("test", validity).unwrap();
    let server = authority.server(&["localhost"], validity).unwrap();
    server.write(setup.dir(), "server").unwrap();
    setup.set("tls", "certificate = \"server.crt\"\nkey = \"server.key\"");
    setup
}

#[test]
fn a_crowd_of_strangers_keeps_nobody_else_out() {
    let many = size(1_500, 10_000);
    let setup = with_tls();
    setup.fill(10);
    let gateway = setup.start();
    let mut inside = Raw::connect(gateway.address(), "ana.home");
    let before = gateway.memory_kib();
    let crowd = wait(crowd(&gateway, Ipv4Addr::new(127, 0, 0, 2), many));
    let held = gateway.memory_kib();
    // Who is in goes on, and who comes from elsewhere comes in.
    let begun = Instant::now();
    for number in 0..20 {
        let answers = inside.query(&format!("select {number}, title from regions"));
        assert_eq!(answers.last().unwrap(), "Ready I", "{answers:?}");
        let (_, answers) = Raw::try_connect(gateway.address(), "ana.home", PASSWORD, "app", &[]);
        assert_eq!(answers.last().unwrap(), "Ready I", "{answers:?}");
    }
    let took = begun.elapsed();
    eprintln!(
        "{} half-open: {} KiB before, {held} KiB with them, 20 sessions in {took:?}",
        crowd.len(),
        before
    );
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert!(held < before + 64 * 1024, "{before} KiB became {held} KiB");
    // Those who were let go at once are in the ledger, as a number.
    drop(inside);
    let begun = Instant::now();
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "strangers delay the stop"
    );
    drop(crowd);
    let entries = Entries::of(&setup);
    let turned_away: u64 = entries
        .of_kind("refusal")
        .iter()
        .filter(|entry| entry["body"]["code"] == "too-many-sessions")
        .map(|entry| entry["body"]["count"].as_u64().unwrap())
        .sum();
    // Fifty have places and twelve hundred wait; the rest is turned away.
    assert_eq!(turned_away, many as u64 - 1_250);
}

#[test]
fn the_end_of_a_burst_is_recorded_without_another_one() {
    let gateway = Gateway::start();
    for _ in 0..5 {
        let (_, answers) = Raw::try_connect(gateway.address(), "ana.home", "wrong", "app", &[]);
        assert!(answers.last().unwrap().contains("authentication-failed"));
    }
    // The first is recorded at once, the others a second later, by themselves.
    let begun = Instant::now();
    let counted = loop {
        let counted = turned_away(&gateway);
        if counted >= 5 || begun.elapsed() > Duration::from_secs(30) {
            break counted;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(counted, 5);
    // Killed, so that it is not the stop that records them.
    gateway.signal("KILL");
    let (code, setup) = gateway.taken().start().stop();
    assert_eq!(code, 0);
    let counts: Vec<u64> = Entries::of(&setup)
        .of_kind("refusal")
        .iter()
        .map(|entry| entry["body"]["count"].as_u64().unwrap())
        .collect();
    assert_eq!(counts.iter().sum::<u64>(), 5, "{counts:?}");
}

/// The number of those who were recorded as turned away, as `/metrics` tells it.
fn turned_away(gateway: &Gateway) -> u64 {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(gateway.http()).unwrap();
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let line = text
        .lines()
        .find(|line| line.contains("turned_away") && !line.starts_with('#'));
    let line = line.unwrap_or_else(|| panic!("{text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}
