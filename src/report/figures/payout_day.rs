//! The payout calendar: what is to be paid when, and what was.
//!
//! *Eligible*: the payout date is fixed and the order has no open finding of severity high or above; *at risk*: the same with
//! one; *blocked*: no payout date yet, under no date; orders that were cancelled, came back or got lost are none of the three. All three are expected cash, signed;
//! what was due and is taken back counts as a negative amount on the payout date of its clawback.

use std::collections::BTreeMap;

use crate::base::map::Set;
use crate::base::zone::day_number;
use crate::frame::{clawback_facts, findings, order_facts, payout_facts, read};
use crate::reconcile::not_computable::is_of_all;
use crate::report::fields::Fields;
use crate::report::figures::account::Coverage;
use crate::report::figures::add_amount;
use crate::report::figures::standing::Standing;
use crate::report::{Assessment, ReportError};
use crate::vocab::{FindingState, PayoutKind, Severity};

/// One payout date of an account in one currency, minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutDay {
    /// The account.
    pub account: String,
    /// Days since 1970-01-01; `None`: not yet known.
    pub date: Option<i32>,
    /// Currency of the amounts.
    pub currency: String,
    /// Expected, without a grave open finding.
    pub eligible: i64,
    /// Expected, with a grave open finding on the order.
    pub at_risk: i64,
    /// Expected, without a payout date.
    pub blocked: i64,
    /// Payout lines but transfers, on the day they were paid; `None` when the account's payouts could not be read.
    pub paid: Option<i64>,
    /// The date is after as-of.
    pub is_coming: bool,
    /// The account's orders were read, and the cash of one of the day's is computable: else nothing is known, and not zero expected.
    pub is_computable: bool,
}

impl PayoutDay {
    /// An amount of the day; `None` where it is not computable.
    pub fn known(&self, amount: i64) -> Option<i64> {
        self.is_computable.then_some(amount)
    }
}

#[derive(Default)]
struct Sums {
    /// Amounts that were added, and those that are not computable.
    added: u64,
    not_computable: u64,
    eligible: i64,
    at_risk: i64,
    blocked: i64,
    paid: i64,
}

/// Account, has no date, date, currency: dates ascend and the unknown one is last.
type Key<'run> = (&'run str, bool, i32, &'run str);

type Days<'run> = BTreeMap<Key<'run>, Sums>;

fn key<'run>(account: &'run str, date: Option<i32>, currency: &'run str) -> Key<'run> {
    (account, date.is_none(), date.unwrap_or(0), currency)
}

/// The calendar, by account, date (unknown last) and currency.
///
/// # Errors
/// A sum beyond 64 bits, a frame that is not as declared.
pub fn calendar(run: &Assessment<'_>, coverage: &[Coverage]) -> Result<Vec<PayoutDay>, ReportError> {
    let mut days = Days::new();
    add_expected(run, &mut days)?;
    add_paid(run, &mut days)?;
    let as_of = day_number(run.as_of);
    let covered = |account: &str| coverage.iter().find(|known| known.account == account);
    let lacks_all = |account: &str| {
        run.reconciled.not_computable.get(account).is_some_and(|reasons| reasons.iter().any(|reason| is_of_all(reason)))
    };
    let paid_is_known = |account: &str| covered(account).is_some_and(|known| known.payouts);
    Ok(days
        .into_iter()
        .map(|((account, has_no_date, date, currency), sums)| PayoutDay {
            paid: paid_is_known(account).then_some(sums.paid),
            date: (!has_no_date).then_some(date),
            is_coming: !has_no_date && date > as_of,
            is_computable: covered(account).is_some_and(|known| known.orders)
                && (sums.added > 0 || sums.not_computable == 0 && !lacks_all(account)),
            account: account.to_owned(),
            currency: currency.to_owned(),
            eligible: sums.eligible,
            at_risk: sums.at_risk,
            blocked: sums.blocked,
        })
        .collect())
}

