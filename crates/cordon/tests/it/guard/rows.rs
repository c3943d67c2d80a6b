//! Rows for the oracles: what a person may not see is unique in each cell.
//!
//! Which row is of which class is written here again, so that the guard is compared with something
//! else than itself.

use model::RowClass;

use super::views;

/// One row and whose it is.
#[derive(Clone, Debug)]
pub struct Row {
    pub table: &'static str,
    pub residency: &'static str,
    pub public: bool,
    pub cells: Vec<Option<String>>,
}

impl Row {
    pub fn class(&self) -> RowClass {
        views::class(self.residency, self.public)
    }
}

pub const TABLES: [(&str, &[&str]); 8] = [
    (
        "subj",
        &[
            "id",
            "email",
            "name",
            "country",
            "ssn",
            "salary",
            "born",
            "created",
            "note",
            "hidden",
            "unlabelled",
        ],
    ),
    ("ord", &["oid", "subj_id", "amt", "placed", "card"]),
    ("msg", &["id", "from_id", "to_id", "body"]),
    (
        "post",
        &["id", "owner_id", "title", "visibility", "deleted", "views"],
    ),
    ("vip", &["id", "ssn"]),
    ("open_t", &["id", "ssn", "label"]),
    ("uncatalogued", &["id", "ssn"]),
    ("plog", &["id", "country", "ssn", "line"]),
];

const PEOPLE: [(i64, &str, &str); 12] = [
    (40001, "DE", "eu"),
    (40002, "US", "us"),
    (40003, "CN", "other"),
    (40004, "FR", "eu"),
    (40005, "", "unknown"),
    (40006, "de ", "unknown"),
    (40007, "Germany", "eu"),
    (40008, "usa", "us"),
    (40009, "JP", "other"),
    (40010, "DE", "eu"),
    (40011, "US", "us"),
    (40012, "FR", "eu"),
];

pub fn some(text: impl ToString) -> Option<String> {
    Some(text.to_string())
}

/// A row about one of [`PEOPLE`], or about somebody made up for the place after them.
fn subject(number: i64, country: &str, residency: &'static str) -> Row {
    let n = number % 10000;
    let seen = matches!(residency, "eu" | "us");
    let letter = char::from(b'a' + u8::try_from(n % 7).unwrap());
    // A name that nobody made by hand ends in a letter, so that no other name with digits behind it
    // holds it.
    let end = if n < 100 { "" } else { "x" };
    // Where a person may not look, texts are neither numbers nor patterns and salaries divide by
    // zero: what runs on such a row fails.
    let salary = match n {
        8 => None,
        3 => some(20093),
        n if n % 97 == 3 => some(20093),
        n => some(300_000 + n * 7919 % 600_000),
    };
    Row {
        table: "subj",
        residency,
        public: false,
        cells: vec![
            some(number),
            (n != 7).then(|| format!("{letter}tokmail{n}@example.org")),
            some(format!("{letter}tokname{n}{end}")),
            (!country.is_empty()).then(|| country.to_owned()),
            (n != 7).then(|| format!("toksecurity{number}")),
            salary,
            (n != 5).then(|| format!("19{:02}-{:02}-{:02}", 50 + n % 45, 2 + n % 11, 2 + n % 26)),
            (n != 6).then(|| {
                format!(
                    "2026-01-{:02} 10:{:02}:{:02}.{:06}+00",
                    1 + n % 28,
                    n % 60,
                    n % 59,
                    100_003 * (n % 9) + n
                )
            }),
            if seen {
                some(n)
            } else {
                some(format!("*toknote{n}"))
            },
            some(format!("tokhidden{number}")),
            some(format!("tokunlabelled{number}")),
        ],
    }
}

fn order(number: i64, subject: Option<i64>, residency: &'static str) -> Row {
    Row {
        table: "ord",
        residency,
        public: false,
        cells: vec![
            some(number),
            subject.map(|id| id.to_string()),
            some(format!(
                "{}.{:02}",
                1000 + number % 1000 * 37,
                11 + number % 80
            )),
            (number % 7 != 0).then(|| {
                format!(
                    "2026-02-{:02} 09:{:02}:17.{:06}+00",
                    1 + number % 28,
                    number % 60,
                    number
                )
            }),
            (number % 5 != 0).then(|| format!("tokcard{number}{:04}", 1000 + number % 9)),
        ],
    }
}

fn message(number: i64, from: Option<i64>, to: Option<i64>, residency: &'static str) -> Row {
    Row {
        table: "msg",
        residency,
        public: false,
        cells: vec![
            some(number),
            from.map(|id| id.to_string()),
            to.map(|id| id.to_string()),
            some(format!("tokbody{number}")),
        ],
    }
}

