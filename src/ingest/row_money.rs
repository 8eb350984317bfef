//! An amount of a row, and a currency that is not one.

use crate::ingest::cells::{self, Amount, MoneyForm};
use crate::ingest::plan::Plan;
use crate::ingest::reason::{Flaw, Reason};
use crate::ingest::record::Raw;

/// An amount of a currency, in its units, or in its smallest unit where the source says so.
pub(super) fn money_of(plan: &Plan<'_>, raw: Raw<'_>, currency: &str, places: u32) -> Result<Amount, Flaw> {
    let forms = &plan.source.cells;
    if !forms.minor_amounts {
        return cells::money(raw, MoneyForm { forms, currency, places, units: plan.units });
    }
    let expected = || format!("a whole number in the smallest unit of {currency} (`amounts = \"minor\"`)");
    // A mark in the text would be another unit, also one that elsewhere stands between thousands.
    if matches!(raw, Raw::Text(text) if text.contains(['.', ','])) {
        return Err(Flaw { reason: Reason::NotAnAmount, expected: expected() });
    }
    cells::money(raw, MoneyForm { forms, currency, places: 0, units: plan.units }).map_err(|flaw| {
        let reason = if flaw.reason == Reason::ExcessDecimals { Reason::NotAnAmount } else { flaw.reason };
        Flaw { reason, expected: expected() }
    })
}

pub(super) fn no_currency(code: &str) -> Flaw {
    let expected = "a currency by ISO 4217 of the row, the source or the account".to_owned();
    Flaw { reason: if code.is_empty() { Reason::NoCurrency } else { Reason::UnknownCurrency }, expected }
}
