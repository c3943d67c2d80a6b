//! Who connects, once every proof has been looked at together: the one value that a session is opened
//! with. It knows the register and decides nothing about data.

use std::collections::BTreeSet;
use std::fmt;

use model::{Asker, PersonId, Register, ServiceId, Strength, TeamId, Timestamp};

use crate::error::IdentityError;
use crate::oidc::TokenProof;
use crate::scram::PasswordProof;
use crate::tls::{ClientCertificate, Fingerprint};

/// What somebody knows or holds: the proof that goes with the user of the startup message.
#[derive(Debug)]
pub enum Proof {
    /// They know the password.
    Password(PasswordProof),
    /// They hold a token of the issuer.
    Token(TokenProof),
}

/// One proof, as the session's record tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Factor {
    /// A password, by SCRAM.
    Password {
        /// Whether it was bound to the TLS connection.
        bound: bool,
    },
    /// A client certificate.
    Certificate {
        /// Which.
        fingerprint: Fingerprint,
        /// Its serial number in hex digits.
        serial: String,
    },
    /// An access token.
    Token {
        /// Who issued it.
        issuer: String,
        /// For whom, in the issuer's words.
        subject: String,
        /// Which token, if the issuer numbers them (`jti`).
        id: Option<String>,
        /// How the issuer says they authenticated.
        acr: Option<String>,
    },
}

impl fmt::Display for Factor {
    /// One line without secrets, for the encrypted part of a session's record. What an issuer wrote is
    /// escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password { bound: true } => f.write_str("password bound=true"),
            Self::Password { bound: false } => f.write_str("password bound=false"),
            Self::Certificate {
                fingerprint,
                serial,
            } => write!(f, "certificate sha256={fingerprint} serial={serial}"),
            Self::Token {
                issuer,
                subject,
                id,
                acr,
            } => {
                write!(f, "token issuer={issuer:?} subject={subject:?}")?;
                if let Some(id) = id {
                    write!(f, " id={id:?}")?;
                }
                acr.as_ref().map_or(Ok(()), |acr| write!(f, " acr={acr:?}"))
            }
        }
    }
}

/// Somebody of the register who has proved to be that; made by [`Authenticated::combine`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    asker: Asker,
    factors: Vec<Factor>,
    strength: Strength,
    valid_until: Timestamp,
    teams_at_most: Option<BTreeSet<TeamId>>,
}

impl Authenticated {
    /// Puts the proofs of one connection together. `user` is the name of the startup message;
    /// `certificate` what the client showed in the TLS handshake of the same connection.
    ///
    /// AAL2 is a certificate with SCRAM, or a token whose `acr` is listed (design.md section 5);
    /// everything else is AAL1.
    ///
    /// # Errors
    /// When the proofs name different people, a certificate or token has ended, or the register at
    /// hand does not have the person, or has disabled them. The register has to be looked at again
    /// while the session lives: [`Authenticated::is_still_welcome`].
    pub fn combine(
        user: &str,
        proof: Proof,
        certificate: Option<&ClientCertificate>,
        register: &Register,
        now: Timestamp,
    ) -> Result<Self, IdentityError> {
        let mut factors = Vec::new();
        let mut valid_until = Timestamp::MAX;
        if let Some(certificate) = certificate {
            is_same(user, certificate.person(), "certificate")?;
            valid_until = valid_until.min(certificate.not_after());
            factors.push(Factor::Certificate {
                fingerprint: certificate.fingerprint(),
                serial: certificate.serial().to_owned(),
            });
        }
        let (strength, teams_at_most, by_token) = match proof {
            Proof::Password(proof) => {
                is_same(user, proof.user(), "password")?;
                factors.push(Factor::Password {
                    bound: proof.is_bound(),
                });
                let both = certificate.map_or(Strength::Aal1, |_| Strength::Aal2);
                (both, None, false)
            }
            Proof::Token(token) => {
                is_same(user, token.person(), "token")?;
                valid_until = valid_until.min(token.valid_until());
                let (factor, strength, teams) = token.into_parts();
                factors.push(factor);
                (strength, teams, true)
            }
        };
        if now >= valid_until {
            return Err(IdentityError::ProofEnded);
        }
        let found = Self {
            asker: asker(user, register, by_token)?,
            factors,
            strength,
            valid_until,
            teams_at_most,
        };
        found.is_still_welcome(register).map(|()| found)
    }

    /// Whether a register still has the asker, and has not disabled them. To be asked again whenever
    /// another register becomes active.
    ///
    /// # Errors
    /// When the live session must end.
    pub fn is_still_welcome(&self, register: &Register) -> Result<(), IdentityError> {
        let unknown = |user: &str| IdentityError::NotRegistered {
            user: user.to_owned(),
        };
        match &self.asker {
            Asker::Person(id) => match register.people.get(id) {
                Some(person) if person.disabled => Err(IdentityError::Disabled {
                    user: id.to_string(),
                }),
                Some(_) => Ok(()),
                None => Err(unknown(id.as_str())),
            },
            // For whom it acts is judged with each statement.
            Asker::Service(id) | Asker::OnBehalf(id, _) if register.services.contains_key(id) => {
                Ok(())
            }
            Asker::Service(id) | Asker::OnBehalf(id, _) => Err(unknown(id.as_str())),
        }
    }

    /// Who it is.
    pub const fn asker(&self) -> &Asker {
        &self.asker
    }

    /// The person, unless it is a service.
    pub const fn person(&self) -> Option<&PersonId> {
        match &self.asker {
            Asker::Person(id) => Some(id),
            Asker::Service(_) | Asker::OnBehalf(..) => None,
        }
    }

    /// What they proved it with, at least one.
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// How strongly.
    pub const fn strength(&self) -> Strength {
        self.strength
    }

    /// The first moment at which the proof counts no more: the live session ends before it.
    /// [`Timestamp::MAX`] where only a password was proved.
    pub const fn valid_until(&self) -> Timestamp {
        self.valid_until
    }

    /// The teams that a token leaves of the register's; `None` narrows nothing.
    pub const fn teams_at_most(&self) -> Option<&BTreeSet<TeamId>> {
        self.teams_at_most.as_ref()
    }
}

/// Names are compared byte by byte, whole.
fn is_same(user: &str, other: &PersonId, source: &'static str) -> Result<(), IdentityError> {
    if user == other.as_str() {
        return Ok(());
    }
    Err(IdentityError::DifferentPerson {
        user: user.to_owned(),
        other: other.to_string(),
        source_of_other: source,
    })
}

fn asker(user: &str, register: &Register, by_token: bool) -> Result<Asker, IdentityError> {
    let person = PersonId::new(user).ok();
    let person = person.filter(|id| register.people.contains_key(id));
    let service = ServiceId::new(user).ok();
    let service = service.filter(|id| register.services.contains_key(id) && !by_token);
    match (person, service) {
        (Some(id), None) => Ok(Asker::Person(id)),
        (None, Some(id)) => Ok(Asker::Service(id)),
        // A name that means two askers means neither.
        (Some(_), Some(_)) | (None, None) => Err(IdentityError::NotRegistered {
            user: user.to_owned(),
        }),
    }
}