fn post(number: i64, owner: Option<i64>, residency: &'static str, kind: i64) -> Row {
    let (visibility, deleted) = match kind % 4 {
        0 | 1 => (some("public"), None),
        2 => (some("private"), None),
        _ => (some("public"), some("2026-01-01 03:04:05.678901+00")),
    };
    Row {
        table: "post",
        residency,
        public: kind % 4 < 2,
        cells: vec![
            some(format!(
                "ab{number:06}-0000-4000-8000-0000000000{:02}",
                number % 90 + 10
            )),
            owner.map(|id| id.to_string()),
            some(format!("Title toktitle{number}")),
            visibility,
            deleted,
            some(1_500_000 + number % 1000 * 104_729),
        ],
    }
}

fn log(number: i64, country: &str, residency: &'static str, token: i64) -> Row {
    Row {
        table: "plog",
        residency,
        public: false,
        cells: vec![
            some(number),
            (!country.is_empty()).then(|| country.to_owned()),
            some(format!("toklogsecurity{token}")),
            some(format!("tokline{token}")),
        ],
    }
}

fn plain(table: &'static str, number: i64, token: &str) -> Row {
    let mut cells = vec![some(number), some(format!("{token}{number}"))];
    if table == "open_t" {
        cells.push(some(["a", "b", "c"][usize::try_from(number % 3).unwrap()]));
        if number == 3 {
            cells[1] = None;
        }
    }
    Row {
        table,
        residency: "nobody",
        public: false,
        cells,
    }
}

/// The rows of the first database.
pub fn base() -> Vec<Row> {
    let mut rows: Vec<Row> = PEOPLE
        .iter()
        .map(|(id, country, residency)| subject(*id, country, residency))
        .collect();
    for (place, (id, _, residency)) in PEOPLE.iter().enumerate() {
        let place = i64::try_from(place).unwrap();
        rows.push(order(70_001 + place, Some(*id), residency));
        rows.push(post(50_001 + place, Some(*id), residency, place));
    }
    rows.push(order(70_050, None, "unknown"));
    rows.push(order(70_051, Some(40001), "eu"));
    rows.push(order(70_052, Some(40002), "us"));
    rows.push(post(50_050, Some(40001), "eu", 2));
    rows.push(post(50_051, Some(40002), "us", 3));
    let pairs = [
        (Some(40001), Some(40004), "eu"),
        (Some(40001), Some(40002), "unknown"),
        (Some(40002), Some(40008), "us"),
        (Some(40007), Some(40010), "eu"),
        (Some(40001), Some(40003), "unknown"),
        (Some(40003), Some(40009), "other"),
        (Some(40004), None, "unknown"),
        (Some(40012), Some(40001), "eu"),
    ];
    for (place, (from, to, residency)) in pairs.into_iter().enumerate() {
        rows.push(message(
            80_001 + i64::try_from(place).unwrap(),
            from,
            to,
            residency,
        ));
    }
    for (place, (id, country, residency)) in [
        (1, "DE", "eu"),
        (2, "CN", "other"),
        (101, "US", "us"),
        (102, "", "unknown"),
        (103, "FR", "eu"),
        (104, "JP", "other"),
    ]
    .into_iter()
    .enumerate()
    {
        rows.push(log(
            id,
            country,
            residency,
            900 + i64::try_from(place).unwrap(),
        ));
    }
    for number in 1..=5 {
        rows.push(plain("open_t", number, "open"));
    }
    for number in 1..=3 {
        rows.push(plain("vip", number, "tokvip"));
        rows.push(plain("uncatalogued", number, "tokuncatalogued"));
    }
    rows
}

/// Rows that nobody but the fullest sees, so many in each table.
pub fn unseen(many: i64, with_governed: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for n in 1..=many {
        let id = 100_000 + n;
        if with_governed {
            let (country, residency) = if n % 2 == 0 {
                ("CN", "other")
            } else {
                ("", "unknown")
            };
            rows.push(subject(id, country, residency));
            rows.push(order(200_000 + n, Some(id), residency));
            rows.push(message(300_000 + n, Some(id), Some(id), residency));
            rows.push(post(400_000 + n, Some(id), residency, n));
            rows.push(log(n % 200, country, residency, 1000 + n));
        }
        rows.push(plain("vip", n, "othervip"));
        rows.push(plain("uncatalogued", n, "otheruncatalogued"));
    }
    rows
}

/// The rows as SQL, parents first.
pub fn sql(rows: &[Row]) -> String {
    let mut text = String::new();
    for (table, _) in TABLES {
        let list: Vec<String> = rows
            .iter()
            .filter(|row| row.table == table)
            .map(|row| {
                let cells: Vec<String> = row.cells.iter().map(quoted).collect();
                format!("({})", cells.join(", "))
            })
            .collect();
        if !list.is_empty() {
            text.push_str(&format!(
                "INSERT INTO public.{table} VALUES {};\n",
                list.join(", ")
            ));
        }
    }
    text.push_str("REFRESH MATERIALIZED VIEW public.subj_copy;\n");
    text
}

fn quoted(cell: &Option<String>) -> String {
    match cell {
        None => "NULL".to_owned(),
        Some(text) => format!("'{}'", text.replace('\'', "''")),
    }
}
