//! The lists of `pgschema` against the server that is installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use pgschema::builtin::FunctionClass;
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
    // `15.18` stands in the version of an installed server.
    let major: u32 = server
        .version()
        .split(|c: char| !c.is_ascii_digit())
        .find_map(|digits| digits.parse().ok())
        .unwrap();
    for name in ["types.tsv", "functions.tsv", "operators.tsv"] {
        let listed = fs::read_to_string(data.join(name)).unwrap();
        let found = fs::read_to_string(made.path().join(name)).unwrap();
        let mut wrong: Vec<&str> = listed
            .lines()
            .filter_map(|line| {
                let mut parts = line.rsplitn(3, '\t');
                let (last, first) = (parts.next()?, parts.next()?);
                if name != "functions.tsv" {
                    return Some(line);
                }
                let versions = first.parse::<u32>().unwrap()..=last.parse().unwrap();
                versions.contains(&major).then(|| parts.next().unwrap())
            })
            .collect();
        for line in found.lines() {
            match wrong.iter().position(|one| *one == line) {
                Some(place) => drop(wrong.remove(place)),
                None => panic!("{name} does not list: {line}"),
            }
        }
        assert_eq!(wrong, Vec::<&str>::new(), "{name} lists what is not there");
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

/// A name that is reviewed in part would be refused as a whole, and one that nobody looked at is.
#[test]
fn the_predicates_of_postgis_are_reviewed_with_every_overload() {
    let server = Server::start().unwrap();
    let schema = schema_of(
        &server,
        "app",
        "create schema ext; create extension postgis schema ext",
    );
    let snapshot = schema.snapshot();
    let reviewed = |name: &str| -> Vec<bool> {
        let all = snapshot.functions.iter().filter(|one| one.name == name);
        all.map(|one| {
            schema
                .reviewed_function(one)
                .is_some_and(|found| found.class == FunctionClass::Pure)
        })
        .collect()
    };
    for name in "st_intersects st_contains st_within st_dwithin st_covers st_coveredby st_equals \
                 st_touches st_overlaps st_crosses st_disjoint st_distance st_x st_y st_point \
                 st_makepoint st_setsrid st_geomfromtext st_astext st_area st_length geometry"
        .split_whitespace()
    {
        let found = reviewed(name);
        assert!(
            !found.is_empty() && found.iter().all(|fine| *fine),
            "{name} {found:?}"
        );
    }
    for name in "st_transform st_estimatedextent st_findextent st_asgeojson postgis_version \
                 addgeometrycolumn dropgeometrytable updategeometrysrid st_dump st_union populate_geometry_columns"
        .split_whitespace()
    {
        let found = reviewed(name);
        assert!(!found.is_empty() && found.iter().all(|fine| !*fine), "{name} {found:?}");
    }
    for operator in &snapshot.operators {
        let found = schema.reviewed_operator(operator);
        assert!(found.is_some_and(|found| !found.total), "{}", operator.name);
    }
    let mut partly: Vec<&str> = Vec::new();
    for function in &snapshot.functions {
        let all = reviewed(&function.name);
        if all.iter().any(|fine| *fine) && !all.iter().all(|fine| *fine) {
            partly.push(&function.name);
        }
    }
    assert_eq!(partly, Vec::<&str>::new());
}
