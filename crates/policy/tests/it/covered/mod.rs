//! Covered persons: the cases of the law as data, and an independent count of who owns whom.

mod oracle;

use model::{Connection, Jurisdiction, PersonId, Register};
use policy::{Coverage, Reach, Standing};

use crate::setting::regime;

/// Reads `cases.txt`: stanzas of `case:`, register lines and `ask:` lines.
fn run(text: &str) -> String {
    let mut out = String::new();
    for stanza in text.split("\n\n").filter(|stanza| stanza.contains("case:")) {
        let lines: Vec<&str> = stanza
            .lines()
            .map(str::trim)
            .filter(|l| !l.starts_with('#'))
            .collect();
        let people: Vec<&str> = lines
            .iter()
            .copied()
            .filter(|l| l.starts_with("entity ") || l.starts_with("person "))
            .collect();
        let register = testkit::register(&people.join("\n")).unwrap();
        for line in &lines {
            if let Some(ask) = line.strip_prefix("ask: ") {
                out.push_str(&answer(ask, &register));
            } else if !line.is_empty() {
                out.push_str(line);
                out.push('\n');
            }
        }
        out.push('\n');
    }
    out
}

/// `regime person [from COUNTRY|?] is covered|not covered|unknown`; what follows `is` is asserted,
/// the path is printed.
fn answer(ask: &str, register: &Register) -> String {
    let (question, expected) = ask.split_once(" is ").unwrap();
    let words: Vec<&str> = question.split_whitespace().collect();
    let regime = regime(words[0]);
    let connection = match words.get(3) {
        Some(&"?") => Connection::Unknown,
        Some(place) => Connection::Country(Jurisdiction::parse(place).unwrap()),
        None => Connection::Country(Jurisdiction::parse("SG").unwrap()),
    };
    let reach = Reach::at(&regime, register, testkit::NOW);
    let coverage = Coverage {
        regime: &regime,
        register,
        reach: &reach,
        now: testkit::NOW,
    };
    let standing = coverage.standing(&PersonId::new(words[1]).unwrap(), connection);
    let word = match &standing {
        Standing::Covered(_) => "covered",
        Standing::NotCovered(_) => "not covered",
        Standing::Unknown(_) => "unknown",
    };
    assert_eq!(word, expected, "{ask}\n{:#?}", standing.path());
    let path: Vec<String> = standing
        .path()
        .iter()
        .map(|step| format!("    {step}\n"))
        .collect();
    format!("  => {question} is {word}\n{}", path.concat())
}

#[test]
fn the_cases_of_the_law_hold_each_with_its_reason_path() {
    insta::assert_snapshot!(run(include_str!("cases.txt")));
}
