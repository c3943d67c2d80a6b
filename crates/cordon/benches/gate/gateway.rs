//! `cordon serve` over the bench's tables: the sample's people, one dataset more.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Somebody of the sample who may see what is public.
pub const PERSON: &str = "ana.home";
/// Their password.
pub const PASSWORD: &str = "a password of the bench";

/// A gateway that runs until it is dropped.
pub struct Gateway {
    process: Child,
    pub port: u16,
}

impl Gateway {
    /// Makes a deployment in a folder and serves it; its ledger lies in another.
    pub fn start(server: &scratch::Server, dir: &Path, ledger: &Path, database: &str) -> Self {
        deploy(server, dir, database);
        fs::create_dir_all(ledger).unwrap();
        std::os::unix::fs::symlink(ledger, dir.join("ledger")).unwrap();
        let mut child = Command::new(cordon())
            .args(["people", "password"])
            .args([dir.as_os_str(), PERSON.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        assert!(child.wait().unwrap().success());
        let mut process = Command::new(cordon())
            .arg("serve")
            .arg(dir)
            .arg("--evaluation")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let port = loop {
            let Some(line) = lines.next() else {
                panic!("the gateway does not start:\n{said}");
            };
            let line = line.unwrap();
            let found = line.split("listening at 127.0.0.1:").nth(1).map(|rest| {
                rest.chars()
                    .take_while(char::is_ascii_digit)
                    .collect::<String>()
            });
            if let Some(port) = found {
                break port.parse().unwrap();
            }
            said.push_str(&line);
            said.push('\n');
        };
        // What it says from now on is read, so that it never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, port }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        let _ = self.process.wait();
    }
}

fn cordon() -> &'static str {
    env!("CARGO_BIN_EXE_cordon")
}

fn deploy(server: &scratch::Server, dir: &Path, database: &str) {
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policies/sample");
    let copied = ["people.yaml", "grants.yaml", "assessments.yaml"];
    for name in copied
        .into_iter()
        .chain(["catalog/app.yaml", "policy/rules.cedar"])
    {
        let target = dir.join(name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(sample.join(name), target).unwrap();
    }
    fs::write(dir.join("catalog/bench.yaml"), CATALOGUE).unwrap();
    let settings = fs::read_to_string(sample.join("cordon.toml")).unwrap();
    let url = format!(
        "postgres://cordon@/{database}?host={}&port={}",
        server.socket_dir().display(),
        server.port()
    );
    let mut lines: Vec<String> = settings
        .lines()
        .map(|line| match line.starts_with("url = ") {
            true => format!("url = \"{url}\""),
            false => line.to_owned(),
        })
        .collect();
    lines.push(
        "\n[gateway]\nlisten = \"127.0.0.1:0\"\nplain_loopback = true\nlinks = 200\n\
         [limits]\nsessions_of_one = 400"
            .to_owned(),
    );
    fs::write(dir.join("cordon.toml"), lines.join("\n")).unwrap();
}

/// Everybody may see these: what is measured is the way, not the masks, which `./x bench guard` has.
const CATALOGUE: &str = "\
dataset:
  - fides_key: bench
    name: bench
    cordon: { upstream: app, store: us-enclave-1 }
    collections:
      - name: public.point
        cordon: { subjects: none }
        fields:
          - { name: id, data_categories: [system.operations], cordon: { level: public } }
          - { name: balance, data_categories: [system.operations], cordon: { level: public } }
          - { name: filler, data_categories: [system.operations], cordon: { level: public } }
      - name: public.wide
        cordon: { subjects: none }
        fields:
          - { name: c0, data_categories: [system.operations], cordon: { level: public } }
          - { name: c1, data_categories: [system.operations], cordon: { level: public } }
          - { name: c2, data_categories: [system.operations], cordon: { level: public } }
          - { name: c3, data_categories: [system.operations], cordon: { level: public } }
          - { name: c4, data_categories: [system.operations], cordon: { level: public } }
          - { name: c5, data_categories: [system.operations], cordon: { level: public } }
          - { name: c6, data_categories: [system.operations], cordon: { level: public } }
          - { name: c7, data_categories: [system.operations], cordon: { level: public } }
          - { name: c8, data_categories: [system.operations], cordon: { level: public } }
          - { name: c9, data_categories: [system.operations], cordon: { level: public } }
";
