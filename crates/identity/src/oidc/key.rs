//! One public key of an issuer, read from a JWK (RFC 7517), for one algorithm only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::Value;

use super::algorithm::{Algorithm, Verification};
use super::json::Object;

/// LIMIT: 8,192 bits are the most that ring verifies with.
const PART_BYTES_MAX: usize = 1024;

/// A key and the one algorithm that it may be used with.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) algorithm: Algorithm,
    material: Material,
}

#[derive(Debug)]
enum Material {
    Bytes(Vec<u8>),
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
}

impl Key {
    /// Reads a JWK; `None` for what is no key for signatures that we verify, has no id, or comes with
    /// its private part, which is then no secret.
    ///
    /// Without `alg` (it is optional) an RSA key is one for RS256, as issuers that leave it out use it.
    pub(super) fn read(jwk: &Object) -> Option<Self> {
        let text = |name| jwk.text(name).ok().flatten();
        let part = |name| decode(text(name)?);
        let wrong_use = jwk.has("use") && text("use") != Some("sig");
        let operations = jwk.value("key_ops");
        let verifies = operations.is_none_or(|list| list_has(list, "verify"));
        if wrong_use || !verifies || jwk.has("d") || jwk.has("k") {
            return None;
        }
        let named = match jwk.has("alg") {
            true => Some(Algorithm::parse(text("alg")?)?),
            false => None,
        };
        let (usual, allowed, material) = match (text("kty")?, text("crv")) {
            ("EC", Some("P-256")) => (
                Algorithm::Es256,
                vec![Algorithm::Es256],
                point(part("x")?, part("y")?, 32)?,
            ),
            ("EC", Some("P-384")) => (
                Algorithm::Es384,
                vec![Algorithm::Es384],
                point(part("x")?, part("y")?, 48)?,
            ),
            ("OKP", Some("Ed25519")) => (
                Algorithm::EdDsa,
                vec![Algorithm::EdDsa],
                Material::Bytes(part("x").filter(|bytes| bytes.len() == 32)?),
            ),
            ("RSA", None) => {
                let material = Material::Rsa {
                    modulus: part("n")?,
                    exponent: part("e")?,
                };
                (Algorithm::Rs256, RSA.to_vec(), material)
            }
            _ => return None,
        };
        let algorithm = named.unwrap_or(usual);
        Some(Self {
            id: text("kid").filter(|id| !id.is_empty())?.to_owned(),
            algorithm: Some(algorithm).filter(|one| allowed.contains(one))?,
            material,
        })
    }

    /// Whether the signature over the message is this key's.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match (&self.material, self.algorithm.verification()) {
            (Material::Bytes(key), Verification::Bytes(algorithm)) => {
                let key = UnparsedPublicKey::new(algorithm, key);
                key.verify(message, signature).is_ok()
            }
            (Material::Rsa { modulus, exponent }, Verification::Rsa(parameters)) => {
                let key = RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                key.verify(parameters, message, signature).is_ok()
            }
            (Material::Bytes(_), Verification::Rsa(_))
            | (Material::Rsa { .. }, Verification::Bytes(_)) => false,
        }
    }
}

const RSA: [Algorithm; 6] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
];

/// An uncompressed point.
fn point(x: Vec<u8>, y: Vec<u8>, length: usize) -> Option<Material> {
    (x.len() == length && y.len() == length).then(|| Material::Bytes([vec![4], x, y].concat()))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    (!bytes.is_empty() && bytes.len() <= PART_BYTES_MAX).then_some(bytes)
}

fn list_has(list: &Value, name: &str) -> bool {
    list.as_array()
        .is_some_and(|items| items.iter().any(|item| item.as_str() == Some(name)))
}
