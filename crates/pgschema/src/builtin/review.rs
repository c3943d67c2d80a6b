//! Reads the review: which class a function has, which types may be cast to, what is total.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

const TEXT: &str = include_str!("../../data/review.txt");

/// What a function may be used for. It holds for every overload of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FunctionClass {
    /// Sees its arguments and nothing else: no IO, no look-up, no SQL in a string.
    Pure,
    /// An aggregate.
    Aggregate,
    /// A window function; some are hypothetical-set aggregates too.
    Window,
    /// Makes rows from its arguments alone.
    SetReturning,
    /// Harmless but volatile: random values and the time of day.
    Volatile,
    /// The gate answers it from the session; it is never sent upstream.
    Session,
    /// Not to be called. Whatever was not reviewed is here.
    Refused,
}

/// The review as look-ups.
pub(crate) struct Review {
    /// The class of each name that was reviewed.
    pub(crate) classes: HashMap<&'static str, FunctionClass>,
    /// Names that are refused as functions but do not keep their operator from being allowed.
    pub(crate) operator_only: HashSet<&'static str>,
    /// Types that may be cast to.
    pub(crate) types: HashSet<&'static str>,
    /// Total signatures, as `name(type,type)`.
    pub(crate) total: HashSet<&'static str>,
    /// What could not be read: a test keeps this empty, and what is in it is refused.
    pub(crate) faults: Vec<String>,
}

impl Review {
    /// The class of a function's name; what was not reviewed is refused.
    pub(crate) fn class(&self, name: &str) -> FunctionClass {
        self.classes
            .get(name)
            .copied()
            .unwrap_or(FunctionClass::Refused)
    }
}

/// The review, read on first use.
pub(crate) static REVIEW: LazyLock<Review> = LazyLock::new(|| read(TEXT));

/// What a paragraph says about the words below it.
#[derive(Clone, Copy)]
pub(super) enum Section {
    Class(FunctionClass),
    Operator,
    Type,
    Total,
}

fn section(word: &str) -> Option<Section> {
    Some(match word {
        "pure" => Section::Class(FunctionClass::Pure),
        "aggregate" => Section::Class(FunctionClass::Aggregate),
        "window" => Section::Class(FunctionClass::Window),
        "set" => Section::Class(FunctionClass::SetReturning),
        "volatile" => Section::Class(FunctionClass::Volatile),
        "session" => Section::Class(FunctionClass::Session),
        "refused" => Section::Class(FunctionClass::Refused),
        "operator" => Section::Operator,
        "type" => Section::Type,
        "total" => Section::Total,
        _ => return None,
    })
}

/// The words of a review, each with what is said about it, and what cannot be read.
pub(super) fn words(text: &'static str) -> (Vec<(Section, &'static str)>, Vec<String>) {
    let mut words = Vec::new();
    let mut faults = Vec::new();
    let mut current = None;
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if !line.starts_with(' ') {
            current = line.split_once(": ").and_then(|(word, _)| section(word));
            if current.is_none() {
                faults.push(format!("not a class with its reason: {line}"));
            }
        } else if let Some(section) = current {
            words.extend(line.split_whitespace().map(|word| (section, word)));
        } else {
            faults.push(format!("no class stands above: {line}"));
        }
    }
    (words, faults)
}

fn read(text: &'static str) -> Review {
    let (words, faults) = words(text);
    let mut review = Review {
        classes: HashMap::new(),
        operator_only: HashSet::new(),
        types: HashSet::new(),
        total: HashSet::new(),
        faults,
    };
    for (section, word) in words {
        review.add(section, word);
    }
    review
}

impl Review {
    fn add(&mut self, section: Section, word: &'static str) {
        let new = match section {
            Section::Class(class) => self.classify(word, class),
            Section::Operator => {
                self.operator_only.insert(word) && self.classify(word, FunctionClass::Refused)
            }
            Section::Type => self.types.insert(word),
            Section::Total => self.total.insert(word),
        };
        if !new {
            self.faults.push(format!("listed twice: {word}"));
        }
    }

    /// A name that has two classes is refused: which of them was meant is for people to say.
    fn classify(&mut self, name: &'static str, class: FunctionClass) -> bool {
        match self.classes.insert(name, class) {
            None => true,
            Some(_) => {
                self.classes.insert(name, FunctionClass::Refused);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_review_reads_without_fault() {
        assert_eq!(REVIEW.faults, Vec::<String>::new());
    }

    #[test]
    fn a_name_with_two_classes_is_refused_and_said() {
        let review = read("pure: a\n    f\nvolatile: b\n    f\n");
        assert_eq!(review.class("f"), FunctionClass::Refused);
        assert_eq!(review.faults, ["listed twice: f"]);
    }

    #[test]
    fn an_unknown_class_allows_nothing() {
        let review = read("fine: a\n    f\n");
        assert_eq!(review.class("f"), FunctionClass::Refused);
        assert_eq!(review.faults.len(), 2);
    }
}
