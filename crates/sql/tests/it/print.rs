//! What is printed, as text.

use sql::{Limits, print, read};

#[track_caller]
fn prints(text: &str, expected: &str) {
    let statements = read(text, &Limits::default()).unwrap();
    let printed: Vec<String> = statements.iter().map(print).collect();
    assert_eq!(printed.join("; "), expected);
}

#[test]
fn names_are_quoted() {
    prints(
        r#"select a."X""y" as z from S.t"#,
        r#"SELECT "a"."X""y" AS "z" FROM "s"."t""#,
    );
}

#[test]
fn operations_are_bracketed() {
    prints(
        "select -a * (b + 2) < -3 and not c",
        r#"SELECT ((((- "a") * ("b" + 2)) < (-3)) AND (NOT "c"))"#,
    );
}

#[test]
fn texts_are_quoted_once() {
    prints(
        r"select 'it''s', e'a\\b', 'a\b', B'10', x'1f'",
        r"SELECT 'it''s', E'a\\b', E'a\\b', B'10', X'1f'",
    );
}

#[test]
fn operators_keep_their_schema() {
    prints(
        "select a + b, a operator(pg_catalog.+) b",
        r#"SELECT ("a" + "b"), ("a" OPERATOR("pg_catalog".+) "b")"#,
    );
}

#[test]
fn types_are_named_in_full() {
    prints(
        "select a::int, interval '1' hour to second(2), a::numeric(10,2)[]",
        r#"SELECT CAST("a" AS "pg_catalog"."int4"), CAST('1' AS "pg_catalog"."interval"(7168, 2)), CAST("a" AS "pg_catalog"."numeric"(10, 2)[])"#,
    );
}

#[test]
fn syntax_of_its_own_becomes_a_call() {
    prints(
        "select extract(year from a), trim(a), position(a in b), a at time zone 'UTC'",
        r#"SELECT "pg_catalog"."extract"('year', "a"), "pg_catalog"."btrim"("a"), "pg_catalog"."position"("b", "a"), "pg_catalog"."timezone"('UTC', "a")"#,
    );
}

#[test]
fn similar_to_is_wrapped_once() {
    prints(
        "select a similar to 'x' escape '!'",
        r#"SELECT ("a" SIMILAR TO 'x' ESCAPE '!')"#,
    );
}

#[test]
fn a_copied_table_becomes_its_query() {
    prints(
        "copy s.t (a, b) to stdout csv header",
        r#"COPY (SELECT "t"."a", "t"."b" FROM ONLY "s"."t") TO STDOUT WITH ("format" 'csv', "header" 'true')"#,
    );
}

#[test]
fn joins_are_bracketed() {
    prints(
        "select * from a left join b using (x) as j natural join c, lateral (select 1) d",
        r#"SELECT * FROM (("a" LEFT JOIN "b" USING ("x") AS "j") NATURAL JOIN "c"), LATERAL (SELECT 1) AS "d""#,
    );
}
