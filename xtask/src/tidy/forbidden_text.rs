//! Text that belongs to somebody's machine and not into the repository.

use super::Finding;
use crate::house::House;

/// First folders of paths that exist on one machine only. They are written without their slashes
/// so that this file does not find itself.
const MACHINE_FOLDERS: &[&str] = &["home", "root", "Users", "work", "workspace"];
/// Hidden folders of tools, written without their dot for the same reason.
const HIDDEN_FOLDERS: &[&str] = &["library", "idea", "vscode"];

pub fn check(house: &House) -> Vec<Finding> {
    let mut forbidden: Vec<String> = Vec::new();
    forbidden.extend(MACHINE_FOLDERS.iter().map(|name| format!("/{name}/")));
    forbidden.extend(HIDDEN_FOLDERS.iter().map(|name| format!(".{name}/")));
    let mut findings = Vec::new();
    for file in &house.files {
        // The ignore list must name such folders to keep them out.
        if file.path.ends_with(".gitignore") {
            continue;
        }
        for (index, line) in file.text.lines().enumerate() {
            if let Some(text) = forbidden.iter().find(|text| begins_in(line, text)) {
                findings.push(Finding::problem(format!(
                    "{}:{}: `{text}` is a path of one machine; write it relative to the \
                     repository",
                    file.path,
                    index + 1
                )));
            }
        }
    }
    findings
}

/// Whether the text begins a path in the line: `a/work/b` and `example.org/home/` are parts of
/// longer ones.
fn begins_in(line: &str, text: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "._-~}*".contains(c);
    line.match_indices(text)
        .any(|(at, _)| !line[..at].chars().next_back().is_some_and(inside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{problems, with_files};

    fn found(line: &str) -> usize {
        problems(check(&with_files(&[("docs/a.md", line)]))).len()
    }

    #[test]
    fn paths_of_one_machine_are_refused() {
        for folder in MACHINE_FOLDERS {
            assert_eq!(found(&format!("see /{folder}/me/cordon")), 1, "{folder}");
            assert_eq!(found(&format!("file:///{folder}/me")), 1, "{folder}");
        }
        assert_eq!(found(&format!("a .{}/x", HIDDEN_FOLDERS[0])), 1);
        assert_eq!(found("https://example.org/home/, a/work/b, $HOME/x"), 0);
    }
}
