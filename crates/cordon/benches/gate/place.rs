//! The server, what stands before it, and the ways to reach it.

use std::path::{Path, PathBuf};

use crate::bouncer::Bouncer;
use crate::gateway::{Gateway, PASSWORD, PERSON};
use crate::sync::fdatasync_ms;

/// Both the upstream's name, which is what clients ask Cordon for, and the name at the server.
const DATABASE: &str = "app";

/// A way to the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Direct,
    Bouncer,
    /// Through Cordon, its ledger in memory: recorded, and no sync to wait for.
    Unwaited,
    /// Through Cordon, its ledger on disk.
    Recorded,
}

impl Way {
    pub const ALL: [Self; 4] = [Self::Direct, Self::Bouncer, Self::Unwaited, Self::Recorded];

    /// What picks it on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Bouncer => "bouncer",
            Self::Unwaited => "memory",
            Self::Recorded => "disk",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Bouncer => "PgBouncer",
            Self::Unwaited => "Cordon, ledger in memory",
            Self::Recorded => "Cordon, ledger on disk",
        }
    }
}

/// Everything that runs.
pub struct Place {
    // In the order in which they are to go.
    unwaited: Gateway,
    recorded: Gateway,
    bouncer: Bouncer,
    server: scratch::Server,
    _memory: tempfile::TempDir,
    disk: tempfile::TempDir,
    _folder: tempfile::TempDir,
}

impl Place {
    pub fn new(rows: u32) -> Self {
        eprintln!("making two tables of {rows} rows");
        let settings = [
            ("max_connections", "900"),
            ("shared_buffers", "1GB"),
            ("max_parallel_workers_per_gather", "0"),
        ];
        let server = scratch::Server::start_with(&settings).unwrap();
        server.create_database(DATABASE).unwrap();
        let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policies/sample");
        let schema = std::fs::read_to_string(sample.join("schema.sql")).unwrap();
        server.run(DATABASE, &schema).unwrap();
        server.run(DATABASE, &tables(rows)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        open(folder.path());
        // The build's own folder is on a disk; the usual temporary folder may be memory.
        let disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let memory = tempfile::tempdir_in("/dev/shm").unwrap();
        let start = |name: &str, ledger: &Path| {
            let dir = folder.path().join(name);
            Gateway::start(&server, &dir, &ledger.join("ledger"), DATABASE)
        };
        let unwaited = start("unwaited", memory.path());
        let recorded = start("recorded", disk.path());
        let bouncer = Bouncer::start(&server, folder.path(), DATABASE);
        Self {
            unwaited,
            recorded,
            bouncer,
            server,
            _memory: memory,
            disk,
            _folder: folder,
        }
    }

    /// What it runs on.
    pub fn describe(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split_whitespace().next().unwrap_or("?").to_owned();
        format!(
            "{}, {cores} cores for everything, load {load}, fdatasync {:.2} ms (median)",
            self.server.version(),
            self.sync_ms()
        )
    }

    /// The disk's sync now.
    pub fn sync_ms(&self) -> f64 {
        fdatasync_ms(self.disk.path())
    }

    /// Port, user and password of a way.
    pub fn login(&self, way: Way) -> (u16, &'static str, &'static str) {
        match way {
            Way::Direct => (self.server.port(), "cordon", ""),
            Way::Bouncer => (self.bouncer.port, "cordon", ""),
            Way::Unwaited => (self.unwaited.port, PERSON, PASSWORD),
            Way::Recorded => (self.recorded.port, PERSON, PASSWORD),
        }
    }

    /// The process between client and server.
    pub fn between(&self, way: Way) -> Option<u32> {
        match way {
            Way::Direct => None,
            Way::Bouncer => Some(self.bouncer.pid()),
            Way::Unwaited => Some(self.unwaited.pid()),
            Way::Recorded => Some(self.recorded.pid()),
        }
    }

    pub const fn database(&self) -> &'static str {
        DATABASE
    }

    pub fn pgbench(&self) -> PathBuf {
        self.server.psql_path().with_file_name("pgbench")
    }
}

fn tables(rows: u32) -> String {
    format!(
        "CREATE ROLE cordon LOGIN;
         CREATE TABLE point (id int PRIMARY KEY, balance int NOT NULL, filler text NOT NULL);
         INSERT INTO point SELECT g, g % 1000, repeat('x', 80) FROM generate_series(1, {rows}) g;
         CREATE TABLE wide (c0 int, c1 bigint, c2 text, c3 text, c4 date, c5 timestamptz,
                            c6 numeric(12,2), c7 boolean, c8 float8, c9 text);
         INSERT INTO wide SELECT g, g::bigint * 1000003, md5(g::text), 'name ' || g,
             date '2020-01-01' + g % 2000, timestamptz '2020-01-01' + g * interval '1 minute',
             (g % 100000) / 100.0, g % 2 = 0, g / 7.0, md5((g + 1)::text)
             FROM generate_series(1, {rows}) g;
         GRANT SELECT ON point, wide TO cordon;
         VACUUM (FREEZE, ANALYZE) point;
         VACUUM (FREEZE, ANALYZE) wide;"
    )
}

/// PgBouncer's account must be able to look into it.
fn open(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}
