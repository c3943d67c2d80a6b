//! The guard against a real PostgreSQL.

mod alive;
mod attacks;
mod cases;
mod features;
mod hidden;
mod holes;
mod oracles;
mod properties;
mod rows;
mod smith;
mod smoke;
mod twins;
mod views;
mod world;
