//! Control totals after matching: what reconcile holds at its end is what ingest had used, row by row and crown by crown.
//!
//! Orders, payout lines and supplier orders are counted in their facts, which have one row each; the other kinds, of which facts are
//! sums, in the frames that the facts were made of. Rows dated after as-of take part in no fact and are counted apart.

use polars::prelude::{BooleanChunked, DataFrame, PolarsResult};

use crate::base::map::Set;
use crate::frame::canonical::CanonicalFrames;
use crate::frame::column::Column;
use crate::frame::{order_facts, order_lines, orders, payout_facts, read, supplier_facts};
use crate::ingest::{Counted, Ingested, PartTotals};
use crate::pipeline::Pipeline;
use crate::reconcile::visible::Split;
use crate::vocab::{Kind, Word};

/// Rows and control money of each part at the end of reconcile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MatchedTotals {
    /// Of rows that took part in facts: those whose order was found, and those that need none.
    pub matched: PartTotals,
    /// Of rows whose order was not found.
    pub unmatched: PartTotals,
    /// Of rows dated after as-of.
    pub later: PartTotals,
}

/// The facts that have one row per row of their export.
#[derive(Debug, Clone, Copy)]
pub struct RowFacts<'f> {
    /// [`order_facts`]
    pub orders: &'f DataFrame,
    /// [`payout_facts`]
    pub payouts: &'f DataFrame,
    /// [`supplier_facts`]
    pub suppliers: &'f DataFrame,
}

/// Counts what took part, and what is later than as-of; `unmatched` is the part of it whose order was not found, `has_lines` says it of
/// each part.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn count(
    frames: &Split,
    facts: RowFacts<'_>,
    unmatched: PartTotals,
    has_lines: &[bool],
) -> PolarsResult<MatchedTotals> {
    let (lines, later_lines) = lines_by_order(&frames.visible, frames.later.orders.height(), has_lines)?;
    let goods = goods_of_export(facts.orders, &frames.visible.orders)?;
    let of_facts =
        |frame, row: Column, amounts| Counted { frame, row: row.name, amounts, times: None, with_rows: true };
    let goods = Counted { with_rows: false, ..of_facts(&goods, order_facts::order_row, &[order_facts::goods.name]) };
    let services = &[order_facts::postage.name, order_facts::cod_fee.name];
    let mut jobs = vec![
        (Kind::Orders, of_facts(facts.orders, order_facts::order_row, services)),
        (Kind::Orders, goods),
        (Kind::PayoutLines, of_facts(facts.payouts, payout_facts::row, &[payout_facts::amount.name])),
        (Kind::SupplierOrders, of_facts(facts.suppliers, supplier_facts::row, &[supplier_facts::total.name])),
        (Kind::OrderLines, Counted::of_kind(Kind::OrderLines, &lines)),
    ];
    let in_facts: Vec<Kind> = jobs.iter().map(|(kind, _)| *kind).collect();
    let others = Kind::ALL.iter().filter(|kind| !in_facts.contains(kind));
    jobs.extend(others.map(|kind| (*kind, Counted::of_kind(*kind, frames.visible.of(*kind)))));
    let mut matched = PartTotals::of(&jobs, has_lines)?;
    matched.take_off(&unmatched);
    let mut later = PartTotals::of_frames(&frames.later, has_lines)?;
    later.add(Kind::OrderLines, Counted::of_kind(Kind::OrderLines, &later_lines), has_lines)?;
    Ok(MatchedTotals { matched, unmatched, later })
}

/// Whether each part has several rows per order.
pub fn parts_with_lines(ingested: &Ingested, pipeline: &Pipeline) -> Vec<bool> {
    let has_lines = |name: &str| {
        pipeline.sources.iter().any(|source| source.name == name && source.lines && source.kind == Kind::Orders)
    };
    ingested.parts.0.iter().map(|part| has_lines(&part.source)).collect()
}

/// Order lines, those of an export with several rows per order apart whose order is later than as-of: they go with it.
fn lines_by_order(
    visible: &CanonicalFrames,
    later_orders: usize,
    has_lines: &[bool],
) -> PolarsResult<(DataFrame, DataFrame)> {
    let lines = &visible.order_lines;
    // Usually no order is later, and then no line is.
    if later_orders == 0 || !has_lines.contains(&true) {
        return Ok((lines.clone(), lines.head(Some(0))));
    }
    let known: Set<&str> = read::texts(&visible.orders, orders::order_key)?.iter().collect();
    let keys = read::texts(lines, order_lines::order_key)?;
    let rows = read::references(lines, order_lines::row)?;
    let of_orders =
        |row: usize| rows.at(row).is_some_and(|row| has_lines.get((row >> 32) as usize).copied().unwrap_or(false));
    let is_later: Vec<bool> = (0..keys.len()).map(|row| of_orders(row) && !known.contains(keys.at(row))).collect();
    let mask = BooleanChunked::from_iter(is_later);
    Ok((lines.filter(&!&mask)?, lines.filter(&mask)?))
}

