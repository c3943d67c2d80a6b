//! Every way past the gate is made at a real server, found, and closed by the SQL that is printed.

use std::collections::BTreeSet;
use std::time::Duration;

use pgschema::Oid;
use postgres::bypass::{Bypass, Governed, Kind, ask, judge};
use postgres::{Link, Options, Target};
use scratch::Server;
use tokio::time::Instant;

use crate::wait;

const DATABASE: &str = "app";

const SCHEMA: &str = "
    CREATE TABLE public.users (id bigint PRIMARY KEY, email text, \"odd Name\" text, unlabelled text);
    CREATE TABLE public.parted (id bigint, body text) PARTITION BY LIST (id);
    CREATE TABLE public.parted_1 PARTITION OF public.parted FOR VALUES IN (1);
    CREATE TABLE public.other (id bigint);
    CREATE ROLE gate LOGIN;
    GRANT USAGE ON SCHEMA public TO gate;
    GRANT SELECT (id, email, \"odd Name\") ON public.users TO gate;
    GRANT SELECT (id, body) ON public.parted TO gate;
    CREATE ROLE bob LOGIN;
    CREATE ROLE team;
    CREATE ROLE empty_team;
";

/// A way past the gate: its kind and subject, and how it is made.
type Case = (Kind, &'static str, &'static str);

const CASES: &[Case] = &[
    (Kind::AccountPower, "SUPERUSER", "ALTER ROLE gate SUPERUSER"),
    (Kind::AccountPower, "BYPASSRLS", "ALTER ROLE gate BYPASSRLS"),
    (
        Kind::AccountPower,
        "CREATEROLE",
        "ALTER ROLE gate CREATEROLE",
    ),
    (
        Kind::AccountPower,
        "REPLICATION",
        "ALTER ROLE gate REPLICATION",
    ),
    (
        Kind::AccountMember,
        "pg_monitor",
        "GRANT pg_monitor TO gate",
    ),
    (Kind::AccountShared, "bob", "GRANT gate TO bob"),
    (
        Kind::AccountOwns,
        "public.users",
        "ALTER TABLE users OWNER TO gate",
    ),
    (
        Kind::AccountReadsMore,
        "public.users",
        "GRANT SELECT ON users TO gate",
    ),
    (
        Kind::AccountReadsMore,
        "public.users",
        "GRANT SELECT (unlabelled) ON users TO gate",
    ),
    (
        Kind::AccountReadsMore,
        "public.parted",
        "GRANT SELECT ON parted TO gate",
    ),
    (
        Kind::AccountReadsMore,
        "public.other",
        "GRANT SELECT ON other TO gate",
    ),
    (
        Kind::AccountReadsLess,
        "public.users",
        "REVOKE SELECT (email, \"odd Name\") ON users FROM gate",
    ),
    (
        Kind::AccountReadsLess,
        "public.users",
        "REVOKE USAGE ON SCHEMA public FROM gate; REVOKE USAGE ON SCHEMA public FROM PUBLIC",
    ),
    (
        Kind::RoleSuperuser,
        "boss",
        "CREATE ROLE boss LOGIN SUPERUSER",
    ),
    (
        Kind::RoleSuperuser,
        "bob in boss",
        "ALTER ROLE boss NOLOGIN SUPERUSER; GRANT boss TO bob",
    ),
    (Kind::RoleReplication, "bob", "ALTER ROLE bob REPLICATION"),
    (Kind::RoleMakesRoles, "bob", "ALTER ROLE bob CREATEROLE"),
    (
        Kind::RoleReadsAll,
        "bob in pg_read_all_data",
        "GRANT pg_read_all_data TO bob",
    ),
    (
        Kind::RoleServerFiles,
        "bob in pg_read_server_files",
        "GRANT pg_read_server_files TO bob",
    ),
    (
        Kind::RoleServerFiles,
        "bob in pg_execute_server_program",
        "GRANT pg_execute_server_program TO bob",
    ),
    (
        Kind::RoleOwner,
        "bob of public.users",
        "ALTER TABLE users OWNER TO bob",
    ),
    (
        Kind::RoleOwner,
        "bob of public.parted_1",
        "ALTER TABLE parted_1 OWNER TO bob",
    ),
    (
        Kind::RoleGrant,
        "bob on public.users",
        "GRANT SELECT ON users TO bob",
    ),
    (
        Kind::RoleGrant,
        "bob on public.users",
        "GRANT SELECT (email) ON users TO bob",
    ),
    (
        Kind::RoleGrant,
        "bob on public.parted_1",
        "GRANT SELECT ON parted_1 TO bob",
    ),
    (
        Kind::RoleGrant,
        "team on public.users",
        "GRANT team TO bob; GRANT SELECT ON users TO team",
    ),
    (
        Kind::RoleTrigger,
        "bob on public.users",
        "GRANT TRIGGER ON users TO bob",
    ),
    (
        Kind::PublicGrant,
        "PUBLIC on public.users",
        "GRANT SELECT (email) ON users TO PUBLIC",
    ),
    (
        Kind::ViewGrant,
        "bob on public.seen",
        "CREATE VIEW seen AS SELECT * FROM users; GRANT SELECT ON seen TO bob",
    ),
    (
        Kind::ViewGrant,
        "PUBLIC on public.again",
        "CREATE VIEW again AS SELECT * FROM seen; GRANT SELECT ON again TO PUBLIC",
    ),
    (
        Kind::RoleOwner,
        "bob of public.copied",
        "CREATE MATERIALIZED VIEW copied AS SELECT * FROM users; ALTER MATERIALIZED VIEW copied OWNER TO bob",
    ),
    (
        Kind::DefaultGrant,
        "bob in public",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO bob",
    ),
    (
        Kind::DefaultGrant,
        "PUBLIC",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
    ),
    (
        Kind::PublicDefiner,
        "public.leak(a integer, b text)",
        "CREATE FUNCTION leak(a int, b text) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT email FROM users'",
    ),
    (
        Kind::PublicFunction,
        "large-objects",
        "GRANT EXECUTE ON FUNCTION lo_get(oid) TO PUBLIC",
    ),
    (
        Kind::PublicFunction,
        "server-files",
        "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO PUBLIC",
    ),
    (
        Kind::PublicFunction,
        "text-as-sql",
        "GRANT EXECUTE ON FUNCTION query_to_xml(text, boolean, boolean, text) TO PUBLIC",
    ),
    (
        Kind::PublicTemporary,
        DATABASE,
        "GRANT TEMPORARY ON DATABASE app TO PUBLIC",
    ),
    (
        Kind::PublicCreate,
        DATABASE,
        "GRANT CREATE ON DATABASE app TO PUBLIC",
    ),
    (
        Kind::PublicCreate,
        "public",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
    ),
    (Kind::ExtensionCode, "file_fdw", "CREATE EXTENSION file_fdw"),
    (
        Kind::ForeignServer,
        "elsewhere",
        "CREATE EXTENSION postgres_fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw",
    ),
    (Kind::ExtensionCode, "postgres_fdw", "SELECT 1"),
    (
        Kind::PublicFunction,
        "other-servers",
        "CREATE EXTENSION dblink",
    ),
    (Kind::ExtensionCode, "dblink", "SELECT 1"),
    (
        Kind::Publication,
        "news",
        "CREATE PUBLICATION news FOR TABLE users, other",
    ),
    (
        Kind::Publication,
        "all_of_it",
        "CREATE PUBLICATION all_of_it FOR ALL TABLES",
    ),
    (
        Kind::Publication,
        "of_schema",
        "CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA public",
    ),
    (
        Kind::ReplicationSlot,
        "tap",
        "SELECT pg_create_logical_replication_slot('tap', 'pgoutput')",
    ),
];

/// What is no way past the gate, so that nobody is sent after nothing.
const HARMLESS: &[&str] = &[
    "GRANT SELECT ON users TO empty_team",
    "GRANT SELECT ON other TO bob",
    "CREATE FUNCTION own() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION own() FROM PUBLIC",
    "CREATE VIEW harmless AS SELECT * FROM other; GRANT SELECT ON harmless TO PUBLIC",
    "GRANT pg_monitor TO bob",
    "CREATE PUBLICATION others FOR TABLE other",
];

fn governed(server: &Server) -> Vec<Governed> {
    let of = |name: &str, columns: &[&str]| Governed {
        relation: Oid(server
            .run(DATABASE, &format!("SELECT 'public.{name}'::regclass::oid"))
            .unwrap()
            .trim()
            .parse()
            .unwrap()),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
    };
    vec![
        of("users", &["id", "email", "odd Name"]),
        of("parted", &["id", "body"]),
    ]
}

fn found(server: &Server, governed: &[Governed]) -> BTreeSet<Bypass> {
    let address = server.url(DATABASE).replace("postgres@", "gate@") + "?sslmode=disable";
    let target = Target::parse(&address, None).unwrap();
    let facts = wait(async {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut link = Link::connect(&target, &Options::default(), deadline)
            .await
            .unwrap();
        ask(&mut link).await.unwrap()
    });
    judge(&facts, governed).into_iter().collect()
}

fn close(server: &Server, bypass: &Bypass) {
    let script = bypass.sql.join("\n");
    assert!(!script.is_empty(), "nothing closes {bypass:?}");
    server
        .run(DATABASE, &script)
        .unwrap_or_else(|error| panic!("{bypass:?}: {error}"));
}

#[test]
fn each_way_past_the_gate_is_found_and_closed_by_its_sql() {
    let settings = [("wal_level", "logical"), ("max_wal_senders", "2")];
    let server = Server::start_with(&settings).unwrap();
    server.create_database(DATABASE).unwrap();
    server.run(DATABASE, SCHEMA).unwrap();
    let governed = governed(&server);
    // What a server has from the beginning. The tests themselves are the first superuser.
    for bypass in found(&server, &governed) {
        if bypass.kind == Kind::RoleSuperuser {
            assert_eq!(bypass.sql, ["ALTER ROLE postgres NOLOGIN;"]);
        } else {
            close(&server, &bypass);
        }
    }
    let kinds = |found: &BTreeSet<Bypass>| -> Vec<String> {
        let found = found.iter();
        found
            .map(|one| format!("{} {}", one.kind, one.subject))
            .collect()
    };
    let ground = found(&server, &governed);
    assert_eq!(kinds(&ground), ["role-superuser postgres"]);
    for (kind, subject, make) in CASES {
        server
            .run(DATABASE, make)
            .unwrap_or_else(|error| panic!("{make}: {error}"));
        let now = found(&server, &governed);
        let bypass = now
            .iter()
            .find(|one| one.kind == *kind && one.subject == *subject)
            .unwrap_or_else(|| panic!("{make}: {kind} {subject} is not in {:#?}", kinds(&now)));
        close(&server, bypass);
        let after = found(&server, &governed);
        assert!(!after.contains(bypass), "{make}: still there: {bypass:?}");
    }
    // None opened another on the way that its own SQL does not close.
    for _ in 0..3 {
        let rest = found(&server, &governed);
        rest.difference(&ground).for_each(|one| close(&server, one));
    }
    assert_eq!(
        kinds(&found(&server, &governed)),
        ["role-superuser postgres"]
    );
    for make in HARMLESS {
        server.run(DATABASE, make).unwrap();
        assert_eq!(kinds(&found(&server, &governed)), kinds(&ground), "{make}");
    }
}

#[test]
fn every_kind_of_bypass_is_made_by_a_test() {
    let made: BTreeSet<Kind> = CASES.iter().map(|(kind, _, _)| *kind).collect();
    let missing: Vec<&Kind> = Kind::ALL
        .iter()
        .filter(|kind| !made.contains(kind))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
