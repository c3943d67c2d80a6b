//! Random lives with random faults, several one after the other: the same invariants as the crash
//! table, and a model of what every payload may be.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ledger::{Erasure, Found, Opened};
use merkle::{Frontier, TreeHead, leaf_hash};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::faulty::{Fault, FaultyDisk};
use crate::fixture::{ERASABLE, checkpoint, entry, open, payload, submission, verify};

const ROOT: &str = "/disk";

#[derive(Clone, Debug)]
enum Step {
    Commit(u8),
    Publish,
    Erase(prop::sample::Index),
    Reopen,
    /// Ends the process in the middle of nothing.
    CutPower(u64),
    /// The fault comes so many write steps from now.
    Fault(u8, Fault),
}

fn step() -> impl Strategy<Value = Step> {
    let fault = prop_oneof![
        Just(Fault::NotDone),
        Just(Fault::DoneButFailed),
        any::<u64>().prop_map(|seed| Fault::PowerCut { seed }),
        Just(Fault::NoSpace),
        Just(Fault::ReadOnly),
    ];
    prop_oneof![
        4 => (1..60_u8).prop_map(Step::Commit),
        3 => Just(Step::Publish),
        2 => any::<prop::sample::Index>().prop_map(Step::Erase),
        1 => Just(Step::Reopen),
        1 => any::<u64>().prop_map(Step::CutPower),
        3 => (0..40_u8, fault).prop_map(|(after, fault)| Step::Fault(after, fault)),
    ]
}

/// What is known from outside.
#[derive(Default)]
struct Model {
    /// By index: the number of an entry that was acknowledged there.
    acknowledged: BTreeMap<u64, u64>,
    signed: Vec<TreeHead>,
    /// Payloads that an erasure was begun for, and whether it was acknowledged.
    erased: BTreeMap<u64, bool>,
    next_number: u64,
    openings: u64,
}

impl Model {
    /// Opens until it works: a fault may strike while it is mended.
    fn open(&mut self, disk: &FaultyDisk) -> Opened {
        loop {
            self.openings += 1;
            match open(Arc::new(disk.clone()), Path::new(ROOT), self.openings) {
                Ok(opened) => return opened,
                Err(error) => {
                    assert!(disk.had_fault(), "{error}");
                    disk.switch_on();
                }
            }
        }
    }

    fn commit(&mut self, log: &mut Opened, count: u8) -> bool {
        let numbers: Vec<u64> = (self.next_number..).take(usize::from(count)).collect();
        self.next_number += u64::from(count);
        let batch: Vec<_> = numbers.iter().map(|n| submission(*n)).collect();
        let Ok(answers) = log.writer.commit(&batch) else {
            return false;
        };
        for (answer, n) in answers.into_iter().zip(numbers) {
            let before = self.acknowledged.insert(answer.unwrap().index, n);
            assert_eq!(before, None, "an index was given twice");
        }
        true
    }

    fn erase(&mut self, log: &Opened, at: prop::sample::Index) {
        let size = log.writer.head().size;
        if size == 0 {
            return;
        }
        let index = at.index(usize::try_from(size).unwrap()) as u64;
        let Some(proof) = log.witnessed(0) else {
            return;
        };
        let erasure = Erasure {
            by: 0,
            payloads: vec![(index, 1)],
            keys: Vec::new(),
        };
        let is_done = log.erase(&erasure, &proof).is_ok();
        *self.erased.entry(index).or_default() |= is_done;
    }

    fn check(&self, disk: &FaultyDisk, log: &mut Opened) {
        log.publisher.publish(log.writer.head()).unwrap();
        let entries = verify(disk, Path::new(ROOT));
        for (index, n) in &self.acknowledged {
            assert_eq!(
                entries.get(usize::try_from(*index).unwrap()),
                Some(&entry(*n))
            );
            let there = payload(1, *n, ERASABLE);
            let present = Found::Present {
                salt: there.salt,
                bytes: there.bytes,
            };
            let found = log.payload(*index, 1, &|_, _| true).unwrap();
            match self.erased.get(index) {
                Some(true) => assert_eq!(found, Found::Erased { by: 0 }),
                Some(false) => assert!(found == present || found == Found::Erased { by: 0 }),
                None => assert_eq!(found, present),
            }
        }
        let mut frontier = Frontier::new();
        let mut heads = vec![frontier.head()];
        for entry in &entries {
            frontier.push(leaf_hash(entry));
            heads.push(frontier.head());
        }
        for head in &self.signed {
            assert_eq!(heads.get(usize::try_from(head.size).unwrap()), Some(head));
        }
    }
}

fn live(steps: Vec<Step>) {
    let disk = FaultyDisk::new(Path::new(ROOT));
    let mut model = Model::default();
    let mut log = Some(model.open(&disk));
    for step in steps {
        let mut opened = log.take().unwrap_or_else(|| model.open(&disk));
        let goes_on = match step {
            Step::Commit(count) => model.commit(&mut opened, count),
            Step::Publish => {
                let _ = opened.publisher.publish(opened.writer.head());
                true
            }
            Step::Erase(at) => {
                model.erase(&opened, at);
                true
            }
            Step::Reopen => false,
            Step::CutPower(seed) => {
                disk.cut_power(seed);
                false
            }
            Step::Fault(after, fault) => {
                disk.fail_at(disk.steps().len() + usize::from(after), fault);
                true
            }
        };
        model.signed.extend(checkpoint(&disk, Path::new(ROOT)));
        if goes_on && !disk.is_off() {
            log = Some(opened);
        }
    }
    drop(log);
    disk.switch_on();
    let mut log = model.open(&disk);
    model.check(&disk, &mut log);
    drop(log);
    // What was mended is durable: a power cut that loses all it can changes nothing.
    for seed in 0..4 {
        disk.cut_power(seed);
        disk.switch_on();
        let mut log = model.open(&disk);
        model.check(&disk, &mut log);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: testkit::cases(300),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_acknowledged_stays_through_any_faults(steps in vec(step(), 1..30)) {
        live(steps);
    }
}
