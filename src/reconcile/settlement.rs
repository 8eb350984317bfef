//! What the statements paid: sums per order, and which payout dates the statements of an account cover.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;

use crate::base::map::{Map, Set};
use crate::frame::build::FrameBuilder;
use crate::frame::{order_facts, payout_facts as f, payout_lines, read, statements};
use crate::ingest::Ingested;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::lost_zeros;
use crate::reconcile::order_facts::Known;
use crate::vocab::{Kind, OrderStatus, PayoutKind, SettlementState, Word};

/// What the statements say of one order; minor units.
#[derive(Debug, Clone, Default)]
pub struct Paid {
    /// Sum of all lines but `payout`.
    pub sum: i64,
    /// Number of `sale` lines.
    pub sales: i64,
    /// Smallest `sale` line.
    pub smallest_sale: Option<i64>,
    /// The last `sale` line.
    pub last_sale_row: Option<u64>,
    /// Number of `commission` lines.
    pub commissions: i64,
    /// Sum of `commission` lines, as charged: positive.
    pub commission: i64,
    /// A reversal stands beside the sale.
    pub reversed: bool,
    /// Sum of `refund` lines.
    pub refunded: i64,
    /// Postage that the statement took back: positive.
    pub postage_refunded: i64,
    /// Day of the first line.
    pub first_on: Option<i32>,
    /// The first line.
    pub first_row: Option<u64>,
}

/// Statements of one account.
#[derive(Debug, Clone, Default)]
pub struct Statements {
    /// Latest day on which money was sent.
    pub last_paid_on: Option<i32>,
    /// A row that says so.
    pub last_row: Option<u64>,
    /// Periods, both ends inclusive, and where each was read.
    pub periods: BTreeMap<(i32, i32), Period>,
}

/// A statement's period as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Latest day on which its money was sent.
    pub paid_on: Option<i32>,
    /// Its first row.
    pub row: Option<u64>,
}

/// A place where the periods of an account do not join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// First day that no period holds, or that two hold.
    pub day: i32,
    /// Two periods hold the day, not none.
    pub is_overlap: bool,
    /// Row of the statement before it.
    pub before: Option<u64>,
    /// Last day of that statement's period.
    pub before_to: i32,
    /// The statement after it.
    pub after: Period,
    /// First day of that statement's period.
    pub after_from: i32,
}

impl Statements {
    fn take(&mut self, paid_on: Option<i32>, from: Option<i32>, to: Option<i32>, row: Option<u64>) {
        if paid_on > self.last_paid_on {
            (self.last_paid_on, self.last_row) = (paid_on, row);
        }
        if let Some(period) = from.zip(to) {
            let known = self.periods.entry(period).or_insert(Period { paid_on, row });
            known.paid_on = known.paid_on.max(paid_on);
        }
    }

    /// Where the periods leave a day out or hold it twice, by day. Statements of one and the same period are parts of one (S1: one file
    /// per promotion).
    pub fn breaks(&self) -> Vec<Break> {
        let mut breaks = Vec::new();
        let mut held: Option<(i32, Option<u64>)> = None;
        for ((from, to), period) in &self.periods {
            if let Some((before_to, before)) = held
                && *from != before_to + 1
            {
                let (day, is_overlap) = ((*from).min(before_to + 1), *from <= before_to);
                breaks.push(Break { day, is_overlap, before, before_to, after: *period, after_from: *from });
            }
            if held.is_none_or(|(last, _)| *to > last) {
                held = Some((*to, period.row));
            }
        }
        breaks
    }

    /// A statement paid on that day or later, or whose period holds it, was read.
    pub fn cover(&self, payout_on: i32) -> bool {
        self.last_paid_on.is_some_and(|paid| paid >= payout_on)
            || self.periods.keys().any(|(from, to)| (*from..=*to).contains(&payout_on))
    }

    /// A row of the statement that covers the day.
    pub fn covering_row(&self, payout_on: i32) -> Option<u64> {
        let holding = self.periods.iter().find(|((from, to), _)| (*from..=*to).contains(&payout_on));
        let later = self.last_row.filter(|_| self.last_paid_on.is_some_and(|paid| paid >= payout_on));
        holding.and_then(|(_, period)| period.row).or(later)
    }
}

