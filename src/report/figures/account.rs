//! Per account: the three counts of the marketplace's daily mail, and expected against paid.

use std::collections::BTreeMap;

use crate::base::as_of::AsOf;
use crate::base::zone::day_number;
use crate::frame::{clawback_facts, order_facts, payout_facts};
use crate::pipeline::{Pipeline, Source};
use crate::reconcile::not_computable::NO_POLICY;
use crate::report::fields::Fields;
use crate::report::figures::add_amount;
use crate::report::figures::standing::Standing;
use crate::report::{Assessment, ReportError};
use crate::rules::blind::{Blind, blind as blind_rules};
use crate::vocab::{Kind, OrderStatus, PayoutKind, SettlementState, Word};

/// What of an account could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The account.
    pub account: String,
    /// Its marketplace.
    pub marketplace: String,
    /// Its currency.
    pub currency: String,
    /// All of its order sources were read, and there is one.
    pub orders: bool,
    /// All of its payout sources were read, and there is one.
    pub payouts: bool,
    /// Kinds of its sources that were left out, in alphabetical order.
    pub missing: Vec<&'static str>,
}

/// The figures of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFigures {
    /// What could be read.
    pub coverage: Coverage,
    /// The three counts; `None` without orders to count.
    pub daily: Option<Daily>,
    /// By currency.
    pub settlement: BTreeMap<String, Settlement>,
    /// Rules that cannot judge its orders, or those of some files, each with the fields that are not bound (§16.14).
    pub blind: Vec<Blind>,
    /// Why billing dates or payouts are not computable.
    pub not_computable: Vec<String>,
}

/// The three counts of the daily mail (rulebook §3.6, §15.15): orders that are no test and not cancelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Daily {
    /// Not yet accepted.
    pub new: i64,
    /// On their way to the buyer.
    pub to_deliver: i64,
    /// Of both, those past a day that the buyer was promised.
    pub late: i64,
}

/// Expected against paid, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settlement {
    /// Orders without test and cancelled ones.
    pub orders: i64,
    /// Of them, those with a fixed payout date.
    pub eligible: i64,
    /// Orders whose payout date has come.
    pub due: i64,
    /// Of `due`, those whose cash is not computable, and orders that have arrived on a day that nothing says: `expected` lacks them.
    pub not_computable: i64,
    /// Cash due on payout dates up to as-of, as far as it is computable.
    pub expected: Cash,
    /// Cash due on later payout dates.
    pub coming: Cash,
    /// Cash of orders without a payout date that may still get one.
    pub blocked: Cash,
    /// Nothing says when an order is billed: what is due by now is not known.
    pub has_no_dates: bool,
    /// All payout lines but transfers.
    pub paid: i64,
    /// Of `paid`, lines that name no known order.
    pub paid_without_order: i64,
}

/// A sum of cash, and how many amounts it has and lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cash {
    sum: i64,
    added: i64,
    lacking: i64,
}

impl Cash {
    fn add(&mut self, amount: Option<i64>) -> Result<(), ReportError> {
        match amount {
            Some(amount) => {
                self.added += 1;
                add_amount(&mut self.sum, amount)
            }
            None => {
                self.lacking += 1;
                Ok(())
            }
        }
    }

    /// The sum; `None` where there are amounts and none of them is computable.
    pub fn known(self) -> Option<i64> {
        (self.lacking == 0 || self.added > 0).then_some(self.sum)
    }
}

impl Settlement {
    /// The cash due by now; `None` where it is not computable.
    pub fn expected(&self) -> Option<i64> {
        self.expected.known().filter(|_| !self.has_no_dates)
    }

    /// The cash due later; `None` where it is not computable.
    pub fn coming(&self) -> Option<i64> {
        self.coming.known().filter(|_| !self.has_no_dates)
    }

    /// The cash without a date; `None` where it is not computable.
    pub fn blocked(&self) -> Option<i64> {
        self.blocked.known()
    }

    /// Paid less expected; `None` where either is not computable for one of the orders: it would be told as a difference.
    pub fn difference(&self) -> Option<i64> {
        self.paid.checked_sub(self.expected().filter(|_| self.expected.lacking == 0)?)
    }
}

/// What of each account could be read, in the order of the pipeline.
pub fn coverage(pipeline: &Pipeline, left_out: &[String]) -> Vec<Coverage> {
    pipeline
        .accounts
        .iter()
        .map(|account| {
            let sources: Vec<&Source> = pipeline
                .sources
                .iter()
                .map(AsRef::as_ref)
                .filter(|source| source.account.as_ref() == Some(&account.name))
                .collect();
            let is_out = |source: &&Source| left_out.contains(&source.name);
            let mut missing: Vec<&'static str> =
                sources.iter().copied().filter(is_out).map(|source| source.kind.text()).collect();
            missing.sort_unstable();
            missing.dedup();
            Coverage {
                account: account.name.clone(),
                marketplace: account.marketplace.clone(),
                currency: account.currency.clone(),
                orders: is_covered(&sources, Kind::Orders, left_out),
                payouts: is_covered(&sources, Kind::PayoutLines, left_out),
                missing,
            }
        })
        .collect()
}

