//! The operator's word for his own networks: in which country an address is that no public register
//! knows. A public address is never looked up here.

use std::net::IpAddr;

use model::Jurisdiction;

/// Ranges of private addresses, each with its country.
#[derive(Clone, Debug, Default)]
pub struct Networks(Vec<Network>);

#[derive(Clone, Debug)]
struct Network {
    first: IpAddr,
    bits: u32,
    country: Jurisdiction,
}

impl Networks {
    /// Adds a range like `10.1.0.0/16`.
    ///
    /// # Errors
    /// When it is no range, or reaches beyond private, loopback and link-local addresses.
    pub fn add(&mut self, range: &str, country: Jurisdiction) -> Result<(), BadRange> {
        let bad = || BadRange(range.to_owned());
        let (first, bits) = range.split_once('/').ok_or_else(bad)?;
        let first: IpAddr = first.parse().map_err(|_| bad())?;
        let bits: u32 = bits.parse().map_err(|_| bad())?;
        let last = last(first, bits).ok_or_else(bad)?;
        // Ranges of private addresses have no public ones between two private ends of one kind.
        if !is_private(first) || !is_private(last) || bits < least_bits(first) {
            return Err(bad());
        }
        self.0.push(Network {
            first,
            bits,
            country,
        });
        Ok(())
    }

    /// The country of an address that stands in one of the ranges; the narrowest counts.
    pub(crate) fn country_of(&self, address: IpAddr) -> Option<Jurisdiction> {
        if !is_private(address) {
            return None;
        }
        self.0
            .iter()
            .filter(|network| network.holds(address))
            .max_by_key(|network| network.bits)
            .map(|network| network.country)
    }
}

/// A range that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no range of private addresses; write e.g. `10.1.0.0/16`, and leave public addresses to \
     the registers"
)]
pub struct BadRange(String);

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => same(
                first.to_bits().into(),
                address.to_bits().into(),
                32,
                self.bits,
            ),
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                same(first.to_bits(), address.to_bits(), 128, self.bits)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

fn same(a: u128, b: u128, width: u32, bits: u32) -> bool {
    let rest = width.saturating_sub(bits);
    a.checked_shr(rest).unwrap_or(0) == b.checked_shr(rest).unwrap_or(0)
}

fn last(first: IpAddr, bits: u32) -> Option<IpAddr> {
    match first {
        IpAddr::V4(first) => {
            let rest = u32::MAX.checked_shr(bits).unwrap_or(0);
            (bits <= 32).then(|| IpAddr::V4((first.to_bits() | rest).into()))
        }
        IpAddr::V6(first) => {
            let rest = u128::MAX.checked_shr(bits).unwrap_or(0);
            (bits <= 128).then(|| IpAddr::V6((first.to_bits() | rest).into()))
        }
    }
}

/// The widest range of each kind: 10.0.0.0/8 and fc00::/7.
const fn least_bits(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 8,
        IpAddr::V6(_) => 7,
    }
}

const fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us() -> Jurisdiction {
        Jurisdiction::parse("US").unwrap_or_else(|_| unreachable!("a country"))
    }

    #[test]
    fn only_private_ranges_are_taken() {
        let mut networks = Networks::default();
        for range in [
            "127.0.0.0/8",
            "10.1.0.0/16",
            "192.168.1.0/24",
            "fd00::/8",
            "::1/128",
        ] {
            assert_eq!(networks.add(range, us()), Ok(()), "{range}");
        }
        for range in [
            "8.8.8.0/24",
            "0.0.0.0/0",
            "10.0.0.0/7",
            "127.0.0.0/4",
            "192.168.0.0/15",
            "::/0",
            "10.0.0.0",
            "10.0.0.0/33",
            "x/8",
        ] {
            assert!(networks.add(range, us()).is_err(), "{range}");
        }
    }

    #[test]
    fn a_public_address_is_nobodys_word() {
        let mut networks = Networks::default();
        assert_eq!(networks.add("10.0.0.0/8", us()), Ok(()));
        let of = |text: &str| networks.country_of(text.parse().ok()?);
        assert_eq!(of("10.200.1.1"), Some(us()));
        assert_eq!(of("11.0.0.1"), None);
        assert_eq!(of("8.8.8.8"), None);
        assert_eq!(of("192.168.1.1"), None);
    }
}
