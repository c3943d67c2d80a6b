//! The part of `cordon.toml` that says how the gateway runs: where it listens, with which certificate,
//! under which limits, and who witnesses its logs.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use document::tree::Value;
use model::Jurisdiction;

use crate::entry::{Entry, Keys};
use crate::notes::Notes;

/// How the gateway runs. Paths are relative to DIR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name, a part of its log's name.
    pub gateway: String,
    /// The first part of all logs' names; a domain name of the organisation.
    pub organisation: String,
    /// Where PostgreSQL clients connect.
    pub listen: SocketAddr,
    /// Where health, metrics and the logs are served; nowhere if it is absent.
    pub http: Option<SocketAddr>,
    /// Whether connections from this host may come without TLS.
    pub plain_loopback: bool,
    /// Whether sessions share links while nothing binds one.
    pub share_links: bool,
    /// Links to each upstream at most.
    pub links_max: u32,
    /// TLS of the listener.
    pub tls: Option<Tls>,
    /// Limits by name, in the unit of the name.
    pub limits: BTreeMap<String, u32>,
    /// Settings of tokens, as text that crate `identity` reads.
    pub oidc: Option<String>,
    /// Witnesses of the logs.
    pub witnesses: Vec<Witness>,
    /// The country of each of the operator's own networks, by its range of private addresses.
    pub networks: Vec<(String, Jurisdiction)>,
}

/// The listener's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate with its chain, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM, mode 0600.
    pub key: PathBuf,
    /// The authorities of client certificates, PEM.
    pub client_authorities: Option<PathBuf>,
    /// Revoked client certificates, PEM.
    pub revoked: Option<PathBuf>,
}

/// One witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its address.
    pub url: String,
    /// Its key (C2SP vkey).
    pub key: String,
}

/// The keys of each table, except `[oidc]`, which crate `identity` knows.
pub const SERVICE_KEYS: [(&str, &[&str]); 5] = [
    ("gateway", &GATEWAY),
    ("tls", &TLS),
    ("limits", &LIMITS),
    ("witness", &WITNESS),
    ("network", &NETWORK),
];

const GATEWAY: [&str; 7] = [
    "name",
    "organisation",
    "listen",
    "http",
    "plain_loopback",
    "share_links",
    "links",
];
const TLS: [&str; 4] = ["certificate", "key", "client_authorities", "revoked"];
const WITNESS: [&str; 2] = ["url", "key"];
const NETWORK: [&str; 2] = ["range", "country"];
/// The names of limits, each with its unit.
const LIMITS: [&str; 12] = [
    "sessions",
    "sessions_of_one",
    "unproved",
    "unproved_of_one",
    "authentication_s",
    "idle_s",
    "transaction_s",
    "statement_s",
    "write_s",
    "link_wait_s",
    "unwitnessed_s",
    "message_bytes",
];

impl Default for Service {
    fn default() -> Self {
        Self {
            gateway: "gate-1".to_owned(),
            organisation: "sample.example".to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 6432)),
            http: None,
            plain_loopback: false,
            share_links: false,
            links_max: 50,
            tls: None,
            limits: BTreeMap::new(),
            oidc: None,
            witnesses: Vec::new(),
            networks: Vec::new(),
        }
    }
}

/// Reads `[gateway]`, `[tls]`, `[limits]`, `[oidc]` and `[[witness]]`. What is absent has its default.
pub(crate) fn read(keys: &Keys<'_>, notes: &mut Notes) -> Service {
    let mut service = Service::default();
    if let Some(gateway) = keys.get("gateway").and_then(|entry| entry.keys(notes)) {
        read_gateway(&gateway, &mut service, notes);
    }
    service.tls = keys
        .get("tls")
        .and_then(|entry| entry.keys(notes))
        .and_then(|tls| read_tls(&tls, notes));
    if let Some(limits) = keys.get("limits").and_then(|entry| entry.keys(notes)) {
        limits.deny_unknown(&LIMITS, notes);
        for (name, entry) in limits.entries() {
            if let Some(number) = number(&entry, 1, notes) {
                service.limits.insert(name.value.to_owned(), number);
            }
        }
    }
    service.oidc = keys
        .get("oidc")
        .and_then(|entry| entry.keys(notes))
        .map(|oidc| read_oidc(&oidc, notes));
    let witnesses = keys.get("witness").and_then(|entry| entry.list(notes));
    for entry in witnesses.unwrap_or_default() {
        let Some(witness) = entry.keys(notes) else {
            continue;
        };
        witness.deny_unknown(&WITNESS, notes);
        let mut text = |name| Some(witness.require(name, notes)?.text(notes)?.to_owned());
        if let (Some(url), Some(key)) = (text("url"), text("key")) {
            service.witnesses.push(Witness { url, key });
        }
    }
    let networks = keys.get("network").and_then(|entry| entry.list(notes));
    for entry in networks.unwrap_or_default() {
        let Some(network) = entry.keys(notes) else {
            continue;
        };
        network.deny_unknown(&NETWORK, notes);
        let range = network
            .require("range", notes)
            .and_then(|entry| Some(entry.text(notes)?.to_owned()));
        let country = network
            .require("country", notes)
            .and_then(|entry| crate::settings::country(&entry, notes));
        if let (Some(range), Some(country)) = (range, country) {
            service.networks.push((range, country));
        }
    }
    service
}

