//! Conditions that look at a cell do not hold for rows of a file that has no column for it (§16.14).

use std::collections::BTreeSet;
use std::sync::Arc;

use polars::prelude::{Expr, Operator, col, lit};

use crate::frame::canonical::frame_of;
use crate::frame::column::{Column, Frame, Lineage, Shape};
use crate::frame::lineage::{Part, Parts, row_ref};
use crate::vocab::Kind;

/// The kind of the rows that a lineage column of facts refers to, where it is one alone.
fn kind_of(row: &str) -> Option<Kind> {
    match row {
        "order_row" => Some(Kind::Orders),
        "paid_row" => Some(Kind::PayoutLines),
        "shop_row" => Some(Kind::ShopOrders),
        "document_row" => Some(Kind::Documents),
        _ => None,
    }
}

/// Whether rows of a part should say something of a field and do not.
pub(super) fn is_unsaid(part: &Part, row: &str, field: &str) -> bool {
    kind_of(row) == Some(part.kind) && frame_of(part.kind).column(field).is_some() && !part.says_field(field)
}

/// The columns of the facts that a condition looks at. An absent flag is *no*.
pub(super) fn columns<'f>(condition: &Expr, frame: &'f Frame) -> impl Iterator<Item = &'f Column> + use<'f> {
    let names: BTreeSet<String> = condition.into_iter().filter_map(named).collect();
    frame.columns.iter().filter(move |column| column.shape != Shape::Flag && names.contains(column.name))
}

fn named(part: &Expr) -> Option<String> {
    match part {
        Expr::Column(name) => Some(name.to_string()),
        _ => None,
    }
}

/// The one cell that a column holds; where several may hold it, none is needed.
pub(super) fn cell(column: &Column) -> Option<(&'static str, &'static str)> {
    match column.lineage {
        Lineage::Cells([cell]) => Some(*cell),
        _ => None,
    }
}

/// A condition that does not hold for rows which do not say what it looks at; of alternatives, each by itself.
pub fn guarded(condition: Expr, frame: &Frame, parts: &Parts) -> Expr {
    match condition {
        Expr::BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right } => Expr::BinaryExpr {
            left: Arc::new(guarded(Arc::unwrap_or_clone(left), frame, parts)),
            op,
            right: Arc::new(guarded(Arc::unwrap_or_clone(right), frame, parts)),
        },
        alone => {
            let said = columns(&alone, frame).filter_map(cell).filter_map(|(row, field)| said(row, field, parts));
            said.fold(alone, Expr::and)
        }
    }
}

/// Whether the row that a lineage column names is of a part that says a field; `None` where all parts do. No row hides nothing.
fn said(row: &'static str, field: &str, parts: &Parts) -> Option<Expr> {
    let mut unsaid: Vec<(usize, usize)> = Vec::new();
    let mut goes_on = false;
    for (place, part) in parts.0.iter().enumerate() {
        match (is_unsaid(part, row, field), unsaid.last_mut()) {
            (true, Some(last)) if goes_on => last.1 = place,
            (true, _) => unsaid.push((place, place)),
            // A part of another kind is no row of this one: it may lie between.
            (false, _) if kind_of(row) != Some(part.kind) => continue,
            (false, _) => {}
        }
        goes_on = is_unsaid(part, row, field);
    }
    let outside = |(first, last): (usize, usize)| {
        col(row).lt(lit(row_ref(first, 0))).or(col(row).gt_eq(lit(row_ref(last + 1, 0))))
    };
    Some(unsaid.into_iter().map(outside).reduce(Expr::and)?.fill_null(lit(true)))
}
