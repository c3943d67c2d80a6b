//! A witness of the books: a real key, in the same process, that can be away.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ledger::{AccessLog, Books, ControlLog, Cosign, CosignRefused, Release};
use merkle::{
    AddCheckpoint, CosignerKey, Hash, NoteSignature, TreeHead, VerifierKey, check_consistency,
};

use super::{append, books, fold_control, gate, now_ms, read, until};

/// What the witness remembers of each log.
#[derive(Default)]
pub struct Memory {
    pub stands_at: BTreeMap<String, TreeHead>,
    pub is_away: bool,
}

struct Witness {
    books: Books,
    key: CosignerKey,
    memory: Arc<Mutex<Memory>>,
}

pub fn witness(books: &Books, memory: &Arc<Mutex<Memory>>) -> Vec<Box<dyn Cosign>> {
    vec![Box::new(Witness {
        books: books.clone(),
        key: CosignerKey::from_seed("witness.example/1", &[1; 32]).unwrap(),
        memory: Arc::clone(memory),
    })]
}

impl Cosign for Witness {
    fn key(&self) -> &VerifierKey {
        self.key.verifier()
    }

    fn cosign(&mut self, request: &AddCheckpoint) -> Result<Vec<NoteSignature>, CosignRefused> {
        let mut memory = self.memory.lock().unwrap();
        if memory.is_away {
            return Err(CosignRefused::Failed("it does not answer".to_owned()));
        }
        let origin = request.checkpoint.checkpoint().origin().to_owned();
        let log = self.books.keys.signer(&origin.parse().unwrap()).unwrap();
        let verified = request.checkpoint.verify_log(log.verifier()).unwrap();
        let nothing = TreeHead {
            size: 0,
            root: Hash::EMPTY,
        };
        let stands_at = *memory.stands_at.get(&origin).unwrap_or(&nothing);
        if stands_at.size != request.old_size {
            return Err(CosignRefused::Conflict {
                size: stands_at.size,
            });
        }
        check_consistency(&request.proof, &stands_at, verified.head()).unwrap();
        memory.stands_at.insert(origin, *verified.head());
        Ok(vec![self.key.cosign(verified, now_ms() / 1000).unwrap()])
    }
}

/// An evaluation with a witness.
pub fn with_witness(folder: &std::path::Path) -> (Books, Arc<Mutex<Memory>>) {
    let mut books = books(folder);
    books.settings.control.witnesses_needed = 1;
    books.settings.access.witnesses_needed = 1;
    (books, Arc::default())
}

#[test]
fn anchors_say_what_is_witnessed_and_release_ends_when_witnesses_are_away_for_too_long() {
    let folder = tempfile::tempdir().unwrap();
    let (books, memory) = with_witness(folder.path());
    let control = ControlLog::open(&books, witness(&books, &memory)).unwrap();
    let control = Arc::new(control);
    let log = AccessLog::open(&books, "gate-1", &control, witness(&books, &memory)).unwrap();
    until(log.progress(), |progress| progress.witnessed == 1);
    log.anchor().unwrap();
    assert_eq!(log.anchored().witnessed, 1);
    let release = log.may_release_sensitive(now_ms());
    assert!(matches!(release, Release::Witnessed(_)) && !release.is_gap());

    memory.lock().unwrap().is_away = true;
    append(
        &log,
        super::drafts::session_start(log.control_size_min(), 1),
    )
    .unwrap();
    let waits = log.progress().borrow().unwitnessed_since_ms.unwrap();
    let bound = 5 * 60 * 1000;
    assert!(log.may_release_sensitive(waits + bound).is_allowed());
    let held = log.may_release_sensitive(waits + bound + 1);
    assert!(matches!(held, Release::Held(lag) if lag.unwitnessed_ms == bound + 1));
    memory.lock().unwrap().is_away = false;
    until(log.progress(), |progress| progress.witnessed == 2);
    assert!(log.may_release_sensitive(waits + bound + 1).is_allowed());
    drop(log);
    control.close().unwrap();
    let state = fold_control(&read(&books, &books.control_name().unwrap()));
    let name = record::LogName::new(&gate(1).to_string()).unwrap();
    assert_eq!(state.access_log(&name).unwrap().witnessed_size, 1);
}
