//! What SIGHUP takes over, and what it leaves alone.

use std::time::Duration;

use super::Gateway;
use super::gateway::wait;
use crate::command::cordon;

/// The entry of a person in people.yaml, as far as it is needed to change it.
const MEI: &str = "  mei.eligible:\n    name: Mei Eligible (engineer in Singapore)\n";

#[test]
fn a_disabled_person_loses_a_live_session_and_the_ledger_says_so() {
    let gateway = Gateway::start();
    wait(async {
        let mei = gateway.connect("mei.eligible").await.unwrap();
        let ana = gateway.connect("ana.home").await.unwrap();
        mei.query("SELECT title FROM regions", &[]).await.unwrap();
        let disabled = format!("{MEI}    disabled: true\n");
        gateway.setup.change("people.yaml", MEI, &disabled);
        gateway.signal("HUP");
        let said = gateway.wait_for_line("reloaded: ");
        assert!(said.contains("the people register is version 2"), "{said}");
        // Her session was idle; nothing has to be asked for it to end.
        let ended = async {
            while !mei.is_closed() {
                tokio::task::yield_now().await;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), ended)
            .await
            .unwrap();
        assert!(gateway.connect("mei.eligible").await.is_err());
        ana.query("SELECT title FROM regions", &[]).await.unwrap();
    });
    let (code, setup) = gateway.stop();
    assert_eq!(code, 0);
    let shown = cordon(&[
        "ledger",
        "tail",
        setup.file("ledger/access-gate-1-1").to_str().unwrap(),
        "--lines",
        "200",
    ]);
    assert!(
        shown.out.contains("right_ended"),
        "{}{}",
        shown.out,
        shown.err
    );
}

#[test]
fn what_has_errors_is_not_taken_over_and_its_place_is_told() {
    let gateway = Gateway::start();
    gateway.setup.change(
        "people.yaml",
        "    employer: studio-thirty\n",
        "    employer: nobody-knows\n",
    );
    gateway.signal("HUP");
    let said = gateway.wait_for_line("people.yaml:");
    assert!(said.contains("nobody-knows"), "{said}");
    gateway.wait_for_line("not reloaded");
    wait(async {
        let mei = gateway.connect("mei.eligible").await.unwrap();
        mei.query("SELECT title FROM regions", &[]).await.unwrap();
    });
    // Mended, it is as it was.
    gateway.setup.change(
        "people.yaml",
        "    employer: nobody-knows\n",
        "    employer: studio-thirty\n",
    );
    gateway.signal("HUP");
    gateway.wait_for_line("nothing in force has changed");
}

#[test]
fn what_cannot_change_while_it_runs_is_refused_as_a_whole() {
    let gateway = Gateway::start();
    gateway.setup.change(
        "cordon.toml",
        "plain_loopback = true",
        "plain_loopback = true\nlinks = 7",
    );
    gateway
        .setup
        .change("people.yaml", MEI, &format!("{MEI}    disabled: true\n"));
    gateway.signal("HUP");
    let said = gateway.wait_for_line("cannot change while the gateway runs");
    assert!(said.contains("[gateway] links"), "{said}");
    wait(async {
        gateway.connect("mei.eligible").await.unwrap();
    });
}

#[test]
fn a_field_that_loses_its_label_is_shown_no_more() {
    let gateway = Gateway::start();
    wait(async {
        let mei = gateway.connect("mei.eligible").await.unwrap();
        mei.query("SELECT title FROM regions", &[]).await.unwrap();
        let public = "{ name: title, data_categories: [system.operations], cordon: { level: public, type: text } }";
        gateway
            .setup
            .change("catalog/app.yaml", public, "{ name: title }");
        gateway.signal("HUP");
        let said = gateway.wait_for_line("reloaded: ");
        assert!(said.contains("the catalogue is version 2"), "{said}");
        assert!(mei.query("SELECT title FROM regions", &[]).await.is_err());
        assert_eq!(
            mei.query("SELECT code FROM regions", &[])
                .await
                .unwrap()
                .len(),
            2
        );
    });
}
