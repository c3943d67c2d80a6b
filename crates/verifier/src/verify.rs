//! Verifies logs: control logs first, then the access logs that they open, each as a whole.

use std::collections::{BTreeMap, BTreeSet};

use merkle::VerifierKey;

use crate::finding::{At, Findings};
use crate::fold::{AccessFold, Book, ControlFold, Tally, unreadable_code};
use crate::heads::{self, Heads};
use crate::log_name::{check_name, is_control};
use crate::payload::{Erasures, Verdicts};
use crate::report::{LogReport, Report};
use crate::source::Source;
use crate::vouching::{Times, tell_tail, tell_vouched, vouched_size};
use crate::walk::{Found, Walk, Walked};
use crate::{Code, Error, Terms, anchors};

/// How far verifying has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The log that is gone through.
    pub log: &'a str,
    /// Entries of it that are done.
    pub done: u64,
    /// Entries that it has.
    pub size: u64,
}

/// Verifies logs, and access logs against their control logs if those are among them.
///
/// Reads everything. Holds some 32 MB for each worker and two bytes for each entry of a log.
///
/// # Errors
/// [`Error`] when something cannot be read or what was given does not fit together. What is wrong
/// with a log is a finding in the report.
pub fn verify(
    sources: &[Box<dyn Source>],
    terms: &Terms,
    tell: &mut dyn FnMut(Progress<'_>),
) -> Result<Report, Error> {
    let mut named: BTreeMap<(bool, String), &dyn Source> = BTreeMap::new();
    for source in sources {
        let latest = heads::read_latest(source.as_ref())?;
        let name = latest.checkpoint().origin().to_owned();
        let is_access = !is_control(&name)?;
        if named
            .insert((is_access, name.clone()), source.as_ref())
            .is_some()
        {
            return Err(Error::Twice { name });
        }
    }
    for earlier in &terms.earlier {
        let name = earlier.checkpoint().origin();
        if !named.keys().any(|(_, known)| known == name) {
            return Err(Error::OtherLog {
                name: name.to_owned(),
            });
        }
    }
    let mut run = Run {
        terms,
        tell,
        report: Report::default(),
        controls: Vec::new(),
    };
    for ((is_access, name), source) in &named {
        if *is_access {
            run.access(name, *source)?;
        } else {
            run.control(name, *source)?;
        }
    }
    let given: BTreeSet<&String> = named.keys().map(|(_, name)| name).collect();
    run.absent_logs(&given);
    run.report.sort();
    Ok(run.report)
}

/// A control log that was gone through.
struct Control {
    name: String,
    size: u64,
    /// How much of it is vouched for by others than its key.
    vouched: u64,
    /// When a witness cosigned it, in seconds since 1970.
    witnessed_s: Option<u64>,
    books: BTreeMap<String, Book>,
    erasures: BTreeMap<String, Erasures>,
}

struct Run<'a> {
    terms: &'a Terms,
    tell: &'a mut dyn FnMut(Progress<'_>),
    report: Report,
    controls: Vec<Control>,
}

/// One log that was gone through, before it is reported.
struct Gone<'a> {
    heads: Heads,
    walked: Walked,
    tally: Tally,
    verdicts: Verdicts<'a>,
}

impl<'a> Run<'a> {
    fn control(&mut self, name: &str, source: &dyn Source) -> Result<(), Error> {
        let mut findings = Findings::of(name);
        let key = self.terms.key_of(name).ok_or(Error::NoKey {
            name: name.to_owned(),
        })?;
        let mut fold = ControlFold::default();
        let gone = self.go_through(
            (name, source),
            key,
            BTreeSet::new(),
            &mut findings,
            &mut |index, entry, findings| match entry {
                Some(entry) => fold.take(index, entry, findings),
                None => fold.stop(index, findings),
            },
        )?;
        check_name(name, fold.name(), &mut findings);
        let vouched = vouched_size(&gone.heads, 0);
        let last_ms = gone.tally.last_time_ms;
        tell_vouched(&gone.heads, last_ms, self.terms, &mut findings);
        let witnessed = gone.heads.witnessed.as_ref();
        let witnessed_s = witnessed.map(|witnessed| witnessed.time_s);
        let erasures = fold.erasures.get(name);
        let log = finish(name, gone, erasures, &mut findings);
        self.controls.push(Control {
            name: name.to_owned(),
            size: log.head.map_or(0, |head| head.size),
            vouched,
            witnessed_s,
            books: fold.books,
            erasures: fold.erasures,
        });
        self.add(
            LogReport {
                is_control: true,
                ..log
            },
            findings,
        );
        Ok(())
    }

