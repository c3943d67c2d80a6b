//! A running server and what belongs to it.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::account::Account;
use crate::binaries::Binaries;
use crate::error::ScratchError;
use crate::keeper::{Keeper, quit};
use crate::ready::is_ready;
use crate::template::{copy_to, finish};

/// How long a server may take to start or to stop. Far more than it needs, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait between looking whether something has happened.
const PAUSE: Duration = Duration::from_millis(5);
/// How often another port is tried when somebody takes the one that was free a moment before.
const PORTS_MAX: u32 = 5;

/// Nothing is kept, so nothing is flushed; and few processes, because tests start many servers.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", "'127.0.0.1'"),
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("shared_buffers", "'32MB'"),
    ("max_wal_senders", "0"),
    ("wal_level", "minimal"),
    ("timezone", "'UTC'"),
    ("lc_messages", "'C'"),
];

/// A throw-away PostgreSQL. User `postgres` is the superuser and nobody needs a password.
#[derive(Debug)]
pub struct Server {
    running: Mutex<Running>,
    account: Account,
    port: u16,
    binaries: Binaries,
    // Last, so that the files go when nothing uses them any more.
    folder: TempDir,
}

/// The process, and who stops it when nobody else can.
#[derive(Debug)]
struct Running {
    process: Child,
    keeper: Keeper,
}

impl Server {
    /// Starts a server with the usual settings.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is not installed or does not start.
    pub fn start() -> Result<Self, ScratchError> {
        Self::start_with(&[])
    }

    /// Starts a server with more settings: lines of `postgresql.conf`, the value quoted as it is
    /// there.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is not installed or does not start.
    pub fn start_with(settings: &[(&str, &str)]) -> Result<Self, ScratchError> {
        let binaries = Binaries::find()?;
        let folder = tempfile::Builder::new()
            .prefix("cordon-pg-")
            .tempdir()
            .map_err(ScratchError::io("make a folder in", std::env::temp_dir()))?;
        let account = Account::owning(folder.path())?;
        account.give(folder.path())?;
        let data = folder.path().join("data");
        copy_to(&data, &binaries, account)?;
        configure(&data, settings)?;
        let mut attempt = 1;
        loop {
            let port = free_port()?;
            let (mut process, mut keeper) = spawn(&binaries, folder.path(), port, account)?;
            let socket = folder.path().join(format!(".s.PGSQL.{port}"));
            if wait_until_ready(&mut process, &socket) {
                return Ok(Self {
                    running: Mutex::new(Running { process, keeper }),
                    account,
                    port,
                    binaries,
                    folder,
                });
            }
            stop(&mut process);
            keeper.dismiss();
            let log = end_of(&folder.path().join("log"));
            if attempt == PORTS_MAX || !log.contains("Address already in use") {
                return Err(ScratchError::NotReady { log });
            }
            attempt += 1;
        }
    }

    /// Stops the server as a crash would: no connection is told, and nothing is flushed.
    pub fn stop_at_once(&self) {
        self.running().stop();
    }

    /// Starts it again on the same port and data, after [`Server::stop_at_once`].
    ///
    /// # Errors
    ///
    /// When it does not start, e.g. because somebody took the port.
    pub fn start_again(&self) -> Result<(), ScratchError> {
        let mut running = self.running();
        let folder = self.folder.path();
        let (process, keeper) = spawn(&self.binaries, folder, self.port, self.account)?;
        *running = Running { process, keeper };
        let socket = folder.join(format!(".s.PGSQL.{}", self.port));
        if wait_until_ready(&mut running.process, &socket) {
            return Ok(());
        }
        let log = end_of(&folder.join("log"));
        Err(ScratchError::NotReady { log })
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder with the server's socket: what clients take as host.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        self.folder.path()
    }

