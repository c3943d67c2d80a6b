//! Files that were changed after the log was signed: each change has its own finding.

use crate::asked::{Asked, codes, told};
use crate::made::{CONTROL, Made, witness};
use crate::world::{begin, heartbeat};
use verifier::{MemorySource, Severity, Verdict};

/// A control log of this many entries, of which the witness has cosigned all.
pub fn control(size: u64) -> Made {
    let mut log = Made::new(CONTROL, 0xc1);
    begin(&mut log);
    while log.size() < size {
        log.add(heartbeat(), &[]);
    }
    log.entries.truncate(size as usize);
    log.cosigned = Some(size);
    log
}

fn asked(log: &Made) -> Asked {
    Asked::one(log.files(), log.vkey()).witnessed()
}

/// The log's files after one of them was changed.
fn changed(log: &Made, file: &str, change: impl FnOnce(&mut Vec<u8>)) -> Asked {
    let mut asked = asked(log);
    let bytes = asked.sources[0].files.get_mut(file).expect(file);
    change(bytes);
    asked
}

fn without(log: &Made, file: &str) -> Asked {
    let mut asked = asked(log);
    asked.sources[0].files.remove(file).expect(file);
    asked
}

/// Where the entry at this index of a bundle begins, after its length.
fn place_of(bundle: &[u8], index: usize) -> usize {
    let mut at = 0;
    for _ in 0..index {
        at += 2 + usize::from(u16::from_be_bytes([bundle[at], bundle[at + 1]]));
    }
    at + 2
}

#[test]
fn honest_logs_of_every_small_size_are_ok() {
    for size in [1, 2, 255, 256, 257, 511, 512, 513] {
        let report = asked(&control(size)).report();
        assert_eq!(report.verdict(), Verdict::Ok, "{}", report.to_text());
        assert_eq!(report.logs[0].entries, size);
    }
}

#[test]
fn a_log_that_nothing_was_written_into_is_ok() {
    let report = asked(&control(0)).report();
    assert_eq!(report.verdict(), Verdict::Ok, "{}", report.to_text());
}

#[test]
fn a_flipped_bit_in_an_entry_is_found_and_the_entry_named() {
    let log = control(300);
    let report = changed(&log, "tile/entries/000", |bundle| {
        let at = place_of(bundle, 200);
        // A bit of the time, so that the entry can still be read.
        bundle[at + 7] ^= 1;
    })
    .report();
    let found = told(&report, Severity::Violation);
    assert_eq!(found, ["entry-altered at 200", "root-mismatch"]);
}

#[test]
fn a_flipped_bit_in_any_byte_of_a_bundle_is_a_violation() {
    let log = control(9);
    let length = log.files().files["tile/entries/000.p/9"].len();
    for at in 0..length {
        let asked = changed(&log, "tile/entries/000.p/9", |bundle| bundle[at] ^= 0x10);
        assert_eq!(asked.report().verdict(), Verdict::Violation, "byte {at}");
    }
}

#[test]
fn a_flipped_bit_in_a_tile_of_each_level_is_found_and_the_tile_named() {
    let log = control(513);
    for file in [
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/1",
        "tile/1/000.p/2",
    ] {
        let report = changed(&log, file, |tile| tile[17] ^= 0x40).report();
        assert_eq!(codes(&report), ["tile-altered"], "{file}");
        assert_eq!(report.findings[0].file.as_deref(), Some(file));
    }
}

#[test]
fn a_tile_of_another_length_is_found() {
    let log = control(300);
    for file in ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"] {
        let report = changed(&log, file, |tile| tile.truncate(tile.len() - 1)).report();
        assert_eq!(codes(&report), ["tile-altered"], "{file}");
    }
}

#[test]
fn a_missing_tile_is_found() {
    let log = control(300);
    for file in ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"] {
        assert_eq!(without(&log, file).codes(), ["tile-missing"], "{file}");
    }
}

#[test]
fn a_dropped_bundle_is_found_and_the_rest_is_hashed_all_the_same() {
    let log = control(600);
    let report = without(&log, "tile/entries/001").report();
    assert_eq!(codes(&report), ["bundle-missing", "fold-stopped"]);
    assert_eq!(report.logs[0].entries, 600 - 256);
}

#[test]
fn entries_that_are_gone_with_their_hashes_end_the_look() {
    let mut asked = asked(&control(600));
    for file in ["tile/entries/001", "tile/0/001"] {
        asked.sources[0].files.remove(file).expect(file);
    }
    assert_eq!(
        asked.codes(),
        [
            "bundle-missing",
            "tile-missing",
            "root-unknown",
            "fold-stopped"
        ]
    );
}

#[test]
fn a_checkpoint_of_an_enormous_size_is_answered_at_once() {
    let log = control(40);
    let head = merkle::TreeHead {
        size: merkle::TREE_SIZE_MAX,
        root: merkle::Hash::EMPTY,
    };
    let checkpoint = merkle::Checkpoint::new(log.name(), head).unwrap();
    let signed = merkle::SignedCheckpoint::sign(checkpoint, &log.key).unwrap();
    let mut asked = asked(&log);
    let bytes = signed.to_string().into_bytes();
    asked.sources[0]
        .files
        .insert("checkpoint".to_owned(), bytes);
    assert_eq!(asked.report().verdict(), Verdict::Violation);
}

#[test]
fn a_cut_bundle_is_found() {
    let log = control(40);
    let asked = changed(&log, "tile/entries/000.p/40", |bundle| {
        bundle.truncate(bundle.len() - 1);
    });
    assert_eq!(asked.codes(), ["bundle-unreadable", "fold-stopped"]);
}