fn add_expected<'run>(run: &Assessment<'run>, days: &mut Days<'run>) -> Result<(), ReportError> {
    let in_doubt = orders_with_grave_findings(run)?;
    let orders = &run.reconciled.orders;
    let (accounts, numbers) = (read::texts(orders, order_facts::account)?, read::texts(orders, order_facts::order_no)?);
    let (currencies, standing) = (read::texts(orders, order_facts::currency)?, Standing::read(Fields(orders))?);
    let cash = read::numbers(orders, order_facts::cash_expected)?;
    let payout_on = read::days(orders, order_facts::due_on)?;
    for row in 0..orders.height() {
        let (account, date) = (accounts.at(row), payout_on.at(row));
        if date.is_none() && !standing.may_be_paid(row) {
            continue;
        }
        let sums = days.entry(key(account, date, currencies.at(row))).or_default();
        let doubted = date.is_some() && in_doubt.contains(&(account, numbers.at(row)));
        sums.expect(date, doubted, cash.at(row))?;
    }
    let clawbacks = &run.reconciled.clawbacks;
    let accounts = read::texts(clawbacks, clawback_facts::account)?;
    let numbers = read::texts(clawbacks, clawback_facts::order_no)?;
    let currencies = read::texts(clawbacks, clawback_facts::currency)?;
    let amounts = read::numbers(clawbacks, clawback_facts::amount)?;
    let payout_on = read::days(clawbacks, clawback_facts::payout_on)?;
    for row in 0..clawbacks.height() {
        let (account, date) = (accounts.at(row), payout_on.at(row));
        let sums = days.entry(key(account, date, currencies.at(row))).or_default();
        sums.expect(date, in_doubt.contains(&(account, numbers.at(row))), amounts.at(row))?;
    }
    Ok(())
}

impl Sums {
    fn expect(&mut self, date: Option<i32>, is_in_doubt: bool, amount: Option<i64>) -> Result<(), ReportError> {
        let Some(amount) = amount else {
            self.not_computable += 1;
            return Ok(());
        };
        self.added += 1;
        let sum = match (date, is_in_doubt) {
            (None, _) => &mut self.blocked,
            (Some(_), true) => &mut self.at_risk,
            (Some(_), false) => &mut self.eligible,
        };
        add_amount(sum, amount)
    }
}

/// Account and number of orders with an open finding of severity high or above. A waived finding is not open.
fn orders_with_grave_findings<'run>(run: &Assessment<'run>) -> Result<Set<(&'run str, &'run str)>, ReportError> {
    let found = &run.findings.found;
    let (accounts, orders) = (read::texts(found, findings::account)?, read::texts(found, findings::order_no)?);
    let severities = Fields(found).words::<Severity>(findings::severity)?;
    let states = Fields(found).words::<FindingState>(findings::state)?;
    let is_grave = |row: &usize| severities[*row] <= Severity::High && states[*row] != FindingState::Waived;
    let order = |row: usize| (accounts.at(row), orders.at(row));
    Ok((0..found.height()).filter(is_grave).map(order).filter(|(_, order)| !order.is_empty()).collect())
}

fn add_paid<'run>(run: &Assessment<'run>, days: &mut Days<'run>) -> Result<(), ReportError> {
    let payouts = &run.reconciled.payouts;
    let (accounts, paid_on) =
        (read::texts(payouts, payout_facts::account)?, read::days(payouts, payout_facts::paid_on)?);
    let currencies = read::texts(payouts, payout_facts::currency)?;
    let amounts = read::numbers(payouts, payout_facts::amount)?;
    for (row, kind) in Fields(payouts).words::<PayoutKind>(payout_facts::kind)?.into_iter().enumerate() {
        if kind == PayoutKind::Payout {
            continue;
        }
        let sums = days.entry(key(accounts.at(row), paid_on.at(row), currencies.at(row))).or_default();
        add_amount(&mut sums.paid, amounts.at(row).unwrap_or(0))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figures::account::coverage;
    use crate::report::specimen::{Specimen, day};

    #[test]
    fn eligible_at_risk_and_blocked_are_apart() {
        let specimen = Specimen::small();
        let run = specimen.assessment();
        let days = calendar(&run, &coverage(run.pipeline, &[])).unwrap();
        let shop: Vec<_> = days.iter().filter(|day| day.account == "shop-cz").collect();
        let row = |at: usize| (shop[at].date, shop[at].eligible, shop[at].at_risk, shop[at].blocked, shop[at].paid);
        // o1 has an open FE-001 (high), o2 a medium finding only, o3 a waived critical one
        assert_eq!(row(0), (Some(day("2026-12-02")), 50_000, 196_516, 0, Some(193_414)));
        assert_eq!(row(1), (Some(day("2026-12-21")), 120_000, 0, 0, Some(0)));
        assert_eq!(row(2), (None, 0, 0, 60_000, Some(0)));
        assert_eq!(shop.len(), 3);
        assert!(shop[1].is_coming && !shop[0].is_coming && !shop[2].is_coming);
    }
}
