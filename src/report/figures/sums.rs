//! Sums of money by currency, checked.

use std::collections::BTreeMap;

use crate::report::ReportError;

/// Money in minor units by currency.
pub type ByCurrency = BTreeMap<String, i64>;

/// Adds `value` to the entry of `currency`.
///
/// # Errors
/// A sum beyond 64 bits.
pub fn add(sums: &mut ByCurrency, currency: &str, value: i64) -> Result<(), ReportError> {
    match sums.get_mut(currency) {
        Some(sum) => add_amount(sum, value),
        None => {
            sums.insert(currency.to_owned(), value);
            Ok(())
        }
    }
}

/// Adds `value` to `sum`.
///
/// # Errors
/// A sum beyond 64 bits.
pub fn add_amount(sum: &mut i64, value: i64) -> Result<(), ReportError> {
    *sum = sum.checked_add(value).ok_or(ReportError::Overflow("a control figure"))?;
    Ok(())
}
