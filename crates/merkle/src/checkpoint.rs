//! Checkpoints (C2SP tlog-checkpoint): what a log says about itself. Signatures are elsewhere.

use std::fmt;

use crate::error::{Format, malformed};
use crate::{Error, Hash, TREE_SIZE_MAX};

/// LIMIT: longer than any origin in use by far, and as long as ML-DSA cosignatures can name.
const ORIGIN_BYTES_MAX: usize = 255;
/// LIMIT: extension lines are discouraged; a witness must not be made to sign books.
const EXTENSION_BYTES_MAX: usize = 4096;
/// LIMIT: origin, size, root and extensions with their line ends.
const BODY_BYTES_MAX: usize = ORIGIN_BYTES_MAX + EXTENSION_BYTES_MAX + 100;

/// The size of a tree and its root at that size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TreeHead {
    /// How many entries the tree has.
    pub size: u64,
    /// Its root by RFC 6962.
    pub root: Hash,
}

/// The text that a log signs: origin, size, root, and extension lines if any.
///
/// Not proved by itself: [`crate::SignedCheckpoint`] has the signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: TreeHead,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extension lines. Sign none that is inconsistent with an earlier one.
    ///
    /// # Errors
    /// [`Error::Malformed`] for an empty origin, one above 255 bytes or with control characters;
    /// [`Error::TreeTooLarge`].
    pub fn new(origin: &str, head: TreeHead) -> Result<Self, Error> {
        Self::with_extensions(origin, head, Vec::new())
    }

    /// A checkpoint with extension lines, which C2SP discourages: no monitor can check them.
    ///
    /// # Errors
    /// As [`Checkpoint::new`], also for an empty extension line or more than 4096 bytes of them.
    pub fn with_extensions(
        origin: &str,
        head: TreeHead,
        extensions: Vec<String>,
    ) -> Result<Self, Error> {
        let refuse = |why| Err(malformed(Format::Checkpoint, why));
        if head.size > TREE_SIZE_MAX {
            return Err(Error::TreeTooLarge { size: head.size });
        }
        if origin.is_empty() || origin.len() > ORIGIN_BYTES_MAX {
            return refuse("the origin has 1 to 255 bytes");
        }
        if extensions.iter().any(String::is_empty) {
            return refuse("an extension line is empty; leave it out");
        }
        let extension_bytes: usize = extensions.iter().map(|line| line.len() + 1).sum();
        if extension_bytes > EXTENSION_BYTES_MAX {
            return refuse("the extension lines are above 4096 bytes");
        }
        let has_control = |line: &str| line.chars().any(|c| c < '\u{20}');
        if has_control(origin) || extensions.iter().any(|line| has_control(line)) {
            return refuse("a line has a control character");
        }
        Ok(Self {
            origin: origin.to_owned(),
            head,
            extensions,
        })
    }

    /// Reads the text of a checkpoint, without signatures; only the one right spelling is taken.
    ///
    /// # Errors
    /// As [`Checkpoint::with_extensions`], and for every deviation from C2SP tlog-checkpoint.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > BODY_BYTES_MAX {
            return Err(Error::TooLarge {
                format: Format::Checkpoint,
                limit: BODY_BYTES_MAX,
                unit: "bytes",
            });
        }
        let port = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).map_err(|_| {
            let why = "write origin, decimal size and base64 root, a line each";
            malformed(Format::Checkpoint, why)
        })?;
        let head = TreeHead {
            size: port.size(),
            root: Hash::of_port(*port.hash()),
        };
        let extensions = port.extension().lines().map(str::to_owned).collect();
        let checkpoint = Self::with_extensions(port.origin(), head, extensions)?;
        // Signatures are over the text as it came, so that only what we would write is taken.
        if checkpoint.to_string() != text {
            return Err(malformed(
                Format::Checkpoint,
                "end each line with a newline alone",
            ));
        }
        Ok(checkpoint)
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Size and root.
    pub const fn head(&self) -> &TreeHead {
        &self.head
    }

    /// The extension lines without their line ends.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }
}

/// The signed text itself, each line with its newline.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.origin)?;
        writeln!(f, "{}", self.head.size)?;
        writeln!(f, "{}", self.head.root)?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}