/// Sums per order key.
///
/// # Errors
/// The frame lacks a declared column: a bug of ours.
pub fn paid_by_order(lines: &DataFrame) -> PolarsResult<Map<&str, Paid>> {
    let keys = read::texts(lines, payout_lines::order_key)?;
    let kinds = read::texts(lines, payout_lines::kind)?;
    let amounts = read::numbers(lines, payout_lines::amount)?;
    let posted = read::days(lines, payout_lines::posted)?;
    let sent = read::days(lines, payout_lines::paid_on)?;
    let rows = read::references(lines, payout_lines::row)?;
    let mut paid: Map<&str, Paid> = Map::default();
    for row in 0..keys.len() {
        let kind = PayoutKind::of(kinds.at(row)).unwrap_or(PayoutKind::Unexplained);
        if keys.at(row).is_empty() || kind == PayoutKind::Payout {
            continue;
        }
        let amount = amounts.at(row).unwrap_or(0);
        let on = sent.at(row).or(posted.at(row));
        paid.entry(keys.at(row)).or_default().take(kind, amount, on, rows.at(row));
    }
    Ok(paid)
}

impl Paid {
    fn take(&mut self, kind: PayoutKind, amount: i64, on: Option<i32>, row: Option<u64>) {
        self.sum += amount;
        self.refunded += if kind == PayoutKind::Refund { amount } else { 0 };
        if self.first_row.is_none() || on < self.first_on {
            (self.first_on, self.first_row) = (on, row);
        }
        match kind {
            PayoutKind::Sale if amount >= 0 => {
                self.sales += 1;
                self.smallest_sale = Some(self.smallest_sale.map_or(amount, |smallest| smallest.min(amount)));
                self.last_sale_row = row;
            }
            PayoutKind::Commission => {
                self.commissions += 1;
                self.commission -= amount;
            }
            PayoutKind::Postage if amount < 0 => self.postage_refunded -= amount,
            PayoutKind::Sale | PayoutKind::Refund | PayoutKind::Cancel | PayoutKind::Correction => {
                self.reversed |= amount < 0;
            }
            _ => {}
        }
    }
}

/// The statements of every account that has a payout source.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn statements_by_account(
    lines: &DataFrame,
    heads: &DataFrame,
    accounts: &Accounts,
) -> PolarsResult<BTreeMap<String, Statements>> {
    let mut by_account: BTreeMap<String, Statements> = BTreeMap::new();
    for source in &accounts.pipeline().sources {
        if let (Kind::PayoutLines | Kind::Statements, Some(account)) = (source.kind, &source.account) {
            by_account.entry(account.clone()).or_default();
        }
    }
    let names = read::texts(lines, payout_lines::account)?;
    let paid = read::days(lines, payout_lines::paid_on)?;
    let posted = read::days(lines, payout_lines::posted)?;
    let from = read::days(lines, payout_lines::period_from)?;
    let to = read::days(lines, payout_lines::period_to)?;
    let rows = read::references(lines, payout_lines::row)?;
    for row in 0..names.len() {
        of_account(&mut by_account, names.at(row)).take(
            paid.at(row).or(posted.at(row)),
            from.at(row),
            to.at(row),
            rows.at(row),
        );
    }
    let names = read::texts(heads, statements::account)?;
    let paid = read::days(heads, statements::paid_on)?;
    let from = read::days(heads, statements::period_from)?;
    let to = read::days(heads, statements::period_to)?;
    let rows = read::references(heads, statements::row)?;
    for row in 0..names.len() {
        of_account(&mut by_account, names.at(row)).take(paid.at(row), from.at(row), to.at(row), rows.at(row));
    }
    Ok(by_account)
}

/// The statements of an account; the name is copied only when it is new.
fn of_account<'map>(by_account: &'map mut BTreeMap<String, Statements>, account: &str) -> &'map mut Statements {
    if !by_account.contains_key(account) {
        by_account.insert(account.to_owned(), Statements::default());
    }
    by_account.entry(account.to_owned()).or_default()
}

/// Whether money of this kind is for an order, and not a fee of the account or the transfer itself.
fn is_for_order(kind: PayoutKind) -> bool {
    !matches!(
        kind,
        PayoutKind::Payout | PayoutKind::Reserve | PayoutKind::CarryOver | PayoutKind::Fee | PayoutKind::Tax
    )
}

/// Day each payout line was paid: its own, else that of its statement, else that of its posting.
fn paid_days(lines: &DataFrame, heads: &DataFrame) -> PolarsResult<Vec<Option<i32>>> {
    let names = read::texts(heads, statements::account)?;
    let ids = read::texts(heads, statements::statement_id)?;
    let paid_on = read::days(heads, statements::paid_on)?;
    let of_head = |row: usize| Some(((names.at(row), ids.at(row)), paid_on.at(row)?));
    let of_statement: Map<(&str, &str), i32> = (0..names.len()).filter_map(of_head).collect();
    let names = read::texts(lines, payout_lines::account)?;
    let ids = read::texts(lines, payout_lines::statement_id)?;
    let paid_on = read::days(lines, payout_lines::paid_on)?;
    let posted = read::days(lines, payout_lines::posted)?;
    let statement = |row: usize| of_statement.get(&(names.at(row), ids.at(row))).copied();
    let paid = |row: usize| paid_on.at(row).or_else(|| statement(row)).or(posted.at(row));
    Ok((0..names.len()).map(paid).collect())
}

