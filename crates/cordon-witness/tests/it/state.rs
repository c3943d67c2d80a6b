//! The witness's files: what survives, what is noticed, and when it refuses to start.

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use cordon_witness::{WitnessError, read_key, read_status};

use crate::made::{Log, NOW_S, Place, ask, log_key};

fn cosign(place: &Place, sizes: &[u64]) {
    let witness = place.open();
    for size in sizes {
        let old = witness.status().logs[0].head.size;
        assert_eq!(ask(&witness, &Log::of(*size).request(old)).status(), 200);
    }
}

#[test]
fn witness_goes_on_where_it_stood() {
    let place = Place::new();
    cosign(&place, &[5, 9]);
    let witness = place.open();
    assert_eq!(ask(&witness, &Log::of(12).request(5)).body(), "9\n");
    assert_eq!(ask(&witness, &Log::of(12).request(9)).status(), 200);
}

#[test]
fn vanished_state_is_not_started_afresh() {
    let place = Place::new();
    cosign(&place, &[5]);
    fs::remove_dir_all(&place.settings.state).unwrap();
    let refused = place.try_open(NOW_S).unwrap_err();
    assert!(matches!(refused, WitnessError::StateVanished { .. }));
    let text = refused.to_string();
    assert!(
        text.contains("w1.key.marker") && text.contains("retire this key"),
        "{text}"
    );
}

#[test]
fn vanished_record_of_one_log_is_noticed() {
    for gone in ["latest", "start", "cosigned", ""] {
        let place = Place::new();
        cosign(&place, &[5]);
        let path = place.record().join(gone);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        let opened = place.try_open(NOW_S);
        match gone {
            // The latest checkpoint stands; what it began from and came through is mended.
            "start" | "cosigned" => {
                let witness = opened.unwrap();
                assert_eq!(
                    ask(&witness, &Log::of(9).request(0)).body(),
                    "5\n",
                    "{gone}"
                );
            }
            _ => assert!(
                matches!(opened.unwrap_err(), WitnessError::StateVanished { .. }),
                "{gone}"
            ),
        }
    }
}

#[test]
fn state_of_another_key_is_refused() {
    let (one, mut other) = (Place::new(), Place::new());
    cosign(&one, &[5]);
    other.settings.state = one.settings.state.clone();
    let refused = other.try_open(NOW_S).unwrap_err();
    assert!(matches!(refused, WitnessError::OtherState { .. }));
}

#[test]
fn key_moved_without_its_marker_finds_its_state() {
    let mut place = Place::new();
    cosign(&place, &[5]);
    let moved = place.folder.path().join("moved.key");
    fs::rename(&place.settings.key, &moved).unwrap();
    place.settings.key = moved;
    drop(place.open());
    // And remembers it from then on.
    fs::remove_file(place.record().join("latest")).unwrap();
    assert!(place.try_open(NOW_S).is_err());
}

#[test]
fn key_copied_alone_is_not_started_afresh() {
    let place = Place::new();
    cosign(&place, &[5]);
    let mut copy = Place::new();
    fs::copy(&place.settings.key, &copy.settings.key).unwrap();
    fs::remove_file(copy.folder.path().join("w1.key.marker")).unwrap();
    let refused = copy.try_open(NOW_S).unwrap_err();
    assert!(
        matches!(refused, WitnessError::MarkerMissing { .. }),
        "{refused}"
    );
    // With its state it goes on.
    copy.settings.state = place.settings.state.clone();
    let witness = copy.open();
    assert_eq!(ask(&witness, &Log::of(9).request(0)).body(), "5\n");
}

#[test]
fn clock_that_ran_back_is_no_start() {
    let place = Place::new();
    cosign(&place, &[5]);
    let refused = place.try_open(NOW_S - 1).unwrap_err();
    assert!(
        matches!(refused, WitnessError::ClockRanBack { .. }),
        "{refused}"
    );
    drop(place.open());
}

#[test]
fn two_witnesses_do_not_run_on_one_state() {
    let place = Place::new();
    let first = place.open();
    let refused = place.try_open(NOW_S).unwrap_err();
    assert!(matches!(refused, WitnessError::Locked { .. }));
    drop(first);
    drop(place.open());
}

#[test]
fn start_that_contradicts_the_record_is_refused() {
    let mut place = Place::new();
    cosign(&place, &[5]);
    let key = log_key().verifier().to_string();
    let starts = [
        (5, Log::of(5).head.root, true),
        (5, Log::rewritten(5, 1).head.root, false),
        (9, Log::of(9).head.root, false),
    ];
    for (size, root, is_good) in starts {
        place.settings.logs = vec![format!("{key}@{size}:{root}").parse().unwrap()];
        assert_eq!(place.try_open(NOW_S).is_ok(), is_good, "{size} {root}");
    }
}

