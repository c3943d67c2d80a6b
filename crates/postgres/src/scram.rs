//! The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without IO. The server proves itself too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::LinkError;

/// LIMIT: more rounds are a server that wants to keep us busy; PostgreSQL's default is 4,096.
const ROUNDS_MAX: u32 = 600_000;
/// LIMIT: RFC 7677 asks for at least this many.
const ROUNDS_MIN: u32 = 4_096;
/// LIMIT: a salt is usually 16 bytes.
const SALT_BYTES_MAX: usize = 1_024;

/// How the exchange is tied to TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    /// There is no TLS, or nothing to bind to.
    Absent,
    /// We could bind, the server did not offer to. It notices if somebody took the offer away.
    NotOffered,
    /// To the hash of the server's certificate.
    Endpoint(Vec<u8>),
}

impl Binding {
    /// The mechanism's name.
    pub(crate) const fn mechanism(&self) -> &'static str {
        match self {
            Self::Absent | Self::NotOffered => "SCRAM-SHA-256",
            Self::Endpoint(_) => "SCRAM-SHA-256-PLUS",
        }
    }

    const fn header(&self) -> &'static str {
        match self {
            Self::Absent => "n,,",
            Self::NotOffered => "y,,",
            Self::Endpoint(_) => "p=tls-server-end-point,,",
        }
    }
}

/// An exchange whose first message is made.
pub(crate) struct First {
    binding: Binding,
    bare: String,
    nonce: String,
}

/// An exchange that waits for the server's proof.
pub(crate) struct Last {
    signature: [u8; 32],
}

const fn unproven(reason: &'static str) -> LinkError {
    LinkError::Unproven { reason }
}

impl First {
    /// Begins with random bytes that are used once. The user's name is left out, as PostgreSQL takes
    /// it from the startup message.
    pub(crate) fn new(binding: Binding, random: &[u8; 18]) -> Self {
        let nonce = STANDARD.encode(random);
        let bare = format!("n=,r={nonce}");
        Self {
            binding,
            bare,
            nonce,
        }
    }

    /// What to send first.
    pub(crate) fn message(&self) -> String {
        format!("{}{}", self.binding.header(), self.bare)
    }

    /// Reads the challenge: what is needed for the proof.
    pub(crate) fn challenge(&self, message: &[u8]) -> Result<Challenge, LinkError> {
        let text = std::str::from_utf8(message).map_err(|_| unproven("no text"))?;
        let mut fields = text.split(',');
        let mut field = |name: &str| {
            fields
                .next()
                .and_then(|field| field.strip_prefix(name))
                .ok_or(unproven("the challenge cannot be read"))
        };
        let nonce = field("r=")?;
        let salt = field("s=")?;
        let rounds: u32 = field("i=")?
            .parse()
            .map_err(|_| unproven("the challenge cannot be read"))?;
        // Its own part is what makes the nonce the server's too.
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err(unproven("the nonce is not ours"));
        }
        if !(ROUNDS_MIN..=ROUNDS_MAX).contains(&rounds) {
            return Err(unproven("the number of rounds is out of bounds"));
        }
        let salt = STANDARD
            .decode(salt)
            .map_err(|_| unproven("the salt is not base64"))?;
        if salt.is_empty() || salt.len() > SALT_BYTES_MAX {
            return Err(unproven("the salt's length is out of bounds"));
        }
        Ok(Challenge {
            text: text.to_owned(),
            nonce: nonce.to_owned(),
            salt,
            rounds,
        })
    }

    /// The proof to send, and what the server must answer.
    pub(crate) fn prove(
        self,
        challenge: &Challenge,
        salted: &[u8; 32],
    ) -> Result<(String, Last), LinkError> {
        let mut binding = self.binding.header().as_bytes().to_vec();
        if let Binding::Endpoint(hash) = &self.binding {
            binding.extend_from_slice(hash);
        }
        let without_proof = format!("c={},r={}", STANDARD.encode(binding), challenge.nonce);
        let signed = format!("{},{},{without_proof}", self.bare, challenge.text);
        let client_key = sign(salted, b"Client Key")?;
        let stored_key: [u8; 32] = Sha256::digest(client_key).into();
        let mut proof = sign(&stored_key, signed.as_bytes())?;
        for (byte, key) in proof.iter_mut().zip(client_key) {
            *byte ^= key;
        }
        let server_key = sign(salted, b"Server Key")?;
        let signature = sign(&server_key, signed.as_bytes())?;
        let message = format!("{without_proof},p={}", STANDARD.encode(proof));
        Ok((message, Last { signature }))
    }
}

