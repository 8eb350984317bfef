//! What an order is worth: goods, cancelled goods, commission and the marketplace's purchase price, line by line
//! (rulebook §1.1, §3.4, §15.11, §15.12).

use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::Set;
use crate::base::money::{PPM, commission_of, net_of};
use crate::frame::{order_lines, orders, read};
use crate::pipeline::Account;
use crate::pipeline::percent::Percent;
use crate::pipeline::policy::PolicyEntry;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::currencies::orders_of_mixed_lines;
use crate::reconcile::keys::Spans;
use crate::vocab::CommissionBase;

/// One line, or the order itself where it has no lines.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Pieces ordered.
    pub qty: i64,
    /// Pieces cancelled.
    pub qty_cancelled: i64,
    /// Price of a piece with VAT, minor units.
    pub price: i64,
    /// VAT rate, millionths.
    pub vat_ppm: Option<i64>,
    /// Commission rate, millionths.
    pub commission_ppm: Option<i64>,
}

/// The amounts of an order, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderAmounts {
    /// Goods as ordered.
    pub goods: Option<i64>,
    /// Goods of cancelled pieces.
    pub goods_cancelled: i64,
    /// Pieces ordered.
    pub pieces: i64,
    /// Pieces cancelled.
    pub pieces_cancelled: i64,
    /// Number of lines, at least 1.
    pub lines: i64,
    /// Commission on what is left; `None` when no rate is known.
    pub commission: Option<i64>,
    /// Purchase price of what is left, net; `None` when a commission or VAT rate is not known.
    pub goods_net: Option<i64>,
    /// `commission` as if no piece were cancelled.
    pub commission_as_ordered: Option<i64>,
    /// `goods_net` as if no piece were cancelled.
    pub goods_net_as_ordered: Option<i64>,
    /// Highest VAT rate of the lines: that of the services.
    pub vat_ppm: Option<i64>,
    /// Commission rate of the first line.
    pub commission_ppm: Option<i64>,
    /// How the commission is taken.
    pub terms: CommissionTerms,
    /// Its lines are of other currencies than the order: nothing is added up.
    pub is_mixed: bool,
}

/// What orders say of their amounts, and their lines.
pub struct OrderValues<'run> {
    keys: read::Texts<'run>,
    goods: read::Numbers<'run>,
    rates: read::Numbers<'run>,
    created: read::Days<'run>,
    postage: read::Numbers<'run>,
    lines: LineValues<'run>,
    spans: Spans,
    /// Keys of orders whose lines are of other currencies.
    mixed: Set<&'run str>,
}

/// The columns of order lines.
struct LineValues<'run> {
    qty: read::Numbers<'run>,
    cancelled: read::Numbers<'run>,
    price: read::Numbers<'run>,
    vat: read::Numbers<'run>,
    commission: read::Numbers<'run>,
}

impl<'run> OrderValues<'run> {
    /// Reads the orders and their lines.
    ///
    /// # Errors
    /// A frame lacks a declared column: a bug of ours.
    pub fn read(frame: &'run DataFrame, lines: &'run DataFrame) -> PolarsResult<OrderValues<'run>> {
        let keys = read::texts(frame, orders::order_key)?;
        Ok(OrderValues {
            spans: Spans::of(&keys, &read::texts(lines, order_lines::order_key)?),
            keys,
            goods: read::numbers(frame, orders::goods_amount)?,
            rates: read::numbers(frame, orders::commission_ppm)?,
            created: read::days(frame, orders::created_on)?,
            postage: read::numbers(frame, orders::delivery_price)?,
            lines: LineValues {
                qty: read::numbers(lines, order_lines::qty)?,
                cancelled: read::numbers(lines, order_lines::qty_cancelled)?,
                price: read::numbers(lines, order_lines::unit_price_gross)?,
                vat: read::numbers(lines, order_lines::vat_ppm)?,
                commission: read::numbers(lines, order_lines::commission_ppm)?,
            },
            mixed: orders_of_mixed_lines(frame, lines)?,
        })
    }

    /// The amounts of the order in a row, by the policy of the day on which it was created.
    pub fn amounts<'acc>(
        &self,
        row: usize,
        account: Option<&'acc Arc<Account>>,
        accounts: &Accounts<'acc>,
    ) -> OrderAmounts {
        let policy = account.map(|account| accounts.policy(account, self.created.at(row)));
        let policy_rate = || policy.as_ref().and_then(|policy| policy.entry.commission).map(Percent::ppm);
        let rate = self.rates.at(row).or_else(policy_rate);
        let terms = policy.as_ref().map(|policy| CommissionTerms::of(&policy.entry)).unwrap_or_default();
        let goods = self.goods.at(row);
        let own = self.spans.rows(row);
        let amounts = match own.is_empty() {
            false => sum(&own.map(|line| self.lines.at(line)).collect::<Vec<_>>(), goods, rate, terms),
            true => sum(goods.map(|price| whole_order(price, rate)).as_slice(), goods, rate, terms),
        };
        let amounts = amounts.with_postage(self.postage.at(row).unwrap_or(0));
        let is_mixed = !self.mixed.is_empty() && self.mixed.contains(self.keys.at(row));
        if is_mixed { amounts.without_sums(goods) } else { amounts }
    }
}

