//! Payout lines by their orders: what the statements paid for each, in its currency.

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Map;
use crate::base::rate::Rate;
use crate::frame::{orders as order_frame, payout_lines, read};
use crate::pipeline::exchange::in_words;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::currencies::one_each;
use crate::reconcile::keys::{Lists, OrderKeys};
use crate::reconcile::paid::{Paid, Sale};
use crate::reconcile::parents::Parents;
use crate::reconcile::statements::paid_days;
use crate::vocab::{PayoutKind, Word};

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

    /// The order of a line.
    pub(super) fn order(&self, line: usize) -> Option<usize> {
        self.orders[line].map(|order| order as usize)
    }

    /// What was paid under the number of a line that is of no order.
    pub(super) fn of_no_order(&self, line: usize) -> PaidSum {
        self.others.get(self.keys.at(line)).map(PaidSum::of).unwrap_or_default()
    }

    /// An amount of a line in the currency of its order.
    pub(super) fn converted(&self, line: usize, amount: i64, currency: &str, accounts: &Accounts) -> Option<i64> {
        Some(self.exchange.convert(line, amount, currency, accounts)?.0)
    }

    /// The currency of the order of a line, where it is another than the line's.
    pub(super) fn foreign(&self, line: usize) -> Option<&'run str> {
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
