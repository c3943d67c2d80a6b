//! Sections G and H of the corpus over time: rights that change between the steps of one conversation,
//! and policies that cannot be read.

use wire::{Formats, Subject};

use super::line::{Line, Message, failure, words};
use super::stage::Stage;
use crate::command::cordon;
use crate::gateway::Entries;
use crate::guard::world::ROWS;
use crate::serve::Setup;

/// Where `rows` stands in the rules, whoever they are about.
const ROWS_OF_ANALYST: &str = "principal in Cordon::Team::\"analyst\"";

/// What was begun before a right was lost is not gone on with: G18 (Bind and Execute of what was parsed
/// before), G19 and H01 (a suspended portal), C05 (a cursor), H04 (all policies at once).
#[test]
fn what_a_right_allowed_ends_with_it_at_every_step() {
    let stage = Stage::start("wire_rights", ROWS);
    let gateway = &stage.gateway;
    let text = "select id, name from subj order by id";
    let mut parsed = stage.line("analyst");
    parsed.parse("s", text).describe(Subject::Statement("s"));
    assert_eq!(failure(&parsed.sync()), None);
    let mut bound = stage.line("analyst");
    bound.query("begin");
    bound.parse("s", text).bind("p", "s", &[], &Formats::Unsaid);
    assert_eq!(failure(&bound.sync()), None);
    let mut suspended = stage.line("analyst");
    suspended.query("begin");
    suspended
        .parse("s", text)
        .bind("p", "s", &[], &Formats::Unsaid)
        .execute("p", 1);
    let said = suspended.sync();
    assert!(
        said.iter().any(|message| message.tag == b's'),
        "{}",
        words(&said)
    );
    let mut cursor = stage.line("analyst");
    cursor.query(&format!(
        "begin; declare c cursor for {text}; fetch 1 from c"
    ));
    let mut prepared = stage.line("analyst");
    prepared.query(&format!("prepare q as {text}"));
    let mut other = stage.line("masked");
    assert_eq!(failure(&other.query("select id from subj")), None);
    // Nothing is permitted to the analyst any more.
    let rules = gateway.setup.file("policy/rules.cedar");
    let all = std::fs::read_to_string(&rules).unwrap();
    let none = all.replace(ROWS_OF_ANALYST, "principal in Cordon::Team::\"unlit\"");
    assert_ne!(all, none);
    std::fs::write(&rules, none).unwrap();
    gateway.signal("HUP");
    gateway.wait_for_line("reloaded");
    let refused = |said: Vec<Message>, what: &str| {
        let code = failure(&said);
        let is_refusal = code.as_ref().is_some_and(|code| code.contains('-'));
        assert!(is_refusal, "{what}: {}", words(&said));
        assert!(said.iter().all(|message| message.tag != b'D'), "{what}");
    };
    parsed.bind("", "s", &[], &Formats::Unsaid).execute("", 0);
    refused(parsed.sync(), "G18: Bind");
    parsed.describe(Subject::Statement("s"));
    refused(parsed.sync(), "G21: Describe");
    bound.execute("p", 0);
    refused(bound.sync(), "G18: Execute");
    suspended.execute("p", 0);
    refused(suspended.sync(), "G19");
    refused(cursor.query("fetch 1 from c"), "C05");
    refused(prepared.query("execute q"), "G18: EXECUTE");
    refused(prepared.query(text), "H04");
    // Others see what they saw.
    assert_eq!(failure(&other.query("select id from subj")), None);
    drop((parsed, bound, suspended, cursor, prepared, other));
    let Stage { gateway, .. } = stage;
    let (_, setup) = gateway.stop();
    let entries = Entries::of(&setup);
    // Each refusal is in the ledger, and each decision has an outcome.
    assert!(
        entries.of_kind("refusal").len() >= 6,
        "{:?}",
        entries.counts()
    );
    let counts = entries.counts();
    assert_eq!(counts["decision"], counts["outcome"], "{counts:?}");
}

/// H05: policies that are gone, empty or broken permit nothing.
#[test]
fn policies_that_cannot_be_read_permit_nothing() {
    for (name, text) in [
        ("gone", None),
        ("broken", Some("permit (principal, action")),
    ] {
        let setup = Setup::new();
        let file = setup.file("policy/rules.cedar");
        match text {
            None => std::fs::remove_dir_all(file.parent().unwrap()).unwrap(),
            Some(text) => std::fs::write(&file, text).unwrap(),
        }
        // Gone altogether, nothing is permitted; broken, it does not start.
        if text.is_some() {
            let ran = cordon(&["serve", setup.dir_text(), "--evaluation"]);
            assert_ne!(ran.code, 0, "{name}");
            assert!(!ran.err.contains("listening"), "{name}: {}", ran.err);
        } else {
            permits_nothing(setup);
        }
    }
    let setup = Setup::new();
    std::fs::write(setup.file("policy/rules.cedar"), "").unwrap();
    permits_nothing(setup);
}

fn permits_nothing(setup: Setup) {
    let gateway = setup.start();
    let login = super::line::Login::new("ana.home", "app");
    let mut line = Line::login(gateway.address(), &login);
    for text in [
        "select * from users",
        "select * from regions",
        "select id from videos",
    ] {
        let code = failure(&line.query(text));
        assert_eq!(code.as_deref(), Some("not-visible"), "{text}");
    }
}
