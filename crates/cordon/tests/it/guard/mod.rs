//! The guard against a real PostgreSQL.

mod cases;
mod holes;
mod smoke;
mod views;
mod world;
