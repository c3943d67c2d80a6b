//! Ways to learn of what is hidden by asking the catalogue, and the twin that has nothing to hide.

use super::tools::{EXTRA, SCHEMA};
use super::world::{Outcome, Row, World, asked};

const PSQL: &str = include_str!("../../../../../tests/tools/psql-15.sql");

/// Functions that print something of an object, each for every number there is.
const SWEEPS: &str = "\
g::oid::regclass
g::oid::regtype
g::oid::regproc
g::oid::regprocedure
g::oid::regnamespace
g::oid::regrole
g::oid::regoper
g::oid::regcollation
g::oid::regclass::text
'x' || g::oid::regclass
format('%s', g::oid::regtype)
array_agg(g::oid::regclass)
format_type(g::oid, NULL)
pg_get_indexdef(g::oid)
pg_get_indexdef(g::oid, 1, true)
pg_get_constraintdef(g::oid)
pg_get_constraintdef(g::oid, true)
pg_get_viewdef(g::oid)
pg_get_triggerdef(g::oid)
pg_get_ruledef(g::oid)
pg_get_functiondef(g::oid)
pg_get_function_arguments(g::oid)
pg_get_function_identity_arguments(g::oid)
pg_get_function_result(g::oid)
pg_get_partkeydef(g::oid)
pg_get_partition_constraintdef(g::oid)
pg_get_statisticsobjdef(g::oid)
pg_get_userbyid(g::oid)
obj_description(g::oid, 'pg_class')
obj_description(g::oid, 'pg_constraint')
obj_description(g::oid, 'pg_type')
obj_description(g::oid, 'pg_proc')
obj_description(g::oid, 'pg_namespace')
obj_description(g::oid)
col_description(g::oid, 4)
col_description(g::oid, 8)
pg_describe_object(1259, g::oid, 0)
pg_describe_object(1259, g::oid, 4)
pg_describe_object(2606, g::oid, 0)
pg_describe_object(1255, g::oid, 0)
pg_partition_root(g::oid)::text
to_regclass(g::text)
(SELECT string_agg(relid::regclass::text, ' ') FROM pg_partition_tree(g::oid))";

#[test]
fn no_number_leads_to_a_hidden_name() {
    let world = World::new("tools_sweep", &[SCHEMA, EXTRA]);
    for sweep in SWEEPS.lines() {
        let group = if sweep.starts_with("array_agg") {
            "GROUP BY g"
        } else {
            ""
        };
        let text = format!("SELECT g, {sweep} FROM generate_series(16384, 17100) g {group}");
        let Outcome::Rows(_, unguarded) = world.direct(&text, &[]) else {
            continue;
        };
        let outcome = world.run("part", &text, &[]);
        match &outcome {
            Outcome::Rows(_, rows) => {
                assert_eq!(rows.len(), unguarded.len(), "{text}");
                assert!(!format!("{rows:?}").contains("canary"), "{text}\n{rows:?}");
            }
            other => assert!(!format!("{other:?}").contains("canary"), "{other:?}"),
        }
    }
}

#[test]
fn every_relation_of_the_catalogue_is_clean_or_refused() {
    let world = World::new("tools_every", &[SCHEMA, EXTRA]);
    let Outcome::Rows(_, all) = world.direct(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
         WHERE n.nspname IN ('pg_catalog', 'information_schema') AND relkind IN ('r', 'v') ORDER BY 1",
        &[],
    ) else {
        panic!()
    };
    let (mut passed, mut refused) = (0, Vec::new());
    for row in all {
        let name = row[0].clone().unwrap();
        let text = format!("SELECT * FROM {name}");
        match world.run("part", &text, &[]) {
            Outcome::Refused(_) => refused.push(name),
            Outcome::Rows(names, rows) => {
                passed += 1;
                let said = format!("{rows:?}");
                assert!(!said.contains("canary"), "{name}\n{said}");
                let Outcome::Rows(known, _) = world.direct(&format!("{text} LIMIT 0"), &[]) else {
                    panic!("{name}")
                };
                // Without rows there are no names over this protocol's simple form.
                assert!(names == known || known.is_empty(), "{name}");
                let row_text = world.run("part", &format!("SELECT t::text FROM {name} t"), &[]);
                assert!(!format!("{row_text:?}").contains("canary"), "{name}");
            }
            Outcome::Failed(message) => panic!("{name}: {message}"),
        }
    }
    println!(
        "{passed} relations pass, {} are refused: {}",
        refused.len(),
        refused.join(" ")
    );
    for never in [
        "pg_stats",
        "pg_statistic",
        "pg_statistic_ext_data",
        "pg_authid",
        "pg_shadow",
        "pg_hba_file_rules",
        "pg_file_settings",
        "pg_largeobject",
    ] {
        assert!(refused.contains(&format!("pg_catalog.{never}")), "{never}");
    }
    assert!(passed > 90);
}

