#![no_main]
//! Any bytes may stand in a people register: loading the deployment around it answers with a bundle
//! or with diagnostics, and never panics.

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

/// The sample's deployment; only its register changes from run to run.
static DIR: LazyLock<TempDir> = LazyLock::new(|| {
    let dir = TempDir::new().unwrap();
    for folder in ["catalog", "policy"] {
        fs::create_dir(dir.path().join(folder)).unwrap();
    }
    for (name, text) in [
        (
            "cordon.toml",
            include_str!("../../policies/sample/cordon.toml"),
        ),
        (
            "catalog/app.yaml",
            include_str!("../../policies/sample/catalog/app.yaml"),
        ),
        (
            "policy/rules.cedar",
            include_str!("../../policies/sample/policy/rules.cedar"),
        ),
    ] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
});

fuzz_target!(|bytes: &[u8]| {
    fs::write(DIR.path().join("people.yaml"), bytes).unwrap();
    let found = deployment::load(DIR.path());
    let diagnostics = found.map_or_else(|faults| faults, |bundle| bundle.warnings);
    for diagnostic in diagnostics {
        let _ = diagnostic.to_string();
    }
});
