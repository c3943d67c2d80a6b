//! A witness behind an address: asked with a deadline, left alone for a while after a failure, and its
//! last answer visible to whoever watches.

use std::time::{Duration, Instant};

use merkle::{AddCheckpoint, NoteSignature, VerifierKey, parse_signature_lines, parse_size};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::publish::{Cosign, CosignRefused};

use super::address::Address;
use super::exchange::{Answer, Connection};

/// LIMIT: how much of a witness's own words is repeated.
const WORDS_MAX: usize = 200;

/// How long a witness may take, and how long it is left alone after failures.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For one request, name look-up and connection included. The witnesses of a log are asked one
    /// after the other, so that one that hangs delays the others by this much, once.
    pub deadline: Duration,
    /// After the first failure; doubled with each further one.
    pub pause_first: Duration,
    /// At most this long.
    pub pause_max: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(5),
            pause_first: Duration::from_secs(5),
            pause_max: Duration::from_secs(60),
        }
    }
}

/// How one witness stands to one log, for status pages and alarms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessStanding {
    /// The size that it cosigned last, as far as this process knows.
    pub cosigned: Option<u64>,
    /// Why it did not cosign when it was asked last; nothing if it did.
    pub trouble: Option<String>,
    /// How many times in a row it did not.
    pub failures: u32,
}

/// A witness reached over plain HTTP/1.1 (C2SP tlog-witness). Its answers are signed, so that nobody
/// on the way can forge one; they can see which log grows how fast, and can keep the log unwitnessed.
///
/// It blocks the thread that asks, which therefore must not be one that runs a tokio runtime; a log's
/// own thread asks, never the one that commits.
pub struct HttpWitness {
    key: VerifierKey,
    address: Address,
    patience: Patience,
    standing: watch::Sender<WitnessStanding>,
    /// Not before this time, after a failure.
    not_before: Option<Instant>,
    /// Made when it is first needed, so that a witness may be made and dropped anywhere.
    link: Option<(Runtime, Connection)>,
}

impl HttpWitness {
    /// A witness with this submission prefix (`http://host:port/prefix`) and this key of type 0x04.
    ///
    /// # Errors
    /// [`CosignRefused::Failed`] for an address that is not understood, https included.
    pub fn new(url: &str, key: VerifierKey, patience: Patience) -> Result<Self, CosignRefused> {
        Ok(Self {
            key,
            address: Address::parse(url)?,
            patience,
            standing: watch::Sender::new(WitnessStanding::default()),
            not_before: None,
            link: None,
        })
    }

    /// How it stands, now and whenever that changes.
    pub fn standing(&self) -> watch::Receiver<WitnessStanding> {
        self.standing.subscribe()
    }

    fn ask(&mut self, request: &AddCheckpoint) -> Result<Vec<NoteSignature>, CosignRefused> {
        let answer = self.exchange(&request.to_string());
        let answer = answer.map_err(CosignRefused::Failed)?;
        let signed = || -> Result<Vec<NoteSignature>, merkle::Error> {
            let lines = parse_signature_lines(&answer.body)?;
            let (ours, _): (Vec<_>, Vec<_>) =
                lines.into_iter().partition(|line| line.claims(&self.key));
            for line in &ours {
                request.checkpoint.check_line(line, &self.key)?;
            }
            Ok(ours)
        };
        match answer.status {
            200 => match signed() {
                Ok(lines) if lines.is_empty() => {
                    Err(failed("it answered without a signature of its key"))
                }
                Ok(lines) => Ok(lines),
                Err(error) => Err(failed(&format!("its answer is worth nothing: {error}"))),
            },
            409 => Err(conflict(&answer, request)),
            status => Err(failed(&format!(
                "it answered {status}: {}",
                words(&answer.body)
            ))),
        }
    }

    fn exchange(&mut self, body: &str) -> Result<Answer, String> {
        let (runtime, connection) = match &mut self.link {
            Some(link) => link,
            none => {
                let runtime = Builder::new_current_thread().enable_all().build();
                let runtime = runtime.map_err(|error| format!("no event queue: {error}"))?;
                none.insert((runtime, Connection::default()))
            }
        };
        let (address, deadline) = (&self.address, self.patience.deadline);
        // The timer must be made inside, where the runtime is known.
        let exchanged = runtime.block_on(async {
            let exchange = connection.post(address, body);
            timeout(deadline, exchange).await
        });
        match exchanged {
            Ok(answered) => answered,
            Err(_) => {
                // What the old connection still brings would be the answer to another question.
                *connection = Connection::default();
                Err(format!("no answer in {} ms", deadline.as_millis()))
            }
        }
    }

    fn remember(&mut self, size: u64, asked: &Result<Vec<NoteSignature>, CosignRefused>) {
        let mut standing = self.standing.borrow().clone();
        match asked {
            Ok(_) => {
                standing = WitnessStanding {
                    cosigned: Some(size),
                    ..WitnessStanding::default()
                };
                self.not_before = None;
            }
            // Being told where it stands is part of asking.
            Err(CosignRefused::Conflict { .. }) => self.not_before = None,
            Err(refused @ CosignRefused::Failed(_)) => {
                let doubled = 1_u32 << standing.failures.min(16);
                let pause = self.patience.pause_first.saturating_mul(doubled);
                let pause = pause.min(self.patience.pause_max);
                self.not_before = Instant::now().checked_add(pause);
                standing.trouble = Some(refused.to_string());
                standing.failures = standing.failures.saturating_add(1);
            }
        }
        self.standing.send_if_modified(|known| {
            let is_new = *known != standing;
            *known = standing;
            is_new
        });
    }
}

impl Cosign for HttpWitness {
    fn key(&self) -> &VerifierKey {
        &self.key
    }

    fn cosign(&mut self, request: &AddCheckpoint) -> Result<Vec<NoteSignature>, CosignRefused> {
        let now = Instant::now();
        if let Some(not_before) = self.not_before
            && now < not_before
        {
            let left = (not_before - now).as_millis();
            let trouble = self.standing.borrow().trouble.clone().unwrap_or_default();
            return Err(failed(&format!("{trouble}; asked again in {left} ms")));
        }
        let asked = self.ask(request);
        self.remember(request.checkpoint.checkpoint().head().size, &asked);
        asked
    }
}

/// A conflict that another proof does not mend is a contradiction: somebody showed the witness another
/// tree in this log's name.
fn conflict(answer: &Answer, request: &AddCheckpoint) -> CosignRefused {
    let size = match parse_size(&answer.body) {
        Ok(size) => size,
        Err(error) => return failed(&format!("its answer is worth nothing: {error}")),
    };
    if size == request.old_size {
        return failed(&format!(
            "it has cosigned another tree of size {size} in this log's name; stop, keep this log's \
             files, and ask for the witness's"
        ));
    }
    CosignRefused::Conflict { size }
}

fn failed(why: &str) -> CosignRefused {
    CosignRefused::Failed(why.to_owned())
}

/// The first words of an answer, fit for a line of text.
fn words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let plain = text.trim().chars().take(WORDS_MAX);
    plain
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
