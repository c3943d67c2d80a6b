//! Answers that can be computed in another way.

use sql::{KeyKind, ParameterTypes};

use super::hidden;
use super::oracles;
use super::rows;
use super::world::{Keys, Outcome, World};

fn world(name: &str) -> World {
    let world = World::new(name, &rows::sql(&rows::base()));
    world.plan_by("");
    world
}

fn count(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Rows(_, rows) => rows.len(),
        other => panic!("{other:?}"),
    }
}

fn cells(outcome: &Outcome) -> Vec<Vec<String>> {
    match outcome {
        Outcome::Rows(_, rows) => rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| cell.clone().unwrap_or_default())
                    .collect()
            })
            .collect(),
        other => panic!("{other:?}"),
    }
}

/// What the conditional person sees of `subj`, by hand.
const BY_HAND: &str = "create view public.by_hand as select id, \
    case when country in ('CN', 'JP') then email when length(email) > 1 then left(email, 1) || '***' else '***' end as email, \
    case when country in ('CN', 'JP') then name end as name, country, null::text as ssn, \
    case when country in ('CN', 'JP', 'DE', 'FR', 'Germany') then salary \
         else coalesce(floor(salary / 1000.0)::int * 1000, 0) end as salary, \
    case when country in ('CN', 'JP') then born \
         else coalesce(date_trunc('year', born::timestamp)::date, '1970-01-01') end as born, \
    created, case when country in ('CN', 'JP') then note else 'masked' end as note from public.subj";

#[test]
fn masks_by_case_and_by_union_are_the_masks_by_hand() {
    let world = world("property_hand");
    assert!(matches!(world.direct(BY_HAND), Outcome::Rows(_, _)));
    let mut unions = 0;
    for condition in [
        "true",
        "name like '%tokname%'",
        "name is null",
        "name is not null",
        "email = 'dtokmail3@example.org'",
        "email like 'd%'",
        "salary = 20093",
        "salary > 300000",
        "salary is null",
        "salary in (0, 20093, 332000)",
        "note = 'masked'",
        "note <> 'masked'",
        "born >= '1970-01-01'",
        "born < '1960-01-01'",
        "not (salary > 400000)",
        "name = 'dtokname3' or name is null",
        "name >= 'a' and salary > 20000",
        "100000 / (salary - 1) >= 0",
        "lower(name) = 'dtokname3'",
        "id in (40003, 40001)",
        "country = 'CN' and name like 'd%'",
    ] {
        for targets in [
            "*",
            "country, note",
            "id, salary, born",
            "count(*), max(salary)",
        ] {
            let text = format!("select {targets} from subj where {condition}");
            let by_hand = format!("select {targets} from public.by_hand where {condition}");
            let guarded = world.guard("conditional", &text).unwrap();
            unions += guarded[0]
                .shapes()
                .iter()
                .filter(|shape| shape.form == sql::Form::Union)
                .count();
            let (found, expected) = (world.run("conditional", &text, &[]), world.direct(&by_hand));
            match expected {
                Outcome::Rows(_, _) => assert_eq!(found.multiset(), expected.multiset(), "{text}"),
                _ => assert!(matches!(found, Outcome::Failed(_, _)), "{text} {found:?}"),
            }
        }
    }
    assert!(unions > 10, "{unions}");
}

#[test]
fn residency_through_a_parent_changes_no_count() {
    let world = world("property_parent");
    for (who, table) in [
        ("full", "ord"),
        ("masked", "ord"),
        ("conditional", "ord"),
        ("masked", "msg"),
        ("masked", "post"),
        ("full", "msg"),
    ] {
        let all = count(&world.direct(&format!("select * from public.{table}")));
        assert_eq!(
            count(&world.run(who, &format!("select * from {table}"), &[])),
            all
        );
        let counted = cells(&world.run(who, &format!("select count(*) from {table}"), &[]));
        assert_eq!(counted[0][0], all.to_string(), "{who} {table}");
    }
    for table in ["ord", "msg", "post", "subj", "plog"] {
        let seen = rows::base()
            .iter()
            .filter(|row| row.table == table && hidden::sees_row(world.view("analyst", table), row))
            .count();
        assert_eq!(
            count(&world.run("analyst", &format!("select * from {table}"), &[])),
            seen,
            "{table}"
        );
    }
}

