//! The payout calendar: what is to be paid when, and what was.
//!
//! *Eligible*: the payout date is fixed and the order has no open finding of severity high or above; *at risk*: the same with
//! one; *blocked*: no payout date yet, under no date; orders that were cancelled, came back or got lost are none of the three. All three are expected cash, signed;
//! what was due and is taken back counts as a negative amount on the payout date of its clawback.

use std::collections::BTreeMap;

use crate::base::map::{Map, Set};
use crate::base::zone::day_number;
use crate::frame::{clawback_facts, findings, order_facts, payout_facts, payout_lines, statements};
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
    /// The account's orders were read: without them nothing is expected because nothing is known.
    pub is_computable: bool,
}

#[derive(Default)]
struct Sums {
    eligible: i64,
    at_risk: i64,
    blocked: i64,
    paid: i64,
}

/// Account, has no date, date, currency: dates ascend and the unknown one is last.
type Key = (String, bool, i32, String);

fn key(account: &str, date: Option<i32>, currency: &str) -> Key {
    (account.to_owned(), date.is_none(), date.unwrap_or(0), currency.to_owned())
}

/// The calendar, by account, date (unknown last) and currency.
///
/// # Errors
/// A sum beyond 64 bits, a frame that is not as declared.
pub fn calendar(run: &Assessment<'_>, coverage: &[Coverage]) -> Result<Vec<PayoutDay>, ReportError> {
    let mut days: BTreeMap<Key, Sums> = BTreeMap::new();
    add_expected(run, &mut days)?;
    add_paid(run, &mut days)?;
    let as_of = day_number(run.as_of);
    let covered = |account: &str| coverage.iter().find(|known| known.account == account);
    let paid_is_known = |account: &str| covered(account).is_some_and(|known| known.payouts);
    Ok(days
        .into_iter()
        .map(|((account, has_no_date, date, currency), sums)| PayoutDay {
            paid: paid_is_known(&account).then_some(sums.paid),
            date: (!has_no_date).then_some(date),
            is_coming: !has_no_date && date > as_of,
            is_computable: covered(&account).is_some_and(|known| known.orders),
            account,
            currency,
            eligible: sums.eligible,
            at_risk: sums.at_risk,
            blocked: sums.blocked,
        })
        .collect())
}

fn add_expected(run: &Assessment<'_>, days: &mut BTreeMap<Key, Sums>) -> Result<(), ReportError> {
    let in_doubt = orders_with_grave_findings(run)?;
    let fields = Fields(&run.reconciled.orders);
    let (accounts, numbers) = (fields.text(order_facts::account)?, fields.text(order_facts::order_no)?);
    let (currencies, standing) = (fields.text(order_facts::currency)?, Standing::read(fields)?);
    let (cash, payout_on) = (fields.int(order_facts::cash_expected)?, fields.date(order_facts::payout_on)?);
    let is_in_doubt = |account: &str, number: &str| in_doubt.contains(&(account.to_owned(), number.to_owned()));
    for row in 0..fields.height() {
        let (account, date) = (accounts.get(row).unwrap_or(""), payout_on.get(row));
        if date.is_none() && !standing.may_be_paid(row) {
            continue;
        }
        let sums = days.entry(key(account, date, currencies.get(row).unwrap_or(""))).or_default();
        let doubted = date.is_some() && is_in_doubt(account, numbers.get(row).unwrap_or(""));
        sums.expect(date, doubted, cash.get(row).unwrap_or(0))?;
    }
    let fields = Fields(&run.reconciled.clawbacks);
    let (accounts, numbers) = (fields.text(clawback_facts::account)?, fields.text(clawback_facts::order_no)?);
    let (currencies, amounts) = (fields.text(clawback_facts::currency)?, fields.int(clawback_facts::amount)?);
    let payout_on = fields.date(clawback_facts::payout_on)?;
    for row in 0..fields.height() {
        let (account, date) = (accounts.get(row).unwrap_or(""), payout_on.get(row));
        let sums = days.entry(key(account, date, currencies.get(row).unwrap_or(""))).or_default();
        sums.expect(date, is_in_doubt(account, numbers.get(row).unwrap_or("")), amounts.get(row).unwrap_or(0))?;
    }
    Ok(())
}

