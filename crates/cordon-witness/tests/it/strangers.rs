//! A program in Go that shares no code with ours reads what we write: it accepts every honest log and
//! finds every change.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use merkle::{
    CosignerKey, Hash, ProofFile, SignedCheckpoint, SignerKey, TreeHead, inclusion_proof,
};
use tempfile::TempDir;

use crate::made::{Log, NOW_S, ORIGIN, entry, log_key, signed, signed_by};

/// The program, built once for all tests of this process.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/strangers/go");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let program = folder.join("stranger");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(".")
            .current_dir(&source)
            .env("GO111MODULE", "off")
            .env("GOPATH", "/usr/share/gocode")
            .env("GOCACHE", folder.join("go-cache"))
            .output();
        let remedy = "apt-get install golang-go golang-golang-x-mod-dev, or run ./x test";
        let built = built.unwrap_or_else(|error| panic!("cannot run `go`: {error}; {remedy}"));
        let said = String::from_utf8_lossy(&built.stderr).into_owned();
        assert!(built.status.success(), "go build: {said}; {remedy}");
        program
    })
}

/// What the stranger says: whether all holds, and its words.
#[derive(Debug)]
pub struct Verdict {
    pub is_ok: bool,
    pub text: String,
}

impl Verdict {
    fn says(&self, words: &str) -> bool {
        !self.is_ok && self.text.contains(words)
    }
}

fn run(arguments: &[&str], paths: &[(&str, &Path)], last: &Path) -> Verdict {
    let mut command = Command::new(program());
    command.args(arguments);
    for (flag, path) in paths {
        command.arg(flag).arg(path);
    }
    let ran = command.arg(last).output().unwrap();
    let text = String::from_utf8(ran.stdout).unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    let code = ran.status.code();
    assert!(matches!(code, Some(0 | 1)), "{code:?} {text}{said}");
    Verdict {
        is_ok: code == Some(0),
        text,
    }
}

/// Asks the stranger about a log directory, with older checkpoints that it must extend.
pub fn verdict_on(log: &Path, witness: Option<&str>, from: &[&Path]) -> Verdict {
    let key = log_key().verifier().to_string();
    let mut arguments = vec!["log", "-log", &key];
    if let Some(witness) = witness {
        arguments.extend(["-witness", witness]);
    }
    let from: Vec<(&str, &Path)> = from.iter().map(|path| ("-from", *path)).collect();
    run(&arguments, &from, log)
}

/// A log as it lies on disk.
pub struct Published {
    pub folder: TempDir,
    pub log: Log,
}

impl Published {
    pub fn of(log: Log) -> Self {
        let signed = log.signed();
        Self::with(log, &signed)
    }

    pub fn with(log: Log, checkpoint: &SignedCheckpoint) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in &log.files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        fs::write(folder.path().join("checkpoint"), checkpoint.to_string()).unwrap();
        Self { folder, log }
    }

    pub fn verdict(&self) -> Verdict {
        verdict_on(self.folder.path(), None, &[])
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn checkpoint_file(&self, name: &str, checkpoint: &SignedCheckpoint) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, checkpoint.to_string()).unwrap();
        path
    }

    /// Changes one bit of a file and asks; then puts it right again.
    fn with_bit_flipped(&self, name: &str, at: usize) -> Verdict {
        let bytes = fs::read(self.path(name)).unwrap();
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        fs::write(self.path(name), &flipped).unwrap();
        let verdict = self.verdict();
        fs::write(self.path(name), bytes).unwrap();
        verdict
    }
}

fn witness() -> CosignerKey {
    CosignerKey::from_seed("witness.example/w1", &[101; 32]).unwrap()
}

fn cosigned(head: TreeHead) -> SignedCheckpoint {
    let mut checkpoint = signed(head);
    checkpoint.cosign(&witness(), NOW_S).unwrap();
    checkpoint
}

#[test]
fn honest_logs_are_accepted_at_every_size() {
    for size in [0, 1, 255, 256, 257, 70_000] {
        let verdict = Published::of(Log::of(size)).verdict();
        assert!(verdict.is_ok, "{size}: {verdict:?}");
        assert!(
            verdict.text.contains(&format!("{size} entries")),
            "{verdict:?}"
        );
    }
}

#[test]
fn every_flipped_bit_of_entries_and_tiles_is_found() {
    // Three partial tiles' worth, and a log whose right edge has several subtrees in one tile.
    for size in [3, 257, 300, 66_000] {
        let published = Published::of(Log::of(size));
        let names: Vec<&String> = published.log.files.keys().collect();
        let stride = names.len() / 12 + 1;
        for name in names.iter().step_by(stride).chain(names.last()) {
            let length = published.log.files[*name].len();
            for at in [0, length / 2, length - 1] {
                let verdict = published.with_bit_flipped(name, at);
                assert!(!verdict.is_ok, "{size} {name} {at}: {verdict:?}");
            }
        }
        assert!(published.verdict().is_ok, "put right again");
    }
}

