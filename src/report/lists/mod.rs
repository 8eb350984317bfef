//! Lists for programs: stable column names, one file each.

pub mod accounts;
pub mod day_shipping;
pub mod findings;
pub mod parts;
pub mod quarantine;
pub mod revisions;
pub mod rules;

use crate::report::book::List;
use crate::report::{Desk, ReportError};

/// All lists.
///
/// # Errors
/// A frame that is not as declared.
pub fn all(desk: &Desk<'_>) -> Result<Vec<List>, ReportError> {
    Ok(vec![
        day_shipping::list(desk)?,
        findings::found(desk)?,
        findings::resolved(desk)?,
        quarantine::list(desk),
        revisions::list(desk),
    ])
}
