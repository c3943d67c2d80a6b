//! The guard against a real PostgreSQL.

mod cases;
mod smoke;
mod views;
mod world;
