//! Rust source as lines: which belong to tests and which are comments.
//!
//! It trusts rustfmt, which `./x check` runs first: a test module ends at the brace that stands as
//! far left as the module began.

/// One line of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// From 1.
    pub number: usize,
    /// Without the spaces around it.
    pub text: &'a str,
    /// Whether it is inside an item marked `#[cfg(test)]`.
    pub test: bool,
}

/// The lines that are not comments.
pub fn code(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut end_of_test: Option<String> = None;
    let mut marked = false;
    for (index, whole) in text.lines().enumerate() {
        let trimmed = whole.trim();
        if trimmed.starts_with("//") {
            continue;
        }
        if end_of_test.is_none() && trimmed == "#[cfg(test)]" {
            marked = true;
        }
        lines.push(Line {
            number: index + 1,
            text: trimmed,
            test: marked || end_of_test.is_some(),
        });
        if end_of_test.as_deref() == Some(whole) {
            end_of_test = None;
        } else if marked && !trimmed.starts_with("#[") {
            // The item after the mark: with a body it ends at its closing brace, else here.
            let indent = &whole[..whole.len() - whole.trim_start().len()];
            end_of_test = trimmed.ends_with('{').then(|| format!("{indent}}}"));
            marked = false;
        }
    }
    lines
}

/// The modules a file declares for tests only and keeps in files of their own.
pub fn test_modules(text: &str) -> Vec<&str> {
    code(text)
        .into_iter()
        .filter(|line| line.test)
        .filter_map(|line| line.text.strip_suffix(';')?.rsplit_once("mod "))
        .map(|(_, name)| name)
        .collect()
}

/// Whether a word stands in a text with no letter, digit, `-` or `_` beside it.
pub fn names(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
fn first() {}
// std::fs in a comment
#[cfg(test)]
mod cases;
fn second() {}
#[cfg(test)]
#[allow(dead_code)]
mod tests {
    fn inside() {
    }
}
fn last() {}
";

    #[test]
    fn test_modules_end_where_they_end() {
        let outside: Vec<&str> = code(FILE)
            .into_iter()
            .filter(|line| !line.test)
            .map(|line| line.text)
            .collect();
        assert_eq!(outside, ["fn first() {}", "fn second() {}", "fn last() {}"]);
        assert_eq!(test_modules(FILE), ["cases"]);
    }

    #[test]
    fn a_word_is_not_found_inside_a_longer_one() {
        assert!(names("see `not-visible`", "not-visible"));
        assert!(!names("see `field-not-visible`", "not-visible"));
        assert!(!names("not-visible-at-all", "not-visible"));
    }
}
