//! Whether an order counts, and whether money may still come for it.

use polars::prelude::BooleanChunked;

use crate::frame::order_facts;
use crate::report::ReportError;
use crate::report::fields::{Fields, is_set};
use crate::vocab::OrderStatus;

/// The standing of all orders of a frame.
pub struct Standing {
    statuses: Vec<OrderStatus>,
    tests: BooleanChunked,
    whole_cancelled: BooleanChunked,
}

impl Standing {
    /// Reads the columns that decide it.
    ///
    /// # Errors
    /// A frame that is not as declared; an unknown word.
    pub fn read(fields: Fields<'_>) -> Result<Standing, ReportError> {
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
        !is_set(&self.tests, row) && !is_set(&self.whole_cancelled, row) && self.status(row) != OrderStatus::Cancelled
    }

    /// It counts, and it has not come back or got lost: money may still come for it.
    pub fn may_be_paid(&self, row: usize) -> bool {
        self.is_counted(row) && !matches!(self.status(row), OrderStatus::Returned | OrderStatus::Lost)
    }
}
