//! Where logs come from: directories, deployments, web servers, and what is wrong with a place.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use verifier::{Error, HttpSource, MemorySource, Source, Terms, Verdict, keys_of, open, verify};

use crate::made::witness;
use crate::tampered::control;
use crate::world::World;

/// Writes a log's files into a folder.
pub fn write(folder: &Path, files: &MemorySource) {
    for (name, bytes) in &files.files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn terms(world: &World) -> Terms {
    Terms {
        keys: vec![world.control.vkey()],
        witnesses: Some(Terms::any_of(&[witness().verifier().clone()]).unwrap()),
        ..Terms::default()
    }
}

/// A deployment's directory: the logs lie in `ledger`.
fn deployment(world: &World) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, log) in [
        ("control-1", &world.control),
        ("access-gate-1-1", &world.gate_1),
        ("access-gate-2-1", &world.gate_2),
    ] {
        write(&folder.path().join("ledger").join(name), &log.files());
    }
    folder
}

#[test]
fn a_deployment_s_directory_is_verified_as_a_whole() {
    let world = World::honest();
    let folder = deployment(&world);
    for place in [folder.path().to_owned(), folder.path().join("ledger")] {
        let sources = open(place.to_str().unwrap()).unwrap();
        assert_eq!(sources.len(), 3);
        let report = verify(&sources, &terms(&world), &mut |_| {}).unwrap();
        assert_eq!(report.verdict(), Verdict::Ok, "{}", report.to_text());
    }
}

#[test]
fn one_log_s_directory_is_verified_and_progress_is_told() {
    let log = control(300);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &log.files());
    let sources = open(folder.path().to_str().unwrap()).unwrap();
    let mut last = (0, 0);
    let terms = Terms {
        keys: vec![log.vkey()],
        earlier: vec![log.checkpoint_at(300)],
        ..Terms::default()
    };
    let report = verify(&sources, &terms, &mut |progress| {
        last = (progress.done, progress.size);
    })
    .unwrap();
    assert_eq!(report.verdict(), Verdict::Ok);
    assert_eq!(last, (300, 300));
}

/// How a web server sends a body.
#[derive(Clone, Copy, PartialEq)]
enum Sends {
    WithLength,
    UntilClosed,
    InChunks,
    HalfOfIt,
    Errors,
}

/// Serves the files until the test ends. The address of the log.
fn serve(files: MemorySource, sends: Sends) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request = lines.next().unwrap().unwrap();
            while !lines.next().unwrap().unwrap().is_empty() {}
            let path = request.split(' ').nth(1).unwrap();
            let body = files.files.get(path.strip_prefix("/logs/").unwrap_or("?"));
            let Some(body) = body else {
                let absent = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
                stream.write_all(absent).unwrap();
                continue;
            };
            let mut answer = b"HTTP/1.1 200 OK\r\n".to_vec();
            match sends {
                Sends::WithLength | Sends::HalfOfIt => {
                    let length = format!("Content-Length: {}\r\n\r\n", body.len());
                    answer.extend_from_slice(length.as_bytes());
                    let half = if sends == Sends::HalfOfIt { 2 } else { 1 };
                    answer.extend_from_slice(&body[..body.len() / half]);
                }
                Sends::UntilClosed => {
                    answer.extend_from_slice(b"\r\n");
                    answer.extend_from_slice(body);
                }
                Sends::InChunks => {
                    answer.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
                    for chunk in body.chunks(1000) {
                        answer.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                        answer.extend_from_slice(chunk);
                        answer.extend_from_slice(b"\r\n");
                    }
                    answer.extend_from_slice(b"0\r\n\r\n");
                }
                Sends::Errors => answer = b"HTTP/1.1 500 Oops\r\n\r\n".to_vec(),
            }
            stream.write_all(&answer).unwrap();
        }
    });
    format!("http://{address}/logs/")
}

