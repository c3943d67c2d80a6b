//! Section G of the corpus in a session: lengths, types, depth, COPY, cancel, and what is told of data
//! that may not be seen.

use std::net::SocketAddr;

use wire::{Cancel, Formats, Subject, frontend};

use super::line::{Line, Login, Message, failure, words};
use crate::gateway::Entries;
use crate::serve::Gateway;

fn session(gateway: &Gateway, user: &str) -> Line {
    Line::login(gateway.address(), &Login::new(user, "app"))
}

/// Whether the session still answers as it should.
fn goes_on(line: &mut Line) -> bool {
    let said = line.query("select 'still here'");
    said.iter()
        .any(|message| message.body.ends_with(b"still here"))
}

/// The cancel key of a session.
fn key(line: &Line) -> Cancel {
    let message = line.greeting.iter().find(|message| message.tag == b'K');
    let (process, key) = message.unwrap().body.split_first_chunk().unwrap();
    Cancel::new(u32::from_be_bytes(*process), key).unwrap()
}

fn cancel(address: SocketAddr, cancel: &Cancel) {
    let mut other = Line::open(address);
    frontend::cancel_request(&mut other.out, cancel).unwrap();
    other.send();
    // Nothing is ever answered.
    assert_eq!(other.next(), None);
}

#[test]
fn messages_that_are_none_end_the_session_and_others_are_passed_over() {
    let gateway = Gateway::start();
    // G12: each type with lengths that it cannot have.
    for tag in b"QPBDECSHXpdcfF" {
        for length in [0_u32, 3, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] {
            let mut line = session(&gateway, "mei.eligible");
            line.out.extend_from_slice(&[*tag]);
            line.out.extend_from_slice(&length.to_be_bytes());
            line.send();
            let about = format!("G12: {} {length}", char::from(*tag));
            let said = line.next().expect(&about);
            assert_eq!(said.field('V'), "FATAL", "{about}");
            assert_eq!(line.next(), None, "{about}");
        }
    }
    // G16: types that there are not, or that only a server sends.
    for tag in b"?ZKTR1vAWG\0\xff" {
        let mut line = session(&gateway, "mei.eligible");
        line.out.extend_from_slice(&[*tag, 0, 0, 0, 4]);
        line.send();
        assert_eq!(line.next().unwrap().field('V'), "FATAL", "G16: {tag}");
        assert_eq!(line.next(), None);
    }
    // G16, G28: COPY data outside of COPY mean nothing, as in PostgreSQL, and never reach it.
    let mut line = session(&gateway, "mei.eligible");
    for bytes in [&b"d\0\0\0\x08data"[..], b"c\0\0\0\x04", b"f\0\0\0\x05\0"] {
        line.out.extend_from_slice(bytes);
        assert!(goes_on(&mut line), "G16");
    }
    // G28: nobody copies in, and what would have been the data is passed over.
    for text in ["copy regions from stdin", "copy regions from '/etc/passwd'"] {
        let said = line.query(text);
        assert!(failure(&said).is_some(), "{}", words(&said));
        assert!(said.iter().all(|message| message.tag != b'G'), "G28");
        line.out.extend_from_slice(b"d\0\0\0\x09XX\tX\nc\0\0\0\x04");
        assert!(goes_on(&mut line), "G28");
    }
    // G27: the statements of replication are no SQL.
    for text in [
        "IDENTIFY_SYSTEM",
        "BASE_BACKUP",
        "START_REPLICATION 0/0",
        "READ_REPLICATION_SLOT x",
    ] {
        let code = failure(&line.query(text));
        assert_eq!(code.as_deref(), Some("syntax-error"), "G27: {text}");
    }
    // G39: depth and length.
    for text in [
        format!("select {}1{}", "(".repeat(30_000), ")".repeat(30_000)),
        format!("select {} true", "not ".repeat(8_000)),
        format!("select 1{}", " + 1".repeat(5_000)),
        format!("select {}1{}", "array[".repeat(2_000), "]".repeat(2_000)),
        format!("select '{}'", "x".repeat(8 << 20)),
    ] {
        let code = failure(&line.query(&text));
        let about = &text[..40];
        assert!(code.is_some() || text.len() > 1 << 20, "G39: {about}");
        assert!(goes_on(&mut line), "G39: {about}");
        line.parse("", &text);
        line.sync();
        assert!(goes_on(&mut line), "G39: {about}");
    }
    // C01, C02: all of a text or nothing.
    let said = line.query("select 1; select * from nowhere");
    assert!(said.iter().all(|message| message.tag != b'D'), "C01");
    // G24: a Query in the midst of a pipeline.
    line.parse("", "select 1")
        .bind("", "", &[], &Formats::Unsaid);
    frontend::query(&mut line.out, "select 2").unwrap();
    line.execute("", 0);
    line.send();
    let said = line.until_ready();
    assert!(
        said.iter().any(|message| message.body.ends_with(b"2")),
        "G24"
    );
    // Its portal went with the Query's transaction.
    assert_eq!(failure(&line.sync()).as_deref(), Some("34000"), "G24");
}

