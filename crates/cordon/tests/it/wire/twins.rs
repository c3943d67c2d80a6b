//! Whole conversations with two gateways whose data differ only in what the asker may not see: every
//! byte that comes back is the same.
//!
//! Rows of an answer without a total order are compared as a set, because their order may depend on
//! where they lie. Key data of the login differ; nothing else may.

use std::fmt::Write as _;
use std::net::SocketAddr;

use testkit::statements::{Dice, Ground, Made};
use wire::{Cancel, Format, Formats, Subject, frontend};

use super::line::{Line, Message, words};
use super::stage::{Stage, database_of, session};
use crate::guard::oracles::{self, Canaries};
use crate::guard::world::World;
use crate::guard::{hidden, rows};

/// One side of the twins.
struct Side {
    line: Line,
    address: SocketAddr,
}

/// What is said in one turn.
#[derive(Debug)]
enum Turn {
    Query(String),
    /// Everything of the extended protocol, unnamed.
    Extended(String, Formats),
    /// A named portal by portions of so many rows, in a transaction.
    Portions(String, u32),
    /// Parts of a pipeline that break off at an error.
    Pipeline(Vec<String>),
    /// Somebody asks to cancel what is not there.
    Cancel,
}

impl Side {
    fn say(&mut self, turn: &Turn) -> Vec<Message> {
        let line = &mut self.line;
        match turn {
            Turn::Query(text) => line.query(text),
            Turn::Extended(text, formats) => {
                line.parse("s", text).describe(Subject::Statement("s"));
                line.bind("", "s", &[], formats)
                    .describe(Subject::Portal(""))
                    .execute("", 0);
                let mut heard = line.sync();
                frontend::close(&mut line.out, Subject::Statement("s")).unwrap();
                heard.extend(line.sync());
                heard
            }
            Turn::Portions(text, rows) => {
                let mut heard = line.query("begin");
                line.parse("", text).bind("p", "", &[], &Formats::Unsaid);
                for _ in 0..4 {
                    line.execute("p", *rows);
                    heard.extend(line.sync());
                }
                heard.extend(line.query("commit"));
                heard
            }
            Turn::Pipeline(texts) => {
                for text in texts {
                    line.parse("", text)
                        .bind("", "", &[], &Formats::Unsaid)
                        .describe(Subject::Portal(""))
                        .execute("", 0);
                }
                line.sync()
            }
            Turn::Cancel => {
                let mut other = Line::open(self.address);
                let cancel = Cancel::new(1, b"none").unwrap();
                frontend::cancel_request(&mut other.out, &cancel).unwrap();
                other.send();
                assert!(other.next().is_none());
                Vec::new()
            }
        }
    }
}

/// A conversation of a seed.
fn conversation(ground: &Ground, seed: u64) -> Vec<(Turn, bool)> {
    let mut dice = Dice::new(seed ^ 0x77_69_72_65);
    let mut turns = Vec::new();
    let mut number = seed * 1_000;
    let mut next = |is_total: bool| -> Made {
        loop {
            number += 1;
            let made = oracles::made(ground, number);
            if made.loose.is_none() && (made.is_ordered || !is_total) {
                return made;
            }
        }
    };
    for _ in 0..14 {
        match dice.below(14) {
            0 | 1 => {
                let made = next(false);
                turns.push((Turn::Query(made.text), made.is_ordered));
            }
            2 | 3 => {
                let made = next(false);
                let forms = [Formats::Unsaid, Formats::All(Format::Binary)];
                let forms = forms[dice.below(2)].clone();
                turns.push((Turn::Extended(made.text, forms), made.is_ordered));
            }
            4 => turns.push((
                Turn::Portions(next(true).text, u32::from(dice.once_in(2)) + 1),
                true,
            )),
            5 => {
                let text = next(true).text;
                turns.push((Turn::Query("begin".to_owned()), true));
                turns.push((
                    Turn::Query(format!("declare c scroll cursor for {text}")),
                    true,
                ));
                for fetch in [
                    "fetch 2 from c",
                    "move 1 in c",
                    "fetch all from c",
                    "fetch last from c",
                    "close c",
                ] {
                    turns.push((Turn::Query(fetch.to_owned()), true));
                }
                turns.push((Turn::Query("commit".to_owned()), true));
            }
            6 => {
                let made = next(false);
                let form = ["", " (format csv, header)", " (format binary)"];
                let form = form[dice.below(3)];
                turns.push((
                    Turn::Query(format!("copy ({}) to stdout{form}", made.text)),
                    made.is_ordered,
                ));
            }
            7 => {
                let made = next(false);
                turns.push((Turn::Query(format!("prepare p as {}", made.text)), true));
                turns.push((Turn::Query("execute p".to_owned()), made.is_ordered));
                turns.push((Turn::Query("deallocate p".to_owned()), true));
            }
            8 | 9 => {
                let text = dice.word(&ERRORS);
                turns.push((Turn::Query(text.to_owned()), true));
            }
            10 => {
                let text = dice.word(&SETTINGS);
                turns.push((Turn::Query(text.to_owned()), true));
            }
            11 => {
                turns.push((Turn::Query("begin; savepoint a".to_owned()), true));
                turns.push((Turn::Query(dice.word(&ERRORS).to_owned()), true));
                let made = next(false);
                turns.push((Turn::Query(made.text), made.is_ordered));
                turns.push((Turn::Query("rollback to a".to_owned()), true));
                let made = next(false);
                turns.push((Turn::Query(made.text), made.is_ordered));
                turns.push((Turn::Query("rollback".to_owned()), true));
            }
            12 => {
                let made = next(false);
                let texts = vec![
                    "select 1".to_owned(),
                    made.text,
                    dice.word(&ERRORS).to_owned(),
                    "select 2".to_owned(),
                ];
                turns.push((Turn::Pipeline(texts), made.is_ordered));
            }
            _ => turns.push((Turn::Cancel, true)),
        }
    }
    turns
}

