//! The crash table: every write step of a short life of a log fails in every way, one at a time.
//!
//! After each the log is opened again on what the disk has. Whatever was acknowledged must be there
//! with its index and bytes, the log must verify from scratch, nothing that was signed may be
//! contradicted, and it must go on.

use std::path::Path;
use std::sync::Arc;

use ledger::{Erasure, Found, JournalSettings, LedgerError, Opened, Settings, Submission};
use merkle::{Frontier, TreeHead, leaf_hash};

use crate::faulty::{Fault, FaultyDisk};
use crate::fixture::{
    ERASABLE, LOCKED, checkpoint, entry, opening, payload, settings, submission, verify,
};

const ROOT: &str = "/disk";
/// How many power cuts are tried at each step; the seed decides what the disk kept.
const CUTS: u64 = 10;

/// A life of a log.
#[derive(Clone, Copy)]
struct Life {
    /// Payloads are synced before the frame of their entries, not behind it.
    payloads_first: bool,
    /// Entries in each commit; the log is published after it.
    commits: &'static [u64],
    /// After which commit the log is opened again, and after which a payload is erased.
    reopened_after: usize,
    erased_after: usize,
    settings: fn() -> Settings,
}

/// What was seen in a life.
#[derive(Default)]
struct Seen {
    acknowledged: Vec<Vec<u8>>,
    signed: Vec<TreeHead>,
    erasure: Option<Result<(), ()>>,
    /// The log said that it takes no more, or was not opened.
    stopped: bool,
    /// Publishing failed and the log went on.
    unpublished: bool,
}

fn made(life: &Life) -> FaultyDisk {
    let disk = FaultyDisk::new(Path::new(ROOT));
    if life.payloads_first {
        disk.sync_early();
    }
    disk
}

fn open(disk: &FaultyDisk, seed: u64, life: &Life) -> Result<Opened, LedgerError> {
    let mut opening = opening(Arc::new(disk.clone()), Path::new(ROOT), seed);
    opening.settings = (life.settings)();
    opening.open()
}

fn live(disk: &FaultyDisk, life: &Life) -> Seen {
    let mut seen = Seen::default();
    let Ok(mut log) = open(disk, 1, life) else {
        seen.stopped = true;
        return seen;
    };
    let mut next = 0;
    for (at, count) in life.commits.iter().enumerate() {
        let batch: Vec<Submission> = (next..next + count).map(submission).collect();
        match log.writer.commit(&batch) {
            Ok(answers) => {
                for (answer, n) in answers.into_iter().zip(next..) {
                    assert_eq!(answer.unwrap().index, n);
                    seen.acknowledged.push(entry(n));
                }
                next += count;
            }
            Err(_) => seen.stopped = true,
        }
        seen.unpublished |= log.publisher.publish(log.writer.head()).is_err();
        seen.signed.extend(checkpoint(disk, Path::new(ROOT)));
        if seen.stopped {
            return seen;
        }
        if at == life.erased_after {
            let erasure = Erasure {
                by: 0,
                payloads: vec![(0, 1)],
                keys: Vec::new(),
            };
            // Evaluation mode: published counts as witnessed. Unpublished, it must not be erased.
            if let Some(proof) = log.witnessed(0) {
                seen.erasure = Some(log.erase(&erasure, &proof).map(|_| ()).map_err(|_| ()));
            }
        }
        if at == life.reopened_after {
            drop(log);
            match open(disk, 2, life) {
                Ok(opened) => log = opened,
                Err(_) => {
                    seen.stopped = true;
                    return seen;
                }
            }
        }
    }
    seen
}

