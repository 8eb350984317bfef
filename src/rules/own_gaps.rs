//! Our own quarantine is named first (rulebook §16.6): a finding whose inputs have refused rows says how many and how much money, asks for
//! them to be read before anybody else is asked, and is *medium* at most when their money explains the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::base::money;
use crate::base::zone::day_number;
use crate::frame::lineage::Parts;
use crate::frame::{read, shipment_facts};
use crate::ingest::QuarantinedRow;
use crate::rules::evidence::{Evidence, Operand};
use crate::rules::finding::Finding;
use crate::rules::rule::Rule;
use crate::vocab::{Kind, Remedy, Severity, Word};

/// So many refused rows are cited; how many more there are is told.
const CITED: usize = 20;

/// Refused rows by account and kind of their source, and the orders of the parcels that they name.
pub(super) struct OwnGaps<'run> {
    rows: BTreeMap<(&'run str, Kind), Vec<&'run QuarantinedRow>>,
    /// Keys of orders by tracking number.
    orders: BTreeMap<&'run str, BTreeSet<String>>,
    /// Order numbers and statements that refused rows name, and the keys among `orders`.
    named: Set<&'run str>,
    keys: Set<String>,
}

/// What tells findings of one rule and account apart whose order and parcel no refused row names: the same rows concern them.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Unnamed {
    account: Arc<str>,
    /// The statement where a row names it, else whether there is one.
    statement: Result<Box<str>, bool>,
    day: Option<NaiveDate>,
    has_order: bool,
    has_shipment: bool,
}

/// What is told of refused rows: how they are summed up, of the order alone and altogether, and where they stand; nothing where there are none.
type Told<'run> = Option<(BTreeMap<&'run str, i64>, BTreeMap<&'run str, i64>, Evidence)>;

/// What was told of findings of one rule and account.
pub(super) type KnownGaps<'run> = Map<Unnamed, Told<'run>>;

impl<'run> OwnGaps<'run> {
    /// # Errors
    /// The frame of parcels lacks a declared column: a bug of ours.
    pub(super) fn new(
        quarantine: &'run [QuarantinedRow],
        parts: &Parts,
        shipments: &DataFrame,
    ) -> PolarsResult<OwnGaps<'run>> {
        let mut rows: BTreeMap<(&str, Kind), Vec<&QuarantinedRow>> = BTreeMap::new();
        let mut orders: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for row in quarantine {
            if let Some((part, _)) = parts.locate(row.row_ref) {
                rows.entry((&row.of.account, part.kind)).or_default().push(row);
            }
            if !row.tracking_number().is_empty() {
                orders.entry(row.tracking_number()).or_default();
            }
        }
        if !orders.is_empty() {
            let numbers = read::texts(shipments, shipment_facts::tracking_number)?;
            let keys = read::texts(shipments, shipment_facts::order_key)?;
            for (number, key) in numbers.iter().zip(keys.iter()) {
                if let Some(known) = orders.get_mut(number) {
                    known.insert(key.to_owned());
                }
            }
        }
        let named = quarantine.iter().flat_map(|row| [row.order_no(), row.statement_id()]).collect();
        let keys = orders.values().flatten().cloned().collect();
        Ok(OwnGaps { rows, orders, named, keys })
    }

    /// Names the refused rows in a finding of a rule that rests on their kinds. `known`: what was told of other findings of the rule and account.
    pub(super) fn name_in(&self, rule: &Rule, finding: &mut Finding, known: &mut KnownGaps<'run>) {
        if self.rows.is_empty() {
            return;
        }
        let told = match self.unnamed(finding) {
            Some(unnamed) => known.entry(unnamed).or_insert_with(|| self.told(rule, finding)).clone(),
            None => self.told(rule, finding),
        };
        let Some((of_order, all, evidence)) = told else { return };
        let explains = |sums: &BTreeMap<&str, i64>| {
            let missing = finding.money.zip(sums.get(&*finding.currency));
            missing.is_some_and(|(money, refused)| (money - refused.abs()).abs() <= finding.tolerance)
        };
        if explains(&of_order) || explains(&all) {
            finding.severity = finding.severity.max(Severity::Medium);
        }
        finding.remedy = Remedy::ReadRowsFirst.text();
        finding.evidence.push(evidence);
    }

    /// `None`: a row names the order or the parcel of the finding.
    fn unnamed(&self, finding: &Finding) -> Option<Unnamed> {
        let is_named = !finding.order_no.is_empty()
            && (self.named.contains(&*finding.order_no)
                || self.keys.contains(&format!("{}/{}", finding.account, finding.order_no)));
        if is_named || self.orders.contains_key(&*finding.shipment) {
            return None;
        }
        let is_known = self.named.contains(&*finding.statement);
        Some(Unnamed {
            account: finding.account.clone(),
            statement: if is_known { Ok(finding.statement.clone()) } else { Err(!finding.statement.is_empty()) },
            day: day_of(finding),
            has_order: !finding.order_no.is_empty(),
            has_shipment: !finding.shipment.is_empty(),
        })
    }

    fn told(&self, rule: &Rule, finding: &Finding) -> Told<'run> {
        let of_kind = |kind: &'static Kind| {
            let shared = (!finding.account.is_empty()).then_some("");
            let owners = [Some(&*finding.account), shared].into_iter().flatten();
            let rows = owners.filter_map(|owner| self.rows.get(&(owner, *kind))).flatten().copied();
            rows.filter(|row| self.may_concern(*kind, row, finding)).collect::<Vec<_>>()
        };
        let rows: Vec<&QuarantinedRow> = rule.rests_on.iter().flat_map(of_kind).collect();
        if rows.is_empty() {
            return None;
        }
        // The rows that name the order are judged by themselves: others may be of any order.
        let naming = |row: &&&QuarantinedRow| !row.order_no().is_empty() && *row.order_no() == *finding.order_no;
        let own: Vec<&QuarantinedRow> = rows.iter().filter(naming).copied().collect();
        let (of_order, all) = (sums_of(&own, rule), sums_of(&rows, rule));
        let evidence = evidence_of(&rows, &all);
        Some((of_order, all, evidence))
    }

    /// Whether what a row says may be what a finding lacks: a row that names another order, statement or parcel, or that is of another day
    /// than the finding, does not concern it. A row of a carrier concerns the orders of its parcel alone.
    fn may_concern(&self, kind: Kind, row: &QuarantinedRow, finding: &Finding) -> bool {
        let agrees = |own: &str, found: &str| own.is_empty() || found.is_empty() || own == found;
        let is_of_day = match (row.paid_on, day_of(finding)) {
            (Some(paid_on), Some(day)) => paid_on == day_number(day),
            _ => true,
        };
        let is_carriers = matches!(kind, Kind::TrackingEvents | Kind::CodRemittances);
        let is_of_parcel = match self.orders.get(row.tracking_number()) {
            _ if !is_carriers || finding.order_no.is_empty() && finding.shipment.is_empty() => true,
            _ if !finding.shipment.is_empty() && !row.tracking_number().is_empty() => {
                *finding.shipment == *row.tracking_number()
            }
            Some(keys) => keys.contains(&format!("{}/{}", finding.account, finding.order_no)),
            None => !row.order_no().is_empty() || !finding.shipment.is_empty(),
        };
        agrees(row.order_no(), &finding.order_no)
            && agrees(row.statement_id(), &finding.statement)
            && is_of_day
            && is_of_parcel
    }
}

