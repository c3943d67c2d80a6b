//! Functions that everybody may call, and objects through which data leaves the database.

use super::super::Kind;
use super::super::facts::Function;
use super::Judge;

/// Extensions that run code of their own on the server, or reach files and other servers.
const REACHING: [&str; 12] = [
    "adminpack",
    "dblink",
    "file_fdw",
    "mysql_fdw",
    "oracle_fdw",
    "pageinspect",
    "pg_cron",
    "pg_net",
    "pg_visibility",
    "pg_walinspect",
    "postgres_fdw",
    "tds_fdw",
];

/// Names of functions by what they do, the first that fits.
const FAMILIES: [(&str, &[&str], &str); 4] = [
    (
        "large-objects",
        &["lo_", "loread", "lowrite"],
        "keep and read large objects, which no catalogue governs",
    ),
    (
        "other-servers",
        &["dblink"],
        "connect to other servers, or to this one past the gate",
    ),
    (
        "server-files",
        &[
            "pg_read_",
            "pg_ls_",
            "pg_stat_file",
            "pg_file_",
            "pg_logdir_ls",
            "pg_current_logfile",
            "pg_logical_slot_",
        ],
        "read files or changes of the server",
    ),
    (
        "text-as-sql",
        &[""],
        "run a text as SQL, unseen by who reads the statement",
    ),
];

impl Judge<'_> {
    pub(super) fn objects(&mut self) {
        self.functions();
        self.open_places();
        self.code();
        self.ways_out();
    }

    fn functions(&mut self) {
        for function in &self.facts.functions {
            if function.runs_as_owner && !function.is_of_system {
                let text = format!(
                    "everybody can call {} with the rights of who made it",
                    function.signature
                );
                let sql = vec![revoke(function)];
                self.find(Kind::PublicDefiner, function.signature.as_str(), text, sql);
            }
        }
        let family_of = |function: &Function| {
            let fits =
                |prefixes: &&[&str]| prefixes.iter().any(|one| function.name.starts_with(one));
            let found = FAMILIES.iter().find(|(_, prefixes, _)| fits(prefixes));
            found.map(|(family, _, _)| *family)
        };
        for (family, _, means) in FAMILIES {
            let of_family: Vec<&Function> = self
                .facts
                .functions
                .iter()
                .filter(|function| function.is_of_system || !function.runs_as_owner)
                .filter(|function| family_of(function) == Some(family))
                .collect();
            if of_family.is_empty() {
                continue;
            }
            let text = format!(
                "everybody can call {} functions that {means}",
                of_family.len()
            );
            let sql = of_family.into_iter().map(revoke).collect();
            self.find(Kind::PublicFunction, family, text, sql);
        }
    }

    fn open_places(&mut self) {
        let about = &self.facts.about;
        let database = about.database.clone();
        if about.public_may_make_temporary {
            let text = format!("everybody can make temporary tables in {database}");
            let sql = format!("REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;");
            self.find(Kind::PublicTemporary, database.as_str(), text, vec![sql]);
        }
        if about.public_may_make_schemas {
            let text = format!("everybody can make schemas in {database}");
            let sql = format!("REVOKE CREATE ON DATABASE {database} FROM PUBLIC;");
            self.find(Kind::PublicCreate, database.as_str(), text, vec![sql]);
        }
        for schema in &self.facts.objects.open_schemas {
            let text = format!("everybody can make objects in the schema {schema}");
            let sql = format!("REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC;");
            self.find(Kind::PublicCreate, schema.as_str(), text, vec![sql]);
        }
    }

    fn code(&mut self) {
        let objects = &self.facts.objects;
        for extension in &objects.extensions {
            if REACHING.contains(&extension.name.as_str()) {
                let text = format!(
                    "{} reaches past the tables of this database",
                    extension.name
                );
                let sql = format!("DROP EXTENSION {} CASCADE;", extension.quoted);
                self.find(
                    Kind::ExtensionCode,
                    extension.name.as_str(),
                    text,
                    vec![sql],
                );
            }
        }
        for language in &objects.untrusted_languages {
            let text = format!("functions in {language} do on the server what they like");
            let is_extension = |one: &&super::super::facts::Column| one.quoted == *language;
            let what = match objects.extensions.iter().find(is_extension) {
                Some(_) => "EXTENSION",
                None => "LANGUAGE",
            };
            let sql = format!("DROP {what} {language} CASCADE;");
            self.find(Kind::ExtensionCode, language.as_str(), text, vec![sql]);
        }
    }

    fn ways_out(&mut self) {
        let objects = &self.facts.objects;
        for server in &objects.foreign_servers {
            let text = format!("data can be written to {server}, and read there");
            let sql = format!("DROP SERVER {server} CASCADE;");
            self.find(Kind::ForeignServer, server.as_str(), text, vec![sql]);
        }
        for publication in &objects.publications {
            let published: Vec<&str> = self
                .facts
                .relations
                .iter()
                .filter(|one| self.exposing.contains(&one.oid))
                .filter(|one| publication.published.contains(&one.oid))
                .map(|one| one.name.as_str())
                .collect();
            if published.is_empty() && !publication.is_of_all {
                continue;
            }
            let is_one_by_one = self
                .facts
                .relations
                .iter()
                .filter(|one| published.contains(&one.name.as_str()))
                .all(|one| publication.relations.contains(&one.oid));
            let name = publication.name.as_str();
            let text = format!("{name} hands out {}", published.join(", "));
            let sql = if is_one_by_one && !publication.is_of_all {
                format!(
                    "ALTER PUBLICATION {name} DROP TABLE {};",
                    published.join(", ")
                )
            } else {
                format!("DROP PUBLICATION {name};")
            };
            self.find(Kind::Publication, name, text, vec![sql]);
        }
        for slot in &objects.replication_slots {
            let text = format!("{} keeps changes for somebody to fetch", slot.name);
            let sql = format!(
                "SELECT pg_catalog.pg_drop_replication_slot({});",
                slot.literal
            );
            self.find(Kind::ReplicationSlot, slot.name.as_str(), text, vec![sql]);
        }
    }
}

fn revoke(function: &Function) -> String {
    format!(
        "REVOKE EXECUTE ON ROUTINE {} FROM PUBLIC;",
        function.signature
    )
}
