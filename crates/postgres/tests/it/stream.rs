//! What goes over a link, and that both sides stay in step.

use std::time::Duration;

use postgres::{Link, LinkError, Options, Target, TextRows};
use scratch::Server;
use tokio::time::{Instant, timeout};
use wire::backend::{Frame, Incoming, Message, Tag};
use wire::frontend::Bind;
use wire::{Formats, Subject, TransactionStatus};

use crate::wait;

pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn target(server: &Server) -> Target {
    Target::parse(&server.socket_url("postgres"), None).unwrap()
}

pub async fn open(server: &Server) -> Link {
    Link::connect(
        &target(server),
        &Options::default(),
        Instant::now() + PATIENCE,
    )
    .await
    .unwrap()
}

const PLAIN: Bind<'static> = Bind {
    portal: "",
    statement: "",
    formats: &Formats::Unsaid,
    result_formats: &Formats::Unsaid,
};

fn cell(rows: &TextRows) -> &str {
    rows[0][0].as_deref().unwrap()
}

/// Everything up to ReadyForQuery: how many rows, and the other messages.
async fn drain(link: &mut Link) -> (u64, Vec<Frame>) {
    let mut rows = 0;
    let mut others = Vec::new();
    loop {
        match link.next().await.unwrap() {
            Incoming::Rows(block) => rows += u64::from(block.count()),
            Incoming::Control(frame) => {
                let is_end = frame.tag() == Tag::ReadyForQuery;
                others.push(frame);
                if is_end {
                    return (rows, others);
                }
            }
        }
    }
}

fn tags(frames: &[Frame]) -> Vec<Tag> {
    frames.iter().map(Frame::tag).collect()
}

fn sqlstate(frames: &[Frame]) -> Option<String> {
    frames.iter().find_map(|frame| {
        if let Message::Error(report) = frame.message().unwrap() {
            return Some(report.sqlstate.to_string());
        }
        None
    })
}

#[test]
fn both_ways_to_a_server_give_a_pinned_session() {
    let server = Server::start().unwrap();
    server
        .run(
            "postgres",
            "alter role postgres set search_path = public;
             alter role postgres set standard_conforming_strings = off;
             alter role postgres set datestyle = 'SQL, DMY';
             alter database postgres set row_security = off;
             alter role postgres set statement_timeout = 7;",
        )
        .unwrap();
    for address in [server.url("postgres"), server.socket_url("postgres")] {
        let target = Target::parse(&address, None).unwrap();
        let options = Options {
            time_zone: "Asia/Kathmandu".into(),
            statement_timeout: Some(Duration::from_secs(90)),
            ..Options::default()
        };
        wait(async {
            let mut link = Link::connect(&target, &options, Instant::now() + PATIENCE)
                .await
                .unwrap();
            assert!(server.version().contains(link.server_version()));
            for (name, value) in [
                ("search_path", "pg_catalog"),
                ("standard_conforming_strings", "on"),
                ("row_security", "on"),
                ("transaction_read_only", "on"),
                ("datestyle", "ISO, MDY"),
                ("timezone", "Asia/Kathmandu"),
                ("statement_timeout", "90s"),
                ("application_name", "cordon"),
            ] {
                let rows = link.ask(&format!("show {name}")).await.unwrap();
                assert_eq!(cell(&rows), value, "{name}");
            }
            let error = link.ask("create table t ()").await.unwrap_err();
            assert!(
                matches!(&error, LinkError::Question { sqlstate } if sqlstate.as_str() == "25006"),
                "{error}"
            );
            assert!(link.is_clean());
            link.close().await;
        });
    }
}

#[test]
fn a_setting_that_changes_on_the_way_ends_the_link_unless_it_was_announced() {
    let server = Server::start().unwrap();
    wait(async {
        let mut link = open(&server).await;
        link.allow_setting("TimeZone", "Asia/Tokyo");
        link.ask("set timezone = 'Asia/Tokyo'").await.unwrap();
        link.reset().await.unwrap();
        assert_eq!(cell(&link.ask("show timezone").await.unwrap()), "UTC");
        let error = link.ask("set timezone = 'Asia/Tokyo'").await.unwrap_err();
        assert!(
            matches!(&error, LinkError::Deviated { setting } if setting == "TimeZone"),
            "{error}"
        );
        assert!(link.is_poisoned());
        let error = link.ask("select 1").await.unwrap_err();
        assert!(matches!(error, LinkError::Busy), "{error}");
        assert!(matches!(link.next().await, Err(LinkError::Poisoned)));
    });
}

