//! What a server keeps of a password, in PostgreSQL's own text form.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Sha256;

use super::hash::{self, Key};
use crate::error::IdentityError;

/// LIMIT: a password is typed or pasted; a longer one costs work before anybody is known.
const PASSWORD_BYTES_MAX: usize = 1024;
/// LIMIT: RFC 7677 section 4 asks for at least 4096 rounds.
const ITERATIONS_MIN: u32 = 4096;
/// LIMIT: more rounds are a client's minutes; PostgreSQL's own clients do them in one thread.
const ITERATIONS_MAX: u32 = 10_000_000;

/// The length of a salt in bytes, as PostgreSQL makes it.
pub(crate) const SALT_BYTES: usize = 16;

/// `SCRAM-SHA-256$4096:salt$StoredKey:ServerKey`: enough to check a password, not to log in with.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    pub(super) iterations: u32,
    pub(super) salt: [u8; SALT_BYTES],
    pub(super) stored_key: Key,
    pub(super) server_key: Key,
}

impl fmt::Debug for Verifier {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(..)")
    }
}

impl Verifier {
    /// How many rounds PostgreSQL does by default.
    pub const ITERATIONS: u32 = ITERATIONS_MIN;

    /// Makes the verifier of a password with a fresh salt.
    ///
    /// # Errors
    /// [`IdentityError::BadPassword`] when it is empty, longer than 1,024 bytes or has a NUL.
    pub fn of_password(password: &str) -> Result<Self, IdentityError> {
        Self::fresh(password, Self::ITERATIONS)
    }

    /// As [`Verifier::of_password`], with another number of rounds.
    pub(super) fn fresh(password: &str, iterations: u32) -> Result<Self, IdentityError> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| IdentityError::Randomness {
            cause: error.to_string(),
        })?;
        Self::with_salt(password, salt, iterations)
    }

    /// Makes the verifier of a password with a salt and a number of rounds that the caller chose.
    ///
    /// # Errors
    /// [`IdentityError::BadPassword`] as [`Verifier::of_password`].
    pub fn with_salt(
        password: &str,
        salt: [u8; SALT_BYTES],
        iterations: u32,
    ) -> Result<Self, IdentityError> {
        let bad = |cause| Err(IdentityError::BadPassword { cause });
        if password.is_empty() {
            return bad("is empty");
        }
        if password.len() > PASSWORD_BYTES_MAX {
            return bad("is longer than 1,024 bytes");
        }
        if password.contains('\0') {
            return bad("holds a NUL character");
        }
        // As PostgreSQL's server and clients do: what SASLprep prohibits is taken as it is.
        let prepared = stringprep::saslprep(password).unwrap_or(password.into());
        if prepared.is_empty() {
            return bad("is empty once SASLprep has removed what is not shown");
        }
        let mut salted: Key = [0; 32];
        pbkdf2::pbkdf2_hmac::<Sha256>(prepared.as_bytes(), &salt, iterations, &mut salted);
        let client_key = hash::keyed(&salted, &[b"Client Key"]);
        Ok(Self {
            iterations,
            salt,
            stored_key: hash::plain(&client_key),
            server_key: hash::keyed(&salted, &[b"Server Key"]),
        })
    }

    /// Reads PostgreSQL's text form; says what is wrong with it without repeating any of it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let rest = text
            .strip_prefix("SCRAM-SHA-256$")
            .ok_or("it does not begin with `SCRAM-SHA-256$`")?;
        let (head, keys) = rest
            .split_once('$')
            .ok_or("it has no keys after the salt")?;
        let (iterations, salt) = head.split_once(':').ok_or("it has no salt")?;
        let (stored, server) = keys.split_once(':').ok_or("it has no server key")?;
        let plain = !iterations.starts_with(['+', '0']);
        let iterations = iterations.parse::<u32>().ok().filter(|_| plain);
        let iterations = iterations.ok_or("its number of iterations is no number")?;
        if !(ITERATIONS_MIN..=ITERATIONS_MAX).contains(&iterations) {
            return Err("its number of iterations is not from 4,096 to 10,000,000");
        }
        Ok(Self {
            iterations,
            salt: bytes(salt).ok_or("its salt is not 16 bytes in base64")?,
            stored_key: bytes(stored).ok_or("its stored key is not 32 bytes in base64")?,
            server_key: bytes(server).ok_or("its server key is not 32 bytes in base64")?,
        })
    }

    pub(super) fn salt_text(&self) -> String {
        STANDARD.encode(self.salt)
    }
}

impl fmt::Display for Verifier {
    /// PostgreSQL's text form, for the file of verifiers and for `ALTER ROLE .. PASSWORD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}${}:{}${}:{}",
            super::PLAIN,
            self.iterations,
            self.salt_text(),
            STANDARD.encode(self.stored_key),
            STANDARD.encode(self.server_key)
        )
    }
}

fn bytes<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `CREATE ROLE ana PASSWORD 'pencil'` on PostgreSQL 15, read back from `pg_authid`, is compared
    /// with ours in `tests/it`; here are the vectors of RFC 7677 section 3.
    #[test]
    fn the_example_of_the_rfc_has_these_keys() {
        let salt: [u8; 16] = STANDARD
            .decode("W22ZaJ0SNY7soEsUEjb6gQ==")
            .unwrap()
            .try_into()
            .unwrap();
        let made = Verifier::with_salt("pencil", salt, 4096).unwrap();
        let text = made.to_string();
        assert_eq!(
            text,
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$\
             WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
        assert_eq!(Verifier::parse(&text), Ok(made));
    }

    #[test]
    fn a_verifier_of_another_form_is_refused() {
        let good = Verifier::with_salt("pencil", [7; 16], 4096)
            .unwrap()
            .to_string();
        for (from, to) in [
            ("SCRAM-SHA-256$", "SCRAM-SHA-1$"),
            ("SCRAM-SHA-256$", "md5"),
            ("4096", "4095"),
            ("4096", "04096"),
            ("4096", "+4096"),
            ("4096", ""),
            ("4096", "99999999999"),
            ("BwcHBwcHBwcHBwcHBwcHBw==", "BwcHBwcHBwcHBwcHBwcHBw"),
            ("BwcHBwcHBwcHBwcHBwcHBw==", "BwcHBwcHBwcHBwcHBwcHBx=="),
            ("BwcHBwcHBwcHBwcHBwcHBw==", "Bw=="),
            ("=:", ":"),
            ("=:", "=$"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "{from}");
            assert!(Verifier::parse(&bad).is_err(), "{bad}");
        }
        assert!(Verifier::parse(&format!("{good} ")).is_err());
    }

    #[test]
    fn passwords_are_prepared_as_clients_prepare_them() {
        let of = |password| Verifier::with_salt(password, [1; 16], 4096).unwrap();
        // RFC 4013 section 3: a soft hyphen is nothing, a ligature is its letters.
        assert_eq!(of("I\u{ad}X"), of("IX"));
        assert_eq!(of("\u{2168}"), of("IX"));
        assert_ne!(of("user"), of("USER"));
        // Prohibited by SASLprep (a control character): taken as it is, as PostgreSQL does.
        assert_ne!(of("a\u{7}"), of("a"));
    }

    #[test]
    fn no_verifier_is_made_of_nothing() {
        for bad in ["", "\u{ad}", "a\0b", &"x".repeat(1025)] {
            assert!(Verifier::with_salt(bad, [1; 16], 4096).is_err(), "{bad:?}");
        }
    }
}
