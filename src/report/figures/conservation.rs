//! Every row and every amount of every input ends in exactly one bucket: the equations, and the stop when one does not close.

use crate::base::money;
use crate::ingest::Input;
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
}

impl Conserved {
    /// What is left over: 0, or nothing is published.
    pub fn residue(&self) -> i128 {
        self.read - self.used - self.duplicate - self.superseded - self.structural - self.quarantined
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
/// An equation that does not close, or a sum beyond 64 bits.
pub fn equations(inputs: &[Input]) -> Result<Vec<Conserved>, ReportError> {
    let mut equations = Vec::new();
    for input in inputs {
        let rows = input.rows;
        equations.push(Conserved {
            input: input.path.clone(),
            currency: None,
            read: rows.read.into(),
            used: rows.used.into(),
            duplicate: rows.duplicate.into(),
            superseded: rows.superseded.into(),
            structural: rows.structural.into(),
            quarantined: rows.quarantined.into(),
        });
        for (currency, money) in &input.money {
            equations.push(Conserved {
                input: input.path.clone(),
                currency: Some(currency.clone()),
                read: money.read,
                used: money.used,
                duplicate: money.duplicate,
                superseded: money.superseded,
                structural: money.structural,
                quarantined: money.quarantined,
            });
        }
    }
    if let Some(open) = equations.iter().find(|equation| equation.residue() != 0) {
        return Err(residue_error(open));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen::Specimen;

    #[test]
    fn closed_equations_are_listed_and_an_open_one_stops() {
        let mut inputs = Specimen::small().ingested.inputs;
        assert_eq!(equations(&inputs).unwrap().len(), 5);
        inputs[0].money.get_mut("CZK").unwrap().used -= 1;
        let message = equations(&inputs).unwrap_err().to_string();
        assert!(message.contains("residue 0.01"), "{message}");
    }
}
