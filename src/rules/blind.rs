//! Rules without the fields that their verdict needs (§16.14). A condition that looks at a cell does not hold for rows of a file that has
//! no column for it: what is not bound cannot accuse. Which rules are blind for an account, and for want of what, is told beside its
//! figures.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use polars::prelude::{Expr, Operator, col, lit};

use crate::base::as_of::AsOf;
use crate::frame::canonical::frame_of;
use crate::frame::column::{Column, Frame, Lineage, Shape};
use crate::frame::lineage::{Part, Parts, row_ref};
use crate::pipeline::Pipeline;
use crate::rules::engine::context;
use crate::rules::rule::Rule;
use crate::vocab::Kind;

/// A rule that cannot judge the rows of an account, or those of some of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blind {
    /// The rule's code.
    pub code: &'static str,
    /// Fields that would have to be bound, in alphabetical order.
    pub fields: BTreeSet<&'static str>,
}

impl Blind {
    /// `ST-016 (delivered_at)`.
    pub fn told(&self) -> String {
        format!("{} ({})", self.code, self.fields.iter().copied().collect::<Vec<_>>().join(", "))
    }
}

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
fn is_unsaid(part: &Part, row: &str, field: &str) -> bool {
    kind_of(row) == Some(part.kind) && frame_of(part.kind).column(field).is_some() && !part.says_field(field)
}

/// The columns of the facts that a condition looks at. An absent flag is *no*.
fn columns<'f>(condition: &Expr, frame: &'f Frame) -> impl Iterator<Item = &'f Column> + use<'f> {
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
fn cell(column: &Column) -> Option<(&'static str, &'static str)> {
    match column.lineage {
        Lineage::Cells([cell]) => Some(*cell),
        _ => None,
    }
}

/// The cells without which a column is not known: its own, or those of the columns that it is worked out of.
fn needed(column: &Column, frame: &Frame) -> Vec<(&'static str, &'static str)> {
    match column.lineage {
        Lineage::Formula([formula, ..]) => {
            let operands = formula.split(' ').filter_map(|name| frame.column(name));
            operands.filter(|operand| operand.name != column.name).filter_map(|operand| cell(&operand)).collect()
        }
        _ => cell(column).into_iter().collect(),
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

/// The fields for want of which a condition cannot hold for rows of a part; none when it can.
fn wanted(condition: &Expr, frame: &Frame, part: &Part) -> BTreeSet<&'static str> {
    match condition {
        Expr::BinaryExpr { left, op: Operator::And, right } => &wanted(left, frame, part) | &wanted(right, frame, part),
        Expr::BinaryExpr { left, op: Operator::Or, right } => {
            let (left, right) = (wanted(left, frame, part), wanted(right, frame, part));
            if left.is_empty() || right.is_empty() { BTreeSet::new() } else { &left | &right }
        }
        alone => {
            let needed = columns(alone, frame).flat_map(|column| needed(column, frame));
            let unsaid = needed.filter(|(row, field)| is_unsaid(part, row, field));
            unsaid.map(|(_, field)| field).collect()
        }
    }
}

/// The rules that are blind for each account, by its name; in the order of the catalogue.
pub fn blind(rules: &[&'static Rule], pipeline: &Pipeline, parts: &Parts, as_of: AsOf) -> BTreeMap<String, Vec<Blind>> {
    let mut by_account = BTreeMap::new();
    for account in &pipeline.accounts {
        let is_own = |part: &&Part| {
            let source = pipeline.sources.iter().find(|source| source.name == part.source);
            source.is_some_and(|source| source.account.as_ref() == Some(&account.name))
        };
        let own: Vec<&Part> = parts.0.iter().filter(is_own).collect();
        let concerned = rules.iter().filter(|rule| pipeline.rules.runs(rule.code) && rule.concerns(Some(account)));
        let judged = concerned.map(|rule| {
            let missing = RefCell::new(Vec::new());
            let conditions = rule.conditions(&context(rule, Some(account), pipeline, as_of, &missing));
            let of_part = |part: &&Part| {
                let wanted = conditions.iter().map(|(_, condition)| wanted(condition, &rule.subject.frame(), part));
                wanted.flatten().collect::<Vec<_>>()
            };
            Blind { code: rule.code, fields: own.iter().flat_map(of_part).collect() }
        });
        let blind: Vec<Blind> = judged.filter(|blind| !blind.fields.is_empty()).collect();
        if !blind.is_empty() {
            by_account.insert(account.name.clone(), blind);
        }
    }
    by_account
}
