//! Honest logs verify, and what they do not cover is said.

use verifier::Verdict;

use crate::asked::Asked;
use crate::world::World;

#[test]
fn an_honest_deployment_is_ok_and_its_gaps_are_told() {
    let report = Asked::world(&World::honest()).witnessed().report();
    assert_eq!(report.verdict(), Verdict::Ok, "{}", report.to_text());
    insta::assert_snapshot!(report.to_text(), @"");
}
