//! What a deployment's directory must say, and how each mistake in one is answered.

mod faults;
mod mutations;
mod place;
mod sample;
