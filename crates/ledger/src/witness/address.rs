//! Where a witness is: the submission prefix of C2SP tlog-witness.

use hyper::Uri;

use crate::publish::CosignRefused;

/// Host, port and path of `add-checkpoint`.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
    /// As the header `Host` has it.
    pub(super) authority: String,
    pub(super) path: String,
}

impl Address {
    /// Reads `http://host[:port][/prefix]`.
    pub(super) fn parse(url: &str) -> Result<Self, CosignRefused> {
        let refuse = |why: &str| CosignRefused::Failed(format!("the address `{url}`: {why}"));
        let uri: Uri = url
            .parse()
            .map_err(|_| refuse("write `http://host:port/prefix`"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                let why = "https is not spoken yet; put a proxy that speaks it beside the log";
                return Err(refuse(why));
            }
            Some(_) | None => return Err(refuse("begin it with `http://`")),
        }
        let host = uri.host().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| refuse("the host is missing"))?;
        if uri.query().is_some() || url.contains(['@', '#']) {
            return Err(refuse("leave out user, query and fragment"));
        }
        let port = uri.port_u16().unwrap_or(80);
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        Ok(Self {
            host: bare.to_owned(),
            port,
            authority: format!("{host}:{port}"),
            path: format!("{}/add-checkpoint", uri.path().trim_end_matches('/')),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_ports_are_read() {
        for (url, authority, path) in [
            ("http://w.example", "w.example:80", "/add-checkpoint"),
            (
                "http://w.example:8080/",
                "w.example:8080",
                "/add-checkpoint",
            ),
            (
                "http://w.example/a/b/",
                "w.example:80",
                "/a/b/add-checkpoint",
            ),
            ("http://[::1]:99", "[::1]:99", "/add-checkpoint"),
        ] {
            let address = Address::parse(url).unwrap();
            assert_eq!(
                (address.authority.as_str(), address.path.as_str()),
                (authority, path)
            );
        }
        assert_eq!(Address::parse("http://[::1]:99").unwrap().host, "::1");
    }

    #[test]
    fn other_addresses_are_refused_with_the_remedy() {
        for url in [
            "",
            "w.example",
            "ftp://w",
            "http://",
            "http://w/?a",
            "http://u@w",
            "/x",
        ] {
            assert!(Address::parse(url).is_err(), "{url}");
        }
        let refused = Address::parse("https://w.example").unwrap_err();
        assert!(refused.to_string().contains("proxy"), "{refused}");
    }
}
