//! The logs under tests/data/ledger: made here, published, and verified as their table says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use merkle::SignedCheckpoint;
use verifier::{Code, MemorySource, Terms, checkpoint_of, open, verify};

use crate::asked::codes;
use crate::made::{Made, witness};
use crate::payloads::{disclosed, head};
use crate::tampered::control;
use crate::world::World;

const FOLDER: &str = "tests/data/ledger";
const DOCUMENT: &str = "docs/ledger-vectors.md";
/// Sizes whose logs are published, and those whose roots are.
const SMALL: [u64; 5] = [0, 1, 255, 256, 257];
const LARGE: [u64; 3] = [65_536, 65_537, 70_000];

/// Case, what is given beside the log's key, verdict and codes.
const VERDICTS: &[(&str, &str, &str)] = &[
    ("size-0", "witness", "ok"),
    ("size-1", "witness", "ok"),
    ("size-255", "witness", "ok"),
    ("size-256", "witness", "ok"),
    ("size-257", "witness", "ok"),
    ("size-257", "nothing", "cannot tell: no-witness"),
    ("fork", "earlier", "violation: fork"),
    ("cut-tail", "witness", "violation: log-cut"),
    ("cut-tail", "nothing", "violation: log-cut"),
    ("bad-cosignature", "witness", "violation: cosignature-wrong"),
    (
        "flipped-bit",
        "witness",
        "violation: entry-altered, root-mismatch",
    ),
    ("flipped-tile", "witness", "violation: tile-altered"),
    ("rewritten", "witness", "violation: history-rewritten"),
    ("rewritten", "earlier", "violation: history-rewritten"),
    ("rewritten-and-hidden", "nothing", "cannot tell: no-witness"),
    (
        "rewritten-and-hidden",
        "witness",
        "cannot tell: quorum-missing",
    ),
    (
        "rewritten-and-hidden",
        "earlier",
        "violation: history-rewritten",
    ),
    ("deployment", "witness", "ok"),
    ("erased-payload", "witness, payloads", "ok"),
    (
        "missing-payload",
        "witness, payloads",
        "violation: payload-missing",
    ),
    (
        "changed-payload",
        "witness, payloads",
        "violation: payload-mismatch",
    ),
    ("cut-access-log", "witness", "violation: log-cut"),
];

fn in_repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

type Files = BTreeMap<String, Vec<u8>>;

/// Puts a log into a case.
fn put(files: &mut Files, folder: &str, log: &MemorySource) {
    for (name, bytes) in &log.files {
        files.insert(format!("{folder}/{name}"), bytes.clone());
    }
}

fn text(checkpoint: &SignedCheckpoint) -> Vec<u8> {
    checkpoint.to_string().into_bytes()
}

/// Every published file.
fn all() -> Files {
    let mut files = Files::new();
    let mut keys = String::new();
    let world = World::honest();
    for log in [&world.control, &world.gate_1, &world.gate_2] {
        writeln!(keys, "{}", log.vkey()).unwrap();
    }
    files.insert("logs.vkey".to_owned(), keys.into_bytes());
    let witness = format!("{}\n", witness().verifier());
    files.insert("witness.vkey".to_owned(), witness.into_bytes());
    for size in SMALL {
        put(
            &mut files,
            &format!("size-{size}/control-1"),
            &control(size).files(),
        );
    }
    of_one_log(&mut files);
    of_a_deployment(&mut files, &world);
    files
}

