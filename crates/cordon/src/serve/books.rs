//! The books of an evaluation: what DIR says is written into the control log as being in force, marked
//! as an evaluation in every entry.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use deployment::{Bundle, Layout};
use gateway::InForce;
use ledger::{
    AccessLog, Books, BooksSettings, ControlLog, Cosign, HttpWitness, Keys, Patience, Settings,
    Surroundings,
};
use model::GrantId;
use policy::Decider;
use record::{
    Append as _, Body, Catalogue, Digest, Field, GrantEntry, Line, Marks, People, Policy,
    Pseudonym, State, Version,
};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

/// The hashes that decisions cite.
pub(super) struct Hashes {
    policies: Digest,
    schema: Digest,
}

impl Hashes {
    pub(super) fn of(decider: &Decider) -> Self {
        Self {
            policies: Digest::new(*decider.engine().policies_hash().bytes()),
            schema: Digest::new(*decider.engine().schema_hash().bytes()),
        }
    }
}

/// The books, open.
pub(super) struct Opened {
    pub(super) control: Arc<ControlLog>,
    pub(super) access: AccessLog,
    pub(super) in_force: InForce,
}

/// Opens them, and records what is in force where it is not what was.
pub(super) fn open(dir: &Path, bundle: &Bundle, hashes: &Hashes) -> anyhow::Result<Opened> {
    let books = books(dir, bundle)?;
    std::fs::create_dir_all(&books.root)
        .with_context(|| format!("cannot make {}", books.root.display()))?;
    let control = Arc::new(ControlLog::open(&books, witnesses(bundle)?)?);
    let Activated { mut in_force, .. } = activate(dir, bundle, hashes, &control)?;
    let access = AccessLog::open(
        &books,
        &bundle.service.gateway,
        &control,
        witnesses(bundle)?,
    )?;
    // The log's own opening stands in the control log, and its entries cite that.
    in_force.control_size = control.progress().borrow().durable.max(1);
    Ok(Opened {
        access,
        in_force,
        control,
    })
}

/// What an activation did.
pub(super) struct Activated {
    /// What is in force now.
    pub(super) in_force: InForce,
    /// What was not in force before, in words.
    pub(super) changes: Vec<String>,
}

/// Records what DIR says where it is not what is in force. It blocks until that is durable.
///
/// # Errors
/// When the control log does not take it. What it took before stays in force.
pub(super) fn activate(
    dir: &Path,
    bundle: &Bundle,
    hashes: &Hashes,
    control: &ControlLog,
) -> anyhow::Result<Activated> {
    let activation = Activation { control, dir };
    let before = activation.state()?;
    let people = activation.people()?;
    activation.catalogue()?;
    activation.policy(bundle, hashes)?;
    let grants = activation.grants(bundle)?;
    let changes = changes(&before, &activation.state()?);
    let control_size = control.progress().borrow().durable;
    Ok(Activated {
        in_force: InForce {
            control_size: control_size.max(1),
            people,
            grants,
        },
        changes,
    })
}

/// What a later state has that an earlier one had not.
fn changes(before: &State, after: &State) -> Vec<String> {
    let version = |version: Option<&Version>| version.map(|version| version.number);
    let mut changes = Vec::new();
    for (what, was, is) in [
        ("the people register", before.people(), after.people()),
        ("the catalogue", before.catalogue(), after.catalogue()),
        ("the policy", before.policy(), after.policy()),
    ] {
        if let Some(number) = version(is).filter(|_| version(is) != version(was)) {
            changes.push(format!("{what} is version {number}"));
        }
    }
    let more = after.grants().count() - before.grants().count().min(after.grants().count());
    if more > 0 {
        changes.push(format!("{more} more in the list of grants"));
    }
    changes
}

/// How long sensitive data is shown in clear without a witness.
fn unwitnessed_max(bundle: &Bundle) -> Duration {
    let seconds = bundle.service.limits.get("unwitnessed_s");
    let default = BooksSettings::default().unwitnessed_max;
    seconds.map_or(default, |seconds| Duration::from_secs(u64::from(*seconds)))
}

