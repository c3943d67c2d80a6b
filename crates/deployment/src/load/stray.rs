//! Files beside those that are read: a misspelt `grant.yaml` must not pass for none.

use std::path::Path;

use document::nearest;
use model::Diagnostic;

use crate::files;
use crate::layout::Layout;
use crate::notes::Notes;

/// Warns of files in DIR that look as if they were meant to be read. Others may lie there.
pub(super) fn warn(layout: &Layout, notes: &mut Notes) {
    let Ok(listed) = files::list(layout.root()) else {
        return;
    };
    for entry in listed.iter().filter(|entry| !entry.is_folder) {
        let ending = Path::new(&entry.name).extension();
        let ours = ["yaml", "yml", "toml", "cedar"];
        let looks_ours = ending.is_some_and(|ending| ours.iter().any(|one| ending == *one));
        if looks_ours && !Layout::FILES.contains(&entry.name.as_str()) {
            let remedy = match nearest::word(&entry.name, Layout::FILES) {
                Some(name) => format!("rename it to {name} if it is meant to be read"),
                None => "move it to the folder it belongs to, or away".to_owned(),
            };
            notes.warn(Diagnostic::error(&entry.name, "it is not read", remedy));
        }
    }
}
