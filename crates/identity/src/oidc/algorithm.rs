//! The signatures that tokens may carry. Symmetric ones and `none` are not among them and cannot be
//! configured.

use ring::signature::{self, RsaParameters, VerificationAlgorithm};

/// A signature algorithm of RFC 7518 or RFC 8037.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// RSA PKCS #1 v1.5 with SHA-384.
    Rs384,
    /// RSA PKCS #1 v1.5 with SHA-512.
    Rs512,
    /// RSA PSS with SHA-256.
    Ps256,
    /// RSA PSS with SHA-384.
    Ps384,
    /// RSA PSS with SHA-512.
    Ps512,
    /// Ed25519.
    EdDsa,
}

/// What ring is asked to verify with.
pub(super) enum Verification {
    /// A key of one string of bytes.
    Bytes(&'static dyn VerificationAlgorithm),
    /// A modulus and an exponent.
    Rsa(&'static RsaParameters),
}

impl Algorithm {
    /// What a deployment accepts unless it says otherwise.
    pub const DEFAULT: [Self; 3] = [Self::Es256, Self::Rs256, Self::EdDsa];

    const NAMES: [(&'static str, Self); 9] = [
        ("ES256", Self::Es256),
        ("ES384", Self::Es384),
        ("RS256", Self::Rs256),
        ("RS384", Self::Rs384),
        ("RS512", Self::Rs512),
        ("PS256", Self::Ps256),
        ("PS384", Self::Ps384),
        ("PS512", Self::Ps512),
        ("EdDSA", Self::EdDsa),
    ];

    /// Reads the registered name, in its own case.
    pub fn parse(name: &str) -> Option<Self> {
        let row = Self::NAMES.iter().find(|(known, _)| *known == name);
        row.map(|(_, algorithm)| *algorithm)
    }

    pub(super) fn verification(self) -> Verification {
        match self {
            Self::Es256 => Verification::Bytes(&signature::ECDSA_P256_SHA256_FIXED),
            Self::Es384 => Verification::Bytes(&signature::ECDSA_P384_SHA384_FIXED),
            Self::EdDsa => Verification::Bytes(&signature::ED25519),
            Self::Rs256 => Verification::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            Self::Rs384 => Verification::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            Self::Rs512 => Verification::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            Self::Ps256 => Verification::Rsa(&signature::RSA_PSS_2048_8192_SHA256),
            Self::Ps384 => Verification::Rsa(&signature::RSA_PSS_2048_8192_SHA384),
            Self::Ps512 => Verification::Rsa(&signature::RSA_PSS_2048_8192_SHA512),
        }
    }
}
