//! Signatures as `ssh-keygen -Y sign` makes them, and public keys as OpenSSH writes them.
//!
//! Source: OpenSSH's PROTOCOL.sshsig. Keys are Ed25519: of hardware keys the library would pass over
//! the flags that say whether somebody touched them, so they are refused.

use ssh_key::{Algorithm, PublicKey, SshSig};

/// What a delegation is signed as. A signature for anything else does not count.
pub const DELEGATION_NAMESPACE: &str = "delegation@cordon";

/// Why a signature or key does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// It is not one at all.
    #[error("it is no signature of ssh-keygen")]
    Unreadable,
    /// It is made as something else.
    #[error("it is signed as `{found}`")]
    Namespace {
        /// As what.
        found: String,
    },
    /// Of a kind that is not verified.
    #[error("it is made with a key of the kind `{kind}`")]
    Kind {
        /// The kind.
        kind: String,
    },
    /// It is of another text.
    #[error("it is not a signature of this document")]
    Wrong,
}

impl BadSignature {
    /// What to do.
    pub fn remedy(&self) -> String {
        match self {
            Self::Kind { .. } => "sign with an Ed25519 key (ssh-keygen -t ed25519)".to_owned(),
            Self::Unreadable | Self::Namespace { .. } | Self::Wrong => {
                format!("sign the document again, with -n {DELEGATION_NAMESPACE}")
            }
        }
    }
}

/// The key that signed this text as a delegation, as the register writes it.
pub(super) fn verify(text: &str, signature: &str) -> Result<String, BadSignature> {
    let signature: SshSig = signature
        .trim()
        .parse()
        .map_err(|_| BadSignature::Unreadable)?;
    if signature.namespace() != DELEGATION_NAMESPACE {
        let found = signature.namespace().escape_debug().to_string();
        return Err(BadSignature::Namespace { found });
    }
    if signature.algorithm() != Algorithm::Ed25519 {
        let kind = signature.algorithm().to_string();
        return Err(BadSignature::Kind { kind });
    }
    let key = PublicKey::from(signature.public_key().clone());
    key.verify(DELEGATION_NAMESPACE, text.as_bytes(), &signature)
        .map_err(|_| BadSignature::Wrong)?;
    written(&key)
}

/// A public key as a person of the register has it, without its comment.
pub(crate) fn public_key(text: &str) -> Result<String, BadSignature> {
    let key = PublicKey::from_openssh(text.trim()).map_err(|_| BadSignature::Unreadable)?;
    if key.algorithm() != Algorithm::Ed25519 {
        let kind = key.algorithm().to_string();
        return Err(BadSignature::Kind { kind });
    }
    written(&key)
}

fn written(key: &PublicKey) -> Result<String, BadSignature> {
    let mut key = key.clone();
    key.set_comment("");
    let text = key.to_openssh().map_err(|_| BadSignature::Unreadable)?;
    Ok(text.trim_end().to_owned())
}
