//! Our own quarantine is named first (rulebook §16.6): a finding whose inputs have refused rows says how many and how much money, asks for
//! them to be read before anybody else is asked, and is *medium* at most when their money explains the difference.

use std::collections::BTreeMap;

use crate::base::money;
use crate::frame::lineage::Parts;
use crate::ingest::QuarantinedRow;
use crate::rules::engine::Finding;
use crate::rules::evidence::{Evidence, Operand};
use crate::rules::rule::Rule;
use crate::vocab::{Kind, Remedy, Severity, Word};

/// So many refused rows are cited; how many more there are is told.
const CITED: usize = 20;

/// Refused rows by account and kind of their source.
pub(super) struct OwnGaps<'run>(BTreeMap<(&'run str, Kind), Vec<&'run QuarantinedRow>>);

impl<'run> OwnGaps<'run> {
    pub(super) fn new(quarantine: &'run [QuarantinedRow], parts: &Parts) -> OwnGaps<'run> {
        let mut rows: BTreeMap<(&str, Kind), Vec<&QuarantinedRow>> = BTreeMap::new();
        for row in quarantine {
            if let Some((part, _)) = parts.locate(row.row_ref) {
                rows.entry((&row.account, part.kind)).or_default().push(row);
            }
        }
        OwnGaps(rows)
    }

    /// Names the refused rows in a finding of a rule that rests on their kinds.
    pub(super) fn name_in(&self, rule: &Rule, finding: &mut Finding) {
        let kinds = rule.rests_on.iter();
        let of_account = kinds.filter_map(|kind| self.0.get(&(finding.account.as_str(), *kind))).flatten();
        let rows: Vec<&QuarantinedRow> = of_account.copied().filter(|row| may_concern(row, finding)).collect();
        if rows.is_empty() {
            return;
        }
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for row in &rows {
            if let Some(amount) = row.amount.filter(|_| !row.currency.is_empty()) {
                let sum = sums.entry(&row.currency).or_default();
                *sum = sum.saturating_add(amount);
            }
        }
        let missing = finding.money.zip(sums.get(finding.currency.as_str()));
        if missing.is_some_and(|(money, refused)| (money - refused.abs()).abs() <= finding.tolerance) {
            finding.severity = finding.severity.max(Severity::Medium);
        }
        finding.remedy = Remedy::ReadRowsFirst.text().to_owned();
        finding.evidence.push(evidence_of(&rows, &sums));
    }
}

/// A row that names another order or another statement than the finding does not concern it.
fn may_concern(row: &QuarantinedRow, finding: &Finding) -> bool {
    let agrees = |own: &str, found: &str| own.is_empty() || found.is_empty() || own == found;
    agrees(&row.order_no, &finding.order_no) && agrees(&row.statement_id, &finding.statement)
}

/// How many refused rows there are, with their money, and where they stand.
fn evidence_of(rows: &[&QuarantinedRow], sums: &BTreeMap<&str, i64>) -> Evidence {
    let money: Vec<String> =
        sums.iter().map(|(currency, sum)| format!("{} {currency}", money::to_decimal(*sum, currency))).collect();
    let count = rows.len();
    let noun = if count == 1 { "row" } else { "rows" };
    let value =
        if money.is_empty() { format!("{count} {noun}") } else { format!("{count} {noun}, {}", money.join(", ")) };
    let mut operands: Vec<Operand> = rows.iter().take(CITED).map(|row| Operand::Named("row", place_of(row))).collect();
    if let Some(more) = count.checked_sub(CITED).filter(|more| *more > 0) {
        operands.push(Operand::Named("more", more.to_string()));
    }
    let formula = "rows in quarantine that may be what is missing".to_owned();
    Evidence::Computed { column: "rows_in_quarantine", value, formula, operands }
}

fn place_of(row: &QuarantinedRow) -> String {
    match &row.sheet {
        Some(sheet) => format!("{}[{sheet}]:{}", row.file, row.row),
        None => format!("{}:{}", row.file, row.row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::lineage::row_ref;
    use crate::rules::catalogue;

    fn row(order_no: &str, statement_id: &str, amount: i64) -> QuarantinedRow {
        QuarantinedRow {
            row_ref: row_ref(0, 6),
            file: "v2.txt".into(),
            file_sha256: String::new(),
            byte: None,
            sheet: None,
            row: 6,
            column: "type".into(),
            value: "Base fee".into(),
            reason: "unknown_word",
            expected: String::new(),
            config: String::new(),
            remedy: String::new(),
            source: "lines".into(),
            account: "a".into(),
            order_no: order_no.into(),
            statement_id: statement_id.into(),
            amount: Some(amount),
            currency: "EUR".into(),
            created_on: None,
            paid_on: None,
            postage: None,
            key: String::new(),
            record: String::new(),
            cell: None,
            paste: String::new(),
        }
    }

    /// Severity and remedy of a PY-009 over 16.90 of statement S1, with these refused rows of the account.
    fn judged(rows: &[QuarantinedRow]) -> (Severity, String, String) {
        let rule = catalogue().into_iter().find(|rule| rule.code == "PY-009").unwrap();
        let mut finding = Finding {
            code: "PY-009",
            severity: Severity::High,
            account: "a".into(),
            marketplace: String::new(),
            order_no: String::new(),
            shipment: String::new(),
            statement: "S1".into(),
            subject: String::new(),
            money: Some(1_690),
            currency: "EUR".into(),
            due: None,
            rule_version: String::new(),
            evidence: Vec::new(),
            remedy: "request_file".into(),
            tolerance: 2,
            ordinal: 1,
        };
        let gaps = OwnGaps(BTreeMap::from([(("a", Kind::PayoutLines), rows.iter().collect())]));
        gaps.name_in(rule, &mut finding);
        (finding.severity, finding.remedy, format!("{:?}", finding.evidence))
    }

    #[test]
    fn refused_rows_that_explain_the_difference_make_it_medium() {
        let (severity, remedy, evidence) = judged(&[row("", "S1", -1_200), row("", "", -490)]);
        assert_eq!((severity, remedy.as_str()), (Severity::Medium, "read_rows_first"));
        assert!(evidence.contains("2 rows, -16.90 EUR") && evidence.contains("v2.txt:6"), "{evidence}");
        let (severity, remedy, _) = judged(&[row("", "S1", -1_200)]);
        assert_eq!((severity, remedy.as_str()), (Severity::High, "read_rows_first"));
    }

    #[test]
    fn rows_of_another_statement_do_not_concern_it() {
        let (severity, remedy, evidence) = judged(&[row("", "S2", -1_690)]);
        assert_eq!((severity, remedy.as_str(), evidence.as_str()), (Severity::High, "request_file", "[]"));
    }
}