#[test]
fn an_unseen_name_is_answered_like_no_name() {
    let world = World::new("tools_names", &[SCHEMA, EXTRA]);
    for (hidden, absent) in [
        (
            "SELECT 'canary_table'::regclass",
            "SELECT 'no_such'::regclass",
        ),
        (
            "SELECT 'canary_table'::regclass::oid",
            "SELECT 'no_such'::regclass::oid",
        ),
        (
            "SELECT 'canary_schema.canary_other'::regclass",
            "SELECT 'no_such.other'::regclass",
        ),
        (
            "SELECT to_regclass('canary_table')",
            "SELECT to_regclass('no_such')",
        ),
        (
            "SELECT to_regclass(concat('canary', '_table'))",
            "SELECT to_regclass(concat('no', '_such'))",
        ),
        ("SELECT 'canary_mood'::regtype", "SELECT 'no_such'::regtype"),
        (
            "SELECT 'canary_schema'::regnamespace",
            "SELECT 'no_such'::regnamespace",
        ),
        ("SELECT 'canary_role'::regrole", "SELECT 'no_such'::regrole"),
        (
            "SELECT has_table_privilege('canary_table', 'SELECT')",
            "SELECT has_table_privilege('no_such', 'SELECT')",
        ),
        (
            "SELECT has_schema_privilege('canary_schema', 'USAGE')",
            "SELECT has_schema_privilege('no_such', 'USAGE')",
        ),
        (
            "SELECT 1 FROM pg_type WHERE typinput = 'public.canary_function'",
            "SELECT 1 FROM pg_type WHERE typinput = 'public.no_such'",
        ),
        (
            "SELECT 1 FROM pg_type WHERE typinput IN ('canary_function')",
            "SELECT 1 FROM pg_type WHERE typinput IN ('no_such')",
        ),
        (
            "SELECT coalesce(typinput, 'canary_function') FROM pg_type",
            "SELECT coalesce(typinput, 'no_such') FROM pg_type",
        ),
        (
            "SELECT coalesce((t).typinput, 'canary_function') FROM pg_type t",
            "SELECT coalesce((t).typinput, 'no_such') FROM pg_type t",
        ),
        (
            "SELECT ARRAY[(t).typinput, 'canary_function'] FROM pg_catalog.pg_type AS t",
            "SELECT ARRAY[(t).typinput, 'no_such'] FROM pg_catalog.pg_type AS t",
        ),
        (
            "SELECT coalesce((x.r).typinput, 'canary_function') FROM pg_type t, LATERAL (SELECT t AS r) x",
            "SELECT coalesce((x.r).typinput, 'no_such') FROM pg_type t, LATERAL (SELECT t AS r) x",
        ),
        (
            "SELECT coalesce(x.c17, 'canary_function') FROM pg_type t, \
             LATERAL (SELECT t.*) x(c1,c2,c3,c4,c5,c6,c7,c8,c9,c10,c11,c12,c13,c14,c15,c16,c17)",
            "SELECT coalesce(x.c17, 'no_such') FROM pg_type t, \
             LATERAL (SELECT t.*) x(c1,c2,c3,c4,c5,c6,c7,c8,c9,c10,c11,c12,c13,c14,c15,c16,c17)",
        ),
        (
            "SELECT typinput FROM pg_type UNION SELECT 'canary_function'",
            "SELECT typinput FROM pg_type UNION SELECT 'no_such'",
        ),
        (
            "SELECT 1 FROM (SELECT typinput i FROM pg_type) t WHERE i = 'canary_function'",
            "SELECT 1 FROM (SELECT typinput i FROM pg_type) t WHERE i = 'no_such'",
        ),
        (
            "SELECT 1 FROM pg_class WHERE oid::regclass = 'canary_table'",
            "SELECT 1 FROM pg_class WHERE oid::regclass = 'no_such'",
        ),
        (
            "SELECT CASE WHEN true THEN oid::regclass ELSE 'canary_table' END FROM pg_class",
            "SELECT CASE WHEN true THEN oid::regclass ELSE 'no_such' END FROM pg_class",
        ),
        (
            "SELECT 'lower(canary_mood)'::regprocedure",
            "SELECT 'lower(no_such)'::regprocedure",
        ),
        (
            "SELECT 1 FROM pg_class WHERE relacl = '{canary_role=r/postgres}'",
            "SELECT 1 FROM pg_class WHERE relacl = '{no_such=r/postgres}'",
        ),
        (
            "SELECT aclexplode('{canary_role=r/postgres}'::aclitem[])",
            "SELECT aclexplode('{no_such=r/postgres}'::aclitem[])",
        ),
        (
            "SELECT 1 FROM pg_class WHERE relacl || '{canary_role=r/postgres}' IS NULL",
            "SELECT 1 FROM pg_class WHERE relacl || '{no_such=r/postgres}' IS NULL",
        ),
        (
            "SELECT acldefault('r', 10) || 'canary_role=r/postgres'",
            "SELECT acldefault('r', 10) || 'no_such=r/postgres'",
        ),
        (
            "SELECT replace(relacl::text, 'canary_role=r/postgres', '') FROM pg_class",
            "SELECT replace(relacl::text, 'no_such=r/postgres', '') FROM pg_class",
        ),
        (
            "SELECT pg_get_viewdef('canary_view')",
            "SELECT pg_get_viewdef('no_such')",
        ),
        (
            "SELECT pg_get_serial_sequence('users', 'canary_serial')",
            "SELECT pg_get_serial_sequence('users', 'no_such')",
        ),
    ] {
        let told = |text: &str| {
            format!("{:?}", world.run("part", text, &[]))
                .replace("canary_schema.canary_other", "?")
                .replace("no_such.other", "?")
                .replace("canary_function", "?")
                .replace("canary_table", "?")
                .replace("canary_mood", "?")
                .replace("canary_schema", "?")
                .replace("canary_role", "?")
                .replace("canary_view", "?")
                .replace("no_such", "?")
        };
        assert_eq!(told(hidden), told(absent), "{hidden}");
    }
}

