//! Figures that tools ask for and that nobody is told: what was counted, and how the server is set up.

use super::tools::{EXTRA, SCHEMA};
use super::world::{Outcome, Row, World};

/// What tools join with for numbers that nobody is told: names of what is seen, and nothing that was counted.
#[test]
fn statistics_name_what_is_seen_and_count_nothing() {
    let world = World::new("tools_counts", &[SCHEMA, EXTRA]);
    let rows = |who: &str, text: &str| match world.run(who, text, &[]) {
        Outcome::Rows(_, rows) => rows,
        other => panic!("{text}: {other:?}"),
    };
    for relation in [
        "pg_stat_all_tables",
        "pg_stat_user_tables",
        "pg_statio_all_tables",
        "pg_statio_user_tables",
    ] {
        let told = rows("part", &format!("SELECT * FROM {relation}"));
        assert!(told.iter().any(|row| row[2].as_deref() == Some("users")));
        for row in &told {
            assert!(row[3..].iter().all(Option::is_none), "{relation}: {row:?}");
            assert!(!format!("{row:?}").contains("canary"), "{row:?}");
        }
        let own = format!("SELECT relname FROM {relation} WHERE relid >= 16384::oid");
        assert_eq!(rows("nobody", &own), Vec::<Row>::new());
    }
    for relation in [
        "pg_replication_slots",
        "pg_prepared_xacts",
        "pg_stat_database",
    ] {
        let told = rows("full", &format!("SELECT * FROM {relation}"));
        assert_eq!(told, Vec::<Row>::new(), "{relation}");
    }
    // Transactions and uses of an index are counted too.
    for text in [
        "SELECT DISTINCT xmin::text FROM pg_class",
        "SELECT DISTINCT a.xmin::text FROM pg_attribute a",
        "SELECT DISTINCT CASE WHEN c.xmin::text <> '0' THEN 'busy' ELSE '0' END FROM pg_constraint c",
    ] {
        assert_eq!(rows("part", text), [vec![Some("0".to_owned())]], "{text}");
    }
    let used = "SELECT count(pg_stat_get_numscans(indexrelid)) FROM pg_index";
    assert_eq!(rows("part", used), [vec![Some("0".to_owned())]]);
    for text in [
        "SELECT xmin FROM public.users",
        "SELECT u.xmin FROM public.users u",
        "SELECT xmax FROM pg_class",
        "SELECT ctid FROM pg_class",
        "SELECT x.xmin FROM (SELECT 1 AS a) x, pg_class c",
        "SELECT t.xmin FROM information_schema.tables t",
        "SELECT pg_stat_get_live_tuples(c.oid) FROM pg_class c",
        "SELECT pg_stat_get_tuples_inserted(c.oid) FROM pg_class c",
    ] {
        let outcome = world.run("part", text, &[]);
        assert!(
            matches!(outcome, Outcome::Refused(_)),
            "{text}: {outcome:?}"
        );
    }
}

/// The server's settings are those of the gate, however they are asked for.
#[test]
fn settings_of_the_server_are_told_in_no_way() {
    let world = World::new("tools_settings", &[SCHEMA]);
    let ask = |text: &str| world.run("part", text, &[]);
    let listed = ask("SELECT name, setting, reset_val FROM pg_settings ORDER BY 1");
    for text in [
        "SELECT name, setting, reset_val FROM pg_show_all_settings() ORDER BY 1",
        "SELECT s.name, s.setting, s.reset_val FROM pg_catalog.pg_show_all_settings() AS s ORDER BY 1",
    ] {
        assert_eq!(ask(text), listed, "{text}");
    }
    let told = format!("{listed:?}");
    for never in [
        "data_directory",
        "hba_file",
        "shared_buffers",
        "log_statement",
    ] {
        assert!(!told.contains(never), "{never}");
    }
    for text in [
        "SELECT pg_show_all_settings()",
        "SELECT (pg_show_all_settings()).name",
        "SELECT * FROM ROWS FROM (pg_show_all_settings(), generate_series(1, 2)) x",
        "SELECT * FROM public.pg_show_all_settings()",
        "SELECT current_setting('data_directory')",
    ] {
        assert!(matches!(ask(text), Outcome::Refused(_)), "{text}");
    }
    let hidden = ask("SELECT current_setting(x) FROM (VALUES ('data_' || 'directory')) v(x)");
    assert!(!format!("{hidden:?}").contains('/'), "{hidden:?}");
}
