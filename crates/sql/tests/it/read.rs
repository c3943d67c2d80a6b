//! What is refused, and with which code.

use model::Refusal;
use sql::tree::{Body, Constant, Expression, Statement};
use sql::{Limits, Refused, read, read_bytes};

pub fn refused(text: &str) -> Refused {
    match read(text, &Limits::default()) {
        Err(refused) => refused,
        Ok(statements) => panic!(
            "{:?} is read: {} statements",
            text.get(..200).unwrap_or(text),
            statements.len()
        ),
    }
}

/// Each line of a case file is a text, and the code and words that it is refused with.
#[test]
fn each_refusal_has_its_code_and_names_what_it_is_about() {
    let mut failures = String::new();
    for line in include_str!("../data/refusals.txt").lines() {
        if line.is_empty() || line.starts_with("--") {
            continue;
        }
        let (text, expected) = line.split_once(" ==> ").expect(line);
        let refused = refused(text);
        let code = format!("{:?}", refused.code);
        let found = format!("{code}: {}", refused.about);
        if found != expected {
            failures.push_str(&format!("{text} ==> {found}\n"));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    let refused = read_bytes(b"select '\xff'", &Limits::default()).unwrap_err();
    assert_eq!(refused.code, Refusal::TextNotValid);
    assert_eq!(refused.at, Some(8));
}

#[test]
fn a_zero_byte_is_refused() {
    let refused = refused("select 1\0; drop table t");
    assert_eq!(refused.code, Refusal::TextNotValid);
    assert_eq!(refused.at, Some(8));
}

#[test]
fn a_refusal_says_where() {
    assert_eq!(refused("select a, xmlelement(name b)").at, Some(0));
    assert_eq!(
        refused("select 1 from t tablesample system (1)").at,
        Some(28)
    );
    assert_eq!(refused("select 1; select $0").at, Some(17));
}

#[test]
fn nothing_is_read_as_nothing() {
    for text in ["", ";;;", "-- a comment", "/* a */ ; /* b */"] {
        assert_eq!(read(text, &Limits::default()).unwrap(), []);
    }
}

#[test]
fn a_name_of_63_bytes_is_read_and_one_of_64_is_refused() {
    for name in [
        "n".repeat(63),
        format!("{}é", "N".repeat(61)),
        format!("{}\"\"", "n".repeat(62)),
    ] {
        let text = format!("select \"{name}\" from t as \"{name}\"");
        if name.contains('"') {
            // Its end cannot be told from a doubled quote, so it is refused from 60 bytes on.
            assert_eq!(refused(&text).code, Refusal::SyntaxNotSupported);
        } else {
            read(&text, &Limits::default()).unwrap();
        }
    }
    for name in [
        "n".repeat(64),
        format!("{}é", "n".repeat(62)),
        "n".repeat(200),
    ] {
        for text in [
            format!("select {name}"),
            format!("select \"{name}\""),
            format!("select 1 as {name}"),
            format!("select * from {name}"),
            format!("select * from s.{name}"),
            format!("select {name}(1)"),
            format!("select 1::{name}"),
            format!("select f({name} => 1)"),
            format!("with {name} as (select 1) select 1"),
            format!("set {name} to 1"),
            format!("savepoint {name}"),
            format!("declare {name} cursor for select 1"),
        ] {
            assert_eq!(refused(&text).code, Refusal::SyntaxNotSupported, "{text}");
        }
    }
}

#[test]
fn nodes_are_numbered_apart() {
    let text = "select a, f(b) from t, (select c from u) x join v on d = e";
    let statements = read(text, &Limits::default()).unwrap();
    let debug = format!("{statements:?}");
    let mut ids: Vec<u32> = debug
        .split("NodeId(")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap().parse().unwrap())
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), ids[0]), (count, 1));
    assert_eq!(count, 11);
}

#[test]
fn limit_all_is_no_limit() {
    for text in ["select 1 limit all", "select 1 limit null"] {
        let statements = read(text, &Limits::default()).unwrap();
        let [Statement::Query(query)] = statements.as_slice() else {
            panic!("{statements:?}");
        };
        assert_eq!(query.limit, None);
    }
}

#[test]
fn numbers_are_read_as_they_are() {
    let cases = [
        ("0", Constant::Integer(0)),
        ("-5", Constant::Integer(-5)),
        ("2147483648", Constant::Number("2147483648".to_owned())),
        ("-1.50", Constant::Number("-1.50".to_owned())),
    ];
    for (text, constant) in cases {
        let statements = read(&format!("values ({text})"), &Limits::default()).unwrap();
        let [Statement::Query(query)] = statements.as_slice() else {
            panic!("{statements:?}");
        };
        assert_eq!(
            query.body,
            Body::Values(vec![vec![Expression::Constant(constant)]])
        );
    }
}
