//! What the statements say of one order, line by line.

use crate::base::money::mul_div_half_up;
use crate::vocab::PayoutKind;

/// What the statements say of one order; minor units of the order's currency. Lines of another currency without a declared rate are no
/// part of any sum (rulebook §16.3).
#[derive(Debug, Clone, Default)]
pub struct Paid {
    /// Sum of all lines but `payout`.
    pub sum: i64,
    /// Number of `sale` lines.
    pub sales: i64,
    first_sale: Option<Sale>,
    /// What few orders have.
    pub(super) rare: Option<Box<Rare>>,
    /// Sum of what lines took back of the goods: negative `sale` lines, and `refund`, `cancel` and `correction` lines less those that
    /// were undone, made positive.
    taken_back: i64,
    /// The same without what was undone: every negative line of those kinds, made positive.
    went_back: i64,
    /// A line took something of the goods back.
    is_reversed: bool,
    /// Sum of `fee` and `tax` lines, as charged: positive.
    charged: i64,
    /// Sum of the negative `postage` and `cod_fee` lines, made positive.
    services_back: i64,
    /// Sum of what lines gave for the order: positive lines of every kind.
    pub given: i64,
    /// Number of `commission` lines.
    pub commissions: i64,
    /// Sum of `commission` lines, as charged: positive.
    pub commission: i64,
    /// Sum of `refund` lines.
    pub refunded: i64,
    /// Postage that the statement took back: positive.
    pub postage_refunded: i64,
    /// Day of the first line.
    pub first_on: Option<i32>,
    /// The first line.
    pub first_row: Option<u64>,
}

/// A `sale` line: its place in the frame, and its amount.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sale {
    pub(super) line: usize,
    pub(super) amount: i64,
}

/// What few orders have: several sales, or lines of another currency.
#[derive(Debug, Clone, Default)]
pub struct Rare {
    /// The first `sale` line that repeats an earlier one: the same amount and article.
    pub repeated: Option<Repeated>,
    /// Amounts of converted lines, without their signs.
    pub converted: i64,
    /// The rate of the last converted line, in words.
    pub rate: String,
    /// All sales but the first.
    sales: Vec<Sale>,
}

/// Two `sale` lines of one order, article and amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated {
    /// The amount.
    pub amount: i64,
    /// The earlier line.
    pub first_row: Option<u64>,
    /// The line that repeats it.
    pub row: Option<u64>,
}

impl Paid {
    /// Remembers a sale, and the first one that repeats another. Few orders have a second.
    pub(super) fn take_sale(
        &mut self,
        sale: Sale,
        same_article: impl Fn(usize, usize) -> bool,
        row: impl Fn(usize) -> Option<u64>,
    ) {
        let Some(first) = self.first_sale else {
            self.first_sale = Some(sale);
            return;
        };
        let rare = self.rare.get_or_insert_default();
        if rare.repeated.is_none() {
            let mut earlier = [first].into_iter().chain(rare.sales.iter().copied());
            let twin = earlier.find(|one| one.amount == sale.amount && same_article(one.line, sale.line));
            rare.repeated =
                twin.map(|twin| Repeated { amount: sale.amount, first_row: row(twin.line), row: row(sale.line) });
        }
        rare.sales.push(sale);
    }

    pub(super) fn take(&mut self, kind: PayoutKind, amount: i64, on: Option<i32>, row: Option<u64>) {
        self.sum += amount;
        self.given += amount.max(0);
        self.refunded += if kind == PayoutKind::Refund { amount } else { 0 };
        if self.first_row.is_none() || on < self.first_on {
            (self.first_on, self.first_row) = (on, row);
        }
        match kind {
            PayoutKind::Sale if amount >= 0 => self.sales += 1,
            PayoutKind::Commission => {
                self.commissions += 1;
                self.commission -= amount;
            }
            PayoutKind::Postage | PayoutKind::CodFee if amount < 0 => {
                self.services_back -= amount;
                self.postage_refunded -= if kind == PayoutKind::Postage { amount } else { 0 };
            }
            PayoutKind::Sale | PayoutKind::Refund | PayoutKind::Cancel | PayoutKind::Correction => {
                self.is_reversed |= amount < 0;
                self.taken_back -= amount;
                self.went_back -= amount.min(0);
            }
            PayoutKind::Fee | PayoutKind::Tax => self.charged -= amount,
            _ => {}
        }
    }

    /// With a share of what the parent of the order was paid; what cannot be shared out, such as a repeated sale, goes to the first part.
    pub(super) fn with_share(mut self, whole: &Paid, share: i64, is_first: bool) -> Paid {
        let part = |amount: i64| match mul_div_half_up(amount, share, whole.sum) {
            Some(part) => part,
            None => {
                if is_first {
                    amount
                } else {
                    0
                }
            }
        };
        self.sum += share;
        self.sales += whole.sales;
        self.taken_back += part(whole.taken_back);
        self.went_back += part(whole.went_back);
        self.is_reversed |= whole.is_reversed;
        self.charged += part(whole.charged);
        self.services_back += part(whole.services_back);
        self.given += part(whole.given);
        self.commissions += whole.commissions;
        self.commission += part(whole.commission);
        self.refunded += part(whole.refunded);
        self.postage_refunded += part(whole.postage_refunded);
        if self.first_row.is_none() || whole.first_row.is_some() && whole.first_on < self.first_on {
            (self.first_on, self.first_row) = (whole.first_on, whole.first_row);
        }
        if is_first && self.rare.is_none() {
            self.rare.clone_from(&whole.rare);
        }
        self
    }

