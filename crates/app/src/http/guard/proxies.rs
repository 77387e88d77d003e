//! Where a request comes from: the address it was sent from, or what a proxy that is trusted says.

use std::net::IpAddr;
use std::str::FromStr;

use axum::http::HeaderMap;

/// What proxies tell the sender's address in.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// A range of addresses: `10.0.0.0/8`, `::1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no network; write it as `10.0.0.0/8` or `192.0.2.7`");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(all);
        if bits > all { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl Network {
    /// Whether an address lies in it.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same_start(u128::from(own.to_bits()), u128::from(other.to_bits()), 32 - self.bits)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                same_start(own.to_bits(), other.to_bits(), 128 - self.bits)
            }
            _ => false,
        }
    }
}

fn same_start(one: u128, other: u128, rest: u32) -> bool {
    rest >= 128 || (one ^ other) >> rest == 0
}

/// The sender's address. What stands in `X-Forwarded-For` counts only as far as trusted proxies
/// wrote it: read from the right, the first address that is not one of theirs.
pub fn sender(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut sender = peer.to_canonical();
    if !is_trusted(sender) {
        return sender;
    }
    let told: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .collect();
    for hop in told.into_iter().rev() {
        // Whatever is no address was not written by a proxy of ours.
        let Ok(address) = hop.parse::<IpAddr>() else { break };
        sender = address.to_canonical();
        if !is_trusted(sender) {
            break;
        }
    }
    sender
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, told: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in told {
            headers.append(FORWARDED_FOR, line.parse().expect("a header"));
        }
        let trusted: Vec<Network> =
            trusted.iter().map(|network| network.parse().expect("a network")).collect();
        sender(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn only_what_trusted_proxies_wrote_counts() {
        assert_eq!(from("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1", "nobody is trusted");
        assert_eq!(from("192.0.2.1", &["198.51.100.7"], &["10.0.0.0/8"]), "192.0.2.1");
        let proxies = ["10.0.0.0/8", "::1"];
        assert_eq!(from("10.0.0.1", &["198.51.100.7"], &proxies), "198.51.100.7");
        assert_eq!(from("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.2.3.4"], &proxies), "198.51.100.7");
        assert_eq!(from("10.0.0.1", &["1.1.1.1", "198.51.100.7"], &proxies), "198.51.100.7");
        assert_eq!(from("::1", &["not an address"], &proxies), "::1");
        assert_eq!(from("10.0.0.1", &[], &proxies), "10.0.0.1");
        assert_eq!(from("::ffff:10.0.0.1", &["198.51.100.7"], &proxies), "198.51.100.7");
    }

    #[test]
    fn a_network_is_a_range_of_addresses() {
        let network: Network = "10.20.0.0/15".parse().expect("a network");
        assert!(
            network.holds("10.21.255.255".parse().unwrap()) && !network.holds("10.22.0.0".parse().unwrap())
        );
        let all: Network = "0.0.0.0/0".parse().expect("a network");
        assert!(all.holds("8.8.8.8".parse().unwrap()) && !all.holds("::1".parse().unwrap()));
        let v6: Network = "::/0".parse().expect("a network");
        assert!(v6.holds("2001:db8::1".parse().unwrap()));
        for bad in ["10.0.0.0/33", "10.0.0/8", "", "::1/129", "proxy.example"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
