//! Everybody's verifiers, from one file of secrets.

use std::collections::BTreeMap;
use std::path::Path;

use model::PersonId;

use super::mock::Mock;
use super::verifier::Verifier;
use crate::error::IdentityError;
use crate::secret_file;

const REMEDY_LINE: &str = "write `NAME SCRAM-SHA-256$4096:SALT$STORED:SERVER`, as PostgreSQL keeps it in \
                           pg_authid, or make the line with `cordon people password NAME`";

/// The verifiers of a deployment, and the secret for names that have none.
#[derive(Clone, Debug)]
pub struct Verifiers {
    by_user: BTreeMap<String, Verifier>,
    iterations: u32,
    mock: Mock,
}

impl Verifiers {
    /// Nobody has a password.
    pub fn none(mock: Mock) -> Self {
        Self {
            by_user: BTreeMap::new(),
            iterations: Verifier::ITERATIONS,
            mock,
        }
    }

    /// Reads `DIR/secrets/scram`: one `NAME VERIFIER` a line, comments after `#`. Where there is no
    /// file nobody has a password.
    ///
    /// # Errors
    /// [`IdentityError::SecretFile`] with the line. All lines must ask for equally many iterations: an
    /// unknown name gets the same number, and another one would tell that a name is known.
    pub fn load(path: &Path, mock: Mock) -> Result<Self, IdentityError> {
        match secret_file::read(path)? {
            Some(text) => Self::read(path, &text, mock),
            None => Ok(Self::none(mock)),
        }
    }

    fn read(path: &Path, text: &str, mock: Mock) -> Result<Self, IdentityError> {
        let mut found = Self::none(mock);
        for (number, line) in text.lines().enumerate() {
            let bad = |cause: String, remedy| IdentityError::SecretFile {
                path: path.to_owned(),
                line: Some(number + 1),
                cause,
                remedy,
            };
            let Some((user, verifier)) = entry(line).map_err(|cause| bad(cause, REMEDY_LINE))?
            else {
                continue;
            };
            if !found.by_user.is_empty() && found.iterations != verifier.iterations {
                let cause =
                    "it asks for another number of iterations than the lines before".to_owned();
                return Err(bad(cause, "make all passwords with the same number"));
            }
            found.iterations = verifier.iterations;
            if found.by_user.insert(user.to_string(), verifier).is_some() {
                let cause = format!("`{user}` has a line already");
                return Err(bad(cause, "keep one of the two"));
            }
        }
        Ok(found)
    }

    /// Gives `user` a verifier in the file, in place of one that they had; other lines stay as they
    /// are. The file is replaced whole, mode 0600. A running gateway has to load it again.
    ///
    /// # Errors
    /// When the file is not well before or after the change; then it is left as it was.
    pub fn write(path: &Path, user: &PersonId, verifier: &Verifier) -> Result<(), IdentityError> {
        let text = secret_file::read(path)?.unwrap_or_default();
        let mut lines: Vec<String> = Vec::new();
        let mut written = false;
        let new = format!("{user} {verifier}");
        for line in text.lines() {
            let theirs = line.split_whitespace().next() == Some(user.as_str());
            match (theirs, written) {
                (true, false) => lines.push(new.clone()),
                (true, true) => continue,
                (false, _) => lines.push(line.to_owned()),
            }
            written |= theirs;
        }
        if !written {
            lines.push(new);
        }
        let text = lines.join("\n") + "\n";
        Self::read(path, &text, Mock::of([0; 32]))?;
        secret_file::replace(path, &text)
    }

    /// Makes the verifier of a password with as many iterations as the others here have, so that
    /// [`Verifiers::write`] takes it.
    ///
    /// # Errors
    /// As [`Verifier::of_password`].
    pub fn make(&self, password: &str) -> Result<Verifier, IdentityError> {
        Verifier::fresh(password, self.iterations)
    }

    /// How many people have a password.
    pub fn len(&self) -> usize {
        self.by_user.len()
    }

    /// Whether nobody has a password.
    pub fn is_empty(&self) -> bool {
        self.by_user.is_empty()
    }

    /// Who has a password, in order.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.by_user.keys().map(String::as_str)
    }

    /// The verifier to go on with, and whether it is a real one. The mock is made in both cases, so
    /// that the work is the same.
    pub(super) fn find(&self, user: &str) -> (Verifier, bool) {
        let mock = self.mock.verifier(user, self.iterations);
        let real = self.by_user.get(user);
        (real.unwrap_or(&mock).clone(), real.is_some())
    }
}

/// One line; the cause never repeats any of a verifier.
fn entry(line: &str) -> Result<Option<(PersonId, Verifier)>, String> {
    let line = line.split('#').next().unwrap_or_default();
    let mut words = line.split_whitespace();
    let Some(user) = words.next() else {
        return Ok(None);
    };
    // A line without its name begins with the verifier, which no message may repeat.
    if user.contains('$') {
        return Err("the line does not begin with a name".to_owned());
    }
    let user = PersonId::new(user).map_err(|error| error.to_string())?;
    let (Some(verifier), None) = (words.next(), words.next()) else {
        return Err(format!("the line of `{user}` is not a name and a verifier"));
    };
    let verifier = Verifier::parse(verifier)
        .map_err(|cause| format!("the verifier of `{user}` is not well: {cause}"))?;
    Ok(Some((user, verifier)))
}
