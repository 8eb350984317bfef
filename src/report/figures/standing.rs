//! Whether an order counts, and whether money may still come for it.

use crate::frame::{order_facts, read};
use crate::report::ReportError;
use crate::report::fields::Fields;
use crate::vocab::OrderStatus;

/// The standing of all orders of a frame.
pub struct Standing<'run> {
    statuses: Vec<OrderStatus>,
    tests: read::Flags<'run>,
    whole_cancelled: read::Flags<'run>,
}

impl<'run> Standing<'run> {
    /// Reads the columns that decide it.
    ///
    /// # Errors
    /// A frame that is not as declared; an unknown word.
    pub fn read(fields: Fields<'run>) -> Result<Standing<'run>, ReportError> {
        Ok(Standing {
            statuses: fields.words(order_facts::status)?,
            tests: fields.flag(order_facts::test)?,
            whole_cancelled: fields.flag(order_facts::whole_cancelled)?,
        })
    }

    /// The canonical status.
    pub fn status(&self, row: usize) -> OrderStatus {
        self.statuses[row]
    }

    /// No test and not cancelled as a whole (rulebook §15.15); quarantined orders are not in the frame.
    pub fn is_counted(&self, row: usize) -> bool {
        !self.tests.at(row) && !self.whole_cancelled.at(row) && self.status(row) != OrderStatus::Cancelled
    }

    /// It counts, and it has not come back or got lost: money may still come for it.
    pub fn may_be_paid(&self, row: usize) -> bool {
        self.is_counted(row) && !matches!(self.status(row), OrderStatus::Returned | OrderStatus::Lost)
    }
}