#[test]
fn a_pipeline_is_answered_in_its_order_and_recovers_at_sync() {
    let server = Server::start().unwrap();
    wait(async {
        let mut link = open(&server).await;
        let good = link.statement("select $1::int4 + 1", &[23]).unwrap();
        assert!(good.is_new);
        let bind = Bind {
            statement: &good.name,
            ..PLAIN
        };
        let mut out = link.outgoing_stateless();
        out.describe(Subject::Statement(&good.name)).unwrap();
        out.bind(&bind, [Some(&b"41"[..])]).unwrap();
        out.execute("", 0).unwrap();
        out.bind(&bind, [Some(&b"x"[..])]).unwrap();
        out.execute("", 0).unwrap();
        out.sync();
        assert!(!link.is_clean());
        let (rows, frames) = drain(&mut link).await;
        assert_eq!(rows, 1);
        assert_eq!(
            tags(&frames),
            [
                Tag::ParameterDescription,
                Tag::RowDescription,
                Tag::BindComplete,
                Tag::CommandComplete,
                Tag::ErrorResponse,
                Tag::ReadyForQuery
            ]
        );
        assert!(link.is_clean());
        assert!(!link.statement("select $1::int4 + 1", &[23]).unwrap().is_new);

        // A statement that the server passed over is not thought to be there.
        let failing = link.statement("select 1 / 0 from nowhere", &[]).unwrap();
        let passed_over = link.statement("select 2", &[]).unwrap();
        assert!(failing.is_new && passed_over.is_new);
        link.outgoing_stateless().sync();
        let (_, frames) = drain(&mut link).await;
        assert_eq!(tags(&frames), [Tag::ErrorResponse, Tag::ReadyForQuery]);
        for sql in ["select 1 / 0 from nowhere", "select 2"] {
            assert!(link.statement(sql, &[]).unwrap().is_new, "{sql}");
            link.outgoing_stateless().sync();
            drain(&mut link).await;
        }
        assert!(!link.statement("select 2", &[]).unwrap().is_new);
    });
}

#[test]
fn statements_beyond_the_bound_are_closed_at_the_server() {
    let server = Server::start().unwrap();
    wait(async {
        let options = Options {
            statements_max: 3,
            ..Options::default()
        };
        let mut link = Link::connect(&target(&server), &options, Instant::now() + PATIENCE)
            .await
            .unwrap();
        for number in 0..20 {
            let prepared = link.statement(&format!("select {number}"), &[]).unwrap();
            let bind = Bind {
                statement: &prepared.name,
                ..PLAIN
            };
            link.outgoing_stateless()
                .bind(&bind, [])
                .unwrap()
                .execute("", 0)
                .unwrap()
                .sync();
            let (rows, frames) = drain(&mut link).await;
            assert_eq!((rows, sqlstate(&frames)), (1, None));
        }
        let count = link
            .ask("select count(*) from pg_prepared_statements")
            .await
            .unwrap();
        assert_eq!(cell(&count), "3");
    });
}

#[test]
fn a_hundred_thousand_rows_come_in_blocks_and_a_portal_in_parts() {
    let server = Server::start().unwrap();
    wait(async {
        let mut link = open(&server).await;
        let sql = "select i, repeat('x', 100) from generate_series(1, 100000) i";
        link.outgoing_stateless()
            .parse_unnamed(sql, &[])
            .unwrap()
            .bind(&PLAIN, [])
            .unwrap()
            .execute("", 1000)
            .unwrap()
            .execute("", 0)
            .unwrap()
            .sync();
        let mut seen = 0_u64;
        let mut blocks = 0_u64;
        let mut sum = 0_u64;
        let mut suspended_at = None;
        loop {
            match link.next().await.unwrap() {
                Incoming::Rows(block) => {
                    blocks += 1;
                    seen += u64::from(block.count());
                    assert_eq!(block.columns(), 2);
                    for row in &block {
                        let first = row.cells().next().unwrap().unwrap().unwrap();
                        sum += std::str::from_utf8(first).unwrap().parse::<u64>().unwrap();
                    }
                }
                Incoming::Control(frame) if frame.tag() == Tag::PortalSuspended => {
                    suspended_at = Some(seen);
                }
                Incoming::Control(frame) if frame.tag() == Tag::ReadyForQuery => break,
                Incoming::Control(frame) => assert_ne!(frame.tag(), Tag::ErrorResponse),
            }
        }
        assert_eq!((seen, suspended_at), (100_000, Some(1000)));
        assert_eq!(sum, 100_000 * 100_001 / 2);
        assert!(blocks < 20_000, "{blocks} blocks");
    });
}

