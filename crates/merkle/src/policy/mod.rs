//! Trust policies (C2SP tlog-policy): which logs and witnesses count, and how many of them.

mod read;

use std::fmt;

use crate::{Algorithm, Error, SignedCheckpoint, VerifierKey};

/// The logs, the witnesses and the quorum that somebody trusts.
#[derive(Clone, Debug)]
pub struct Policy {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    groups: Vec<Group>,
    quorum: Quorum,
}

/// The name of a witness or a group inside a policy file. Opaque bytes, compared as such.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WitnessName(Vec<u8>);

/// A log or a witness of a policy.
#[derive(Clone, Debug)]
pub struct Party {
    name: WitnessName,
    key: VerifierKey,
    url: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
struct Group {
    threshold: usize,
    members: Vec<Member>,
}

/// INVARIANT: a position in the witnesses, or of a group before the one that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

#[derive(Clone, Copy, Debug)]
enum Quorum {
    None,
    Of(Member),
}

/// How one key stands to one checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its signature is there and right; witnesses say when (seconds since 1970).
    Signed {
        /// Nothing for a log.
        time_s: Option<u64>,
    },
    /// No line claims the key, or the checkpoint is of another log.
    Absent,
    /// A line claims the key and is wrong.
    Wrong,
    /// A line claims the key, whose type nobody here can verify. Counts as absent.
    CannotTell,
}

/// What a policy says about a checkpoint.
#[derive(Clone, Debug)]
pub struct Evaluation {
    logs: Vec<(Party, Standing)>,
    witnesses: Vec<(Party, Standing)>,
    is_quorum_met: bool,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`Error::PolicyLine`] with the line to mend, [`Error::Malformed`] for a file without a
    /// quorum line or a last newline, [`Error::TooLarge`] above 256 KiB.
    pub fn parse(file: &[u8]) -> Result<Self, Error> {
        read::policy(file)
    }

    /// The policy that takes any of these logs, cosigned by at least `threshold` of the witnesses;
    /// 0 asks for none.
    ///
    /// # Errors
    /// [`Error::PolicyLine`] for keys of the wrong type or given twice, and for a threshold above
    /// the number of witnesses.
    pub fn of_keys(
        logs: &[VerifierKey],
        witnesses: &[VerifierKey],
        threshold: usize,
    ) -> Result<Self, Error> {
        read::of_keys(logs, witnesses, threshold)
    }

    /// The logs, any of which is accepted.
    pub fn logs(&self) -> &[Party] {
        &self.logs
    }

    /// The witnesses.
    pub fn witnesses(&self) -> &[Party] {
        &self.witnesses
    }

    /// Whether the policy asks for no cosignature at all. Say so wherever its verdict is shown.
    pub const fn asks_for_no_witness(&self) -> bool {
        matches!(self.quorum, Quorum::None)
    }

    /// Which of the policy's logs and witnesses signed this checkpoint, and whether they suffice.
    pub fn evaluate(&self, checkpoint: &SignedCheckpoint) -> Evaluation {
        let stand = |parties: &[Party]| -> Vec<(Party, Standing)> {
            let judged = parties.iter();
            judged
                .map(|party| (party.clone(), standing(checkpoint, &party.key)))
                .collect()
        };
        let logs = stand(&self.logs);
        let witnesses = stand(&self.witnesses);
        let cosigned: Vec<bool> = witnesses
            .iter()
            .map(|(_, standing)| matches!(standing, Standing::Signed { .. }))
            .collect();
        Evaluation {
            logs,
            witnesses,
            is_quorum_met: self.is_quorum_met(&cosigned),
        }
    }

    fn is_quorum_met(&self, cosigned: &[bool]) -> bool {
        let mut groups: Vec<bool> = Vec::new();
        let is_met = |groups: &[bool], member: Member| match member {
            Member::Witness(at) => cosigned.get(at).copied().unwrap_or(false),
            Member::Group(at) => groups.get(at).copied().unwrap_or(false),
        };
        for group in &self.groups {
            let members = group.members.iter();
            let count = members.filter(|member| is_met(&groups, **member)).count();
            groups.push(count >= group.threshold);
        }
        match self.quorum {
            Quorum::None => true,
            Quorum::Of(member) => is_met(&groups, member),
        }
    }
}

impl Evaluation {
    /// Each log of the policy and how it stands.
    pub fn logs(&self) -> &[(Party, Standing)] {
        &self.logs
    }

    /// Each witness of the policy and how it stands.
    pub fn witnesses(&self) -> &[(Party, Standing)] {
        &self.witnesses
    }

    /// Whether a log of the policy signed. False for a policy that names no log.
    pub fn is_signed_by_log(&self) -> bool {
        let mut logs = self.logs.iter();
        logs.any(|(_, standing)| matches!(standing, Standing::Signed { .. }))
    }

    /// Whether enough witnesses cosigned. True for a policy that asks for none.
    pub const fn is_quorum_met(&self) -> bool {
        self.is_quorum_met
    }

    /// The key of the policy under which a line is wrong, if any. C2SP signed-note has the whole
    /// note refused then.
    pub fn wrong_key(&self) -> Option<&VerifierKey> {
        let mut all = self.logs.iter().chain(&self.witnesses);
        all.find(|(_, standing)| *standing == Standing::Wrong)
            .map(|(party, _)| &party.key)
    }

    /// Holds if no line of a known key is wrong, a log of the policy signed, and the quorum is met.
    ///
    /// # Errors
    /// [`Error::WrongSignature`], [`Error::NoLog`] or [`Error::NoQuorum`].
    pub fn must_hold(&self) -> Result<(), Error> {
        if let Some(key) = self.wrong_key() {
            return Err(Error::WrongSignature {
                name: key.name().to_owned(),
                id: key.id(),
            });
        }
        if !self.is_signed_by_log() {
            return Err(Error::NoLog);
        }
        if !self.is_quorum_met {
            return Err(Error::NoQuorum);
        }
        Ok(())
    }
}

impl Party {
    /// The name in the policy file; a log's is that of its key.
    pub const fn name(&self) -> &WitnessName {
        &self.name
    }

    /// The key.
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Where it can be reached, if the file says so; opaque bytes.
    pub fn url(&self) -> Option<&[u8]> {
        self.url.as_deref()
    }
}

impl WitnessName {
    /// The bytes as the file has them.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// For people: bytes that are no UTF-8 are replaced.
impl fmt::Display for WitnessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for WitnessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn standing(checkpoint: &SignedCheckpoint, key: &VerifierKey) -> Standing {
    let verdict = match key.algorithm() {
        Algorithm::Ed25519 => checkpoint.verify_log(key).map(|_| None),
        Algorithm::Cosignature => checkpoint
            .verify_cosignature(key)
            .map(|cosignature| Some(cosignature.time_s())),
        Algorithm::MlDsa44 | Algorithm::Other(_) => {
            let mut lines = checkpoint.signatures().iter();
            return match lines.any(|line| line.claims(key)) {
                true => Standing::CannotTell,
                false => Standing::Absent,
            };
        }
    };
    match verdict {
        Ok(time_s) => Standing::Signed { time_s },
        Err(Error::NotSigned { .. } | Error::OtherOrigin { .. }) => Standing::Absent,
        Err(_) => Standing::Wrong,
    }
}
