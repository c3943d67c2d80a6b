//! The guard against a real PostgreSQL.

mod alive;
mod attacks;
mod oracles;
mod properties;
mod rows;
mod smoke;
mod twins;
mod views;
mod world;