    /// The port, both of the socket and on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// A connection URL over TCP, as `postgres`.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgresql://postgres@127.0.0.1:{}/{}",
            self.port,
            percent(database)
        )
    }

    /// A connection URL over the socket, as `postgres`.
    #[must_use]
    pub fn socket_url(&self, database: &str) -> String {
        let host = percent(&self.folder.path().to_string_lossy());
        format!(
            "postgresql://postgres@{host}:{}/{}",
            self.port,
            percent(database)
        )
    }

    /// What `postgres --version` prints.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.binaries.version
    }

    /// The `psql` that came with the server.
    #[must_use]
    pub fn psql_path(&self) -> PathBuf {
        self.binaries.program("psql")
    }

    /// The server's log as far as it has been written.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read(self.folder.path().join("log"))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Creates a database, empty and with the encoding and locale of the others.
    ///
    /// # Errors
    ///
    /// When there is one of that name, or the server refuses it.
    pub fn create_database(&self, name: &str) -> Result<(), ScratchError> {
        let quoted = name.replace('"', "\"\"");
        self.run("postgres", &format!("create database \"{quoted}\""))
            .map(drop)
    }

    /// Runs a script with `psql` as superuser, in no transaction of its own, and returns what it
    /// prints, unaligned and without headers. The first failing statement ends it.
    ///
    /// # Errors
    ///
    /// When `psql` is missing or a statement fails; the error has the server's message.
    pub fn run(&self, database: &str, script: &str) -> Result<String, ScratchError> {
        let psql = self.psql_path();
        let mut child = Command::new(&psql)
            .args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only"])
            .args(["--set=ON_ERROR_STOP=1", "--file=-"])
            .arg(format!("--dbname={}", self.socket_url(database)))
            // What somebody has set for their own servers is not meant for this one.
            .env_remove("PGOPTIONS")
            .env_remove("PGSSLMODE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(ScratchError::io("run", &psql))?;
        if let Some(mut input) = child.stdin.take() {
            // psql stops reading at the first failure, which it reports better than the pipe would.
            let _closed = input.write_all(script.as_bytes());
        }
        let output = child
            .wait_with_output()
            .map_err(ScratchError::io("wait for", &psql))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        finish("psql", output)?;
        Ok(text)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running().stop();
    }
}

impl Running {
    fn stop(&mut self) {
        stop(&mut self.process);
        self.keeper.dismiss();
    }
}

fn configure(data: &Path, settings: &[(&str, &str)]) -> Result<(), ScratchError> {
    let path = data.join("postgresql.conf");
    let mut file = OpenOptions::new()
        .append(true)
        .open(&path)
        .map_err(ScratchError::io("open", &path))?;
    let lines = SETTINGS
        .iter()
        .chain(settings)
        .map(|(name, value)| format!("{name} = {value}\n"));
    file.write_all(lines.collect::<String>().as_bytes())
        .map_err(ScratchError::io("write", &path))
}

/// A port that is free now. Somebody may take it before the server does; then it is tried again.
fn free_port() -> Result<u16, ScratchError> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(ScratchError::io("open a port on", "127.0.0.1"))
}

fn spawn(
    binaries: &Binaries,
    folder: &Path,
    port: u16,
    account: Account,
) -> Result<(Child, Keeper), ScratchError> {
    let log = folder.join("log");
    let open = || File::create(&log).map_err(ScratchError::io("write", &log));
    let output = open()?;
    let errors = output
        .try_clone()
        .map_err(ScratchError::io("write", &log))?;
    let postgres = binaries.program("postgres");
    let mut command = Command::new(&postgres);
    command
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-k")
        .arg(folder)
        .args(["-p", &port.to_string()])
        .current_dir(folder)
        .env_remove("PGOPTIONS")
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors);
    let mut process = account
        .run(&mut command)
        .spawn()
        .map_err(ScratchError::io("run", &postgres))?;
    match Keeper::watch(process.id(), folder) {
        Ok(keeper) => Ok((process, keeper)),
        Err(error) => {
            stop(&mut process);
            Err(error)
        }
    }
}

/// Waits until the server lets clients in; false when it ended or took too long.
fn wait_until_ready(process: &mut Child, socket: &Path) -> bool {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if is_ready(socket) {
            return true;
        }
        if !matches!(process.try_wait(), Ok(None)) {
            return false;
        }
        sleep(PAUSE);
    }
    false
}

/// Stops a server without a checkpoint: its files are about to go.
fn stop(process: &mut Child) {
    let began = Instant::now();
    if matches!(process.try_wait(), Ok(None)) {
        quit(process.id());
    }
    while matches!(process.try_wait(), Ok(None)) {
        if began.elapsed() > PATIENCE {
            // It does not listen. Its children notice that it is gone and end by themselves.
            let _gone = process.kill();
            let _status = process.wait();
            return;
        }
        sleep(PAUSE);
    }
}

/// The last lines of a log.
fn end_of(log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let mut lines: Vec<&str> = text.lines().rev().take(10).collect();
    lines.reverse();
    lines.join("\n")
}

/// A part of a URL with everything but plain letters and digits escaped.
fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
