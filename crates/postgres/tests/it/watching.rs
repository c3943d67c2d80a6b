//! The schema that statements rely on is the one that the server has, whatever is done to it.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use pgschema::{Oid, RelationKind, Snapshot};
use postgres::{Held, Link, LinkError, Options, Sentinel, SentinelLimits, Target, Validity};
use scratch::Server;
use tokio::sync::{RwLock, watch};
use tokio::task::LocalSet;
use tokio::time::{Instant, timeout};

use crate::stream::{PATIENCE, open, target};
use crate::wait;

fn tables(snapshot: &Snapshot) -> Vec<Oid> {
    snapshot
        .relations
        .iter()
        .filter(|relation| relation.kind == RelationKind::Table)
        .map(|relation| relation.oid)
        .collect()
}

fn limits() -> SentinelLimits {
    SentinelLimits {
        look_every: Duration::from_millis(10),
        ..SentinelLimits::default()
    }
}

/// The next schema that is valid, of a later epoch than this.
async fn valid_after(validity: &mut watch::Receiver<Validity>, epoch: u64) -> Arc<Held> {
    let is_later =
        |validity: &Validity| matches!(validity, Validity::Valid(held) if held.epoch > epoch);
    let seen = timeout(PATIENCE, validity.wait_for(is_later)).await;
    match &*seen.expect("in time").unwrap() {
        Validity::Valid(held) => Arc::clone(held),
        Validity::Stopped => unreachable!(),
    }
}

fn reader(server: &Server) -> Target {
    let address = server
        .socket_url("postgres")
        .replace("postgres@", "reader@");
    Target::parse(&address, None).unwrap()
}

fn prepare(server: &Server) {
    server
        .run(
            "postgres",
            "create role reader login;
             create schema app; grant usage on schema app to reader;
             create table app.a (shown text, hidden text);
             create table app.b (shown text, hidden text);
             insert into app.a values ('a shown', 'a hidden');
             insert into app.b values ('b shown', 'b hidden');
             grant select (shown, hidden) on app.a, app.b to reader;
             create table app.closed (x int);",
        )
        .unwrap();
}

