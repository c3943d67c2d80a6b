//! Makes statements out of bytes: every tree that the reader can give, and none that it cannot.
//!
//! Bytes rather than a strategy for each type: a failure shrinks by dropping bytes, and this stays
//! as short as the types.

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
            from: self.many(0, Self::from_item),
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

    fn from_item(&mut self) -> FromItem {
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
            left: self.from_item(),
            right: self.from_item(),
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
            from: self.many(0, Self::from_item),
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
            using: self.many(0, Self::from_item),
            filter: self.maybe(Self::expression),
            returning: self.many(0, Self::target),
        };
        self.depth -= 1;
        delete
    }

    fn boxed(&mut self) -> Box<Expression> {
        Box::new(self.expression())
    }

    fn expression(&mut self) -> Expression {
        if self.depth > 5 {
            return self.leaf();
        }
        self.depth += 1;
        let expression = match self.pick(24) {
            0..4 => self.leaf(),
            4 => Expression::Cast(self.boxed(), self.type_name()),
            5 => Expression::Collate(self.boxed(), self.object_name()),
            6 | 7 => Expression::Call(Box::new(self.call())),
            8 | 9 => self.operation(),
            10 => self.operator_array(),
            11 => self.binary(),
            12 => self.list(),
            13 | 14 => self.boolean(),
            15 => Expression::IsNull(self.boxed(), self.yes()),
            16 => {
                let tests = [
                    TruthTest::True,
                    TruthTest::NotTrue,
                    TruthTest::False,
                    TruthTest::NotFalse,
                    TruthTest::Unknown,
                    TruthTest::NotUnknown,
                ];
                Expression::IsTruth(self.boxed(), self.of(&tests))
            }
            17 => Expression::Case {
                subject: self.maybe(Self::boxed),
                arms: self.many(1, |make| CaseArm {
                    condition: make.expression(),
                    result: make.expression(),
                }),
                otherwise: self.maybe(Self::boxed),
            },
            18 => Expression::Coalesce(self.many(1, Self::expression)),
            19 => {
                let which = self.of(&[MinMax::Greatest, MinMax::Least]);
                Expression::MinMax(which, self.many(1, Self::expression))
            }
            20 => self.sublink(),
            21 => {
                let is_explicit = self.yes();
                let least = if is_explicit { 0 } else { 2 };
                Expression::Row(self.many(least, Self::expression), is_explicit)
            }
            22 => Expression::Array(self.many(0, Self::expression)),
            _ => self.steps(),
        };
        self.depth -= 1;
        expression
    }

    fn leaf(&mut self) -> Expression {
        match self.pick(16) {
            0..6 => Expression::Column(ColumnPath {
                id: NodeId::default(),
                parts: (0..=self.pick(4)).map(|_| self.name()).collect(),
                star: false,
            }),
            6 => Expression::Column(ColumnPath {
                id: NodeId::default(),
                parts: vec![self.name()],
                star: true,
            }),
            7 => Expression::Parameter(u32::from(self.pick(9)) + 1),
            8 => Expression::Constant(Constant::Text(self.of(&TEXTS).to_owned())),
            9 => Expression::Constant(Constant::Integer(self.of(&[0, 1, -1, i32::MAX, -i32::MAX]))),
            10 => {
                let numbers = [
                    "2147483648",
                    "-2147483648",
                    "1.50",
                    "-.5",
                    "1e10",
                    "-1.5e-3",
                ];
                Expression::Constant(Constant::Number(self.of(&numbers).to_owned()))
            }
            11 => {
                let bits = ["b101", "b", "x1F", "xab"];
                Expression::Constant(Constant::Bits(self.of(&bits).to_owned()))
            }
            12 => Expression::Constant(Constant::Boolean(self.yes())),
            13 => Expression::Constant(Constant::Null),
            14 => Expression::Session(self.of(&[
                SessionValue::CurrentDate,
                SessionValue::CurrentTime(None),
                SessionValue::CurrentTimestamp(Some(0)),
                SessionValue::LocalTime(Some(6)),
                SessionValue::LocalTimestamp(None),
                SessionValue::CurrentRole,
                SessionValue::CurrentUser,
                SessionValue::User,
                SessionValue::SessionUser,
                SessionValue::CurrentCatalog,
                SessionValue::CurrentSchema,
            ])),
            _ => Expression::Grouping(vec![Expression::Parameter(1)]),
        }
    }

    /// The grammar takes `- 1` for a number, so a bare minus never stands before a constant.
    fn operation(&mut self) -> Expression {
        let right = self.boxed();
        if self.yes() {
            let is_constant = matches!(*right, Expression::Constant(_));
            let name = if is_constant { "~" } else { "-" };
            return Expression::Operator {
                name: ObjectName {
                    schema: None,
                    name: name.to_owned(),
                },
                left: None,
                right,
            };
        }
        Expression::Operator {
            name: self.operator(),
            left: Some(self.boxed()),
            right,
        }
    }

    /// `ANY ((SELECT ...))` is a subquery to the grammar, not an array.
    fn operator_array(&mut self) -> Expression {
        Expression::OperatorArray {
            name: self.operator(),
            quantifier: self.of(&[Quantifier::Any, Quantifier::All]),
            left: self.boxed(),
            right: Box::new(Expression::Array(self.many(0, Self::expression))),
        }
    }

    fn binary(&mut self) -> Expression {
        let left = self.boxed();
        if self.yes() {
            let arguments = (0..=self.pick(2)).map(|_| self.expression()).collect();
            let pattern = Call::builtin("similar_to_escape", arguments);
            return Expression::Binary(
                self.of(&[BinaryTest::Similar, BinaryTest::NotSimilar]),
                left,
                Box::new(Expression::Call(Box::new(pattern))),
            );
        }
        let tests = [
            BinaryTest::Distinct,
            BinaryTest::NotDistinct,
            BinaryTest::NullIf,
            BinaryTest::Like,
            BinaryTest::NotLike,
            BinaryTest::ILike,
            BinaryTest::NotILike,
        ];
        Expression::Binary(self.of(&tests), left, self.boxed())
    }

    fn list(&mut self) -> Expression {
        let value = self.boxed();
        if self.yes() {
            let ranges = [
                ListTest::Between,
                ListTest::NotBetween,
                ListTest::BetweenSymmetric,
                ListTest::NotBetweenSymmetric,
            ];
            let ends = vec![self.expression(), self.expression()];
            return Expression::List(self.of(&ranges), value, ends);
        }
        // `IN ((SELECT ...))` is a subquery to the grammar, not a list.
        let mut list = self.many(1, Self::expression);
        list.push(Expression::Parameter(1));
        Expression::List(self.of(&[ListTest::In, ListTest::NotIn]), value, list)
    }

    /// The grammar joins `(a AND b) AND c` into one, so the first operand is never of the same kind.
    fn boolean(&mut self) -> Expression {
        let connective = self.of(&[Boolean::And, Boolean::Or, Boolean::Not]);
        let operands = match connective {
            Boolean::Not => vec![self.expression()],
            Boolean::And | Boolean::Or => {
                let mut operands = self.many(2, Self::expression);
                if matches!(&operands[0], Expression::Boolean(first, _) if *first == connective) {
                    operands[0] = Expression::Constant(Constant::Null);
                }
                operands
            }
        };
        Expression::Boolean(connective, operands)
    }

    fn sublink(&mut self) -> Expression {
        if self.depth > 3 {
            return self.leaf();
        }
        let kind = match self.pick(5) {
            0 => SublinkKind::Exists,
            1 => SublinkKind::Scalar,
            2 => SublinkKind::Array,
            3 => SublinkKind::In(self.expression()),
            _ => SublinkKind::Compare {
                left: self.expression(),
                operator: self.operator(),
                quantifier: self.of(&[Quantifier::Any, Quantifier::All]),
            },
        };
        let query = self.query();
        Expression::Sublink(Box::new(Sublink { kind, query }))
    }

    fn steps(&mut self) -> Expression {
        let base = self.boxed();
        let mut steps = self.many(1, |make| match make.pick(4) {
            0 => Step::Index(make.expression()),
            1 => Step::Slice(make.maybe(Self::expression), make.maybe(Self::expression)),
            _ => Step::Field(make.name()),
        });
        if self.yes() {
            steps.push(Step::Star);
        }
        Expression::Steps(base, steps)
    }

    fn argument(&mut self) -> CallArgument {
        CallArgument {
            name: self.maybe(Self::name),
            value: self.expression(),
        }
    }

    fn call(&mut self) -> Call {
        let mut call = Call::builtin("f", Vec::new());
        call.name = self.object_name();
        match self.pick(5) {
            0 => call.star = true,
            1 => {
                call.arguments = self.many(1, Self::argument);
                call.variadic = true;
            }
            2 => {
                call.arguments = self.many(1, Self::argument);
                call.distinct = self.yes();
                call.order_by = self.many(0, Self::sort);
            }
            3 => {
                call.arguments = self.many(0, Self::argument);
                call.order_by = self.many(1, Self::sort);
                call.within_group = true;
            }
            _ => call.arguments = self.many(0, Self::argument),
        }
        call.filter = self.maybe(Self::expression);
        call.over = self.maybe(|make| {
            if make.yes() {
                Over::Named(make.name())
            } else {
                Over::Spec(Box::new(make.window()))
            }
        });
        call
    }

    fn window(&mut self) -> WindowSpec {
        WindowSpec {
            base: self.maybe(Self::name),
            partition_by: self.many(0, Self::expression),
            order_by: self.many(0, Self::sort),
            frame: self.maybe(Self::frame),
        }
    }

    /// Frames that the grammar allows: none ends before the kind of bound that it starts with.
    fn frame(&mut self) -> Frame {
        let ends: &[fn(&mut Self) -> FrameBound] = &[
            |make| FrameBound::Preceding(make.boxed()),
            |_| FrameBound::CurrentRow,
            |make| FrameBound::Following(make.boxed()),
            |_| FrameBound::UnboundedFollowing,
        ];
        let (start, from) = match self.pick(4) {
            0 => (FrameBound::UnboundedPreceding, 0),
            1 => (FrameBound::Preceding(self.boxed()), 0),
            2 => (FrameBound::CurrentRow, 1),
            _ => (FrameBound::Following(self.boxed()), 2),
        };
        let end = self.of(&ends[from..]);
        Frame {
            unit: self.of(&[FrameUnit::Range, FrameUnit::Rows, FrameUnit::Groups]),
            start,
            end: end(self),
            exclusion: self.of(&[
                FrameExclusion::NoOthers,
                FrameExclusion::CurrentRow,
                FrameExclusion::Group,
                FrameExclusion::Ties,
            ]),
        }
    }
}
