//! The words of the grammar.

use crate::tree::{
    BinaryTest, Boolean, FrameExclusion, FrameUnit, JoinKind, ListTest, MinMax, NullsOrder,
    Quantifier, SetOp, SortDirection, TruthTest,
};

pub(super) fn binary_test(test: BinaryTest) -> &'static str {
    match test {
        BinaryTest::Distinct => " IS DISTINCT FROM ",
        BinaryTest::NotDistinct => " IS NOT DISTINCT FROM ",
        BinaryTest::NullIf => ", ",
        BinaryTest::Like => " LIKE ",
        BinaryTest::NotLike => " NOT LIKE ",
        BinaryTest::ILike => " ILIKE ",
        BinaryTest::NotILike => " NOT ILIKE ",
        BinaryTest::Similar => " SIMILAR TO ",
        BinaryTest::NotSimilar => " NOT SIMILAR TO ",
    }
}

/// The word of a test against a list, and whether the list is a range.
pub(super) fn list_test(test: ListTest) -> (&'static str, bool) {
    match test {
        ListTest::In => (" IN ", false),
        ListTest::NotIn => (" NOT IN ", false),
        ListTest::Between => (" BETWEEN ", true),
        ListTest::NotBetween => (" NOT BETWEEN ", true),
        ListTest::BetweenSymmetric => (" BETWEEN SYMMETRIC ", true),
        ListTest::NotBetweenSymmetric => (" NOT BETWEEN SYMMETRIC ", true),
    }
}

pub(super) fn truth_test(test: TruthTest) -> &'static str {
    match test {
        TruthTest::True => " IS TRUE",
        TruthTest::NotTrue => " IS NOT TRUE",
        TruthTest::False => " IS FALSE",
        TruthTest::NotFalse => " IS NOT FALSE",
        TruthTest::Unknown => " IS UNKNOWN",
        TruthTest::NotUnknown => " IS NOT UNKNOWN",
    }
}

pub(super) fn connective(connective: Boolean) -> &'static str {
    match connective {
        Boolean::And => " AND ",
        Boolean::Or => " OR ",
        Boolean::Not => "NOT ",
    }
}

pub(super) fn quantifier(quantifier: Quantifier) -> &'static str {
    match quantifier {
        Quantifier::Any => " ANY ",
        Quantifier::All => " ALL ",
    }
}

pub(super) fn min_max(which: MinMax) -> &'static str {
    match which {
        MinMax::Greatest => "GREATEST",
        MinMax::Least => "LEAST",
    }
}

pub(super) fn set_operation(operation: SetOp) -> &'static str {
    match operation {
        SetOp::Union => " UNION ",
        SetOp::Intersect => " INTERSECT ",
        SetOp::Except => " EXCEPT ",
    }
}

pub(super) fn direction(direction: SortDirection) -> &'static str {
    match direction {
        SortDirection::Default => "",
        SortDirection::Ascending => " ASC",
        SortDirection::Descending => " DESC",
    }
}

pub(super) fn nulls(nulls: NullsOrder) -> &'static str {
    match nulls {
        NullsOrder::Default => "",
        NullsOrder::First => " NULLS FIRST",
        NullsOrder::Last => " NULLS LAST",
    }
}

pub(super) fn join(kind: JoinKind) -> &'static str {
    match kind {
        JoinKind::Inner => "JOIN ",
        JoinKind::Left => "LEFT JOIN ",
        JoinKind::Right => "RIGHT JOIN ",
        JoinKind::Full => "FULL JOIN ",
    }
}

pub(super) fn frame_unit(unit: FrameUnit) -> &'static str {
    match unit {
        FrameUnit::Range => "RANGE",
        FrameUnit::Rows => "ROWS",
        FrameUnit::Groups => "GROUPS",
    }
}

pub(super) fn exclusion(exclusion: FrameExclusion) -> &'static str {
    match exclusion {
        FrameExclusion::NoOthers => "",
        FrameExclusion::CurrentRow => " EXCLUDE CURRENT ROW",
        FrameExclusion::Group => " EXCLUDE GROUP",
        FrameExclusion::Ties => " EXCLUDE TIES",
    }
}
