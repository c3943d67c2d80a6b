//! How long properties are tried: the one place that reads `CORDON_LONG`.

/// So many cases, times `CORDON_LONG` where it is set: `./x test --long` sets it to 130 unless told
/// otherwise. What is not a number counts as 130 too.
pub fn cases(slice: u32) -> u32 {
    slice.saturating_mul(times())
}

/// Whether this is a long run.
pub fn is_long() -> bool {
    times() > 1
}

fn times() -> u32 {
    match std::env::var("CORDON_LONG") {
        Ok(text) => text.parse().unwrap_or(130).max(2),
        Err(_) => 1,
    }
}
