//! Files that somebody changed, moved or removed; disks that are full. The log says which file and
//! refuses, or mends what can be derived.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger::{Findings, Found, LedgerError, Opened, Standing};

use crate::faulty::{Fault, FaultyDisk};
use crate::fixture::{entry, folder, open, opening, payload, settings, submission, verify};

const ROOT: &str = "/disk";

/// A log of 600 entries in commits of 50, of which the last commit is not published.
fn made() -> FaultyDisk {
    let disk = FaultyDisk::new(Path::new(ROOT));
    let mut log = opened(&disk).unwrap();
    for commit in 0..12 {
        let batch: Vec<_> = (commit * 50..(commit + 1) * 50).map(submission).collect();
        log.writer.commit(&batch).unwrap();
        if commit < 11 {
            log.publisher.publish(log.writer.head()).unwrap();
        }
    }
    disk
}

fn opened(disk: &FaultyDisk) -> Result<Opened, LedgerError> {
    open(Arc::new(disk.clone()), Path::new(ROOT), 1)
}

fn path(name: &str) -> PathBuf {
    folder(Path::new(ROOT)).join(name)
}

fn files(disk: &FaultyDisk, of: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = disk.files();
    files.retain(|(file, _)| file.starts_with(path(of)));
    files
}

/// The message of a log that must not open.
fn refused(disk: &FaultyDisk) -> String {
    match opened(disk) {
        Ok(log) => panic!("it opened and found {:?}", log.findings),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_flipped_bit_in_the_journal_is_refused_with_its_place() {
    let whole = made();
    let segments = files(&whole, "journal");
    assert!(segments.len() > 1);
    for (file, bytes) in &segments {
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        // In the last frame of the last segment a flipped bit cannot be told from a torn write; once
        // that frame is published, it can: see the next test.
        let is_last = file == &segments.last().unwrap().0;
        // The mark at the end of the others may be torn.
        let end = if is_last { 56 } else { used - 40 };
        for at in (0..end).step_by(97) {
            whole.overwrite(file, |bytes| bytes[at] ^= 4);
            let said = refused(&whole);
            assert!(said.contains(".seg` is damaged at byte"), "{said}");
            assert!(said.contains("restore the file from a copy"), "{said}");
            whole.overwrite(file, |bytes| bytes[at] ^= 4);
        }
    }
    opened(&whole).unwrap();
}

#[test]
fn an_entry_that_was_signed_cannot_be_cut_away() {
    let disk = made();
    let mut log = opened(&disk).unwrap();
    log.publisher.publish(log.writer.head()).unwrap();
    drop(log);
    let (file, bytes) = files(&disk, "journal").pop().unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    disk.overwrite(&file, |bytes| bytes[used - 10] ^= 1);
    let said = refused(&disk);
    assert!(
        said.contains("600 entries were signed, the files have 550"),
        "{said}"
    );
}

#[test]
fn a_removed_or_foreign_segment_is_refused() {
    let segments = files(&made(), "journal");
    for (file, _) in &segments[1..] {
        let disk = made();
        disk.take_away(file);
        let said = refused(&disk);
        assert!(
            said.contains("a segment is missing") || said.contains("follows and is missing"),
            "{said}"
        );
    }
    // What the first one has, the bundles may have too: then nothing is lost, else it is said.
    let disk = made();
    disk.take_away(&segments[0].0);
    match opened(&disk) {
        Ok(mut log) => {
            log.publisher.publish(log.writer.head()).unwrap();
            assert_eq!(verify(&disk, Path::new(ROOT)).len(), 600);
        }
        Err(error) => assert!(error.to_string().contains("is missing"), "{error}"),
    }
    let disk = made();
    for (file, _) in &segments {
        disk.take_away(file);
    }
    assert!(refused(&disk).contains("entries are lost"));
    // Also before anything was signed.
    let disk = FaultyDisk::new(Path::new(ROOT));
    opened(&disk)
        .unwrap()
        .writer
        .commit(&[submission(0)])
        .unwrap();
    disk.take_away(&files(&disk, "journal")[0].0);
    assert!(refused(&disk).contains("there is no segment"));
    let disk = made();
    let (first, last) = (&segments[0], &segments[segments.len() - 1]);
    disk.overwrite(&last.0, |bytes| bytes.clone_from(&first.1));
    assert!(refused(&disk).contains("disagree about its first index"));
}

#[test]
fn tiles_and_recent_bundles_are_derived_again_old_bundles_are_not() {
    let whole = made();
    let tiles: Vec<PathBuf> = [
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/38",
        "tile/1/000.p/2",
    ]
    .into_iter()
    .map(path)
    .collect();
    for file in &tiles {
        for is_removed in [false, true] {
            let disk = made();
            match is_removed {
                true => disk.take_away(file),
                false => disk.overwrite(file, |bytes| bytes[33] ^= 1),
            }
            let log = opened(&disk).unwrap();
            let name = file.strip_prefix(folder(Path::new(ROOT))).unwrap();
            assert_eq!(log.findings.repaired, vec![name.to_str().unwrap()]);
            assert_eq!(verify(&disk, Path::new(ROOT)).len(), 550);
        }
    }
    // The journal has given up the first entries: their bundle is the only copy.
    for change in [
        |bytes: &mut Vec<u8>| bytes[9] ^= 1,
        |bytes: &mut Vec<u8>| bytes.truncate(90),
    ] {
        let disk = made();
        disk.overwrite(&path("tile/entries/000"), change);
        let said = refused(&disk);
        assert!(
            said.contains("does not fit the entries is `tile/0/000`")
                || said.contains("another root than its entries")
                || said.contains("tile/entries/000` is damaged"),
            "{said}"
        );
    }
    assert_eq!(opened(&whole).unwrap().findings, Findings::default());
}

#[test]
fn a_checkpoint_that_is_not_ours_is_refused() {
    let disk = made();
    disk.overwrite(&path("checkpoint"), |bytes| {
        let text = String::from_utf8(bytes.clone())
            .unwrap()
            .replace("550", "500");
        *bytes = text.into_bytes();
    });
    assert!(refused(&disk).contains("checkpoint` is damaged"));
}

#[test]
fn an_older_directory_put_back_is_refused_where_a_newer_checkpoint_is_left() {
    // Journal and bundles of an hour ago under the checkpoint of now.
    let disk = FaultyDisk::new(Path::new(ROOT));
    let mut log = opened(&disk).unwrap();
    log.writer.commit(&[submission(0)]).unwrap();
    log.publisher.publish(log.writer.head()).unwrap();
    let old = files(&disk, "journal");
    log.writer.commit(&[submission(1)]).unwrap();
    log.publisher.publish(log.writer.head()).unwrap();
    drop(log);
    for (file, then) in old {
        disk.overwrite(&file, |bytes| bytes.clone_from(&then));
    }
    assert!(refused(&disk).contains("entries are lost"));
}

#[test]
fn a_consistent_journal_that_is_not_the_one_signed_is_refused() {
    // Whoever rewrites the journal with all its checksums and roots still meets the checkpoint.
    let [signed, other] = [0, 1].map(|first| {
        let disk = FaultyDisk::new(Path::new(ROOT));
        let mut log = opened(&disk).unwrap();
        log.writer
            .commit(&[submission(first), submission(2)])
            .unwrap();
        log.publisher.publish(log.writer.head()).unwrap();
        disk
    });
    let (file, bytes) = files(&other, "journal").pop().unwrap();
    signed.overwrite(&file, |there| *there = bytes);
    let said = refused(&signed);
    assert!(
        said.contains("the entries up to 2 have another root than was signed"),
        "{said}"
    );
    assert!(said.contains("`tile/0/000.p/2`"), "{said}");
}

#[test]
fn a_frame_whose_root_is_not_that_of_its_entries_is_refused() {
    use ledger::Journal;
    let disk = FaultyDisk::new(Path::new(ROOT));
    drop(opened(&disk).unwrap());
    files(&disk, "journal")
        .iter()
        .for_each(|(file, _)| disk.take_away(file));
    let journal = ledger::DirectoryJournal::make(
        Arc::new(disk.clone()),
        &path("journal"),
        &crate::fixture::name().to_string(),
        settings().journal,
        Arc::new(crate::fixture::SeededRandomness::new(5)),
    )
    .unwrap();
    let frame = ledger::Frame {
        first: 0,
        entries: vec![entry(0)],
        payloads: None,
        size: 1,
        root: [0; 32],
    };
    journal.append(&frame).unwrap();
    let said = refused(&disk);
    assert!(said.contains("has another root than its entries"), "{said}");
}

#[test]
fn a_file_removed_under_an_open_log_stops_it() {
    for of in ["journal", "payloads"] {
        let disk = FaultyDisk::new(Path::new(ROOT));
        let mut log = opened(&disk).unwrap();
        log.writer.commit(&[submission(0)]).unwrap();
        let (file, _) = files(&disk, of)
            .into_iter()
            .rfind(|(file, _)| !file.ends_with("keys"))
            .unwrap();
        disk.take_away(&file);
        let error = log.writer.commit(&[submission(1)]).unwrap_err();
        assert!(
            matches!(&error, LedgerError::Vanished { path } if *path == file),
            "{error}"
        );
        let again = log.writer.commit(&[submission(2)]).unwrap_err();
        assert!(matches!(again, LedgerError::Stopped { .. }), "{again}");
    }
}

#[test]
fn a_full_disk_is_recorded_and_refuses_after_that() {
    for (reserve, journal_room) in [(4096, 1024), (1024, 64)] {
        let disk = FaultyDisk::new(Path::new(ROOT));
        let mut opening = opening(Arc::new(disk.clone()), Path::new(ROOT), 1);
        opening.settings.reserve_bytes = reserve;
        opening.settings.journal.allocate_bytes = journal_room;
        let mut log = opening.open().unwrap();
        log.writer.commit(&[submission(0)]).unwrap();
        disk.fail_at(disk.steps().len(), Fault::NoSpace);
        let mut n = 1;
        let error = loop {
            match log.writer.commit(&[submission(n)]) {
                Ok(_) => n += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, LedgerError::DiskFull { .. }), "{error}");
        let progress = log.progress();
        assert_eq!(
            (progress.durable, progress.standing),
            (n + 1, Standing::Full)
        );
        let refused = log.writer.commit(&[submission(99)]).unwrap_err();
        assert!(matches!(refused, LedgerError::Stopped { .. }));
        drop(log);
        disk.switch_on();
        let mut log = opened(&disk).unwrap();
        log.publisher.publish(log.writer.head()).unwrap();
        let mut expected: Vec<_> = (0..n).map(entry).collect();
        expected.push(format!("disk full at {n}").into_bytes());
        assert_eq!(verify(&disk, Path::new(ROOT)), expected);
        // The payload that did not fit is not taken for one of the notice.
        assert_eq!(log.payload(n, 1, &|_, _| true).unwrap(), Found::Missing);
        assert_eq!(
            log.findings.orphaned_bytes, 0,
            "nothing of the refused entry was left"
        );
    }
}

#[test]
fn a_journal_that_failed_takes_no_more_even_if_asked() {
    let disk = FaultyDisk::new(Path::new(ROOT));
    let folder = Path::new(ROOT);
    let randomness = Arc::new(crate::fixture::SeededRandomness::new(1));
    let journal = ledger::DirectoryJournal::make(
        Arc::new(disk.clone()),
        folder,
        "test",
        settings().journal,
        randomness,
    )
    .unwrap();
    use ledger::Journal;
    let frame = |first| ledger::Frame {
        first,
        entries: vec![entry(first)],
        payloads: None,
        size: first + 1,
        root: [0; 32],
    };
    journal.append(&frame(0)).unwrap();
    assert!(journal.append(&frame(2)).is_err(), "it would leave a gap");
    disk.fail_at(disk.steps().len() + 1, Fault::NotDone);
    assert!(journal.append(&frame(1)).is_err(), "its sync failed");
    disk.switch_on();
    assert!(journal.append(&frame(1)).is_err(), "it is broken");
}

#[test]
fn a_damaged_payload_is_a_mismatch_and_hides_no_other() {
    let disk = FaultyDisk::new(Path::new(ROOT));
    let mut log = opened(&disk).unwrap();
    let batch: Vec<_> = (0..9).map(submission).collect();
    log.writer.commit(&batch).unwrap();
    log.writer.commit(&[submission(9)]).unwrap();
    // Signed, or damage to the last commit's could not be told from a torn write.
    log.publisher.publish(log.writer.head()).unwrap();
    drop(log);
    let (file, bytes) = files(&disk, "payloads")
        .into_iter()
        .find(|(file, _)| !file.ends_with("keys"))
        .unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    for at in (40..used).step_by(7) {
        disk.overwrite(&file, |bytes| bytes[at] ^= 1);
        let log = opened(&disk).unwrap();
        let wrong: Vec<(u64, u16, Found)> = (0..10)
            .flat_map(|n| [(n, 1), (n, 2)])
            .filter_map(|(n, field)| {
                let class = if field == 1 {
                    crate::fixture::ERASABLE
                } else {
                    crate::fixture::LOCKED
                };
                let there = payload(field, n, class);
                let present = Found::Present {
                    salt: there.salt,
                    bytes: there.bytes,
                };
                let found = log.payload(n, field, &|_, _| true).unwrap();
                (found != present).then_some((n, field, found))
            })
            .collect();
        assert!(wrong.len() <= 1, "byte {at}: {wrong:?}");
        assert!(
            wrong
                .iter()
                .all(|(_, _, found)| matches!(found, Found::Mismatch | Found::Missing)),
            "byte {at}: {wrong:?}"
        );
        drop(log);
        disk.overwrite(&file, |there| there.clone_from(&bytes));
    }
}
