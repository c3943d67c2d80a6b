//! The guard against a real PostgreSQL.

mod alive;
mod features;
mod attacks;
mod oracles;
mod properties;
mod rows;
mod smith;
mod smoke;
mod twins;
mod views;
mod world;