/// The day of a finding about a day.
fn day_of(finding: &Finding) -> Option<NaiveDate> {
    finding.subject.get(..10).and_then(|day| day.parse().ok())
}

/// Money of refused rows by currency; of versions of one row only the first counts. What a rule about postage lacks is postage.
fn sums_of<'run>(rows: &[&'run QuarantinedRow], rule: &Rule) -> BTreeMap<&'run str, i64> {
    let is_postage = rule.rests_on.contains(&Kind::PostageOverview);
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for row in rows {
        let is_first = row.key().is_empty() || seen.insert((&row.of.source, row.key()));
        let amount = row.postage.filter(|_| is_postage).or(row.amount);
        if let Some(amount) = amount.filter(|_| is_first && !row.currency().is_empty()) {
            let sum = sums.entry(row.currency()).or_default();
            *sum = sum.saturating_add(amount);
        }
    }
    sums
}

/// How many refused rows there are, with their money, and where they stand.
fn evidence_of(rows: &[&QuarantinedRow], sums: &BTreeMap<&str, i64>) -> Evidence {
    let money: Vec<String> =
        sums.iter().map(|(currency, sum)| format!("{} {currency}", money::to_decimal(*sum, currency))).collect();
    let count = rows.len();
    let noun = if count == 1 { "row" } else { "rows" };
    let value =
        if money.is_empty() { format!("{count} {noun}") } else { format!("{count} {noun}, {}", money.join(", ")) };
    let place = |row: &&QuarantinedRow| Operand::Named("row", place_of(row).into());
    let mut operands: Vec<Operand> = rows.iter().take(CITED).map(place).collect();
    if let Some(more) = count.checked_sub(CITED).filter(|more| *more > 0) {
        operands.push(Operand::Named("more", more.to_string().into()));
    }
    let formula = "rows in quarantine that may be what is missing".into();
    Evidence::Computed { column: "rows_in_quarantine", value: value.into(), formula, operands: operands.into() }
}

