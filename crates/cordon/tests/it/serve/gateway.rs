//! A gateway that a test starts: a database of its own on a throw-away server, a deployment made from
//! the sample, and the binary `cordon serve` over both.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

use crate::command::root;

/// The password of everybody who has one.
pub const PASSWORD: &str = "a password of the tests";

/// How long anything may take before a test fails. Far more than it needs, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(90);

/// The people of the sample who can come in.
const PEOPLE: [&str; 4] = ["ana.home", "mei.eligible", "jun.covered", "li.beijing"];

/// What everybody may be shown, in clear or not.
const ROWS: &str = "
    INSERT INTO users (id, name, email, country, born, followers, passport) VALUES
        (1, 'Una Home', 'una@example.com', 'US', '1990-05-17', 1234, 'P-1111'),
        (2, 'Uli Home', 'uli@example.com', 'US', '1985-02-03', 12, 'P-2222'),
        (3, 'Noa Away', 'noa@example.com', 'SG', '1999-12-31', 560, 'P-3333'),
        (4, 'Nik Unknown', 'nik@example.com', NULL, '1970-01-01', 7, 'P-4444');
    INSERT INTO regions VALUES ('NA', 'North America'), ('AP', 'Asia and Pacific');
    INSERT INTO videos VALUES (10, 3, 'A harbour at night', 'public', NULL, 52000);
    INSERT INTO messages VALUES (20, 1, 3, '2026-01-01 10:00:00Z', 'hello');
";

/// One server for the gateways of all tests, each with a database of its own.
static SERVER: LazyLock<scratch::Server> =
    LazyLock::new(|| scratch::Server::start().expect("PostgreSQL starts"));

static NUMBER: AtomicU32 = AtomicU32::new(1);

/// A deployment and its database, not served yet.
pub struct Setup {
    folder: tempfile::TempDir,
    database: String,
    server: &'static scratch::Server,
}

/// A gateway that runs until it is dropped.
pub struct Gateway {
    pub setup: Setup,
    process: Child,
    lines: Receiver<String>,
    heard: Arc<Mutex<Vec<String>>>,
    address: SocketAddr,
    http: SocketAddr,
}

impl Setup {
    /// The sample over a database of its own on the server that tests share.
    pub fn new() -> Self {
        Self::on(&SERVER)
    }

    /// The same on a server whose accounts the test changes.
    pub fn on(server: &'static scratch::Server) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let database = format!("serve_{}_{number}", std::process::id());
        server.create_database(&database).unwrap();
        let schema = fs::read_to_string(root().join("policies/sample/schema.sql")).unwrap();
        server.run(&database, &schema).unwrap();
        server.run(&database, ROWS).unwrap();
        let setup = Self {
            folder: tempfile::tempdir().unwrap(),
            database,
            server,
        };
        setup.write_deployment();
        setup.make_account();
        for name in PEOPLE {
            setup.set_password(name);
        }
        setup
    }

    /// A deployment that a test wrote itself, over a database that it made.
    pub fn of(server: &'static scratch::Server, folder: tempfile::TempDir, database: &str) -> Self {
        Self {
            folder,
            database: database.to_owned(),
            server,
        }
    }

    fn write_deployment(&self) {
        let sample = root().join("policies/sample");
        let files = ["people.yaml", "grants.yaml", "assessments.yaml"];
        for name in files
            .into_iter()
            .chain(["catalog/app.yaml", "policy/rules.cedar"])
        {
            let target = self.dir().join(name);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(sample.join(name), target).unwrap();
        }
        let settings = fs::read_to_string(sample.join("cordon.toml")).unwrap();
        let sample_url = "postgres://cordon@127.0.0.1:5432/app?sslmode=verify-full";
        assert!(settings.contains(sample_url));
        let url = format!(
            "postgres://cordon@127.0.0.1:{}/{}?sslmode=disable",
            self.server.port(),
            self.database
        );
        let gateway = "\n[gateway]\nlisten = \"127.0.0.1:0\"\nhttp = \"127.0.0.1:0\"\n\
                       plain_loopback = true\n";
        let text = settings.replace(sample_url, &url) + gateway;
        fs::write(self.dir().join("cordon.toml"), text).unwrap();
    }

    /// The gateway's own account, with what the catalogue labels and no more.
    fn make_account(&self) {
        let grants = fs::read_to_string(root().join("tests/data/serve/account.sql")).unwrap();
        // Accounts belong to the server, so another test may have made it a moment ago.
        let make = "DO $$ BEGIN CREATE ROLE cordon LOGIN; EXCEPTION WHEN duplicate_object OR \
                    unique_violation THEN NULL; END $$;";
        self.sql(make);
        self.sql(&grants);
    }

    /// DIR.
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// DIR as an argument.
    pub fn dir_text(&self) -> &str {
        self.dir().to_str().unwrap()
    }

    /// A file of DIR.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    /// Sets keys of a table of cordon.toml, which has none of them yet.
    pub fn set(&self, table: &str, lines: &str) {
        let header = format!("[{table}]\n");
        let mut text = fs::read_to_string(self.file("cordon.toml")).unwrap();
        if !text.contains(&header) {
            text.push_str(&format!("\n{header}"));
        }
        let text = text.replacen(&header, &format!("{header}{lines}\n"), 1);
        fs::write(self.file("cordon.toml"), text).unwrap();
    }

