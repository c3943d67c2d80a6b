//! How long a property is tried: a slice in CI, much more in `./x test --long`.

/// So many cases, or a hundred times as many when `CORDON_LONG` is set.
pub fn cases(slice: u32) -> u32 {
    match std::env::var_os("CORDON_LONG") {
        Some(_) => slice.saturating_mul(100),
        None => slice,
    }
}
