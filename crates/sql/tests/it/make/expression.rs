//! Expressions, calls, windows.

use sql::tree::*;

use super::{Make, TEXTS};

impl Make {
    pub(super) fn boxed(&mut self) -> Box<Expression> {
        Box::new(self.expression())
    }

    pub(super) fn expression(&mut self) -> Expression {
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

    pub(super) fn leaf(&mut self) -> Expression {
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
    pub(super) fn operation(&mut self) -> Expression {
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
    pub(super) fn operator_array(&mut self) -> Expression {
        Expression::OperatorArray {
            name: self.operator(),
            quantifier: self.of(&[Quantifier::Any, Quantifier::All]),
            left: self.boxed(),
            right: Box::new(Expression::Array(self.many(0, Self::expression))),
        }
    }

    pub(super) fn binary(&mut self) -> Expression {
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

    pub(super) fn list(&mut self) -> Expression {
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
    pub(super) fn boolean(&mut self) -> Expression {
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

    pub(super) fn sublink(&mut self) -> Expression {
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

    pub(super) fn steps(&mut self) -> Expression {
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

    pub(super) fn argument(&mut self) -> CallArgument {
        CallArgument {
            name: self.maybe(Self::name),
            value: self.expression(),
        }
    }

    pub(super) fn call(&mut self) -> Call {
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

    pub(super) fn window(&mut self) -> WindowSpec {
        WindowSpec {
            base: self.maybe(Self::name),
            partition_by: self.many(0, Self::expression),
            order_by: self.many(0, Self::sort),
            frame: self.maybe(Self::frame),
        }
    }

    /// Frames that the grammar allows: none ends before the kind of bound that it starts with.
    pub(super) fn frame(&mut self) -> Frame {
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
