//! What a session tells of itself in SQL: access, the last refusal, explanations, cursors and prepared
//! statements. Nobody learns from it what a statement would not tell them.

use std::process::Command;

use tokio_postgres::{Client, SimpleQueryMessage};

use super::{Entries, Raw};
use crate::serve::{Gateway, PASSWORD, wait};

const PEOPLE: [&str; 4] = ["ana.home", "mei.eligible", "jun.covered", "li.beijing"];

/// Rows as texts, NULL as `-`.
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

async fn code_of(client: &Client, sql: &str) -> String {
    let Err(error) = client.simple_query(sql).await else {
        panic!("{sql} is not refused");
    };
    let detail = error.as_db_error().and_then(|error| error.detail());
    let detail = detail.unwrap_or_default();
    let code = detail.strip_prefix("refusal code: ").unwrap_or(detail);
    code.split(';').next().unwrap_or_default().to_owned()
}

/// The statement as the argument of `cordon.explain`.
fn explained(sql: &str) -> String {
    format!(
        "select kind, about, answer, remedy from cordon.explain('{}')",
        sql.replace('\'', "''")
    )
}

#[test]
fn access_is_what_statements_show() {
    let gateway = Gateway::start();
    wait(async {
        for name in PEOPLE {
            let client = gateway.connect(name).await.unwrap();
            let sql = "select relation, field, verdict, ask from cordon.my_access where field is \
                       not null order by 1, 2";
            let access = rows(&client, sql).await;
            assert!(!access.is_empty(), "{name}");
            for row in &access {
                let [relation, field, verdict, ask] = row.as_slice() else {
                    panic!("{row:?}");
                };
                let sql = format!("select {field} from {relation} limit 0");
                let answer = client.simple_query(&sql).await;
                assert_eq!(answer.is_ok(), verdict != "not shown", "{name}: {row:?}");
                if verdict == "not shown" {
                    assert!(ask.starts_with("ask for "), "{name}: {row:?}");
                }
            }
            let shows = |relation: &str| access.iter().any(|row| row[0] == relation);
            let of_home = matches!(name, "ana.home" | "mei.eligible");
            assert_eq!(shows("public.users"), of_home, "{name}: {access:?}");
            assert!(shows("public.regions"), "{name}: {access:?}");
        }
    });
}

#[test]
fn an_explanation_says_what_would_become_of_a_statement() {
    let gateway = Gateway::start();
    wait(async {
        let client = gateway.connect("mei.eligible").await.unwrap();
        let told = rows(
            &client,
            &explained("select id, email from users where id = 1"),
        )
        .await;
        let kinds: Vec<&str> = told.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(kinds, ["does", "reads", "rows", "field", "field", "sent"]);
        assert_eq!(told[3][1..3], ["public.users.email", "masked: null"]);
        assert!(told[3][3].starts_with("ask for email"), "{told:?}");
        assert!(told[5][2].starts_with("not told"), "{told:?}");
        // What holds nothing back is told whole.
        let told = rows(&client, &explained("select title from regions")).await;
        let sent = told.last().unwrap();
        assert!(sent[2].contains("\"public\".\"regions\""), "{told:?}");
        // A refusal is a row, with its remedy, and several statements are judged all or nothing.
        for (sql, code) in [
            ("select passport from users", "field-not-visible"),
            ("select * from nothing_at_all", "not-visible"),
            (
                "select 1; select pg_read_file('/etc/passwd')",
                "function-not-allowed",
            ),
            ("drop table users", "statement-not-allowed"),
            ("selec", "syntax-error"),
        ] {
            let told = rows(&client, &explained(sql)).await;
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!(told[0][..2], ["refused", code], "{told:?}");
            assert_ne!(told[0][3], "-", "{told:?}");
        }
        // A parameter may hold the statement.
        let sql = "select about from cordon.explain($1) where kind = 'refused'";
        let told = client
            .query(sql, &[&"select * from nothing"])
            .await
            .unwrap();
        assert_eq!(told[0].get::<_, &str>(0), "not-visible");
    });
}

