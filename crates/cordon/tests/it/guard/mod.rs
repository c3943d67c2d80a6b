//! The guard against a real PostgreSQL.

mod smoke;
mod views;
mod world;
