//! Alternatives in turn, round by round, so that a machine that drifts drifts for all of them.

use std::fmt;
use std::time::Instant;

/// One alternative.
pub struct Contender<'a> {
    /// Its name, with the size of its input.
    pub name: &'static str,
    /// Runs it once.
    pub run: Box<dyn FnMut() + 'a>,
}

/// What was measured, in microseconds a run.
pub struct Report {
    rows: Vec<(&'static str, Vec<f64>)>,
}

/// Runs each contender `runs` times a round, for so many rounds, after one round that is not
/// counted.
pub fn interleave(rounds: usize, runs: u32, contenders: &mut [Contender<'_>]) -> Report {
    let mut rows: Vec<(&'static str, Vec<f64>)> = contenders
        .iter()
        .map(|contender| (contender.name, Vec::new()))
        .collect();
    for round in 0..=rounds {
        for (contender, (_, times)) in contenders.iter_mut().zip(&mut rows) {
            let begin = Instant::now();
            for _ in 0..runs {
                (contender.run)();
            }
            if round > 0 {
                times.push(begin.elapsed().as_secs_f64() * 1e6 / f64::from(runs));
            }
        }
    }
    Report { rows }
}

/// Median, smallest, largest, and the ratio of the median to the first contender's.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<52} {:>10} {:>10} {:>10} {:>8}",
            "microseconds a run", "median", "min", "max", "ratio"
        )?;
        let mut base = None;
        for (name, times) in &self.rows {
            let mut sorted = times.clone();
            sorted.sort_by(f64::total_cmp);
            let median = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
            let min = sorted.first().copied().unwrap_or(f64::NAN);
            let max = sorted.last().copied().unwrap_or(f64::NAN);
            let base = *base.get_or_insert(median);
            writeln!(
                f,
                "{name:<52} {median:>10.2} {min:>10.2} {max:>10.2} {:>8.2}",
                median / base
            )?;
        }
        Ok(())
    }
}