#[test]
fn nobody_learns_a_value_or_a_name_from_an_explanation() {
    let gateway = Gateway::start();
    const CANARY: &str = "canary7f3a9c";
    gateway.setup.sql(&format!(
        "update users set name = '{CANARY}', email = '{CANARY}' || id, passport = '{CANARY}'; \
         create table {CANARY}_table (x int);"
    ));
    let attacks = [
        "select * from users",
        "select name from users where email like 'canary%'",
        "select 1/(id - 1) from users",
        "select cast(name as int) from users",
        "select passport from users",
        "select * from users where passport = 'x'",
        "explain analyze select * from users",
        "select query_to_xml('select * from users', true, true, '')",
        "insert into regions select name, email from users",
        "declare c cursor for select * from users",
        "copy users to stdout",
        "select relname from pg_class",
        "select * from cordon.explain('select * from users')",
    ];
    for name in PEOPLE {
        let mut raw = Raw::connect(gateway.address(), name);
        let first = raw.bytes_read().len();
        for attack in attacks {
            raw.query(&explained(attack));
            raw.run(&explained(attack));
            raw.sync();
        }
        raw.query("select * from cordon.my_access");
        raw.query("select * from cordon.last_refusal");
        let heard = String::from_utf8_lossy(&raw.bytes_read()[first..]).to_lowercase();
        assert!(heard.contains("refused"), "{name} heard nothing");
        let mine = heard.replace("like 'canary%'", "");
        assert!(!mine.contains("canary"), "{name}: {heard}");
        // Not even that there is such a column: what is not theirs reads as what is not there.
        if matches!(name, "jun.covered" | "li.beijing") {
            let of = |raw: &mut Raw, table: &str| {
                let answers = raw.query(&explained(&format!("select passport from {table}")));
                answers.join(" ").replace(table, "T")
            };
            assert_eq!(of(&mut raw, "users"), of(&mut raw, "usres"), "{name}");
            let access = raw.query("select * from cordon.my_access where field = 'passport'");
            assert!(
                access.contains(&"Complete SELECT 0".to_owned()),
                "{access:?}"
            );
        }
    }
    let (_, setup) = gateway.stop();
    let entries = Entries::of(&setup);
    // Nothing ran: no decision, and every use stands among what touched nothing governed.
    assert_eq!(entries.decided(), Vec::<Vec<String>>::new());
    let counted: u64 = entries
        .of_kind("ungoverned")
        .iter()
        .map(|entry| entry["body"]["count"].as_u64().unwrap())
        .sum();
    assert!(counted >= 4 * 2 * attacks.len() as u64, "{counted}");
}

#[test]
fn the_last_refusal_can_be_read_and_found_in_the_ledger() {
    let gateway = Gateway::start();
    let sql = "select code, sqlstate, what, remedy, session, statement, entry, \
               happened > now() - interval '1 hour' from cordon.last_refusal";
    let told = wait(async {
        let client = gateway.connect("ana.home").await.unwrap();
        assert!(rows(&client, sql).await.is_empty());
        client
            .simple_query("select * from nothing")
            .await
            .unwrap_err();
        let first = rows(&client, sql).await;
        assert_eq!(first[0][..2], ["not-visible", "42501"], "{first:?}");
        assert!(first[0][2].contains("`nothing`"), "{first:?}");
        // An error of the data store is no refusal, and a decision in between changes nothing.
        client.simple_query("select 1/0").await.unwrap_err();
        client
            .simple_query("select code from regions")
            .await
            .unwrap();
        assert_eq!(rows(&client, sql).await, first);
        // In a transaction it is told after its end, as everything is.
        client.batch_execute("begin").await.unwrap();
        client
            .simple_query("select passport from userz")
            .await
            .unwrap_err();
        let error = client.simple_query(sql).await.unwrap_err();
        assert_eq!(error.code().unwrap().code(), "25P02");
        client.batch_execute("rollback").await.unwrap();
        let second = rows(&client, sql).await;
        assert_ne!(first, second);
        assert_eq!(second[0][7], "t");
        second
    });
    let (_, setup) = gateway.stop();
    let entries = Entries::of(&setup);
    let place: usize = told[0][6].parse().unwrap();
    let entry = &entries.0[place];
    assert_eq!(entry["kind"], "refusal");
    assert_eq!(entry["body"]["code"], "not-visible");
    assert_eq!(entry["body"]["session"].to_string(), told[0][4]);
    assert_eq!(entry["body"]["number"].to_string(), told[0][5]);
}