#[test]
fn every_cosigned_checkpoint_is_kept() {
    let place = Place::new();
    cosign(&place, &[5, 9, 9, 300]);
    let notes = fs::read_to_string(place.record().join("cosigned/000001.notes")).unwrap();
    for size in [5, 9, 300] {
        let head = Log::of(size).head;
        assert_eq!(
            notes.matches(&format!("\n{size}\n{}\n", head.root)).count(),
            1
        );
    }
}

#[test]
fn history_cut_by_a_crash_is_mended() {
    let place = Place::new();
    cosign(&place, &[5, 9]);
    let path = place.record().join("cosigned/000001.notes");
    let whole = fs::read(&path).unwrap();
    for cut in [whole.len() - 1, whole.len() - 50, whole.len() / 2, 3, 0] {
        fs::write(&path, &whole[..cut]).unwrap();
        drop(place.open());
        let mended = fs::read_to_string(&path).unwrap();
        let last = format!("\n9\n{}\n", Log::of(9).head.root);
        assert_eq!(mended.matches(&last).count(), 1, "{cut}");
    }
    OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(b"= 400\nexam")
        .unwrap();
    drop(place.open());
    assert!(!fs::read_to_string(&path).unwrap().contains("= 400\n"));
}

#[test]
fn damaged_latest_checkpoint_is_no_start() {
    let place = Place::new();
    cosign(&place, &[5]);
    let path = place.record().join("latest");
    let text = fs::read_to_string(&path).unwrap();
    for damaged in [
        text.replace("\n5\n", "\n4\n"),
        text[..text.len() - 10].to_owned(),
        String::new(),
    ] {
        fs::write(&path, &damaged).unwrap();
        let refused = place.try_open(NOW_S).unwrap_err().to_string();
        assert!(refused.contains("latest"), "{refused}");
    }
}

#[test]
fn checkpoint_that_could_not_be_written_leaves_the_record_as_it_was() {
    let place = Place::new();
    cosign(&place, &[5]);
    let witness = place.open();
    // A directory where the temporary file should be: nobody can write there, not even root.
    let obstacle = place.record().join("latest.tmp");
    fs::create_dir(&obstacle).unwrap();
    assert_eq!(ask(&witness, &Log::of(9).request(5)).status(), 503);
    assert!(witness.broken().is_none());
    assert_eq!(ask(&witness, &Log::of(9).request(0)).body(), "5\n");
    fs::remove_dir(&obstacle).unwrap();
    assert_eq!(ask(&witness, &Log::of(9).request(5)).status(), 200);
}

#[test]
fn witness_whose_record_is_unknown_cosigns_nothing_more() {
    let place = Place::new();
    cosign(&place, &[5]);
    let witness = place.open();
    let path = place.record().join("cosigned/000001.notes");
    let history = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(ask(&witness, &Log::of(9).request(5)).status(), 503);
    assert!(witness.broken().is_some());
    fs::remove_dir(&path).unwrap();
    fs::write(&path, history).unwrap();
    assert_eq!(ask(&witness, &Log::of(12).request(9)).status(), 503);
    drop(witness);
    // After a restart it goes on from what became durable.
    let witness = place.open();
    assert_eq!(ask(&witness, &Log::of(12).request(9)).status(), 200);
}

#[test]
fn key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let mode = fs::metadata(&place.settings.key)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::set_permissions(&place.settings.key, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = read_key(&place.settings.key).unwrap_err().to_string();
    assert!(refused.contains("chmod 600"), "{refused}");
}

#[test]
fn status_names_the_requests_that_contradict_what_was_cosigned() {
    let place = Place::new();
    let witness = place.open();
    assert_eq!(ask(&witness, &Log::of(5).request(0)).status(), 200);
    assert_eq!(ask(&witness, &Log::of(9).request(5)).status(), 200);
    // Size 5 is in the past by now, so that only the history can tell.
    assert_eq!(
        ask(&witness, &Log::rewritten(5, 1).request(0)).status(),
        409
    );
    assert_eq!(ask(&witness, &Log::of(5).request(0)).status(), 409);
    let status = read_status(&place.settings.state).unwrap();
    let log = &status.logs[0];
    assert_eq!((log.evidence.len(), log.contradictions.len()), (2, 1));
    let kept = fs::read_to_string(&log.contradictions[0].path).unwrap();
    assert_eq!(kept, Log::rewritten(5, 1).request(0));
}
