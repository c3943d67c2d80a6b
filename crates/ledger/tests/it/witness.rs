//! Witnesses: real keys, in the same process. Any one suffices; one that is gone or ahead does not
//! count.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ledger::{Cosign, CosignRefused, Disk, Log, Progress, RealDisk, Settings};
use merkle::{
    AddCheckpoint, CosignerKey, NoteSignature, SignedCheckpoint, TreeHead, VerifierKey,
    check_consistency,
};

use crate::fixture::{folder, name, opening, read, settings, signer, submission};

/// What a witness remembers, and whether it can be reached.
#[derive(Default)]
struct Memory {
    stands_at: Option<TreeHead>,
    is_away: bool,
    asked: usize,
}

/// A witness that does what C2SP tlog-witness asks of one.
struct Witness {
    key: CosignerKey,
    memory: Arc<Mutex<Memory>>,
}

fn witness(number: u8) -> (Box<dyn Cosign>, Arc<Mutex<Memory>>) {
    let memory = Arc::new(Mutex::new(Memory::default()));
    let key = CosignerKey::from_seed(&format!("witness.example/{number}"), &[number; 32]).unwrap();
    (
        Box::new(Witness {
            key,
            memory: Arc::clone(&memory),
        }),
        memory,
    )
}

impl Cosign for Witness {
    fn key(&self) -> &VerifierKey {
        self.key.verifier()
    }

    fn cosign(&mut self, request: &AddCheckpoint) -> Result<Vec<NoteSignature>, CosignRefused> {
        let mut memory = self.memory.lock().unwrap();
        memory.asked += 1;
        if memory.is_away {
            return Err(CosignRefused::Failed("it does not answer".to_owned()));
        }
        let signed = &request.checkpoint;
        let verified = signed.verify_log(signer(&name()).verifier()).unwrap();
        let stands_at = memory.stands_at.unwrap_or(TreeHead {
            size: 0,
            root: merkle::Hash::EMPTY,
        });
        if stands_at.size != request.old_size {
            return Err(CosignRefused::Conflict {
                size: stands_at.size,
            });
        }
        check_consistency(&request.proof, &stands_at, verified.head()).unwrap();
        memory.stands_at = Some(*verified.head());
        Ok(vec![self.key.cosign(verified, 1_700_000_000).unwrap()])
    }
}

fn start(root: &std::path::Path, seed: u64, witnesses: Vec<Box<dyn Cosign>>) -> Log {
    let mut opening = opening(Arc::new(RealDisk), root, seed);
    opening.settings = Settings {
        witnesses_needed: 1,
        cosign_every: Duration::from_millis(5),
        ..settings()
    };
    Log::start(opening.open().unwrap(), witnesses).unwrap()
}

fn wait(log: &Log, what: impl FnMut(&Progress) -> bool) -> Progress {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut watched = log.progress();
    let progress = runtime.block_on(watched.wait_for(what)).unwrap();
    Progress::clone(&progress)
}

fn stored(root: &std::path::Path, file: &str) -> Option<SignedCheckpoint> {
    let disk: &dyn Disk = &RealDisk;
    read(disk, &folder(root).join(file)).map(|bytes| SignedCheckpoint::parse(&bytes).unwrap())
}

#[test]
fn one_of_two_witnesses_suffices_and_its_signature_is_published() {
    let root = tempfile::tempdir().unwrap();
    let ((one, first), (two, second)) = (witness(1), witness(2));
    first.lock().unwrap().is_away = true;
    let log = start(root.path(), 0, vec![one, two]);
    for n in 0..300 {
        log.submit(submission(n)).wait().unwrap();
    }
    let progress = wait(&log, |progress| progress.witnessed == 300);
    assert_eq!(progress.unwitnessed_since_ms, None);
    assert!(log.witnessed(299).is_some());
    assert_eq!(second.lock().unwrap().stands_at.unwrap().size, 300);
    // Nothing more was appended, so that the checkpoint itself carries the cosignature.
    for file in ["checkpoint.witnessed", "checkpoint"] {
        let signed = stored(root.path(), file).unwrap();
        let key = CosignerKey::from_seed("witness.example/2", &[2; 32]).unwrap();
        assert_eq!(
            signed.verify_cosignature(key.verifier()).unwrap().time_s(),
            1_700_000_000
        );
        assert_eq!(signed.checkpoint().head().size, 300);
    }
    log.close();

    // A log that is opened again knows what was witnessed, and asks from where the witness stands.
    let ((one, first), (two, _)) = (witness(1), witness(2));
    first.lock().unwrap().is_away = true;
    let log = start(root.path(), 1, vec![one, two]);
    assert_eq!(log.progress().borrow().witnessed, 300);
    log.close();
}

#[test]
fn without_witnesses_the_lag_grows_and_is_told() {
    let root = tempfile::tempdir().unwrap();
    let (one, memory) = witness(1);
    memory.lock().unwrap().is_away = true;
    let log = start(root.path(), 0, vec![one]);
    log.submit(submission(0)).wait().unwrap();
    let progress = wait(&log, |progress| progress.witness_trouble.is_some());
    assert_eq!(progress.witnessed, 0);
    let since = progress.unwitnessed_since_ms.unwrap();
    assert_eq!(progress.unwitnessed_ms(since + 300_000), 300_000);
    assert!(
        progress
            .witness_trouble
            .unwrap()
            .contains("it does not answer")
    );
    assert!(log.witnessed(0).is_none());
    assert!(stored(root.path(), "checkpoint.witnessed").is_none());
    memory.lock().unwrap().is_away = false;
    wait(&log, |progress| progress.witnessed == 1);
    log.close();
}

#[test]
fn a_witness_that_is_ahead_shows_that_state_was_lost() {
    let root = tempfile::tempdir().unwrap();
    let (one, memory) = witness(1);
    memory.lock().unwrap().stands_at = Some(TreeHead {
        size: 9000,
        root: merkle::Hash::EMPTY,
    });
    let log = start(root.path(), 0, vec![one]);
    log.submit(submission(0)).wait().unwrap();
    let progress = wait(&log, |progress| progress.witness_trouble.is_some());
    let trouble = progress.witness_trouble.unwrap();
    assert!(
        trouble.contains("it cosigned size 9000, this log has"),
        "{trouble}"
    );
    assert_eq!(log.close().witnessed, 0);
    assert!(memory.lock().unwrap().asked > 0);
}
