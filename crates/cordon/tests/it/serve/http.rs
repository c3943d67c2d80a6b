//! Health, metrics and the logs over HTTP, and nothing else over it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use super::Gateway;
use super::gateway::wait;
use crate::command::cordon;

/// An answer: its status, its head, its body.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

/// Asks for exactly this target, as no well-behaved client would clean it.
fn ask(address: SocketAddr, method: &str, target: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_ascii_lowercase(),
        body: bytes[end + 4..].to_vec(),
    }
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

/// The value of a metric without a label.
fn metric(address: SocketAddr, name: &str) -> u64 {
    let metrics = text(&ask(address, "GET", "/metrics"));
    let line = metrics
        .lines()
        .find(|line| line.split(' ').next() == Some(name));
    let value = line.unwrap_or_else(|| panic!("{name} is not in\n{metrics}"));
    value.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn health_and_metrics_tell_what_happens_and_about_nobody() {
    let gateway = Gateway::start();
    let http = gateway.http();
    let health = ask(http, "GET", "/health");
    assert_eq!(health.status, 200, "{}", text(&health));
    assert!(
        text(&health).contains("\"healthy\":true"),
        "{}",
        text(&health)
    );
    assert!(
        health.head.contains("cache-control: no-store"),
        "{}",
        health.head
    );
    let secret = "a-literal-that-nobody-else-writes";
    wait(async {
        let client = gateway.connect("mei.eligible").await.unwrap();
        let sql = format!("SELECT title FROM regions WHERE title <> '{secret}'");
        assert_eq!(client.query(&sql, &[]).await.unwrap().len(), 2);
        assert!(
            client
                .query("SELECT * FROM no_such_table_here", &[])
                .await
                .is_err()
        );
        client.query("SELECT 1", &[]).await.unwrap();
        assert_eq!(metric(http, "cordon_sessions_open"), 1);
        assert!(gateway.connect("nobody.known").await.is_err());
    });
    assert_eq!(metric(http, "cordon_sessions_total"), 1);
    assert!(metric(http, "cordon_statements_decided_total") >= 1);
    assert!(metric(http, "cordon_statements_refused_total") >= 1);
    assert_eq!(metric(http, "cordon_rows_released_total"), 2);
    assert!(metric(http, "cordon_bytes_released_total") > 0);
    assert!(metric(http, "cordon_turned_away_total") >= 1);
    let metrics = text(&ask(http, "GET", "/metrics"));
    for label in [
        "{database=\"app\"}",
        "{log=\"control-1\"}",
        "{log=\"access-gate-1-1\"}",
    ] {
        assert!(metrics.contains(label), "{label} is not in\n{metrics}");
    }
    let said = gateway.said();
    for about_somebody in ["mei.eligible", "nobody.known", secret, "no_such_table_here"] {
        assert!(!metrics.contains(about_somebody), "{about_somebody}");
        assert!(!said.contains(about_somebody), "{about_somebody}: {said}");
    }
}

#[test]
fn a_stranger_verifies_the_logs_over_http() {
    let gateway = Gateway::start();
    wait(async {
        let client = gateway.connect("mei.eligible").await.unwrap();
        client
            .query("SELECT title FROM regions", &[])
            .await
            .unwrap();
    });
    let base = format!("http://{}/log", gateway.http());
    let key = gateway.setup.file("key");
    let served = ask(gateway.http(), "GET", "/log/control-1/log.vkey");
    assert_eq!(served.status, 200);
    std::fs::write(&key, &served.body).unwrap();
    let (control, access) = (
        format!("{base}/control-1"),
        format!("{base}/access-gate-1-1"),
    );
    let ran = cordon(&[
        "ledger",
        "verify",
        &control,
        &access,
        "--log",
        key.to_str().unwrap(),
    ]);
    // Without a witness nothing can be wrong that the log itself does not say.
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("no violation found in"), "{}", ran.out);
    assert!(ran.out.contains("of 2 logs"), "{}", ran.out);
}

