//! The known word that a misspelt one was probably meant to be.

/// LIMIT: longer words are not compared, so that a hostile file costs nothing.
const LENGTH_MAX: usize = 100;

/// The known word with the fewest changed letters, when it is near enough to be a fair guess.
pub fn word<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if word.is_empty() || word.len() > LENGTH_MAX {
        return None;
    }
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= LENGTH_MAX)
        .map(|candidate| (distance(word, candidate, Swaps::CountTwice), candidate))
        .min()
        .filter(|(apart, candidate)| *apart <= 1 + candidate.len().min(word.len()) / 4)
        .map(|(_, candidate)| candidate)
}

/// The same for dotted words, of which the last part counts: `contact.email` and `user.emial` find
/// `user.contact.email`.
pub fn dotted<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if word.is_empty() || word.len() > LENGTH_MAX {
        return None;
    }
    let (path, last) = split(word);
    known
        .into_iter()
        .map(|candidate| {
            let (known_path, known_last) = split(candidate);
            let apart =
                distance(last, known_last, Swaps::CountOnce) + usize::from(path != known_path);
            (
                apart,
                distance(word, candidate, Swaps::CountOnce),
                candidate,
            )
        })
        .min()
        .filter(|(apart, whole, _)| *apart <= 1 + last.len() / 4 && *whole <= word.len())
        .map(|(_, _, candidate)| candidate)
}

/// `write X` for the nearest [`word`], or what to do where none is near.
pub fn or_else<'k>(
    misspelt: &str,
    known: impl IntoIterator<Item = &'k str>,
    otherwise: impl Into<String>,
) -> String {
    match word(misspelt, known) {
        Some(found) => format!("write `{found}`"),
        None => otherwise.into(),
    }
}

fn split(word: &str) -> (&str, &str) {
    word.rsplit_once('.').unwrap_or(("", word))
}

/// What two neighbours that changed places cost: one letter in dotted words, two in plain ones,
/// which are matched more strictly.
#[derive(Clone, Copy, PartialEq)]
enum Swaps {
    CountOnce,
    CountTwice,
}

/// Letters to insert, remove, replace or swap with their neighbour.
fn distance(left: &str, right: &str, swaps: Swaps) -> usize {
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
            if swaps == Swaps::CountOnce && previous == Some(b) && left_of == Some(a) {
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
        assert_eq!(distance("kitten", "sitting", Swaps::CountOnce), 3);
        assert_eq!(distance("", "abc", Swaps::CountOnce), 3);
        assert_eq!(distance("abc", "abc", Swaps::CountOnce), 0);
        assert_eq!(distance("emial", "email", Swaps::CountOnce), 1);
        assert_eq!(distance("ab", "", Swaps::CountOnce), 2);
        assert_eq!(distance("emial", "email", Swaps::CountTwice), 2);
    }

    #[test]
    fn only_near_words_are_guessed() {
        let known = ["regimes", "museum", "home"];
        assert_eq!(word("regime", known), Some("regimes"));
        assert_eq!(word("hoem", known), Some("home"));
        assert_eq!(word("password", known), None);
        assert_eq!(word("", known), None);
    }

    #[test]
    fn the_last_part_of_a_dotted_word_counts() {
        let known = ["user.contact.email", "user.name"];
        assert_eq!(
            dotted("user.contact.emial", known),
            Some("user.contact.email")
        );
        assert_eq!(dotted("contact.email", known), Some("user.contact.email"));
        assert_eq!(dotted("user.emial", known), Some("user.contact.email"));
        assert_eq!(dotted("quantum", known), None);
        assert_eq!(dotted("", known), None);
    }
}