impl Sums {
    fn expect(&mut self, date: Option<i32>, is_in_doubt: bool, amount: i64) -> Result<(), ReportError> {
        let sum = match (date, is_in_doubt) {
            (None, _) => &mut self.blocked,
            (Some(_), true) => &mut self.at_risk,
            (Some(_), false) => &mut self.eligible,
        };
        add_amount(sum, amount)
    }
}

/// Account and number of orders with an open finding of severity high or above. A waived finding is not open.
fn orders_with_grave_findings(run: &Assessment<'_>) -> Result<Set<(String, String)>, ReportError> {
    let fields = Fields(&run.findings.found);
    let (accounts, orders) = (fields.text(findings::account)?, fields.text(findings::order_no)?);
    let (severities, states) =
        (fields.words::<Severity>(findings::severity)?, fields.words::<FindingState>(findings::state)?);
    let is_grave = |row: usize| severities[row] <= Severity::High && states[row] != FindingState::Waived;
    let text = |value: Option<&str>| value.unwrap_or("").to_owned();
    Ok((0..fields.height())
        .filter(|row| is_grave(*row))
        .map(|row| (text(accounts.get(row)), text(orders.get(row))))
        .filter(|(_, order)| !order.is_empty())
        .collect())
}

fn add_paid(run: &Assessment<'_>, days: &mut BTreeMap<Key, Sums>) -> Result<(), ReportError> {
    let paid_on = paid_dates(run)?;
    let fields = Fields(&run.reconciled.payouts);
    let (accounts, currencies) = (fields.text(payout_facts::account)?, fields.text(payout_facts::currency)?);
    let (kinds, amounts) = (fields.words::<PayoutKind>(payout_facts::kind)?, fields.int(payout_facts::amount)?);
    let rows = fields.row(payout_facts::row)?;
    for (row, kind) in kinds.iter().enumerate() {
        if *kind == PayoutKind::Payout {
            continue;
        }
        let date = rows.get(row).and_then(|reference| paid_on.get(&reference).copied());
        let sums =
            days.entry(key(accounts.get(row).unwrap_or(""), date, currencies.get(row).unwrap_or(""))).or_default();
        add_amount(&mut sums.paid, amounts.get(row).unwrap_or(0))?;
    }
    Ok(())
}

/// Day a payout line was paid, by its lineage: the statement's day, else the day of its posting.
fn paid_dates(run: &Assessment<'_>) -> Result<Map<u64, i32>, ReportError> {
    let of_statement = statement_dates(run)?;
    let lines = Fields(&run.ingested.frames.payout_lines);
    let (accounts, ids) = (lines.text(payout_lines::account)?, lines.text(payout_lines::statement_id)?);
    let (paid_on, posted) = (lines.date(payout_lines::paid_on)?, lines.date(payout_lines::posted)?);
    let rows = lines.row(payout_lines::row)?;
    let mut dates = Map::default();
    for row in 0..lines.height() {
        let statement = || {
            let (account, id) = (accounts.get(row).unwrap_or(""), ids.get(row)?);
            of_statement.get(&(account.to_owned(), id.to_owned())).copied()
        };
        let date = paid_on.get(row).or_else(statement).or_else(|| posted.get(row));
        if let (Some(date), Some(reference)) = (date, rows.get(row)) {
            dates.insert(reference, date);
        }
    }
    Ok(dates)
}

fn statement_dates(run: &Assessment<'_>) -> Result<Map<(String, String), i32>, ReportError> {
    let heads = Fields(&run.ingested.frames.statements);
    let (accounts, ids) = (heads.text(statements::account)?, heads.text(statements::statement_id)?);
    let paid_on = heads.date(statements::paid_on)?;
    Ok((0..heads.height())
        .filter_map(|row| {
            let statement = (accounts.get(row)?.to_owned(), ids.get(row)?.to_owned());
            Some((statement, paid_on.get(row)?))
        })
        .collect())
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
