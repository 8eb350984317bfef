//! Findings in numbers.

use std::collections::BTreeMap;

use crate::base::zone::day_number;
use crate::frame::findings;
use crate::report::fields::Fields;
use crate::report::figures::{ByCurrency, add};
use crate::report::{Assessment, ReportError};
use crate::vocab::{FindingState, Severity};

/// Findings in numbers. `total` = `new` + `open` + `changed` + `reopened` + `waived`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingCounts {
    /// Rows of `findings.csv`.
    pub total: i64,
    /// Not in the previous publication.
    pub new: i64,
    /// There before, and as it was.
    pub open: i64,
    /// There before, with another amount, deadline or severity.
    pub changed: i64,
    /// Resolved by the previous publication, and there again.
    pub reopened: i64,
    /// Decided to be left alone.
    pub waived: i64,
    /// Gone since the previous publication.
    pub resolved: i64,
    /// By code.
    pub by_code: BTreeMap<String, CodeCount>,
    /// By severity, from the worst; severities without a finding are absent.
    pub by_severity: BTreeMap<Severity, SeverityCount>,
}

/// Findings of one code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeCount {
    /// Their number.
    pub count: i64,
    /// Of them, new ones.
    pub new: i64,
    /// The worst severity among them.
    pub worst: Option<Severity>,
    /// Their money.
    pub money: ByCurrency,
}

/// Findings of one severity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeverityCount {
    /// Their number.
    pub count: i64,
    /// Of them, new ones.
    pub new: i64,
    /// Of them, those whose deadline is before as-of.
    pub overdue: i64,
    /// Of them, those due from as-of to seven days later.
    pub due_soon: i64,
    /// Their money.
    pub money: ByCurrency,
}

/// Counts the findings of a run.
///
/// # Errors
/// A sum beyond 64 bits, a frame that is not as declared.
pub fn count(run: &Assessment<'_>) -> Result<FindingCounts, ReportError> {
    let fields = Fields(&run.findings.found);
    let (codes, severities) = (fields.text(findings::code)?, fields.words::<Severity>(findings::severity)?);
    let (states, dues) = (fields.words::<FindingState>(findings::state)?, fields.date(findings::due)?);
    let (amounts, currencies) = (fields.int(findings::money)?, fields.text(findings::currency)?);
    let as_of = day_number(run.as_of);
    let of_state = |state: FindingState| states.iter().filter(|known| **known == state).count() as i64;
    let mut counts = FindingCounts {
        total: states.len() as i64,
        new: of_state(FindingState::New),
        open: of_state(FindingState::Open),
        changed: of_state(FindingState::Changed),
        reopened: of_state(FindingState::Reopened),
        waived: of_state(FindingState::Waived),
        resolved: run.findings.resolved.height() as i64,
        ..Default::default()
    };
    for row in 0..fields.height() {
        let severity = severities[row];
        let is_new = i64::from(states[row] == FindingState::New);
        let by_code = counts.by_code.entry(codes.at(row).to_owned()).or_default();
        by_code.count += 1;
        by_code.new += is_new;
        by_code.worst = Some(by_code.worst.map_or(severity, |worst| worst.min(severity)));
        let by_severity = counts.by_severity.entry(severity).or_default();
        by_severity.count += 1;
        by_severity.new += is_new;
        by_severity.overdue += i64::from(dues.at(row).is_some_and(|due| due < as_of));
        by_severity.due_soon += i64::from(dues.at(row).is_some_and(|due| due >= as_of && due <= as_of + 7));
        if let Some(amount) = amounts.at(row) {
            let currency = currencies.at(row);
            add(&mut by_code.money, currency, amount)?;
            add(&mut by_severity.money, currency, amount)?;
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen::Specimen;

    #[test]
    fn new_open_and_waived_make_the_total() {
        let specimen = Specimen::small();
        let counts = count(&specimen.assessment()).unwrap();
        assert_eq!((counts.total, counts.new, counts.open, counts.waived, counts.resolved), (5, 2, 2, 1, 1));
        let fee = &counts.by_code["FE-001"];
        assert_eq!((fee.count, fee.worst, fee.money["CZK"]), (1, Some(Severity::High), 1_602));
        // CN-001 fell due before as-of
        assert_eq!(counts.by_severity[&Severity::Critical].overdue, 1);
    }
}
