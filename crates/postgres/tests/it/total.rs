//! What the review calls total, tried on the values where functions break.
//!
//! This proves nothing; it finds a slip. What was proved is said in the review.

use std::fmt::Write;

use pgschema::Oid;
use pgschema::builtin::{FunctionClass, functions, operators, type_by_oid};
use scratch::Server;

/// Values at the edges of each type, as literals.
fn edges(type_name: &str) -> Vec<String> {
    let list: &[&str] = match type_name {
        "bool" => &["f", "t"],
        "char" => &["", "a", "\\377"],
        "int2" => &["-32768", "0", "32767"],
        "int4" => &["-2147483648", "0", "2147483647"],
        "int8" => &["-9223372036854775808", "0", "9223372036854775807"],
        "oid" => &["0", "4294967295"],
        "float4" => &[
            "-Infinity",
            "-3.4e38",
            "-0",
            "1e-45",
            "3.4e38",
            "Infinity",
            "NaN",
        ],
        "float8" => &[
            "-Infinity",
            "-1.7e308",
            "-0",
            "5e-324",
            "1.7e308",
            "Infinity",
            "NaN",
        ],
        "numeric" => &[
            "-Infinity",
            "-1e131000",
            "0",
            "1e-16383",
            "1e131000",
            "Infinity",
            "NaN",
        ],
        "money" => &["-92233720368547758.08", "0", "92233720368547758.07"],
        "text" | "bpchar" | "name" => &[
            "",
            " ",
            "a",
            "\\",
            "%",
            "ü",
            "İ",
            "ŉ",
            "ǰ",
            "ΐ",
            "ß",
            "ﬃ",
            "日本",
            "\u{10ffff}",
            "\u{300}",
        ],
        "bytea" => &["", "\\x00", "\\xff00"],
        "bit" => &["0", "1"],
        "varbit" => &["", "0", "10101010101"],
        "uuid" => &[
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ],
        "date" => &[
            "-infinity",
            "4713-01-01 BC",
            "2000-01-01",
            "5874897-12-31",
            "infinity",
        ],
        "time" => &["00:00", "24:00"],
        "timetz" => &["00:00+15:59", "24:00-15:59", "12:00Z"],
        "timestamp" | "timestamptz" => &[
            "-infinity",
            "4713-01-02 BC",
            "2000-01-01",
            "294276-12-30 00:00",
            "infinity",
        ],
        "interval" => &[
            "-178000000 years",
            "0",
            "178000000 years",
            "2147483647 days",
            "2562047788 hours",
        ],
        "inet" => &["0.0.0.0/0", "255.255.255.255", "::/0", "ffff::1/128"],
        "macaddr" => &["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"],
        "macaddr8" => &["00:00:00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff:ff:ff"],
        "anyenum" => &["sad", "glad"],
        other => panic!("no edges are known for {other}"),
    };
    let written = match type_name {
        "anyenum" => "mood".to_owned(),
        "bit" => "pg_catalog.\"bit\"".to_owned(),
        other => format!("pg_catalog.\"{other}\""),
    };
    let mut edges: Vec<String> = list
        .iter()
        .map(|value| format!("('{value}'::{written})"))
        .collect();
    edges.push(format!("(null::{written})"));
    if matches!(type_name, "text" | "bpchar") {
        edges.push(format!("(pg_catalog.repeat('Aü', 100000)::{written})"));
    }
    edges
}

/// Calls `expression`, which is over `$1` and `$2`, with every pair of edges.
fn all_pairs(script: &mut String, expression: &str, arguments: &[Oid]) {
    let names: Vec<&str> = arguments
        .iter()
        .map(|oid| type_by_oid(*oid).unwrap().name)
        .collect();
    let mut sources = String::from("(values (1)) x0 (n)");
    let mut call = expression.to_owned();
    for (place, name) in names.iter().enumerate() {
        let column = format!("x{}", place + 1);
        write!(
            sources,
            ", (values {}) {column} (v)",
            edges(name).join(", ")
        )
        .unwrap();
        call = call.replace(&format!("${}", place + 1), &format!("{column}.v"));
    }
    writeln!(script, "select count({call}) from {sources};").unwrap();
}

#[test]
fn what_is_total_does_not_fail_at_the_edges() {
    let server = Server::start().unwrap();
    server
        .run("postgres", "create type mood as enum ('sad', 'glad');")
        .unwrap();
    let mut script = String::from("set timezone = 'Asia/Kathmandu'; set search_path = public;\n");
    let mut tried = 0;
    for function in functions().filter(|one| one.class == FunctionClass::Pure) {
        for overload in function.overloads.iter().filter(|one| one.total) {
            let places: Vec<String> = (1..=overload.arguments.len())
                .map(|place| format!("${place}"))
                .collect();
            let call = format!("pg_catalog.\"{}\"({})", function.name, places.join(", "));
            all_pairs(&mut script, &call, &overload.arguments);
            tried += 1;
        }
    }
    for operator in operators() {
        for overload in operator.overloads.iter().filter(|one| one.total) {
            let name = operator.name;
            match overload.left {
                None => all_pairs(
                    &mut script,
                    &format!("operator(pg_catalog.{name}) $1"),
                    &[overload.right],
                ),
                Some(left) => all_pairs(
                    &mut script,
                    &format!("$1 operator(pg_catalog.{name}) $2"),
                    &[left, overload.right],
                ),
            }
            tried += 1;
        }
    }
    server
        .run("postgres", &script)
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(tried > 300, "{tried}");
}
