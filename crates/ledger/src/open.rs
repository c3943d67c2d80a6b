//! Opens or makes a log in a directory: lock, replay, compare with what was signed, mend what can be
//! derived. The one place where the parts are put together.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use merkle::{SignedCheckpoint, SignerKey, TreeHead};

use crate::commit::{Notice, Writer};
use crate::directory::{DirectoryJournal, DirectoryObjects, Reserve};
use crate::disk::{read_whole, sync_folder, write_whole};
use crate::error::LedgerError;
use crate::frame::PayloadRange;
use crate::name::LogName;
use crate::payload::{Erased, Erasure, Found, Vault};
use crate::progress::{Board, Progress};
use crate::publish::{Latest, Publisher};
use crate::rebuild::{Rebuild, Rebuilt};
use crate::settings::Settings;
use crate::storage::{CHECKPOINT, Journal, Objects, WITNESSED};
use crate::submission::Fold;
use crate::surroundings::Surroundings;
use crate::witnessed::Witnessed;

/// The log's verifier key, for whoever copies the directory.
pub(crate) const VERIFIER_KEY: &str = "log.vkey";

/// A log's secrets.
pub struct Secrets {
    /// Signs checkpoints; its name is the log's origin.
    pub signer: SignerKey,
    /// Wraps the keys of payloads.
    pub payload_key: [u8; 32],
}

/// Everything that a log is opened with.
pub struct Opening {
    /// The folder that holds all logs.
    pub root: PathBuf,
    /// Which log.
    pub name: LogName,
    /// Its secrets.
    pub secrets: Secrets,
    /// How it uses memory, disk and time.
    pub settings: Settings,
    /// Disk, clock and random numbers.
    pub surroundings: Surroundings,
    /// Judges entries.
    pub fold: Box<dyn Fold>,
    /// Makes the last entry when the disk is full.
    pub notice: Notice,
}

/// What opening found and mended. All zeros and empty after a clean stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Bytes of a commit that was interrupted and that nobody was told of; they are gone.
    pub torn_bytes: u64,
    /// Bytes of payloads whose entries never came to be; they are overwritten.
    pub orphaned_bytes: u64,
    /// Bytes in the latest payload file that are no record: damage.
    pub unreadable_bytes: u64,
    /// Whether an interrupted erasure was finished.
    pub finished_erasure: bool,
    /// Tiles and bundles that were missing or wrong, and were derived again.
    pub repaired: Vec<String>,
}

/// An open log without threads: tests drive it step by step, [`crate::Log`] with threads.
pub struct Opened {
    /// Appends.
    pub writer: Writer,
    /// Publishes.
    pub publisher: Publisher,
    /// What was found.
    pub findings: Findings,
    pub(crate) parts: Parts,
}

/// What a running log's parts share.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) name: LogName,
    pub(crate) recorded_name: record::LogName,
    pub(crate) settings: Settings,
    pub(crate) surroundings: Surroundings,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) objects: Arc<dyn Objects>,
    pub(crate) vault: Arc<Mutex<Vault>>,
    pub(crate) board: Board,
    pub(crate) latest: Latest,
    /// Held as long as any part is.
    _lock: Arc<dyn Send + Sync>,
}

