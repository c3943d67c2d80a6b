//! A follower that has only the directory and the key.

use std::path::Path;
use std::sync::Arc;

use ledger::{LedgerError, Opened, PublishedLog};

use crate::faulty::FaultyDisk;
use crate::fixture::{entry, folder, name, open, signer, submission};

const ROOT: &str = "/disk";

fn follower(disk: &FaultyDisk) -> PublishedLog {
    let key = signer(&name()).verifier().clone();
    PublishedLog::new(Arc::new(disk.clone()), &folder(Path::new(ROOT)), key)
}

fn commit(log: &mut Opened, from: u64, to: u64) {
    let batch: Vec<_> = (from..to).map(submission).collect();
    log.writer.commit(&batch).unwrap();
}

#[test]
fn it_sees_what_is_published_once_and_in_order() {
    let disk = FaultyDisk::new(Path::new(ROOT));
    let mut log = open(Arc::new(disk.clone()), Path::new(ROOT), 1).unwrap();
    let mut follower = follower(&disk);
    assert!(
        follower.look(&mut |_, _| ()).is_err(),
        "nothing is signed yet"
    );
    let mut seen = Vec::new();
    let mut size = 0;
    for count in [1, 254, 1, 1, 256, 300, 7] {
        commit(&mut log, size, size + count);
        // Durable is not enough for another process.
        assert!(
            follower
                .look(&mut |_, _| panic!("it is not published"))
                .is_ok()
                || size == 0
        );
        size += count;
        log.publisher.publish(log.writer.head()).unwrap();
        let head = follower
            .look(&mut |index, entry| seen.push((index, entry.to_vec())))
            .unwrap();
        assert_eq!(head, log.writer.head());
        assert_eq!(follower.progress(), (size, size));
    }
    let expected: Vec<_> = (0..size).map(|n| (n, entry(n))).collect();
    assert_eq!(seen, expected);
    let mut late = 0;
    self::follower(&disk).look(&mut |_, _| late += 1).unwrap();
    assert_eq!(late, size);
}

#[test]
fn it_notices_a_changed_entry_and_a_cut_log() {
    let disk = FaultyDisk::new(Path::new(ROOT));
    let mut log = open(Arc::new(disk.clone()), Path::new(ROOT), 1).unwrap();
    commit(&mut log, 0, 3);
    log.publisher.publish(log.writer.head()).unwrap();
    let checkpoint = folder(Path::new(ROOT)).join("checkpoint");
    let (_, then) = disk
        .files()
        .into_iter()
        .find(|(file, _)| *file == checkpoint)
        .unwrap();
    let mut ahead = follower(&disk);
    ahead.look(&mut |_, _| ()).unwrap();
    commit(&mut log, 3, 5);
    log.publisher.publish(log.writer.head()).unwrap();
    let bundle = folder(Path::new(ROOT)).join("tile/entries/000.p/5");
    disk.overwrite(&bundle, |bytes| *bytes.last_mut().unwrap() ^= 1);
    let refused = ahead
        .look(&mut |_, _| panic!("it does not fit the root"))
        .unwrap_err();
    assert!(
        matches!(refused, LedgerError::Contradiction { .. }),
        "{refused}"
    );
    assert_eq!(ahead.progress(), (3, 5), "the place is where it was");
    disk.overwrite(&bundle, |bytes| *bytes.last_mut().unwrap() ^= 1);
    ahead.look(&mut |_, _| ()).unwrap();
    disk.overwrite(&checkpoint, |bytes| *bytes = then);
    let refused = ahead.look(&mut |_, _| ()).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("it had 5 entries and now signs 3"),
        "{refused}"
    );
}
