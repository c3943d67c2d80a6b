//! Reaches witnesses over HTTP (C2SP tlog-witness). When they are asked, and what counts, is said in
//! `publish`.

mod address;
mod exchange;
mod http;

pub use http::{HttpWitness, Patience, WitnessStanding};