#[test]
fn a_server_waits_for_who_does_not_read() {
    let server = Server::start().unwrap();
    wait(async {
        let mut link = open(&server).await;
        // Far more than the kernel's buffers hold.
        let sql = "select repeat('x', 100000) from generate_series(1, 2000)";
        link.outgoing_stateless().query(sql).unwrap();
        link.flush().await.unwrap();
        let waits = "select wait_event from pg_stat_activity where state = 'active' and pid = ";
        let process = link.process().unwrap();
        while server
            .run("postgres", &format!("{waits}{process}"))
            .unwrap()
            .trim()
            != "ClientWrite"
        {}
        // What waits here is bounded, and all of it still comes.
        let (rows, _) = drain(&mut link).await;
        assert_eq!(rows, 2000);
    });
}

#[test]
fn more_is_written_than_a_server_reads_before_it_answers() {
    let server = Server::start().unwrap();
    wait(async {
        let mut link = open(&server).await;
        let many = 3000;
        let text = "x".repeat(10_000);
        for _ in 0..many {
            link.outgoing_stateless()
                .parse_unnamed("select $1::text", &[25])
                .unwrap()
                .bind(&PLAIN, [Some(text.as_bytes())])
                .unwrap()
                .execute("", 0)
                .unwrap();
        }
        link.outgoing_stateless().sync();
        // Neither side may wait for the other for ever.
        timeout(PATIENCE, link.flush()).await.unwrap().unwrap();
        let (rows, frames) = timeout(PATIENCE, drain(&mut link)).await.unwrap();
        assert_eq!((rows, sqlstate(&frames)), (many, None));
    });
}

#[test]
fn a_server_that_is_killed_amid_rows_is_noticed() {
    let server = Server::start().unwrap();
    wait(async {
        let mut link = open(&server).await;
        let sql = "select repeat('x', 1000) from generate_series(1, 10000000)";
        link.outgoing_stateless().query(sql).unwrap();
        let first = link.next().await.unwrap();
        assert!(matches!(first, Incoming::Control(_)));
        let process = link.process().unwrap();
        server
            .run(
                "postgres",
                &format!("select pg_terminate_backend({process})"),
            )
            .unwrap();
        let error = loop {
            match link.next().await {
                Ok(Incoming::Rows(_)) => {}
                Ok(Incoming::Control(frame)) => {
                    // It says why, which the caller may see; then it is over.
                    assert_eq!(sqlstate(&[frame]).as_deref(), Some("57P01"));
                }
                Err(error) => break error,
            }
        };
        assert!(
            matches!(
                error,
                LinkError::Poisoned | LinkError::Closed | LinkError::Broken(_)
            ),
            "{error}"
        );
        assert!(!link.is_clean());
    });
}

#[test]
fn a_session_that_the_server_ends_says_so_at_the_next_look() {
    let server = Server::start().unwrap();
    wait(async {
        let mut link = open(&server).await;
        let process = link.process().unwrap();
        server
            .run(
                "postgres",
                &format!("select pg_terminate_backend({process})"),
            )
            .unwrap();
        let error = link.next().await.unwrap_err();
        assert!(
            matches!(&error, LinkError::Ended { sqlstate } if sqlstate.as_str() == "57P01"),
            "{error}"
        );
        assert!(link.is_poisoned());
    });
}

#[test]
fn an_open_transaction_and_one_that_failed_are_told_apart() {
    let server = Server::start().unwrap();
    wait(async {
        let mut link = open(&server).await;
        assert_eq!(link.transaction_status(), TransactionStatus::Idle);
        link.ask("begin").await.unwrap();
        assert_eq!(link.transaction_status(), TransactionStatus::Open);
        link.ask("select 1/0").await.unwrap_err();
        assert_eq!(link.transaction_status(), TransactionStatus::Failed);
        link.ask("rollback").await.unwrap();
        assert_eq!(link.transaction_status(), TransactionStatus::Idle);
    });
}

#[test]
fn a_server_that_waits_for_copy_data_is_left() {
    let server = Server::start().unwrap();
    server.run("postgres", "create table t (a int)").unwrap();
    wait(async {
        let options = Options {
            is_read_only: false,
            ..Options::default()
        };
        let mut link = Link::connect(&target(&server), &options, Instant::now() + PATIENCE)
            .await
            .unwrap();
        let error = link.ask("copy public.t from stdin").await.unwrap_err();
        assert!(matches!(error, LinkError::Unexpected { .. }), "{error}");
        assert!(link.is_poisoned());
    });
}
