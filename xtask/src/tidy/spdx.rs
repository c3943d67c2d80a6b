//! Whether an SPDX expression can be satisfied from a list of licences.
//!
//! `OR` needs one side, `AND` both, `WITH` adds permissions to what stands before it. The `/` of
//! old manifests means `OR`.

/// Whether the expression can be satisfied.
///
/// # Errors
/// What cannot be read in it; the caller treats that as a licence that is not allowed.
pub fn is_satisfied(expression: &str, allowed: &[&str]) -> Result<bool, String> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut reader = Reader {
        words: spaced.split_whitespace().peekable(),
        allowed,
    };
    let answer = reader.choice()?;
    match reader.words.next() {
        None => Ok(answer),
        Some(word) => Err(format!("`{word}` is not expected")),
    }
}

struct Reader<'a, Words: Iterator<Item = &'a str>> {
    words: std::iter::Peekable<Words>,
    allowed: &'a [&'a str],
}

impl<'a, Words: Iterator<Item = &'a str>> Reader<'a, Words> {
    fn choice(&mut self) -> Result<bool, String> {
        let mut answer = self.conjunction()?;
        while self.words.next_if_eq(&"OR").is_some() {
            // Both sides are always read, so that a bad second half is not overlooked.
            answer |= self.conjunction()?;
        }
        Ok(answer)
    }

    fn conjunction(&mut self) -> Result<bool, String> {
        let mut answer = self.term()?;
        while self.words.next_if_eq(&"AND").is_some() {
            answer &= self.term()?;
        }
        Ok(answer)
    }

    fn term(&mut self) -> Result<bool, String> {
        match self.words.next() {
            Some("(") => {
                let answer = self.choice()?;
                match self.words.next() {
                    Some(")") => Ok(answer),
                    _ => Err("a `)` is missing".to_owned()),
                }
            }
            Some(word @ (")" | "OR" | "AND" | "WITH")) => Err(format!("`{word}` is not expected")),
            Some(licence) => {
                if self.words.next_if_eq(&"WITH").is_some() && self.words.next().is_none() {
                    return Err("the exception after `WITH` is missing".to_owned());
                }
                Ok(self.allowed.contains(&licence.trim_end_matches('+')))
            }
            None => Err("the expression ends too early".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[&str] = &["MIT", "Apache-2.0", "Zlib"];

    #[test]
    fn choices_conjunctions_and_exceptions_are_understood() {
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("MIT OR GPL-3.0", true),
            ("GPL-3.0 OR MIT", true),
            ("MIT AND GPL-3.0", false),
            ("MIT AND Zlib", true),
            ("GPL-3.0 OR MIT AND Zlib", true),
            ("(GPL-3.0 OR MIT) AND GPL-3.0", false),
            ("(MIT OR GPL-3.0) AND (Apache-2.0 OR Zlib)", true),
            ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
            ("GPL-2.0 WITH Classpath-exception-2.0", false),
            ("MIT/Apache-2.0", true),
            ("Apache-2.0+", true),
        ] {
            let answer = is_satisfied(expression, ALLOWED);
            assert_eq!(answer, Ok(expected), "{expression}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for expression in [
            "", "(MIT", "MIT)", "MIT OR", "AND MIT", "MIT Zlib", "MIT WITH",
        ] {
            assert!(is_satisfied(expression, ALLOWED).is_err(), "{expression}");
        }
    }
}