/// What fails or is refused, on rows that are seen and on others.
const ERRORS: [&str; 12] = [
    "select 1 / 0",
    "select * from vip",
    "select hidden from subj",
    "select unlabelled from subj",
    "select * from uncatalogued",
    "select 1 / (salary - 20093) from subj order by id",
    "select count(*) from subj where note::int > 0",
    "select ssn::int from subj",
    "select id from subj where id = (select max(id) from ord, vip)",
    "selec",
    "update subj set note = ssn",
    "select pg_sleep(1)",
];

const SETTINGS: [&str; 10] = [
    "set datestyle = german",
    "set time zone 'Asia/Tokyo'",
    "set extra_float_digits = 0; show extra_float_digits",
    "reset all",
    "discard all",
    "show all",
    "show search_path",
    "select relname from pg_class where relkind in ('r', 'v', 'm') order by 1",
    "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'subj'::regclass order by attnum",
    "select current_user, version()",
];

/// What COPY in binary begins with.
const COPY_HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The same bytes, with rows sorted where their order means nothing.
fn heard(messages: &[Message], is_ordered: bool) -> Vec<(u8, Vec<u8>)> {
    let mut all: Vec<(u8, Vec<u8>)> = Vec::new();
    let mut run: Vec<(u8, Vec<u8>)> = Vec::new();
    for message in messages {
        let mut one = (message.tag, message.body.clone());
        // COPY in binary has its head in front of its first row.
        if let Some(row) = one.1.strip_prefix(COPY_HEAD).map(<[u8]>::to_vec) {
            all.push((b'd', COPY_HEAD.to_vec()));
            one.1 = row;
        }
        if matches!(message.tag, b'D' | b'd') && !is_ordered {
            run.push(one);
            continue;
        }
        run.sort();
        all.append(&mut run);
        all.push(one);
    }
    all.append(&mut run);
    all
}

fn greeting(line: &Line) -> Vec<Message> {
    let kept = line.greeting.iter().filter(|message| message.tag != b'K');
    kept.cloned().collect()
}

#[test]
fn no_byte_tells_twins_apart() {
    let people = ["analyst", "masked"];
    let base = rows::base();
    let world = World::new("wire_twin_world", &rows::sql(&base));
    let of = |upstream: &str| people.iter().find(|who| database_of(who) == upstream);
    let other = |upstream: &str| match of(upstream) {
        Some(who) => hidden::twin(&|table| world.view(who, table), 23, 300),
        None => base.clone(),
    };
    let a = Stage::start("wire_twin_a", &rows::sql(&base));
    let b = Stage::with(
        "wire_twin_b",
        &|upstream| rows::sql(&other(upstream)),
        Some(&a),
    );
    let mut report = String::new();
    let mut counts = (0, 0, 0);
    for who in people {
        let ground = oracles::ground(&world, who);
        let hidden = [
            oracles::values_not_seen(&world, who, &base),
            oracles::values_not_seen(&world, who, &other(database_of(who))),
        ]
        .map(|all| Canaries::new(all.into_iter().filter(|token| token.contains("tok"))));
        b.sql(who, "ANALYZE");
        for seed in 0..u64::from(testkit::cases(4)) {
            let mut sides = [&a, &b].map(|stage| {
                let address = stage.gateway.address();
                Side {
                    line: session(address, who),
                    address,
                }
            });
            assert_eq!(greeting(&sides[0].line), greeting(&sides[1].line));
            for (turn, is_ordered) in conversation(&ground, seed) {
                let answers = sides.each_mut().map(|side| side.say(&turn));
                counts.0 += 1;
                counts.1 += usize::from(answers[0].iter().any(|m| matches!(m.tag, b'D' | b'd')));
                counts.2 += usize::from(answers[0].iter().any(|message| message.tag == b'E'));
                let asked = format!("{turn:?}");
                for (answer, canaries) in answers.iter().zip(&hidden) {
                    let bytes: Vec<u8> = answer.iter().flat_map(|m| m.body.clone()).collect();
                    let text = String::from_utf8_lossy(&bytes);
                    if let Some(token) = canaries.found(&text, &asked) {
                        let _ = writeln!(report, "{who}, seed {seed}: {asked}\n{token} came");
                    }
                }
                let [first, second] = answers.each_ref().map(|answer| heard(answer, is_ordered));
                if first != second {
                    let [first, second] = answers.each_ref().map(|answer| words(answer));
                    let _ = writeln!(
                        report,
                        "{who}, seed {seed}: {asked}\n-- one:\n{}\n-- two:\n{}\n",
                        first.chars().take(800).collect::<String>(),
                        second.chars().take(800).collect::<String>()
                    );
                }
            }
        }
    }
    println!("turns, with rows, with errors: {counts:?}");
    assert!(report.is_empty(), "{report}");
    let (turns, rows, errors) = counts;
    assert!(rows * 6 > turns && errors * 20 > turns, "{counts:?}");
}
