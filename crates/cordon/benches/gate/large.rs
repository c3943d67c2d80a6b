//! One large result, all rows of ten columns, in the forms that clients ask for.

use std::time::Instant;

use futures_util::StreamExt as _;
use tokio_postgres::{Client, Config, NoTls};

use crate::place::{Place, Way};
use crate::process::{cpu_seconds, spread};

/// How the rows are asked for.
#[derive(Clone, Copy)]
enum Form {
    Select,
    Copy,
}

const FORMS: [(&str, Form); 2] = [("SELECT, binary", Form::Select), ("COPY, text", Form::Copy)];

/// Prints a table of megabytes a second and processor seconds.
pub fn measure(place: &Place, rounds: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let bytes = runtime.block_on(size(place));
    let megabytes = bytes as f64 / 1e6;
    println!("\nall rows of ten columns, {megabytes:.0} MB as text: {rounds} rounds");
    println!(
        "{:<16} {:<26} {:>8} {:>19} {:>7} {:>12}",
        "form", "way", "MB/s", "(spread)", "ratio", "cpu s between"
    );
    for (name, form) in FORMS {
        let mut speeds = Way::ALL.map(|_| Vec::new());
        let mut cpu = Way::ALL.map(|_| Vec::new());
        for _ in 0..rounds {
            for ((way, speeds), cpu) in Way::ALL.iter().zip(&mut speeds).zip(&mut cpu) {
                let before = place.between(*way).map(cpu_seconds);
                let seconds = runtime.block_on(read(place, *way, form));
                let used = place.between(*way).map(cpu_seconds);
                speeds.push(megabytes / seconds);
                cpu.extend(before.zip(used).map(|(before, used)| used - before));
            }
        }
        let base = spread(&speeds[0]).0;
        for ((way, speeds), cpu) in Way::ALL.iter().zip(&speeds).zip(&cpu) {
            let (median, least, most) = spread(speeds);
            println!(
                "{name:<16} {:<26} {median:>8.1} {:>19} {:>7.2} {:>12.2}",
                way.name(),
                format!("({least:.1} to {most:.1})"),
                median / base,
                spread(cpu).0
            );
        }
    }
}

async fn connect(place: &Place, way: Way) -> Client {
    let (port, user, password) = place.login(way);
    let mut config = Config::new();
    config
        .host("127.0.0.1")
        .port(port)
        .user(user)
        .dbname(place.database());
    if !password.is_empty() {
        config.password(password);
    }
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The bytes of all rows as COPY gives them.
async fn size(place: &Place) -> u64 {
    let client = connect(place, Way::Direct).await;
    let rows = client.copy_out("COPY (SELECT * FROM wide) TO STDOUT").await;
    let mut rows = std::pin::pin!(rows.unwrap());
    let mut bytes = 0;
    while let Some(chunk) = rows.next().await {
        bytes += chunk.unwrap().len() as u64;
    }
    bytes
}

/// Seconds until all rows are read. Every value is counted, none is looked at.
async fn read(place: &Place, way: Way, form: Form) -> f64 {
    let client = connect(place, way).await;
    let begin = Instant::now();
    let mut rows = 0_u64;
    match form {
        Form::Select => {
            let nothing: [&str; 0] = [];
            let read = client.query_raw("SELECT * FROM wide", nothing).await;
            let mut read = std::pin::pin!(read.unwrap());
            while let Some(row) = read.next().await {
                row.unwrap();
                rows += 1;
            }
        }
        Form::Copy => {
            let read = client.copy_out("COPY (SELECT * FROM wide) TO STDOUT").await;
            let mut read = std::pin::pin!(read.unwrap());
            while let Some(chunk) = read.next().await {
                chunk.unwrap();
                rows += 1;
            }
        }
    }
    assert!(rows > 0);
    begin.elapsed().as_secs_f64()
}
