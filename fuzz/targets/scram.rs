#![no_main]
//! Any bytes may come as the two messages of a SCRAM client, up to the first NUL and after it: they
//! are refused, with the same words for a known and an unknown user, and never prove anything.

use std::sync::LazyLock;

use identity::scram::{Binding, Mock, Nonce, PLAIN, Scram, Verifier, Verifiers};
use libfuzzer_sys::fuzz_target;
use model::PersonId;
use tempfile::TempDir;

/// The verifiers of one person.
static VERIFIERS: LazyLock<Verifiers> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("scram");
    let verifier = Verifier::with_salt("correct horse", [3; 16], 4096).unwrap();
    Verifiers::write(&path, &PersonId::new("ana").unwrap(), &verifier).unwrap();
    Verifiers::load(&path, Mock::of([9; 32])).unwrap()
});

fuzz_target!(|bytes: &[u8]| {
    let cut = bytes.iter().position(|byte| *byte == 0);
    let (first, last) = bytes.split_at(cut.unwrap_or(bytes.len()));
    let last = last.get(1..).unwrap_or_default();
    assert_eq!(outcome("ana", first, last), outcome("bob", first, last));
});

fn outcome(user: &str, first: &[u8], last: &[u8]) -> String {
    let scram = Scram::start(&VERIFIERS, user, PLAIN, Binding::Unavailable).unwrap();
    match scram.client_first(first, Nonce::of(&[5; 18])) {
        Err(error) => error.to_string(),
        Ok((answer, waiting)) => {
            assert!(answer.0.starts_with(b"r="));
            waiting.client_final(last).unwrap_err().to_string()
        }
    }
}