/// What the server wants the password hashed with.
pub(crate) struct Challenge {
    text: String,
    nonce: String,
    salt: Vec<u8>,
    rounds: u32,
}

impl Challenge {
    /// The password, salted. This is the slow part: milliseconds for thousands of rounds.
    pub(crate) fn salt(&self, password: &str) -> [u8; 32] {
        // What SASLprep does not take is used as it is, as PostgreSQL does.
        let prepared = stringprep::saslprep(password);
        let prepared = prepared.as_deref().unwrap_or(password);
        pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(prepared.as_bytes(), &self.salt, self.rounds)
    }
}

impl Last {
    /// Checks the server's last message: that it knows the password, or a hash of it, too.
    pub(crate) fn check(&self, message: &[u8]) -> Result<(), LinkError> {
        let signature = message
            .strip_prefix(b"v=")
            .and_then(|text| STANDARD.decode(text).ok())
            .ok_or(unproven("its last message cannot be read"))?;
        if bool::from(signature.as_slice().ct_eq(&self.signature)) {
            Ok(())
        } else {
            Err(unproven("its signature is wrong"))
        }
    }
}

fn sign(key: &[u8], message: &[u8]) -> Result<[u8; 32], LinkError> {
    // HMAC takes a key of any length, so this does not happen.
    let mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| unproven("a key has no length"))?;
    Ok(mac.chain_update(message).finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exchange of RFC 7677, section 3, with the user's name left out as PostgreSQL's clients do;
    /// the name is part of what is signed, so the vector is computed with it put back.
    fn rfc() -> (First, Challenge) {
        let first = First {
            binding: Binding::Absent,
            bare: "n=user,r=rOprNGfwEbeRWgbNEkqO".into(),
            nonce: "rOprNGfwEbeRWgbNEkqO".into(),
        };
        let challenge = first
            .challenge(
                b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            )
            .unwrap();
        (first, challenge)
    }

    #[test]
    fn the_exchange_of_the_rfc_is_reproduced() {
        let (first, challenge) = rfc();
        let salted = challenge.salt("pencil");
        let (message, last) = first.prove(&challenge, &salted).unwrap();
        assert_eq!(
            message,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        last.check(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
            .unwrap();
        for wrong in [
            &b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="[..],
            b"v=",
            b"e=other-error",
            b"",
        ] {
            assert!(last.check(wrong).is_err());
        }
    }

    #[test]
    fn a_challenge_that_is_not_for_us_or_too_dear_is_refused() {
        let first = First::new(Binding::Absent, &[7; 18]);
        let nonce = first.nonce.clone();
        let good = format!("r={nonce}more,s=AAAA,i=4096");
        assert!(first.challenge(good.as_bytes()).is_ok());
        for wrong in [
            format!("r={nonce},s=AAAA,i=4096"),
            "r=another,s=AAAA,i=4096".to_owned(),
            format!("r={nonce}more,s=AAAA,i=1"),
            format!("r={nonce}more,s=AAAA,i=600001"),
            format!("r={nonce}more,s=AAAA,i=-5"),
            format!("r={nonce}more,s=,i=4096"),
            format!("r={nonce}more,s=?,i=4096"),
            format!("s=AAAA,r={nonce}more,i=4096"),
            "m=extension,r=x".to_owned(),
            String::new(),
        ] {
            assert!(first.challenge(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_binding_is_said_in_both_messages() {
        for (binding, header) in [
            (Binding::Absent, "n,,"),
            (Binding::NotOffered, "y,,"),
            (Binding::Endpoint(vec![1, 2]), "p=tls-server-end-point,,"),
        ] {
            let first = First::new(binding.clone(), &[7; 18]);
            assert!(first.message().starts_with(header));
            let text = format!("r={}x,s=AAAA,i=4096", first.nonce);
            let challenge = first.challenge(text.as_bytes()).unwrap();
            let (message, _) = first.prove(&challenge, &[0; 32]).unwrap();
            let mut bound = header.as_bytes().to_vec();
            if let Binding::Endpoint(hash) = &binding {
                bound.extend(hash);
            }
            assert!(message.starts_with(&format!("c={},", STANDARD.encode(bound))));
        }
    }
}