#[test]
fn nothing_is_told_of_what_may_not_be_seen() {
    let gateway = Gateway::start();
    gateway
        .setup
        .sql("create view users_view as select id, name from users; grant select on users_view to cordon");
    gateway.wait_for_line("the schema is held");
    let mut line = session(&gateway, "li.beijing");
    // G21: data that may not be seen and data that there is not, in every message that could tell.
    let told = |line: &mut Line, table: &str| -> Vec<String> {
        let mut all: Vec<Message> = Vec::new();
        for text in [
            format!("select * from {table}"),
            format!("select id from {table} where id = $1"),
            format!("select '{table}'::regclass"),
            format!("copy {table} to stdout"),
            format!("select count(*) from {table}"),
            format!("explain select * from {table}"),
            format!("select * from public.{table}"),
            format!("insert into {table} (id) values (1)"),
            format!("select has_table_privilege('{table}', 'select')"),
            format!("select to_regclass('{table}')"),
        ] {
            line.parse("", &text).describe(Subject::Statement(""));
            all.extend(line.sync());
            all.extend(line.query(&text));
        }
        let said = all
            .iter()
            .map(|message| message.words().replace(table, "NAME"));
        said.collect()
    };
    let nowhere = told(&mut line, "nowhere");
    assert_eq!(told(&mut line, "users"), nowhere, "G21");
    // A view over it is no more there than the table itself.
    assert_eq!(told(&mut line, "users_view"), nowhere, "G21");
    // G22: a mask has the type of what it masks, told and given.
    let mut ana = session(&gateway, "ana.home");
    let types = |line: &mut Line| -> Vec<Vec<u8>> {
        line.parse(
            "",
            "select id, name, email, country, born from users order by id",
        )
        .describe(Subject::Statement(""))
        .bind("", "", &[], &Formats::All(wire::Format::Binary))
        .describe(Subject::Portal(""))
        .execute("", 0);
        let said = line.sync();
        assert_eq!(failure(&said), None, "{}", words(&said));
        let columns = said.iter().filter(|message| message.tag == b'T');
        let columns = columns.map(|message| {
            let parts = message.body[2..].split(|byte| *byte == 0);
            parts.flatten().copied().collect()
        });
        columns.collect()
    };
    let of_mask = types(&mut ana);
    assert_eq!(of_mask.len(), 2, "G22");
}

#[test]
fn a_cancel_ends_its_own_statement_and_nothing_else() {
    let gateway = Gateway::start();
    let mut line = session(&gateway, "ana.home");
    let key_of_line = key(&line);
    let address = gateway.address();
    let mut other = session(&gateway, "ana.home");
    let slow = "select count(*) from users a, generate_series(1, 300000000)";
    // Guessed keys are no keys: nothing is cancelled, and nothing is answered.
    let (process, right) = (key_of_line.process(), key_of_line.key().to_vec());
    let mut wrong = right.clone();
    wrong[0] ^= 1;
    for (process, key) in [(process, wrong), (process + 1, right), (0, vec![0; 4])] {
        cancel(address, &Cancel::new(process, &key).unwrap());
    }
    assert!(goes_on(&mut line));
    // G30: a cancel that comes when nothing runs hits nothing that comes later.
    for _ in 0..20 {
        cancel(address, &key_of_line);
        let said = line.query("select id from users order by id");
        assert_eq!(failure(&said), None, "G30: {}", words(&said));
    }
    // One that comes while a statement runs ends it, and only it.
    for _ in 0..3 {
        frontend::query(&mut line.out, slow).unwrap();
        line.send();
        std::thread::scope(|scope| {
            let cancelling = scope.spawn(|| {
                // Again and again, because the statement may not have begun.
                for _ in 0..200 {
                    cancel(address, &key_of_line);
                    std::thread::yield_now();
                }
            });
            let said = line.until_ready();
            assert_eq!(
                failure(&said).as_deref(),
                Some("57014"),
                "G30: {}",
                words(&said)
            );
            // G31: nothing more comes of it.
            assert!(said.iter().all(|message| message.tag != b'D'), "G31");
            cancelling.join().unwrap();
        });
        assert!(goes_on(&mut other), "G30");
    }
    assert!(goes_on(&mut line), "G30");
    drop((line, other));
    let (_, setup) = gateway.stop();
    let ends: Vec<String> = Entries::of(&setup)
        .outcomes()
        .into_iter()
        .map(|(_, end)| end)
        .collect();
    assert_eq!(
        ends.iter().filter(|end| *end == "cancelled").count(),
        3,
        "{ends:?}"
    );
}

#[test]
fn a_data_store_that_goes_away_amid_rows_is_said_and_recorded() {
    // G34: no silent retry, and the outcome tells how much was released.
    let gateway = Gateway::start();
    gateway.setup.sql(
        "insert into users (id, name, country) select g, 'N', 'SG' from generate_series(100, 400000) g",
    );
    let mut line = session(&gateway, "mei.eligible");
    frontend::query(&mut line.out, "select id, name from users").unwrap();
    line.send();
    let mut rows = 0_u64;
    let mut last = line.next().unwrap();
    let mut is_killed = false;
    while !matches!(last.tag, b'E' | b'C') {
        rows += u64::from(last.tag == b'D');
        if rows == 1 && !is_killed {
            is_killed = true;
            gateway.setup.sql(
                "select pg_terminate_backend(pid) from pg_stat_activity \
                 where usename = 'cordon' and query like '%users%' and datname = current_database()",
            );
        }
        last = line.next().unwrap();
    }
    assert_eq!(last.tag, b'E', "G34");
    let said = line.until_ready();
    drop(line);
    let (_, setup) = gateway.stop();
    let outcomes = Entries::of(&setup).outcomes();
    let (recorded, end) = &outcomes[0];
    assert_eq!(outcomes.len(), 1, "G34");
    assert!(
        *recorded >= rows && rows < 399_901,
        "G34: {recorded} {rows}"
    );
    assert_ne!(end, "complete", "G34: {}", words(&said));
}