#[test]
fn any_sql_works_over_what_is_told_and_data_stays_apart() {
    let gateway = Gateway::start();
    wait(async {
        let client = gateway.connect("mei.eligible").await.unwrap();
        for sql in [
            "select verdict, count(*) from cordon.my_access group by 1 order by 2 desc limit 3",
            "with a as (select * from cordon.my_access) select a.field from a where a.level > 'p'",
            "select my_access.field from cordon.my_access",
            "select cordon.my_access.field from cordon.my_access limit 1",
            "table cordon.my_access",
            "select a.relation, c.oid from cordon.my_access a join pg_class c \
             on c.relname = split_part(a.relation, '.', 2)",
            "select * from cordon.my_access a, cordon.my_access b where a.field = b.field",
            "select (select count(*) from cordon.last_refusal), e.* \
             from cordon.explain('select 1') as e(a, b, c, d, f)",
            "explain select * from cordon.my_access",
        ] {
            client
                .simple_query(sql)
                .await
                .unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        }
        for (sql, code) in [
            (
                "select * from cordon.my_access, users",
                "syntax-not-supported",
            ),
            (
                "select * from users where exists (select from cordon.last_refusal)",
                "syntax-not-supported",
            ),
            ("select cordon.explain('select 1')", "syntax-not-supported"),
            (
                "select * from cordon.explain('a', 'b')",
                "syntax-not-supported",
            ),
            (
                "select * from pg_class c, cordon.explain(c.relname)",
                "syntax-not-supported",
            ),
            ("select * from cordon.nothing", "not-visible"),
            ("select * from my_access", "not-visible"),
            ("delete from cordon.my_access", "not-visible"),
        ] {
            assert_eq!(code_of(&client, sql).await, code, "{sql}");
        }
        // Bound, described, and in binary.
        let sql = "select happened, entry from cordon.last_refusal where code = $1";
        let statement = client.prepare(sql).await.unwrap();
        let found = client.query(&statement, &[&"not-visible"]).await.unwrap();
        assert!(found[0].get::<_, Option<i64>>(1).is_some());
        client
            .simple_query("select * from cordon.explain")
            .await
            .unwrap_err();
        client
            .simple_query("prepare p as select code from cordon.last_refusal")
            .await
            .unwrap();
        client.simple_query("selec").await.unwrap_err();
        let told = rows(&client, "execute p").await;
        assert_eq!(told, [["syntax-error"]]);
    });
    let mut raw = Raw::connect(gateway.address(), "ana.home");
    let copied = raw.query("copy (select field from cordon.my_access) to stdout");
    assert!(
        copied
            .iter()
            .any(|answer| answer.starts_with("Complete COPY"))
    );
    raw.query("begin");
    raw.query("declare c cursor for select * from cordon.my_access");
    let fetched = raw.query("fetch 3 from c");
    assert!(
        fetched.contains(&"Complete FETCH 3".to_owned()),
        "{fetched:?}"
    );
}

#[test]
fn psql_shows_it_like_anything_else() {
    let gateway = Gateway::start();
    let psql = |name: &str, command: &str| {
        let address = gateway.address();
        let text = format!(
            "host=127.0.0.1 port={} user={name} dbname=app sslmode=disable",
            address.port()
        );
        let ran = Command::new("psql")
            .args(["-X", "-A", "-t", "-d", &text, "-c", command])
            .env("PGPASSWORD", PASSWORD)
            .output()
            .unwrap();
        let heard = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (ran.status.success(), heard(&ran.stdout), heard(&ran.stderr))
    };
    let (is_done, out, heard) = psql(
        "ana.home",
        "select field, verdict from cordon.my_access where relation = 'public.regions'",
    );
    assert!(is_done, "{heard}");
    assert_eq!(out, "|all rows\ncode|clear\ntitle|clear\n");
    let (_, _, heard) = psql("ana.home", "\\d cordon.*");
    assert!(!heard.contains("ERROR"), "{heard}");
    let (_, _, heard) = psql("jun.covered", "select * from users");
    assert!(heard.contains("cordon.last_refusal"), "{heard}");
}

#[test]
fn cursors_and_prepared_statements_are_the_sessions_own() {
    let gateway = Gateway::start();
    let mut other = Raw::connect(gateway.address(), "mei.eligible");
    other.query("begin");
    other.query("declare secret cursor for select 42");
    other.query("prepare hidden as select 43");
    wait(async {
        let client = gateway.connect("ana.home").await.unwrap();
        let cursors = "select name, statement, is_scrollable, is_holdable from pg_cursors \
                       where name <> '' order by 1";
        assert!(rows(&client, cursors).await.is_empty());
        client.batch_execute("begin").await.unwrap();
        let declare = "declare c scroll cursor for select id from users";
        client.simple_query(declare).await.unwrap();
        assert_eq!(rows(&client, cursors).await, [["c", declare, "t", "f"]]);
        // As psycopg asks before it closes one.
        let ask = "SELECT 1 FROM pg_catalog.pg_cursors WHERE name = $1";
        assert_eq!(client.query(ask, &[&"c"]).await.unwrap().len(), 1);
        client.batch_execute("close c").await.unwrap();
        assert!(client.query(ask, &[&"c"]).await.unwrap().is_empty());
        client.batch_execute("commit").await.unwrap();

        let prepare = "prepare q(int, text) as select name from users where id = $1 and name = $2";
        client.simple_query(prepare).await.unwrap();
        let sql = "select name, statement, parameter_types, from_sql from pg_prepared_statements \
                   where from_sql order by 1";
        let told = rows(&client, sql).await;
        assert_eq!(told, [["q", prepare, "{integer,text}", "t"]]);
        client.simple_query("deallocate q").await.unwrap();
        assert!(rows(&client, sql).await.is_empty());
        let kept = client
            .prepare("select title from regions where code = $1")
            .await
            .unwrap();
        let sql = "select count(*) from pg_catalog.pg_prepared_statements where not from_sql and \
                   statement like 'select title%' and parameter_types = '{text}'";
        assert_eq!(rows(&client, sql).await, [["1"]]);
        client.query(&kept, &[&"NA"]).await.unwrap();
        client.simple_query("discard all").await.unwrap();
        assert_eq!(
            rows(&client, "select * from pg_prepared_statements")
                .await
                .len(),
            0
        );
    });
}
