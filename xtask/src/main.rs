//! The house's own tools.
fn main() {}
