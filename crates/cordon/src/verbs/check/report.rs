//! What `cordon check` says, for people and for programs, and how it ends.

use std::fmt::Write as _;

use deployment::Bundle;
use model::Gap;
use postgres::bypass::{Bypass, UNTOLD};
use serde_json::{Value, json};

use super::files::Files;
use super::upstream::Seen;
use crate::output::{Exit, count, gap_value, gaps_text};

/// Everything that was found.
pub(super) struct Report<'a> {
    pub(super) bundle: &'a Bundle,
    pub(super) files: Files,
    pub(super) gaps: Vec<Gap>,
    pub(super) upstreams: Vec<(String, anyhow::Result<Seen>)>,
}

impl Report<'_> {
    pub(super) fn exit(&self) -> Exit {
        if !self.files.faults.is_empty() {
            return Exit::Faulty;
        }
        if self.upstreams.iter().any(|(_, seen)| seen.is_err()) {
            return Exit::CannotTell;
        }
        let is_open = |seen: &Seen| {
            !(seen.mismatches.is_empty()
                && seen.unnamed.is_empty()
                && seen.uncatalogued.is_empty()
                && seen.bypasses.is_empty())
        };
        let mut seen = self
            .upstreams
            .iter()
            .filter_map(|(_, seen)| seen.as_ref().ok());
        if self.gaps.is_empty() && !seen.any(is_open) {
            Exit::Done
        } else {
            Exit::No
        }
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        list(&mut text, "error", &self.files.faults);
        text.push_str(&self.would_do());
        for (name, seen) in &self.upstreams {
            match seen {
                Ok(seen) => upstream_text(&mut text, name, seen),
                Err(error) => {
                    let _ = writeln!(text, "\nupstream {name}: cannot tell: {error:#}");
                }
            }
        }
        text.push('\n');
        text.push_str(&gaps_text(&self.gaps));
        text.push_str("\ncannot tell, from inside a data store:\n");
        for untold in UNTOLD {
            let _ = writeln!(text, "  {}: {}", untold.name, untold.text);
            if let Some(look) = untold.look {
                let _ = writeln!(text, "      {look}");
            }
        }
        text
    }

    /// What `cordon serve` would do.
    fn would_do(&self) -> String {
        let service = &self.bundle.service;
        let mut text = String::from("cordon serve would:\n");
        let mut say = |line: String| {
            let _ = writeln!(text, "  {line}");
        };
        say(format!(
            "listen for PostgreSQL clients at {}",
            service.listen
        ));
        say(match service.http {
            Some(address) => format!("show health, metrics and the logs at http://{address}"),
            None => "show neither health nor metrics: [gateway] http is not set".to_owned(),
        });
        let databases: Vec<&str> = self.bundle.upstreams.keys().map(String::as_str).collect();
        say(format!(
            "offer {} ({}), each over at most {}",
            count(databases.len(), "database"),
            databases.join(", "),
            count(
                usize::try_from(service.links_max).unwrap_or(usize::MAX),
                "link"
            )
        ));
        for way in self.ways_in() {
            say(way);
        }
        say(match service.witnesses.len() {
            0 => "have nobody witness its logs: a stranger has only its own word".to_owned(),
            several => format!(
                "have its logs cosigned by one of {}",
                count(several, "witness")
            ),
        });
        if !self.files.missing.is_empty() {
            let missing = self.files.missing.join(", ");
            say(format!("make what is missing with --evaluation: {missing}"));
        }
        text
    }

    /// Who may come in, and how.
    fn ways_in(&self) -> Vec<String> {
        let service = &self.bundle.service;
        let register = &self.bundle.world.register;
        let welcome = register
            .people
            .values()
            .filter(|person| !person.disabled)
            .count();
        let mut ways = vec![format!(
            "let in {} and {} of the register, {} of them with a password",
            count(welcome, "person").replace("persons", "people"),
            count(register.services.len(), "service"),
            self.files.passwords.len()
        )];
        ways.push(match &service.tls {
            None => "speak no TLS".to_owned(),
            Some(tls) if tls.client_authorities.is_some() => {
                "take client certificates, which with a password make strong authentication"
                    .to_owned()
            }
            Some(_) => "take no client certificates, so that passwords alone show masks".to_owned(),
        });
        if service.plain_loopback {
            ways.push("take connections from this machine without TLS".to_owned());
        }
        if service.oidc.is_some() {
            ways.push("take access tokens inside TLS, as [oidc] says".to_owned());
        }
        ways
    }

    pub(super) fn value(&self) -> Value {
        let service = &self.bundle.service;
        json!({
            "errors": self.files.faults,
            "missing": self.files.missing,
            "serve": {
                "listen": service.listen.to_string(),
                "http": service.http.map(|address| address.to_string()),
                "databases": self.bundle.upstreams.keys().collect::<Vec<_>>(),
                "tls": service.tls.is_some(),
                "client_certificates": service
                    .tls
                    .as_ref()
                    .is_some_and(|tls| tls.client_authorities.is_some()),
                "tokens": service.oidc.is_some(),
                "plain_loopback": service.plain_loopback,
                "passwords": self.files.passwords.len(),
                "witnesses": service.witnesses.len(),
            },
            "upstreams": self
                .upstreams
                .iter()
                .map(|(name, seen)| (name.clone(), upstream_value(seen)))
                .collect::<serde_json::Map<_, _>>(),
            "gaps": self.gaps.iter().map(gap_value).collect::<Vec<_>>(),
            "cannot_tell": UNTOLD
                .iter()
                .map(|one| json!({ "name": one.name, "text": one.text, "look": one.look }))
                .collect::<Vec<_>>(),
        })
    }
}

fn list(text: &mut String, noun: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    // Writing into a text cannot fail.
    let _ = writeln!(text, "{}:", count(lines.len(), noun));
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
    text.push('\n');
}

fn upstream_text(text: &mut String, name: &str, seen: &Seen) {
    let _ = writeln!(text, "\nupstream {name}: PostgreSQL {}", seen.version);
    list(text, "difference", &seen.mismatches);
    list(
        text,
        "column without a field, which nobody sees",
        &seen.unnamed,
    );
    list(
        text,
        "relation that the catalogue does not name; nobody sees it",
        &seen.uncatalogued,
    );
    if seen.bypasses.is_empty() {
        text.push_str("no way past the gate that can be told from inside\n");
        return;
    }
    let _ = writeln!(text, "{} past the gate:", count(seen.bypasses.len(), "way"));
    for bypass in &seen.bypasses {
        let _ = writeln!(
            text,
            "  {} {}: {}",
            bypass.kind, bypass.subject, bypass.text
        );
        for sql in &bypass.sql {
            let _ = writeln!(text, "      {sql}");
        }
    }
}

fn upstream_value(seen: &anyhow::Result<Seen>) -> Value {
    match seen {
        Ok(seen) => json!({
            "version": seen.version,
            "mismatches": seen.mismatches,
            "unnamed_columns": seen.unnamed,
            "uncatalogued": seen.uncatalogued,
            "bypasses": seen.bypasses.iter().map(bypass_value).collect::<Vec<_>>(),
        }),
        Err(error) => json!({ "cannot_tell": format!("{error:#}") }),
    }
}

fn bypass_value(bypass: &Bypass) -> Value {
    json!({
        "name": bypass.kind.as_str(),
        "subject": bypass.subject,
        "text": bypass.text,
        "sql": bypass.sql,
    })
}
