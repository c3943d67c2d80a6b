//! The known word a misspelt one was probably meant to be.

/// LIMIT: longer words are not compared, so that a hostile manifest costs nothing.
const LENGTH_MAX: usize = 100;

/// The known word with the fewest changed letters, when it is near enough to be a fair guess. Of
/// dotted words the last part counts, so that `contact.email` and `user.emial` find
/// `user.contact.email`.
pub(crate) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if word.is_empty() || word.len() > LENGTH_MAX {
        return None;
    }
    let (path, last) = split(word);
    known
        .map(|candidate| {
            let (known_path, known_last) = split(candidate);
            let apart = distance(last, known_last) + usize::from(path != known_path);
            (apart, distance(word, candidate), candidate)
        })
        .min()
        .filter(|(apart, whole, _)| *apart <= 1 + last.len() / 4 && *whole <= word.len())
        .map(|(_, _, candidate)| candidate)
}

fn split(word: &str) -> (&str, &str) {
    word.rsplit_once('.').unwrap_or(("", word))
}

/// Letters to insert, remove, replace or swap with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (index, a) in left.chars().enumerate() {
        let mut row = vec![index + 1];
        let mut left_of = None;
        for (at, &b) in right.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let mut cost = (cell(&last, at) + usize::from(a != b))
                .min(cell(&last, at + 1) + 1)
                .min(cell(&row, at) + 1);
            if previous == Some(b) && left_of == Some(a) {
                cost = cost.min(cell(&before_last, at - 1) + 1);
            }
            row.push(cost);
            left_of = Some(b);
        }
        before_last = std::mem::replace(&mut last, row);
        previous = Some(a);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("emial", "email"), 1);
        assert_eq!(distance("ab", ""), 2);
    }

    #[test]
    fn only_near_words_are_guessed() {
        let known = ["user.contact.email", "user.name"];
        let guess = |word| nearest(word, known.into_iter());
        assert_eq!(guess("user.contact.emial"), Some("user.contact.email"));
        assert_eq!(guess("contact.email"), Some("user.contact.email"));
        assert_eq!(guess("user.emial"), Some("user.contact.email"));
        assert_eq!(guess("quantum"), None);
        assert_eq!(guess(""), None);
    }
}
