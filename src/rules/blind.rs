//! Rules without the fields that their verdict needs (§16.14): which ones are blind for an account, and for want of what, is told beside its
//! figures.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{Expr, Operator, PolarsResult};

use crate::base::as_of::AsOf;
use crate::base::map::{Map, Set};
use crate::frame::column::{Column, Frame, Lineage};
use crate::frame::lineage::Part;
use crate::frame::{cod_remittances as r, orders as o, read, tracking_events as e};
use crate::ingest::Ingested;
use crate::pipeline::Pipeline;
use crate::rules::engine::AccountGroups;
use crate::rules::rule::{Condition, Rule};
use crate::rules::unsaid::{cell, columns, is_unsaid};
use crate::vocab::{Kind, Payment, Subject, Word};

/// A rule that cannot judge the rows of an account, or those of some of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blind {
    /// The rule's code.
    pub code: &'static str,
    /// Fields that would have to be bound, in alphabetical order.
    pub fields: BTreeSet<&'static str>,
    /// The sources that do not bind a field, where another source of the account does.
    pub sources: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Blind {
    /// `ST-016 (delivered_at)`, `ST-018 (shop_status_raw in second-shop)`.
    pub fn told(&self) -> String {
        let field = |field: &&'static str| match self.sources.get(field) {
            Some(sources) => format!("{field} in {}", sources.iter().cloned().collect::<Vec<_>>().join(" and ")),
            None => (*field).to_owned(),
        };
        format!("{} ({})", self.code, self.fields.iter().map(field).collect::<Vec<_>>().join(", "))
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

/// The accounts of which anything read says that they have cash on delivery: an order, its parcel's carrier, or a remittance. `None`:
/// a frame cannot be read, and the rules stay on the list.
fn with_cash(ingested: &Ingested) -> Option<Set<&str>> {
    let said = || -> PolarsResult<Set<&str>> {
        let frames = &ingested.frames;
        let (names, payments) = (read::texts(&frames.orders, o::account)?, read::texts(&frames.orders, o::payment)?);
        let numbers = read::texts(&frames.orders, o::tracking_number)?;
        let amounts = [read::numbers(&frames.orders, o::cod_amount)?, read::numbers(&frames.orders, o::cod_fee)?];
        let collected = read::numbers(&frames.tracking_events, e::cod_amount)?;
        let parcels = read::texts(&frames.tracking_events, e::tracking_number)?;
        let with_cash: Set<&str> = (0..collected.len())
            .filter(|row| collected.at(*row).is_some_and(|amount| amount > 0))
            .map(|row| parcels.at(row))
            .collect();
        let is_cash = |row: &usize| {
            payments.at(*row) == Payment::Cod.text()
                || amounts.iter().any(|amounts| amounts.at(*row).is_some_and(|amount| amount > 0))
                || !numbers.at(*row).is_empty() && with_cash.contains(numbers.at(*row))
        };
        let remitted = read::texts(&frames.cod_remittances, r::account)?;
        Ok((0..names.len()).filter(is_cash).map(|row| names.at(row)).chain(remitted.iter()).collect())
    };
    said().ok()
}

/// The parts of an account.
#[derive(Default)]
struct OwnParts<'run> {
    /// Of parts of one source that say the same fields, the first: an account may have any number of files.
    distinct: Vec<&'run Part>,
    known: BTreeMap<&'run str, BTreeSet<Vec<&'run str>>>,
    /// Fields that a part of the kind says.
    said: BTreeSet<(Kind, &'run str)>,
}

impl<'run> OwnParts<'run> {
    fn add(&mut self, part: &'run Part) {
        let fields: Vec<&str> = part.headers.keys().chain(&part.constants).map(String::as_str).collect();
        if self.known.entry(&part.source).or_default().insert(fields.clone()) {
            self.said.extend(fields.into_iter().map(|field| (part.kind, field)));
            self.distinct.push(part);
        }
    }

    fn says(&self, kind: Kind, field: &str) -> bool {
        self.said.contains(&(kind, field))
    }
}

/// The rules that are blind for each account, by its name; in the order of the catalogue.
pub fn blind(
    rules: &[&'static Rule],
    pipeline: &Pipeline,
    ingested: &Ingested,
    as_of: AsOf,
) -> BTreeMap<String, Vec<Blind>> {
    let accounts: Map<&str, &str> =
        pipeline.sources.iter().filter_map(|source| Some((source.name.as_str(), source.account.as_deref()?))).collect();
    let mut by_owner: Map<&str, OwnParts<'_>> = Map::default();
    for part in &ingested.parts.0 {
        if let Some(account) = accounts.get(part.source.as_str()) {
            by_owner.entry(account).or_default().add(part);
        }
    }
    let none = OwnParts::default();
    let with_cash = with_cash(ingested);
    let groups = AccountGroups::new(pipeline, as_of);
    let mut asked: BTreeMap<(usize, &str), Vec<Condition>> = BTreeMap::new();
    let mut by_account = BTreeMap::new();
    for account in &pipeline.accounts {
        let own = by_owner.get(account.name.as_str()).unwrap_or(&none);
        let has_cash = with_cash.as_ref().is_none_or(|accounts| accounts.contains(account.name.as_str()));
        let concerned = rules.iter().filter(|rule| {
            let is_asked = rule.subject != Subject::Cash || has_cash;
            is_asked && pipeline.rules.runs(rule.code) && rule.concerns(Some(account))
        });
        let judged = concerned.map(|rule| {
            let missing = RefCell::new(Vec::new());
            let conditions = || rule.conditions(&groups.of(&account.name).context(rule, pipeline, as_of, &missing));
            let conditions = asked.entry((groups.place(&account.name), rule.code)).or_insert_with(conditions);
            let of_part = |part: &&Part| {
                let wanted = conditions.iter().map(|(_, condition)| wanted(condition, rule.subject.frame(), part));
                wanted.flatten().collect::<Vec<_>>()
            };
            let mut fields = BTreeSet::new();
            let mut sources: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
            for part in &own.distinct {
                for field in of_part(part) {
                    fields.insert(field);
                    if own.says(part.kind, field) {
                        sources.entry(field).or_default().insert(part.source.clone());
                    }
                }
            }
            Blind { code: rule.code, fields, sources }
        });
        let blind: Vec<Blind> = judged.filter(|blind| !blind.fields.is_empty()).collect();
        if !blind.is_empty() {
            by_account.insert(account.name.clone(), blind);
        }
    }
    by_account
}
