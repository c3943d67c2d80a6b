//! The guard's fixture behind real gateways: what people see there, said as a deployment's policies.
//!
//! `tests/data/guard/views.txt` says who sees what. A policy for each line of it says the same to the
//! gateway. Rights that would need signatures or a second factor are given by calling fields public;
//! `keyed` keeps the catalogue as it is, for those who see masks alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::sync::LazyLock;

use model::{FieldView, RowClass, Rows, Verdict};

use super::line::{Line, Login};
use crate::guard::cases::everybody;
use crate::guard::world::{CATALOG, SCHEMA};
use crate::serve::{Gateway, Setup};

/// One server for the gateways of this module.
pub static SERVER: LazyLock<scratch::Server> =
    LazyLock::new(|| scratch::Server::start().expect("PostgreSQL starts"));

/// The databases of a gateway: names of upstreams, and who asks there.
const UPSTREAMS: [(&str, &[&str]); 3] = [
    ("guard", &["analyst", "conditional", "abroad", "unlit"]),
    ("keyed", &["masked"]),
    ("full", &["full"]),
];

/// The database in which a person asks.
pub fn database_of(who: &str) -> &'static str {
    let found = UPSTREAMS.iter().find(|(_, people)| people.contains(&who));
    found.expect(who).0
}

/// What all databases are made of, so that the numbers of their objects are the same.
static TEMPLATE: LazyLock<&str> = LazyLock::new(|| {
    let name = "wire_template";
    SERVER.create_database(name).unwrap();
    for script in [SCHEMA, account(), &columns()] {
        SERVER.run(name, script).unwrap();
    }
    name
});

/// A gateway over databases made for it.
pub struct Stage {
    pub gateway: Gateway,
    name: String,
}

impl Stage {
    /// A gateway whose databases hold these rows.
    pub fn start(name: &str, rows: &str) -> Self {
        Self::with(name, &|_| rows.to_owned(), None)
    }

