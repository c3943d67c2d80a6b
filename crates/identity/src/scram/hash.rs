//! The two functions that SCRAM is made of.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// A hash, a key or a signature.
pub(crate) type Key = [u8; 32];

/// HMAC-SHA-256 over the parts, one after the other.
pub(crate) fn keyed(key: &Key, parts: &[&[u8]]) -> Key {
    // A key of 32 bytes fits any HMAC over SHA-256; `new` cannot fail and `new_from_slice` could.
    let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block(key));
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC pads its key with zeros to a block (RFC 2104), so the padded key gives the same result.
fn block(key: &Key) -> hmac::digest::Key<Hmac<Sha256>> {
    key.iter()
        .copied()
        .chain(std::iter::repeat_n(0, 32))
        .collect()
}

/// SHA-256.
pub(crate) fn plain(bytes: &[u8]) -> Key {
    Sha256::digest(bytes).into()
}
