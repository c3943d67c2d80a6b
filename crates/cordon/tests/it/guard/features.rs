//! With full rights, what PostgreSQL can do is answered as PostgreSQL answers it.

use super::rows;
use super::twins::{same, short};
use super::world::{Outcome, World};

const STATEMENTS: &str = include_str!("../../../../../tests/data/guard/features.txt");

#[test]
fn features_answer_as_the_database_does() {
    let rows = rows::sql(&rows::base()) + "ALTER TABLE public.subj DROP COLUMN unlabelled;";
    let world = World::new("features", &rows);
    world.plan_by("");
    let (mut all, mut refused, mut answered, mut failed) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for text in STATEMENTS.lines().filter(|line| !line.starts_with('#')) {
        all += 1;
        world.direct("SET search_path = public, pg_catalog");
        let own = world.direct(text);
        world.direct("SET search_path = pg_catalog");
        let guarded = world.run("full", text, &[]);
        if same(&own, &guarded, false) {
            answered += usize::from(matches!(own, Outcome::Rows(_, _)));
            failed += usize::from(matches!(own, Outcome::Failed(_, _)));
            continue;
        }
        refused += usize::from(matches!(guarded, Outcome::Refused(_)));
        wrong.push(format!(
            "{text}\n  own {}\n  guarded {}",
            short(&own),
            short(&guarded)
        ));
    }
    println!(
        "features: {all} statements, {answered} answered alike, {failed} failed alike, {refused} refused, {} differ",
        wrong.len() - refused
    );
    for one in &wrong {
        println!("{one}");
    }
    assert!(wrong.len() * 100 <= all * 5, "{} of {all}", wrong.len());
}

/// Found by PostgreSQL's own regression scripts.
const ONCE_WRONG: [&str; 6] = [
    "select * from unnest(array[10, 20], array['a', 'b', 'c']) with ordinality as z(a, b, o)",
    "select * from rows from (unnest(array[10, 20], array['a']), generate_series(1, 3)) as z(a, b, c)",
    "select * from (select s.id, o.oid, s.id from subj s join ord o on o.subj_id = s.id) x, (values (1)) v(n)",
    "select row_to_json(x) from (select s.id, s.name, s.id from subj s) x(a, b, c)",
    r"select '\x41'::bytea, E'a\\b', 'c''\d'",
    r"select id from subj where name like '%\_%' or name = '\'",
];

#[test]
fn what_was_once_wrong_answers_as_the_database_does() {
    let rows = rows::sql(&rows::base()) + "ALTER TABLE public.subj DROP COLUMN unlabelled;";
    let world = World::new("once_wrong", &rows);
    world.plan_by("");
    for text in ONCE_WRONG {
        world.direct("SET search_path = public, pg_catalog; SET standard_conforming_strings = on");
        let own = world.direct(text);
        world.direct("SET search_path = pg_catalog");
        assert!(matches!(own, Outcome::Rows(_, _)), "{text}: {own:?}");
        // What is sent means the same whatever the link's setting is.
        for setting in ["on", "off"] {
            world.direct(&format!("SET standard_conforming_strings = {setting}"));
            let guarded = world.run("full", text, &[]);
            assert!(same(&own, &guarded, false), "{text}: {own:?} {guarded:?}");
        }
    }
}
