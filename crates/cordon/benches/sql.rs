//! `./x bench sql`: what it costs to read, decide, guard, print and check a statement, beside
//! libpg_query's own parse and deparse of the same text in the same rounds.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops loudly when it cannot run"
)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use enforce::{Enforcer, Request};
use model::{
    Asker, Connection, Jurisdiction, PersonId, PurposeId, Session, SessionId, Strength, Timestamp,
};
use pgschema::{Schema, Snapshot};
use policy::Decider;
use sql::{Limits, ParameterTypes, SessionNames};
use testkit::{Contender, interleave};

const POINT: &str = "SELECT email, country FROM users WHERE id = 42";
const REPORT: &str = include_str!("report.sql");

fn session(who: &str, purpose: Option<&str>) -> Session {
    Session {
        id: SessionId::new("bench").unwrap(),
        asker: Asker::Person(PersonId::new(who).unwrap()),
        strength: Strength::Aal2,
        connection: Connection::Country(Jurisdiction::parse("US").unwrap()),
        purpose: purpose.map(|purpose| PurposeId::new(purpose).unwrap()),
        teams_at_most: None,
    }
}

fn main() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/sample");
    let bundle = deployment::load(&sample).unwrap();
    let snapshot: Snapshot =
        serde_json::from_str(&std::fs::read_to_string(sample.join("schema.json")).unwrap())
            .unwrap();
    let decider = Arc::new(Decider::new(bundle.world.clone()).unwrap());
    let enforcer = Enforcer::new(decider, "app", Arc::new(Schema::new(snapshot).unwrap()));
    let masked = session("ana.home", None);
    let clear = session("ana.home", Some("support"));
    let request = |session| Request {
        session,
        rights: &bundle.rights,
        now: Timestamp::parse("2026-06-01T10:00:00Z").unwrap(),
        path: vec!["public".to_owned()],
        names: SessionNames::default(),
        types: ParameterTypes::default(),
    };
    let limits = Limits::default();
    for (title, text) in [("point query", POINT), ("report", REPORT)] {
        println!("{title}, {} bytes", text.len());
        for (who, session) in [("masked", &masked), ("clear", &clear)] {
            let request = request(session);
            let checked = enforcer.check(text, &request);
            match &checked {
                Ok(all) => println!("  {who}: {} bytes are sent", all[0].guarded.text().len()),
                Err(refused) => println!("  {who}: refused, {refused}"),
            }
        }
        let mut contenders = vec![
            Contender {
                name: "libpg_query: parse and deparse",
                run: Box::new(|| {
                    let parsed = pg_query::parse(text, pg_query::ParserOptions::default()).unwrap();
                    black_box(parsed.deparse(pg_query::DeparseOptions::default()).unwrap());
                }),
            },
            Contender {
                name: "read into the tree",
                run: Box::new(|| {
                    black_box(sql::read(text, &limits).unwrap());
                }),
            },
        ];
        for (name, session) in [
            ("read, decided, guarded, printed, checked: masked", &masked),
            ("read, decided, guarded, printed, checked: clear", &clear),
        ] {
            let request = request(session);
            if enforcer.check(text, &request).is_err() {
                continue;
            }
            let enforcer = &enforcer;
            contenders.push(Contender {
                name,
                run: Box::new(move || {
                    black_box(enforcer.check(text, &request).unwrap());
                }),
            });
        }
        println!("{}", interleave(11, 200, &mut contenders));
    }
}