/// Reads the second column of the relation that was `a` at first, whatever both are called now.
async fn read(link: &mut Link, held: &Held, oid: Oid) -> Option<String> {
    let relation = held.snapshot.relations.iter().find(|one| one.oid == oid)?;
    let column = relation
        .columns
        .iter()
        .find(|column| column.number.0 == 2)?;
    let sql = format!(
        "select \"{}\" from \"{}\".\"{}\"",
        column.name, relation.schema, relation.name
    );
    match link.ask(&sql).await {
        Ok(mut rows) => rows.pop()?.pop()?,
        // It stood behind the change that waits for the watch, which waits for this.
        Err(LinkError::Question { sqlstate }) => Some(sqlstate.to_string()),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_our_account_cannot_read_is_said_not_to_be_held() {
    let server = Server::start().unwrap();
    prepare(&server);
    wait(async {
        let sentinel = Sentinel::start(reader(&server), limits(), tables, |_| async {});
        let mut validity = sentinel.validity();
        let held = valid_after(&mut validity, 0).await;
        let names: Vec<&str> = held
            .snapshot
            .relations
            .iter()
            .filter(|relation| held.not_held.contains(&relation.oid))
            .map(|relation| relation.name.as_str())
            .collect();
        assert_eq!(names, ["closed"]);
    });
}

#[test]
fn statements_never_read_another_table_or_column_while_both_are_swapped() {
    let server = Server::start().unwrap();
    prepare(&server);
    wait(LocalSet::new().run_until(async {
        // A statement has a share of this while it runs; who drains wants all of it.
        let running = Arc::new(RwLock::new(()));
        let drained = Arc::clone(&running);
        let sentinel = Sentinel::start(reader(&server), limits(), tables, move |_| {
            let drained = Arc::clone(&drained);
            async move { drop(drained.write().await) }
        });
        let mut validity = sentinel.validity();
        let first = valid_after(&mut validity, 0).await;
        let a = first.snapshot.relations.iter().find(|one| one.name == "a");
        let a = a.unwrap().oid;

        let is_done = Rc::new(Cell::new(false));
        let changer = tokio::task::spawn_local({
            let is_done = Rc::clone(&is_done);
            let options = Options {
                is_read_only: false,
                ..Options::default()
            };
            let mut link = Link::connect(&target(&server), &options, Instant::now() + PATIENCE)
                .await
                .unwrap();
            async move {
                let mut is_odd = false;
                while !is_done.get() {
                    is_odd = !is_odd;
                    let sql = match is_odd {
                        true => {
                            "begin; alter table app.a rename to c; alter table app.b rename to a;
                             alter table app.c rename to b; commit"
                        }
                        false => {
                            "begin; alter table app.a rename shown to other;
                             alter table app.a rename hidden to shown;
                             alter table app.a rename other to hidden; commit"
                        }
                    };
                    link.ask(sql).await.unwrap();
                }
            }
        });
        let options = Options {
            lock_timeout: Some(Duration::from_millis(50)),
            ..Options::default()
        };
        let mut link = Link::connect(&reader(&server), &options, Instant::now() + PATIENCE)
            .await
            .unwrap();
        let mut reads = 0_u32;
        let mut epochs = std::collections::HashSet::new();
        while epochs.len() < 8 {
            let share = running.read().await;
            let now = validity.borrow_and_update().clone();
            let Validity::Valid(held) = now else {
                drop(share);
                validity.changed().await.unwrap();
                continue;
            };
            let value = timeout(PATIENCE, read(&mut link, &held, a)).await.unwrap();
            if value.as_deref() == Some("55P03") {
                continue;
            }
            assert_eq!(value.as_deref(), Some("a hidden"), "epoch {}", held.epoch);
            reads += 1;
            epochs.insert(held.epoch);
        }
        is_done.set(true);
        changer.await.unwrap();
        assert!(reads >= 8);
    }));
}

#[test]
fn a_schema_that_is_renamed_is_noticed_at_the_next_look() {
    let server = Server::start().unwrap();
    prepare(&server);
    wait(async {
        let sentinel = Sentinel::start(reader(&server), limits(), tables, |_| async {});
        let mut validity = sentinel.validity();
        let mut held = valid_after(&mut validity, 0).await;
        let a = held.snapshot.relations.iter().find(|one| one.name == "a");
        let a = a.unwrap().oid;
        let options = Options {
            is_read_only: false,
            ..Options::default()
        };
        let mut changer = Link::connect(&target(&server), &options, Instant::now() + PATIENCE)
            .await
            .unwrap();
        let mut link = open(&server).await;
        changer
            .ask(
                "create schema twin; create table twin.a (shown text, hidden text);
                 insert into twin.a values ('not shown', 'not hidden')",
            )
            .await
            .unwrap();
        held = valid_after(&mut validity, held.epoch).await;
        for _ in 0..10 {
            changer
                .ask(
                    "begin; alter schema app rename to other; alter schema twin rename to app;
                     alter schema other rename to twin; commit",
                )
                .await
                .unwrap();
            held = valid_after(&mut validity, held.epoch).await;
            assert_eq!(read(&mut link, &held, a).await.as_deref(), Some("a hidden"));
        }
    });
}

#[test]
fn what_takes_no_lock_on_tables_is_noticed_too() {
    let server = Server::start().unwrap();
    prepare(&server);
    wait(async {
        let sentinel = Sentinel::start(reader(&server), limits(), tables, |_| async {});
        let mut validity = sentinel.validity();
        let mut held = valid_after(&mut validity, 0).await;
        for sql in [
            "create function app.f() returns int language sql as 'select 1'",
            "alter function app.f() leakproof",
            "create domain app.d as text",
            "create table app.late ()",
            "create view app.v as select 1 as one",
            "create or replace view app.v as select 1 as one, 2 as two",
            "create index on app.a (shown)",
            "create unique index on app.a (shown)",
            "drop function app.f()",
        ] {
            server.run("postgres", sql).unwrap();
            held = valid_after(&mut validity, held.epoch).await;
        }
        assert!(held.snapshot.relations.iter().any(|one| one.name == "late"));
    });
}

#[test]
fn a_watch_that_is_lost_stops_everything_until_it_is_back() {
    let server = Server::start().unwrap();
    prepare(&server);
    wait(async {
        let drained = Arc::new(std::sync::Mutex::new(Vec::new()));
        let ended = Arc::clone(&drained);
        let limits = SentinelLimits {
            // Nothing but the loss itself is to be noticed.
            look_every: PATIENCE,
            ..SentinelLimits::default()
        };
        let sentinel = Sentinel::start(reader(&server), limits, tables, move |epoch| {
            ended.lock().unwrap().push(epoch);
            async {}
        });
        let mut validity = sentinel.validity();
        let held = valid_after(&mut validity, 0).await;
        server
            .run(
                "postgres",
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'reader'",
            )
            .unwrap();
        let is_stopped = |validity: &Validity| matches!(validity, Validity::Stopped);
        timeout(Duration::from_secs(10), validity.wait_for(is_stopped))
            .await
            .unwrap()
            .unwrap();
        let again = valid_after(&mut validity, held.epoch).await;
        assert_eq!(*drained.lock().unwrap(), [held.epoch]);
        assert_eq!(again.snapshot, held.snapshot);
    });
}