impl Opening {
    /// Opens the log, or makes it if there is none, and verifies all of it: every entry is hashed
    /// again and the roots compared with those that were signed. Takes a second for about a million
    /// entries.
    pub fn open(mut self) -> Result<Opened, LedgerError> {
        if self.secrets.signer.verifier().name() != self.name.to_string() {
            return Err(LedgerError::BadName {
                name: self.secrets.signer.verifier().name().to_owned(),
                cause: "the signing key is another log's; its name is the origin",
            });
        }
        let folder = self.make_folders()?;
        let lock: Arc<dyn Send + Sync> = Arc::from(self.lock(&folder)?);
        let disk = Arc::clone(&self.surroundings.disk);
        let objects = Arc::new(DirectoryObjects::new(Arc::clone(&disk), &folder));
        let latest = self.signed(objects.as_ref(), CHECKPOINT)?;
        let witnessed = self.signed(objects.as_ref(), WITNESSED)?;
        let was_made = self.check_verifier_key(&folder)?;
        let heads = [latest.as_ref(), witnessed.as_ref()].map(|signed| signed.map(head_of));
        let (journal, rebuilt, torn_bytes, last) = self.rebuild(&folder, &objects, heads)?;
        journal.begin(was_made)?;
        if !was_made {
            self.write_verifier_key(&folder)?;
        }
        let (vault, mended) = Vault::open(
            &self.surroundings,
            &folder.join("payloads"),
            self.name.hash(),
            &self.secrets.payload_key,
            self.settings.journal.allocate_bytes,
            rebuilt.frontier.size(),
            last,
        )?;
        let reserve = Reserve::open(disk, &folder, self.settings.reserve_bytes)?;
        let findings = Findings {
            torn_bytes,
            orphaned_bytes: mended.orphaned,
            unreadable_bytes: mended.unreadable,
            finished_erasure: mended.finished_erasure,
            repaired: rebuilt.repaired.clone(),
        };
        let parts = Parts {
            recorded_name: self.name.recorded()?,
            board: Board::new(
                rebuilt.frontier.size(),
                latest.as_ref().map_or(0, |signed| head_of(signed).size),
                self.surroundings.clock.now_ms(),
            ),
            name: self.name,
            settings: self.settings,
            surroundings: self.surroundings,
            journal: Arc::new(journal),
            objects,
            vault: Arc::new(Mutex::new(vault)),
            latest: Arc::new(Mutex::new(latest)),
            _lock: lock,
        };
        let judges = (self.fold, self.notice);
        Ok(parts.open(self.secrets.signer, judges, rebuilt, reserve, findings))
    }

    /// Reads the whole log and compares it with the heads of the latest and the witnessed checkpoint.
    /// Says too how much was torn, and where the payloads of the last commit lie if nobody signed it.
    fn rebuild(
        &mut self,
        folder: &Path,
        objects: &Arc<DirectoryObjects>,
        [published, witnessed]: [Option<TreeHead>; 2],
    ) -> Result<(DirectoryJournal, Rebuilt, u64, Option<PayloadRange>), LedgerError> {
        let signed = [published, witnessed].into_iter().flatten();
        let signed = signed.map(|head| head.size).max().unwrap_or(0);
        let mut unsigned = None;
        let mut rebuild = Rebuild::new(
            &self.name.to_string(),
            Arc::clone(objects),
            self.fold.as_mut(),
            published,
            [published, witnessed].into_iter().flatten().collect(),
        )?;
        let (journal, replayed) = DirectoryJournal::open(
            Arc::clone(&self.surroundings.disk),
            &folder.join("journal"),
            self.name.hash(),
            self.settings.journal,
            Arc::clone(&self.surroundings.randomness),
            &mut |frame| {
                // What was signed was acknowledged: whatever its payloads look like, it stands.
                let Some(range) = frame.payloads.filter(|_| frame.first >= signed) else {
                    return Ok(true);
                };
                let is_whole = Vault::were_written(
                    &self.surroundings,
                    &folder.join("payloads"),
                    self.name.hash(),
                    &self.secrets.payload_key,
                    (frame.first..frame.size, range),
                )?;
                unsigned = is_whole.then_some(range);
                Ok(is_whole)
            },
            &mut |frame| rebuild.take(frame),
        )?;
        rebuild.read_bundles(journal.next())?;
        Ok((journal, rebuild.finish()?, replayed.torn, unsigned))
    }

    fn make_folders(&self) -> Result<PathBuf, LedgerError> {
        let disk = self.surroundings.disk.as_ref();
        let folder = self.root.join(self.name.folder());
        let make = |path: &Path| disk.create_dir(path).map_err(LedgerError::io("make", path));
        make(&folder)?;
        sync_folder(disk, &self.root)?;
        make(&folder.join("journal"))?;
        make(&folder.join("payloads"))?;
        sync_folder(disk, &folder)?;
        Ok(folder)
    }

    fn lock(&self, folder: &Path) -> Result<Box<dyn Send + Sync>, LedgerError> {
        let path = folder.join("lock");
        let locked = self.surroundings.disk.lock(&path);
        locked.map_err(|error| {
            if error.kind() == io::ErrorKind::WouldBlock {
                return LedgerError::Locked { path };
            }
            LedgerError::io("lock", path)(error)
        })
    }

