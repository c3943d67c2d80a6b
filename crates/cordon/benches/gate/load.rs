//! pgbench through each way in turn.

use std::process::Command;

use crate::place::{Place, Way};
use crate::process::{cpu_seconds, spread};

/// pgbench's protocols.
pub const MODES: [&str; 3] = ["simple", "extended", "prepared"];
/// How many clients at a time.
pub const CLIENTS: [u32; 4] = [1, 8, 64, 128];

/// One row by its key.
pub const POINT: &str = "\\set id random(1, 1000000)\nSELECT balance FROM point WHERE id = :id;\n";
/// What touches no table.
pub const NOTHING: &str = "\\set id random(1, 1000000)\nSELECT :id::int;\n";

/// How much is measured.
pub struct Load {
    pub rounds: u32,
    pub seconds: u32,
    pub clients: Vec<u32>,
}

/// Figures of one way at one number of clients.
#[derive(Default)]
struct Figures {
    each_second: Vec<f64>,
    latency_ms: Vec<f64>,
    cpu_us: Vec<f64>,
}

impl Load {
    /// Runs a script in all ways, round by round, and prints a table.
    pub fn measure(&self, place: &Place, title: &str, mode: &str, script: &str, ways: &[Way]) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), script).unwrap();
        println!("\n{title}: {} rounds of {} s", self.rounds, self.seconds);
        println!(
            "{:>8}  {:<26} {:>9} {:>19} {:>8} {:>9} {:>8}",
            "clients", "way", "each s", "(spread)", "ratio", "added ms", "cpu us"
        );
        for clients in self.clients.iter().copied() {
            let mut all: Vec<Figures> = ways.iter().map(|_| Figures::default()).collect();
            let mut syncs = Vec::new();
            for _ in 0..self.rounds {
                syncs.push(place.sync_ms());
                for (way, figures) in ways.iter().zip(&mut all) {
                    let before = place.between(*way).map(cpu_seconds);
                    let (done, count) = self.run(place, *way, mode, clients, file.path());
                    let used = place.between(*way).map(cpu_seconds);
                    figures.each_second.push(done);
                    figures.latency_ms.push(f64::from(clients) / done * 1e3);
                    if let (Some(before), Some(used)) = (before, used) {
                        figures.cpu_us.push((used - before) * 1e6 / count);
                    }
                }
            }
            let base = spread(&all[0].each_second).0;
            let base_ms = spread(&all[0].latency_ms).0;
            for (way, figures) in ways.iter().zip(&all) {
                let (median, least, most) = spread(&figures.each_second);
                let added = spread(&figures.latency_ms).0 - base_ms;
                println!(
                    "{clients:>8}  {:<26} {median:>9.0} {:>19} {:>8.2} {added:>9.3} {:>8.1}",
                    way.name(),
                    format!("({least:.0} to {most:.0})"),
                    median / base,
                    spread(&figures.cpu_us).0,
                );
            }
            println!("          fdatasync {:.3} ms", spread(&syncs).0);
        }
    }

    /// Transactions a second, connecting not counted, and their number.
    fn run(
        &self,
        place: &Place,
        way: Way,
        mode: &str,
        clients: u32,
        script: &std::path::Path,
    ) -> (f64, f64) {
        // pgbench's clients connect one after the other within its time.
        let seconds = self.seconds + clients / 16;
        let (port, user, password) = place.login(way);
        let said = Command::new(place.pgbench())
            .args(["-n", "-h", "127.0.0.1", "-p", &port.to_string(), "-U", user])
            .args(["-M", mode, "-c", &clients.to_string(), "-j", "1"])
            .args(["-T", &seconds.to_string()])
            .arg("-f")
            .arg(script)
            .arg(place.database())
            .env("PGPASSWORD", password)
            .env("PGSSLMODE", "disable")
            .output()
            .unwrap();
        let text = String::from_utf8(said.stdout).unwrap();
        let failed = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.success(), "{}: {failed}", way.name());
        let figure = |words: &str| -> f64 {
            text.lines()
                .find_map(|line| line.strip_prefix(words))
                .and_then(|rest| rest.split_whitespace().next())
                .and_then(|figure| figure.parse().ok())
                .unwrap_or_else(|| panic!("no `{words}` in {text}{failed}"))
        };
        let processed = "number of transactions actually processed: ";
        (figure("tps = "), figure(processed))
    }
}
