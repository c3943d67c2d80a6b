//! Snapshots are checked when they are taken in, and found by number and by name.

use pgschema::{
    Column, ColumnNumber, Function, Oid, Relation, RelationKind, Schema, SchemaError, Snapshot,
    Volatility,
};

fn column(number: i16, name: &str) -> Column {
    Column {
        number: ColumnNumber(number),
        name: name.to_owned(),
        type_oid: Oid(23),
        typmod: -1,
        modifier: String::new(),
        collation: None,
        not_null: false,
        generated_from: None,
    }
}

fn table(oid: u32, name: &str, parents: &[u32]) -> Relation {
    Relation {
        oid: Oid(oid),
        schema: "public".to_owned(),
        name: name.to_owned(),
        kind: RelationKind::Table,
        columns: vec![column(1, "id"), column(3, "name")],
        definition: None,
        parents: parents.iter().copied().map(Oid).collect(),
        unique: Vec::new(),
        row_security: false,
    }
}

fn snapshot(relations: Vec<Relation>) -> Snapshot {
    Snapshot {
        format: Snapshot::FORMAT,
        server_version: 150_018,
        server_encoding: "UTF8".to_owned(),
        database: "app".to_owned(),
        relations,
        types: Vec::new(),
        functions: Vec::new(),
        operators: Vec::new(),
        extensions: Vec::new(),
    }
}

fn refusal(relations: Vec<Relation>) -> String {
    Schema::new(snapshot(relations)).unwrap_err().to_string()
}

#[test]
fn relations_and_columns_are_found_by_number_and_name() {
    let schema = Schema::new(snapshot(vec![table(7, "a", &[]), table(8, "A", &[])])).unwrap();
    assert_eq!(schema.relation(Oid(8)).unwrap().name, "A");
    assert_eq!(schema.relation_named("public", "a").unwrap().oid, Oid(7));
    assert!(schema.relation_named("Public", "a").is_none());
    let relation = schema.relation(Oid(7)).unwrap();
    assert_eq!(relation.column(ColumnNumber(3)).unwrap().name, "name");
    assert!(relation.column(ColumnNumber(2)).is_none());
    assert_eq!(relation.column_named("id").unwrap().number, ColumnNumber(1));
}

#[test]
fn functions_are_found_by_name_in_their_schema() {
    let function = |oid, schema: &str| Function {
        oid: Oid(oid),
        schema: schema.to_owned(),
        name: "upper".to_owned(),
        arguments: vec![Oid(25)],
        returns: Oid(25),
        returns_set: false,
        kind: 'f',
        volatility: Volatility::Stable,
        leakproof: false,
        extension: None,
    };
    let mut snapshot = snapshot(Vec::new());
    snapshot.functions = vec![
        function(1, "public"),
        function(2, "app"),
        function(3, "app"),
    ];
    let schema = Schema::new(snapshot).unwrap();
    let found: Vec<Oid> = schema
        .functions_named("app", "upper")
        .map(|one| one.oid)
        .collect();
    assert_eq!(found, [Oid(2), Oid(3)]);
    assert!(schema.has_function_called("upper"));
    assert!(!schema.has_function_called("lower"));
    assert_eq!(schema.operators_named("app", "=").count(), 0);
}

#[test]
fn ancestors_are_followed_through_every_generation_once() {
    let tree = vec![
        table(1, "a", &[]),
        table(2, "b", &[1]),
        table(3, "c", &[1]),
        table(4, "d", &[2, 3]),
    ];
    let schema = Schema::new(snapshot(tree)).unwrap();
    assert_eq!(schema.ancestors(Oid(4)), [Oid(2), Oid(3), Oid(1)]);
    assert_eq!(schema.ancestors(Oid(1)), []);
    assert_eq!(schema.ancestors(Oid(99)), []);
}

#[test]
fn a_part_of_the_columns_may_make_them_unique() {
    let mut relation = table(1, "a", &[]);
    relation.unique = vec![vec![ColumnNumber(1), ColumnNumber(3)]];
    let schema = Schema::new(snapshot(vec![relation])).unwrap();
    let unique = |numbers: &[i16]| {
        let numbers: Vec<_> = numbers.iter().copied().map(ColumnNumber).collect();
        schema.is_unique(Oid(1), &numbers)
    };
    assert!(unique(&[3, 1]));
    assert!(unique(&[1, 2, 3]));
    assert!(!unique(&[1]));
    assert!(!unique(&[]));
}

#[test]
fn a_snapshot_that_contradicts_itself_is_refused() {
    let mut other = snapshot(Vec::new());
    other.format = 9;
    assert_eq!(
        Schema::new(other).unwrap_err(),
        SchemaError::Format { found: 9 }
    );
    let mut twice = table(1, "a", &[]);
    twice.columns.push(column(4, "name"));
    let mut index = table(1, "a", &[]);
    index.unique = vec![vec![ColumnNumber(2)]];
    let said = [
        refusal(vec![table(1, "a", &[]), table(1, "b", &[])]),
        refusal(vec![table(1, "a", &[]), table(2, "a", &[])]),
        refusal(vec![twice]),
        refusal(vec![index]),
        refusal(vec![table(1, "a", &[2])]),
        refusal(vec![table(1, "a", &[2]), table(2, "b", &[1])]),
    ];
    assert_eq!(
        said,
        [
            "two relations have the number 1: take the snapshot again",
            "two relations are called `public`.`a`: take the snapshot again",
            "`public`.`a` has two columns `name`: take the snapshot again",
            "`public`.`a` has no column number 2: take the snapshot again",
            "`public`.`a` inherits from relation 2, which is missing: take the snapshot again",
            "`public`.`a` inherits from itself: take the snapshot again",
        ]
    );
}

#[test]
fn a_server_that_nobody_reviewed_is_refused() {
    for (version, is_reviewed) in [
        (140_020, false),
        (150_000, true),
        (180_004, true),
        (190_000, false),
    ] {
        let snapshot = Snapshot {
            server_version: version,
            ..snapshot(Vec::new())
        };
        assert_eq!(Schema::new(snapshot).is_ok(), is_reviewed, "{version}");
    }
    let snapshot = Snapshot {
        server_version: 190_000,
        ..snapshot(Vec::new())
    };
    assert_eq!(
        Schema::new(snapshot).unwrap_err(),
        SchemaError::NotReviewed { major: 19 }
    );
}
