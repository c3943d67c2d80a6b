//! The known word that a misspelt one was probably meant to be.

/// LIMIT: longer words are not compared, so that a hostile file costs nothing.
const LENGTH_MAX: usize = 100;

/// The known word with the fewest changed letters, when it is near enough to be a fair guess.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if word.is_empty() || word.len() > LENGTH_MAX {
        return None;
    }
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= LENGTH_MAX)
        .map(|candidate| (distance(word, candidate), candidate))
        .min()
        .filter(|(apart, candidate)| *apart <= 1 + candidate.len().min(word.len()) / 4)
        .map(|(_, candidate)| candidate)
}

/// `write X` for the nearest word, or what to do where none is near.
pub(crate) fn or_else<'k>(
    word: &str,
    known: impl IntoIterator<Item = &'k str>,
    otherwise: impl Into<String>,
) -> String {
    match nearest(word, known) {
        Some(found) => format!("write `{found}`"),
        None => otherwise.into(),
    }
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
    fn only_near_words_are_guessed() {
        let known = ["regimes", "museum", "home"];
        assert_eq!(nearest("regime", known), Some("regimes"));
        assert_eq!(nearest("hoem", known), Some("home"));
        assert_eq!(nearest("password", known), None);
        assert_eq!(nearest("", known), None);
    }
}
