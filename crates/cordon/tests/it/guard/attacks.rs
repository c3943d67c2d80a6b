//! Conditions that fail on rows which are not seen, in every place where a condition may stand.

use super::oracles::{self, SETTINGS};
use super::twins::Twins;

/// They fail on salary 20093, or on texts that are no number, JSON or pattern: on rows 40003 and
/// others that the analyst does not see, and on none that the analyst sees.
const CONDITIONS: [&str; 19] = [
    "1 / (s.salary - 20093) > -5",
    "100 % (s.salary - 20093) >= 0",
    "s.note::int > 0",
    "cast(s.note as numeric) > 0",
    "(s.note || '.5')::float8 > 0",
    "substring('abcdef' from 1 for s.salary - 20094) <> ''",
    "left(s.name, 3) <> '' and s.note::int8 between 0 and 100",
    "sqrt(s.salary - 20094) > 0",
    "ln(s.salary - 20093) > 0",
    "to_date(s.note, 'DDD') is not null",
    "'abc17' ~ s.note",
    "'abc' like (s.note || case when s.salary = 20093 then '\\' else '' end)",
    "exp(case when s.salary < 30000 then 10000 else 1 end) > 0",
    "power(10::float8, case when s.salary < 30000 then 10000 else 1 end) > 0",
    "(array[1, 2])[1:1 / (s.salary - 20093) + 2] is not null",
    "s.note::json is not null",
    "(s.note::jsonb)::int > 0",
    "repeat('a', case when s.salary = 20093 then 2000000000 else 1 end) <> ''",
    "(s.salary * case when s.salary = 20093 then 2000000 else 1 end) > 0",
];

/// Where they stand.
const PLACES: [&str; 36] = [
    "select s.id from subj s where {p} order by 1",
    "select s.id from subj s where {p} and s.country = 'DE' order by 1",
    "select s.id from subj s where s.country = 'CN' and {p}",
    "select s.id from subj s where s.id = 40003 and {p}",
    "select s.id from subj s where {p} and s.id in (40001, 40002, 40003)",
    "select s.id from subj s where not ({p})",
    "select s.id from subj s where ({p}) is null or s.id > 0",
    "select s.id from subj s where {p} or s.salary = 20093",
    "select s.id from subj s where s.salary <> 20093 and {p}",
    "select s.id, o.oid from subj s join ord o on o.subj_id = s.id and {p}",
    "select s.id, o.oid from ord o join subj s on o.subj_id = s.id and {p} order by 1, 2",
    "select s.id, o.oid from subj s left join ord o on o.subj_id = s.id and {p}",
    "select s.id, o.oid from ord o left join subj s on {p} where o.oid < 70005",
    "select s.id, o.oid from ord o, subj s where o.subj_id = s.id and {p} and o.amt > 0",
    "select count(*) from subj s join open_t using (id) where {p}",
    "select count(*) from subj s join subj z using (id) where {p} and z.salary > 0",
    "select s.country from subj s group by s.country having bool_and({p})",
    "select count(*) from subj s group by s.salary, s.note, s.name having {p}",
    "select s.id, l.x from subj s, lateral (select 1 as x where {p}) l",
    "select s.id, g from subj s, lateral generate_series(1, case when {p} then 2 else 1 end) g",
    "select t.id from open_t t where exists (select 1 from subj s where {p})",
    "select t.id from open_t t where t.id + 40000 in (select s.id from subj s where {p})",
    "select t.id from open_t t where t.id + 40000 = any (select s.id from subj s where {p})",
    "select o.oid from ord o where (select count(*) from subj s where s.id = o.subj_id and {p}) > 0",
    "with c as (select * from subj s where {p}) select count(*) from c",
    "with c as materialized (select * from subj s where {p}) select count(*) from c",
    "with c as not materialized (select * from subj) select count(*) from c s where {p}",
    "with recursive r(n) as (select 40001 union all select n + 1 from r, subj s where r.n = s.id and {p}) select n from r",
    "select x.id from (select s.id, ({p}) as b from subj s) x where b",
    "select x.id from (select s.id, ({p}) as b from subj s offset 0) x where b",
    "select s.id from subj s where {p} union all select oid from ord order by 1",
    "select s.id from subj s order by ({p}), 1 limit 3",
    "select distinct on (s.country) s.country, s.id from subj s where {p} order by 1, 2",
    "select sum(s.salary) filter (where {p}) from subj s",
    "select s.id, count(*) filter (where {p}) over (partition by s.country) from subj s",
    "select case when {p} then 1 end, max(s.id) from subj s group by 1 order by 1",
];

fn attack(who: &'static str, every: usize) {
    let mut twins = Twins::new(who, "attack");
    let step = if testkit::is_long() { 1 } else { every };
    let mut wrong = Vec::new();
    for (place, settings) in SETTINGS.iter().copied().chain([""]).enumerate() {
        twins.plan_by(settings);
        let all = PLACES
            .iter()
            .flat_map(|text| CONDITIONS.iter().map(move |condition| (text, condition)));
        for (number, (text, condition)) in all.enumerate() {
            // Every statement under some settings in a slice; all under all in a long run.
            if (number + place) % step != 0 {
                continue;
            }
            let text = text.replace("{p}", condition);
            if let Err(fault) = twins.compare(&text, text.ends_with("order by 1, 2"), None) {
                let report = oracles::report(&twins.first, who, 0, &text);
                wrong.push(format!("{report}\n-- by {settings}\n-- {fault}"));
                twins.plan_by(settings);
            }
        }
    }
    println!("attacks, {who}: {:?}", twins.counts);
    assert!(
        wrong.is_empty(),
        "{} wrong:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn conditions_that_fail_tell_the_analyst_nothing() {
    attack("analyst", 17);
}

#[test]
fn conditions_that_fail_tell_the_masked_nothing() {
    attack("masked", 37);
}

#[test]
fn conditions_that_fail_tell_the_conditional_nothing() {
    attack("conditional", 37);
}
