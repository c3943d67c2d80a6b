//! EXPLAIN of a statement with a mask or a filter: the types of the plan's nodes, and nothing else.
//! Conditions, estimates and bound values would tell of rows that are not seen.

use bytes::BytesMut;
use serde_json::Value;
use wire::{Column, Format, server};

/// PostgreSQL's type `text`.
const TEXT: u32 = 25;

/// The one column.
pub(super) fn describe(out: &mut BytesMut) -> Result<(), wire::Error> {
    server::row_description(
        out,
        &[Column {
            name: "QUERY PLAN",
            relation_oid: 0,
            attribute: 0,
            type_oid: TEXT,
            type_size: -1,
            type_modifier: -1,
            format: Format::Text,
        }],
    )
}

/// A row for each node.
pub(super) fn tell(out: &mut BytesMut, json: &[u8]) -> Result<(), wire::Error> {
    for line in lines(json) {
        server::data_row(out, [Some(line.as_bytes())])?;
    }
    Ok(())
}

fn lines(json: &[u8]) -> Vec<String> {
    let plans: Value = serde_json::from_slice(json).unwrap_or_default();
    let mut lines = Vec::new();
    for plan in plans.as_array().into_iter().flatten() {
        nodes(&plan["Plan"], 0, &mut lines);
    }
    lines
}

fn nodes(node: &Value, depth: usize, lines: &mut Vec<String>) {
    let Some(kind) = node["Node Type"].as_str() else {
        return;
    };
    // LIMIT: deeper plans than any statement that is read can have.
    if depth > 200 {
        return;
    }
    let arrow = if depth == 0 { "" } else { "->  " };
    lines.push(format!("{}{arrow}{kind}", "  ".repeat(depth)));
    for child in node["Plans"].as_array().into_iter().flatten() {
        nodes(child, depth + 1, lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_types_of_nodes_passes() {
        let json = br#"[{"Plan":{"Node Type":"Sort","Sort Key":["secret"],"Plan Rows":7,
            "Plans":[{"Node Type":"Seq Scan","Filter":"(x = 'secret')","Relation Name":"secret"}]}}]"#;
        assert_eq!(lines(json), ["Sort", "  ->  Seq Scan"]);
        assert_eq!(lines(b"not json"), Vec::<String>::new());
    }
}
