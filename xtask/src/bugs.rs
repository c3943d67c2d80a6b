//! Seeded bugs: makes each mistake of `tests/data/guard/bugs.txt` in a copy of the tree, and says which
//! no test of the guard notices.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// LIMIT: how long a build, or the tests with one bug, may take.
const MINUTES_MAX: &str = "15m";

/// The test that every bug can be made: it fails because one was.
const NO_JUDGE: &str = "every_seeded_bug_still_applies";

/// One mistake.
struct Bug {
    title: String,
    file: String,
    find: String,
    replace: String,
}

/// What came of it.
#[derive(PartialEq)]
enum Fate {
    Caught(String),
    Unnoticed,
    DoesNotBuild,
}

/// Tries the bugs whose title has the word, or whose numbers are listed, as `7,21-24`; all of them
/// without one.
pub fn run(root: &Path, word: Option<&str>) -> Result<bool> {
    let text = std::fs::read_to_string(root.join("tests/data/guard/bugs.txt"))?;
    let bugs: Vec<(usize, Bug)> = (1..)
        .zip(read(&text)?)
        .filter(|(number, bug)| {
            word.is_none_or(|word| bug.title.contains(word) || lists(word, *number))
        })
        .collect();
    let copy = root.join("target/bugs/tree");
    if copy.exists() {
        std::fs::remove_dir_all(&copy)?;
    }
    git(root, &["worktree", "prune"])?;
    let at = copy.to_string_lossy().into_owned();
    git(
        root,
        &["worktree", "add", "--quiet", "--detach", &at, "HEAD"],
    )?;
    println!("{} bugs, one at a time; first without any", bugs.len());
    match test(&copy, true)? {
        Fate::Unnoticed => {}
        Fate::DoesNotBuild => bail!("what is committed does not build: see `cargo test --no-run`"),
        Fate::Caught(by) => bail!("{by} fails without a bug: mend that first"),
    }
    let mut unnoticed = 0;
    for (number, bug) in &bugs {
        let path = copy.join(&bug.file);
        let whole = std::fs::read_to_string(&path)?;
        ensure!(
            whole.contains(&bug.find),
            "`{}` applies no longer",
            bug.title
        );
        std::fs::write(&path, whole.replacen(&bug.find, &bug.replace, 1))?;
        let fate = test(&copy, false)?;
        std::fs::write(&path, whole)?;
        // Said as it is found: the whole takes the better part of an hour.
        let word = match &fate {
            Fate::Caught(by) => format!("caught by {by}"),
            Fate::Unnoticed => "NOT NOTICED".to_owned(),
            Fate::DoesNotBuild => "does not build".to_owned(),
        };
        unnoticed += usize::from(!matches!(fate, Fate::Caught(_)));
        println!("{number:>3}. {}: {word}", bug.title);
    }
    git(root, &["worktree", "remove", "--force", &at])?;
    println!("{} of {} caught", bugs.len() - unnoticed, bugs.len());
    Ok(unnoticed == 0)
}

fn lists(word: &str, number: usize) -> bool {
    word.split(',').any(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        matches!((first.parse(), last.parse()), (Ok(first), Ok(last)) if (first..=last).contains(&number))
    })
}

fn read(text: &str) -> Result<Vec<Bug>> {
    text.split("\n\n")
        .filter(|stanza| stanza.lines().any(|line| line.starts_with("bug: ")))
        .map(|stanza| {
            let value = |key: &str| {
                stanza
                    .lines()
                    .find_map(|line| line.strip_prefix(key))
                    .with_context(|| format!("a bug without `{key}`"))
            };
            Ok(Bug {
                title: value("bug: ")?.to_owned(),
                file: value("file: ")?.to_owned(),
                find: unescaped(value("find: ")?),
                replace: unescaped(value("replace: ")?),
            })
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => match letters.next() {
                Some('n') => plain.push('\n'),
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            },
            (letter, false) => plain.push(letter),
        }
    }
    plain
}

/// Builds, then runs the guard's tests: the quick ones, and if they notice nothing, all.
fn test(tree: &Path, only_quick: bool) -> Result<Fate> {
    // A bug may make a plan that never ends.
    let cargo = |arguments: &[&str]| {
        Command::new("timeout")
            .args(["--kill-after=10", MINUTES_MAX, "cargo"])
            .args(["test", "--profile", "fast", "-p", "cordon", "--test", "it"])
            .args(arguments)
            .current_dir(tree)
            .env("CARGO_TARGET_DIR", tree.join("../../"))
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .output()
    };
    if !cargo(&["--no-run"])?.status.success() {
        return Ok(Fate::DoesNotBuild);
    }
    // The quick ones first: they notice most.
    let quick = ["guard::cases", "guard::holes", "guard::smoke"];
    let mut output = cargo(&["--", quick[0], quick[1], quick[2], "--skip", NO_JUDGE])?;
    if output.status.success() && !only_quick {
        output = cargo(&["--", "guard::", "--skip", NO_JUDGE])?;
    }
    if output.status.success() {
        return Ok(Fate::Unnoticed);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let failed: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix("test guard::")?
                .strip_suffix(" ... FAILED")
        })
        .collect();
    let others = match failed.len() {
        0 | 1 => String::new(),
        more => format!(" and {} more", more - 1),
    };
    Ok(Fate::Caught(format!(
        "{}{others}",
        failed.first().unwrap_or(&"a crash, or no end")
    )))
}

fn git(root: &Path, arguments: &[&str]) -> Result<()> {
    let status = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .status()?;
    if !status.success() {
        bail!("git {} failed", arguments.join(" "));
    }
    Ok(())
}
