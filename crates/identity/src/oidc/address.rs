//! Where an issuer is reached: HTTPS, or plain HTTP on this very machine for tests and demos.

use std::net::IpAddr;

use hyper::Uri;

/// An address that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) is_secure: bool,
    /// For the Host header.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: String,
}

impl Address {
    /// Reads an address; `http` is taken for loopback addresses only, and only if `loopback_http`.
    pub(super) fn parse(text: &str, loopback_http: bool) -> Result<Self, &'static str> {
        let bad = "it is not an address such as `https://issuer.example`";
        if text.contains('#') || text.len() > 2000 {
            return Err(bad);
        }
        let uri: Uri = text.parse().map_err(|_| bad)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(bad);
        };
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err("it holds a user or no host");
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let is_secure = match scheme {
            "https" => true,
            "http" if loopback_http && is_loopback(&host) => false,
            "http" => {
                return Err(
                    "it is not https; http is for loopback addresses, with `loopback_http`",
                );
            }
            _ => return Err(bad),
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            port: authority
                .port_u16()
                .unwrap_or(if is_secure { 443 } else { 80 }),
            authority: authority.to_string(),
            path: path.to_owned(),
            host,
            is_secure,
        })
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_are_addresses() {
        let good = Address::parse("https://id.example:8443/a?b=c", false).unwrap();
        assert_eq!((good.host.as_str(), good.port), ("id.example", 8443));
        assert_eq!(good.path, "/a?b=c");
        for (text, loopback) in [
            ("http://id.example", true),
            ("http://127.0.0.1:1", false),
            ("http://127.0.0.1.example", true),
            ("http://localhost.example", true),
            ("https://me@id.example", true),
            ("https://id.example/#x", true),
            ("ftp://127.0.0.1", true),
            ("id.example", true),
            ("/x", true),
            ("https://", true),
            ("", true),
        ] {
            assert!(Address::parse(text, loopback).is_err(), "{text}");
        }
        for text in ["http://127.0.0.1:1/x", "http://localhost", "http://[::1]:8"] {
            assert!(Address::parse(text, true).is_ok(), "{text}");
        }
    }
}
