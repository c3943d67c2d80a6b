//! Other accounts, by what they are and what they are members of.

use super::super::Kind;
use super::{BOOTSTRAP, Judge};

/// Roles that PostgreSQL comes with and that reach data past every grant.
const PREDEFINED: [(&str, Kind, &str); 4] = [
    (
        "pg_read_all_data",
        Kind::RoleReadsAll,
        "can read every table",
    ),
    (
        "pg_read_server_files",
        Kind::RoleServerFiles,
        "can read every file of the server",
    ),
    (
        "pg_write_server_files",
        Kind::RoleServerFiles,
        "can change every file of the server",
    ),
    (
        "pg_execute_server_program",
        Kind::RoleServerFiles,
        "can run programs on the server",
    ),
];

impl Judge<'_> {
    pub(super) fn roles(&mut self) {
        for role in &self.facts.roles {
            if role.oid == self.facts.about.account {
                continue;
            }
            let name = role.name.as_str();
            if role.is_superuser && role.may_log_in {
                let text = format!("{name} can log in as a superuser, and reads everything");
                // The first superuser cannot lose the attribute from PostgreSQL 16 on.
                let what = if role.oid == BOOTSTRAP {
                    "NOLOGIN"
                } else {
                    "NOSUPERUSER"
                };
                let sql = format!("ALTER ROLE {name} {what};");
                self.find(Kind::RoleSuperuser, name, text, vec![sql]);
                continue;
            }
            if role.is_superuser {
                continue;
            }
            let acting = self.who_acts_as(role.oid).join(", ");
            if acting.is_empty() {
                continue;
            }
            if role.may_replicate && role.may_log_in {
                let text = format!("{name} can copy all data files and follow all changes");
                let sql = format!("ALTER ROLE {name} NOREPLICATION;");
                self.find(Kind::RoleReplication, name, text, vec![sql]);
            }
            if role.may_make_roles {
                let text = format!("{acting} can give roles that read governed data");
                let sql = format!("ALTER ROLE {name} NOCREATEROLE;");
                self.find(Kind::RoleMakesRoles, name, text, vec![sql]);
            }
            self.memberships(role.oid, name, &acting);
        }
    }

    fn memberships(&mut self, role: pgschema::Oid, name: &str, acting: &str) {
        let member_of = self.roles.get(&role).map(|role| role.member_of.clone());
        for of in member_of.unwrap_or_default() {
            let of_name = self.name(of).to_owned();
            let sql = vec![format!("REVOKE {of_name} FROM {name};")];
            if self.roles.get(&of).is_some_and(|of| of.is_superuser) {
                let text = format!("{acting} can act as the superuser {of_name}");
                self.find(
                    Kind::RoleSuperuser,
                    format!("{name} in {of_name}"),
                    text,
                    sql,
                );
                continue;
            }
            for (predefined, kind, means) in PREDEFINED {
                if of_name == predefined {
                    let text = format!("{acting} {means}");
                    self.find(kind, format!("{name} in {of_name}"), text, sql.clone());
                }
            }
        }
    }
}