impl LineValues<'_> {
    fn at(&self, row: usize) -> Line {
        Line {
            qty: self.qty.at(row).unwrap_or(0),
            qty_cancelled: self.cancelled.at(row).unwrap_or(0),
            price: self.price.at(row).unwrap_or(0),
            vat_ppm: self.vat.at(row),
            commission_ppm: self.commission.at(row),
        }
    }
}

/// How a commission is taken: from what, and with which VAT on it (A7, A8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommissionTerms {
    base: CommissionBase,
    vat_ppm: i64,
}

impl Default for CommissionTerms {
    fn default() -> CommissionTerms {
        CommissionTerms { base: CommissionBase::Goods, vat_ppm: 0 }
    }
}

impl CommissionTerms {
    /// The terms of a policy.
    pub fn of(policy: &PolicyEntry) -> CommissionTerms {
        CommissionTerms {
            base: policy.commission_base.unwrap_or(CommissionBase::Goods),
            vat_ppm: policy.commission_vat_rate.map_or(0, Percent::ppm),
        }
    }

    /// Commission of an amount with VAT; `None` when its VAT rate decides and is not known.
    pub fn commission(self, amount: i64, vat_ppm: Option<i64>, rate_ppm: i64) -> Option<i64> {
        let off = if self.base == CommissionBase::GoodsNet { vat_ppm? } else { 0 };
        commission_of(amount, off, rate_ppm, self.vat_ppm)
    }
}

fn whole_order(price: i64, commission_ppm: Option<i64>) -> Line {
    Line { qty: 1, qty_cancelled: 0, price, vat_ppm: None, commission_ppm }
}

/// The commission rate of an account's policy on the day an order was created, in millionths.
pub(super) fn policy_rate(accounts: &Accounts, account: &str, created: Option<i32>) -> Option<i64> {
    accounts.policy(accounts.get(account)?, created).entry.commission.map(Percent::ppm)
}

/// The amounts of the lines of one order; `goods` and `order_rate` are what the order itself says.
pub fn sum(lines: &[Line], goods: Option<i64>, order_rate: Option<i64>, terms: CommissionTerms) -> OrderAmounts {
    let mut amounts = OrderAmounts {
        terms,
        lines: (lines.len() as i64).max(1),
        commission: Some(0),
        goods_net: Some(0),
        commission_as_ordered: Some(0),
        goods_net_as_ordered: Some(0),
        ..OrderAmounts::default()
    };
    let mut line_goods = 0;
    for line in lines {
        let rate = line.commission_ppm.or(order_rate);
        let left = line.price * (line.qty - line.qty_cancelled);
        line_goods += line.price * line.qty;
        amounts.goods_cancelled += line.price * line.qty_cancelled;
        amounts.pieces += line.qty;
        amounts.pieces_cancelled += line.qty_cancelled;
        amounts.vat_ppm = amounts.vat_ppm.max(line.vat_ppm);
        amounts.commission_ppm = amounts.commission_ppm.or(rate);
        let commission = |goods| rate.and_then(|rate| terms.commission(goods, line.vat_ppm, rate));
        let net = |goods| rate.zip(line.vat_ppm).and_then(|(rate, vat)| net_of(goods, vat, rate));
        amounts.commission = add(amounts.commission, commission(left));
        amounts.goods_net = add(amounts.goods_net, net(left));
        let ordered = line.price * line.qty;
        amounts.commission_as_ordered = add(amounts.commission_as_ordered, commission(ordered));
        amounts.goods_net_as_ordered = add(amounts.goods_net_as_ordered, net(ordered));
    }
    amounts.goods = goods.or((!lines.is_empty()).then_some(line_goods));
    if lines.is_empty() {
        (amounts.commission, amounts.goods_net) = (None, None);
        (amounts.commission_as_ordered, amounts.goods_net_as_ordered) = (None, None);
    }
    amounts
}

