//! Settings of tokens: each bad value is named with its key and a remedy.

use identity::oidc::Configuration;

const GOOD: &str = "issuer = 'https://id.example'\naudience = 'cordon'\noidc_users = '*.oidc'\n";

fn check(text: &str) -> Result<(), String> {
    let read: Configuration = toml::from_str(text).map_err(|error| error.to_string())?;
    read.check().map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn few_settings_are_enough() {
    assert_eq!(check(GOOD), Ok(()));
    let settings = toml::from_str::<Configuration>(GOOD)
        .unwrap()
        .check()
        .unwrap();
    assert!(settings.users().matches("ana.oidc"));
    assert!(!settings.users().matches("ana"));
}

#[test]
fn a_bad_setting_is_named() {
    for (line, says) in [
        (
            "algorithms = ['none']",
            "`algorithms`: `none` is none that may count",
        ),
        ("algorithms = ['ES256', 'HS256']", "`algorithms`: `HS256`"),
        ("algorithms = ['es256']", "`algorithms`: `es256`"),
        ("algorithms = []", "`algorithms`: no signature"),
        ("leeway_s = 301", "`leeway_s`"),
        ("keys_refresh_s = 5", "`keys_refresh_s`"),
        ("keys_refresh_s = 4000", "`keys_refresh_s`"),
        ("keys_max_age_s = 100000", "`keys_refresh_s`"),
        ("person_claim = ''", "`person_claim`: it is empty"),
        ("teams_claim = ' '", "`teams_claim`: it is empty"),
        ("leeway_s = -1", "leeway_s"),
        ("alg = 'ES256'", "unknown field `alg`"),
    ] {
        let error = check(&format!("{GOOD}{line}")).unwrap_err();
        assert!(error.contains(says), "{line}: {error}");
    }
    for (from, to, says) in [
        (
            "https://id.example",
            "http://id.example",
            "`issuer`: it is not https",
        ),
        (
            "https://id.example",
            "http://127.0.0.1:1",
            "`issuer`: it is not https",
        ),
        (
            "https://id.example",
            "https://id.example?x",
            "`issuer`: it has a query",
        ),
        ("https://id.example", "https://me@id.example", "`issuer`"),
        ("https://id.example", "https://id.example/#x", "`issuer`"),
        ("https://id.example", "id.example", "`issuer`"),
        ("'cordon'", "''", "`audience`: it is empty"),
        ("*.oidc", "*.*", "`oidc_users`: it has more than one `*`"),
        ("*.oidc", "", "`oidc_users`: it is empty"),
    ] {
        let error = check(&GOOD.replace(from, to)).unwrap_err();
        assert!(error.contains(says), "{to}: {error}");
    }
}

#[test]
fn an_authority_file_that_cannot_be_used_is_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("issuer.pem");
    let text = format!("{GOOD}issuer_ca = '{}'", path.display());
    let make = || {
        let settings = toml::from_str::<Configuration>(&text)
            .unwrap()
            .check()
            .unwrap();
        identity::oidc::Issuer::new(settings)
            .unwrap_err()
            .to_string()
    };
    assert!(make().contains("issuer.pem"));
    for bad in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        std::fs::write(&path, bad).unwrap();
        assert!(make().contains("issuer.pem"), "{bad}");
    }
}