    /// A `sale` line that repeats an earlier one.
    pub fn repeated(&self) -> Option<Repeated> {
        self.rare.as_ref()?.repeated
    }

    /// Amounts of converted lines, without their signs.
    pub fn converted(&self) -> i64 {
        self.rare.as_ref().map_or(0, |rare| rare.converted)
    }

    /// The rate of the last converted line, in words; empty where none was.
    pub fn rate(&self) -> &str {
        self.rare.as_ref().map_or("", |rare| rare.rate.as_str())
    }

    /// A reversal stands beside the sale.
    pub fn is_reversed(&self) -> bool {
        self.is_reversed
    }

    /// What lines took back of the order beyond what they gave for it. Of an order without a read sale nobody knows: it may be on an earlier
    /// statement.
    pub fn overdrawn(&self) -> i64 {
        let services = if self.is_reversed { self.services_back } else { 0 };
        if self.sales == 0 { 0 } else { (self.went_back + services - self.given).max(0) }
    }

    /// What of a shortfall the lines themselves explain, beyond the money that is expected back: what was taken back of the goods, postage
    /// and fees that went back with them, and fees of the order. Money that went back beyond what was paid is explained by nothing.
    pub fn explained(&self, expected_back: i64) -> i64 {
        let services = if self.is_reversed { self.services_back } else { 0 };
        let explained = self.taken_back.max(0) + services + self.charged.max(0) - expected_back;
        explained.clamp(0, self.given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reversal_is_no_second_payment() {
        let mut paid = Paid::default();
        paid.take(PayoutKind::Sale, 100, Some(5), Some(1));
        paid.take(PayoutKind::Sale, -100, Some(6), Some(2));
        assert_eq!((paid.sales, paid.is_reversed(), paid.sum), (1, true, 0));
        paid.take(PayoutKind::Sale, 90, Some(4), Some(3));
        assert_eq!((paid.sales, paid.explained(0), paid.first_row), (2, 100, Some(3)));
    }

    #[test]
    fn a_shortfall_is_explained_by_what_went_back_and_stayed_back() {
        use PayoutKind as K;
        let explained = |lines: &[(K, i64)]| {
            let mut paid = Paid::default();
            lines.iter().for_each(|(kind, amount)| paid.take(*kind, *amount, None, None));
            paid.explained(0)
        };
        assert_eq!(explained(&[(K::Sale, 100), (K::Refund, -40)]), 40);
        // A refund that was undone took nothing back.
        assert_eq!(explained(&[(K::Sale, 60), (K::Refund, -40), (K::Refund, 40)]), 0);
        // Postage goes back with the goods; alone it is a deduction that nobody explains.
        assert_eq!(explained(&[(K::Sale, 100), (K::Postage, 89), (K::Refund, -100), (K::Postage, -89)]), 189);
        assert_eq!(explained(&[(K::Sale, 100), (K::Postage, 89), (K::Postage, -89)]), 0);
        assert_eq!(explained(&[(K::Sale, 100), (K::Fee, -3), (K::Tax, -2), (K::Tax, 2)]), 3);
        // The same refund twice: once is explained.
        assert_eq!(explained(&[(K::Sale, 100), (K::Refund, -100), (K::Refund, -100)]), 100);
        // So are fees, up to the money of the order.
        assert_eq!(explained(&[(K::Sale, 100), (K::Fee, -500)]), 100);
    }

    #[test]
    fn what_went_back_beyond_the_money_that_came_is_overdrawn() {
        use PayoutKind as K;
        let overdrawn = |lines: &[(K, i64)]| {
            let mut paid = Paid::default();
            lines.iter().for_each(|(kind, amount)| paid.take(*kind, *amount, None, None));
            paid.overdrawn()
        };
        assert_eq!(overdrawn(&[(K::Sale, 100), (K::Refund, -100), (K::Refund, -100)]), 100);
        assert_eq!(overdrawn(&[(K::Sale, 60), (K::Sale, -60), (K::Sale, -60)]), 60);
        assert_eq!(overdrawn(&[(K::Sale, 100), (K::Refund, -100)]), 0);
        // Refunded, undone, refunded again; a fee that stays is no refund; a sale on an earlier statement.
        assert_eq!(overdrawn(&[(K::Sale, 100), (K::Refund, -100), (K::Refund, 100), (K::Refund, -100)]), 0);
        assert_eq!(overdrawn(&[(K::Sale, 100), (K::Commission, -10), (K::Refund, -100), (K::Fee, -5)]), 0);
        assert_eq!(overdrawn(&[(K::Refund, -100)]), 0);
    }

    #[test]
    fn a_sale_is_repeated_by_one_of_its_amount_and_article() {
        let articles = ["A", "A", "B", "A"];
        let mut paid = Paid::default();
        let mut take = |line: usize, amount| {
            let row = |line: usize| Some(line as u64);
            paid.take_sale(Sale { line, amount }, |a, b| articles[a] == articles[b], row);
            paid.repeated()
        };
        assert_eq!(take(0, 60), None);
        assert_eq!(take(1, 40), None);
        assert_eq!(take(2, 60), None);
        assert_eq!(take(3, 40), Some(Repeated { amount: 40, first_row: Some(1), row: Some(3) }));
    }

    #[test]
    fn refunds_are_part_of_the_sum_and_stand_for_themselves() {
        let mut paid = Paid::default();
        paid.take(PayoutKind::Sale, 100, Some(5), Some(1));
        paid.take(PayoutKind::Refund, -30, Some(6), Some(2));
        paid.take(PayoutKind::Correction, -1, Some(6), Some(3));
        assert_eq!((paid.sum, paid.refunded), (69, -30));
    }
}
