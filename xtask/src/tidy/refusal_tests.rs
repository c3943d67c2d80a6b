//! A ratchet: every code of the refusal table is named in a test outside the crate that holds the
//! table.

use model::Refusal;

use super::{Finding, list, source};
use crate::house::{File, House};

/// Codes that have no test yet.
const EXEMPT: &str = include_str!("../../data/refusals-without-test.txt");
/// LIMIT: how many codes may be exempt. Lower it with each code that leaves the list; never raise
/// it.
const LENGTH_MAX: usize = 0;
/// Where the table is: its own tests go over all codes and prove nothing about any of them.
const HOME_OF_TABLE: &str = "crates/model/";

pub fn check(house: &House) -> Vec<Finding> {
    let exempt: Vec<&str> = list::lines(EXEMPT).map(|line| line.name).collect();
    untested(house, &exempt, LENGTH_MAX)
}

fn untested(house: &House, exempt: &[&str], length_max: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let tests: Vec<String> = house.files.iter().filter_map(test_text).collect();
    let codes = || model::refusals().iter().map(|entry| entry.code);
    for code in codes() {
        let tested = tests.iter().any(|text| is_named(text, code));
        let exempted = exempt.contains(&code.as_str());
        if !tested && !exempted {
            findings.push(Finding::problem(format!(
                "no test names the refusal `{code}`; write the case in which it is the answer"
            )));
        }
        if tested && exempted {
            findings.push(Finding::problem(format!(
                "the refusal `{code}` has a test now; take it off \
                 xtask/data/refusals-without-test.txt and lower LENGTH_MAX"
            )));
        }
    }
    for name in exempt {
        if !codes().any(|code| code.as_str() == *name) {
            findings.push(Finding::problem(format!(
                "xtask/data/refusals-without-test.txt names `{name}`, which is no refusal"
            )));
        }
    }
    if exempt.len() > length_max {
        findings.push(Finding::problem(format!(
            "xtask/data/refusals-without-test.txt has {} codes, more than {length_max}",
            exempt.len()
        )));
    }
    findings
}

/// A test says the code itself or the variant that stands for it.
fn is_named(text: &str, code: Refusal) -> bool {
    source::names(text, code.as_str()) || source::names(text, &format!("Refusal::{code:?}"))
}

/// What of a file is test.
fn test_text(file: &File) -> Option<String> {
    let path = &file.path;
    if path.starts_with(HOME_OF_TABLE) || path.starts_with("xtask/") {
        return None;
    }
    if path.contains("/tests/") || path.ends_with(".case") {
        return Some(file.text.clone());
    }
    let lines = source::code(&file.text);
    path.ends_with(".rs").then(|| {
        let tests = lines.iter().filter(|line| line.test);
        tests.map(|line| line.text).collect::<Vec<_>>().join("\n")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{problems, with_files};

    fn all_codes() -> String {
        let codes = model::refusals().iter().map(|entry| entry.code.as_str());
        codes.collect::<Vec<_>>().join("\n")
    }

    fn found(files: &[(&str, &str)], exempt: &[&str]) -> Vec<String> {
        problems(untested(&with_files(files), exempt, exempt.len()))
    }

    #[test]
    fn a_code_that_no_test_names_is_refused() {
        let all = all_codes();
        let but_one = all.replace("ask-empty", "");
        assert!(found(&[("crates/a/tests/it/a.rs", &all)], &[]).is_empty());
        assert!(found(&[("crates/a/data/a.case", &all)], &[]).is_empty());
        let found = found(&[("crates/a/tests/it/a.rs", &but_one)], &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("`ask-empty`"));
    }

    #[test]
    fn product_code_the_table_and_longer_codes_do_not_count() {
        let all = all_codes();
        let count = model::refusals().len();
        for path in ["crates/a/src/a.rs", "crates/model/tests/it.rs", "docs/a.md"] {
            assert_eq!(found(&[(path, &all)], &[]).len(), count, "{path}");
        }
        let longer = all.replace("\nnot-visible", "\n");
        let longer = longer.strip_prefix("not-visible").unwrap_or(&longer);
        assert_eq!(found(&[("a/tests/a.rs", longer)], &[]).len(), 1);
    }

    #[test]
    fn a_variant_in_a_test_module_counts() {
        let text = "#[cfg(test)]\nmod tests {\n    Refusal::AskEmpty\n}\n";
        let count = model::refusals().len();
        assert_eq!(found(&[("crates/a/src/a.rs", text)], &[]).len(), count - 1);
    }

    #[test]
    fn exemptions_only_shrink() {
        let all = all_codes();
        let files = [("a/tests/a.rs", all.as_str())];
        assert!(found(&files, &["ask-empty"])[0].contains("has a test now"));
        assert!(found(&files, &["no-such"])[0].contains("no refusal"));
        let but_one = all.replace("ask-empty", "");
        let house = with_files(&[("a/tests/a.rs", &but_one)]);
        assert!(untested(&house, &["ask-empty"], 1).is_empty());
        assert_eq!(problems(untested(&house, &["ask-empty"], 0)).len(), 1);
    }
}