    /// So many more rows of `regions`, which everybody sees in clear: code `1000` with `title of 1000`
    /// and so on.
    pub fn fill(&self, rows: u32) {
        self.sql(&format!(
            "INSERT INTO regions SELECT n, 'title of ' || n FROM generate_series(1000, 999 + {rows}) n;
             ANALYZE regions"
        ));
    }

    /// Replaces a text in a file of DIR, once; the text must be there.
    pub fn change(&self, name: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.file(name)).unwrap();
        assert!(text.contains(old), "`{old}` is not in {name}");
        fs::write(self.file(name), text.replacen(old, new, 1)).unwrap();
    }

    /// Runs a script in the database, as its superuser.
    pub fn sql(&self, script: &str) -> String {
        self.server.run(&self.database, script).unwrap()
    }

    /// A connection to the database itself, as its superuser. It lives as long as the runtime.
    pub async fn connect(&self) -> Client {
        let url = self.server.url(&self.database);
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(async move { connection.await.unwrap_or_default() });
        client
    }

    /// The database's name at the server.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Gives somebody the password of the tests.
    pub fn set_password(&self, name: &str) {
        use std::io::Write as _;
        let mut child = Command::new(env!("CARGO_BIN_EXE_cordon"))
            .args(["people", "password", self.dir_text(), name])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{PASSWORD}").unwrap();
        drop(input);
        assert!(child.wait().unwrap().success());
    }

    /// Starts the gateway and waits until it listens.
    pub fn start(self) -> Gateway {
        self.start_with(&[])
    }

    /// The same with more arguments.
    pub fn start_with(self, more: &[&str]) -> Gateway {
        let mut process = Command::new(env!("CARGO_BIN_EXE_cordon"))
            .args(["serve", self.dir_text(), "--evaluation"])
            .args(more)
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let heard = Arc::default();
        let lines = listen_to(process.stderr.take().unwrap(), Arc::clone(&heard));
        let mut gateway = Gateway {
            setup: self,
            process,
            lines,
            heard,
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            http: SocketAddr::from(([0, 0, 0, 0], 0)),
        };
        gateway.http = gateway.address_after("http at ");
        gateway.address = gateway.address_after("listening at ");
        gateway
    }
}

/// Passes on what a process says, line by line, and keeps it for the message of a test that fails.
fn listen_to(from: ChildStderr, heard: Arc<Mutex<Vec<String>>>) -> Receiver<String> {
    let (send, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            heard.lock().unwrap().push(line.clone());
            // The test may be over.
            let _ = send.send(line);
        }
    });
    lines
}

impl Gateway {
    /// The sample, served.
    pub fn start() -> Self {
        Setup::new().start()
    }

    /// Where PostgreSQL clients connect.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where health, metrics and the logs are.
    pub const fn http(&self) -> SocketAddr {
        self.http
    }

    /// All that the process has said so far.
    pub fn said(&self) -> String {
        self.heard.lock().unwrap().join("\n")
    }

    /// The next line with this text in it.
    pub fn wait_for_line(&self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(_) => panic!("`{text}` was not said:\n{}", self.said()),
            }
        }
    }

    fn address_after(&self, words: &str) -> SocketAddr {
        let line = self.wait_for_line(words);
        let (_, rest) = line.split_once(words).unwrap();
        let end = rest
            .find(|c: char| c != '.' && c != ':' && !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..end].parse().unwrap()
    }

    /// A connection as somebody of the sample, without TLS, with the password of the tests.
    pub async fn connect(&self, name: &str) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::Config::new()
            .host("127.0.0.1")
            .port(self.address.port())
            .user(name)
            .password(PASSWORD)
            .dbname("app")
            .connect(NoTls)
            .await?;
        // What ends the connection fails the next request of the client.
        tokio::spawn(async move { connection.await.unwrap_or_default() });
        Ok(client)
    }

    /// The process's number.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The memory that the process holds, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.unwrap().trim().trim_end_matches(" kB");
        number.parse().unwrap()
    }

    /// Sends a signal by its name, e.g. `HUP`.
    pub fn signal(&self, name: &str) {
        let number = self.process.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &number])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Stops it in order and answers with its exit code.
    pub fn stop(mut self) -> (i32, Setup) {
        self.signal("TERM");
        let code = self.wait();
        // The type has a `drop` of its own, so its fields do not move out.
        let empty = Setup {
            folder: tempfile::tempdir().unwrap(),
            database: String::new(),
            server: self.setup.server,
        };
        (code, std::mem::replace(&mut self.setup, empty))
    }

    /// Waits for the end of a process that was killed, and gives its deployment back.
    pub fn taken(mut self) -> Setup {
        self.wait();
        let empty = Setup {
            folder: tempfile::tempdir().unwrap(),
            database: String::new(),
            server: self.setup.server,
        };
        std::mem::replace(&mut self.setup, empty)
    }

    fn wait(&mut self) -> i32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(
                Instant::now() < deadline,
                "it does not end:\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended, and then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "why a test failed")]
            {
                eprintln!("--- the gateway said:\n{}", self.said());
            }
        }
    }
}

/// Runs a future to its end on this thread.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
