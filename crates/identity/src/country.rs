//! The country of a network address, from the statistics of the regional registries. It raises
//! suspicion and narrows; it never widens.

use std::net::IpAddr;

use model::Jurisdiction;

/// What a session's record calls this source: the package and its edition, which is its data's.
pub const COUNTRY_SOURCE: &str = "iptocc 1.4.175";

/// The country to which a registry has given the address. Private, loopback and other special
/// addresses, and those given to a region, have none.
///
/// A registry says who holds an address, not where it is used: one address in ten is elsewhere.
pub fn country_of(address: IpAddr) -> Option<Jurisdiction> {
    // `::ffff:192.0.2.1` is how a dual-stack socket shows an IPv4 client.
    let address = address.to_canonical();
    if is_special(address) {
        return None;
    }
    iptocc::country_code(address).and_then(|code| Jurisdiction::parse(code).ok())
}

/// Whether the address belongs to no registry's country, whatever the statistics say.
fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_multicast()
                || v4.is_documentation()
                || first == 0
                || first >= 240
                // Shared by carriers' customers (RFC 6598).
                || (first == 100 && (64..128).contains(&second))
        }
        // Only 2000::/3 is given to registries; in it are tunnels that hide an IPv4 address (6to4,
        // Teredo) and documentation.
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            first & 0xe000 != 0x2000
                || first == 0x2002
                || (first == 0x2001 && (second == 0 || second == 0x0db8))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(address: &str) -> Option<&'static str> {
        country_of(address.parse().unwrap()).map(Jurisdiction::alpha2)
    }

    #[test]
    fn addresses_of_registries_have_a_country() {
        assert_eq!(country("8.8.8.8"), Some("US"));
        assert_eq!(country("::ffff:8.8.8.8"), Some("US"));
        assert_eq!(country("114.114.114.114"), Some("CN"));
        assert_eq!(country("193.0.6.139"), Some("NL"));
        assert_eq!(country("2400:3200::1"), Some("CN"));
    }

    #[test]
    fn special_addresses_have_no_country() {
        for address in [
            "127.0.0.1",
            "::1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "240.0.0.1",
            "224.0.0.1",
            "192.0.2.1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fd00::1",
            "2001:db8::1",
            "2002:808:808::1",
            "2001:0:808:808::1",
            "ff02::1",
        ] {
            assert_eq!(country(address), None, "{address}");
        }
    }

    #[test]
    fn the_source_is_named_with_the_edition_that_is_built_in() {
        let lock = include_str!("../../../Cargo.lock");
        let (name, edition) = COUNTRY_SOURCE.split_once(' ').unwrap();
        let entry = format!("name = \"{name}\"\nversion = \"{edition}\"\n");
        assert!(
            lock.contains(&entry),
            "COUNTRY_SOURCE is not what Cargo.lock says"
        );
    }

    #[test]
    fn every_country_of_the_statistics_is_known() {
        // One address of each /16: enough to meet nearly every country code in the data.
        for high in 0..=255_u8 {
            for low in 0..=255_u8 {
                let address = IpAddr::from([high, low, 1, 1]);
                if let Some(code) = iptocc::country_code(address) {
                    let known = Jurisdiction::parse(code).is_ok();
                    // `EU` and `AP` are regions: an address given to one has no country.
                    assert!(known || ["EU", "AP", "ZZ"].contains(&code), "{code}");
                }
            }
        }
    }
}
