//! PgBouncer as Debian has it, in session mode, with one thread as always.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A PgBouncer that runs until it is dropped.
pub struct Bouncer {
    process: Child,
    pub port: u16,
}

impl Bouncer {
    /// Starts one before a server's socket. `folder` is for its settings; everybody may read it.
    pub fn start(server: &scratch::Server, folder: &Path, database: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let settings = folder.join("pgbouncer.ini");
        let text = format!(
            "[databases]\n{database} = host={} port={} dbname={database} user=cordon\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n\
             pool_mode = session\nmax_client_conn = 400\ndefault_pool_size = 200\n\
             unix_socket_dir =\n",
            server.socket_dir().display(),
            server.port(),
        );
        fs::write(&settings, text).unwrap();
        // It refuses to run as root; the account that PostgreSQL runs as will do.
        let mut command = if process_is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "pgbouncer"]);
            command
        } else {
            Command::new("pgbouncer")
        };
        let process = command
            .arg("-q")
            .arg(&settings)
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("pgbouncer starts: install Debian's package of that name");
        let bouncer = Self { process, port };
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(20), "no pgbouncer");
            std::thread::sleep(Duration::from_millis(20));
        }
        bouncer
    }

    /// The process that forwards, which may be a child of the one that was started.
    pub fn pid(&self) -> u32 {
        let children = format!("/proc/{0}/task/{0}/children", self.process.id());
        let listed = fs::read_to_string(children).unwrap_or_default();
        let first = listed.split_whitespace().next();
        first
            .and_then(|pid| pid.parse().ok())
            .unwrap_or_else(|| self.process.id())
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.pid().to_string()).status();
        let _ = self.process.wait();
    }
}

fn process_is_root() -> bool {
    let said = Command::new("id").arg("-u").output().unwrap();
    said.stdout.starts_with(b"0\n")
}
