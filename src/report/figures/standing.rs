//! Whether an order counts, and whether money may still come for it.

use polars::prelude::{BooleanChunked, PolarsResult, StringChunked};

use crate::frame::order_facts;
use crate::report::fields::{Fields, is_set};
use crate::vocab::{OrderStatus, Word};

/// The standing of all orders of a frame.
pub struct Standing {
    statuses: StringChunked,
    tests: BooleanChunked,
    whole_cancelled: BooleanChunked,
}

impl Standing {
    /// Reads the columns that decide it.
    ///
    /// # Errors
    /// A frame that is not as declared.
    pub fn read(fields: Fields<'_>) -> PolarsResult<Standing> {
        Ok(Standing {
            statuses: fields.text(order_facts::status)?,
            tests: fields.flag(order_facts::test)?,
            whole_cancelled: fields.flag(order_facts::whole_cancelled)?,
        })
    }

    /// The canonical status.
    pub fn status(&self, row: usize) -> OrderStatus {
        self.statuses.get(row).and_then(OrderStatus::of).unwrap_or(OrderStatus::Unknown)
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