/// One row per payout line with its order.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn payout_facts(
    lines: &DataFrame,
    orders: &DataFrame,
    known: &Known,
    ingested: &Ingested,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let order_keys = read::texts(orders, order_facts::order_key)?;
    let places: Map<&str, usize> = order_keys.iter().enumerate().map(|(place, key)| (key, place)).collect();
    let states = read::texts(orders, order_facts::settlement_state)?;
    // An order whose amount or date is not computable has its claim all the same.
    let has_claim = |place: usize| {
        [SettlementState::Eligible, SettlementState::NotComputable].iter().any(|state| state.text() == states.at(place))
    };
    let statuses = read::texts(orders, order_facts::status)?;
    let order_rows = read::references(orders, order_facts::order_row)?;
    let cancelled_on = read::days(orders, order_facts::cancelled_on)?;
    let quarantined: Set<String> = ingested
        .quarantine
        .iter()
        .filter(|row| !row.order_no.is_empty())
        .map(|row| format!("{}/{}", row.account, row.order_no))
        .collect();
    let without_orders: Set<&str> = accounts
        .pipeline()
        .sources
        .iter()
        .filter(|source| source.kind == Kind::Orders && ingested.left_out.contains(&source.name))
        .filter_map(|source| source.account.as_deref())
        .collect();
    let names = read::texts(lines, payout_lines::account)?;
    let keys = read::texts(lines, payout_lines::order_key)?;
    let kinds = read::texts(lines, payout_lines::kind)?;
    let orders_of: Vec<Option<usize>> =
        (0..keys.len()).into_par_iter().map(|row| places.get(keys.at(row)).copied()).collect();
    let order = |row: usize| orders_of[row];
    let sent = read::days(lines, payout_lines::paid_on)?;
    let posted = read::days(lines, payout_lines::posted)?;
    let taken_back_on = |place: usize| {
        let clawbacks = known.clawbacks.get(&place).into_iter().flatten();
        clawbacks.filter_map(|clawback| clawback.payout_on).max()
    };
    let cancelled_later = |row: usize| {
        let ended = order(row).and_then(|place| cancelled_on.at(place).max(taken_back_on(place)));
        matches!((ended, sent.at(row).or(posted.at(row))), (Some(ended), Some(paid)) if ended > paid)
    };
    let height = names.len();
    let unknown = (0..height).filter(|row| order(*row).is_none()).map(|row| keys.at(row));
    let candidates = lost_zeros::candidates(unknown, order_keys.iter());
    let mut facts = FrameBuilder::new(&f::FRAME, height);
    facts
        .take(f::account, lines, payout_lines::account)?
        .take_text(f::statement_id, lines, payout_lines::statement_id)?
        .take_text(f::order_no, lines, payout_lines::order_no)?
        .take_text(f::order_key, lines, payout_lines::order_key)?
        .take(f::currency, lines, payout_lines::currency)?
        .take(f::kind, lines, payout_lines::kind)?
        .take(f::amount, lines, payout_lines::amount)?
        .take(f::posted, lines, payout_lines::posted)?
        .days(f::paid_on, paid_days(lines, &ingested.frames.statements)?)
        .take(f::row, lines, payout_lines::row)?
        .texts(f::marketplace, names.iter().map(|name| accounts.marketplace(name)))
        .flags(
            f::account_complete,
            names.iter().map(|name| accounts.get(name).is_some_and(|account| account.complete)),
        );
    let of_lines = || {
        let mut facts = FrameBuilder::new(&f::FRAME, height);
        let is_refused = |row: usize| quarantined.contains(keys.at(row)) || without_orders.contains(names.at(row));
        facts
            .flags(f::names_order, keys.iter().map(|key| !key.is_empty()))
            .texts(f::candidate, keys.iter().map(|key| candidates.get(key).copied().unwrap_or("")))
            .flags(f::order_quarantined, (0..height).map(is_refused))
            .numbers(f::order_paid, keys.iter().map(|key| Some(known.paid.get(key).map_or(0, |paid| paid.sum))))
            .flags(f::for_order, kinds.iter().map(|kind| PayoutKind::of(kind).is_some_and(is_for_order)));
        facts
    };
    let of_orders = || {
        let mut facts = FrameBuilder::new(&f::FRAME, height);
        let status = |row: usize| order(row).map_or(OrderStatus::Unknown.text(), |place| statuses.at(place));
        facts
            .flags(f::order_known, (0..height).map(|row| order(row).is_some()))
            .flags(f::order_eligible, (0..height).map(|row| order(row).is_some_and(has_claim)))
            .texts(f::order_status, (0..height).map(status))
            .flags(f::cancelled_later, (0..height).map(cancelled_later))
            .references(f::order_row, (0..height).map(|row| order(row).and_then(|place| order_rows.at(place))));
        facts
    };
    let (of_lines, of_orders) = rayon::join(of_lines, of_orders);
    facts.append(of_lines).append(of_orders);
    facts.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_paid_on_its_own_day_else_that_of_its_statement_else_of_its_posting() {
        let (names, ids) = (["a", "a", "a", "b", "a"], ["1", "1", "2", "1", "3"]);
        let lines = FrameBuilder::new(&payout_lines::FRAME, 5)
            .texts(payout_lines::account, names)
            .texts(payout_lines::statement_id, ids)
            .days(payout_lines::paid_on, [Some(10), None, None, None, None])
            .days(payout_lines::posted, [Some(1), Some(2), Some(3), Some(4), None])
            .references(payout_lines::row, (0..5).map(Some))
            .finish()
            .unwrap();
        let heads = FrameBuilder::new(&statements::FRAME, 2)
            .texts(statements::account, ["a", "a"])
            .texts(statements::statement_id, ["1", "2"])
            .days(statements::paid_on, [Some(20), None])
            .references(statements::row, [Some(8), Some(9)])
            .finish()
            .unwrap();
        let rows = read::references(&lines, payout_lines::row).unwrap();
        let paid = paid_days(&lines, &heads).unwrap();
        let mut by_row: Vec<_> = rows.iter().map(Option::unwrap).zip(paid).collect();
        by_row.sort_unstable();
        // the statement of another account, and one without a day, say nothing
        assert_eq!(by_row, [(0, Some(10)), (1, Some(20)), (2, Some(3)), (3, Some(4)), (4, None)]);
    }

    #[test]
    fn a_reversal_is_no_second_payment() {
        let mut paid = Paid::default();
        paid.take(PayoutKind::Sale, 100, Some(5), Some(1));
        paid.take(PayoutKind::Sale, -100, Some(6), Some(2));
        assert_eq!((paid.sales, paid.reversed, paid.sum), (1, true, 0));
        paid.take(PayoutKind::Sale, 90, Some(4), Some(3));
        assert_eq!(
            (paid.sales, paid.smallest_sale, paid.first_row, paid.last_sale_row),
            (2, Some(90), Some(3), Some(3))
        );
    }

    #[test]
    fn refunds_are_part_of_the_sum_and_stand_for_themselves() {
        let mut paid = Paid::default();
        paid.take(PayoutKind::Sale, 100, Some(5), Some(1));
        paid.take(PayoutKind::Refund, -30, Some(6), Some(2));
        paid.take(PayoutKind::Correction, -1, Some(6), Some(3));
        assert_eq!((paid.sum, paid.refunded), (69, -30));
    }

    #[test]
    fn a_statement_covers_its_day_and_what_was_before() {
        let mut statements = Statements::default();
        statements.take(Some(10), None, None, None);
        statements.take(None, Some(12), Some(20), Some(1));
        assert!(statements.cover(10) && statements.cover(9) && statements.cover(20));
        assert!(!statements.cover(11) && !statements.cover(21));
    }

    #[test]
    fn periods_that_do_not_join_are_found() {
        let first_break = |periods: &[(i32, i32)]| {
            let mut statements = Statements::default();
            periods.iter().for_each(|(from, to)| statements.take(Some(*to + 1), Some(*from), Some(*to), None));
            statements.breaks().first().map(|found| (found.day, found.is_overlap, found.after.paid_on))
        };
        assert_eq!(first_break(&[(1, 10), (11, 20), (21, 31)]), None);
        assert_eq!(first_break(&[(21, 31), (1, 10), (11, 20)]), None);
        assert_eq!(first_break(&[(1, 10), (1, 10), (11, 20)]), None);
        assert_eq!(first_break(&[(1, 10), (21, 31), (41, 50)]), Some((11, false, Some(32))));
        assert_eq!(first_break(&[(1, 10), (10, 20)]), Some((10, true, Some(21))));
        assert_eq!(first_break(&[(1, 31), (11, 20)]), Some((11, true, Some(21))));
        assert_eq!(first_break(&[(1, 10)]), None);
    }
}
