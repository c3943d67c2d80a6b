//! What may go wrong with a proof of identity, and whose fault it is.

use std::io;
use std::path::PathBuf;

/// Why a proof does not count, or cannot be looked at.
///
/// `Display` is for the operator's log. A client gets [`IdentityError::client_message`] and
/// [`IdentityError::sqlstate`], which never depend on whether a user exists.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The client's SCRAM message breaks the grammar of RFC 5802.
    #[error("malformed SCRAM message: {cause}")]
    MalformedScram {
        /// What is wrong with it.
        cause: &'static str,
    },
    /// The client chose a mechanism that was not offered.
    #[error(
        "the client chose a SASL mechanism that was not offered; it must choose one of the list"
    )]
    UnknownMechanism,
    /// The client could bind to the channel and says that the offer had no channel binding: somebody
    /// between the two took it out.
    #[error(
        "the client supports channel binding and was told that it is not offered, though it is; look \
         for a proxy between the client and the gateway"
    )]
    BindingDowngraded,
    /// The client is bound to another server's certificate.
    #[error(
        "the client saw another certificate than the gateway's; look for a proxy between the two that \
         ends TLS"
    )]
    BindingMismatch,
    /// The password is wrong or there is no such user; nobody learns which.
    #[error("password authentication failed; check the name and the password")]
    PasswordRefused,
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {cause}")]
    Randomness {
        /// What it said.
        cause: String,
    },
    /// A password cannot be made into a verifier.
    #[error("the password {cause}; choose another")]
    BadPassword {
        /// What is wrong with it.
        cause: &'static str,
    },
    /// The token does not count.
    #[error("the token is refused: {cause}")]
    TokenRefused {
        /// Why; it may quote a name of the token, never a signature.
        cause: String,
    },
    /// There are no keys to verify tokens with.
    #[error(
        "the issuer of tokens gives no keys: {cause}; look at `issuer` in cordon.toml and at the network"
    )]
    IssuerUnreachable {
        /// What went wrong.
        cause: String,
    },
    /// A setting of tokens cannot be used.
    #[error("`{key}`: {cause}; {remedy}")]
    Setting {
        /// Its key.
        key: &'static str,
        /// What is wrong.
        cause: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Two proofs of one connection name different people.
    #[error(
        "the user is `{}` and the {source_of_other} is that of `{other}`; connect under the name that \
         it has",
        .user.escape_debug()
    )]
    DifferentPerson {
        /// The user of the startup message.
        user: String,
        /// Whom the other proof names.
        other: String,
        /// Which proof that is.
        source_of_other: &'static str,
    },
    /// Nobody by that name may connect so.
    #[error("`{}` is neither a person nor a service of the register, or is both; enter them", .user.escape_debug())]
    NotRegistered {
        /// The name.
        user: String,
    },
    /// The register disables the person.
    #[error("`{user}` is disabled in the people register; no session of theirs may open or go on")]
    Disabled {
        /// The person.
        user: String,
    },
    /// The certificate or token has ended.
    #[error("the certificate or token has expired; get a new one")]
    ProofEnded,
    /// A client certificate was verified and still names nobody.
    #[error("the client certificate is refused: {cause}")]
    CertificateRefused {
        /// Why.
        cause: String,
    },
    /// A file of certificates is not as it must be.
    #[error("{}: {cause}; {remedy}", .path.display())]
    CertificateFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A certificate for a demo or a test was not made.
    #[error("cannot make the certificate: {cause}")]
    NotMade {
        /// What the library said.
        cause: String,
    },
    /// A file of secrets is not as it must be.
    #[error("{}{}: {cause}; {remedy}", .path.display(), line_of(.line))]
    SecretFile {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: Option<usize>,
        /// What is wrong.
        cause: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The operating system refused something.
    #[error("cannot {doing} `{}`", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn line_of(line: &Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}

impl IdentityError {
    /// The SQLSTATE for the client.
    pub fn sqlstate(&self) -> &'static str {
        match self {
            Self::MalformedScram { .. } | Self::UnknownMechanism => "08P01",
            Self::BindingDowngraded
            | Self::BindingMismatch
            | Self::CertificateRefused { .. }
            | Self::DifferentPerson { .. } => "28000",
            Self::PasswordRefused
            | Self::TokenRefused { .. }
            | Self::NotRegistered { .. }
            | Self::Disabled { .. }
            | Self::ProofEnded => "28P01",
            Self::IssuerUnreachable { .. } => "57P03",
            Self::Randomness { .. }
            | Self::BadPassword { .. }
            | Self::CertificateFile { .. }
            | Self::NotMade { .. }
            | Self::SecretFile { .. }
            | Self::Setting { .. }
            | Self::Io { .. } => "XX000",
        }
    }

    /// What the client is told: never a path, never whether the user exists.
    pub fn client_message(&self) -> &'static str {
        match self {
            Self::MalformedScram { .. } => "malformed SCRAM message",
            Self::UnknownMechanism => "the SASL mechanism was not offered",
            Self::BindingDowngraded => "SCRAM channel binding negotiation error",
            Self::BindingMismatch => "SCRAM channel binding check failed",
            Self::CertificateRefused { .. } => "the client certificate names no person",
            Self::DifferentPerson { .. } => {
                "the certificate or token is that of another than the user"
            }
            // One text for all of them, so that none tells whether there is such a person.
            Self::PasswordRefused
            | Self::TokenRefused { .. }
            | Self::NotRegistered { .. }
            | Self::Disabled { .. }
            | Self::ProofEnded => "authentication failed; check the name and the password or token",
            Self::IssuerUnreachable { .. } => {
                "tokens cannot be checked just now; try again in a minute"
            }
            Self::Randomness { .. }
            | Self::BadPassword { .. }
            | Self::CertificateFile { .. }
            | Self::NotMade { .. }
            | Self::SecretFile { .. }
            | Self::Setting { .. }
            | Self::Io { .. } => "the gateway cannot check identities; tell its operator",
        }
    }

    /// For `map_err` where the operating system is asked.
    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    pub(crate) fn malformed(cause: &'static str) -> Self {
        Self::MalformedScram { cause }
    }
}