    /// A gateway whose databases hold rows by upstream, with the secrets of another where it is a twin:
    /// keys and pseudonyms are then the same.
    pub fn with(name: &str, rows: &dyn Fn(&str) -> String, other: Option<&Self>) -> Self {
        let template = LazyLock::force(&TEMPLATE);
        for (upstream, _) in UPSTREAMS {
            let database = format!("{name}_{upstream}");
            let create = format!("CREATE DATABASE {database} TEMPLATE {template}");
            SERVER.run("postgres", &create).unwrap();
            SERVER.run(&database, &rows(upstream)).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("cordon.toml", &settings(name));
        write("people.yaml", &people());
        for (upstream, _) in UPSTREAMS {
            write(&format!("catalog/{upstream}.yaml"), &catalogue(upstream));
        }
        write("policy/rules.cedar", &rules());
        let setup = Setup::of(&SERVER, folder, &format!("{name}_guard"));
        match other {
            None => {
                for (_, people) in UPSTREAMS {
                    for who in people {
                        setup.set_password(who);
                    }
                }
            }
            Some(other) => {
                copy_folder(&other.gateway.setup.file("secrets"), &setup.file("secrets"))
            }
        }
        Self {
            gateway: setup.start(),
            name: name.to_owned(),
        }
    }

    /// A session of somebody in the database made for them.
    pub fn line(&self, who: &str) -> Line {
        session(self.gateway.address(), who)
    }

    /// The name at the server of the database in which a person asks.
    pub fn database(&self, who: &str) -> String {
        format!("{}_{}", self.name, database_of(who))
    }

    /// Runs a script in the database in which a person asks, past the gateway.
    pub fn sql(&self, who: &str, script: &str) {
        SERVER.run(&self.database(who), script).unwrap();
    }
}

/// A session of somebody in the database made for them.
pub fn session(address: SocketAddr, who: &str) -> Line {
    Line::login(address, &Login::new(who, database_of(who)))
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn account() -> &'static str {
    "DO $$ BEGIN CREATE ROLE cordon LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation \
     THEN NULL; END $$; GRANT USAGE ON SCHEMA public TO cordon;"
}

/// The columns of the catalogue for the gateway's account.
fn columns() -> String {
    let catalog = catalog::read(&[("c.yaml", CATALOG)], &catalog::Options::default()).unwrap();
    let mut grants = String::new();
    for dataset in catalog.datasets.values() {
        let names: Vec<&str> = dataset.fields.iter().map(|f| f.name.as_str()).collect();
        let (names, table) = (names.join(", "), dataset.id.collection());
        let _ = writeln!(
            grants,
            "GRANT SELECT ({names}), INSERT ({names}), UPDATE ({names}) ON {table} TO cordon; \
             GRANT DELETE ON {table} TO cordon;"
        );
        // Partitions have rights of their own.
        if table == "public.plog" {
            let _ = writeln!(
                grants,
                "GRANT SELECT ({names}) ON {table}_1, {table}_2 TO cordon;"
            );
        }
    }
    grants
}

fn settings(name: &str) -> String {
    let mut text =
        "name = \"Attack corpus\"\nhome = \"US\"\nregimes = [\"us-dsp\", \"eu-clover\"]\n\
         [purpose.support]\ntitle = \"Help\"\nreason_codes = [\"TICKET\"]\n\
         [gateway]\nlisten = \"127.0.0.1:0\"\nhttp = \"127.0.0.1:0\"\nplain_loopback = true\n\
         [[network]]\nrange = \"127.0.0.0/8\"\ncountry = \"US\"\n"
            .to_owned();
    let port = SERVER.port();
    for (upstream, _) in UPSTREAMS {
        let _ = writeln!(
            text,
            "[upstream.{upstream}]\n\
             url = \"postgres://cordon@127.0.0.1:{port}/{name}_{upstream}?sslmode=disable\""
        );
    }
    text
}

fn people() -> String {
    let mut text = "organisations:\n  office:\n    name: Office Inc.\n    source: register\n    \
         expires: 2029-01-01\n    organised_in: US\n    principal_place: US\n    \
         ownership: { holdings: [], rest: others }\n    designations: []\npeople:\n"
        .to_owned();
    for who in UPSTREAMS.iter().flat_map(|(_, people)| *people) {
        let _ = writeln!(
            text,
            "  {who}:\n    name: {who}\n    source: register\n    expires: 2029-01-01\n    \
             citizenships: [US]\n    statuses: []\n    residence: US\n    employer: office\n    \
             contracts: []\n    designations: []\n    office: US\n    manager: none\n    teams: [{who}]"
        );
    }
    text
}

/// One for each field that is about somebody.
const CATEGORIES: [&str; 29] = [
    "user.account.settings",
    "user.account.username",
    "user.authorization.biometric",
    "user.authorization.credentials",
    "user.authorization.password",
    "user.behavior.browsing_history",
    "user.behavior.media_consumption",
    "user.behavior.purchase_history",
    "user.behavior.search_history",
    "user.biometric.fingerprint",
    "user.biometric.health",
    "user.biometric.retinal",
    "user.biometric.voice",
    "user.childrens",
    "user.contact.address.city",
    "user.contact.address.country",
    "user.contact.address.postal_code",
    "user.contact.address.state",
    "user.contact.address.street",
    "user.contact.email",
    "user.contact.fax_number",
    "user.contact.organization",
    "user.contact.phone_number",
    "user.contact.url",
    "user.content.private",
    "user.content.public",
    "user.content.self_image",
    "user.criminal_history",
    "user.demographic.age_range",
];

/// The guard's catalogue for one upstream.
fn catalogue(upstream: &str) -> String {
    let mut text = String::new();
    let mut table = String::new();
    let mut categories = CATEGORIES.into_iter();
    for line in CATALOG.lines() {
        if let Some((_, name)) = line.split_once("- name: ") {
            name.clone_into(&mut table);
        }
        let mut line = line
            .replace("fides_key: guard", &format!("fides_key: {upstream}"))
            .replace("upstream: guard", &format!("upstream: {upstream}"))
            .replace("dataset: guard", &format!("dataset: {upstream}"));
        // A policy tells fields apart by their categories alone.
        if let Some((before, rest)) = line.split_once("data_categories: [") {
            let (_, after) = rest.split_once(']').unwrap();
            let category = match table.as_str() {
                "public.open_t" => "system.operations",
                "public.vip" => "system.authentication",
                _ => categories.next().unwrap(),
            };
            line = format!("{before}data_categories: [{category}]{after}");
        }
        if upstream != "keyed" {
            // The title alone is public by row and not as a whole.
            if upstream == "full" || !line.contains("name: title") {
                for level in ["protected", "sensitive", "restricted", "interoperability"] {
                    line = line.replace(&format!("level: {level}"), "level: public");
                }
            }
            // A key is in clear only for who sees all rows, unless it has no pseudonym.
            if let Some(start) = line.find("mask: { pseudonym:") {
                let end = start + line[start..].find('}').unwrap() + 1;
                line.replace_range(start..end, "mask: \"null\"");
            }
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// A policy for each of what people see: by action and rows, the fields that it is about.
fn rules() -> String {
    let everybody = everybody();
    let mut rules: BTreeMap<(&str, &str, String), BTreeSet<String>> = BTreeMap::new();
    for (upstream, people) in UPSTREAMS {
        let manifest = catalogue(upstream);
        let catalog = catalog::read(&[("c.yaml", &manifest)], &catalog::Options::default());
        let datasets = catalog
            .unwrap_or_else(|faults| panic!("{faults:?}"))
            .datasets;
        for who in people {
            for view in everybody[*who].values() {
                let id = format!("{upstream}/{}", view.dataset.collection());
                let id = model::DatasetId::new(&id).unwrap();
                let seen = view.rows.iter().filter(|(_, rows)| **rows == Rows::Seen);
                let classes: Vec<&RowClass> = seen.map(|(class, _)| class).collect();
                for class in &classes {
                    rules.entry((who, "view_row", of_class(class))).or_default();
                }
                for (name, field) in &view.fields {
                    let labels = datasets[&id].field(name).unwrap();
                    let category = format!("\"{}\"", labels.categories.iter().next().unwrap());
                    for class in &classes {
                        let action = match field.cells[*class].verdict {
                            Verdict::Clear => "view_clear",
                            Verdict::Masked => "view_masked",
                            Verdict::Hidden => continue,
                        };
                        let key = (*who, action, of_class(class) + &of_level(field, class));
                        rules.entry(key).or_default().insert(category.clone());
                    }
                }
            }
        }
    }
    let mut text = String::new();
    for (number, ((who, action, rows), fields)) in rules.iter().enumerate() {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let about = match fields.join(", ").as_str() {
            "" => String::new(),
            list => format!(" && resource.categories.containsAny([{list}])"),
        };
        let _ = writeln!(
            text,
            "@id(\"wire.r{number}\")\n@title(\"{who} {action}\")\npermit (\n  \
             principal in Cordon::Team::\"{who}\",\n  \
             action == Cordon::Action::\"{action}\",\n  resource\n)\nwhen {{ {rows}{about} }};\n"
        );
    }
    text
}

/// Where a field is seen otherwise in rows that are public, its level tells them apart.
fn of_level(field: &FieldView, class: &RowClass) -> String {
    let other = RowClass {
        public: !class.public,
        ..class.clone()
    };
    let is_same = field
        .cells
        .get(&other)
        .is_none_or(|cell| cell.verdict == field.cells[class].verdict);
    match (is_same, class.public) {
        (true, _) => "",
        (false, true) => " && resource.level == Cordon::Level::\"public\"",
        (false, false) => " && resource.level != Cordon::Level::\"public\"",
    }
    .to_owned()
}

fn of_class(class: &RowClass) -> String {
    use model::Residency::{Home, NoSubject, Other, Unknown};
    let is = |word: &str| format!("resource.residency == Cordon::Residency::\"{word}\"");
    match &class.residency {
        Home(homes) => {
            let homes: Vec<String> = homes
                .iter()
                .map(|home| format!("Cordon::Regime::\"{home}\""))
                .collect();
            let homes = homes.join(", ");
            format!("{} && resource.home_of == [{homes}]", is("home"))
        }
        Other => is("other"),
        // Rows about people of both homes are seen by who sees whatever is unknown.
        Unknown => {
            let both = "[Cordon::Regime::\"eu-clover\", Cordon::Regime::\"us-dsp\"]";
            let both = format!("{} && resource.home_of == {both}", is("home"));
            format!("({} || {both})", is("unknown"))
        }
        NoSubject => is("none"),
    }
}
