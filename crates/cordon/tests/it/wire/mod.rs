//! What crosses the wire: everything that a client hears, byte for byte.

mod cases;
mod direct;
mod four_ways;
mod lifecycle;
mod line;
mod protocol;
mod stage;
mod startup;
mod twins;
