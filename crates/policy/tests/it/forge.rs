//! A permit cannot be made, copied or opened by anybody but the decider.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The newest build of a crate among the test's own dependencies.
fn library(deps: &Path, name: &str) -> PathBuf {
    let prefix = format!("lib{name}-");
    std::fs::read_dir(deps)
        .unwrap()
        .filter_map(|entry| entry.ok())
        .filter(|entry| {
            let file = entry.file_name().to_string_lossy().into_owned();
            file.starts_with(&prefix) && file.ends_with(".rlib")
        })
        .max_by_key(|entry| entry.metadata().and_then(|meta| meta.modified()).unwrap())
        .unwrap()
        .path()
}

/// Compiles a few lines against the crate and returns what the compiler says.
fn compile(lines: &str) -> Result<(), String> {
    let deps = std::env::current_exe()
        .unwrap()
        .parent()
        .unwrap()
        .to_path_buf();
    let out = tempfile::tempdir().unwrap();
    let source = out.path().join("forge.rs");
    std::fs::write(
        &source,
        format!("#![allow(unused)]\n{lines}\nfn main() {{}}\n"),
    )
    .unwrap();
    let result = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()))
        .current_dir(out.path())
        .args([
            "--edition=2024",
            "--crate-type=bin",
            "--emit=metadata",
            "-o",
            "forge.rmeta",
        ])
        .arg("-L")
        .arg(format!("dependency={}", deps.display()))
        .arg("--extern")
        .arg(format!("policy={}", library(&deps, "policy").display()))
        .arg("--extern")
        .arg(format!("model={}", library(&deps, "model").display()))
        .arg(&source)
        .output()
        .unwrap();
    if result.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&result.stderr).into_owned())
}

#[test]
fn honest_code_compiles() {
    compile(
        "fn until(permit: &policy::Permit) -> model::Timestamp { permit.decision().valid_until }",
    )
    .unwrap();
}

#[test]
fn a_permit_cannot_be_built() {
    let forged = "fn forge(decision: std::sync::Arc<policy::Decision>, session: model::SessionId) -> policy::Permit { policy::Permit { decision, session } }";
    let error = compile(forged).unwrap_err();
    assert!(error.contains("E0451"), "{error}");
}

#[test]
fn a_permit_has_no_constructor_outside_its_crate() {
    let forged = "fn forge(decision: std::sync::Arc<policy::Decision>, session: model::SessionId) -> policy::Permit { policy::Permit::new(decision, session) }";
    let error = compile(forged).unwrap_err();
    assert!(error.contains("E0624"), "{error}");
}

#[test]
fn a_permit_cannot_be_copied() {
    let error = compile("fn twice(permit: &policy::Permit) -> policy::Permit { permit.clone() }")
        .unwrap_err();
    assert!(error.contains("E0308"), "{error}");
    let error = compile("fn is_clone<T: Clone>() {} fn ask() { is_clone::<policy::Permit>() }")
        .unwrap_err();
    assert!(error.contains("E0277"), "{error}");
}