/// A source that may be absent and was is no gap; any other one that was left out is.
fn is_covered(sources: &[&Source], kind: Kind, left_out: &[String]) -> bool {
    let is_out = |source: &Source| left_out.contains(&source.name);
    let of_kind: Vec<&Source> = sources.iter().copied().filter(|source| source.kind == kind).collect();
    of_kind.iter().any(|source| !is_out(source))
        && of_kind.iter().all(|source| !is_out(source) || source.may_be_absent())
}

/// The figures of all accounts.
///
/// # Errors
/// A sum beyond 64 bits, a frame that is not as declared.
pub fn accounts(run: &Assessment<'_>, coverage: Vec<Coverage>) -> Result<Vec<AccountFigures>, ReportError> {
    let mut settlement: BTreeMap<String, BTreeMap<String, Settlement>> = BTreeMap::new();
    let mut daily: BTreeMap<String, Daily> = BTreeMap::new();
    count_orders(run, &mut settlement, &mut daily)?;
    let mut blind = blind_rules(run.rules, run.pipeline, run.ingested, AsOf(run.as_of));
    add_clawbacks(run, &mut settlement)?;
    add_payouts(run, &mut settlement)?;
    Ok(coverage
        .into_iter()
        .map(|coverage| {
            let mut settlement = settlement.remove(&coverage.account).unwrap_or_default();
            settlement.entry(coverage.currency.clone()).or_default();
            let not_computable = run.reconciled.not_computable.get(&coverage.account).cloned().unwrap_or_default();
            settlement.values_mut().for_each(|sums| sums.has_no_dates = has_no_dates(run, &coverage.account));
            let daily = coverage.orders.then(|| daily.remove(&coverage.account).unwrap_or_default());
            let blind = blind.remove(&coverage.account).unwrap_or_default();
            AccountFigures { daily, settlement, coverage, blind, not_computable }
        })
        .collect())
}

/// Nothing says when an order of the account is billed.
fn has_no_dates(run: &Assessment<'_>, account: &str) -> bool {
    let reasons = run.reconciled.not_computable.get(account);
    reasons.is_some_and(|reasons| reasons.iter().any(|reason| reason == NO_POLICY))
}

fn count_orders(
    run: &Assessment<'_>,
    settlement: &mut BTreeMap<String, BTreeMap<String, Settlement>>,
    daily: &mut BTreeMap<String, Daily>,
) -> Result<(), ReportError> {
    let fields = Fields(&run.reconciled.orders);
    let (accounts, currencies) = (fields.text(order_facts::account)?, fields.text(order_facts::currency)?);
    let (standing, eligible) = (Standing::read(fields)?, fields.flag(order_facts::eligible)?);
    let (cash, payout_on) = (fields.int(order_facts::cash_expected)?, fields.date(order_facts::due_on)?);
    let late = fields.flag(order_facts::late)?;
    let states = fields.words::<SettlementState>(order_facts::settlement_state)?;
    let as_of = day_number(run.as_of);
    for (row, state) in states.iter().enumerate() {
        let account = accounts.at(row);
        let sums = entry(entry(settlement, account), currencies.at(row));
        let amount = cash.at(row);
        match payout_on.at(row) {
            Some(day) if day <= as_of => {
                sums.due += 1;
                sums.not_computable += i64::from(cash.at(row).is_none());
                sums.expected.add(amount)?;
            }
            Some(_) => sums.coming.add(amount)?,
            None if standing.may_be_paid(row)
                && *state == SettlementState::NotComputable
                && !has_no_dates(run, account) =>
            {
                sums.due += 1;
                sums.not_computable += 1;
                sums.expected.add(None)?;
            }
            None if standing.may_be_paid(row) => sums.blocked.add(amount)?,
            None => {}
        }
        if standing.is_counted(row) {
            sums.orders += 1;
            sums.eligible += i64::from(eligible.at(row));
            count_daily(entry(daily, account), standing.status(row), late.at(row));
        }
    }
    Ok(())
}

fn count_daily(daily: &mut Daily, status: OrderStatus, is_late: bool) {
    use OrderStatus::{Accepted, New, Packing, ReadyForPickup, Shipped};
    match status {
        New => daily.new += 1,
        Accepted | Packing | Shipped | ReadyForPickup => daily.to_deliver += 1,
        _ => return,
    }
    daily.late += i64::from(is_late);
}

