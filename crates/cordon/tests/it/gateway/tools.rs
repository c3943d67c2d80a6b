//! How tools begin their sessions, through the gateway: the settings of tests/tools/, and what pgAdmin and
//! Sequelize send as one message.

use tokio_postgres::{Client, SimpleQueryMessage};

use super::Raw;
use crate::catalogue::{TOOLS, asked};
use crate::serve::{Gateway, wait};

/// Rows as texts.
async fn rows(client: &Client, sql: &str) -> Vec<Vec<String>> {
    let messages = client.simple_query(sql).await;
    let messages = messages.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let mut rows = Vec::new();
    for message in messages {
        if let SimpleQueryMessage::Row(row) = message {
            let cell = |place| row.get(place).unwrap_or("-").to_owned();
            rows.push((0..row.len()).map(cell).collect());
        }
    }
    rows
}

#[test]
fn each_tool_may_set_and_show_what_it_does() {
    let gateway = Gateway::start();
    let mut asked_for = 0;
    for (tool, file) in TOOLS {
        let mut raw = Raw::connect(gateway.address(), "ana.home");
        for one in asked(file) {
            let lower = one.text.to_ascii_lowercase();
            let is_setting = ["set ", "show ", "select set_config("]
                .iter()
                .any(|word| lower.starts_with(word));
            if !is_setting {
                continue;
            }
            asked_for += 1;
            let answers = raw.query(one.text.trim());
            assert!(
                answers.iter().all(|answer| !answer.starts_with("Error")),
                "{tool}: {} {answers:?}",
                one.text
            );
        }
    }
    assert!(asked_for > 15, "{asked_for}");
}

#[test]
fn several_settings_in_one_message_are_all_set() {
    let gateway = Gateway::start();
    wait(async {
        let client = gateway.connect("ana.home").await.unwrap();
        let pgadmin = "SET DateStyle=ISO; SET client_min_messages=notice; \
                       SELECT set_config('bytea_output','hex',false) FROM pg_show_all_settings() \
                       WHERE name = 'bytea_output'; SET client_encoding='utf-8';";
        assert_eq!(rows(&client, pgadmin).await, [["hex"]]);
        let sequelize =
            "SET client_min_messages TO warning;SET TIME ZONE INTERVAL '+05:30' HOUR TO MINUTE;";
        rows(&client, sequelize).await;
        assert_eq!(rows(&client, "SHOW timezone").await, [["<+05:30>-05:30"]]);
        let zone = "SELECT extract(timezone FROM now())::int";
        assert_eq!(rows(&client, zone).await, [["19800"]]);
    });
}

#[test]
fn a_setting_that_is_called_for_is_set() {
    let gateway = Gateway::start();
    wait(async {
        let client = gateway.connect("ana.home").await.unwrap();
        let zone = "SELECT extract(timezone FROM now())::int";
        let set = "SELECT pg_catalog.set_config('TimeZone', 'Asia/Tokyo', false)";
        assert_eq!(rows(&client, set).await, [["Asia/Tokyo"]]);
        assert_eq!(rows(&client, "SHOW timezone").await, [["Asia/Tokyo"]]);
        assert_eq!(rows(&client, zone).await, [["32400"]]);
        // For a transaction alone, and in the extended protocol.
        rows(&client, "BEGIN").await;
        let row = client
            .query_one("SELECT set_config('timezone', 'UTC', true)", &[])
            .await
            .unwrap();
        assert_eq!(row.columns()[0].name(), "set_config");
        assert_eq!(row.get::<_, String>(0), "UTC");
        assert_eq!(rows(&client, zone).await, [["0"]]);
        rows(&client, "ROLLBACK").await;
        assert_eq!(rows(&client, zone).await, [["32400"]]);
        // Nobody else's session has it.
        let other = gateway.connect("ana.home").await.unwrap();
        assert_eq!(rows(&other, zone).await, [["0"]]);
    });
}

#[test]
fn nothing_else_is_set_by_a_call() {
    let gateway = Gateway::start();
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    for sql in [
        "select set_config('search_path', 'evil', false)",
        "select set_config('role', 'ana.home', false)",
        "select set_config('row_security', 'off', false)",
        "select set_config('statement_timeout', '0', false)",
        "select set_config('timezone', 'UTC', false), 1",
        "select set_config('timezone', current_user, false)",
        "select set_config('timezone', 'UTC', false) from pg_class",
        "select set_config('timezone', 'UTC', false) where true",
        "select set_config('time' || 'zone', 'UTC', false)",
        "select set_config(name, 'UTC', false) from pg_show_all_settings() where name = 'timezone'",
        "select set_config('timezone', 'UTC', false) from pg_show_all_settings() where name = 'role'",
        "select length(set_config('timezone', 'UTC', false))",
        "select * from (select set_config('timezone', 'UTC', false)) x",
    ] {
        let answers = raw.query(sql);
        assert!(
            answers[0].contains("function-not-allowed"),
            "{sql}: {answers:?}"
        );
    }
    let within = "with x as (select set_config('timezone', 'UTC', false)) select * from x";
    let answers = raw.query(within);
    assert!(answers[0].contains("syntax-not-supported"), "{answers:?}");
}
