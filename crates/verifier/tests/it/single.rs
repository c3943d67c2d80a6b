//! Single entries: shown with their names, exported, followed, proved.

use verifier::{Error, Policy, Reader, Shown, Tail, Verdict, check_proof, prove};

use crate::made::witness;
use crate::tampered::control;
use crate::world::{World, heartbeat};

fn any() -> Policy {
    verifier::Terms::any_of(&[witness().verifier().clone()]).unwrap()
}

#[test]
fn an_entry_is_shown_with_every_field_by_its_name() {
    let files = World::honest().gate_1.files();
    let shown = Reader::new(&files).unwrap().show(3).unwrap();
    insta::assert_snapshot!(shown.to_text(), @r#"
    entry 3 of example.org/cordon/access/gate-1/1
      kind: decision (19)
      time: 2026-01-01T00:00:03.000Z
      control_size: 7
      leaf: v4atQfM/+03naWSC5xcvCT6F561WWAD6DWjQTacelkc=
      body:
        session: 1
        number: 1
        decision: 3030303030303030303030303030303030303030303030303030303030303030
        decided_ms: 1767225600000 (2026-01-01T00:00:00.000Z)
        policies: 6060606060606060606060606060606060606060606060606060606060606060
        policy_schema: 6161616161616161616161616161616161616161616161616161616161616161
        inputs: 3131313131313131313131313131313131313131313131313131313131313131
        upstream: app
        snapshot: 4040404040404040404040404040404040404040404040404040404040404040
        verb: select
        read_only: true
        covered: false
        shows: masked
        datasets:
          - dataset: app/public.users
            view: 3232323232323232323232323232323232323232323232323232323232323232
            written: false
            cells:
              - rows: [other]
                clear: [id]
                clear_for_subjects: []
                masked: [email]
        grants: []
        observed: false
        rows_until: 100
        bytes_until: 10000
      commitments:
        client_text (literal): 33bbc059d9f39bf0c6a7495a8faaf727f6a0aa040ff72e4dbc24268c872d6cf3
        guarded_text (literal): 9de88a87576b0043d4fe55be75fb989565f0284c98e0bca45c2d29506604939e
        settings (method): c7beebb11576c2828896c3b158f69e97aaac487ea3127a0bead8c24a79868dde
    "#);
    insta::assert_snapshot!(shown.to_line(), @"3 2026-01-01T00:00:03.000Z decision session=1 number=1 decided_ms=1767225600000 upstream=app verb=select read_only=true covered=false shows=masked grants=[] ..");
}

#[test]
fn no_field_of_any_entry_is_shown_as_a_number() {
    let world = World::honest();
    for log in [&world.control, &world.gate_1, &world.gate_2] {
        for (index, bytes) in log.entries.iter().enumerate() {
            let shown = Shown::new(log.name(), index as u64, bytes.clone()).unwrap();
            let text = serde_json::to_string(&shown.to_value()).unwrap();
            let has_number_key = (0..20).any(|key| text.contains(&format!("\"{key}\":")));
            assert!(!has_number_key, "{text}");
        }
    }
}

#[test]
fn an_export_line_holds_the_bytes_of_the_entry() {
    let log = World::honest().gate_1;
    let shown = Shown::new(log.name(), 4, log.entries[4].clone()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&shown.to_export_line()).unwrap();
    assert_eq!(value["kind"], "outcome");
    assert_eq!(value["body"]["rows"], 42);
    let bytes = value["bytes"].as_str().unwrap();
    use base64::Engine as _;
    let decoded = base64::prelude::BASE64_STANDARD.decode(bytes).unwrap();
    assert_eq!(decoded, log.entries[4]);
}

#[test]
fn an_index_that_the_log_does_not_have_is_refused() {
    let files = control(40).files();
    let error = Reader::new(&files).unwrap().show(40).unwrap_err();
    assert!(matches!(
        error,
        Error::NoEntry {
            index: 40,
            size: 40
        }
    ));
}

#[test]
fn tail_gives_each_entry_once_as_it_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = control(300);
    crate::places::write(folder.path(), &log.files());
    let source = verifier::DirectorySource::new(folder.path().to_owned());
    let mut tail = Tail::new(&source, 3).unwrap();
    let indexes = |tail: &mut Tail<'_>| -> Vec<u64> {
        let ready = tail.ready().unwrap();
        ready.iter().map(Shown::index).collect()
    };
    assert_eq!(indexes(&mut tail), [297, 298, 299]);
    assert_eq!(indexes(&mut tail), Vec::<u64>::new());
    log.add(heartbeat(), &[]);
    log.add(heartbeat(), &[]);
    crate::places::write(folder.path(), &log.files());
    assert_eq!(indexes(&mut tail), [300, 301]);
}

#[test]
fn a_proof_of_every_entry_is_made_and_checked() {
    let mut log = control(300);
    log.cosigned = Some(280);
    let files = log.files();
    for (index, entry) in log.entries.iter().enumerate() {
        let index = index as u64;
        // The witnessed checkpoint is preferred; its partial tiles are gone.
        let proof = prove(&files, index).unwrap().to_string();
        let witnesses = (index < 280).then(any);
        let proved = check_proof(proof.as_bytes(), entry, &log.vkey(), witnesses.as_ref()).unwrap();
        assert_eq!(
            (proved.index, proved.size),
            (index, if index < 280 { 280 } else { 300 })
        );
        let expected = if index < 280 {
            Verdict::Ok
        } else {
            Verdict::CannotTell
        };
        assert_eq!(proved.verdict(), expected);
    }
}

#[test]
fn a_proof_is_refused_for_another_entry_key_or_witness() {
    let log = control(300);
    let proof = prove(&log.files(), 7).unwrap().to_string();
    let check = |entry: &[u8], key, witnesses: &Policy| {
        check_proof(proof.as_bytes(), entry, &key, Some(witnesses)).is_ok()
    };
    assert!(check(&log.entries[7], log.vkey(), &any()));
    assert!(!check(&log.entries[8], log.vkey(), &any()));
    let other = crate::made::Made::new(log.name(), 0x77).vkey();
    assert!(!check(&log.entries[7], other, &any()));
    let stranger = crate::made::other_witness().verifier().clone();
    let stranger = verifier::Terms::any_of(&[stranger]).unwrap();
    assert!(!check(&log.entries[7], log.vkey(), &stranger));
}

#[test]
fn no_proof_is_made_from_tiles_that_were_changed() {
    let mut files = control(300).files();
    files.files.get_mut("tile/0/000").unwrap()[40] ^= 1;
    assert!(prove(&files, 7).is_err());
}