fn place_of(row: &QuarantinedRow) -> String {
    match &row.of.sheet {
        Some(sheet) => format!("{}[{sheet}]:{}", row.of.file, row.line),
        None => format!("{}:{}", row.of.file, row.line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{PartAtFault, RowAtFault};
    use crate::rules::catalogue;

    fn at_fault(order_no: &str, statement_id: &str) -> RowAtFault {
        RowAtFault {
            line: 6,
            column: "type".into(),
            value: "Base fee".into(),
            reason: "unknown_word",
            order_no: order_no.into(),
            statement_id: statement_id.into(),
            currency: "EUR".into(),
            ..RowAtFault::default()
        }
    }

    fn quarantined(row: RowAtFault, amount: i64) -> QuarantinedRow {
        let of = PartAtFault {
            file: "v2.txt".into(),
            source: "lines".into(),
            account: "a".into(),
            ..PartAtFault::default()
        };
        QuarantinedRow::made(0, of, row, Some(amount))
    }

    fn row(order_no: &str, statement_id: &str, amount: i64) -> QuarantinedRow {
        quarantined(at_fault(order_no, statement_id), amount)
    }

    /// A PY-009 over 16.90 of statement S1.
    fn judged_finding() -> Finding {
        Finding {
            statement: "S1".into(),
            money: Some(1_690),
            currency: "EUR".into(),
            remedy: "request_file",
            ..Finding::of_order("PY-009", "")
        }
    }

    /// Severity, remedy and evidence of it with these refused rows of the account.
    fn judged(rows: &[QuarantinedRow]) -> (Severity, &'static str, String) {
        let rule = catalogue().into_iter().find(|rule| rule.code == "PY-009").unwrap();
        let mut finding = judged_finding();
        let rows = BTreeMap::from([(("a", Kind::PayoutLines), rows.iter().collect())]);
        let (named, keys) = (Set::from_iter(["S1"]), Set::default());
        let gaps = OwnGaps { rows, orders: BTreeMap::new(), named, keys };
        gaps.name_in(rule, &mut finding, &mut Map::default());
        (finding.severity, finding.remedy, format!("{:?}", finding.evidence))
    }

    #[test]
    fn refused_rows_that_explain_the_difference_make_it_medium() {
        let (severity, remedy, evidence) = judged(&[row("", "S1", -1_200), row("", "", -490)]);
        assert_eq!((severity, remedy), (Severity::Medium, "read_rows_first"));
        assert!(evidence.contains("2 rows, -16.90 EUR") && evidence.contains("v2.txt:6"), "{evidence}");
        let (severity, remedy, _) = judged(&[row("", "S1", -1_200)]);
        assert_eq!((severity, remedy), (Severity::High, "read_rows_first"));
    }

    #[test]
    fn rows_of_another_statement_do_not_concern_it() {
        let (severity, remedy, evidence) = judged(&[row("", "S2", -1_690)]);
        assert_eq!((severity, remedy, evidence.as_str()), (Severity::High, "request_file", "[]"));
    }

    #[test]
    fn a_row_concerns_its_day_and_its_parcel_alone() {
        let rule = catalogue().into_iter().find(|rule| rule.code == "PY-009").unwrap();
        let orders = BTreeMap::from([("Z1", BTreeSet::from(["a/7".to_owned()]))]);
        let gaps = OwnGaps { rows: BTreeMap::new(), orders, named: Set::default(), keys: Set::default() };
        let mut finding = judged_finding();
        (finding.statement, finding.order_no) = ("".into(), "7".into());
        let scan = |number: &str| quarantined(RowAtFault { tracking_number: number.into(), ..at_fault("", "") }, 0);
        let concerns = |kind, row: &QuarantinedRow, finding: &Finding| gaps.may_concern(kind, row, finding);
        assert!(concerns(Kind::TrackingEvents, &scan("Z1"), &finding));
        assert!(!concerns(Kind::TrackingEvents, &scan("Z2"), &finding));
        assert!(!concerns(Kind::TrackingEvents, &scan(""), &finding));
        finding.account = "b".into();
        assert!(!concerns(Kind::TrackingEvents, &scan("Z1"), &finding));
        (finding.order_no, finding.subject) = ("".into(), "2026-09-27|PPL".into());
        let day = |text: &str| Some(day_number(text.parse().unwrap()));
        let paid = |on| quarantined(RowAtFault { paid_on: on, ..at_fault("", "") }, 0);
        assert!(concerns(Kind::Orders, &paid(None), &finding));
        assert!(concerns(Kind::Orders, &paid(day("2026-09-27")), &finding));
        assert!(!concerns(Kind::Orders, &paid(day("2026-09-28")), &finding));
        assert_eq!(sums_of(&[&row("", "", 5), &row("", "", 7)], rule), BTreeMap::from([("EUR", 12)]));
        let version = quarantined(RowAtFault { key: vec!["7".into()], ..at_fault("", "") }, 5);
        assert_eq!(sums_of(&[&version, &version], rule), BTreeMap::from([("EUR", 5)]));
    }
}
