//! What introspection finds.

use pgschema::{ColumnNumber, Oid, RelationKind, Schema, TypeKind, builtin};
use scratch::Server;

use crate::{schema_of, snapshot};

fn numbers(list: &[i16]) -> Vec<ColumnNumber> {
    list.iter().copied().map(ColumnNumber).collect()
}

fn kind(schema: &Schema, name: &str) -> RelationKind {
    schema
        .relation_named("public", name)
        .unwrap_or_else(|| panic!("no {name}"))
        .kind
}

#[test]
fn relations_of_every_kind_are_found_with_their_columns() {
    let server = Server::start().unwrap();
    let schema = schema_of(
        &server,
        "app",
        r#"create table t (
               id bigint generated always as identity primary key,
               gone text, code varchar(20) collate "C", price numeric(10, 2) not null,
               moment timestamp(3) with time zone, span interval day to second (2),
               list numeric(4, 1)[], doubled bigint generated always as (id * 2) stored,
               fixed int generated always as (1) stored);
           alter table t drop column gone;
           create view v as select id, price::numeric(5, 1) as price from t where moment > '2024-02-01';
           create materialized view m as select id from t;
           create type pair as (one int, two text);
           create sequence s;
           alter table t enable row level security;
           create index i on t (code);
           create temp table hidden ();"#,
    );
    assert_eq!(kind(&schema, "v"), RelationKind::View);
    assert_eq!(kind(&schema, "m"), RelationKind::MaterializedView);
    assert_eq!(kind(&schema, "pair"), RelationKind::CompositeType);
    assert_eq!(kind(&schema, "s"), RelationKind::Sequence);
    assert_eq!(kind(&schema, "i"), RelationKind::Other);
    let table = schema.relation_named("public", "t").unwrap();
    assert_eq!(table.kind, RelationKind::Table);
    assert!(table.row_security);
    assert_eq!(table.unique, [numbers(&[1])]);
    let shown: Vec<_> = table
        .columns
        .iter()
        .map(|column| {
            (
                column.number.0,
                column.name.as_str(),
                column.modifier.as_str(),
                column.not_null,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (1, "id", "", true),
            (3, "code", "20", false),
            (4, "price", "10,2", true),
            (5, "moment", "3", false),
            (6, "span", "2", false),
            (7, "list", "4,1", false),
            (8, "doubled", "", false),
            (9, "fixed", "", false),
        ]
    );
    let column = |name: &str| table.column_named(name).unwrap();
    let collation = column("code").collation.as_ref().unwrap();
    assert_eq!(
        (collation.schema.as_str(), collation.name.as_str()),
        ("pg_catalog", "C")
    );
    assert_eq!(column("id").collation, None);
    assert_eq!(column("id").generated_from, None);
    assert_eq!(column("doubled").generated_from, Some(numbers(&[1])));
    assert_eq!(column("fixed").generated_from, Some(Vec::new()));
    let view = schema.relation_named("public", "v").unwrap();
    let definition = view.definition.as_ref().unwrap();
    assert!(definition.contains("FROM public.t"), "{definition}");
    assert!(
        definition.contains("'2024-02-01 00:00:00+00'"),
        "{definition}"
    );
    assert_eq!(view.column_named("price").unwrap().modifier, "5,1");
    assert!(
        schema
            .relation_named("public", "m")
            .unwrap()
            .definition
            .is_some()
    );
    assert_eq!(table.definition, None);
    assert!(
        schema
            .snapshot()
            .relations
            .iter()
            .all(|relation| relation.name != "hidden")
    );
}

#[test]
fn partitions_and_children_know_their_parents() {
    let server = Server::start().unwrap();
    let schema = schema_of(
        &server,
        "app",
        "create table p (id int primary key, at date) partition by range (id);
         create table p1 partition of p for values from (0) to (10) partition by range (id);
         create table p11 partition of p1 for values from (0) to (5);
         create table a (id int primary key); create table b (x int unique);
         create table c (y int unique) inherits (a, b);",
    );
    let oid = |name: &str| schema.relation_named("public", name).unwrap().oid;
    assert_eq!(kind(&schema, "p"), RelationKind::PartitionedTable);
    assert_eq!(kind(&schema, "p1"), RelationKind::PartitionedTable);
    assert_eq!(schema.ancestors(oid("p11")), [oid("p1"), oid("p")]);
    assert_eq!(schema.ancestors(oid("c")), [oid("a"), oid("b")]);
    assert!(
        schema.is_unique(oid("p"), &numbers(&[1])),
        "an index of all partitions"
    );
    assert!(
        !schema.is_unique(oid("a"), &numbers(&[1])),
        "c may have the same id"
    );
    assert!(schema.is_unique(oid("c"), &numbers(&[3])));
}

#[test]
fn only_indexes_that_keep_rows_apart_count_as_unique() {
    let server = Server::start().unwrap();
    let schema = schema_of(
        &server,
        "app",
        r#"create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
           create table t (a int, b int, c text, d int, e int, f text collate ci, g int, h text, i int);
           create unique index on t (a, b) include (c);
           create unique index on t (lower(c));
           create unique index on t (c) where d > 0;
           alter table t add unique (e) deferrable;
           create unique index on t (f collate "C");
           create index on t (g);
           create unique index on t (h text_pattern_ops);
           create unique index on t (i) nulls not distinct;"#,
    );
    let table = schema.relation_named("public", "t").unwrap();
    assert_eq!(table.unique, [numbers(&[1, 2]), numbers(&[9])]);
}

