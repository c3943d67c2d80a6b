//! `cordon check` over a deployment and its upstream.

use std::os::unix::fs::PermissionsExt as _;

use super::Setup;
use crate::command::cordon;

#[test]
fn a_check_names_the_ways_past_the_gate_with_the_sql_that_closes_them() {
    let server: &'static scratch::Server = Box::leak(Box::new(scratch::Server::start().unwrap()));
    let setup = Setup::on(server);
    setup.sql(
        "CREATE ROLE bob LOGIN; GRANT SELECT (email) ON users TO bob; CREATE TABLE fresh (a int);",
    );
    setup.sql("ALTER TABLE users ADD COLUMN yet_another text;");
    let ran = cordon(&["check", setup.dir_text()]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    for expected in [
        "listen for PostgreSQL clients at 127.0.0.1:0",
        "offer 1 database (app)",
        "let in 14 people and 1 service of the register, 4 of them with a password",
        "role-grant bob on public.users: bob can read public.users (email)",
        "REVOKE SELECT ON public.users FROM bob;",
        "role-superuser postgres",
        "public.users.yet_another",
        "public.fresh",
        "public.users.added_yesterday",
        "pg-hba:",
    ] {
        assert!(
            ran.out.contains(expected),
            "`{expected}` is not in\n{}",
            ran.out
        );
    }

    let ran = cordon(&["check", setup.dir_text(), "--json"]);
    let value: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let bypasses = value["upstreams"]["app"]["bypasses"].as_array().unwrap();
    let of_account =
        |one: &&serde_json::Value| one["name"].as_str().unwrap().starts_with("account");
    // It has what it needs, and no more.
    assert_eq!(bypasses.iter().find(of_account), None);
    let found = bypasses
        .iter()
        .find(|one| one["name"] == "role-grant")
        .unwrap();
    for sql in found["sql"].as_array().unwrap() {
        setup.sql(sql.as_str().unwrap());
    }
    let ran = cordon(&["check", setup.dir_text()]);
    assert!(!ran.out.contains("role-grant"), "{}", ran.out);
}

#[test]
fn a_check_tells_what_must_be_mended_before_the_gateway_can_run() {
    let setup = Setup::new();
    let key = setup.file("secrets/pseudonym.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    setup.change(
        "cordon.toml",
        "plain_loopback = true\n",
        "\n[tls]\ncertificate = \"gate.pem\"\nkey = \"gate.key\"\n",
    );
    let ran = cordon(&["check", setup.dir_text()]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("chmod 600"), "{}", ran.out);
    assert!(ran.out.contains("gate.pem"), "{}", ran.out);
}

#[test]
fn a_check_that_cannot_ask_the_upstream_says_so() {
    let setup = Setup::new();
    let url = format!("/{}?", setup.database());
    setup.change("cordon.toml", &url, "/there_is_no_such_database?");
    let ran = cordon(&["check", setup.dir_text()]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("upstream app: cannot tell"), "{}", ran.out);
}
