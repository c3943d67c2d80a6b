//! A directory to make mistakes in.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The worked deployment of this repository.
pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/sample")
}

/// A small deployment that loads without faults or warnings.
pub struct Place {
    dir: TempDir,
}

const SETTINGS: &str = r#"name = "Test"
home = "US"
regimes = ["us-dsp"]

[[store]]
id = "us-1"
country = "US"

[upstream.app]
url = "postgres://cordon@db.example/app"

[purpose.incident]
title = "Mend it"
"#;

const MANIFEST: &str = r#"dataset:
  - fides_key: app
    cordon: { upstream: app, store: us-1, owner: ana }
    collections:
      - name: public.users
        cordon: { subjects: [ { key: [id], residency: { column: country } } ] }
        fields:
          - { name: id, data_categories: [user.unique_id], cordon: { level: protected, type: bigint, mask: { pseudonym: person } } }
          - { name: country, data_categories: [user.contact.address.country], cordon: { level: protected, type: text, mask: "null" } }
"#;

const PEOPLE: &str = r#"organisations:
  acme: { source: register, expires: 2029-01-01, organised_in: US, principal_place: US, ownership: { rest: others }, designations: [] }
people:
  ana: { source: HR, expires: 2029-01-01, citizenships: [US], statuses: [], residence: US, employer: acme, contracts: [], designations: [], office: US, manager: none, teams: [staff], roles: [data_owner] }
  sam: { source: HR, expires: 2029-01-01, citizenships: [US], statuses: [], residence: US, employer: acme, contracts: [], designations: [], office: US, manager: ana, teams: [staff], roles: [home_security] }
"#;

const RULES: &str = r#"@id("rows")
permit (principal in Cordon::Team::"staff", action == Cordon::Action::"view_row", resource);
"#;

impl Place {
    pub fn new() -> Self {
        let place = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        place
            .write("cordon.toml", SETTINGS)
            .write("catalog/app.yaml", MANIFEST)
            .write("people.yaml", PEOPLE)
            .write("policy/rules.cedar", RULES);
        place
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Replaces a text that must be there.
    pub fn change(&self, name: &str, from: &str, to: &str) -> &Self {
        let old = std::fs::read_to_string(self.path().join(name)).unwrap();
        assert!(old.contains(from), "{name} does not hold {from}");
        self.write(name, old.replacen(from, to, 1))
    }

    pub fn append(&self, name: &str, text: &str) -> &Self {
        let old = std::fs::read_to_string(self.path().join(name)).unwrap_or_default();
        self.write(name, old + text)
    }

    pub fn remove(&self, name: &str) -> &Self {
        let path = self.path().join(name);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap();
        } else {
            std::fs::remove_file(path).unwrap();
        }
        self
    }

    /// Everything that loading says, faults or else warnings, without the directory's own name.
    pub fn says(&self) -> String {
        let (kind, found) = match deployment::load(self.path()) {
            Ok(bundle) => ("warning: ", bundle.warnings),
            Err(faults) => ("", faults),
        };
        let lines: Vec<String> = found.iter().map(|one| format!("{kind}{one}")).collect();
        let dir = self.path().to_string_lossy().into_owned();
        lines.join("\n").replace(&dir, "DIR")
    }
}
