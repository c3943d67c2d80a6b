//! Many sessions at once over few links: nobody ever gets the answer of somebody else.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Barrier;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::size;
use crate::gateway::Entries;
use crate::serve::{Gateway, Setup, wait};

/// What one session asks for, and that it gets it: constants, governed rows, errors, pages.
async fn ask(client: &Client, number: usize, rounds: usize) {
    let id = i64::try_from(1_000 + number).unwrap();
    let (code, title) = (id.to_string(), format!("title of {id}"));
    let by_code = client
        .prepare("SELECT title FROM regions WHERE code = $1")
        .await
        .unwrap();
    for round in 0..rounds {
        let answers = client
            .simple_query(&format!("SELECT '{number} {round}'; SELECT {number}"))
            .await
            .unwrap();
        let values: Vec<&str> = answers
            .iter()
            .filter_map(|answer| match answer {
                SimpleQueryMessage::Row(row) => row.get(0),
                SimpleQueryMessage::CommandComplete(_)
                | SimpleQueryMessage::RowDescription(_)
                | _ => None,
            })
            .collect();
        assert_eq!(values, [format!("{number} {round}"), number.to_string()]);
        let row = client.query_one(&by_code, &[&code]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), title);
        let error = client
            .query(&format!("SELECT * FROM nothing_{number}"), &[])
            .await
            .unwrap_err();
        let error = error.as_db_error().unwrap().to_string();
        assert!(error.contains(&format!("nothing_{number}")), "{error}");
        // A pipeline: the answers of several statements are on their way at once.
        let parameters: [&(dyn ToSql + Sync); 1] = [&id];
        let by: [&(dyn ToSql + Sync); 1] = [&code];
        let rows = tokio::try_join!(
            client.query("SELECT $1::int8 + 1", &parameters),
            client.query("SELECT code::int8 FROM regions WHERE code = $1", &by),
            client.query("SELECT $1::int8 + 2", &parameters),
        );
        let (one, same, two) = rows.unwrap();
        let value = |rows: &[tokio_postgres::Row]| rows[0].get::<_, i64>(0);
        assert_eq!(
            [value(&one), value(&same), value(&two)],
            [id + 1, id, id + 2]
        );
    }
}

#[test]
fn each_of_many_sessions_gets_its_own_answers() {
    let (sessions, rounds) = (size(100, 1_000), size(2, 10));
    let setup = Setup::new();
    setup.fill(u32::try_from(sessions).unwrap());
    // They share the links of one gateway, so that every answer could reach the wrong one.
    setup.set("gateway", "share_links = true\nlinks = 10");
    setup.set("limits", "sessions_of_one = 500");
    let gateway = setup.start();
    let begun = Instant::now();
    wait(all(&gateway, sessions, rounds));
    let took = begun.elapsed();
    eprintln!(
        "{sessions} sessions, {rounds} rounds each: {took:?}, {} MiB held",
        gateway.memory_kib() / 1024
    );
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    let entries = Entries::of(&setup);
    assert_eq!(entries.of_kind("session-start").len(), sessions);
    assert_eq!(entries.of_kind("session-end").len(), sessions);
    assert_eq!(entries.decided().len(), sessions * rounds * 2);
}

async fn all(gateway: &Gateway, sessions: usize, rounds: usize) {
    let barrier = Barrier::new(sessions);
    let barrier = Arc::new(barrier);
    let talk = |number: usize| {
        let barrier = Arc::clone(&barrier);
        async move {
            let person = ["ana.home", "mei.eligible"][number % 2];
            let client = gateway.connect(person).await.unwrap();
            barrier.wait().await;
            ask(&client, number, rounds).await;
            barrier.wait().await;
        }
    };
    let talks: Vec<_> = (0..sessions).map(talk).collect();
    join_all(talks).await;
}

/// Drives all of them on this thread.
async fn join_all(mut talks: Vec<impl Future<Output = ()>>) {
    use std::pin::Pin;
    use std::task::Poll;
    let mut talks: Vec<Pin<Box<_>>> = talks.drain(..).map(Box::pin).collect();
    std::future::poll_fn(|context| {
        talks.retain_mut(|talk| talk.as_mut().poll(context).is_pending());
        if talks.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