#[test]
fn every_byte_of_a_small_logs_tiles_counts() {
    let published = Published::of(Log::of(7));
    for (name, bytes) in &published.log.files {
        for at in (0..bytes.len()).step_by(8).chain([bytes.len() - 1]) {
            let verdict = published.with_bit_flipped(name, at);
            assert!(!verdict.is_ok, "{name} {at}: {verdict:?}");
        }
    }
}

#[test]
fn cut_tail_is_found() {
    let published = Published::of(Log::of(300));
    for name in ["tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1"] {
        let path = published.path(name);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 20]).unwrap();
        assert!(!published.verdict().is_ok, "{name} cut");
        fs::remove_file(&path).unwrap();
        assert!(!published.verdict().is_ok, "{name} gone");
        fs::write(&path, bytes).unwrap();
    }
    assert!(published.verdict().is_ok);
    // A log that was honestly shorter once, and hides what came after.
    let shorter = Published::of(Log::of(290));
    let seen = shorter.checkpoint_file("seen", &signed(Log::of(300).head));
    let verdict = verdict_on(shorter.folder.path(), None, &[&seen]);
    assert!(verdict.says("inconsistent"), "{verdict:?}");
}

#[test]
fn bytes_after_the_end_are_found() {
    let published = Published::of(Log::of(300));
    for name in published.log.files.keys() {
        let path = published.path(name);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, [bytes.as_slice(), &[0, 0]].concat()).unwrap();
        assert!(!published.verdict().is_ok, "{name}");
        fs::write(&path, bytes).unwrap();
    }
    assert!(published.verdict().is_ok, "put right again");
}

#[test]
fn full_objects_may_stand_where_partial_ones_stood() {
    // The log went on to 600 and dropped its partial tiles; the checkpoint is of before.
    let mut log = Log::of(600);
    log.head = Log::of(300).head;
    log.files.insert(
        "tile/1/000.p/1".to_owned(),
        Log::of(300).files["tile/1/000.p/1"].clone(),
    );
    let published = Published::of(log);
    let verdict = published.verdict();
    assert!(
        verdict.is_ok && verdict.text.contains("300 entries"),
        "{verdict:?}"
    );
}

#[test]
fn empty_log_has_one_root() {
    let published = Published::of(Log::of(0));
    assert!(published.verdict().is_ok);
    let root = Hash::new([3; 32]);
    published.checkpoint_file("checkpoint", &signed(TreeHead { size: 0, root }));
    assert!(published.verdict().says("root"));
}

#[test]
fn honest_extension_is_consistent_from_every_size() {
    let published = Published::of(Log::of(700));
    let mut seen = Vec::new();
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 699, 700] {
        let name = format!("seen-{size}");
        seen.push(published.checkpoint_file(&name, &signed(Log::of(size).head)));
    }
    let seen: Vec<&Path> = seen.iter().map(PathBuf::as_path).collect();
    let verdict = verdict_on(published.folder.path(), None, &seen);
    assert!(verdict.is_ok, "{verdict:?}");
}

#[test]
fn fork_is_found_at_the_same_size_and_at_a_larger_one() {
    let fork = Log::rewritten(300, 5);
    let published = Published::of(fork);
    assert!(
        published.verdict().is_ok,
        "nobody sees a fork in one log alone"
    );
    for size in [6, 256, 299, 300] {
        let seen = published.checkpoint_file("seen", &signed(Log::of(size).head));
        let verdict = verdict_on(published.folder.path(), None, &[&seen]);
        assert!(verdict.says("inconsistent"), "{size}: {verdict:?}");
    }
    // Before the entry that was rewritten both are one log.
    let seen = published.checkpoint_file("seen", &signed(Log::of(5).head));
    assert!(verdict_on(published.folder.path(), None, &[&seen]).is_ok);
}

#[test]
fn checkpoint_must_be_of_this_log_and_rightly_signed() {
    let published = Published::of(Log::of(20));
    let head = published.log.head;
    let stranger = SignerKey::from_seed(ORIGIN, &[2; 32]).unwrap();
    let other = SignerKey::from_seed("example.org/other", &[1; 32]).unwrap();
    let root = Hash::new([3; 32]);
    let right = published.log.signed().to_string();
    for wrong in [
        signed_by(head, &stranger).to_string(),
        signed_by(head, &other).to_string(),
        signed(TreeHead { size: 20, root }).to_string(),
        right.replace("\n20\n", "\n19\n"),
        right.replace("\n20\n", "\n020\n"),
        right[..right.len() - 9].to_owned(),
    ] {
        fs::write(published.path("checkpoint"), &wrong).unwrap();
        assert!(!published.verdict().is_ok, "{wrong}");
    }
}