/// The goods of the facts where the export had them: facts add up the lines of another file where it had not, and those are counted
/// with their own file.
fn goods_of_export(facts: &DataFrame, exported: &DataFrame) -> PolarsResult<DataFrame> {
    let columns = [order_facts::order_row.name, order_facts::goods.name, order_facts::currency.name];
    let goods = facts.select(columns)?;
    if exported.column(orders::goods_amount.name)?.null_count() == 0 {
        return Ok(goods);
    }
    let written: Set<u64> = read::references(exported, orders::row)?
        .iter()
        .zip(read::numbers(exported, orders::goods_amount)?.iter())
        .filter_map(|(row, goods)| row.filter(|_| goods.is_some()))
        .collect();
    let rows = read::references(facts, order_facts::order_row)?;
    let mask = BooleanChunked::from_iter(rows.iter().map(|row| row.is_some_and(|row| written.contains(&row))));
    goods.filter(&mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::build::FrameBuilder;
    use crate::frame::canonical::frame_of;
    use crate::frame::conform::empty;
    use crate::frame::lineage::row_ref;

    /// Three orders of one file, 100.00 and 10.00 postage each; the last one is later than as-of.
    fn frames() -> Split {
        let orders = |rows: std::ops::Range<u32>| {
            let mut built = FrameBuilder::new(&orders::FRAME, rows.len());
            built
                .texts(orders::order_key, rows.clone().map(|row| format!("a/{row}")))
                .texts(orders::order_no, rows.clone().map(|row| row.to_string()))
                .texts(orders::currency, rows.clone().map(|_| "CZK"))
                .numbers(orders::goods_amount, rows.clone().map(|_| Some(10_000)))
                .numbers(orders::delivery_price, rows.clone().map(|_| Some(1_000)))
                .references(orders::row, rows.map(|row| Some(row_ref(0, row))));
            built.finish().unwrap()
        };
        let mut split = Split::default();
        for kind in Kind::ALL {
            *split.visible.of_mut(*kind) = empty(&frame_of(*kind));
            *split.later.of_mut(*kind) = empty(&frame_of(*kind));
        }
        (split.visible.orders, split.later.orders) = (orders(2..4), orders(4..5));
        split
    }

    fn facts_of(goods: &[i64]) -> DataFrame {
        let mut built = FrameBuilder::new(&order_facts::FRAME, goods.len());
        let rows = || 2..2 + goods.len() as u32;
        built
            .texts(order_facts::order_key, rows().map(|row| format!("a/{row}")))
            .texts(order_facts::order_no, rows().map(|row| row.to_string()))
            .texts(order_facts::currency, rows().map(|_| "CZK"))
            .numbers(order_facts::goods, goods.iter().map(|amount| Some(*amount)))
            .numbers(order_facts::postage, rows().map(|_| Some(1_000)))
            .references(order_facts::order_row, rows().map(|row| Some(row_ref(0, row))));
        built.finish().unwrap()
    }

    fn counted(orders: &DataFrame) -> MatchedTotals {
        let (payouts, suppliers) = (empty(&payout_facts::FRAME), empty(&supplier_facts::FRAME));
        let facts = RowFacts { orders, payouts: &payouts, suppliers: &suppliers };
        count(&frames(), facts, PartTotals::new(1), &[false]).unwrap()
    }

    #[test]
    fn facts_and_later_rows_add_up_to_what_was_used() {
        let totals = counted(&facts_of(&[10_000, 10_000]));
        assert_eq!((totals.matched.rows[0], totals.later.rows[0]), (2, 1));
        assert_eq!(totals.matched.money[0], [("CZK".to_owned(), 22_000)]);
        assert_eq!(totals.later.money[0], [("CZK".to_owned(), 11_000)]);
    }

    #[test]
    fn a_lost_fact_and_a_changed_amount_show() {
        let lost = counted(&facts_of(&[10_000]));
        assert_eq!((lost.matched.rows[0], lost.matched.money[0][0].1), (1, 11_000));
        let changed = counted(&facts_of(&[10_000, 9_999]));
        assert_eq!((changed.matched.rows[0], changed.matched.money[0][0].1), (2, 21_999));
    }
}
