//! What a pool lends twice, and whom a cancel reaches.

use std::time::Duration;

use postgres::{LinkError, Options, Pool, PoolLimits};
use scratch::Server;
use tokio::task::yield_now;
use wire::backend::{Incoming, Message, Tag};

use crate::stream::{PATIENCE, target};
use crate::wait;

fn pool(server: &Server, links_max: usize) -> Pool {
    let limits = PoolLimits {
        links_max,
        ..PoolLimits::default()
    };
    Pool::new(target(server), Options::default(), limits)
}

/// Waits until no reset or cancel is under way.
async fn settled(pool: &Pool) {
    loop {
        let counts = pool.counts();
        if counts.open == counts.idle {
            return;
        }
        yield_now().await;
    }
}

#[test]
fn a_link_is_used_again_and_nothing_of_its_last_user_is_left() {
    let server = Server::start().unwrap();
    wait(async {
        let pool = pool(&server, 2);
        let mut link = pool.acquire().await.unwrap();
        let process = link.process();
        link.allow_setting("TimeZone", "Asia/Tokyo");
        link.outgoing()
            .query(
                "begin read write; create temp table t ();
                 declare c cursor with hold for select 1; commit;
                 set timezone = 'Asia/Tokyo'; set search_path = public;
                 select pg_advisory_lock(7); listen news; set role pg_monitor",
            )
            .unwrap();
        loop {
            if let Incoming::Control(frame) = link.next().await.unwrap() {
                assert_ne!(frame.tag(), Tag::ErrorResponse, "{:?}", frame.message());
                if frame.tag() == Tag::ReadyForQuery {
                    break;
                }
            }
        }
        let kept = link.statement("select 5", &[]).unwrap();
        link.outgoing().sync();
        while !matches!(link.next().await.unwrap(), Incoming::Control(frame) if frame.tag() == Tag::ReadyForQuery)
        {
        }
        drop(link);
        settled(&pool).await;
        assert_eq!(pool.counts().idle, 1);
        let mut link = pool.acquire().await.unwrap();
        assert_eq!(link.process(), process);
        assert!(!link.is_touched());
        let rows = link
            .ask(
                "select current_setting('timezone'), current_setting('search_path'),
                        (select count(*) from pg_class where relpersistence = 't'),
                        (select count(*) from pg_locks where locktype = 'advisory'),
                        (select count(*) from pg_listening_channels()),
                        (select count(*) from pg_cursors), current_user",
            )
            .await
            .unwrap();
        let row: Vec<_> = rows[0].iter().flatten().map(String::as_str).collect();
        assert_eq!(row, ["UTC", "pg_catalog", "0", "0", "0", "0", "postgres"]);
        // The statements are ours and stay.
        let again = link.statement("select 5", &[]).unwrap();
        assert_eq!((again.name, again.is_new), (kept.name, false));
    });
}

#[test]
fn a_link_that_is_not_at_rest_is_not_lent_again() {
    let server = Server::start().unwrap();
    wait(async {
        let pool = pool(&server, 1);
        // In a transaction.
        let mut link = pool.acquire().await.unwrap();
        link.ask("begin").await.unwrap();
        let first = link.process();
        drop(link);
        // With answers to come: the statement would run for an hour, so it is cancelled.
        let mut link = pool.acquire().await.unwrap();
        assert_ne!(link.process(), first);
        let second = link.process().unwrap();
        link.outgoing_stateless()
            .query("select pg_sleep(3600)")
            .unwrap();
        link.flush().await.unwrap();
        drop(link);
        let mut link = pool.acquire().await.unwrap();
        assert_ne!(link.process(), Some(second));
        let gone = format!("select count(*) from pg_stat_activity where pid = {second}");
        while link.ask(&gone).await.unwrap()[0][0].as_deref() != Some("0") {}
        // Dead.
        let third = link.process().unwrap();
        drop(link);
        settled(&pool).await;
        server
            .run(
                "postgres",
                &format!("select pg_terminate_backend({third}, 60000)"),
            )
            .unwrap();
        let mut link = pool.acquire().await.unwrap();
        assert_ne!(link.process(), Some(third));
        link.ask("select 1").await.unwrap();
        assert_eq!(pool.counts().open, 1);
    });
}

#[test]
fn a_pool_has_no_more_links_than_it_may() {
    let server = Server::start().unwrap();
    wait(async {
        let limits = PoolLimits {
            links_max: 1,
            wait_max: Duration::from_millis(200),
            ..PoolLimits::default()
        };
        let pool = Pool::new(target(&server), Options::default(), limits);
        let link = pool.acquire().await.unwrap();
        let error = pool.acquire().await.unwrap_err();
        assert!(
            matches!(error, LinkError::Exhausted { links_max: 1, .. }),
            "{error}"
        );
        assert_eq!(pool.counts().waiting, 0);
        let waiter = tokio::spawn({
            let pool = pool.clone();
            async move { pool.acquire().await.map(|link| link.process()) }
        });
        while pool.counts().waiting == 0 {
            yield_now().await;
        }
        let process = link.process();
        drop(link);
        assert_eq!(waiter.await.unwrap().unwrap(), process);
    });
}

#[test]
fn a_cancel_reaches_the_statement_it_is_for_and_no_later_one() {
    let server = Server::start().unwrap();
    wait(async {
        let pool = pool(&server, 1);
        let mut link = pool.acquire().await.unwrap();
        let process = link.process();
        let canceller = link.canceller().unwrap();
        link.outgoing_stateless()
            .query("select pg_sleep(3600)")
            .unwrap();
        link.flush().await.unwrap();
        // A cancel that comes before the statement has begun has no effect.
        let asleep = format!(
            "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and pid = {}",
            process.unwrap()
        );
        while server.run("postgres", &asleep).unwrap().trim() != "1" {}
        assert!(canceller.cancel(PATIENCE).await.unwrap());
        let state = loop {
            let Incoming::Control(frame) = link.next().await.unwrap() else {
                continue;
            };
            if let Message::Error(report) = frame.message().unwrap() {
                break report.sqlstate.to_string();
            }
        };
        assert_eq!(state, "57014");
        while !matches!(link.next().await.unwrap(), Incoming::Control(frame) if frame.tag() == Tag::ReadyForQuery)
        {
        }
        assert!(link.is_clean());
        drop(link);
        // Nobody knows when a cancel is over, so the link is not lent again.
        let link = pool.acquire().await.unwrap();
        assert_ne!(link.process(), process);
        // And a canceller of an earlier user does nothing at all.
        let stale = link.canceller().unwrap();
        let process = link.process();
        drop(link);
        let link = pool.acquire().await.unwrap();
        assert_eq!(link.process(), process);
        assert!(!stale.cancel(PATIENCE).await.unwrap());
        assert!(!canceller.cancel(PATIENCE).await.unwrap());
        drop(link);
        let link = pool.acquire().await.unwrap();
        assert_eq!(link.process(), process);
    });
}
