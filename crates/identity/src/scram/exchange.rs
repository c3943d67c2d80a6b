//! The exchange as a state machine over messages: each step consumes the one before, so that no step
//! is left out or done twice. It knows no frames and no sockets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::PersonId;
use subtle::ConstantTimeEq;

use super::hash::{self, Key};
use super::message::{self, Flag};
use super::verifier::Verifier;
use super::verifiers::Verifiers;
use super::{PLAIN, PLUS};
use crate::error::IdentityError;
use crate::tls::EndPoint;

/// Whether a password is bound to the TLS connection that it is proved on.
#[derive(Clone, Debug)]
pub enum Binding {
    /// Without TLS, or with a certificate whose binding RFC 5929 does not define.
    Unavailable,
    /// Offered beside the plain mechanism.
    Offered(EndPoint),
    /// The only mechanism offered.
    Required(EndPoint),
}

impl Binding {
    /// What AuthenticationSASL lists, the strongest first.
    pub const fn mechanisms(&self) -> &'static [&'static str] {
        match self {
            Self::Unavailable => &[PLAIN],
            Self::Offered(_) => &[PLUS, PLAIN],
            Self::Required(_) => &[PLUS],
        }
    }
}

/// The server's part of a nonce, never used twice.
pub struct Nonce(String);

impl Nonce {
    /// A fresh one.
    ///
    /// # Errors
    /// [`IdentityError::Randomness`] when the system has none.
    pub fn draw() -> Result<Self, IdentityError> {
        let mut bytes = [0; 18];
        getrandom::fill(&mut bytes).map_err(|error| IdentityError::Randomness {
            cause: error.to_string(),
        })?;
        Ok(Self::of(&bytes))
    }

    /// A nonce of bytes that the caller drew; for tests and fuzzing.
    pub fn of(bytes: &[u8; 18]) -> Self {
        Self(STANDARD.encode(bytes))
    }
}

/// An exchange that has a mechanism and waits for the client's first message.
#[derive(Debug)]
pub struct Scram {
    user: String,
    verifier: Verifier,
    /// Whether the verifier is that of a person and not a mock.
    known: bool,
    binding: Binding,
    plus: bool,
}

/// An exchange that waits for the client's last message.
#[derive(Debug)]
pub struct AwaitingFinal {
    scram: Scram,
    /// What `c=` must hold.
    binding: Vec<u8>,
    nonce: String,
    /// Both first messages as they are signed, with a comma behind each.
    signed: String,
}

/// The body of AuthenticationSASLContinue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFirst(pub Vec<u8>);

/// The body of AuthenticationSASLFinal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFinal(pub Vec<u8>);

/// Proof that somebody knows a user's password; made by an exchange alone.
#[derive(Debug, PartialEq, Eq)]
pub struct PasswordProof {
    user: PersonId,
    bound: bool,
}

impl PasswordProof {
    /// Whose password.
    pub const fn user(&self) -> &PersonId {
        &self.user
    }

    /// Whether the proof was bound to the TLS connection.
    pub const fn is_bound(&self) -> bool {
        self.bound
    }
}

impl Scram {
    /// Begins with the user of the startup message and the mechanism of SASLInitialResponse.
    ///
    /// # Errors
    /// [`IdentityError::UnknownMechanism`] when `mechanism` is none of [`Binding::mechanisms`]. It
    /// never fails for a name that is unknown or could be nobody's.
    pub fn start(
        verifiers: &Verifiers,
        user: &str,
        mechanism: &str,
        binding: Binding,
    ) -> Result<Self, IdentityError> {
        if !binding.mechanisms().contains(&mechanism) {
            return Err(IdentityError::UnknownMechanism);
        }
        let (verifier, known) = verifiers.find(user);
        Ok(Self {
            user: user.to_owned(),
            verifier,
            known,
            binding,
            plus: mechanism == PLUS,
        })
    }

    /// Takes `client-first-message` and answers `server-first-message`.
    ///
    /// # Errors
    /// When the message is malformed, or shows that the offer of channel binding was taken out on the
    /// way.
    pub fn client_first(
        self,
        bytes: &[u8],
        nonce: Nonce,
    ) -> Result<(ServerFirst, AwaitingFinal), IdentityError> {
        let first = message::client_first(bytes)?;
        let mut binding = first.gs2_header.as_bytes().to_vec();
        match (self.plus, first.flag, &self.binding) {
            (true, Flag::EndPoint, Binding::Offered(end) | Binding::Required(end)) => {
                binding.extend_from_slice(end.as_bytes());
            }
            (false, Flag::Cannot, _) | (false, Flag::NotOffered, Binding::Unavailable) => {}
            (false, Flag::NotOffered, Binding::Offered(_) | Binding::Required(_)) => {
                return Err(IdentityError::BindingDowngraded);
            }
            (true, Flag::EndPoint, Binding::Unavailable)
            | (true, Flag::Cannot | Flag::NotOffered, _)
            | (false, Flag::EndPoint, _) => {
                let cause = "its channel binding flag does not go with the mechanism";
                return Err(IdentityError::malformed(cause));
            }
        }
        let nonce = format!("{}{}", first.nonce, nonce.0);
        let answer = format!(
            "r={nonce},s={},i={}",
            self.verifier.salt_text(),
            self.verifier.iterations
        );
        let waiting = AwaitingFinal {
            binding,
            nonce,
            signed: format!("{},{answer},", first.bare),
            scram: self,
        };
        Ok((ServerFirst(answer.into_bytes()), waiting))
    }
}

impl AwaitingFinal {
    /// Takes `client-final-message`, checks the proof and answers `server-final-message`.
    ///
    /// # Errors
    /// [`IdentityError::PasswordRefused`] for a wrong password and for an unknown user alike;
    /// [`IdentityError::BindingMismatch`] when the client is bound to another certificate; and what is
    /// malformed.
    pub fn client_final(self, bytes: &[u8]) -> Result<(ServerFinal, PasswordProof), IdentityError> {
        let last = message::client_final(bytes)?;
        if !is_equal(last.nonce.as_bytes(), self.nonce.as_bytes()) {
            return Err(IdentityError::malformed(
                "its nonce is not that of the exchange",
            ));
        }
        if !is_equal(&last.binding, &self.binding) {
            return Err(if self.scram.plus {
                IdentityError::BindingMismatch
            } else {
                IdentityError::malformed("it repeats another GS2 header")
            });
        }
        let Scram {
            user,
            verifier,
            known,
            plus,
            ..
        } = self.scram;
        let signed: [&[u8]; 2] = [self.signed.as_bytes(), last.without_proof.as_bytes()];
        let signature = hash::keyed(&verifier.stored_key, &signed);
        let client_key = exclusive_or(&last.proof, &signature);
        let right = hash::plain(&client_key).ct_eq(&verifier.stored_key);
        // Made for everybody, also where it is not sent: the work is the same.
        let answer = STANDARD.encode(hash::keyed(&verifier.server_key, &signed));
        let right = right & subtle::Choice::from(u8::from(known));
        if !bool::from(right) {
            return Err(IdentityError::PasswordRefused);
        }
        let user = PersonId::new(&user).map_err(|_| IdentityError::PasswordRefused)?;
        let proof = PasswordProof { user, bound: plus };
        Ok((ServerFinal(format!("v={answer}").into_bytes()), proof))
    }
}

fn exclusive_or(left: &Key, right: &Key) -> Key {
    let mut result = *left;
    for (to, from) in result.iter_mut().zip(right) {
        *to ^= from;
    }
    result
}

/// Compares in a time that depends on the lengths alone.
fn is_equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}
