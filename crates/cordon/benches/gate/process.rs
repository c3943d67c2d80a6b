//! What a process used of the processors, from `/proc`.

use std::fs;

/// Seconds of processor time that a process has used, its threads included and its children not.
pub fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name may hold blanks and parentheses: what counts begins behind the last one.
    let (_, rest) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks: f64 = [11, 12]
        .into_iter()
        .map(|at| fields.get(at).unwrap().parse::<f64>().unwrap())
        .sum();
    // Linux gives 100 ticks a second to programs on every architecture that we build for.
    ticks / 100.0
}

/// The median, smallest and largest of some figures.
pub fn spread(figures: &[f64]) -> (f64, f64, f64) {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    (
        at(sorted.len() / 2),
        at(0),
        at(sorted.len().saturating_sub(1)),
    )
}