#[test]
fn nothing_but_the_published_logs_can_be_had() {
    let gateway = Gateway::start();
    let http = gateway.http();
    let checkpoint = ask(http, "GET", "/log/control-1/checkpoint");
    assert_eq!(checkpoint.status, 200);
    assert!(
        checkpoint.head.contains("cache-control: no-store"),
        "{}",
        checkpoint.head
    );
    let folder = gateway.setup.file("ledger/control-1");
    let tile = ["tile/0/000", "tile/0/000.p"]
        .into_iter()
        .find_map(|name| {
            let path = folder.join(name);
            if path.is_file() {
                return Some(name.to_owned());
            }
            let width = std::fs::read_dir(path).ok()?.next()?.ok()?.file_name();
            Some(format!("{name}/{}", width.to_str()?))
        })
        .unwrap();
    let answer = ask(http, "GET", &format!("/log/control-1/{tile}"));
    assert_eq!(answer.status, 200, "{tile}");
    assert!(answer.head.contains("immutable"), "{}", answer.head);
    assert_eq!(answer.body, std::fs::read(folder.join(&tile)).unwrap());
    // All that lies there and is not published, however it is asked for.
    let mut hidden = vec![
        "/log/control-1/../../secrets/pseudonym.key".to_owned(),
        "/log/control-1/%2e%2e/%2e%2e/secrets/pseudonym.key".to_owned(),
        "/log/control-1/..%2f..%2fsecrets%2fpseudonym.key".to_owned(),
        "/log/control-1/tile/0/..%2f..%2f..%2f..%2fsecrets/scram".to_owned(),
        "/log/../secrets/scram".to_owned(),
        "/log/%2e%2e/secrets/scram".to_owned(),
        "/log/..%2fsecrets/scram".to_owned(),
        "/log/control-1//etc/passwd".to_owned(),
        "/log/control-1/%2fetc%2fpasswd".to_owned(),
        "/log/control-1/checkpoint%00".to_owned(),
        "/log/control-1".to_owned(),
        "/log/control-1/".to_owned(),
        "/log/".to_owned(),
        "/".to_owned(),
        "/secrets/scram".to_owned(),
        "/cordon.toml".to_owned(),
    ];
    let mut folders = vec![folder.clone()];
    while let Some(inside) = folders.pop() {
        for entry in std::fs::read_dir(&inside).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(&folder)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let is_public =
                name.starts_with("tile/") || ["checkpoint", "log.vkey"].contains(&&*name);
            if path.is_dir() {
                folders.push(path);
            } else if !is_public {
                hidden.push(format!("/log/control-1/{name}"));
            }
        }
    }
    assert!(hidden.len() > 17, "there is no journal: {hidden:?}");
    for target in &hidden {
        let answer = ask(http, "GET", target);
        assert!(
            [400, 404].contains(&answer.status),
            "{target}: {}",
            answer.status
        );
    }
    for method in ["POST", "PUT", "DELETE"] {
        assert_eq!(ask(http, method, "/log/control-1/checkpoint").status, 405);
    }
}

#[test]
fn health_says_when_the_data_store_is_gone() {
    let server: &'static scratch::Server = Box::leak(Box::new(scratch::Server::start().unwrap()));
    let gateway = super::Setup::on(server).start();
    assert_eq!(ask(gateway.http(), "GET", "/health").status, 200);
    // Every session of the gateway ends, and none can begin.
    gateway.setup.sql("ALTER ROLE cordon NOLOGIN");
    gateway
        .setup
        .sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cordon'");
    gateway.wait_for_line("the schema is not held");
    let health = ask(gateway.http(), "GET", "/health");
    assert_eq!(health.status, 503, "{}", text(&health));
    gateway.setup.sql("ALTER ROLE cordon LOGIN");
    gateway.wait_for_line("the schema is held");
    assert_eq!(ask(gateway.http(), "GET", "/health").status, 200);
}