fn books(dir: &Path, bundle: &Bundle) -> anyhow::Result<Books> {
    let needed = usize::from(!bundle.service.witnesses.is_empty());
    let settings = |settings: Settings| Settings {
        witnesses_needed: needed,
        ..settings
    };
    Ok(Books {
        root: dir.join("ledger"),
        organisation: bundle.service.organisation.clone(),
        keys: Keys::load(&dir.join("secrets"))?,
        build: super::build(),
        marks: Marks { evaluation: true },
        settings: BooksSettings {
            control: settings(Settings::control()),
            access: settings(Settings::access()),
            unwitnessed_max: unwitnessed_max(bundle),
            ..BooksSettings::default()
        },
        surroundings: Surroundings::real(),
    })
}

/// The witnesses of cordon.toml. They are not asked yet.
///
/// # Errors
/// When an address or a key cannot be used.
pub fn witnesses(bundle: &Bundle) -> anyhow::Result<Vec<Box<dyn Cosign>>> {
    let mut witnesses: Vec<Box<dyn Cosign>> = Vec::new();
    for witness in &bundle.service.witnesses {
        let key = witness
            .key
            .parse()
            .map_err(|_| anyhow!("cordon.toml: `{}` is no key of a witness", witness.key))?;
        let made = HttpWitness::new(&witness.url, key, Patience::default());
        let made = made.map_err(|error| anyhow!("cordon.toml: {error}"))?;
        witnesses.push(Box::new(made));
    }
    Ok(witnesses)
}

/// How long the control log may take to publish what is durable.
const PATIENCE: Duration = Duration::from_secs(20);

struct Activation<'a> {
    control: &'a ControlLog,
    dir: &'a Path,
}

