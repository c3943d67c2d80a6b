//! A guard that refuses everything would keep all secrets: most statements run and give rows, and
//! with full rights the answers are the database's own.

use super::oracles;
use super::rows;
use super::twins::{same, short};
use super::world::{Outcome, World};

fn alive(who: &str, slice: u32) {
    let base = rows::base();
    let world = World::new(&format!("alive_{who}"), &rows::sql(&base));
    world.plan_by("");
    let canaries = oracles::canaries(&world, who, &base);
    let ground = oracles::ground(&world, who);
    let (mut valid, mut ran, mut rows) = (0, 0, 0);
    let mut faults = Vec::new();
    for seed in 1_000_000..1_000_000 + u64::from(testkit::cases(slice)) {
        let made = oracles::made(&ground, seed);
        let own = {
            world.direct("SET search_path = public, pg_catalog");
            let own = world.direct(&made.text);
            world.direct("SET search_path = pg_catalog");
            own
        };
        if matches!(own, Outcome::Failed(_, _)) {
            continue;
        }
        valid += 1;
        let answer = world.run(who, &made.text, &[]);
        let canary = canaries.found(&oracles::bytes(&answer), &made.text);
        assert_eq!(
            canary,
            None,
            "{}",
            oracles::report(&world, who, seed, &made.text)
        );
        match answer {
            Outcome::Rows(_, found) => {
                ran += 1;
                rows += usize::from(!found.is_empty());
            }
            other => faults.push(format!("{seed}: {}\n{}", made.text, short(&other))),
        }
    }
    println!("alive, {who}: {valid} valid, {ran} ran, {rows} with rows");
    let faults: Vec<String> = faults.into_iter().take(30).collect();
    assert!(
        ran * 100 >= valid * 85,
        "{ran} of {valid} ran\n{}",
        faults.join("\n")
    );
    assert!(rows * 100 >= valid * 60, "{rows} of {valid} gave rows");
    println!("{}", faults.join("\n"));
}

#[test]
fn most_statements_of_the_analyst_run() {
    alive("analyst", 200);
}

#[test]
fn most_statements_of_the_conditional_run() {
    alive("conditional", 200);
}

#[test]
fn most_statements_of_the_masked_run() {
    alive("masked", 200);
}

/// A statement's own answer, and the guard's with full rights.
fn differs(world: &World, text: &str, is_ordered: bool) -> Option<(Outcome, Outcome)> {
    world.direct("SET search_path = public, pg_catalog");
    let own = world.direct(text);
    world.direct("SET search_path = pg_catalog");
    let guarded = world.run("full", text, &[]);
    (!same(&own, &guarded, is_ordered)).then_some((own, guarded))
}

#[test]
fn with_full_rights_the_answer_is_the_databases_own() {
    // No column but those of the catalogue, so that a whole row is the same on both ways.
    let rows = rows::sql(&rows::base()) + "ALTER TABLE public.subj DROP COLUMN unlabelled;";
    let world = World::new("alive_full", &rows);
    world.plan_by("");
    let ground = oracles::ground(&world, "full");
    let (mut all, mut loose, mut invalid, mut renamed) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for seed in 2_000_000..2_000_000 + u64::from(testkit::cases(400)) {
        let made = oracles::made(&ground, seed);
        all += 1;
        if let Some((own, guarded)) = differs(&world, &made.text, made.is_ordered) {
            // What PostgreSQL cannot read is refused by the gate under a code of its own.
            if matches!((&own, &guarded), (Outcome::Failed(code, _), Outcome::Refused(_)) if code.starts_with("42"))
            {
                invalid += 1;
                continue;
            }
            // A table's whole row keeps the table's names on JSON's way under `t (a, b)`; that of a
            // guarded relation has the alias's.
            let is_json = made.text.contains("row_to_json");
            if is_json
                && made.text.contains(" as t")
                && matches!((&own, &guarded), (Outcome::Rows(_, a), Outcome::Rows(_, b)) if a.len() == b.len())
            {
                renamed += 1;
                continue;
            }
            let are_rows = matches!((&own, &guarded), (Outcome::Rows(_, _), Outcome::Rows(_, _)));
            if made.loose.is_some() && are_rows {
                loose += 1;
                continue;
            }
            let report = oracles::report(&world, "full", seed, &made.text);
            wrong.push(format!(
                "{report}\n-- own {}\n-- guarded {}",
                short(&own),
                short(&guarded)
            ));
        }
    }
    println!(
        "full rights: {all} statements, {} differ, {loose} where order was free, {invalid} refused by both, {renamed} rows with other names of columns",
        wrong.len()
    );
    for one in wrong.iter().take(20) {
        println!("{one}\n");
    }
    // Renamed ones are differences, though known ones.
    assert!(
        (wrong.len() + renamed) * 100 <= all * 5,
        "{} of {all} differ",
        wrong.len()
    );
}
