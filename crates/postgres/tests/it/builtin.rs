//! The lists of `pgschema` against the server that is installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use pgschema::builtin::{FunctionClass, functions, operators};
use scratch::Server;

use crate::schema_of;

#[test]
fn the_generated_lists_are_what_the_server_has() {
    let server = Server::start().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pgschema/data");
    let made = tempfile::tempdir().unwrap();
    let status = Command::new(server.psql_path())
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file"])
        .arg(data.join("generate.sql"))
        .arg(format!("--dbname={}", server.socket_url("postgres")))
        .current_dir(made.path())
        .status()
        .unwrap();
    assert!(status.success());
    if server.version().contains(" 15.") {
        for name in ["types-15.tsv", "functions-15.tsv", "operators-15.tsv"] {
            let listed = fs::read_to_string(data.join(name)).unwrap();
            let found = fs::read_to_string(made.path().join(name)).unwrap();
            let mut wrong: Vec<&str> = listed.lines().collect();
            for line in found.lines() {
                match wrong.iter().position(|one| *one == line) {
                    Some(place) => drop(wrong.remove(place)),
                    None => panic!("{name} does not list: {line}"),
                }
            }
            assert_eq!(wrong, Vec::<&str>::new(), "{name} lists what is not there");
        }
        return;
    }
    // Another major version has more; what is allowed must be there all the same.
    let names = |file: &str| -> Vec<String> {
        let text = fs::read_to_string(made.path().join(file)).unwrap();
        text.lines()
            .map(|line| line.split('\t').next().unwrap().to_owned())
            .collect()
    };
    let found = names("functions-15.tsv");
    for function in functions().filter(|one| one.class != FunctionClass::Refused) {
        assert!(
            found.iter().any(|name| name == function.name),
            "no function {}",
            function.name
        );
    }
    let found = names("operators-15.tsv");
    for operator in operators().filter(|one| one.allowed) {
        assert!(
            found.iter().any(|name| name == operator.name),
            "no operator {}",
            operator.name
        );
    }
}

/// A new signature in a version that was reviewed means that the review is of something else.
#[test]
fn every_signature_of_a_reviewed_extension_was_looked_at() {
    let server = Server::start().unwrap();
    let schema = schema_of(
        &server,
        "app",
        r#"create schema ext; create extension citext schema ext; create extension hstore schema ext;
           create extension pg_trgm schema ext; create extension "uuid-ossp" schema ext;
           create function ext.citext_eq(text, text) returns bool language sql as 'select true';
           create extension dblink;"#,
    );
    let snapshot = schema.snapshot();
    let other =
        |extension: &Option<String>| extension.as_deref().is_none_or(|name| name == "dblink");
    for function in &snapshot.functions {
        let found = schema.reviewed_function(function);
        assert_eq!(
            found.is_none(),
            other(&function.extension),
            "{} {:?}",
            function.name,
            found
        );
        let Some(found) = found else { continue };
        let fits = match found.class {
            FunctionClass::Pure => function.kind == 'f' && !function.returns_set,
            FunctionClass::Aggregate => function.kind == 'a',
            FunctionClass::SetReturning => function.returns_set,
            FunctionClass::Window => function.kind == 'w',
            FunctionClass::Volatile | FunctionClass::Session | FunctionClass::Refused => true,
        };
        assert!(fits, "{} is {:?}", function.name, found.class);
    }
    for operator in &snapshot.operators {
        let found = schema
            .reviewed_operator(operator)
            .unwrap_or_else(|| panic!("{}", operator.name));
        // An operator is no way around its function.
        let mut behind = snapshot.functions.iter();
        if let Some(function) = behind.find(|one| one.oid == operator.function) {
            let function = schema.reviewed_function(function).unwrap();
            assert_eq!(
                (function.class, function.total),
                (FunctionClass::Pure, found.total)
            );
        }
    }
    let allowed: Vec<&str> = snapshot
        .types
        .iter()
        .filter(|item| schema.reviewed_type(item))
        .map(|item| item.name.as_str())
        .collect();
    assert_eq!(allowed, ["citext", "_citext", "hstore", "_hstore"]);
}
