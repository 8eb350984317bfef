//! The rows that take part in facts: those dated up to as-of. Later rows stay in the canonical frames and are counted by ingest.

use polars::prelude::{BooleanChunked, DataFrame, PolarsResult};

use crate::base::as_of::AsOf;
use crate::base::zone::day_number;
use crate::frame::canonical::{CanonicalFrames, frame_of};
use crate::frame::column::{Column, Frame, Shape};
use crate::frame::kind::main_dates;
use crate::frame::read;
use crate::vocab::{Kind, Word};

/// The canonical frames without rows dated after as-of.
///
/// # Errors
/// A frame lacks its date column: a bug of ours.
pub fn visible(frames: &CanonicalFrames, as_of: AsOf) -> PolarsResult<CanonicalFrames> {
    let mut visible = frames.clone();
    for kind in Kind::ALL {
        let dates: Vec<Column> =
            main_dates(*kind).iter().filter_map(|name| civil_date(&frame_of(*kind), name)).collect();
        *visible.of_mut(*kind) = until(frames.of(*kind), as_of, &dates)?;
    }
    Ok(visible)
}

/// The civil date of a column: the column itself, or `X_on` of an instant `X_at`, `at_on` of `at`.
fn civil_date(frame: &Frame, name: &str) -> Option<Column> {
    let column = frame.column(name)?;
    match column.shape {
        Shape::Instant => frame.column(&format!("{}_on", name.strip_suffix("_at").unwrap_or(name))),
        _ => Some(column),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A date that is not found would hide nothing, silently.
    #[test]
    fn every_main_date_has_its_civil_date() {
        for kind in Kind::ALL {
            for name in main_dates(*kind) {
                let date = civil_date(&frame_of(*kind), name).expect(name);
                assert_eq!(date.shape, Shape::Date, "{kind}.{name}");
            }
        }
    }
}
