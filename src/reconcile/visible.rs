//! The rows that take part in facts: those dated up to as-of. Later rows stay in the canonical frames and are counted by ingest.

use polars::prelude::{BooleanChunked, DataFrame, PolarsResult};

use crate::base::as_of::AsOf;
use crate::base::zone::day_number;
use crate::frame::canonical::CanonicalFrames;
use crate::frame::column::Column;
use crate::frame::{
    documents, order_events, orders, payout_lines, postage_overview, read, shipments, statements, supplier_orders,
    tracking_events,
};

/// The canonical frames without rows dated after as-of.
///
/// # Errors
/// A frame lacks its date column: a bug of ours.
pub fn visible(frames: &CanonicalFrames, as_of: AsOf) -> PolarsResult<CanonicalFrames> {
    let mut visible = frames.clone();
    visible.orders = until(&frames.orders, as_of, &[orders::created_on])?;
    visible.order_events = until(&frames.order_events, as_of, &[order_events::at_on])?;
    visible.tracking_events = until(&frames.tracking_events, as_of, &[tracking_events::at_on])?;
    visible.shipments = until(&frames.shipments, as_of, &[shipments::handed_over_on])?;
    visible.payout_lines = until(&frames.payout_lines, as_of, &[payout_lines::posted, payout_lines::paid_on])?;
    visible.statements = until(&frames.statements, as_of, &[statements::paid_on])?;
    visible.postage_overview = until(&frames.postage_overview, as_of, &[postage_overview::day])?;
    visible.documents = until(&frames.documents, as_of, &[documents::issued, documents::requested_on])?;
    visible.supplier_orders = until(&frames.supplier_orders, as_of, &[supplier_orders::created_on])?;
    Ok(visible)
}

/// Rows whose dates are all up to as-of; a missing date does not hide a row.
fn until(frame: &DataFrame, as_of: AsOf, dates: &[Column]) -> PolarsResult<DataFrame> {
    let last = day_number(as_of.0);
    let mut is_visible = vec![true; frame.height()];
    for date in dates {
        for (visible, day) in is_visible.iter_mut().zip(read::days(frame, *date)?) {
            *visible &= day.is_none_or(|day| day <= last);
        }
    }
    // Usually nothing is hidden, and a filter would copy every column.
    if is_visible.iter().all(|visible| *visible) {
        return Ok(frame.clone());
    }
    frame.filter(&BooleanChunked::from_iter(is_visible))
}
