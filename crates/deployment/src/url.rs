//! The address of a data store, which nothing prints.

use std::fmt;

/// An address, kept as text. `Debug` does not show it, because an address may hold what a stranger
/// could use; only [`Url::reveal`] does.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(String);

impl Url {
    pub(crate) const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one who connects. It goes into no message, log or record.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Url(not shown)")
    }
}

/// Whether the address holds a password: before the host, as a parameter, or as a keyword.
pub(crate) fn holds_password(text: &str) -> bool {
    const WORDS: [&str; 4] = ["password", "passwd", "pwd", "secret"];
    let lower = text.to_ascii_lowercase();
    let authority = lower.split_once("://").map(|(_, rest)| {
        let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        rest.get(..host_end).unwrap_or(rest)
    });
    // A password may itself hold `/`, so an `@` anywhere after a colon is looked at as well.
    let before_host = lower
        .split_once("://")
        .and_then(|(_, rest)| rest.rsplit_once('@'))
        .map(|(user, _)| user);
    let by_place = authority
        .and_then(|authority| authority.rsplit_once('@'))
        .map(|(user, _)| user)
        .or(before_host)
        .is_some_and(|user| user.contains(':') || user.contains("%3a"));
    let by_word = lower.split(['?', '&', ' ', ';', '\t', '\n']).any(|part| {
        part.split_once('=')
            .is_some_and(|(key, _)| WORDS.iter().any(|word| key.trim().ends_with(word)))
    });
    // `password = x` with spaces around the sign, as libpq allows.
    let spaced = WORDS.iter().any(|word| {
        lower
            .split(*word)
            .skip(1)
            .any(|rest| rest.trim_start().starts_with('='))
    });
    by_place || by_word || spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_wherever_it_stands() {
        for text in [
            "postgres://app:hunter2@db/app",
            "postgres://app:a/b@db/app",
            "postgres://app%3Ahunter2@db/app",
            "postgres://db/app?user=app&password=x",
            "postgres://db/app?sslpassword=x",
            "host=db password = x",
            "host=db user=app PASSWORD='x'",
        ] {
            assert!(holds_password(text), "{text}");
        }
        for text in [
            "postgres://app@db:5432/app?sslmode=verify-full",
            "postgres://db:5432/app",
            "host=db user=app passfile=/x",
            "lake:///data",
        ] {
            assert!(!holds_password(text), "{text}");
        }
    }

    #[test]
    fn an_address_is_not_printed() {
        let url = Url::new("postgres://somebody@inner.example/app".into());
        assert_eq!(format!("{url:?}"), "Url(not shown)");
    }
}
