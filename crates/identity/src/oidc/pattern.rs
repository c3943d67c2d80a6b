//! Which names of a startup message are asked for a token: said by the name alone, never by whether
//! there is such a person.

/// A name with at most one `*`, which stands for any characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPattern {
    before: String,
    after: Option<String>,
}

impl UserPattern {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("it is empty");
        }
        match text.split_once('*') {
            Some((_, after)) if after.contains('*') => Err("it has more than one `*`"),
            Some((before, after)) => Ok(Self {
                before: before.to_owned(),
                after: Some(after.to_owned()),
            }),
            None => Ok(Self {
                before: text.to_owned(),
                after: None,
            }),
        }
    }

    /// Whether this user is asked for a token and not for a password.
    pub fn matches(&self, user: &str) -> bool {
        let Some(after) = &self.after else {
            return user == self.before;
        };
        user.strip_prefix(&self.before)
            .is_some_and(|rest| rest.ends_with(after.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_whole_name() {
        for (pattern, yes, no) in [
            ("*", vec!["", "ana"], vec![]),
            ("ana", vec!["ana"], vec!["", "anab", "Ana", "xana"]),
            (
                "*.oidc",
                vec!["ana.oidc", ".oidc"],
                vec!["ana", "ana.oidc2", "ana.OIDC"],
            ),
            (
                "o-*-x",
                vec!["o--x", "o-a-x"],
                vec!["o-x", "a-o--x", "o--x "],
            ),
        ] {
            let read = UserPattern::parse(pattern).unwrap();
            assert!(yes.iter().all(|user| read.matches(user)), "{pattern}");
            assert!(!no.iter().any(|user| read.matches(user)), "{pattern}");
        }
        assert!(UserPattern::parse("").is_err());
        assert!(UserPattern::parse("a*b*").is_err());
    }
}
