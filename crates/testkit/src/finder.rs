//! Many texts looked for at once, in one pass.

use std::ops::Range;

use aho_corasick::AhoCorasick;

/// Finds texts, overlapping ones too.
#[derive(Debug)]
pub struct Finder(AhoCorasick);

impl Finder {
    /// One for these texts, which are known by their place among them.
    ///
    /// # Panics
    /// When there are more than memory holds.
    pub fn new<T: AsRef<str>>(wanted: impl IntoIterator<Item = T>) -> Self {
        let wanted = wanted.into_iter().map(|text| text.as_ref().to_owned());
        let built = AhoCorasick::new(wanted);
        Self(built.unwrap_or_else(|error| unreachable!("texts of a test fit: {error}")))
    }

    /// Each place at which one of the texts stands, with which it is.
    pub fn found<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, Range<usize>)> + 'a {
        self.0
            .find_overlapping_iter(text)
            .map(|at| (at.pattern().as_usize(), at.range()))
    }
}
