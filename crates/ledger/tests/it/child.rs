//! A process of its own that appends until it dies: killed from outside, or with real system calls
//! that fail. It says through a pipe what was acknowledged.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use ledger::{Log, RealDisk, Surroundings};

use crate::fixture::{checkpoint, mix, open, opening, submission, verify};

/// Set in the process that is to die: the folder of its log.
const CHILD: &str = "CORDON_LEDGER_CHILD";
/// Of how many writers.
const WRITERS: u64 = 8;

/// Run by the tests below in another process; on its own it does nothing.
#[test]
fn child_that_dies() {
    let Some(root) = std::env::var_os(CHILD) else {
        return;
    };
    let mut opening = opening(Arc::new(RealDisk), Path::new(&root), 0);
    opening.surroundings = Surroundings::real();
    // From here on every failure is one line, so that the parent can tell them apart.
    let log = match opening
        .open()
        .and_then(|opened| Log::start(opened, Vec::new()))
    {
        Ok(log) => log,
        Err(error) => {
            println!("\nrefused {error}");
            return;
        }
    };
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let log = &log;
            scope.spawn(move || {
                for n in 0.. {
                    let n = writer * 1_000_000 + n;
                    match log.submit(submission(n)).wait() {
                        Ok(receipt) => say(&format!("acknowledged {} {n}", receipt.index)),
                        Err(error) => return say(&format!("stopped {error}")),
                    }
                }
            });
        }
    });
}

/// One line, written at once.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(format!("\n{line}\n").as_bytes());
    let _ = out.flush();
}

fn command(root: &Path, tracer: &[&str]) -> Command {
    let this = std::env::current_exe().unwrap();
    let mut command = match tracer {
        [] => Command::new(this),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(this);
            command
        }
    };
    command
        .args([
            "--exact",
            "child::child_that_dies",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(CHILD, root)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// What a child said: acknowledged index and number, and other lines.
#[derive(Default)]
struct Said {
    acknowledged: Vec<(u64, u64)>,
    stopped: Vec<String>,
}

impl Said {
    fn hear(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("acknowledged ") {
            // A line cut by the kill is no acknowledgement.
            if let Some((index, n)) = rest.split_once(' ')
                && let (Ok(index), Ok(n)) = (index.parse(), n.parse())
            {
                self.acknowledged.push((index, n));
            }
        } else if line.starts_with("stopped ") || line.starts_with("refused ") {
            self.stopped.push(line.to_owned());
        }
    }
}

/// Every acknowledged entry is there, the log verifies, and the checkpoint of before is its beginning.
fn survives(root: &Path, acknowledged: &[(u64, u64)], seed: u64) {
    let before = checkpoint(&RealDisk, root);
    let mut log = open(Arc::new(RealDisk), root, seed).unwrap();
    log.publisher.publish(log.writer.head()).unwrap();
    let entries = verify(&RealDisk, root);
    for (index, n) in acknowledged {
        let found = entries.get(usize::try_from(*index).unwrap());
        assert_eq!(found, Some(&crate::fixture::entry(*n)), "entry {index}");
        let payload = log.payload(*index, 1, &|_, _| true).unwrap();
        assert!(
            matches!(payload, ledger::Found::Present { .. }),
            "payload {index}: {payload:?}"
        );
    }
    if let Some(before) = before {
        let mut frontier = merkle::Frontier::new();
        let size = usize::try_from(before.size).unwrap();
        entries[..size]
            .iter()
            .for_each(|entry| frontier.push(merkle::leaf_hash(entry)));
        assert_eq!(frontier.head(), before);
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let root = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..u64::from(testkit::cases(6)) {
        let mut child = command(root.path(), &[]).spawn().unwrap();
        // Killed after so many acknowledgements, the first time while it is still opening.
        let wanted = usize::try_from(mix(round) % 400).unwrap() * usize::from(round > 0);
        let said = listen_and_kill(&mut child, wanted);
        assert!(said.stopped.is_empty(), "{:?}", said.stopped);
        assert!(said.acknowledged.len() >= wanted);
        acknowledged.extend(said.acknowledged);
        survives(root.path(), &acknowledged, round);
    }
    assert!(acknowledged.len() > 100);
}

fn listen_and_kill(child: &mut Child, wanted: usize) -> Said {
    let mut said = Said::default();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while said.acknowledged.len() < wanted {
        said.hear(&lines.next().expect("it runs until it is killed").unwrap());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it still said before it died counts.
    for line in lines.map_while(Result::ok) {
        said.hear(&line);
    }
    said
}

#[test]
fn real_system_calls_that_fail_stop_the_log() {
    assert!(
        Command::new("strace").arg("-V").output().is_ok(),
        "install strace, as `./x test` does: this test needs it"
    );
    let (mut stopped, mut refused) = (0, 0);
    for (round, (call, error)) in [
        ("fdatasync", "EIO"),
        ("fdatasync", "ENOSPC"),
        ("pwrite64", "ENOSPC"),
        ("pwrite64", "EIO"),
        ("pwrite64", "EROFS"),
    ]
    .into_iter()
    .enumerate()
    {
        // While it opens, in the first commits, and later.
        for when in [2, 12, 60] {
            let root = tempfile::tempdir().unwrap();
            let inject = format!("inject={call}:error={error}:when={when}+");
            let trace = format!("trace={call}");
            let tracer = [
                "strace",
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                &trace,
                "-e",
                &inject,
            ];
            let output = command(root.path(), &tracer).output().unwrap();
            let mut said = Said::default();
            String::from_utf8_lossy(&output.stdout)
                .lines()
                .for_each(|line| said.hear(line));
            assert!(
                !said.stopped.is_empty(),
                "{call} {error} {when}: it went on"
            );
            for line in &said.stopped {
                refused += usize::from(line.starts_with("refused "));
                stopped += usize::from(line.starts_with("stopped "));
            }
            survives(root.path(), &said.acknowledged, round as u64);
        }
    }
    assert!(
        stopped >= 5 && refused >= 1,
        "{stopped} stopped, {refused} refused"
    );
}