    fn access(&mut self, name: &str, source: &dyn Source) -> Result<(), Error> {
        let mut findings = Findings::of(name);
        let controls = std::mem::take(&mut self.controls);
        let control = controls
            .iter()
            .find(|control| control.books.contains_key(name));
        let book = control.and_then(|control| control.books.get(name));
        let Some(key) = self.key_of_access(name, book, &controls, &mut findings)? else {
            self.controls = controls;
            let log = LogReport {
                name: name.to_owned(),
                ..LogReport::default()
            };
            self.add(log, findings);
            return Ok(());
        };
        let mut fold = AccessFold::default();
        let sizes = book.map(anchors::sizes).unwrap_or_default();
        let gone = self.go_through(
            (name, source),
            &key,
            sizes,
            &mut findings,
            &mut |index, entry, findings| match entry {
                Some(entry) => fold.take(index, entry, findings),
                None => fold.stop(index, findings),
            },
        )?;
        fold.finish(&mut findings);
        check_name(name, fold.name(), &mut findings);
        let through = self.compare_with_control(&gone, control, book, &mut findings);
        let erasures = control.and_then(|control| control.erasures.get(name));
        let log = finish(name, gone, erasures, &mut findings);
        self.controls = controls;
        let log = LogReport {
            anchored_and_witnessed: through,
            ..log
        };
        self.add(log, findings);
        Ok(())
    }

    /// The key that the control log names, or one that was given. None is a finding already.
    fn key_of_access(
        &self,
        name: &str,
        book: Option<&Book>,
        controls: &[Control],
        findings: &mut Findings,
    ) -> Result<Option<VerifierKey>, Error> {
        let recorded = book.and_then(|book| book.key.parse::<VerifierKey>().ok());
        let recorded = recorded.filter(|key| key.name() == name);
        if let Some(book) = book.filter(|_| recorded.is_none()) {
            let text = format!("`{}` is no key of this log", book.key.escape_debug());
            findings.add(Code::LogKeyUnusable, At::Log, text);
        }
        if book.is_none() && !controls.is_empty() {
            let names: Vec<&str> = controls.iter().map(|c| c.name.as_str()).collect();
            let text = format!("no entry of {} opens it", names.join(" or "));
            findings.add(Code::LogNotOpened, At::Log, text);
        }
        let key = recorded.or_else(|| self.terms.key_of(name).cloned());
        if key.is_none() && controls.is_empty() {
            return Err(Error::NoKey {
                name: name.to_owned(),
            });
        }
        Ok(key)
    }

    /// Anchors, and how much of the log others vouch for. Answers what they vouch for through the
    /// control log.
    fn compare_with_control(
        &self,
        gone: &Gone<'_>,
        control: Option<&Control>,
        book: Option<&Book>,
        findings: &mut Findings,
    ) -> u64 {
        let root_at = |size: u64| gone.walked.roots.get(&size).copied();
        let size = gone.heads.head.size;
        let (Some(control), Some(book)) = (control, book) else {
            if !findings.has(Code::LogNotOpened) {
                let text = "give the control log too, to compare this log with its anchors";
                findings.add(Code::ControlNotGiven, At::Log, text);
            }
            let last_ms = gone.tally.last_time_ms;
            tell_vouched(&gone.heads, last_ms, self.terms, findings);
            return 0;
        };
        anchors::compare(book, size, &root_at, findings);
        if gone.tally.control_size > control.size {
            let text = format!(
                "entries cite {} entries of {}, {} of which were given: the control log was copied \
                 before this one, or it was cut",
                gone.tally.control_size, control.name, control.size
            );
            findings.add(Code::ControlUnseen, At::Log, text);
        }
        // A log that contradicts an anchor is not the one that was anchored.
        let contradicts = findings.has(Code::AnchorContradicted) || gone.heads.is_contradicted;
        let through = match contradicts {
            true => 0,
            false => anchors::witnessed_through(book, control.vouched).min(size),
        };
        let vouched = vouched_size(&gone.heads, through);
        // What nobody vouches for at all is said of the control log already.
        if vouched > 0 || control.vouched > 0 {
            let own = gone.heads.witnessed.as_ref();
            let own_s = own.map(|witnessed| witnessed.time_s);
            let times = Times {
                witnessed_s: own_s.max(control.witnessed_s),
                last_ms: gone.tally.last_time_ms,
            };
            tell_tail(&gone.heads, vouched, times, findings);
        }
        through
    }

