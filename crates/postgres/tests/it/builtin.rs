//! The lists of `pgschema` against the server that is installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use pgschema::builtin::{FunctionClass, functions, operators};
use scratch::Server;

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
