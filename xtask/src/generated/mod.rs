//! Documents that are written from what the code says.

pub mod catalogue;
pub mod map;
pub mod refusals;
