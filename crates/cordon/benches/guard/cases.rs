//! What is asked, under which view.

/// A query with its parameters: name, text, types, values.
pub struct Case {
    /// Its name.
    pub name: &'static str,
    pub text: &'static str,
    pub values: &'static [(&'static str, &'static str)],
    /// Which of the views it is asked under.
    pub who: Who,
    /// What the goal says, against the raw query.
    pub goal: &'static str,
    /// The same answer as somebody would write it who may read everything.
    pub by_hand: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy, PartialEq)]
pub enum Who {
    /// Rows of two homes, e-mail masked: the shape of row filters.
    Filtered,
    /// All rows, keys pseudonymised.
    Masked,
    /// All rows, e-mail clear for one home.
    Conditional,
}

const INDEXED: &str = "same index, 2 x raw + 0.3 ms";
pub const CASES: &[Case] = &[
    Case {
        name: "id = ?",
        text: "SELECT name, country FROM subj WHERE id = $1",
        values: &[("int4", "250001")],
        who: Who::Filtered,
        goal: INDEXED,
        by_hand: &[],
    },
    Case {
        name: "id between",
        text: "SELECT name FROM subj WHERE id BETWEEN $1 AND $2",
        values: &[("int4", "250000"), ("int4", "250020")],
        who: Who::Filtered,
        goal: INDEXED,
        by_hand: &[],
    },
    Case {
        name: "created > ?",
        text: "SELECT id FROM subj WHERE created > $1",
        values: &[("timestamptz", "2024-12-13 05:00Z")],
        who: Who::Filtered,
        goal: INDEXED,
        by_hand: &[],
    },
    Case {
        name: "name like 'x%'",
        text: "SELECT id FROM subj WHERE name LIKE 'name abcd%'",
        values: &[],
        who: Who::Filtered,
        goal: INDEXED,
        by_hand: &[],
    },
    Case {
        name: "lower(name) = ?",
        text: "SELECT id FROM subj WHERE lower(name) = $1",
        values: &[("text", "name d81f9c1be2e08964bf9f24b15f0e4900")],
        who: Who::Filtered,
        goal: INDEXED,
        by_hand: &[],
    },
    Case {
        name: "join on pk, 21 rows",
        text: "SELECT s.name, o.amt FROM ord o JOIN subj s ON s.id = o.subj_id WHERE o.oid BETWEEN $1 AND $2",
        values: &[("int4", "250000"), ("int4", "250020")],
        who: Who::Filtered,
        goal: INDEXED,
        by_hand: &[],
    },
    Case {
        name: "order by id limit 10",
        text: "SELECT id, name FROM subj ORDER BY id LIMIT 10",
        values: &[],
        who: Who::Filtered,
        goal: INDEXED,
        by_hand: &[],
    },
    Case {
        name: "keyset page",
        text: "SELECT id, name FROM subj WHERE id > $1 ORDER BY id LIMIT 20",
        values: &[("int4", "250000")],
        who: Who::Filtered,
        goal: "index",
        by_hand: &[],
    },
    Case {
        name: "id = ? with a division",
        text: "SELECT 1000000 / salary FROM subj WHERE id = $1 AND 1000000 / salary > 0",
        values: &[("int4", "250001")],
        who: Who::Filtered,
        goal: "index within the fence",
        by_hand: &[],
    },
    Case {
        name: "count(*)",
        text: "SELECT count(*) FROM subj",
        values: &[],
        who: Who::Filtered,
        goal: "-",
        by_hand: &[],
    },
    Case {
        name: "count(*) through a parent",
        text: "SELECT count(*) FROM ord",
        values: &[],
        who: Who::Filtered,
        goal: "the LEFT JOIN form + 20 %",
        by_hand: &[
            (
                "LEFT JOIN",
                "SELECT count(*) FROM public.ord o LEFT JOIN public.subj s ON o.subj_id = s.id \
                 WHERE s.country IN ('DE', 'FR', 'US')",
            ),
            (
                "LEFT JOIN, any spelling",
                "SELECT count(*) FROM public.ord o LEFT JOIN public.subj s ON o.subj_id = s.id \
                 WHERE lower(s.country) COLLATE \"C\" = ANY ('{de,deu,germany,fr,fra,france,us,usa,\
                 united states,united states of america,united states of america (the)}')",
            ),
        ],
    },
    Case {
        name: "group by day",
        text: "SELECT date_trunc('day', created) AS day, count(*) FROM subj GROUP BY 1",
        values: &[],
        who: Who::Filtered,
        goal: "-",
        by_hand: &[],
    },
    Case {
        name: "conditional mask, email = ?",
        text: "SELECT id, email FROM subj WHERE email = $1",
        values: &[("text", "mail250001@example.org")],
        who: Who::Conditional,
        goal: "index",
        by_hand: &[],
    },
    Case {
        name: "pseudonymised key = ?",
        text: "SELECT name, country FROM subj WHERE id = $1",
        values: &[("int4", "@250001")],
        who: Who::Masked,
        goal: "3 x raw",
        by_hand: &[],
    },
    Case {
        name: "pseudonymised key, 21 rows joined",
        text: "SELECT s.country, o.amt FROM ord o JOIN subj s ON s.id = o.subj_id WHERE o.subj_id = $1",
        values: &[("int4", "@250001")],
        who: Who::Masked,
        goal: "3 x raw",
        by_hand: &[],
    },
    Case {
        name: "100 pseudonyms shown",
        text: "SELECT s.id, s.country FROM subj s JOIN ord o ON o.subj_id = s.id LIMIT 100",
        values: &[],
        who: Who::Masked,
        goal: "-",
        by_hand: &[],
    },
];
