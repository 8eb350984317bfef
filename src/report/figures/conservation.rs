//! Every row and every amount of every input ends in exactly one bucket: the equations, and the stop when one does not close.

use crate::base::money;
use crate::ingest::{Ingested, Input, PartTotals};
use crate::reconcile::control_totals::MatchedTotals;
use crate::report::ReportError;

/// One equation: `read` = the sum of the five buckets. Rows, or minor units of a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conserved {
    /// The input as outputs quote it.
    pub input: String,
    /// The currency; `None`: rows.
    pub currency: Option<String>,
    /// What was read.
    pub read: i128,
    /// In a canonical frame.
    pub used: i128,
    /// Identical to another row.
    pub duplicate: i128,
    /// Replaced by another version.
    pub superseded: i128,
    /// Header, banner, total, blank.
    pub structural: i128,
    /// Refused.
    pub quarantined: i128,
    /// Of the used: at the end of reconcile in facts, with their order where they are of one.
    pub matched: i128,
    /// Of the used: in facts, and their order was not found.
    pub unmatched: i128,
    /// Of the used: dated after as-of, in no fact.
    pub later: i128,
}

impl Conserved {
    /// What is left over: 0, or nothing is published.
    pub fn residue(&self) -> i128 {
        self.read - self.used - self.duplicate - self.superseded - self.structural - self.quarantined
    }

    /// What is left over of the used after matching: 0, or nothing is published.
    pub fn residue_matched(&self) -> i128 {
        self.used - self.matched - self.unmatched - self.later
    }

    /// A figure of this equation as text: a count, or a decimal string.
    pub fn text(&self, figure: i128) -> String {
        match &self.currency {
            Some(currency) => money::to_decimal(figure, currency),
            None => figure.to_string(),
        }
    }
}

/// All equations, in the order of the inputs: rows first, then money by currency.
///
/// # Errors
/// An equation that does not close, before matching or after it; a sum beyond 64 bits.
pub fn equations(ingested: &Ingested, totals: &MatchedTotals) -> Result<Vec<Conserved>, ReportError> {
    let mut equations = Vec::new();
    for input in &ingested.inputs {
        let parts: Vec<usize> = parts_of(input, ingested).collect();
        let rows = input.rows;
        let rows_of = |totals: &PartTotals| {
            parts.iter().filter_map(|part| totals.rows.get(*part)).map(|rows| i128::from(*rows)).sum()
        };
        equations.push(Conserved {
            input: input.path.clone(),
            currency: None,
            read: rows.read.into(),
            used: rows.used.into(),
            duplicate: rows.duplicate.into(),
            superseded: rows.superseded.into(),
            structural: rows.structural.into(),
            quarantined: rows.quarantined.into(),
            matched: rows_of(&totals.matched),
            unmatched: rows_of(&totals.unmatched),
            later: rows_of(&totals.later),
        });
        for (currency, money) in &input.money {
            let money_of = |totals: &PartTotals| -> i128 {
                let sums = parts.iter().filter_map(|part| totals.money.get(*part)).flatten();
                sums.filter(|(known, _)| known == currency).map(|(_, amount)| amount).sum()
            };
            equations.push(Conserved {
                input: input.path.clone(),
                currency: Some(currency.clone()),
                read: money.read,
                used: money.used,
                duplicate: money.duplicate,
                superseded: money.superseded,
                structural: money.structural,
                quarantined: money.quarantined,
                matched: money_of(&totals.matched),
                unmatched: money_of(&totals.unmatched),
                later: money_of(&totals.later),
            });
        }
    }
    if let Some(open) = equations.iter().find(|equation| equation.residue() != 0) {
        return Err(residue_error(open));
    }
    if let Some(open) = equations.iter().find(|equation| equation.residue_matched() != 0) {
        return Err(residue_error_matched(open));
    }
    // The sheet shows figures of 64 bits; one that does not fit stops here instead of leaving an empty cell there.
    if equations.iter().any(|equation| i64::try_from(equation.read).is_err()) {
        return Err(ReportError::Overflow("a control total"));
    }
    Ok(equations)
}

fn residue_error(open: &Conserved) -> ReportError {
    ReportError::Residue {
        input: open.input.clone(),
        unit: open.currency.clone().unwrap_or_else(|| "rows".to_owned()),
        read: open.text(open.read),
        buckets: open.text(open.read - open.residue()),
        residue: open.text(open.residue()),
    }
}

fn residue_error_matched(open: &Conserved) -> ReportError {
    ReportError::ResidueMatched {
        input: open.input.clone(),
        unit: open.currency.clone().unwrap_or_else(|| "rows".to_owned()),
        used: open.text(open.used),
        held: format!(
            "{}, without their order {} and later than as-of {}",
            open.text(open.matched),
            open.text(open.unmatched),
            open.text(open.later)
        ),
        residue: open.text(open.residue_matched()),
    }
}

/// The parts of an input.
fn parts_of<'run>(input: &'run Input, ingested: &'run Ingested) -> impl Iterator<Item = usize> + 'run {
    let parts = ingested.parts.0.iter().enumerate();
    parts.filter(|(_, part)| part.path == input.path && part.source == input.source).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use crate::report::specimen::Specimen;

    #[test]
    fn closed_equations_are_listed_and_an_open_one_stops() {
        let mut specimen = Specimen::small();
        let equations = |specimen: &Specimen| super::equations(&specimen.ingested, &specimen.reconciled.totals);
        assert_eq!(equations(&specimen).unwrap().len(), 5);
        specimen.ingested.inputs[0].money.get_mut("CZK").unwrap().used -= 1;
        let message = equations(&specimen).unwrap_err().to_string();
        assert!(message.contains("residue 0.01"), "{message}");
    }

    #[test]
    fn what_matching_loses_stops() {
        let mut specimen = Specimen::small();
        specimen.reconciled.totals.matched.rows[0] -= 1;
        let error = super::equations(&specimen.ingested, &specimen.reconciled.totals).unwrap_err();
        assert_eq!(error.exit(), crate::diagnose::Exit::Invariant);
        assert!(error.to_string().contains("after matching"), "{error}");
        // the same row among the later ones is no loss
        specimen.reconciled.totals.later.rows[0] += 1;
        assert!(super::equations(&specimen.ingested, &specimen.reconciled.totals).is_ok());
    }
}
