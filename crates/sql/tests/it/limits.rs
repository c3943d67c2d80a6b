//! Texts that are too long or nest too deeply are refused, never a crash.

use model::Refusal;
use sql::{Limits, read};

use crate::read::refused;
use crate::round_trip::round_trip;

/// A text of `count` levels of each kind of nesting that the grammar has.
fn nested(count: usize) -> Vec<String> {
    let pairs = [
        ("", "not ", "a", ""),
        ("", "- ", "a", ""),
        ("", "1 + ", "1", ""),
        ("", "a || ", "a", ""),
        ("", "(", "1", ")"),
        ("", "f(", "1", ")"),
        ("", "row(", "1", ")"),
        ("", "array[", "1", "]"),
        ("", "case when true then ", "1", " end"),
        ("", "(select ", "1", ")"),
        ("", "sum(1) over (order by ", "1", ")"),
        ("", "(", "a", ").b"),
        ("", "", "1", "::int"),
        ("* from ", "(select * from ", "t", ") x"),
        ("* from t ", "", "", "join t using (a) "),
        ("", "1 union select ", "1", ""),
        ("1 group by ", "grouping sets (", "a", ")"),
    ];
    pairs
        .iter()
        .map(|(start, open, middle, close)| {
            let open = open.repeat(count);
            let close = close.repeat(count);
            format!("select {start}{open}{middle}{close}")
        })
        .collect()
}

#[test]
fn deep_nesting_is_refused_whole() {
    // The stack of a thread of the runtime that serves sessions has 2 MiB; half of it must do.
    let test = || {
        for count in [100, 1_000, 8_000, 30_000] {
            for text in nested(count) {
                match read(&text, &Limits::default()) {
                    Ok(_) => assert!(
                        text.starts_with("select ((((") && count < 10_000,
                        "{count}: {}",
                        &text[..40]
                    ),
                    Err(refused) => assert_eq!(refused.code, Refusal::StatementTooLarge),
                }
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(1024 * 1024);
    thread.spawn(test).unwrap().join().unwrap();
}

#[test]
fn a_text_full_of_brackets_is_refused_whole() {
    for open in [
        "(", "[", "{", "array[", "f(", "case ", "not ", "- ", "/*", "$$",
    ] {
        let text = format!("select {}", open.repeat(1_000_000 / open.len()));
        let refused = refused(&text);
        let is_clean = matches!(
            refused.code,
            Refusal::StatementTooLarge | Refusal::SyntaxError
        );
        assert!(is_clean, "{open}: {refused}");
    }
}

#[test]
fn what_people_write_is_not_too_deep() {
    let flat = |word: &str| {
        format!(
            "select 1 where a = 0{}",
            format!(" {word} a = 1").repeat(2_000)
        )
    };
    let texts = [
        flat("or"),
        flat("and"),
        format!("select 1 where a in (0{})", ", 1".repeat(10_000)),
        format!("select {}1", "1 + ".repeat(45)),
        format!("select * from t where x = {}a", "a || ".repeat(44)),
        format!("{}select 1", "select 1 union all ".repeat(45)),
        format!("values (1){}", ", (1)".repeat(10_000)),
        format!("select {}1{}", "f(".repeat(40), ")".repeat(40)),
        format!("select {}1{}", "(select ".repeat(15), ")".repeat(15)),
        format!(
            "select * from {}t{}",
            "(select * from ".repeat(20),
            ") x".repeat(20)
        ),
        format!("select * from t{}", " join t using (a)".repeat(40)),
        format!(
            "select {}1{}",
            "case when true then ".repeat(20),
            " end".repeat(20)
        ),
    ];
    for text in texts {
        round_trip(&text).unwrap();
    }
}

#[test]
fn a_long_text_is_refused() {
    let limits = Limits {
        bytes_max: 10,
        ..Limits::default()
    };
    assert!(read("select 100", &limits).is_ok());
    let refused = read("select 1000", &limits).unwrap_err();
    assert_eq!(refused.code, Refusal::StatementTooLarge);
}

#[test]
fn many_statements_are_refused() {
    let limits = Limits {
        statements_max: 2,
        ..Limits::default()
    };
    assert_eq!(read("select 1; select 2", &limits).unwrap().len(), 2);
    let refused = read("select 1; select 2; select 3", &limits).unwrap_err();
    assert_eq!(refused.code, Refusal::StatementTooLarge);
}

#[test]
fn a_depth_that_is_set_lower_holds() {
    let limits = Limits {
        depth_max: 6,
        ..Limits::default()
    };
    assert!(read("select 1 + 1", &limits).is_ok());
    let refused = read("select 1 + 1 + 1 + 1 + 1 + 1", &limits).unwrap_err();
    assert_eq!(refused.code, Refusal::StatementTooLarge);
}

/// What makes the scanner take the square of the text's length.
#[test]
fn rows_of_signs_are_refused() {
    for signs in ["/*", "*/", "/**/", "+", "-", "+-", "<", "*"] {
        let row = |length: usize| signs.repeat(length).get(..length).unwrap().to_owned();
        let refused = refused(&format!("select '{}'", row(257)));
        assert_eq!(refused.code, Refusal::StatementTooLarge);
        assert!(read(&format!("select '{}'", row(256)), &Limits::default()).is_ok());
        // The worst that is left: whole rows as far as the text may go. Too slow is minutes, not
        // seconds, so that a busy machine does not fail this.
        let text = format!("{} ", row(256)).repeat(4_000);
        let start = std::time::Instant::now();
        let _ = read(&text, &Limits::default());
        assert!(start.elapsed().as_secs() < 20, "{signs}");
    }
}
