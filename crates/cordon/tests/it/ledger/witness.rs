//! A witness in the same process, with a key of its own, that remembers what it cosigned.

use std::collections::BTreeMap;

use ledger::{Books, Cosign, CosignRefused};
use merkle::{
    AddCheckpoint, CosignerKey, Hash, NoteSignature, TreeHead, VerifierKey, check_consistency,
};

pub struct Witness {
    books: Books,
    key: CosignerKey,
    stands_at: BTreeMap<String, TreeHead>,
    is_new: bool,
}

pub fn key() -> CosignerKey {
    CosignerKey::from_seed("witness.example/1", &[1; 32]).unwrap()
}

/// The witness of one opening. Of an earlier one it takes what the log says, as a restored witness
/// would be told by its operator.
pub fn of(books: &Books) -> Vec<Box<dyn Cosign>> {
    vec![Box::new(Witness {
        books: books.clone(),
        key: key(),
        stands_at: BTreeMap::new(),
        is_new: true,
    })]
}

impl Cosign for Witness {
    fn key(&self) -> &VerifierKey {
        self.key.verifier()
    }

    fn cosign(&mut self, request: &AddCheckpoint) -> Result<Vec<NoteSignature>, CosignRefused> {
        let origin = request.checkpoint.checkpoint().origin().to_owned();
        let log = self.books.keys.signer(&origin.parse().unwrap()).unwrap();
        let verified = request.checkpoint.verify_log(log.verifier()).unwrap();
        let nothing = TreeHead {
            size: 0,
            root: Hash::EMPTY,
        };
        let stands_at = *self.stands_at.get(&origin).unwrap_or(&nothing);
        if !self.is_new && stands_at.size != request.old_size {
            return Err(CosignRefused::Conflict {
                size: stands_at.size,
            });
        }
        if !self.is_new {
            check_consistency(&request.proof, &stands_at, verified.head()).unwrap();
        }
        self.is_new = false;
        self.stands_at.insert(origin, *verified.head());
        Ok(vec![
            self.key.cosign(verified, super::now_ms() / 1000).unwrap(),
        ])
    }
}
