//! The running command over real sockets, and what a kill leaves behind.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use crate::made::{Log, Place, log_key};

/// A witness in a process of its own. Killed when dropped.
pub struct Running {
    child: Child,
    pub address: String,
    stderr: BufReader<ChildStderr>,
}

impl Running {
    pub fn start(place: &Place) -> Self {
        Self::start_at(place, "127.0.0.1:0")
    }

    pub fn start_at(place: &Place, address: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cordon-witness"))
            .args(["serve", "--listen", address, "--key"])
            .arg(&place.settings.key)
            .args(["--log", &log_key().verifier().to_string(), "--state"])
            .arg(&place.settings.state)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let address = line.split("address=").nth(1).expect(&line);
        Self {
            address: address.split(' ').next().unwrap().to_owned(),
            child,
            stderr,
        }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }

    pub fn post(&self, body: &str) -> Reply {
        exchange(&mut self.connect(), "POST", "/add-checkpoint", body)
    }

    /// Asks it to stop, and waits: its exit code and all it said.
    fn stop(mut self) -> (i32, String) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        let code = self.child.wait().unwrap().code().unwrap();
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        (code, said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// One request on a connection that stays open.
fn exchange(stream: &mut TcpStream, method: &str, path: &str, body: &str) -> Reply {
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: w\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    read_reply(stream)
}

fn read_reply(stream: &mut TcpStream) -> Reply {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap();
    let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Reply {
        status: head[9..12].parse().unwrap(),
        body: String::from_utf8(body).unwrap(),
        head,
    }
}

#[test]
fn answers_travel_as_the_specification_says() {
    let place = Place::new();
    let running = Running::start(&place);
    // One connection for all, which logs are to keep open.
    let mut stream = running.connect();
    let mut post = |body: &str| exchange(&mut stream, "POST", "/add-checkpoint", body);
    let cosigned = post(&Log::of(10).request(0));
    assert_eq!(cosigned.status, 200);
    assert!(
        cosigned.body.starts_with("— witness.example/w1 "),
        "{cosigned:?}"
    );
    let conflict = post(&Log::of(12).request(0));
    assert_eq!((conflict.status, conflict.body.as_str()), (409, "10\n"));
    assert!(
        conflict.head.contains("content-type: text/x.tlog.size\r\n"),
        "{conflict:?}"
    );
    assert_eq!(post(&Log::rewritten(12, 3).request(10)).status, 422);
    assert_eq!(
        post(&Log::of(12).request(10).replace("control", "other")).status,
        404
    );
    assert_eq!(
        post(&Log::of(12).request(10).replace("\n12\n", "\n13\n")).status,
        403
    );
    assert_eq!(post("hello").status, 400);
    assert_eq!(post(&Log::of(12).request(10)).status, 200);
    let health = exchange(&mut stream, "GET", "/health", "");
    assert_eq!(health.status, 200);
    assert!(health.body.contains("\"size\":12"), "{health:?}");
    assert_eq!(
        exchange(&mut stream, "GET", "/add-checkpoint", "").status,
        405
    );
    assert_eq!(exchange(&mut stream, "GET", "/", "").status, 404);
}

#[test]
fn body_above_the_limit_is_refused_before_it_is_read() {
    let place = Place::new();
    let running = Running::start(&place);
    let mut stream = running.connect();
    let head = "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 99999999\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(read_reply(&mut stream).status, 413);
    assert_eq!(running.post(&Log::of(1).request(0)).status, 200);
}

#[test]
fn idle_connections_do_not_keep_others_out_below_their_limit() {
    let place = Place::new();
    let running = Running::start(&place);
    let idle: Vec<TcpStream> = (0..40).map(|_| running.connect()).collect();
    assert_eq!(running.post(&Log::of(1).request(0)).status, 200);
    drop(idle);
}

#[test]
fn stop_is_graceful_and_logs_hold_no_secret() {
    let place = Place::new();
    let running = Running::start(&place);
    assert_eq!(running.post(&Log::of(10).request(0)).status, 200);
    assert_eq!(running.post(&Log::rewritten(10, 2).request(0)).status, 409);
    let (code, said) = running.stop();
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("event=cosigned") && said.contains("kind=fork"),
        "{said}"
    );
    assert!(said.contains("event=stopped all_answered=true"), "{said}");
    let secret = std::fs::read_to_string(&place.settings.key).unwrap();
    // PRIVATE+KEY+name+hash+base64: base64 has plus signs of its own, so only the first four part.
    let secret = secret.trim_end().splitn(5, '+').nth(4).unwrap();
    assert!(secret.len() > 40, "{}", secret.len());
    assert!(!said.contains(secret));
}

#[test]
fn nothing_that_was_answered_is_forgotten_by_a_kill() {
    let place = Place::new();
    let mut answered = 0;
    for round in 0..6_u64 {
        let mut running = Running::start(&place);
        let mut stream = running.connect();
        for step in 0..3 + round {
            let size = answered + 1 + step % 2;
            let reply = exchange(
                &mut stream,
                "POST",
                "/add-checkpoint",
                &Log::of(size).request(answered),
            );
            assert_eq!(reply.status, 200, "{reply:?}");
            answered = size;
        }
        // One more is under way when the kill comes.
        let body = Log::of(answered + 1).request(answered);
        let head = "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length:";
        write!(stream, "{head} {}\r\n\r\n{body}", body.len()).unwrap();
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        let running = Running::start(&place);
        let told = running.post(&Log::of(answered + 9).request_with(answered + 2, Vec::new()));
        let stands: u64 = told.body.trim().parse().unwrap();
        assert!(
            [answered, answered + 1].contains(&stands),
            "{stands} after {answered}"
        );
        answered = stands;
    }
}
