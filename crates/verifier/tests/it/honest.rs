//! Honest logs verify, and what they do not cover is said.

use verifier::Verdict;

use crate::asked::Asked;
use crate::world::World;

#[test]
fn an_honest_deployment_is_ok_and_its_gaps_are_told() {
    let report = Asked::world(&World::honest()).witnessed().report();
    assert_eq!(report.verdict(), Verdict::Ok, "{}", report.to_text());
    insta::assert_snapshot!(report.to_text(), @r#"
    OK: 33 entries in 3 logs are what was signed; others than the logs' own keys vouch for 31 of them

    checked
      control log example.org/cordon/control/1
        16 entries, root awAXju/VPpoQuhcatQr/pNutaKvdBLVPe3KwN06medU=
        read and hashed: 16 entries in 1 bundle, 4054 bytes; 1 tile compared
        written 2026-01-01T00:00:00.000Z to 2026-01-01T00:00:15.000Z
        witnessed: the first 16 entries, by witness.example at 2026-01-01T00:00:16Z
        approval 2, catalogue 1, constitution 1, erasure 1, grant 1, heartbeat 1, log-anchor 2, log-close 1, log-open 2, people 1, policy 1, request 1, start 1
        payloads: 16 withheld
      access log example.org/cordon/access/gate-1/1
        14 entries, root DMzx5iUdZ1LI2AiTzODPoPcMzariOCTp2SHfe5185K4=
        read and hashed: 14 entries in 1 bundle, 1759 bytes; 1 tile compared
        written 2026-01-01T00:00:00.000Z to 2026-01-01T00:00:13.000Z
        witnessed through the control log: the first 12 entries
        decision 2, heartbeat 2, outcome 1, refusal 1, reservation 1, schema 1, session-end 2, session-start 2, start 1, ungoverned 1
        payloads: 2 erased, 8 withheld
      access log example.org/cordon/access/gate-2/1
        3 entries, root VzonCDFXONValdgz8L3Wf53muGfjX0l9ngqMjcCjCbY=
        read and hashed: 3 entries in 1 bundle, 135 bytes; 1 tile compared
        written 2026-01-01T00:00:00.000Z to 2026-01-01T00:00:02.000Z
        witnessed through the control log: the first 3 entries
        heartbeat 1, start 1, stop 1

    gaps: not wrong, not covered
      people-unchecked  example.org/cordon/control/1
        12 signatures of people are cited; this program does not verify them yet
      payloads-withheld  example.org/cordon/control/1
        16 payloads: no export was given (`--payloads`)
      unwitnessed  example.org/cordon/access/gate-1/1
        only the log's own key vouches for entries 12 to 13 so far
      outcome-missing  example.org/cordon/access/gate-1/1 entry 9
        statement 1 of session 2 has no outcome and will have none; at most 500 rows and 50000 bytes left
      payloads-withheld  example.org/cordon/access/gate-1/1
        8 payloads: no export was given (`--payloads`)

    notes
      unanchored  example.org/cordon/access/gate-1/1
        2 entries come after the last anchor
    "#);
}
