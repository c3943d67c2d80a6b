//! psql over TLS with a client certificate, and what only that opens.

use std::process::{Command, Output};

use identity::certificates::{Authority, Validity};
use model::{PersonId, Timestamp};

use crate::serve::{Gateway, PASSWORD, Setup};

const EMAIL: &str = "SELECT email FROM users WHERE email = 'una@example.com'";
const PUBLIC: &str = "SELECT title FROM regions WHERE code = 'NA'";

fn now() -> Timestamp {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    Timestamp::from_seconds(i64::try_from(since).unwrap())
}

/// The sample over TLS: Ana has a certificate, and a grant for four hours that opens e-mail addresses.
fn setup() -> Setup {
    with_authority().0
}

/// The same, and who gives certificates.
fn with_authority() -> (Setup, Authority) {
    let setup = Setup::new();
    let validity = Validity {
        from: now().plus_days(-1),
        until: now().plus_days(1),
    };
    let folder = setup.file("tls");
    std::fs::create_dir(&folder).unwrap();
    let authority = Authority::make("tests", validity).unwrap();
    std::fs::write(folder.join("authority.crt"), authority.certificate()).unwrap();
    let names = ["127.0.0.1", "localhost"];
    let server = authority.server(&names, validity).unwrap();
    server.write(&folder, "gate").unwrap();
    certify(&setup, &authority, validity);
    setup.set(
        "tls",
        "certificate = \"tls/gate.crt\"\nkey = \"tls/gate.key\"\n\
         client_authorities = \"tls/authority.crt\"",
    );
    let network = "\n[[network]]\nrange = \"127.0.0.0/8\"\ncountry = \"US\"\n";
    append(&setup, "cordon.toml", network);
    // The grant as it stands is of 2026-06-01, from 09:00 to 13:00, approved at half past eight.
    let text = std::fs::read_to_string(setup.file("grants.yaml")).unwrap();
    let moved = [
        ("08:30", -90),
        ("08:40", -80),
        ("08:50", -70),
        ("09:00", -60),
        ("13:00", 180),
    ]
    .iter()
    .fold(text, |text, (time, minutes)| {
        let moment = now().plus_seconds(minutes * 60).to_string();
        text.replace(&format!("2026-06-01T{time}:00Z"), &moment)
    });
    std::fs::write(setup.file("grants.yaml"), moved).unwrap();
    (setup, authority)
}

/// Gives Ana a certificate.
fn certify(setup: &Setup, authority: &Authority, validity: Validity) {
    let ana = PersonId::new("ana.home").unwrap();
    let client = authority.client(&ana, validity).unwrap();
    client.write(&setup.file("tls"), "ana.home").unwrap();
}

fn append(setup: &Setup, name: &str, more: &str) {
    let text = std::fs::read_to_string(setup.file(name)).unwrap();
    std::fs::write(setup.file(name), text + more).unwrap();
}

fn psql(gateway: &Gateway, is_certified: bool, query: &str) -> Output {
    let tls = gateway.setup.file("tls");
    let mut command = Command::new("psql");
    command
        .args(["-X", "-q", "-A", "-t", "-c", query])
        .env("PGHOST", "127.0.0.1")
        .env("PGPORT", gateway.address().port().to_string())
        .env("PGUSER", "ana.home")
        .env("PGPASSWORD", PASSWORD)
        .env("PGDATABASE", "app")
        .env("PGSSLMODE", "verify-full")
        .env("PGSSLROOTCERT", tls.join("authority.crt"))
        .env("PGOPTIONS", "-c cordon.purpose=support");
    if is_certified {
        command
            .env("PGSSLCERT", tls.join("ana.home.crt"))
            .env("PGSSLKEY", tls.join("ana.home.key"));
    }
    command.output().unwrap()
}

fn rows(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_certificate_opens_what_a_password_alone_does_not() {
    let gateway = setup().start();
    let certified = psql(&gateway, true, EMAIL);
    assert_eq!(rows(&certified), "una@example.com", "{}", said(&certified));
    let password = psql(&gateway, false, EMAIL);
    assert_ne!(rows(&password), "una@example.com");
    assert!(password.status.success(), "{}", said(&password));
}

/// Rows are always there, so that the gateway never waits for any.
#[test]
fn a_certificate_that_ends_cuts_what_runs() {
    let (setup, authority) = with_authority();
    setup.fill(20_000);
    let gateway = setup.start();
    let (from, until) = (now().plus_days(-1), now().plus_seconds(8));
    certify(&gateway.setup, &authority, Validity { from, until });
    // Four hundred million rows.
    let cut = psql(
        &gateway,
        true,
        "copy (select 1 from regions a, regions b) to stdout",
    );
    assert!(now() >= until);
    assert!(said(&cut).contains("right-ended"), "{}", said(&cut));
}

/// All statements of a message are checked before the first runs.
#[test]
fn a_plan_is_redacted_by_what_is_seen_when_it_is_made() {
    let gateway = setup().start();
    let plan = "explain select email from users where email = 'una@example.com'";
    let whole = psql(&gateway, true, plan);
    assert!(rows(&whole).contains("una@example.com"), "{}", rows(&whole));
    for purpose in ["", "incident"] {
        let text = format!("set cordon.purpose = '{purpose}'; {plan}");
        let redacted = psql(&gateway, true, &text);
        assert!(redacted.status.success(), "{}", said(&redacted));
        let rows = rows(&redacted);
        assert!(!rows.is_empty() && !rows.contains("una@"), "{rows}");
    }
}

#[test]
fn sensitive_data_is_not_shown_in_clear_while_witnesses_are_away() {
    let setup = setup();
    setup.set("limits", "unwitnessed_s = 1");
    // Nobody listens there.
    let key = merkle::CosignerKey::from_seed("witness.example/1", &[1; 32]).unwrap();
    let key = key.verifier();
    let witness = format!("\n[[witness]]\nurl = \"http://127.0.0.1:9\"\nkey = \"{key}\"\n");
    append(&setup, "cordon.toml", &witness);
    let gateway = setup.start();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let refused = loop {
        let asked = psql(&gateway, true, EMAIL);
        if !asked.status.success() {
            break asked;
        }
        assert!(std::time::Instant::now() < deadline, "never refused");
    };
    let told = said(&refused);
    assert!(told.contains("refusal code: record-unwitnessed"), "{told}");
    assert!(told.contains("`email` of"), "{told}");
    // What is masked or public goes on.
    let masked = psql(&gateway, false, EMAIL);
    assert!(masked.status.success(), "{}", said(&masked));
    let public = psql(&gateway, true, PUBLIC);
    assert_eq!(rows(&public), "North America", "{}", said(&public));
}
