//! One file for each verb, and what several of them need.

pub mod catalog;
pub mod check;
pub mod decide;
pub mod demo;
pub mod explain;
pub mod ledger;
pub mod load;
pub mod people;
pub mod policy;
pub mod schema;
pub mod serve;
pub mod who;