    /// Judges the checkpoints of a log and goes through its entries.
    fn go_through<'n>(
        &mut self,
        (name, source): (&'n str, &dyn Source),
        key: &VerifierKey,
        sizes: BTreeSet<u64>,
        findings: &mut Findings,
        fold: &mut dyn FnMut(u64, Option<&record::Entry>, &mut Findings),
    ) -> Result<Gone<'n>, Error>
    where
        'a: 'n,
    {
        let terms = self.terms;
        let mut heads = heads::judge(source, key, terms, findings)?;
        let walk = Walk {
            source,
            head: heads.head,
            sizes: sizes.into_iter().chain(heads.sizes()).collect(),
            workers: terms.worker_count(),
        };
        let size = heads.head.size;
        let mut tally = Tally::default();
        let mut verdicts = Verdicts::new(name, terms.payloads.as_ref());
        let mut take = |index: u64, found: Found, findings: &mut Findings| match found {
            Some(Ok(entry)) => {
                tally.take(index, &entry, findings);
                verdicts.take(index, &entry, findings);
                fold(index, Some(&entry), findings);
            }
            Some(Err(malformed)) => {
                let code = unreadable_code(&malformed);
                findings.add(code, At::Entry(index), malformed.to_string());
                verdicts.skip();
                fold(index, None, findings);
            }
            None => {
                verdicts.skip();
                fold(index, None, findings);
            }
        };
        let tell = &mut self.tell;
        let mut told = |done| {
            tell(Progress {
                log: name,
                done,
                size,
            })
        };
        let walked = walk.run(findings, &mut take, &mut told)?;
        let root_at = |size: u64| walked.roots.get(&size).copied();
        heads.compare_roots(&root_at, findings);
        tally.finish(findings);
        Ok(Gone {
            heads,
            walked,
            tally,
            verdicts,
        })
    }

    /// Access logs that a control log has and nobody gave.
    fn absent_logs(&mut self, given: &BTreeSet<&String>) {
        for control in std::mem::take(&mut self.controls) {
            let mut findings = Findings::of(&control.name);
            for (log, book) in &control.books {
                if given.contains(log) {
                    continue;
                }
                let size = book.anchors.iter().map(|anchor| anchor.size).max();
                let text = match (size, book.lost) {
                    (_, Some((by, witnessed))) => {
                        let text = format!(
                            "entry {by}: `{log}` lost its state; what came after entry {witnessed} \
                             is unknown"
                        );
                        findings.add(Code::LogLost, At::Entry(by), text);
                        continue;
                    }
                    (Some(size), None) => {
                        format!("`{log}` is anchored at {size} entries; give its directory too")
                    }
                    (None, None) => format!("`{log}` was opened; give its directory too"),
                };
                findings.add(Code::LogNotFound, At::Log, text);
            }
            self.take_findings(&control.name, findings);
        }
    }

    fn add(&mut self, log: LogReport, findings: Findings) {
        self.take_findings(&log.name, findings);
        self.report.logs.push(log);
    }

    fn take_findings(&mut self, log: &str, findings: Findings) {
        let (listed, unlisted) = findings.into_parts();
        self.report.findings.extend(listed);
        let unlisted = unlisted.into_iter();
        let unlisted = unlisted.map(|(code, more)| (log.to_owned(), code, more));
        self.report.unlisted.extend(unlisted);
    }
}

/// Settles payloads and puts the numbers together.
fn finish(
    name: &str,
    gone: Gone<'_>,
    erasures: Option<&Erasures>,
    findings: &mut Findings,
) -> LogReport {
    let Gone {
        heads,
        walked,
        tally,
        verdicts,
    } = gone;
    let payloads = verdicts.finish(heads.head.size, erasures, findings);
    LogReport {
        name: name.to_owned(),
        is_control: false,
        head: Some(heads.head),
        entries: walked.entries,
        bytes: walked.bytes,
        bundles: walked.bundles,
        tiles: walked.tiles,
        times_ms: tally.first_time_ms.zip(tally.last_time_ms),
        kinds: tally.kinds,
        witnessed: heads.witnessed.filter(|_| !heads.is_contradicted),
        anchored_and_witnessed: 0,
        earlier: heads.earlier.filter(|_| !heads.is_contradicted),
        payloads,
    }
}