#[test]
fn a_cut_tail_contradicts_the_cosigned_checkpoint() {
    let log = control(300);
    let mut cut = log.clone();
    cut.entries.truncate(290);
    cut.cosigned = None;
    let mut files = cut.files();
    let kept = log.files().files["checkpoint.witnessed"].clone();
    files.files.insert("checkpoint.witnessed".to_owned(), kept);
    let report = Asked::one(files, log.vkey()).witnessed().report();
    assert_eq!(codes(&report), ["log-cut"]);
    assert!(report.to_text().contains("entries 290 to 299 were cut"));
}

#[test]
fn two_histories_of_one_size_are_a_fork() {
    let log = control(40);
    let mut other = log.clone();
    other.entries.swap(30, 29);
    other.cosigned = None;
    let asked = Asked::one(other.files(), log.vkey()).from(log.checkpoint_at(40));
    assert_eq!(asked.codes(), ["fork"]);
}

#[test]
fn a_forged_cosignature_is_a_violation() {
    let log = control(40);
    let asked = changed(&log, "checkpoint", |note| {
        // The signature of the witness over another time.
        let cosigned = log.checkpoint_at(40).to_string();
        let mut forged: merkle::SignedCheckpoint = cosigned.parse().unwrap();
        let other = witness()
            .cosign(log.checkpoint_at(39).checkpoint(), 7)
            .unwrap();
        forged.add(other).unwrap();
        *note = forged.to_string().into_bytes();
    });
    assert_eq!(asked.codes(), ["cosignature-wrong"]);
}

#[test]
fn a_checkpoint_under_another_key_is_a_violation() {
    let log = control(40);
    let other = Made::new(CONTROL, 0xc2);
    let asked = Asked::one(log.files(), other.vkey()).witnessed();
    assert_eq!(asked.codes(), ["log-signature-wrong", "quorum-missing"]);
}

#[test]
fn a_root_that_the_entries_do_not_give_is_a_violation() {
    let mut log = control(40);
    let honest = log.files();
    log.entries.swap(30, 20);
    log.cosigned = None;
    let mut files = honest.clone();
    files.files.insert(
        "checkpoint".to_owned(),
        log.checkpoint_at(40).to_string().into_bytes(),
    );
    let asked = Asked::one(files, log.vkey()).from(control(40).checkpoint_at(20));
    assert_eq!(asked.codes(), ["fork", "root-mismatch"]);
}

#[test]
fn swapped_entries_are_found_and_both_named() {
    let log = control(40);
    let mut swapped = log.clone();
    swapped.entries.swap(20, 30);
    let mut files = log.files();
    let bundle = swapped.files().files["tile/entries/000.p/40"].clone();
    files
        .files
        .insert("tile/entries/000.p/40".to_owned(), bundle);
    let report = Asked::one(files, log.vkey()).witnessed().report();
    assert_eq!(
        told(&report, Severity::Violation),
        ["entries-swapped at 20", "root-mismatch"]
    );
    assert!(report.to_text().contains("in the place of entry 30"));
}

#[test]
fn a_file_that_is_no_checkpoint_is_named() {
    let log = control(40);
    let asked = changed(&log, "checkpoint.witnessed", |note| note.truncate(30));
    assert_eq!(asked.codes(), ["checkpoint-unreadable"]);
}

#[test]
fn a_log_that_went_on_while_it_was_read_is_ok() {
    // The checkpoint has 300 entries; the partial files of that size are gone by now.
    let log = control(600);
    let mut files: MemorySource = log.files();
    let earlier = log.cosigned_at(300).to_string().into_bytes();
    files.files.insert("checkpoint".to_owned(), earlier.clone());
    files
        .files
        .insert("checkpoint.witnessed".to_owned(), earlier);
    let at = |size: u64| {
        let mut log = log.clone();
        log.entries.truncate(size as usize);
        log.cosigned = None;
        log.files().files
    };
    let level_1 = at(300)["tile/1/000.p/1"].clone();
    files.files.insert("tile/1/000.p/1".to_owned(), level_1);
    let report = Asked::one(files, log.vkey()).witnessed().report();
    assert_eq!(report.verdict(), Verdict::Ok, "{}", report.to_text());
}

#[test]
fn findings_of_one_code_are_listed_up_to_a_limit_and_counted_beyond() {
    let log = control(100);
    let mut files = log.files();
    let mut other = log.clone();
    for entry in other.entries.iter_mut().skip(50) {
        entry[7] ^= 1;
    }
    let bundle = other.files().files["tile/entries/000.p/100"].clone();
    files
        .files
        .insert("tile/entries/000.p/100".to_owned(), bundle);
    let report = Asked::one(files, log.vkey()).witnessed().report();
    let more: Vec<u64> = report.unlisted.iter().map(|(_, _, more)| *more).collect();
    assert_eq!(more, [30]);
    assert!(report.to_text().contains("30 more like this"));
}

#[test]
fn workers_find_the_same_as_one() {
    let log = control(3_000);
    for tampered in [false, true] {
        let mut reports = Vec::new();
        for workers in [1, 2, 5] {
            let mut asked = asked(&log);
            if tampered {
                let bundle = asked.sources[0].files.get_mut("tile/entries/007").unwrap();
                let at = place_of(bundle, 77);
                bundle[at + 7] ^= 1;
            }
            asked.terms.workers = workers;
            reports.push(asked.report().to_value());
        }
        assert_eq!(reports[0], reports[1]);
        assert_eq!(reports[0], reports[2]);
    }
}