fn of_one_log(files: &mut Files) {
    let honest = control(40);
    let earlier = text(&honest.checkpoint_at(40));
    let mut other = honest.clone();
    other.entries.swap(30, 29);
    other.cosigned = None;
    put(files, "fork/control-1", &other.files());
    files.insert("fork/earlier".to_owned(), earlier);

    let mut cut = honest.clone();
    cut.entries.truncate(35);
    cut.cosigned = None;
    put(files, "cut-tail/control-1", &cut.files());
    let cosigned = text(&honest.cosigned_at(40));
    let kept = "cut-tail/control-1/checkpoint.witnessed";
    files.insert(kept.to_owned(), cosigned.clone());

    put(files, "bad-cosignature/control-1", &honest.files());
    let mut forged = honest.checkpoint_at(40);
    let line = witness().cosign(honest.checkpoint_at(39).checkpoint(), 7);
    forged.add(line.unwrap()).unwrap();
    let latest = "bad-cosignature/control-1/checkpoint";
    files.insert(latest.to_owned(), text(&forged));

    put(files, "flipped-bit/control-1", &honest.files());
    let bundle = "flipped-bit/control-1/tile/entries/000.p/40";
    let bytes = files.get_mut(bundle).unwrap();
    // In the time of the last entry, which has 29 bytes.
    let at = bytes.len() - 29 + 14;
    bytes[at] ^= 1;

    put(files, "flipped-tile/control-1", &honest.files());
    let tile = "flipped-tile/control-1/tile/0/000.p/40";
    files.get_mut(tile).unwrap()[1000] ^= 1;

    let forged = rewritten(&honest);
    for case in ["rewritten", "rewritten-and-hidden"] {
        put(files, &format!("{case}/control-1"), &forged.files());
        files.insert(format!("{case}/earlier"), text(&honest.checkpoint_at(38)));
    }
    let kept = "rewritten/control-1/checkpoint.witnessed";
    files.insert(kept.to_owned(), text(&honest.cosigned_at(38)));
}

/// Entry 6 says another time; everything is hashed and signed again with the log's key.
fn rewritten(honest: &Made) -> Made {
    let mut forged = honest.clone();
    let mut entry = record::Entry::decode(&forged.entries[6]).unwrap();
    entry.time_ms -= 86_400_000;
    forged.entries[6] = entry.encode().unwrap();
    forged.cosigned = None;
    forged
}

fn of_a_deployment(files: &mut Files, world: &World) {
    let mut cut = world.clone();
    cut.gate_1.entries.truncate(8);
    for (case, world) in [
        ("deployment", world),
        ("erased-payload", world),
        ("missing-payload", world),
        ("changed-payload", world),
        ("cut-access-log", &cut),
    ] {
        put(files, &format!("{case}/control-1"), &world.control.files());
        put(
            files,
            &format!("{case}/access-gate-1-1"),
            &world.gate_1.files(),
        );
        put(
            files,
            &format!("{case}/access-gate-2-1"),
            &world.gate_2.files(),
        );
    }
    let export = |change: &dyn Fn(&mut Vec<verifier::PayloadLine>)| {
        let mut lines = disclosed(world);
        change(&mut lines);
        let mut text = head(world) + "\n";
        for line in lines {
            text += &line.to_line();
            text.push('\n');
        }
        text.into_bytes()
    };
    let mut add =
        |case: &str, bytes: Vec<u8>| files.insert(format!("{case}/payloads.jsonl"), bytes);
    add("erased-payload", export(&|_| {}));
    add("missing-payload", export(&|lines| drop(lines.pop())));
    let change = |lines: &mut Vec<verifier::PayloadLine>| {
        lines.last_mut().unwrap().bytes = Some("AAAA".to_owned());
    };
    add("changed-payload", export(&change));
}

/// The document with one part, between its markers, as the code has it.
fn with_part(document: &str, name: &str, part: &str) -> String {
    let begin = format!("<!-- {name}: written by `./x docs`, not by hand -->\n");
    let end = format!("<!-- end of {name} -->");
    let (before, rest) = document.split_once(&begin).expect(&begin);
    let (_, after) = rest.split_once(&end).expect(&end);
    format!("{before}{begin}\n{}\n\n{end}{after}", part.trim())
}

