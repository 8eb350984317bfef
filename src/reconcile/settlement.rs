//! What the statements paid: sums per order in its currency, and payout lines with their orders.

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::base::money;
use crate::base::rate::Rate;
use crate::frame::build::FrameBuilder;
use crate::frame::{order_facts, orders as order_frame, payout_facts as f, payout_lines, read};
use crate::ingest::Ingested;
use crate::pipeline::exchange::in_words;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::currencies::one_each;
use crate::reconcile::keys::{Lists, OrderKeys};
use crate::reconcile::lost_zeros;
use crate::reconcile::paid::{Paid, Sale};
use crate::reconcile::parents::Parents;
use crate::reconcile::settled::Known;
use crate::reconcile::statements::paid_days;
use crate::reconcile::unassigned::Unassigned;
use crate::vocab::{Kind, OrderStatus, PayoutKind, SettlementState, Word};

/// Payout lines by their orders, and what they add up to, each in the currency of its order. A line of another currency is converted by the
/// rate that the policy of its day declares; without one it is left out, and PY-013 tells it (rulebook §16.3).
pub struct Payouts<'run> {
    keys: read::Texts<'run>,
    kinds: read::Texts<'run>,
    amounts: read::Numbers<'run>,
    articles: read::Texts<'run>,
    posted: read::Days<'run>,
    sent: read::Days<'run>,
    rows: read::References<'run>,
    exchange: Exchange<'run>,
    order_keys: &'run OrderKeys<'run>,
    /// The order of each line.
    orders: Vec<Option<u32>>,
    of_orders: Lists,
    /// What was paid under numbers of no order: of parents, and of orders that were not read.
    others: Map<&'run str, Paid>,
}

/// What the lines of one key add up to.
#[derive(Debug, Clone, Copy, Default)]
pub struct PaidSum {
    /// As [`Paid::sum`].
    pub sum: i64,
    /// As [`Paid::sales`].
    pub sales: i64,
}

impl PaidSum {
    /// Of what was paid.
    pub fn of(paid: &Paid) -> PaidSum {
        PaidSum { sum: paid.sum, sales: paid.sales }
    }
}

impl<'run> Payouts<'run> {
    /// Reads the lines.
    ///
    /// # Errors
    /// A frame lacks a declared column: a bug of ours.
    pub fn read(
        lines: &'run DataFrame,
        heads: &DataFrame,
        orders: &'run DataFrame,
        order_keys: &'run OrderKeys<'run>,
        parents: &'run Parents,
        accounts: &Accounts,
    ) -> PolarsResult<Payouts<'run>> {
        let keys = read::texts(lines, payout_lines::order_key)?;
        let of_lines = order_keys.rows_of(&keys);
        let mut payouts = Payouts {
            kinds: read::texts(lines, payout_lines::kind)?,
            amounts: read::numbers(lines, payout_lines::amount)?,
            articles: read::texts(lines, payout_lines::sku)?,
            posted: read::days(lines, payout_lines::posted)?,
            sent: read::days(lines, payout_lines::paid_on)?,
            rows: read::references(lines, payout_lines::row)?,
            exchange: Exchange::read(lines, heads, orders, parents)?,
            order_keys,
            of_orders: Lists::of(of_lines.iter().copied(), orders.height()),
            orders: of_lines,
            others: Map::default(),
            keys,
        };
        let mut others: Map<&str, Option<Paid>> = Map::default();
        for line in (0..payouts.keys.len()).filter(|line| payouts.orders[*line].is_none()) {
            let key = payouts.keys.at(line);
            if !key.is_empty() {
                payouts.take(others.entry(key).or_default(), line, accounts);
            }
        }
        payouts.others = others.into_iter().filter_map(|(key, paid)| Some((key, paid?))).collect();
        Ok(payouts)
    }

    /// What was paid for the order in a row; `None` without any line.
    pub fn of_order(&self, order: usize, accounts: &Accounts) -> Option<Paid> {
        let mut paid = None;
        for line in self.of_orders.rows(order) {
            self.take(&mut paid, *line as usize, accounts);
        }
        paid
    }

    /// What was paid under a number, be it that of an order or not.
    pub fn of_key(&self, key: &str, accounts: &Accounts) -> Option<Paid> {
        match self.order_keys.row(key) {
            Some(order) => self.of_order(order, accounts),
            None => self.others.get(key).cloned(),
        }
    }

    fn take(&self, paid: &mut Option<Paid>, line: usize, accounts: &Accounts) {
        let kind = PayoutKind::of(self.kinds.at(line)).unwrap_or(PayoutKind::Unexplained);
        if kind == PayoutKind::Payout {
            return;
        }
        let written = self.amounts.at(line).unwrap_or(0);
        let (amount, rate) = match self.foreign(line) {
            None => (written, None),
            Some(currency) => match self.exchange.convert(line, written, currency, accounts) {
                Some((amount, rate)) => (amount, Some(rate)),
                None => return,
            },
        };
        let known = paid.get_or_insert_default();
        if let Some(rate) = rate {
            let rare = known.rare.get_or_insert_default();
            rare.converted += amount.abs();
            rare.rate = rate;
        }
        if kind == PayoutKind::Sale && amount >= 0 {
            let same_article = |a, b| self.articles.at(a) == self.articles.at(b);
            known.take_sale(Sale { line, amount }, same_article, |line| self.rows.at(line));
        }
        known.take(kind, amount, self.sent.at(line).or(self.posted.at(line)), self.rows.at(line));
    }

    /// The currency of the order of a line, where it is another than the line's.
    fn foreign(&self, line: usize) -> Option<&'run str> {
        self.exchange.foreign(line, self.orders[line], self.keys.at(line))
    }
}

