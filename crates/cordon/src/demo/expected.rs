//! `policies/chinook/demo.txt`: what each of the cast is to get for each question, worked out without
//! the gate.

use std::collections::BTreeSet;

use anyhow::{Context, bail};

/// A question and everybody's answers to it.
pub(super) struct Question {
    pub(super) name: &'static str,
    /// With `{seen}` for the key that the person sees of one customer.
    pub(super) sql: &'static str,
    pub(super) answers: Vec<Answer>,
}

/// What one person is to get.
pub(super) struct Answer {
    pub(super) who: &'static str,
    pub(super) purpose: Option<&'static str>,
    pub(super) expected: Expected,
}

pub(super) enum Expected {
    /// Rows, cell by cell; a cell `~words` is a pseudonym.
    Rows(Vec<Vec<&'static str>>),
    /// A refusal by this code.
    Refused(&'static str),
}

const TEXT: &str = include_str!("../../../../policies/chinook/demo.txt");

/// Between cells.
pub(super) const SEPARATOR: &str = " | ";

/// Reads the file.
pub(super) fn read() -> anyhow::Result<Vec<Question>> {
    let mut questions: Vec<Question> = Vec::new();
    let mut lines = TEXT.lines().filter(|line| !line.starts_with('#'));
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("query ") {
            let sql = lines.next().context("demo.txt: a query without a text")?;
            questions.push(Question {
                name,
                sql,
                answers: Vec::new(),
            });
        } else if let Some(asker) = line.strip_prefix("as ") {
            let question = questions.last_mut().context("demo.txt: nobody asked")?;
            let (who, purpose) = match asker.split_once(" for ") {
                Some((who, purpose)) => (who, Some(purpose)),
                None => (asker, None),
            };
            let mut next = || lines.next().context("demo.txt: an answer is cut off");
            let first = next()?;
            let expected = match first.strip_prefix("refused ") {
                Some(refused) => Expected::Refused(refused.split(' ').next().unwrap_or(refused)),
                None => {
                    let count = next()?.strip_prefix("rows ").unwrap_or_default();
                    let count: usize = count.parse().context("demo.txt: no number of rows")?;
                    let rows = (0..count).map(|_| Ok(next()?.split(SEPARATOR).collect()));
                    Expected::Rows(rows.collect::<anyhow::Result<_>>()?)
                }
            };
            question.answers.push(Answer {
                who,
                purpose,
                expected,
            });
        } else if !line.is_empty() {
            bail!("demo.txt: `{line}` is not understood");
        }
    }
    Ok(questions)
}

/// Whether rows are those that were expected. Where keys are pseudonyms their order says nothing, so
/// rows are compared as a set; there are as many pseudonyms as people behind them, and none is a key.
pub(super) fn is_as_expected(found: &[Vec<String>], expected: &[Vec<&str>]) -> bool {
    let is_pseudonym = |row: &Vec<&str>, place: usize| {
        let cell = row.get(place);
        cell.is_some_and(|cell| cell.starts_with('~'))
    };
    let width = expected.first().map_or(0, Vec::len);
    let hidden: Vec<bool> = (0..width)
        .map(|place| expected.iter().any(|row| is_pseudonym(row, place)))
        .collect();
    let plain = |cells: Vec<&str>| -> Vec<String> {
        let shown = cells.iter().zip(&hidden).filter(|(_, hidden)| !**hidden);
        shown.map(|(cell, _)| (*cell).to_owned()).collect()
    };
    let mut ours: Vec<Vec<String>> = found
        .iter()
        .map(|row| plain(row.iter().map(String::as_str).collect()))
        .collect();
    let mut theirs: Vec<Vec<String>> = expected.iter().map(|row| plain(row.clone())).collect();
    if hidden.contains(&true) {
        ours.sort();
        theirs.sort();
    }
    let is_wide = found.iter().all(|row| row.len() == width);
    let keys_hidden = hidden.iter().enumerate().filter(|(_, hidden)| **hidden);
    let are_pseudonyms = keys_hidden.into_iter().all(|(place, _)| {
        let seen: BTreeSet<&String> = found.iter().filter_map(|row| row.get(place)).collect();
        let behind: BTreeSet<&&str> = expected.iter().filter_map(|row| row.get(place)).collect();
        let keys: BTreeSet<&str> = behind
            .iter()
            .filter_map(|cell| cell.rsplit(' ').next())
            .collect();
        seen.len() == behind.len() && !seen.iter().any(|one| keys.contains(one.as_str()))
    });
    is_wide && ours == theirs && are_pseudonyms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_three_questions_for_four() {
        let questions = read().unwrap();
        assert_eq!(questions.len(), 3);
        assert!(questions.iter().all(|question| question.answers.len() == 4));
    }

    #[test]
    fn what_differs_is_seen() {
        let expected = vec![vec!["~customer 1", "A"], vec!["~customer 2", "B"]];
        let found = |cells: [[&str; 2]; 2]| -> Vec<Vec<String>> {
            cells.map(|row| row.map(str::to_owned).to_vec()).to_vec()
        };
        assert!(is_as_expected(
            &found([["70", "B"], ["80", "A"]]),
            &expected
        ));
        assert!(!is_as_expected(
            &found([["70", "B"], ["70", "A"]]),
            &expected
        ));
        assert!(!is_as_expected(
            &found([["1", "A"], ["80", "B"]]),
            &expected
        ));
        assert!(!is_as_expected(
            &found([["70", "B"], ["80", "C"]]),
            &expected
        ));
    }
}