fn document(old: &str) -> String {
    let mut verdicts = "| folder | given beside the key | verdict |\n|---|---|---|\n".to_owned();
    for (case, given, verdict) in VERDICTS {
        writeln!(verdicts, "| `{case}` | {given} | {verdict} |").unwrap();
    }
    let mut roots = "| entries | root |\n|---|---|\n".to_owned();
    for size in SMALL.into_iter().chain(LARGE) {
        let root = control(size).head_at(size).root;
        writeln!(roots, "| {size} | `{root}` |").unwrap();
    }
    let mut all = "| code | severity | meaning |\n|---|---|---|\n".to_owned();
    for code in Code::ALL {
        let (severity, meaning) = (code.severity(), code.meaning());
        writeln!(all, "| `{code}` | {severity} | {meaning} |").unwrap();
    }
    let document = with_part(old, "verdicts", &verdicts);
    let document = with_part(&document, "roots", &roots);
    with_part(&document, "codes", &all)
}

#[test]
fn published_logs_and_their_document_are_what_is_made_here() {
    let made = all();
    let writes = std::env::var_os("RECORD_WRITE").is_some();
    let path = in_repository(DOCUMENT);
    let old = std::fs::read_to_string(&path).expect(DOCUMENT);
    let new = document(&old);
    if writes {
        let _ = std::fs::remove_dir_all(in_repository(FOLDER));
        let source = MemorySource {
            files: made.clone(),
        };
        crate::places::write(&in_repository(FOLDER), &source);
        std::fs::write(&path, &new).unwrap();
    }
    let remedy = "run `./x docs` and read the difference";
    for (name, bytes) in &made {
        let found = std::fs::read(in_repository(FOLDER).join(name)).unwrap_or_default();
        assert!(found == *bytes, "{FOLDER}/{name} is another; {remedy}");
    }
    assert!(writes || old == new, "{DOCUMENT} is another; {remedy}");
    verified_as_said();
}

/// From the files alone, as a stranger does it.
fn verified_as_said() {
    let folder = in_repository(FOLDER);
    let place = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    for (case, given, expected) in VERDICTS {
        let mut terms = Terms {
            keys: verifier::keys_of(&place("logs.vkey")).unwrap(),
            ..Terms::default()
        };
        if given.contains("witness") {
            let keys = verifier::keys_of(&place("witness.vkey")).unwrap();
            terms.witnesses = Some(Terms::any_of(&keys).unwrap());
        }
        if given.contains("earlier") {
            let earlier = place(&format!("{case}/earlier"));
            terms.earlier.push(checkpoint_of(&earlier).unwrap());
        }
        if given.contains("payloads") {
            let file = std::fs::File::open(place(&format!("{case}/payloads.jsonl"))).unwrap();
            let mut reader = std::io::BufReader::new(file);
            terms.payloads = Some(verifier::Export::read(&mut reader).unwrap());
        }
        let sources = open(&place(case)).unwrap();
        let report = verify(&sources, &terms, &mut |_| {}).unwrap();
        let codes = codes(&report);
        let found = match codes.is_empty() {
            true => report.verdict().as_str().to_owned(),
            false => format!("{}: {}", report.verdict().as_str(), codes.join(", ")),
        };
        assert_eq!(
            found,
            *expected,
            "{case} with {given}\n{}",
            report.to_text()
        );
    }
}

#[test]
fn large_logs_are_verified() {
    for size in LARGE {
        let log = control(size);
        let asked = crate::asked::Asked::one(log.files(), log.vkey()).witnessed();
        let report = asked.report();
        assert_eq!(report.verdict().as_str(), "ok", "{}", report.to_text());
        assert_eq!(report.logs[0].entries, size);
    }
}

#[test]
fn every_code_is_reached_by_some_test() {
    // The names as they stand in assertions of this crate's tests.
    let tests = [
        include_str!("between.rs"),
        include_str!("entries.rs"),
        include_str!("honest.rs"),
        include_str!("payloads.rs"),
        include_str!("rewritten.rs"),
        include_str!("tampered.rs"),
    ];
    // `Trail` is given every index once and in order, so that this one cannot come.
    let unreachable = [Code::WrongIndex];
    for code in Code::ALL.iter().filter(|code| !unreachable.contains(code)) {
        let named = tests.iter().any(|test| test.contains(code.as_str()));
        assert!(named, "no test names `{code}`");
    }
}