/// Lines beside orders of another currency.
struct Exchange<'run> {
    /// Every account has one currency alone, in its orders and its lines.
    is_one_each: bool,
    of_orders: read::Texts<'run>,
    of_parents: Map<&'run str, &'run str>,
    accounts: read::Texts<'run>,
    currencies: read::Texts<'run>,
    rates: read::Numbers<'run>,
    paid_on: Vec<Option<i32>>,
}

impl<'run> Exchange<'run> {
    fn read(
        lines: &'run DataFrame,
        heads: &DataFrame,
        orders: &'run DataFrame,
        parents: &'run Parents,
    ) -> PolarsResult<Exchange<'run>> {
        let (accounts, currencies) =
            (read::texts(lines, payout_lines::account)?, read::texts(lines, payout_lines::currency)?);
        let of_orders = read::texts(orders, order_frame::currency)?;
        let is_one_each = one_each(&[
            (lines, payout_lines::account, payout_lines::currency),
            (orders, order_frame::account, order_frame::currency),
        ])?;
        let of_parents = parents.iter().filter_map(|(key, rows)| Some((key, of_orders.at(*rows.first()?)))).collect();
        let paid_on = if is_one_each { Vec::new() } else { paid_days(lines, heads)? };
        let rates = read::numbers(lines, payout_lines::fx_rate)?;
        Ok(Exchange { is_one_each, of_orders, of_parents, accounts, currencies, rates, paid_on })
    }

    /// The currency of the order of a line, else of the parent of this number, where it is another than the line's.
    fn foreign(&self, line: usize, order: Option<u32>, key: &str) -> Option<&'run str> {
        if self.is_one_each {
            return None;
        }
        let of_order = order.map(|order| self.of_orders.at(order as usize));
        let currency = of_order.or_else(|| self.of_parents.get(key).copied())?;
        (currency != self.currencies.at(line)).then_some(currency)
    }

    /// An amount of a line in another currency, and the rate in words: that of the line itself, else the declared one; `None` without.
    fn convert(&self, line: usize, amount: i64, currency: &str, accounts: &Accounts) -> Option<(i64, String)> {
        let own = self.currencies.at(line);
        if let Some(rate) = self.rates.at(line).and_then(Rate::of_nano) {
            return Some((rate.to_base(amount, currency, own)?, in_words(rate, currency, own)));
        }
        let account = accounts.get(self.accounts.at(line))?;
        accounts.policy(account, self.paid_on[line]).entry.convert(amount, own, currency)
    }
}

/// Whether money of this kind is for an order, and not a fee of the account or the transfer itself.
fn is_for_order(kind: PayoutKind) -> bool {
    !matches!(
        kind,
        PayoutKind::Payout | PayoutKind::Reserve | PayoutKind::CarryOver | PayoutKind::Fee | PayoutKind::Tax
    )
}