    /// A checkpoint as it was signed, if there is one.
    fn signed(
        &self,
        objects: &DirectoryObjects,
        name: &str,
    ) -> Result<Option<SignedCheckpoint>, LedgerError> {
        let Some(bytes) = objects.read(name)? else {
            return Ok(None);
        };
        let remedy = "restore it from a copy; it says what must not be contradicted";
        let bad = |error: merkle::Error| {
            LedgerError::damaged(&objects.path(name), 0, error.to_string(), remedy)
        };
        let signed = SignedCheckpoint::parse(&bytes).map_err(bad)?;
        signed
            .verify_log(self.secrets.signer.verifier())
            .map_err(bad)?;
        Ok(Some(signed))
    }

    /// Whether the log was made before; its verifier key must be ours then.
    fn check_verifier_key(&self, folder: &Path) -> Result<bool, LedgerError> {
        let path = folder.join(VERIFIER_KEY);
        match read_whole(self.surroundings.disk.as_ref(), &path) {
            Ok(bytes) if bytes == self.verifier_key() => Ok(true),
            Ok(_) => Err(LedgerError::damaged(
                &path,
                0,
                "it is another key than the one that signs",
                "give the log's own key, or open a new epoch",
            )),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn write_verifier_key(&self, folder: &Path) -> Result<(), LedgerError> {
        let disk = self.surroundings.disk.as_ref();
        write_whole(disk, &folder.join(VERIFIER_KEY), &self.verifier_key())?;
        sync_folder(disk, folder)
    }

    fn verifier_key(&self) -> Vec<u8> {
        format!("{}\n", self.secrets.signer.verifier()).into_bytes()
    }
}

impl Opened {
    /// The log's name.
    pub fn name(&self) -> &LogName {
        &self.parts.name
    }

    /// How far the log is.
    pub fn progress(&self) -> Progress {
        self.parts.board.now()
    }

    /// As [`crate::Log::stored`].
    pub fn payload(
        &self,
        index: u64,
        field: u16,
        fits: &dyn Fn(&[u8; 32], &[u8]) -> bool,
    ) -> Result<Found, LedgerError> {
        self.parts.payload(index, field, fits)
    }

    /// As [`crate::Log::erase`].
    pub fn erase(&self, erasure: &Erasure, proof: &Witnessed) -> Result<Erased, LedgerError> {
        self.parts.erase(erasure, proof)
    }

    /// As [`crate::Log::witnessed`].
    pub fn witnessed(&self, index: u64) -> Option<Witnessed> {
        Witnessed::of(&self.parts, index)
    }
}

impl Parts {
    fn open(
        self,
        signer: SignerKey,
        (fold, notice): (Box<dyn Fold>, Notice),
        rebuilt: Rebuilt,
        reserve: Reserve,
        findings: Findings,
    ) -> Opened {
        let writer = Writer {
            journal: Arc::clone(&self.journal),
            objects: Arc::clone(&self.objects),
            vault: Arc::clone(&self.vault),
            head: Arc::new(Mutex::new(rebuilt.frontier.head())),
            frontier: rebuilt.frontier,
            fold,
            reserve,
            board: self.board.clone(),
            clock: Arc::clone(&self.surroundings.clock),
            notice,
            _lock: Arc::clone(&self._lock),
        };
        let publisher = Publisher::new(
            signer,
            Arc::clone(&self.journal),
            Arc::clone(&self.objects),
            self.board.clone(),
            Arc::clone(&self.latest),
            rebuilt.published,
        );
        Opened {
            writer,
            publisher,
            findings,
            parts: self,
        }
    }

    pub(crate) fn payload(
        &self,
        index: u64,
        field: u16,
        fits: &dyn Fn(&[u8; 32], &[u8]) -> bool,
    ) -> Result<Found, LedgerError> {
        let vault = self.vault.lock();
        vault
            .unwrap_or_else(PoisonError::into_inner)
            .read(index, field, fits)
    }

    pub(crate) fn erase(
        &self,
        erasure: &Erasure,
        proof: &Witnessed,
    ) -> Result<Erased, LedgerError> {
        if !proof.covers(erasure.by) {
            return Err(LedgerError::NotWitnessed { entry: erasure.by });
        }
        let vault = self.vault.lock();
        vault.unwrap_or_else(PoisonError::into_inner).erase(erasure)
    }
}

fn head_of(signed: &SignedCheckpoint) -> TreeHead {
    *signed.checkpoint().head()
}
