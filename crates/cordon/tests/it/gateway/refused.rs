//! What the gateway itself refuses, by code.

use super::{Entries, Raw};
use crate::serve::{Gateway, PASSWORD, Setup};

fn refusal(gateway: &Gateway, user: &str, password: &str, database: &str) -> String {
    let (_, answers) = Raw::try_connect(gateway.address(), user, password, database, &[]);
    answers.last().unwrap().clone()
}

#[test]
fn nobody_learns_who_exists() {
    let gateway = Gateway::start();
    let known = refusal(&gateway, "ana.home", "wrong", "app");
    let unknown = refusal(&gateway, "nobody.at.all", "wrong", "app");
    assert!(known.contains("authentication-failed"), "{known}");
    assert_eq!(known, unknown);
    let unknown = refusal(&gateway, "ana.home", PASSWORD, "no_such");
    assert!(unknown.contains("database-unknown"), "{unknown}");
    let (_, setup) = gateway.stop();
    assert!(!Entries::of(&setup).of_kind("refusal").is_empty());
}

#[test]
fn without_tls_only_this_host_comes_in_and_only_if_the_operator_says_so() {
    let setup = Setup::new();
    setup.change("cordon.toml", "plain_loopback = true\n", "");
    let authority = identity::certificates::Authority::make("test", validity()).unwrap();
    let server = authority.server(&["localhost"], validity()).unwrap();
    server.write(setup.dir(), "server").unwrap();
    let settings = std::fs::read_to_string(setup.file("cordon.toml")).unwrap();
    let tls = "\n[tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\n";
    std::fs::write(setup.file("cordon.toml"), settings + tls).unwrap();
    let names: Vec<_> = std::fs::read_dir(setup.dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    let has = |end: &str| {
        names
            .iter()
            .any(|name| name.to_string_lossy() == format!("server.{end}"))
    };
    if !has("pem") {
        setup.change("cordon.toml", "server.pem", "server.crt");
    }
    let gateway = setup.start();
    let (_, answers) = Raw::try_connect(gateway.address(), "ana.home", PASSWORD, "app", &[]);
    assert!(answers[0].contains("tls-needed"), "{answers:?}");
}

fn validity() -> identity::certificates::Validity {
    identity::certificates::Validity {
        from: model::Timestamp::from_seconds(1_700_000_000),
        until: model::Timestamp::from_seconds(2_500_000_000),
    }
}

#[test]
fn what_is_no_message_ends_the_session() {
    let gateway = Gateway::start();
    // A length below four, an unknown type, a NUL inside a Query that would start a second message.
    for bytes in [
        &b"Q\0\0\0\x03"[..],
        b"?\0\0\0\x04",
        b"Q\0\0\0\x12select 1\0DROP\0",
        b"Q\0\0\0\x0aselec\xff\0",
        b"Q\x7f\xff\xff\xff",
    ] {
        let mut raw = Raw::connect(gateway.address(), "mei.eligible");
        raw.send_bytes(bytes);
        let answer = raw.next();
        assert!(answer.contains("protocol-violation"), "{bytes:?}: {answer}");
        assert_eq!(raw.next(), "closed");
    }
    // A function call past SQL.
    let mut raw = Raw::connect(gateway.address(), "mei.eligible");
    raw.send_bytes(b"F\0\0\0\x0e\0\0\0\x01\0\0\0\0\0\0");
    assert!(raw.next().contains("message-not-allowed"));
    // Replication.
    let more = [("replication", "database")];
    let (_, answers) = Raw::try_connect(gateway.address(), "ana.home", PASSWORD, "app", &more);
    assert!(answers[0].contains("message-not-allowed"), "{answers:?}");
    // A second wish for a session where a password is due.
    let mut raw = Raw::open(gateway.address());
    let parameters = [("user", "ana.home"), ("database", "app")];
    wire::frontend::startup(&mut raw.out, wire::Minor::Zero, parameters).unwrap();
    raw.send();
    raw.next();
    wire::frontend::startup(&mut raw.out, wire::Minor::Zero, parameters).unwrap();
    raw.send();
    let answer = raw.next();
    assert!(
        answer.contains("protocol-violation") || answer == "closed",
        "{answer}"
    );
}

#[test]
fn settings_at_the_start_are_those_of_the_table() {
    let gateway = Gateway::start();
    for (more, code) in [
        (("options", "-c search_path=public"), None),
        (("options", "-c role=postgres"), Some("setting-not-allowed")),
        (
            ("session_authorization", "postgres"),
            Some("setting-not-allowed"),
        ),
        (("row_security", "off"), Some("setting-not-allowed")),
        (
            ("client_encoding", "LATIN1"),
            Some("setting-value-not-allowed"),
        ),
        (("options", "-d 5"), Some("setting-not-allowed")),
    ] {
        let (_, answers) =
            Raw::try_connect(gateway.address(), "ana.home", PASSWORD, "app", &[more]);
        let last = answers.last().unwrap();
        match code {
            None => assert_eq!(last, "Ready I", "{more:?}"),
            Some(code) => assert!(last.contains(code), "{more:?}: {last}"),
        }
    }
}

#[test]
fn one_person_cannot_take_all_places() {
    let setup = Setup::new();
    setup.change(
        "cordon.toml",
        "\n[gateway]",
        "\n[limits]\nsessions = 3\nidle_s = 2\n\n[gateway]",
    );
    let gateway = setup.start();
    let held: Vec<Raw> = (0..3)
        .map(|_| Raw::connect(gateway.address(), "ana.home"))
        .collect();
    let refused = refusal(&gateway, "mei.eligible", PASSWORD, "app");
    assert!(refused.contains("too-many-sessions"), "{refused}");
    // And who says nothing is let go.
    let mut silent = held.into_iter().next().unwrap();
    assert!(silent.next().contains("timeout-reached"));
    assert_eq!(silent.next(), "closed");
}

#[test]
fn masked_columns_fail_where_the_session_asks_for_it() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    raw.parse("before", "select name from users");
    raw.sync();
    raw.query("set cordon.masked_mode = refuse");
    let refused = raw.query("select name from users");
    assert!(refused[0].contains("masked-refused"), "{refused:?}");
    raw.bind("", "before").execute("", 0);
    let answers = raw.sync();
    assert!(
        answers
            .iter()
            .any(|answer| answer.contains("masked-refused")),
        "{answers:?}"
    );
    assert!(
        raw.query("select title from regions")
            .contains(&"Complete SELECT 2".to_owned())
    );
}