#[test]
fn a_log_behind_a_web_server_is_verified() {
    let log = control(300);
    for sends in [Sends::WithLength, Sends::UntilClosed, Sends::InChunks] {
        let address = serve(log.files(), sends);
        let terms = Terms {
            keys: vec![log.vkey()],
            witnesses: Some(Terms::any_of(&[witness().verifier().clone()]).unwrap()),
            ..Terms::default()
        };
        let report = verify(&open(&address).unwrap(), &terms, &mut |_| {}).unwrap();
        assert_eq!(report.verdict(), Verdict::Ok, "{}", report.to_text());
    }
}

#[test]
fn an_answer_that_is_cut_or_an_error_is_no_missing_file() {
    for sends in [Sends::HalfOfIt, Sends::Errors] {
        let address = serve(control(300).files(), sends);
        let source = HttpSource::new(&address).unwrap();
        let error = source.read("tile/0/000").unwrap_err();
        assert!(matches!(error, Error::Read { .. }), "{error}");
        assert!(error.to_string().contains("/logs/tile/0/000"), "{error}");
    }
}

/// A log whose witness cosigns just when somebody looks.
struct Growing {
    before: MemorySource,
    after: MemorySource,
    has_grown: AtomicBool,
}

impl Source for Growing {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        if path == "checkpoint.witnessed" {
            self.has_grown.store(true, Ordering::SeqCst);
        }
        match self.has_grown.load(Ordering::SeqCst) {
            true => self.after.read(path),
            false => self.before.read(path),
        }
    }

    fn place(&self, path: &str) -> String {
        path.to_owned()
    }
}

#[test]
fn a_log_that_goes_on_while_it_is_read_is_not_called_cut() {
    let log = control(300);
    let growing = Growing {
        before: control(280).files(),
        after: log.files(),
        has_grown: AtomicBool::new(false),
    };
    let terms = Terms {
        keys: vec![log.vkey()],
        witnesses: Some(Terms::any_of(&[witness().verifier().clone()]).unwrap()),
        ..Terms::default()
    };
    let sources = [Box::new(growing) as Box<dyn Source>];
    let report = verify(&sources, &terms, &mut |_| {}).unwrap();
    assert_eq!(report.verdict(), Verdict::Ok, "{}", report.to_text());
}

#[test]
fn a_place_that_holds_no_log_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    for (place, wanted) in [
        (place, "holds no log"),
        ("https://logs.example.org/x", "`http://` address"),
        ("http://", "`http://` address"),
        ("http://user@logs.example.org/", "`http://` address"),
    ] {
        let Err(error) = open(place) else {
            panic!("{place} was opened");
        };
        assert!(error.to_string().contains(wanted), "{error}");
    }
}

#[test]
fn a_log_without_a_key_and_a_log_given_twice_are_refused() {
    let log = control(3);
    let source = || Box::new(log.files()) as Box<dyn Source>;
    let none = verify(&[source()], &Terms::default(), &mut |_| {}).unwrap_err();
    assert!(matches!(none, Error::NoKey { .. }), "{none}");
    let terms = Terms {
        keys: vec![log.vkey()],
        ..Terms::default()
    };
    let twice = verify(&[source(), source()], &terms, &mut |_| {}).unwrap_err();
    assert!(matches!(twice, Error::Twice { .. }), "{twice}");
}

#[test]
fn an_earlier_checkpoint_of_another_log_is_refused() {
    let log = control(3);
    let terms = Terms {
        keys: vec![log.vkey()],
        earlier: vec![World::honest().gate_1.checkpoint_at(3)],
        ..Terms::default()
    };
    let sources = [Box::new(log.files()) as Box<dyn Source>];
    let error = verify(&sources, &terms, &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::OtherLog { .. }), "{error}");
}

#[test]
fn keys_are_given_as_text_or_as_a_file() {
    let log = control(3);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    std::fs::write(&file, format!("# ours\n\n{}\n", log.vkey())).unwrap();
    for argument in [log.vkey().to_string(), file.to_str().unwrap().to_owned()] {
        assert_eq!(keys_of(&argument).unwrap(), [log.vkey()]);
    }
    std::fs::write(&file, "# none\n").unwrap();
    for argument in ["no key", file.to_str().unwrap()] {
        assert!(matches!(keys_of(argument), Err(Error::Key { .. })));
    }
}