/// Opens the log again after a fault and checks all that must hold. Gives how many entries there are.
fn survives(disk: &FaultyDisk, life: &Life, seen: &Seen, what: &str) -> usize {
    disk.switch_on();
    let root = Path::new(ROOT);
    let mut log = open(disk, 3, life).unwrap_or_else(|error| panic!("{what}: {error}"));
    let found = log.writer.head();
    log.publisher.publish(found).unwrap();
    let entries = verify(disk, root);
    assert_eq!(entries.len() as u64, found.size);
    assert!(
        entries.starts_with(&seen.acknowledged),
        "{what}: an acknowledged entry is lost"
    );
    for head in &seen.signed {
        let size = usize::try_from(head.size).unwrap();
        assert!(entries.len() >= size, "{what}: signed entries are lost");
        let mut frontier = Frontier::new();
        entries[..size]
            .iter()
            .for_each(|entry| frontier.push(leaf_hash(entry)));
        assert_eq!(
            frontier.head(),
            *head,
            "{what}: a signed tree is contradicted"
        );
    }
    // What was shown and signed must also outlast a power cut that comes now: what a failed sync lost
    // can be read until then.
    drop(log);
    disk.cut_power(5);
    disk.switch_on();
    let mut log = open(disk, 5, life).unwrap_or_else(|error| panic!("{what}, cut again: {error}"));
    assert_eq!(log.writer.head(), found, "{what}: what was shown is lost");
    // No entry stands without its payloads, whether it was acknowledged or not.
    for (n, there) in entries.iter().enumerate() {
        if *there == entry(n as u64) {
            payloads_hold(&mut log, n as u64, seen, what);
        }
    }
    // It goes on, and the next opening finds nothing to mend.
    let answers = log.writer.commit(&[submission(9000)]).unwrap();
    assert_eq!(answers[0].as_ref().unwrap().index, found.size);
    log.publisher.publish(log.writer.head()).unwrap();
    assert_eq!(verify(disk, root).len(), entries.len() + 1);
    drop(log);
    let log = open(disk, 4, life).unwrap();
    assert_eq!(log.findings, ledger::Findings::default(), "{what}");
    entries.len()
}

fn payloads_hold(log: &mut Opened, n: u64, seen: &Seen, what: &str) {
    for (field, retention) in [(1, ERASABLE), (2, LOCKED)] {
        let there = payload(field, n, retention);
        let present = Found::Present {
            salt: there.salt,
            bytes: there.bytes,
        };
        let erased = Found::Erased { by: 0 };
        let found = log.payload(n, field, &|_, _| true).unwrap();
        let allowed: &[&Found] = match (&seen.erasure, n, field) {
            (Some(Ok(())), 0, 1) => &[&erased],
            (Some(Err(())), 0, 1) => &[&present, &erased],
            _ => &[&present],
        };
        assert!(
            allowed.contains(&&found),
            "{what}: payload {n}/{field} is {found:?}"
        );
    }
}

/// One life with one fault; gives a cell of the table.
fn trial(life: &Life, step: usize, fault: Fault) -> (bool, usize, usize) {
    let disk = made(life);
    disk.fail_at(step, fault);
    let seen = live(&disk, life);
    let what = format!(
        "step {step}, {fault:?}, {}",
        disk.steps().get(step).cloned().unwrap_or_default()
    );
    let found = survives(&disk, life, &seen, &what);
    (seen.stopped, seen.acknowledged.len(), found)
}

fn steps_of(life: &Life) -> Vec<String> {
    let disk = made(life);
    let seen = live(&disk, life);
    assert!(!seen.stopped && !seen.unpublished && seen.erasure == Some(Ok(())));
    let steps = disk.steps();
    let total: u64 = life.commits.iter().sum();
    assert_eq!(
        survives(&disk, life, &seen, "no fault"),
        usize::try_from(total).unwrap()
    );
    steps
}

fn cell((stopped, acknowledged, found): (bool, usize, usize)) -> String {
    let says = if stopped { "stops" } else { "goes on" };
    format!("{says} {acknowledged}/{found}")
}