/// One row per payout line with its order.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn payout_facts(
    lines: &DataFrame,
    (orders, sums): (&DataFrame, &[PaidSum]),
    known: &Known,
    unassigned: &Unassigned,
    ingested: &Ingested,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let order_keys = read::texts(orders, order_facts::order_key)?;
    let states = read::texts(orders, order_facts::settlement_state)?;
    // An order whose amount or date is not computable has its claim all the same.
    let has_claim = |place: usize| {
        [SettlementState::Eligible, SettlementState::NotComputable].iter().any(|state| state.text() == states.at(place))
    };
    let statuses = read::texts(orders, order_facts::status)?;
    let order_rows = read::references(orders, order_facts::order_row)?;
    let order_numbers = read::texts(orders, order_facts::order_no)?;
    let cancelled_on = read::days(orders, order_facts::cancelled_on)?;
    let quarantined: Set<String> = ingested
        .quarantine
        .iter()
        .filter(|row| !row.order_no().is_empty())
        .map(|row| format!("{}/{}", row.of.account, row.order_no()))
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
    let payouts = known.payouts;
    let order_of = |row: usize| payouts.orders[row].map(|order| order as usize);
    // A line of a parent is told with its first part; it has a claim where one of them has.
    let parts = |row: usize| known.parents.parts(keys.at(row));
    let order = |row: usize| order_of(row).or_else(|| parts(row).first().copied());
    let is_due = |row: usize| order_of(row).is_some_and(has_claim) || parts(row).iter().any(|place| has_claim(*place));
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
    let order_amounts = read::numbers(orders, order_facts::expected_payout)?;
    let line_amounts = read::numbers(lines, payout_lines::amount)?;
    let foreign = |row: usize| payouts.foreign(row).filter(|_| kinds.at(row) != PayoutKind::Payout.text());
    let paid = |row: usize| match order_of(row) {
        Some(order) => sums[order],
        None => payouts.others.get(keys.at(row)).map(PaidSum::of).unwrap_or_default(),
    };
    let convert = |row: usize| {
        let (currency, amount) = foreign(row).zip(line_amounts.at(row))?;
        Some((row, payouts.exchange.convert(row, amount, currency, accounts)?.0))
    };
    let converted: Map<usize, i64> = (0..height).filter_map(convert).collect();
    let due_elsewhere = |row: usize| {
        let (code, place) = foreign(row).zip(order(row))?;
        Some(format!("{} {code}", money::to_decimal(order_amounts.at(place)?, code)))
    };
    // A reversal needs the sale that it reverses; without one the sign of the line is wrong.
    let has_wrong_sign = |row: usize| {
        kinds.at(row) == PayoutKind::Sale.text()
            && line_amounts.at(row).is_some_and(|amount| amount < 0)
            && paid(row).sales == 0
    };
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
            .flags(f::names_order, (0..height).map(|row| !keys.at(row).is_empty() && !unassigned.is_unassigned(row)))
            .flags(f::unassigned, (0..height).map(|row| unassigned.is_unassigned(row)))
            .numbers(f::candidates, (0..height).map(|row| Some(unassigned.candidates(row).len() as i64)))
            .texts(f::candidate, keys.iter().map(|key| candidates.get(key).copied().unwrap_or("")))
            .flags(f::order_quarantined, (0..height).map(is_refused))
            .numbers(f::order_paid, (0..height).map(|row| Some(paid(row).sum)))
            .flags(f::for_order, kinds.iter().map(|kind| PayoutKind::of(kind).is_some_and(is_for_order)));
        facts
    };
    let of_orders = || {
        let mut facts = FrameBuilder::new(&f::FRAME, height);
        let place = |row: usize, nth: usize| unassigned.candidates(row).get(nth).copied();
        let candidate = |row: usize, nth: usize| order_rows.at(place(row, nth)?);
        let number = |row: usize, nth: usize| place(row, nth).map_or("", |place| order_numbers.at(place));
        let status = |row: usize| order(row).map_or(OrderStatus::Unknown.text(), |place| statuses.at(place));
        facts
            .flags(f::order_known, (0..height).map(|row| order(row).is_some()))
            .flags(f::order_has_claim, (0..height).map(is_due))
            .texts(f::order_status, (0..height).map(status))
            .flags(f::no_rate, (0..height).map(|row| foreign(row).is_some() && !converted.contains_key(&row)))
            .flags(f::wrong_sign, (0..height).map(has_wrong_sign))
            .texts(f::order_currency, (0..height).map(|row| foreign(row).unwrap_or("")))
            .numbers(f::converted_amount, (0..height).map(|row| converted.get(&row).copied()))
            .texts(f::due_in_order_currency, (0..height).map(|row| due_elsewhere(row).unwrap_or_default()))
            .references(f::candidate_row, (0..height).map(|row| candidate(row, 0)))
            .references(f::second_candidate_row, (0..height).map(|row| candidate(row, 1)))
            .references(f::third_candidate_row, (0..height).map(|row| candidate(row, 2)))
            .texts(f::candidate_order, (0..height).map(|row| number(row, 0)))
            .texts(f::second_candidate_order, (0..height).map(|row| number(row, 1)))
            .texts(f::third_candidate_order, (0..height).map(|row| number(row, 2)))
            .flags(f::cancelled_later, (0..height).map(cancelled_later))
            .references(f::order_row, (0..height).map(|row| order(row).and_then(|place| order_rows.at(place))));
        facts
    };
    let (of_lines, of_orders) = rayon::join(of_lines, of_orders);
    facts.append(of_lines).append(of_orders);
    facts.finish()
}
