//! Files held against each other: what each says is readable, and now it must fit.

mod catalog;
mod home;
mod line;
mod names;
mod references;
mod rights;

pub(crate) use catalog::datasets;
pub(crate) use home::home;
pub(crate) use line::lines;
pub(crate) use names::policies;
pub(crate) use references::{Known, references};
pub(crate) use rights::grants;
