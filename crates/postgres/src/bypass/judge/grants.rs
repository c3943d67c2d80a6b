//! Governed data that others were granted or own: tables, partitions, views over them, and tables to
//! come.

use std::collections::{BTreeMap, BTreeSet};

use pgschema::Oid;

use super::super::Kind;
use super::super::facts::Relation;
use super::{BOOTSTRAP, Judge, PUBLIC, closure};

impl Judge<'_> {
    pub(super) fn grants(&mut self) {
        for relation in &self.facts.relations {
            if self.exposing.contains(&relation.oid) {
                self.owner(relation);
                self.granted(relation, false);
                self.triggers(relation);
            }
        }
        self.views();
        self.grants_to_come();
    }

    fn owner(&mut self, relation: &Relation) {
        let acting = self.who_acts_as(relation.owner);
        // The account's own case is named by itself.
        if acting.is_empty() || relation.owner == self.facts.about.account {
            return;
        }
        let owner = self.name(relation.owner).to_owned();
        let text = format!(
            "{} can do everything with {}, which {owner} owns",
            acting.join(", "),
            relation.name
        );
        let is_superuser = self
            .roles
            .get(&relation.owner)
            .is_some_and(|one| one.is_superuser);
        // Members of a superuser are named for that.
        if is_superuser {
            return;
        }
        let sql = format!(
            "ALTER TABLE {} OWNER TO {};",
            relation.name,
            self.name(BOOTSTRAP)
        );
        self.find(
            Kind::RoleOwner,
            format!("{owner} of {}", relation.name),
            text,
            vec![sql],
        );
    }

    /// Who may read a relation by a grant.
    fn granted(&mut self, relation: &Relation, is_view: bool) {
        let mut columns: BTreeMap<Oid, BTreeSet<Option<&str>>> = BTreeMap::new();
        for grant in &relation.grants {
            let is_other = ![relation.owner, self.facts.about.account].contains(&grant.grantee);
            if grant.privilege == "SELECT" && is_other {
                let of = columns.entry(grant.grantee).or_default();
                of.insert(grant.column.as_deref());
            }
        }
        for (grantee, columns) in columns {
            let acting = match grantee {
                PUBLIC => "everybody".to_owned(),
                grantee => self.who_acts_as(grantee).join(", "),
            };
            if acting.is_empty() {
                continue;
            }
            let name = self.name(grantee).to_owned();
            // To revoke the whole takes the single columns away as well.
            let sql = format!("REVOKE SELECT ON {} FROM {name};", relation.name);
            let what = if columns.contains(&None) {
                String::new()
            } else {
                let names: Vec<&str> = columns.into_iter().flatten().collect();
                format!(" ({})", names.join(", "))
            };
            let text = format!("{acting} can read {}{what}", relation.name);
            let kind = match (is_view, grantee) {
                (true, _) => Kind::ViewGrant,
                (false, PUBLIC) => Kind::PublicGrant,
                (false, _) => Kind::RoleGrant,
            };
            self.find(
                kind,
                format!("{name} on {}", relation.name),
                text,
                vec![sql],
            );
        }
    }

    fn triggers(&mut self, relation: &Relation) {
        for grant in &relation.grants {
            if grant.privilege != "TRIGGER" || grant.grantee == relation.owner {
                continue;
            }
            let acting = match grant.grantee {
                PUBLIC => "everybody".to_owned(),
                grantee => self.who_acts_as(grantee).join(", "),
            };
            if acting.is_empty() {
                continue;
            }
            let name = self.name(grant.grantee).to_owned();
            let text = format!(
                "{acting} can have code run on every row that {} gets",
                relation.name
            );
            let sql = format!("REVOKE TRIGGER ON {} FROM {name};", relation.name);
            self.find(
                Kind::RoleTrigger,
                format!("{name} on {}", relation.name),
                text,
                vec![sql],
            );
        }
    }

    /// A view is read with its owner's rights, a materialized one holds a copy.
    fn views(&mut self) {
        let over = closure(self.exposing.clone(), self.facts, |relation| {
            &relation.made_from
        });
        for relation in &self.facts.relations {
            if !over.contains(&relation.oid) || self.exposing.contains(&relation.oid) {
                continue;
            }
            self.granted(relation, true);
            if relation.holds_rows {
                self.owner(relation);
            }
        }
    }

    fn grants_to_come(&mut self) {
        for grant in &self.facts.objects.default_grants {
            let acting = match grant.grantee {
                PUBLIC => "everybody".to_owned(),
                grantee => self.who_acts_as(grantee).join(", "),
            };
            let to_account = grant.grantee == self.facts.about.account;
            if acting.is_empty() && !to_account {
                continue;
            }
            let name = self.name(grant.grantee).to_owned();
            let (within, subject) = match &grant.schema {
                Some(schema) => (
                    format!(" IN SCHEMA {schema}"),
                    format!("{name} in {schema}"),
                ),
                None => (String::new(), name.clone()),
            };
            let who = if to_account {
                name.as_str()
            } else {
                acting.as_str()
            };
            let text = format!(
                "{who} will be able to read tables that {} makes",
                grant.owner
            );
            let sql = format!(
                "ALTER DEFAULT PRIVILEGES FOR ROLE {}{within} REVOKE SELECT ON TABLES FROM {name};",
                grant.owner
            );
            self.find(Kind::DefaultGrant, subject, text, vec![sql]);
        }
    }
}
