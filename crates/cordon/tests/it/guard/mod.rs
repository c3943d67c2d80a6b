//! The guard against a real PostgreSQL.

mod holes;
mod smoke;
mod views;
mod world;