#[test]
fn cosignature_is_accepted_and_a_forged_one_is_not() {
    let log = Log::of(20);
    let head = log.head;
    let published = Published::with(log, &cosigned(head));
    let key = witness().verifier().to_string();
    let ask = || verdict_on(published.folder.path(), Some(&key), &[]);
    let verdict = ask();
    assert!(
        verdict.is_ok && verdict.text.contains("1 cosigned"),
        "{verdict:?}"
    );

    published.checkpoint_file("checkpoint", &signed(head));
    assert!(ask().says("0 of 1 witnesses"), "no cosignature is not one");

    let by_witness_alone = format!(
        "{}\n{}",
        cosigned(head).checkpoint(),
        cosigned(head).signatures()[1]
    );
    fs::write(published.path("checkpoint"), by_witness_alone).unwrap();
    assert!(ask().says("not signed by the log"), "{:?}", ask());

    // Somebody else's key under the witness's name, and its true cosignature of another size.
    let thief = CosignerKey::from_seed("witness.example/w1", &[102; 32]).unwrap();
    let mut by_thief = signed(head);
    by_thief.cosign(&thief, NOW_S).unwrap();
    published.checkpoint_file("checkpoint", &by_thief);
    assert!(!ask().is_ok);
    let elsewhere = cosigned(Log::of(19).head);
    let mut moved = signed(head);
    moved.add(elsewhere.signatures()[1].clone()).unwrap();
    published.checkpoint_file("checkpoint", &moved);
    assert!(ask().says("invalid signature"), "{:?}", ask());

    // Its time is signed too.
    let mut later = signed(head);
    later.cosign(&witness(), NOW_S + 1).unwrap();
    let (now, then) = (cosigned(head), later);
    let mixed = mix_times(
        &now.signatures()[1].to_string(),
        &then.signatures()[1].to_string(),
    );
    fs::write(
        published.path("checkpoint"),
        format!("{}{mixed}", signed(head)),
    )
    .unwrap();
    assert!(ask().says("invalid signature"), "{:?}", ask());
}

/// The line of the one with the time of the other: the first 12 bytes are 16 base64 digits.
fn mix_times(line: &str, other: &str) -> String {
    let start = line.rfind(' ').unwrap() + 1;
    let (taken, kept) = (&other[..start + 16], &line[start + 16..]);
    format!("{taken}{kept}")
}

#[test]
fn log_that_went_on_after_its_cosignature_is_accepted_if_it_extends_that() {
    let published = Published::of(Log::of(300));
    let key = witness().verifier().to_string();
    for (older, is_ok) in [(Log::of(260), true), (Log::rewritten(260, 9), false)] {
        published.checkpoint_file("checkpoint.witnessed", &cosigned(older.head));
        let verdict = verdict_on(published.folder.path(), Some(&key), &[]);
        assert_eq!(verdict.is_ok, is_ok, "{verdict:?}");
    }
}

#[test]
fn proof_of_one_entry_holds_for_it_and_for_no_other() {
    let log = Log::of(70_000);
    let folder = tempfile::tempdir().unwrap();
    let keys = (
        log_key().verifier().to_string(),
        witness().verifier().to_string(),
    );
    let ask = |proof: &str, entry: &[u8]| {
        let (proof_file, entry_file) = (folder.path().join("p"), folder.path().join("e"));
        fs::write(&proof_file, proof).unwrap();
        fs::write(&entry_file, entry).unwrap();
        let arguments = ["proof", "-log", &keys.0, "-witness", &keys.1];
        run(&arguments, &[("-entry", &entry_file)], &proof_file)
    };
    let proof = |index: u64| ProofFile {
        extra: None,
        index,
        hashes: inclusion_proof(&log, &log.head, index).unwrap(),
        checkpoint: cosigned(log.head),
    };
    let mut verdicts = BTreeMap::new();
    for index in [0, 255, 256, 65_535, 65_536, 69_999] {
        verdicts.insert(index, ask(&proof(index).to_string(), &entry(index)));
    }
    assert!(
        verdicts.values().all(|verdict| verdict.is_ok),
        "{verdicts:?}"
    );

    let good = proof(300);
    assert!(ask(&good.to_string(), &entry(300)).is_ok);
    assert!(!ask(&good.to_string(), &entry(301)).is_ok, "another entry");
    let other = ProofFile {
        index: 301,
        ..good.clone()
    };
    assert!(!ask(&other.to_string(), &entry(300)).is_ok, "another index");
    assert!(
        !ask(&other.to_string(), &entry(301)).is_ok,
        "another index's proof"
    );
    let mut cut = good.clone();
    cut.hashes.pop();
    assert!(!ask(&cut.to_string(), &entry(300)).is_ok, "a cut proof");
    let unwitnessed = ProofFile {
        checkpoint: signed(log.head),
        ..good.clone()
    };
    assert!(ask(&unwitnessed.to_string(), &entry(300)).says("0 of 1 witnesses"));
    let extra = ProofFile {
        extra: Some(vec![1, 2]),
        ..good
    };
    assert!(
        ask(&extra.to_string(), &entry(300)).is_ok,
        "extra data are passed over"
    );
}
