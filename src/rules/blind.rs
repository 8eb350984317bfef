//! Rules without the fields that their verdict needs (§16.14): which ones are blind for an account, and for want of what, is told beside its
//! figures.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{Expr, Operator};

use crate::base::as_of::AsOf;
use crate::frame::column::{Column, Frame, Lineage};
use crate::frame::lineage::{Part, Parts};
use crate::pipeline::Pipeline;
use crate::rules::engine::context;
use crate::rules::rule::Rule;
use crate::rules::unsaid::{cell, columns, is_unsaid};

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
                let wanted = conditions.iter().map(|(_, condition)| wanted(condition, rule.subject.frame(), part));
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
