//! The channel binding `tls-server-end-point`: a hash of the server's certificate (RFC 5929 section
//! 4.1).

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Reader, TagNumber, asn1::AnyRef, asn1::ContextSpecific};
use x509_cert::spki::AlgorithmIdentifierOwned;

const PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// A kind of hash, as a certificate's signature names it.
#[derive(Clone, Copy)]
enum Hash {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// The binding's data for one server certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct EndPoint(Vec<u8>);

impl std::fmt::Debug for EndPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EndPoint(..)")
    }
}

impl EndPoint {
    /// The binding to a certificate in DER, hashed as its own signature is, and with SHA-256 where
    /// that is MD5 or SHA-1.
    ///
    /// `None` where the RFC defines none (Ed25519 hashes nothing beforehand) or the certificate cannot
    /// be read: then -PLUS must not be offered.
    pub fn of_certificate(der: &[u8]) -> Option<Self> {
        let certificate = Certificate::from_der(der).ok()?;
        let bytes = match hash_of(&certificate.signature_algorithm)? {
            Hash::Sha224 => Sha224::digest(der).to_vec(),
            Hash::Sha256 => Sha256::digest(der).to_vec(),
            Hash::Sha384 => Sha384::digest(der).to_vec(),
            Hash::Sha512 => Sha512::digest(der).to_vec(),
        };
        Some(Self(bytes))
    }

    /// The data that both sides put behind the GS2 header.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

fn hash_of(signature: &AlgorithmIdentifierOwned) -> Option<Hash> {
    if signature.oid == PSS {
        let parameters = signature.parameters.as_ref();
        let parameters = parameters.map(|any| AnyRef::from(any).sequence(pss_hash));
        return match parameters {
            // RSASSA-PSS without a hash means SHA-1 (RFC 8017 A.2.3), and that SHA-256 here.
            None | Some(Ok(None)) => Some(Hash::Sha256),
            Some(Ok(Some(oid))) => plain_hash(&oid.to_string()),
            Some(Err(_)) => None,
        };
    }
    match signature.oid.to_string().as_str() {
        // RSA with MD5 and SHA-1, DSA and ECDSA with SHA-1.
        "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.10040.4.3"
        | "1.2.840.10045.4.1" => Some(Hash::Sha256),
        // RSA, then ECDSA.
        "1.2.840.113549.1.1.14" | "1.2.840.10045.4.3.1" => Some(Hash::Sha224),
        "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" => Some(Hash::Sha256),
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => Some(Hash::Sha384),
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => Some(Hash::Sha512),
        _ => None,
    }
}

/// The first parameter of RSASSA-PSS, if it is there; the others do not matter here.
fn pss_hash<'a, R: Reader<'a>>(reader: &mut R) -> x509_cert::der::Result<Option<ObjectIdentifier>> {
    let hash = ContextSpecific::<AlgorithmIdentifierOwned>::decode_explicit(reader, TagNumber::N0)?;
    while !reader.is_finished() {
        AnyRef::decode(reader)?;
    }
    Ok(hash.map(|field| field.value.oid))
}

fn plain_hash(oid: &str) -> Option<Hash> {
    match oid {
        "1.2.840.113549.2.5" | "1.3.14.3.2.26" => Some(Hash::Sha256),
        "2.16.840.1.101.3.4.2.4" => Some(Hash::Sha224),
        "2.16.840.1.101.3.4.2.1" => Some(Hash::Sha256),
        "2.16.840.1.101.3.4.2.2" => Some(Hash::Sha384),
        "2.16.840.1.101.3.4.2.3" => Some(Hash::Sha512),
        _ => None,
    }
}