#[test]
fn pseudonyms_join_as_their_keys_do() {
    let world = world("property_keys");
    for text in [
        "select count(*) from {s}ord o join {s}subj s on s.id = o.subj_id",
        "select count(*) from {s}ord o left join {s}subj s on s.id = o.subj_id",
        "select count(*) from {s}ord o full join {s}subj s on s.id = o.subj_id",
        "select count(*) from {s}subj s where s.id in (select subj_id from {s}ord)",
        "select count(*) from {s}subj s where s.id not in (select from_id from {s}msg)",
        "select count(*) from {s}subj s where exists (select 1 from {s}ord o where o.subj_id = s.id)",
        "select count(*) from {s}msg m join {s}post p on p.owner_id = m.to_id",
        "select count(*) from {s}msg m join {s}msg n on n.from_id = m.to_id and n.id <> m.id",
        "select count(*) from {s}msg m where m.from_id is distinct from m.to_id",
        "select count(*) from {s}ord o, {s}msg m where o.subj_id in (m.from_id, m.to_id)",
        "select count(distinct subj_id) from {s}ord",
        "select max(n) from (select count(*) as n from {s}ord group by subj_id) x",
        "select count(*) from (select subj_id from {s}ord except select from_id from {s}msg) x",
        "select count(*) from (select id from {s}subj union select subj_id from {s}ord) x",
        "select count(*) from {s}ord o join (select id as subj_id from {s}subj) s using (subj_id)",
        "with c as materialized (select id from {s}subj) select count(*) from c join {s}ord o on o.subj_id = c.id",
        "select count(*) from {s}subj s, lateral (select 1 from {s}ord o where o.subj_id = s.id limit 1) l",
    ] {
        let own = world.direct(&text.replace("{s}", "public."));
        let found = world.run("masked", &text.replace("{s}", ""), &[]);
        assert_eq!(cells(&found), cells(&own), "{text}");
    }
}

#[test]
fn a_pseudonym_seen_before_finds_its_row() {
    let world = world("property_seen");
    for (table, key, oid) in [
        ("subj", "id", 23),
        ("ord", "oid", 23),
        ("msg", "id", 20),
        ("post", "id", 2950),
    ] {
        let raw = cells(&world.direct(&format!("select {key} from public.{table} order by {key}")));
        let mut expected: Vec<String> = Vec::new();
        let domain = match table {
            "subj" => "person",
            "ord" => "order",
            "msg" => "message",
            _ => "post",
        };
        let kind = match oid {
            23 => KeyKind::Int4,
            20 => KeyKind::Int8,
            _ => KeyKind::Uuid,
        };
        let secret = enforce::Secrets::key(&Keys, &model::DomainId::new(domain).unwrap()).unwrap();
        for row in &raw {
            expected.push(secret.pseudonym(&row[0], kind).unwrap());
        }
        let mut found: Vec<String> =
            cells(&world.run("masked", &format!("select {key} from {table}"), &[]))
                .into_iter()
                .map(|row| row[0].clone())
                .collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{table}");
        for one in &found {
            let quoted = format!("'{one}'");
            let other = &found[0];
            for condition in [
                format!("{key} = {quoted}"),
                format!("{quoted} = {key}"),
                format!("{key} in ({quoted})"),
                format!("{key} = any (array[{quoted}]::{}[])", name(kind)),
                format!("{key} = {quoted}::{}", name(kind)),
                format!("{key} between {quoted} and {quoted}"),
                format!("{key} in ({quoted}, {quoted}) and {key} is not distinct from {quoted}"),
                format!("not ({key} <> {quoted})"),
            ] {
                let text = format!("select {key} from {table} where {condition}");
                let rows = cells(&world.run("masked", &text, &[]));
                assert_eq!(rows, vec![vec![one.clone()]], "{text}");
            }
            let text = format!("select {key} from {table} where {key} in ('{one}', '{other}')");
            let expected = if one == other { 1 } else { 2 };
            assert_eq!(count(&world.run("masked", &text, &[])), expected, "{text}");
            // As a parameter.
            let text = format!("select {key} from {table} where {key} = $1");
            let guarded = world
                .guard_typed("masked", &text, &ParameterTypes::default())
                .unwrap();
            let rows = cells(&world.send(&guarded[0], &[Some(one.clone())]));
            assert_eq!(rows, vec![vec![one.clone()]], "{text}");
        }
    }
}

const fn name(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Int4 => "int4",
        KeyKind::Int8 => "int8",
        _ => "uuid",
    }
}

#[test]
fn a_guarded_answer_is_one_of_the_masks() {
    let base = rows::base();
    let world = world("property_canary");
    for who in ["analyst", "masked", "conditional"] {
        let canaries = oracles::canaries(&world, who, &base);
        for text in [
            "select * from subj",
            "select * from ord",
            "select * from plog",
            "select * from subj_view",
        ] {
            let answer = oracles::bytes(&world.run(who, text, &[]));
            assert_eq!(canaries.found(&answer, text), None, "{who} {text}");
        }
    }
}