fn add(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a?.checked_add(b?)
}

impl OrderAmounts {
    /// With the commission on the postage where the terms take it: rounded once, as a line of its own.
    #[must_use]
    pub fn with_postage(mut self, postage: i64) -> OrderAmounts {
        if self.terms.base == CommissionBase::GoodsAndPostage {
            let commission = self.postage_commission(postage);
            self.commission_as_ordered = add(self.commission_as_ordered, commission);
            if !self.all_cancelled() {
                self.commission = add(self.commission, commission);
            }
        }
        self
    }

    /// The amounts as if nothing were cancelled.
    #[must_use]
    pub fn as_ordered(self) -> OrderAmounts {
        OrderAmounts {
            goods_cancelled: 0,
            pieces_cancelled: 0,
            commission: self.commission_as_ordered,
            goods_net: self.goods_net_as_ordered,
            ..self
        }
    }

    /// What lines of two currencies add up to is nothing: only the goods that the order itself states are known.
    fn without_sums(self, goods: Option<i64>) -> OrderAmounts {
        OrderAmounts { goods, goods_cancelled: 0, commission: None, goods_net: None, is_mixed: true, ..self }
    }

    /// Nothing of the order is left.
    pub fn all_cancelled(&self) -> bool {
        self.pieces > 0 && self.pieces_cancelled >= self.pieces
    }

    /// Purchase price of the order with its services, net (§1.1): freight and COD fee without margin.
    pub fn claim_net(&self, postage: i64, cod_fee: i64) -> Option<i64> {
        let vat = self.vat_ppm?;
        let services = add(net_of(postage, vat, 0), net_of(cod_fee, vat, 0));
        add(self.goods_net, services)
    }

    /// Goods that are left, less commission.
    pub fn goods_less_commission(&self) -> Option<i64> {
        Some(self.goods? - self.goods_cancelled - self.commission?)
    }