#[test]
fn errors_print_nothing_hidden() {
    let world = World::new("tools_errors", &[SCHEMA, EXTRA]);
    for text in [
        "SELECT relname::text::integer FROM pg_class WHERE oid >= 16384",
        "SELECT 1 FROM pg_class WHERE relname::text::integer = 1",
        "SELECT attname::text::integer FROM pg_attribute WHERE attrelid >= 16384 AND attname LIKE '%canary%'",
        "SELECT 1 / (CASE WHEN relname LIKE 'canary%' THEN 0 ELSE 1 END) FROM pg_class",
        "SELECT 1 FROM pg_attribute WHERE 1 / (CASE WHEN attname LIKE 'canary%' THEN 0 ELSE 1 END) = 1",
        "SELECT 1 FROM pg_enum WHERE 1 / (CASE WHEN enumlabel LIKE 'canary%' THEN 0 ELSE 1 END) = 1",
        "SELECT 1 FROM pg_namespace n JOIN pg_class c ON 1 / (CASE WHEN n.nspname LIKE 'canary%' THEN 0 ELSE 1 END) = 1",
    ] {
        let told = format!("{:?}", world.run("part", text, &[]));
        assert!(!told.contains("22012"), "{text}\n{told}");
        assert!(!told.replace(text, "").contains("canary"), "{text}\n{told}");
    }
}

/// The text of an exclusion constraint and the arguments of a trigger name columns that PostgreSQL
/// records nowhere.
#[test]
fn what_is_named_in_passing_is_hidden_too() {
    let world = World::new("tools_passing", &[SCHEMA, EXTRA]);
    for text in [
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x'",
        "SELECT tgname, pg_get_triggerdef(oid), tgargs FROM pg_trigger WHERE tgnargs > 0",
        "SELECT action_statement FROM information_schema.triggers",
    ] {
        let told = format!("{:?}", world.run("part", text, &[]));
        assert!(told.starts_with("Rows("), "{told}");
        assert!(!told.contains("canary"), "{text}\n{told}");
        // Who sees all of the table sees them.
        let Outcome::Rows(_, rows) = world.run("full", text, &[]) else {
            panic!("{text}")
        };
        assert!(!rows.is_empty(), "{text}");
    }
}

