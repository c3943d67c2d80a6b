//! Makes statements out of bytes: every tree that the reader can give, and none that it cannot.
//!
//! Bytes rather than a strategy for each type: a failure shrinks by dropping bytes, and this stays
//! as short as the types.

mod expression;

use sql::tree::*;

/// Names that go wrong first: words of the grammar, quotes, spaces, capitals, other letters.
const NAMES: [&str; 10] = [
    "a",
    "t",
    "select",
    "x\"y",
    "Größe",
    "A b",
    "pg_catalog",
    "'",
    "a.b",
    "--",
];
const OPERATORS: [&str; 8] = ["+", "=", "<>", "~~", "->>", "@>", "?", "||"];
const TEXTS: [&str; 7] = ["", "a", "it's", "a\\b", "\n", "/*", "$1 \"ü\""];

pub struct Make {
    bytes: std::vec::IntoIter<u8>,
    depth: usize,
}

impl Make {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes: bytes.into_iter(),
            depth: 0,
        }
    }

    fn pick(&mut self, among: u8) -> u8 {
        self.bytes.next().unwrap_or(0) % among
    }

    fn yes(&mut self) -> bool {
        self.pick(4) == 3
    }

    fn of<T: Clone>(&mut self, among: &[T]) -> T {
        let at = self.pick(u8::try_from(among.len()).unwrap());
        among[usize::from(at)].clone()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.yes().then(|| make(self))
    }

    fn many<T>(&mut self, least: u8, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let more = self.pick(8).saturating_sub(5);
        (0..least + more).map(|_| make(self)).collect()
    }

    fn name(&mut self) -> String {
        self.of(&NAMES).to_owned()
    }

    fn names(&mut self, least: u8) -> Vec<String> {
        self.many(least, Self::name)
    }

    fn object_name(&mut self) -> ObjectName {
        ObjectName {
            schema: self.maybe(Self::name),
            name: self.name(),
        }
    }

    fn operator(&mut self) -> ObjectName {
        ObjectName {
            schema: self.maybe(Self::name),
            name: self.of(&OPERATORS).to_owned(),
        }
    }

    fn relation_name(&mut self) -> RelationName {
        let schema = self.maybe(Self::name);
        RelationName {
            database: schema.is_some().then(|| self.maybe(Self::name)).flatten(),
            schema,
            name: self.name(),
        }
    }

    fn type_name(&mut self) -> TypeName {
        TypeName {
            name: self.object_name(),
            modifiers: self.many(0, |make| make.of(&[1, 32767, -2])),
            dimensions: self.many(0, |make| make.of(&[-1, 0, 3])),
        }
    }

    fn column_definitions(&mut self) -> Vec<ColumnDefinition> {
        self.many(1, |make| ColumnDefinition {
            name: make.name(),
            type_name: make.type_name(),
        })
    }

    pub fn statement(&mut self) -> Statement {
        match self.pick(12) {
            0..6 => Statement::Query(Box::new(self.query())),
            6 => Statement::Insert(Box::new(self.insert())),
            7 => Statement::Update(Box::new(self.update())),
            8 => Statement::Delete(Box::new(self.delete())),
            9 => Statement::Prepare(Box::new(Prepare {
                name: self.name(),
                types: self.many(0, Self::type_name),
                statement: Statement::Query(Box::new(self.query())),
            })),
            10 => Statement::Declare(Box::new(Declare {
                name: self.name(),
                binary: self.yes(),
                scroll: self.maybe(Self::yes),
                insensitive: self.maybe(Self::yes),
                hold: self.yes(),
                query: self.query(),
            })),
            _ => Statement::CopyOut(Box::new(CopyOut {
                query: self.query(),
                options: self.options(),
            })),
        }
    }

    fn options(&mut self) -> Vec<StatementOption> {
        self.many(0, |make| StatementOption {
            name: make.of(&["format", "select", "x y"]).to_owned(),
            value: match make.pick(5) {
                0 => OptionValue::None,
                1 => OptionValue::Text(make.of(&TEXTS).to_owned()),
                2 => OptionValue::Integer(make.of(&[0, -5])),
                3 => OptionValue::Star,
                _ => OptionValue::List(make.names(1)),
            },
        })
    }

    fn with(&mut self) -> Option<With> {
        if self.depth > 2 || !self.yes() {
            return None;
        }
        self.depth += 1;
        let with = With {
            recursive: self.yes(),
            tables: self.many(1, |make| CommonTable {
                id: NodeId::default(),
                name: make.name(),
                columns: make.names(0),
                materialized: make.of(&[
                    Materialized::Default,
                    Materialized::Always,
                    Materialized::Never,
                ]),
                statement: match make.pick(6) {
                    0 => Statement::Insert(Box::new(make.insert())),
                    1 => Statement::Update(Box::new(make.update())),
                    2 => Statement::Delete(Box::new(make.delete())),
                    _ => Statement::Query(Box::new(make.query())),
                },
            }),
        };
        self.depth -= 1;
        Some(with)
    }

    fn query(&mut self) -> Query {
        self.depth += 1;
        let with = self.with();
        let body = match self.pick(8) {
            0 if self.depth < 4 => Body::SetOperation {
                operation: self.of(&[SetOp::Union, SetOp::Intersect, SetOp::Except]),
                all: self.yes(),
                left: Box::new(self.query()),
                right: Box::new(self.query()),
            },
            1 => {
                let width = self.pick(3) + 1;
                Body::Values(self.many(1, |make| {
                    (0..width).map(|_| make.value_or_default()).collect()
                }))
            }
            _ => Body::Select(Box::new(self.select())),
        };
        let order_by = self.many(0, Self::sort);
        let limit = self.maybe(|make| Limit {
            with_ties: !order_by.is_empty() && make.yes(),
            count: make.expression(),
        });
        let query = Query {
            with,
            body,
            limit: limit.filter(|limit| {
                limit.with_ties || limit.count != Expression::Constant(Constant::Null)
            }),
            order_by,
            offset: self.maybe(Self::expression),
            locks_rows: false,
        };
        self.depth -= 1;
        query
    }

    fn select(&mut self) -> Select {
        let distinct = match self.pick(8) {
            0 => Distinct::Rows,
            1 => Distinct::On(self.many(1, Self::expression)),
            _ => Distinct::No,
        };
        let group_by = self.many(0, Self::grouping_item);
        Select {
            targets: self.many(u8::from(distinct != Distinct::No), Self::target),
            distinct,
            from: self.many(0, Self::item),
            filter: self.maybe(Self::expression),
            group_distinct: !group_by.is_empty() && self.yes(),
            group_by,
            having: self.maybe(Self::expression),
            windows: self.many(0, |make| (make.name(), make.window())),
        }
    }

    fn target(&mut self) -> Target {
        if self.yes() {
            return Target {
                value: Expression::Column(ColumnPath {
                    id: NodeId::default(),
                    parts: Vec::new(),
                    star: true,
                }),
                name: None,
            };
        }
        Target {
            value: self.expression(),
            name: self.maybe(Self::name),
        }
    }

    fn grouping_item(&mut self) -> GroupingItem {
        let expressions =
            |make: &mut Self| make.many(1, |make| GroupingItem::Expression(make.expression()));
        match self.pick(8) {
            0 => GroupingItem::Empty,
            1 => GroupingItem::Rollup(expressions(self)),
            2 => GroupingItem::Cube(expressions(self)),
            3 if self.depth < 4 => {
                self.depth += 1;
                let items = self.many(1, Self::grouping_item);
                self.depth -= 1;
                GroupingItem::Sets(items)
            }
            _ => GroupingItem::Expression(self.expression()),
        }
    }

    fn sort(&mut self) -> Sort {
        Sort {
            value: self.expression(),
            direction: self.of(&[
                SortDirection::Default,
                SortDirection::Ascending,
                SortDirection::Descending,
            ]),
            nulls: self.of(&[NullsOrder::Default, NullsOrder::First, NullsOrder::Last]),
        }
    }

    fn alias(&mut self) -> Alias {
        Alias {
            name: self.name(),
            columns: self.names(0),
        }
    }

    fn item(&mut self) -> FromItem {
        self.depth += 1;
        let item = match self.pick(8) {
            0 if self.depth < 4 => FromItem::Subquery(Box::new(SubqueryItem {
                id: NodeId::default(),
                lateral: self.yes(),
                query: self.query(),
                alias: self.maybe(Self::alias),
            })),
            1 => FromItem::Function(Box::new(self.function_item())),
            2 | 3 if self.depth < 4 => FromItem::Join(Box::new(self.join())),
            _ => FromItem::Relation(RelationItem {
                id: NodeId::default(),
                name: self.relation_name(),
                only: self.yes(),
                alias: self.maybe(Self::alias),
            }),
        };
        self.depth -= 1;
        item
    }

    fn function_item(&mut self) -> FunctionItem {
        let rows_from = self.yes();
        let functions = if rows_from {
            self.many(1, |make| {
                let columns = make.maybe(Self::column_definitions).unwrap_or_default();
                (make.plain_call(), columns)
            })
        } else {
            vec![(self.plain_call(), Vec::new())]
        };
        let mut alias = self.maybe(Self::alias);
        let columns = self.maybe(Self::column_definitions).unwrap_or_default();
        if let Some(alias) = alias.as_mut().filter(|_| !columns.is_empty()) {
            alias.columns.clear();
        }
        FunctionItem {
            id: NodeId::default(),
            lateral: self.yes(),
            ordinality: self.yes(),
            rows_from,
            functions,
            alias,
            columns,
        }
    }

    fn plain_call(&mut self) -> Expression {
        match self.pick(4) {
            0 => Expression::Session(SessionValue::CurrentTime(Some(3))),
            1 => Expression::Coalesce(self.many(1, Self::expression)),
            2 => Expression::Cast(Box::new(self.expression()), self.type_name()),
            _ => {
                let mut call = Call::builtin("f", Vec::new());
                call.name = self.object_name();
                call.arguments = self.many(0, Self::argument);
                Expression::Call(Box::new(call))
            }
        }
    }

    fn join(&mut self) -> Join {
        let kinds = [
            JoinKind::Inner,
            JoinKind::Left,
            JoinKind::Right,
            JoinKind::Full,
        ];
        let kind = self.of(&kinds);
        let on = match self.pick(4) {
            0 if kind == JoinKind::Inner => JoinOn::Nothing,
            1 => JoinOn::Natural,
            2 => JoinOn::Using(self.names(1), self.maybe(Self::name)),
            _ => JoinOn::Condition(self.expression()),
        };
        Join {
            id: NodeId::default(),
            kind,
            on,
            left: self.item(),
            right: self.item(),
            alias: self.maybe(Self::alias),
        }
    }

    fn insert(&mut self) -> Insert {
        self.depth += 1;
        let insert = Insert {
            id: NodeId::default(),
            with: self.with(),
            relation: self.relation_name(),
            alias: self.maybe(Self::name),
            columns: self.names(0),
            source: match self.pick(4) {
                0 => InsertSource::Defaults,
                _ => InsertSource::Query(self.query()),
            },
            on_conflict: self.maybe(|make| OnConflict {
                target: match make.pick(3) {
                    0 => ConflictTarget::Columns(make.names(1)),
                    _ => ConflictTarget::Constraint(make.name()),
                },
                action: match make.pick(2) {
                    0 => ConflictAction::Nothing,
                    _ => ConflictAction::Update(make.assignments(), make.maybe(Self::expression)),
                },
            }),
            returning: self.many(0, Self::target),
        };
        self.depth -= 1;
        // A column list needs something to take it.
        match insert.source {
            InsertSource::Defaults => Insert {
                columns: Vec::new(),
                ..insert
            },
            InsertSource::Query(_) => insert,
        }
    }

    fn assignments(&mut self) -> Vec<Assignment> {
        self.many(1, |make| Assignment {
            column: make.name(),
            value: make.value_or_default(),
        })
    }

    fn value_or_default(&mut self) -> Expression {
        if self.yes() {
            Expression::Default
        } else {
            self.expression()
        }
    }

    fn update(&mut self) -> Update {
        self.depth += 1;
        let update = Update {
            id: NodeId::default(),
            with: self.with(),
            relation: self.relation_name(),
            only: self.yes(),
            alias: self.maybe(Self::name),
            assignments: self.assignments(),
            from: self.many(0, Self::item),
            filter: self.maybe(Self::expression),
            returning: self.many(0, Self::target),
        };
        self.depth -= 1;
        update
    }

    fn delete(&mut self) -> Delete {
        self.depth += 1;
        let delete = Delete {
            id: NodeId::default(),
            with: self.with(),
            relation: self.relation_name(),
            only: self.yes(),
            alias: self.maybe(Self::name),
            using: self.many(0, Self::item),
            filter: self.maybe(Self::expression),
            returning: self.many(0, Self::target),
        };
        self.depth -= 1;
        delete
    }
}
