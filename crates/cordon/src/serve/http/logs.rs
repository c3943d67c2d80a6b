//! `/log/<folder>/..`: the published part of each log, as C2SP tlog-tiles names it. Payloads, the
//! write-ahead journal and everything else that lies beside it are never read here.

use std::path::PathBuf;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use merkle::{BundlePath, TilePath};

use super::{Shown, reply};

/// What never changes once it is there. Source: C2SP tlog-tiles, "immutable".
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What is replaced as the log grows.
const NEVER: &str = "no-store";

/// A file of a log that everybody may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Public {
    /// `checkpoint`, `checkpoint.witnessed`.
    Checkpoint,
    /// `log.vkey`.
    Key,
    /// A tile of hashes or a bundle of entries.
    Tile,
}

pub(super) async fn answer(
    State(shown): State<Shown>,
    Path((folder, file)): Path<(String, String)>,
) -> Response {
    let Some(public) = public(&folder, &file) else {
        return missing();
    };
    let path: PathBuf = shown.ledger.join(&folder).join(&file);
    let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
    let bytes = match read {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) if is_absent(&error) => return missing(),
        Ok(Err(_)) | Err(_) => {
            let text = "the file cannot be read; the gateway's operator finds out why\n";
            return reply(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, NEVER, text);
        }
    };
    let (kind, cache) = match public {
        Public::Checkpoint => (PLAIN, NEVER),
        Public::Key => (PLAIN, "public, max-age=300"),
        Public::Tile => ("application/octet-stream", FOR_EVER),
    };
    reply(StatusCode::OK, kind, cache, bytes)
}

const PLAIN: &str = "text/plain; charset=utf-8";

fn missing() -> Response {
    reply(
        StatusCode::NOT_FOUND,
        PLAIN,
        NEVER,
        "there is no such file\n",
    )
}

/// A folder where a file is looked for, or nothing.
fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | IsADirectory)
}

/// What a name stands for; `None` for whatever is not public. Names are read, not cleaned: one that is
/// not spelt as the log itself spells it is none.
fn public(folder: &str, file: &str) -> Option<Public> {
    let is_folder = folder.bytes().all(|byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
    }) && folder.starts_with(|first: char| first.is_ascii_lowercase());
    if !is_folder {
        return None;
    }
    match file {
        "checkpoint" | "checkpoint.witnessed" => Some(Public::Checkpoint),
        "log.vkey" => Some(Public::Key),
        tile => {
            let is_tile = is_spelt::<TilePath>(tile) || is_spelt::<BundlePath>(tile);
            is_tile.then_some(Public::Tile)
        }
    }
}

fn is_spelt<T: std::str::FromStr + std::fmt::Display>(text: &str) -> bool {
    text.parse::<T>().is_ok_and(|read| read.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_published_part_of_a_log_is_public() {
        for (file, expected) in [
            ("checkpoint", Public::Checkpoint),
            ("checkpoint.witnessed", Public::Checkpoint),
            ("log.vkey", Public::Key),
            ("tile/0/000", Public::Tile),
            ("tile/0/x001/067.p/12", Public::Tile),
            ("tile/entries/000.p/3", Public::Tile),
        ] {
            assert_eq!(public("control-1", file), Some(expected), "{file}");
        }
        for file in [
            "",
            "journal",
            "journal/0",
            "payloads",
            "log.key",
            "../control-1/checkpoint",
            "tile/../checkpoint",
            "tile/0/../../../../secrets/pseudonym.key",
            "tile/0/000/",
            "tile/0/0",
            "tile//0/000",
            "./checkpoint",
            "checkpoint/",
            "checkpoint\0",
            "Checkpoint",
        ] {
            assert_eq!(public("control-1", file), None, "{file:?}");
        }
        for folder in [
            "",
            ".",
            "..",
            "../secrets",
            "a/b",
            "A",
            ".hidden",
            "a\0",
            "-a",
            "1",
        ] {
            assert_eq!(public(folder, "checkpoint"), None, "{folder:?}");
        }
    }
}
