//! How much of a log others than its own key vouch for, and how that is said.

use crate::clock::of_seconds;
use crate::finding::{At, Findings};
use crate::heads::Heads;
use crate::{Code, Terms};

/// LIMIT: how long a log may go on without a cosignature before it is no longer usual. Within it,
/// entries that no witness has seen are a gap; past it, nobody can tell why there is none.
/// Source: the ledger's default bound of the unwitnessed lag, 5 minutes.
const UNWITNESSED_MS_MAX: u64 = 5 * 60 * 1000;

/// When things were said, as far as it is known.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    /// The cosignature, in seconds since 1970.
    pub witnessed_s: Option<u64>,
    /// The last entry, in unix milliseconds.
    pub last_ms: Option<u64>,
}

/// Says who vouches for the log besides its own key, or that nobody does.
pub(crate) fn tell_vouched(
    heads: &Heads,
    last_ms: Option<u64>,
    terms: &Terms,
    findings: &mut Findings,
) {
    let vouched = vouched_size(heads, 0);
    if heads.is_contradicted {
        return;
    }
    let text = "whoever holds the log's key can have written all of this anew: no witness and \
                no earlier checkpoint says otherwise; give `--witness` or `--from`";
    match (&heads.witnessed, terms.asks_for_witness()) {
        (Some(witnessed), _) => {
            let times = Times {
                witnessed_s: Some(witnessed.time_s),
                last_ms,
            };
            tell_tail(heads, vouched, times, findings);
        }
        (None, true) => {
            let text = "no checkpoint that lies here has the cosignatures asked for, so that \
                        the entries can have been written anew; ask a witness for its latest \
                        checkpoint of this log and give it with `--from`";
            findings.add(Code::QuorumMissing, At::Log, text);
        }
        (None, false) if heads.earlier.is_some() => {
            let witnessed_s = None;
            let times = Times {
                witnessed_s,
                last_ms,
            };
            tell_tail(heads, vouched, times, findings);
        }
        (None, false) => findings.add(Code::NoWitness, At::Log, text),
    }
}

/// How many of the first entries others than the log's key vouch for.
pub(crate) fn vouched_size(heads: &Heads, through_control: u64) -> u64 {
    if heads.is_contradicted {
        return 0;
    }
    let witnessed = heads.witnessed.as_ref().map(|witnessed| witnessed.size);
    let sizes = [witnessed, heads.earlier, Some(through_control)];
    let largest = sizes.into_iter().flatten().max().unwrap_or_default();
    largest.min(heads.head.size)
}

/// Says which entries only the log's key vouches for, if there are any.
pub(crate) fn tell_tail(heads: &Heads, vouched: u64, times: Times, findings: &mut Findings) {
    let Some(text) = tail_text(heads, vouched) else {
        return;
    };
    let Some(witnessed_s) = times.witnessed_s else {
        let text = format!("{text}: they can have been written anew; give `--witness`");
        findings.add(Code::TailUnvouched, At::Log, text);
        return;
    };
    let until_ms = witnessed_s
        .saturating_mul(1000)
        .saturating_add(UNWITNESSED_MS_MAX);
    if times.last_ms.is_some_and(|last_ms| last_ms > until_ms) {
        let text = format!(
            "{text}: the last cosignature is of {}, and the log went on for more than 5 minutes \
             after it; they can have been written anew; ask a witness for its latest checkpoint of \
             this log and give it with `--from`",
            of_seconds(witnessed_s)
        );
        findings.add(Code::WitnessBehind, At::Log, text);
        return;
    }
    findings.add(Code::Unwitnessed, At::Log, format!("{text} so far"));
}

fn tail_text(heads: &Heads, vouched: u64) -> Option<String> {
    let last = heads.head.size.checked_sub(1)?;
    let text = format!("only the log's own key vouches for entries {vouched} to {last}");
    (vouched <= last).then_some(text)
}
