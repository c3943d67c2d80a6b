//! TLS of the gateway's listener, and what a connection proves about its client.

mod client_certificate;
mod end_point;
mod server;

pub use client_certificate::{ClientCertificate, Fingerprint};
pub use end_point::EndPoint;
pub use server::{ALPN, Files, ServerTls};