#[test]
fn types_that_people_made_and_types_in_use_are_found() {
    let server = Server::start().unwrap();
    let schema = schema_of(
        &server,
        "app",
        "create type mood as enum ('sad', 'glad');
         create domain plain as text;
         create domain checked as int check (value > 0);
         create domain strict as checked not null;
         create type span as range (subtype = date);
         create table t (m mood, ms mood[], p plain, s strict, i int4, at timestamptz, r span);",
    );
    let find = |name: &str| {
        schema
            .type_named("public", name)
            .unwrap_or_else(|| panic!("no {name}"))
    };
    assert_eq!(find("mood").kind, TypeKind::Enum);
    assert_eq!(find("_mood").kind, TypeKind::Array);
    assert_eq!(find("_mood").of, Some(find("mood").oid));
    assert_eq!(find("plain").of, Some(Oid(25)));
    assert!(!find("plain").checked && !find("plain").not_null);
    assert!(find("checked").checked && !find("checked").not_null);
    assert!(find("strict").checked && find("strict").not_null);
    assert_eq!(find("strict").of, Some(find("checked").oid));
    assert_eq!(find("span").kind, TypeKind::Range);
    assert_eq!(find("t").kind, TypeKind::Composite);
    assert_eq!(
        schema.type_named("pg_catalog", "int4").unwrap().oid,
        Oid(23)
    );
    for relation in &schema.snapshot().relations {
        for column in &relation.columns {
            let known = schema.type_by_oid(column.type_oid).is_some();
            assert!(known, "{}.{}", relation.name, column.name);
        }
    }
    for item in &schema.snapshot().types {
        if let Some(of) = item.of {
            let known = schema.type_by_oid(of).is_some() || builtin::type_by_oid(of).is_some();
            assert!(known, "{}", item.name);
        }
    }
}

#[test]
fn what_an_extension_brought_says_so() {
    let server = Server::start().unwrap();
    let schema = schema_of(
        &server,
        "app",
        r#"create schema ext; create extension citext schema ext; create extension hstore;
           create extension pg_trgm schema ext; create extension "uuid-ossp";
           create function own(int) returns setof int language sql as 'select 1';
           create table t (name ext.citext, h hstore);"#,
    );
    let snapshot = schema.snapshot();
    let extension = |name: &str| {
        snapshot
            .extensions
            .iter()
            .find(|one| one.name == name)
            .unwrap()
    };
    assert_eq!(extension("citext").schema, "ext");
    assert_eq!(extension("hstore").schema, "public");
    let citext = schema.type_named("ext", "citext").unwrap();
    assert_eq!(citext.extension.as_deref(), Some("citext"));
    let array = schema.type_named("ext", "_citext").unwrap();
    assert_eq!(array.extension.as_deref(), Some("citext"));
    let equal = schema
        .operators_named("ext", "=")
        .find(|one| one.left == Some(citext.oid) && one.right == citext.oid)
        .unwrap();
    assert_eq!(equal.extension.as_deref(), Some("citext"));
    assert!(
        snapshot
            .functions
            .iter()
            .any(|one| one.oid == equal.function)
    );
    let own: Vec<_> = schema.functions_named("public", "own").collect();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].extension, None);
    assert!(own[0].returns_set);
    assert!(schema.has_function_called("similarity"));
}

#[test]
fn names_are_kept_as_they_are() {
    let server = Server::start().unwrap();
    let long = "ü".repeat(31) + "x";
    let script = format!(
        r#"create schema "My ""Schema"""; create schema "pgx"; create schema pg2;
           create table "My ""Schema"""."Table.One" ("Col umn" int, "back\slash" int, "it's" int);
           create table pgx."{long}" ("日本" int); create table pg2.t ();
           create view pgx.v as select "日本" as "A" from pgx."{long}";"#
    );
    let schema = schema_of(&server, "we\"ird", &script);
    assert_eq!(schema.snapshot().database, "we\"ird");
    let table = schema.relation_named("My \"Schema\"", "Table.One").unwrap();
    let names: Vec<_> = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["Col umn", "back\\slash", "it's"]);
    assert_eq!(long.len(), 63);
    assert!(
        schema
            .relation_named("pgx", &long)
            .unwrap()
            .column_named("日本")
            .is_some()
    );
    assert!(
        schema
            .relation_named("pg2", "t")
            .unwrap()
            .columns
            .is_empty()
    );
    let view = schema
        .relation_named("pgx", "v")
        .unwrap()
        .definition
        .clone()
        .unwrap();
    assert!(view.contains(&format!("pgx.\"{long}\"")), "{view}");
}

#[test]
fn objects_in_the_path_do_not_bend_what_is_read() {
    let server = Server::start().unwrap();
    let schema = schema_of(
        &server,
        "app",
        "create schema evil;
         create function evil.yes(oid, oid) returns bool language sql as 'select true';
         create operator evil.= (leftarg = oid, rightarg = oid, function = evil.yes);
         create function evil.json_agg(anyelement) returns int language sql as 'select 1';
         create table t (id int); create view v as select id from t where id = 1;
         alter database app set search_path = evil, pg_catalog, public;",
    );
    let view = schema.relation_named("public", "v").unwrap();
    assert_eq!(
        view.definition
            .as_deref()
            .map(|text| text.contains("public.t")),
        Some(true)
    );
    assert_eq!(
        schema.relation_named("public", "t").unwrap().columns.len(),
        1
    );
}

#[test]
fn the_same_schema_reads_the_same() {
    let server = Server::start().unwrap();
    server
        .run(
            "postgres",
            "create extension hstore; create table t (a int unique, b hstore);",
        )
        .unwrap();
    assert_eq!(snapshot(&server, "postgres"), snapshot(&server, "postgres"));
}
