//! SCRAM-SHA-256 and SCRAM-SHA-256-PLUS, the server's side (RFC 5802, RFC 7677, RFC 5929).

mod exchange;
mod hash;
mod message;
mod mock;
mod verifier;
mod verifiers;

pub use exchange::{AwaitingFinal, Binding, Nonce, PasswordProof, Scram, ServerFinal, ServerFirst};
pub use mock::Mock;
pub use verifier::Verifier;
pub use verifiers::Verifiers;

/// The mechanism without channel binding.
pub const PLAIN: &str = "SCRAM-SHA-256";
/// The mechanism with channel binding.
pub const PLUS: &str = "SCRAM-SHA-256-PLUS";
