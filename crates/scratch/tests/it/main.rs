//! Real servers, started and stopped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use scratch::{ScratchError, Server};

#[test]
fn a_server_answers_on_its_socket_and_port_and_leaves_nothing() {
    let server = Server::start().unwrap();
    let folder = server.socket_dir().to_owned();
    let port = server.port();
    assert_eq!(server.run("postgres", "select 1 + 1;").unwrap(), "2\n");
    UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).unwrap();
    TcpStream::connect(("127.0.0.1", port)).unwrap();
    drop(server);
    assert!(!folder.exists());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn servers_live_side_by_side_with_their_own_settings() {
    let one = Server::start().unwrap();
    let other = Server::start_with(&[("work_mem", "'7MB'")]).unwrap();
    assert_ne!(one.port(), other.port());
    assert_eq!(other.run("postgres", "show work_mem;").unwrap(), "7MB\n");
    assert_ne!(one.run("postgres", "show work_mem;").unwrap(), "7MB\n");
    assert_eq!(
        one.run("postgres", "show server_encoding;").unwrap(),
        "UTF8\n"
    );
}

#[test]
fn a_database_may_have_any_name() {
    let server = Server::start().unwrap();
    let name = "a \"b\"/ü?%";
    server.create_database(name).unwrap();
    let said = server.run(name, "select current_database();").unwrap();
    assert_eq!(said.trim_end(), name);
    assert!(
        server.create_database(name).is_err(),
        "there is one already"
    );
}

#[test]
fn a_server_that_cannot_start_shows_its_log() {
    let error = Server::start_with(&[("no_such_setting", "1")]).unwrap_err();
    let ScratchError::NotReady { log } = error else {
        panic!("{error}")
    };
    assert!(log.contains("no_such_setting"), "{log}");
}

#[test]
fn a_failing_statement_ends_the_script_with_the_message() {
    let server = Server::start().unwrap();
    let error = server
        .run("postgres", "select 1/0; create table t ();")
        .unwrap_err();
    assert!(error.to_string().contains("division by zero"), "{error}");
    let left = server
        .run(
            "postgres",
            "select count(*) from pg_class where relname = 't';",
        )
        .unwrap();
    assert_eq!(left, "0\n");
}

#[test]
fn a_panic_stops_the_server() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let result = std::thread::spawn(move || {
        let server = Server::start().unwrap();
        sender.send(server.socket_dir().to_owned()).unwrap();
        panic!("on purpose");
    })
    .join();
    assert!(result.is_err());
    assert!(!receiver.recv().unwrap().exists());
}

/// Set in the process that is to die.
const DIE: &str = "CORDON_SCRATCH_DIE";

/// Run by the test below in another process; on its own it does nothing.
#[test]
fn owner_that_dies() {
    if std::env::var_os(DIE).is_some() {
        let server = Server::start().unwrap();
        println!("folder={}", server.socket_dir().display());
        std::process::abort();
    }
}

#[test]
fn a_server_does_not_outlive_a_killed_owner() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "owner_that_dies", "--nocapture"])
        .env(DIE, "1")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let folder = text
        .split_once("folder=")
        .unwrap()
        .1
        .lines()
        .next()
        .unwrap();
    let began = Instant::now();
    while Path::new(folder).exists() {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{folder} is still there"
        );
        sleep(Duration::from_millis(20));
    }
}