/// Few entries, so that the table can be read.
const SHORT: Life = Life {
    payloads_first: false,
    commits: &[2, 3, 4],
    reopened_after: 1,
    erased_after: 0,
    settings: || Settings {
        journal: JournalSettings {
            segment_bytes: 300,
            allocate_bytes: 512,
            segments_kept: 1,
        },
        ..settings()
    },
};

/// Many, so that tiles and bundles fill, segments rotate and are dropped.
const LONG: Life = Life {
    payloads_first: false,
    commits: &[100, 100, 55, 2, 60, 250],
    reopened_after: 4,
    erased_after: 3,
    settings,
};

#[test]
fn nothing_acknowledged_is_lost_whatever_step_fails() {
    insta::assert_snapshot!("crash_table", table(&SHORT));
}

#[test]
fn nothing_acknowledged_is_lost_when_payloads_are_durable_first() {
    let life = Life {
        payloads_first: true,
        ..SHORT
    };
    insta::assert_snapshot!("crash_table_payloads_first", table(&life));
}

/// Every step of a life in every way that it can fail.
fn table(life: &Life) -> String {
    let steps = steps_of(life);
    let mut table = String::from(
        "What each write step of a short life does to the log when it fails. `stops 5/9`: the log takes\n\
         no more; 5 entries were acknowledged, 9 are there after opening it again.\n\n",
    );
    table.push_str(&row(
        "step",
        [
            "not done",
            "done, reported failed",
            "power cut",
            "no space",
            "read-only",
        ],
    ));
    for (step, what) in steps.iter().enumerate() {
        let one = |fault| cell(trial(life, step, fault));
        let cuts: Vec<_> = (0..CUTS)
            .map(|seed| trial(life, step, Fault::PowerCut { seed }))
            .collect();
        let found = || cuts.iter().map(|(_, _, found)| *found);
        let (least, most) = (found().min().unwrap(), found().max().unwrap());
        let acknowledged = cuts[0].1;
        let cut = match least == most {
            true => format!("{acknowledged}/{least}"),
            false => format!("{acknowledged}/{least}-{most}"),
        };
        let takes_space = ["write", "make", "rename"]
            .iter()
            .any(|kind| what.starts_with(kind));
        let no_space = if takes_space {
            one(Fault::NoSpace)
        } else {
            "-".to_owned()
        };
        let cells = [
            one(Fault::NotDone),
            one(Fault::DoneButFailed),
            cut,
            no_space,
            one(Fault::ReadOnly),
        ];
        table.push_str(&row(
            &format!("{step:>3} {what}"),
            cells.each_ref().map(String::as_str),
        ));
    }
    table
}

fn row(what: &str, cells: [&str; 5]) -> String {
    let [a, b, c, d, e] = cells;
    let line = format!("{what:<50} {a:<16} {b:<22} {c:<10} {d:<16} {e}");
    format!("{}\n", line.trim_end())
}

#[test]
fn nothing_acknowledged_is_lost_when_tiles_fill_and_segments_rotate() {
    // A slice of the trials, another third of the steps for each fault; `CORDON_LONG` does them all.
    let is_long = testkit::cases(1) > 1;
    let early = Life {
        payloads_first: true,
        ..LONG
    };
    let (late_steps, early_steps) = (steps_of(&LONG), steps_of(&early));
    for step in 0..late_steps.len() {
        // Which of the two syncs comes first is another one at each step.
        let (life, what) = match step % 2 {
            0 => (&LONG, &late_steps[step]),
            _ => (&early, &early_steps[step]),
        };
        let faults = [
            Some(Fault::PowerCut {
                seed: 1000 * step as u64,
            }),
            Some(Fault::PowerCut {
                seed: 1000 * step as u64 + 1,
            }),
            Some(Fault::NotDone),
            Some(Fault::DoneButFailed),
            what.starts_with("write").then_some(Fault::NoSpace),
        ];
        for (at, fault) in faults.into_iter().enumerate() {
            if let Some(fault) = fault.filter(|_| is_long || (step + at) % 3 == 0) {
                trial(life, step, fault);
            }
        }
    }
}
