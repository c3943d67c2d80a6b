//! Logs as the books write them, and the verbs that a stranger runs over them.

mod drafts;
mod payloads;
mod proofs;
mod verified;
mod witness;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ledger::{
    AccessLog, Books, BooksSettings, Clock, ControlLog, ErasureOrder, Keys, Settings, Surroundings,
    SystemClock,
};
use record::{Append, Digest, Draft, Durable, Field, Line, Marks};

use crate::command::{Ran, cordon};

pub const MARKS: Marks = Marks { evaluation: true };

/// A deployment's folder with `secrets/` and `ledger/`, and the key of its witness.
pub struct Deployment {
    pub folder: tempfile::TempDir,
    pub books: Books,
    pub witness: String,
}

/// A running control log and an access log.
pub struct Open {
    pub access: AccessLog,
    pub control: Arc<ControlLog>,
}

impl Deployment {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = folder.path().join("secrets");
        fs::create_dir(&secrets).unwrap();
        fs::create_dir(folder.path().join("ledger")).unwrap();
        let surroundings = Surroundings::real();
        let keys = Keys::create(&secrets, surroundings.randomness.as_ref()).unwrap();
        let settings = |settings: Settings| Settings {
            witnesses_needed: 1,
            cosign_every: Duration::from_millis(5),
            deadline: Duration::from_secs(60),
            ..settings
        };
        let books = Books {
            root: folder.path().join("ledger"),
            organisation: "acme.example".to_owned(),
            keys,
            build: Line::new("cordon 0.1 test").unwrap(),
            marks: MARKS,
            settings: BooksSettings {
                control: settings(Settings::control()),
                access: settings(Settings::access()),
                ..BooksSettings::default()
            },
            surroundings,
        };
        let witness = folder.path().join("witness.vkey");
        fs::write(&witness, format!("{}\n", witness::key().verifier())).unwrap();
        Self {
            witness: text(&witness),
            books,
            folder,
        }
    }

    pub fn open(&self) -> Open {
        let control = ControlLog::open(&self.books, witness::of(&self.books)).unwrap();
        let control = Arc::new(control);
        let access =
            AccessLog::open(&self.books, "gate-1", &control, witness::of(&self.books)).unwrap();
        Open { access, control }
    }

    pub fn path(&self, name: &str) -> String {
        text(&self.folder.path().join(name))
    }

    /// The file with the control log's key, which names the others.
    pub fn log_key(&self) -> String {
        self.path("ledger/control-1/log.vkey")
    }

    pub fn access_folder(&self) -> String {
        self.path("ledger/access-gate-1-1")
    }

    /// `cordon ledger verify` over the deployment, on the word of log and witness.
    pub fn verify(&self, more: &[&str]) -> Ran {
        let (log, dir) = (self.log_key(), self.path(""));
        let mut arguments = vec!["ledger", "verify", &dir, "--log", &log];
        arguments.extend(["--witness", &self.witness]);
        arguments.extend(more);
        cordon(&arguments)
    }
}

impl Open {
    /// A session with so many statements, all of them ended.
    pub fn serve(&self, session: u64, statements: u64) {
        let size = self.access.control_size_min();
        if session == 1 {
            append(&self.access, drafts::schema(size));
        }
        append(&self.access, drafts::session_start(size, session));
        for number in 1..=statements {
            let seed = session * 1000 + number;
            append(
                &self.access,
                drafts::decision(size, session, number, b"SELECT 1", seed),
            );
            append(&self.access, drafts::outcome(size, session, number));
        }
        append(&self.access, drafts::session_end(size, session, statements));
    }

    /// Orderly: the gateway's log first.
    pub fn stop(self) {
        self.access.pause().unwrap();
        self.wait_witnessed();
        drop(self.access);
        self.control.close().unwrap();
        let durable = self.control.progress().borrow().durable;
        wait(self.control.progress(), |progress| {
            progress.witnessed >= durable
        });
    }

    /// Until all that is durable is witnessed, and anchored as such.
    pub fn wait_witnessed(&self) {
        let durable = self.access.progress().borrow().durable;
        wait(self.access.progress(), |progress| {
            progress.witnessed >= durable
        });
        self.access.anchor().unwrap();
        let durable = self.control.progress().borrow().durable;
        wait(self.control.progress(), |progress| {
            progress.witnessed >= durable
        });
    }
}

pub fn order(index: u64, field: Field) -> ErasureOrder {
    ErasureOrder {
        index,
        fields: [field].into(),
        statement: Digest::new([5; 32]),
        by: Vec::new(),
        reason: b"the person concerned asked for it".to_vec(),
        signatures: None,
    }
}

pub fn append(log: &dyn Append, draft: Draft) -> Durable {
    run(log.append(draft)).unwrap()
}

fn wait(
    mut progress: tokio::sync::watch::Receiver<ledger::Progress>,
    what: impl FnMut(&ledger::Progress) -> bool,
) {
    run(async { progress.wait_for(what).await.map(drop) }).unwrap();
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(future)
}

pub fn now_ms() -> u64 {
    SystemClock.now_ms()
}

pub fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