    /// What commission on the postage would be.
    pub fn postage_commission(&self, postage: i64) -> Option<i64> {
        self.terms.commission(postage, self.vat_ppm, self.commission_ppm?.min(PPM))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::money::share_of;

    fn line(qty: i64, qty_cancelled: i64, price: i64, vat_ppm: i64, commission_ppm: i64) -> Line {
        Line { qty, qty_cancelled, price, vat_ppm: Some(vat_ppm), commission_ppm: Some(commission_ppm) }
    }

    #[test]
    fn x11_and_x13() {
        let whole = sum(
            &[line(2, 0, 49_900, 0, 180_000), line(1, 0, 129_000, 0, 180_000)],
            None,
            None,
            CommissionTerms::default(),
        );
        assert_eq!((whole.goods, whole.commission), (Some(228_800), Some(41_184)));
        assert_eq!(whole.goods_less_commission().unwrap() + 8_900, 196_516);
        let partly = sum(
            &[line(2, 1, 49_900, 0, 180_000), line(1, 0, 129_000, 0, 180_000)],
            None,
            None,
            CommissionTerms::default(),
        );
        assert_eq!((partly.goods_cancelled, partly.commission), (49_900, Some(32_202)));
        assert_eq!(partly.goods_less_commission().unwrap() + 8_900, 155_598);
        assert!(!partly.all_cancelled());
    }

    #[test]
    fn x12_postage_commission() {
        let whole = sum(
            &[line(2, 0, 49_900, 0, 180_000), line(1, 0, 129_000, 0, 180_000)],
            None,
            None,
            CommissionTerms::default(),
        );
        assert_eq!(whole.postage_commission(8_900), Some(1_602));
        assert_eq!(whole.goods_less_commission().unwrap() + 8_900 - 1_602, 194_914);
    }

    #[test]
    fn a_commission_on_goods_and_postage_is_rounded_for_the_postage_alone() {
        let whole = sum(
            &[line(2, 0, 49_900, 0, 180_000), line(1, 0, 129_000, 0, 180_000)],
            None,
            None,
            CommissionTerms::default(),
        );
        assert_eq!(whole.with_postage(8_900), whole);
        // 18 % of 2288.00 and of 89.00
        let terms = CommissionTerms { base: CommissionBase::GoodsAndPostage, vat_ppm: 0 };
        assert_eq!(OrderAmounts { terms, ..whole }.with_postage(8_900).commission, Some(41_184 + 1_602));
        let cancelled = sum(&[line(1, 1, 49_900, 0, 180_000)], None, None, terms);
        assert_eq!(cancelled.with_postage(8_900).commission, Some(0));
    }

    #[test]
    fn a_base_without_vat_and_vat_on_the_commission() {
        let net = CommissionTerms { base: CommissionBase::GoodsNet, vat_ppm: 0 };
        // 10 % of 121.00 / 1.21; of two lines each is rounded: 10 % of 0.99 / 1.21 is 0.08.
        assert_eq!(sum(&[line(1, 0, 12_100, 210_000, 100_000)], None, None, net).commission, Some(1_000));
        let two = [line(1, 0, 99, 210_000, 100_000), line(1, 0, 99, 210_000, 100_000)];
        assert_eq!(sum(&two, None, None, net).commission, Some(16));
        // Without the VAT rate there is no commission, and no payout that leaves it out.
        let untaxed = sum(&[Line { vat_ppm: None, ..line(1, 0, 12_100, 0, 100_000) }], None, None, net);
        assert_eq!((untaxed.commission, untaxed.goods_less_commission()), (None, None));
        let added = CommissionTerms { base: CommissionBase::Goods, vat_ppm: 210_000 };
        assert_eq!(sum(&[line(1, 0, 12_100, 210_000, 100_000)], None, None, added).commission, Some(1_464));
        assert_eq!(
            sum(&[line(1, 0, 12_100, 210_000, 100_000)], None, None, added).postage_commission(1_000),
            Some(121)
        );
    }

    #[test]
    fn x15() {
        let order = sum(&[line(1, 0, 179_900, 210_000, 150_000)], None, None, CommissionTerms::default());
        assert_eq!(order.goods_net, Some(126_376));
        assert_eq!(order.claim_net(2_900, 3_900), Some(131_996));
        assert_eq!(order.goods_less_commission().map(|goods| goods + 2_900 + 3_900), Some(159_715));
    }

    #[test]
    fn no_rate_is_no_amount() {
        let unknown =
            sum(&[Line { commission_ppm: None, ..line(1, 0, 100, 0, 0) }], None, None, CommissionTerms::default());
        assert_eq!(unknown.commission, None);
        let untaxed = sum(&[Line { vat_ppm: None, ..line(1, 0, 100, 0, 0) }], None, None, CommissionTerms::default());
        assert_eq!((untaxed.commission, untaxed.claim_net(0, 0)), (Some(0), None));
    }

    proptest! {
        /// Who rounds the commission of the whole order once differs from us by no more than 0.01 a line, or 0.02 (A9).
        #[test]
        fn another_rounding_lies_within_the_tolerance(
            prices in prop::collection::vec(0..10_000_000_i64, 1..20), rate in 0..=PPM,
        ) {
            let lines: Vec<Line> = prices.iter().map(|price| line(1, 0, *price, 210_000, rate)).collect();
            let by_line = sum(&lines, None, None, CommissionTerms::default()).commission.unwrap();
            let at_once = share_of(prices.iter().sum(), rate).unwrap();
            prop_assert!((by_line - at_once).abs() <= (lines.len() as i64).max(2));
        }
    }
}
