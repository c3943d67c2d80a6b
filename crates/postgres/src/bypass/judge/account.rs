//! The gateway's own account: it should be able to read what the catalogue labels, and nothing else.

use std::collections::BTreeSet;

use super::super::Kind;
use super::super::facts::{Governed, Relation, Role};
use super::{BOOTSTRAP, Judge};

impl Judge<'_> {
    pub(super) fn account(&mut self) {
        let Some(own) = self.own() else {
            return;
        };
        self.account_power(own);
        for role in &own.member_of {
            let role = self.name(*role).to_owned();
            let text = format!("the gateway's account has all rights of {role}");
            let sql = format!("REVOKE {role} FROM {};", own.name);
            self.find(Kind::AccountMember, role, text, vec![sql]);
        }
        for role in &self.facts.roles {
            if role.member_of.contains(&own.oid) {
                let text = format!("{} can do what the gateway's account can do", role.name);
                let sql = format!("REVOKE {} FROM {};", own.name, role.name);
                self.find(Kind::AccountShared, role.name.as_str(), text, vec![sql]);
            }
        }
        for relation in &self.facts.relations {
            if relation.owner == own.oid {
                self.account_owns(own, relation);
            } else {
                self.account_reads(own, relation);
            }
        }
    }

    fn account_power(&mut self, own: &Role) {
        for (has, word) in [
            (own.is_superuser, "SUPERUSER"),
            (own.passes_row_security, "BYPASSRLS"),
            (own.may_make_roles, "CREATEROLE"),
            (own.may_replicate, "REPLICATION"),
        ] {
            if has {
                let text = format!("the gateway's account has {word}");
                let sql = format!("ALTER ROLE {} NO{word};", own.name);
                self.find(Kind::AccountPower, word, text, vec![sql]);
            }
        }
    }

    fn account_owns(&mut self, own: &Role, relation: &Relation) {
        let text = format!(
            "the gateway's account owns {}, so it can read all of it and change it",
            relation.name
        );
        let mut sql = vec![format!(
            "ALTER TABLE {} OWNER TO {};",
            relation.name,
            self.name(BOOTSTRAP)
        )];
        if let Some(governed) = self.governed.get(&relation.oid) {
            sql.extend(grant(relation, labelled(relation, governed), &own.name));
        }
        self.find(Kind::AccountOwns, relation.name.as_str(), text, sql);
    }

    fn account_reads(&mut self, own: &Role, relation: &Relation) {
        let own_grants = || {
            let grants = relation.grants.iter();
            grants.filter(|grant| grant.grantee == own.oid)
        };
        let may_read_all =
            own_grants().any(|grant| grant.privilege == "SELECT" && grant.column.is_none());
        let read: BTreeSet<&str> = own_grants()
            .filter(|grant| grant.privilege == "SELECT")
            .filter_map(|grant| grant.column.as_deref())
            .collect();
        let governed = self.governed.get(&relation.oid).copied();
        let needed = governed.map_or_else(Vec::new, |governed| labelled(relation, governed));
        let is_needed = |name: &str| needed.iter().any(|(needed, _)| *needed == name);
        let has_more = may_read_all && needed.len() < relation.columns.len().max(1)
            || read.iter().any(|name| !is_needed(name));
        if may_read_all || has_more {
            let mut sql = vec![format!(
                "REVOKE SELECT ON {} FROM {};",
                relation.name, own.name
            )];
            // To revoke the whole takes the single columns away as well.
            sql.extend(grant(relation, needed.clone(), &own.name));
            let text = match governed {
                None => format!("{} is not in the catalogue", relation.name),
                Some(_) if has_more => format!("{} has columns without a label", relation.name),
                Some(_) => format!(
                    "{}: the whole table, and columns that will be added",
                    relation.name
                ),
            };
            self.find(Kind::AccountReadsMore, relation.name.as_str(), text, sql);
            return;
        }
        let lacking: Vec<(&str, &str)> = needed
            .into_iter()
            .filter(|(name, _)| !read.contains(name))
            .collect();
        if !lacking.is_empty() || (governed.is_some() && !relation.is_schema_usable) {
            let mut sql = Vec::new();
            if !relation.is_schema_usable {
                sql.push(format!(
                    "GRANT USAGE ON SCHEMA {} TO {};",
                    relation.schema, own.name
                ));
            }
            let names: Vec<&str> = lacking.iter().map(|(name, _)| *name).collect();
            let text = match names.as_slice() {
                [] => format!("{} lies in a schema that cannot be used", relation.name),
                names => format!("{}: {}", relation.name, names.join(", ")),
            };
            sql.extend(grant(relation, lacking, &own.name));
            self.find(Kind::AccountReadsLess, relation.name.as_str(), text, sql);
        }
    }
}

/// The columns that are labelled and there: the name, and how SQL writes it.
fn labelled<'a>(relation: &'a Relation, governed: &Governed) -> Vec<(&'a str, &'a str)> {
    let columns = relation.columns.iter();
    columns
        .filter(|column| governed.columns.contains(&column.name))
        .map(|column| (column.name.as_str(), column.quoted.as_str()))
        .collect()
}

fn grant(relation: &Relation, columns: Vec<(&str, &str)>, to: &str) -> Option<String> {
    let columns: Vec<&str> = columns.into_iter().map(|(_, quoted)| quoted).collect();
    let list = columns.join(", ");
    (!columns.is_empty()).then(|| format!("GRANT SELECT ({list}) ON {} TO {to};", relation.name))
}