fn read_gateway(keys: &Keys<'_>, service: &mut Service, notes: &mut Notes) {
    keys.deny_unknown(&GATEWAY, notes);
    let part = "small letters, digits, `-` and `.`";
    for (name, into) in [
        ("name", &mut service.gateway),
        ("organisation", &mut service.organisation),
    ] {
        let Some(entry) = keys.get(name) else {
            continue;
        };
        let Some(text) = entry.text(notes) else {
            continue;
        };
        let is_part = !text.is_empty()
            && text.len() <= 63
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.');
        if is_part {
            text.clone_into(into);
        } else {
            let cause = "it cannot be a part of a log's name";
            notes.fault(entry.place.error(cause, format!("write {part}")));
        }
    }
    let address = "write an address and a port, e.g. `127.0.0.1:6432`";
    if let Some(entry) = keys.get("listen")
        && let Some(listen) = entry.parse(str::parse, address, notes)
    {
        service.listen = listen;
    }
    if let Some(entry) = keys.get("http") {
        service.http = entry.parse(str::parse, address, notes);
    }
    for (name, into) in [
        ("plain_loopback", &mut service.plain_loopback),
        ("share_links", &mut service.share_links),
    ] {
        if let Some(value) = keys.get(name).and_then(|entry| entry.truth(notes)) {
            *into = value;
        }
    }
    if let Some(links) = keys.get("links").and_then(|entry| number(&entry, 1, notes)) {
        service.links_max = links;
    }
}

fn read_tls(keys: &Keys<'_>, notes: &mut Notes) -> Option<Tls> {
    keys.deny_unknown(&TLS, notes);
    let mut path = |name: &str| Some(PathBuf::from(keys.require(name, notes)?.text(notes)?));
    let (certificate, key) = (path("certificate"), path("key"));
    let mut path = |name: &str| Some(PathBuf::from(keys.get(name)?.text(notes)?));
    let (client_authorities, revoked) = (path("client_authorities"), path("revoked"));
    Some(Tls {
        certificate: certificate?,
        key: key?,
        client_authorities,
        revoked,
    })
}

/// The table as TOML again: what it means is crate `identity`'s to say.
fn read_oidc(keys: &Keys<'_>, notes: &mut Notes) -> String {
    let mut text = String::new();
    for (name, entry) in keys.entries() {
        let value = match entry.value {
            Value::Text(value) => toml::Value::String(value.clone()),
            Value::Boolean(value) => toml::Value::Boolean(*value),
            Value::Whole(number) => match i64::try_from(*number) {
                Ok(number) => toml::Value::Integer(number),
                Err(_) => {
                    entry.expected("a smaller number", notes);
                    continue;
                }
            },
            Value::List(_) => {
                let texts = entry.all(notes, |item, notes| item.text(notes).map(str::to_owned));
                let texts = texts.unwrap_or_default();
                toml::Value::Array(texts.into_iter().map(toml::Value::String).collect())
            }
            Value::Null | Value::Fraction | Value::Map(_) => {
                entry.expected("a text, a number or a list of texts", notes);
                continue;
            }
        };
        text.push_str(&format!("{} = {value}\n", name.value));
    }
    text
}

fn number(entry: &Entry<'_>, least: u32, notes: &mut Notes) -> Option<u32> {
    let found = match entry.value {
        Value::Whole(number) => u32::try_from(*number)
            .ok()
            .filter(|number| *number >= least),
        Value::Null
        | Value::Boolean(_)
        | Value::Fraction
        | Value::Text(_)
        | Value::List(_)
        | Value::Map(_) => None,
    };
    if found.is_none() {
        entry.expected(&format!("a whole number from {least} on"), notes);
    }
    found
}