#[test]
fn an_expression_is_not_written_against_another_table() {
    let world = World::new("tools_trees", &[SCHEMA, EXTRA]);
    // The tree of `derived`'s own columns is not there, so one of another table is tried.
    let text = "SELECT pg_get_expr(i.indexprs, 'users'::regclass), pg_get_expr(c.conbin, 'app.orders'::regclass) \
                FROM pg_index i, pg_constraint c";
    let told = format!("{:?}", world.run("part", text, &[]));
    assert!(told.contains("Rows") && !told.contains("canary"), "{told}");
    // What is one's own is written.
    let own =
        "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'users'::regclass";
    let Outcome::Rows(_, rows) = world.run("part", own, &[]) else {
        panic!()
    };
    let shown: Vec<&str> = rows.iter().filter_map(|row| row[0].as_deref()).collect();
    assert_eq!(shown, ["'nobody'::text", "'{}'::text[]", "lower(name)"]);
}

#[test]
fn the_catalogue_and_data_do_not_mix() {
    let world = World::new("tools_mixed", &[SCHEMA]);
    for text in [
        "SELECT 1 FROM public.users, pg_class",
        "SELECT (SELECT count(*) FROM pg_class) FROM public.users",
        "WITH x AS (INSERT INTO public.users (name) VALUES ('x') RETURNING id) SELECT 1 FROM pg_class",
    ] {
        assert!(
            matches!(world.run("full", text, &[]), Outcome::Refused(_)),
            "{text}"
        );
    }
}

/// What psql prints about a table is what it prints where there is nothing but what the person sees.
#[test]
fn a_person_sees_the_database_that_has_only_what_they_see() {
    let whole = World::new("tools_twin_a", &[SCHEMA, EXTRA]);
    let visible = World::new("tools_twin_b", &[&without_canaries(SCHEMA)]);
    let mut report = String::new();
    let mut compared = 0;
    for one in asked(PSQL) {
        let is_about = one.title.starts_with("\\d ") || one.title.starts_with("\\d+ ");
        let sizes = one.text.contains("_size(");
        let others = one.title.contains("canary");
        let lists = [
            "\\d", "\\dt", "\\dv", "\\dm", "\\di", "\\ds", "\\dT", "\\dT+", "\\dD", "\\dX", "\\dP",
        ];
        if sizes || others || !(is_about || lists.contains(&one.title.as_str())) {
            continue;
        }
        // A serial column that is hidden has no sequence of its own elsewhere.
        let a = whole.run("part", &whole.numbered(&one.text), &[]);
        let b = visible.direct(&visible.numbered(&one.text), &[]);
        compared += 1;
        if plain(&a) != plain(&b) {
            report.push_str(&format!(
                "== {}\n{}\n{:?}\n{:?}\n",
                one.title,
                one.text,
                plain(&a),
                plain(&b)
            ));
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(compared > 100, "{compared}");
}

/// Rows sorted, with numbers of objects left out.
fn plain(outcome: &Outcome) -> Vec<Row> {
    match outcome {
        Outcome::Rows(_, rows) => {
            let mut rows: Vec<Row> = rows
                .iter()
                .map(|row| {
                    row.iter()
                        .map(|cell| cell.as_ref().map(|cell| hashed(cell)))
                        .collect()
                })
                .collect();
            rows.sort();
            rows
        }
        other => vec![vec![Some(format!("{other:?}"))]],
    }
}

fn hashed(cell: &str) -> String {
    match cell.parse::<u32>() {
        Ok(number) if number >= 16_384 => "#".to_owned(),
        _ => cell.to_owned(),
    }
}

/// The script without the statements and columns that are canaries.
fn without_canaries(script: &str) -> String {
    script
        .split(";\n")
        .filter_map(|statement| {
            let body = statement.trim_start_matches(|c: char| c == '-' || c.is_whitespace());
            let is_table = body.contains("CREATE TABLE")
                && !body.contains("TABLE public.canary")
                && !body.contains("TABLE canary");
            if !is_table {
                return (!statement.contains("canary") || statement.contains("CREATE SCHEMA app"))
                    .then(|| {
                        statement
                            .lines()
                            .filter(|l| !l.contains("canary"))
                            .collect::<Vec<_>>()
                            .join("\n")
                    });
            }
            let kept: Vec<&str> = statement
                .lines()
                .filter(|l| !l.contains("canary"))
                .collect();
            Some(kept.join("\n").replace(",\n)", "\n)"))
        })
        .collect::<Vec<_>>()
        .join(";\n")
}