impl Activation<'_> {
    /// What is in force once everything that was appended so far counts.
    fn state(&self) -> anyhow::Result<State> {
        let size = self.control.progress().borrow().durable;
        let mut follow = self.control.follow();
        let reached = wait_for(async { timeout(PATIENCE, follow.reached(size)).await });
        let view = reached.ok().flatten();
        let view = view.context(
            "the control log is not published, so what is in force is not known; look at its disk",
        )?;
        Ok(view.state_durable().as_ref().clone())
    }

    fn append(
        &self,
        body: impl Into<Body>,
        payloads: Vec<(Field, Vec<u8>)>,
    ) -> anyhow::Result<u64> {
        let draft = self.control.draft(body, payloads)?;
        let appended = wait_for(self.control.append(draft));
        let durable = appended.context("the control log does not take what DIR says")?;
        Ok(durable.index())
    }

    fn people(&self) -> anyhow::Result<Digest> {
        let layout = Layout::new(self.dir);
        let mut document = read(&layout.people())?;
        // For whom services may act is part of the register, with who signed it.
        let delegations = read_folder(&layout.delegations())?;
        document.extend(&delegations);
        let hash = digest(&document);
        let state = self.state()?;
        let before = state.people();
        if before.map(|before| before.hash) == Some(hash) {
            return Ok(hash);
        }
        let body = People {
            version: before.map_or(1, |before| before.number + 1),
            previous: before.map(|before| before.hash),
            hash,
            statement: hash,
            by: Vec::new(),
        };
        let mut payloads = vec![(People::DOCUMENT, document)];
        if !delegations.is_empty() {
            payloads.push((People::SIGNATURES, delegations));
        }
        self.append(body, payloads)?;
        Ok(hash)
    }

    fn catalogue(&self) -> anyhow::Result<()> {
        let document = read_folder(&Layout::new(self.dir).catalog())?;
        let hash = digest(&document);
        let state = self.state()?;
        let before = state.catalogue();
        if before.map(|before| before.hash) == Some(hash) {
            return Ok(());
        }
        let body = Catalogue {
            version: before.map_or(1, |before| before.number + 1),
            previous: before.map(|before| before.hash),
            hash,
            label_changes: 0,
            statement: hash,
            by: Vec::new(),
        };
        self.append(body, vec![(Catalogue::DOCUMENT, document)])?;
        Ok(())
    }

    fn policy(&self, bundle: &Bundle, hashes: &Hashes) -> anyhow::Result<()> {
        let layout = Layout::new(self.dir);
        let mut document = read(&layout.settings())?;
        document.extend(read_folder(&layout.policy())?);
        for file in [layout.ladder()] {
            if file.exists() {
                document.extend(read(&file)?);
            }
        }
        document.extend(format!("\n-- policies {}\n", hashes.policies).bytes());
        let hash = digest(&document);
        let state = self.state()?;
        let before = state.policy();
        if before.map(|before| before.hash) == Some(hash) {
            return Ok(());
        }
        let ladder = format!("{:?}", bundle.world.ladder);
        let body = Policy {
            version: before.map_or(1, |before| before.number + 1),
            previous: before.map(|before| before.hash),
            hash,
            policies: hashes.policies,
            policy_schema: hashes.schema,
            regimes: bundle.world.regime_ids(),
            ladder: digest(ladder.as_bytes()),
            proofs: None,
            statement: hash,
            by: Vec::new(),
        };
        self.append(body, vec![(Policy::DOCUMENT, document)])?;
        Ok(())
    }

    /// The entry of each grant of `grants.yaml`.
    fn grants(&self, bundle: &Bundle) -> anyhow::Result<BTreeMap<GrantId, u64>> {
        let state = self.state()?;
        let mut entries: BTreeMap<GrantId, u64> = state
            .grants()
            .map(|(index, facts)| (facts.grant.clone(), index))
            .collect();
        for (id, grant) in bundle.rights.grants() {
            if entries.contains_key(id) {
                continue;
            }
            let ms = |at: model::Timestamp| u64::try_from(at.seconds()).unwrap_or(0) * 1000;
            let subjects = grant.subjects.as_ref();
            let body = GrantEntry {
                grant: id.clone(),
                request: None,
                break_glass: None,
                flow: None,
                requester: pseudonym(grant.requester.as_str()),
                purpose: grant.purpose.clone(),
                transaction: grant.transaction,
                exemption: grant.exemption.as_ref().and_then(exemption),
                scope: Vec::new(),
                subjects: subjects.map(|set| set.keys.len() as u64),
                start_ms: ms(grant.start),
                expires_ms: ms(grant.ends()),
                by: Vec::new(),
            };
            let mut payloads = vec![
                (
                    GrantEntry::PARTIES,
                    grant.requester.to_string().into_bytes(),
                ),
                (GrantEntry::TERMS, format!("{grant:?}").into_bytes()),
            ];
            if let Some(set) = subjects {
                payloads.push((GrantEntry::SUBJECTS, set.keys.join("\n").into_bytes()));
            }
            let index = self.append(body, payloads)?;
            entries.insert(id.clone(), index);
        }
        Ok(entries)
    }
}

fn exemption(claimed: &model::Exemption) -> Option<record::Exemption> {
    Some(record::Exemption {
        rule: Line::new(&claimed.rule).ok()?,
        counsel_reference: Line::new(&claimed.counsel_reference).ok()?,
    })
}

/// In an evaluation the requester of a grant is named by a hash; nobody has signed it.
fn pseudonym(id: &str) -> Pseudonym {
    Pseudonym::new(Sha256::digest(format!("cordon/evaluation/{id}")).into())
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::new(Sha256::digest(bytes).into())
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

/// All files of a folder in the order of their names, each after its name.
fn read_folder(folder: &Path) -> anyhow::Result<Vec<u8>> {
    let mut all = Vec::new();
    if !folder.is_dir() {
        return Ok(all);
    }
    let listed =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files = listed.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    for file in files {
        if file.path().is_file() {
            all.extend(format!("\n-- {}\n", file.file_name().to_string_lossy()).bytes());
            all.extend(read(&file.path())?);
        }
    }
    Ok(all)
}

/// Waits for an append without a runtime: this runs on a thread of its own.
fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Handle::current().block_on(future)
}