#[test]
fn a_data_store_that_is_gone_is_said() {
    static SERVER: std::sync::LazyLock<scratch::Server> =
        std::sync::LazyLock::new(|| scratch::Server::start().expect("PostgreSQL starts"));
    let gateway = Setup::on(&SERVER).start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    assert!(
        raw.query("select 1")
            .contains(&"Complete SELECT 1".to_owned())
    );
    let kill = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'cordon'";
    gateway
        .setup
        .sql(&format!("alter role cordon nologin; {kill}"));
    let answers = raw.query("select id from users");
    let is_said = |answer: &String| {
        // While nobody watches the schema nothing governed begins, either.
        answer.contains("upstream-unavailable") || answer.contains("schema-changing")
    };
    assert!(answers.iter().any(is_said), "{answers:?}");
}

#[test]
fn a_right_that_ends_cuts_what_it_allowed() {
    let gateway = Gateway::start();
    gateway.setup.sql(
        "insert into users (id, name, country) select g, 'N', 'SG' from generate_series(100, 400000) g",
    );
    let mut raw = Raw::connect(gateway.address(), "mei.eligible");
    raw.run("select id, name from users");
    wire::frontend::sync(&mut raw.out);
    raw.send();
    // It flows.
    while !raw.next().starts_with("Rows") {}
    let people = "  mei.eligible:\n";
    gateway.setup.change(
        "people.yaml",
        people,
        &format!("{people}    disabled: true\n"),
    );
    gateway.signal("HUP");
    gateway.wait_for_line("reloaded");
    let mut last = raw.next();
    while last.starts_with("Rows") {
        last = raw.next();
    }
    assert!(
        last.contains("person-disabled") || last.contains("right-ended") || last == "closed",
        "{last}"
    );
    let (_, setup) = gateway.stop();
    let entries = Entries::of(&setup);
    let (rows, end) = &entries.outcomes()[0];
    assert!(*rows < 400_000, "{rows}");
    assert_ne!(end, "complete");
}

/// The view is the same, class by class; which rows are of which class is not.
#[test]
fn what_runs_is_cut_when_other_rows_would_be_shown() {
    let gateway = Gateway::start();
    gateway.setup.sql(
        "insert into videos (id, owner_id, title, visibility) \
         select g, (select min(id) from users), 'T' || g, 'public' from generate_series(100, 400000) g",
    );
    let mut raw = Raw::connect(gateway.address(), "mei.eligible");
    raw.run("select id, title from videos");
    wire::frontend::sync(&mut raw.out);
    raw.send();
    while !raw.next().starts_with("Rows") {}
    let (old, new) = (
        "visibility = 'public' AND deleted_at IS NULL",
        "visibility = 'listed' AND deleted_at IS NULL",
    );
    gateway.setup.change("catalog/app.yaml", old, new);
    gateway.signal("HUP");
    gateway.wait_for_line("reloaded: ");
    let mut last = raw.next();
    while last.starts_with("Rows") {
        last = raw.next();
    }
    assert!(last.contains("right-ended"), "{last}");
    // Read again, it is what may be seen now.
    raw.until_ready();
    let answers = raw.query("select id, title from videos");
    let is_whole = |answer: &String| answer.starts_with("Complete SELECT");
    assert!(answers.iter().any(is_whole), "{answers:?}");
}
