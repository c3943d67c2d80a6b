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
