//! The known word a misspelt one was probably meant to be.

/// LIMIT: longer words are not compared, so that a hostile manifest costs nothing.
const LENGTH_MAX: usize = 100;

/// The known word with the fewest changed letters, when it is near enough to be a fair guess.
/// A word that only misses its beginning (`contact.email`) is found by its end.
pub(crate) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if word.is_empty() || word.len() > LENGTH_MAX {
        return None;
    }
    let tail = format!(".{word}");
    known
        .map(|candidate| {
            let apart = if candidate.ends_with(&tail) {
                1
            } else {
                distance(word, candidate)
            };
            (apart, candidate)
        })
        .min()
        .filter(|(apart, candidate)| *apart <= 1 + candidate.len().min(word.len()) / 4)
        .map(|(_, candidate)| candidate)
}

/// Letters to insert, remove or replace.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, a) in left.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        let mut next = vec![before];
        for (b, &above) in right.iter().zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(a != *b);
            before = replaced.min(above + 1).min(before + 1);
            diagonal = above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }

    #[test]
    fn only_near_words_are_guessed() {
        let known = ["user.contact.email", "user.name"];
        let guess = |word| nearest(word, known.into_iter());
        assert_eq!(guess("user.contact.emial"), Some("user.contact.email"));
        assert_eq!(guess("contact.email"), Some("user.contact.email"));
        assert_eq!(guess("quantum"), None);
        assert_eq!(guess(""), None);
    }
}