/// What is taken back counts on its own payout date.
fn add_clawbacks(
    run: &Assessment<'_>,
    settlement: &mut BTreeMap<String, BTreeMap<String, Settlement>>,
) -> Result<(), ReportError> {
    let fields = Fields(&run.reconciled.clawbacks);
    let (accounts, currencies) = (fields.text(clawback_facts::account)?, fields.text(clawback_facts::currency)?);
    let (amounts, payout_on) = (fields.int(clawback_facts::amount)?, fields.date(clawback_facts::payout_on)?);
    let as_of = day_number(run.as_of);
    for row in 0..fields.height() {
        let sums = entry(entry(settlement, accounts.at(row)), currencies.at(row));
        let sum = match payout_on.at(row) {
            Some(day) if day <= as_of => &mut sums.expected,
            Some(_) => &mut sums.coming,
            None => &mut sums.blocked,
        };
        sum.add(amounts.at(row))?;
    }
    Ok(())
}

fn add_payouts(
    run: &Assessment<'_>,
    settlement: &mut BTreeMap<String, BTreeMap<String, Settlement>>,
) -> Result<(), ReportError> {
    let fields = Fields(&run.reconciled.payouts);
    let (accounts, currencies) = (fields.text(payout_facts::account)?, fields.text(payout_facts::currency)?);
    let (kinds, amounts) = (fields.words::<PayoutKind>(payout_facts::kind)?, fields.int(payout_facts::amount)?);
    let known = fields.flag(payout_facts::order_known)?;
    let order_currencies = fields.text(payout_facts::order_currency)?;
    let converted = fields.int(payout_facts::converted_amount)?;
    for (row, kind) in kinds.iter().enumerate() {
        if *kind == PayoutKind::Payout {
            continue;
        }
        let by_currency = entry(settlement, accounts.at(row));
        // Money of another currency than its order settles the order, by the rate that converts it.
        let (currency, amount) = match converted.at(row) {
            Some(amount) => (order_currencies.at(row), amount),
            None => (currencies.at(row), amounts.at(row).unwrap_or(0)),
        };
        let sums = entry(by_currency, currency);
        add_amount(&mut sums.paid, amount)?;
        if !known.at(row) {
            add_amount(&mut sums.paid_without_order, amount)?;
        }
    }
    Ok(())
}

/// The entry of a key, made when absent.
fn entry<'map, V: Default>(map: &'map mut BTreeMap<String, V>, key: &str) -> &'map mut V {
    map.entry(key.to_owned()).or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen::Specimen;
    use polars::prelude::Column;

    #[test]
    fn settlement_and_daily_counts_of_the_specimen() {
        let specimen = Specimen::small();
        let run = specimen.assessment();
        let figures = accounts(&run, coverage(run.pipeline, &[])).unwrap();
        let shop = &figures[0];
        // o4 is new, o5 shipped and late, o6 accepted; o7 (cancelled) and o8 (test) are left out, o9 came back
        assert_eq!(shop.daily, Some(Daily { new: 1, to_deliver: 2, late: 1 }));
        let czk = shop.settlement["CZK"];
        assert_eq!((czk.orders, czk.eligible), (7, 3));
        // due: o1 1965.16 and o2 500.00; o3 1200.00 comes after as-of; o4..o6 are blocked, o9 never comes
        assert_eq!((czk.expected(), czk.coming(), czk.blocked()), (Some(246_516), Some(120_000), Some(60_000)));
        // 1949.14 for o1, -15.00 fee without an order; the transfer itself is not counted
        assert_eq!((czk.paid, czk.paid_without_order), (193_414, -1_500));
    }

    #[test]
    fn cash_that_is_not_computable_is_no_zero() {
        let mut specimen = Specimen::small();
        let orders = &mut specimen.reconciled.orders;
        let cash = order_facts::cash_expected;
        let nothing = Column::full_null(cash.name.into(), orders.height(), &cash.shape.data_type());
        orders.with_column(nothing).unwrap();
        let run = specimen.assessment();
        let figures = accounts(&run, coverage(run.pipeline, &[])).unwrap();
        let czk = figures[0].settlement["CZK"];
        assert_eq!((czk.due, czk.not_computable, czk.expected()), (2, 2, None));
        assert_eq!((czk.coming(), czk.blocked(), czk.difference()), (None, None, None));
        let some = Cash { sum: 50_000, added: 1, lacking: 1 };
        assert_eq!(some.known(), Some(50_000));
        assert_eq!(Settlement { has_no_dates: true, ..Settlement::default() }.expected(), None);
        assert_eq!(Settlement::default().expected(), Some(0));
    }

    #[test]
    fn a_left_out_source_makes_the_account_not_computable() {
        let specimen = Specimen::small();
        let run = specimen.assessment();
        let found = coverage(run.pipeline, &["shop-orders".to_owned()]);
        assert!(!found[0].orders && found[0].payouts);
        assert_eq!(found[0].missing, ["orders"]);
        assert_eq!(accounts(&run, found).unwrap()[0].daily, None);
    }

    #[test]
    fn an_account_without_payout_source_has_nothing_paid() {
        let specimen = Specimen::small();
        let found = coverage(&specimen.pipeline, &[]);
        assert_eq!((found[1].account.as_str(), found[1].payouts), ("shop-sk", false));
    }
}
