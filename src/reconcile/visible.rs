//! What takes part in facts: rows dated up to as-of, and of them the values that were known then. Later rows stay in the canonical frames
//! and are counted by ingest; `known_then` takes later values out.

use std::collections::BTreeMap;

use polars::prelude::{BooleanChunked, DataFrame, PolarsResult};

use crate::base::as_of::AsOf;
use crate::base::zone::day_number;
use crate::frame::canonical::{CanonicalFrames, frame_of};
use crate::frame::column::Column;
use crate::frame::kind::main_dates;
use crate::frame::read;
use crate::vocab::{Kind, Word};

/// The canonical frames, split by as-of.
#[derive(Debug, Clone, Default)]
pub struct Split {
    /// Rows up to as-of; a missing date does not hide a row.
    pub visible: CanonicalFrames,
    /// Rows dated after as-of.
    pub later: CanonicalFrames,
    /// Values of visible rows that lie after as-of, by the part of the row.
    pub later_values: BTreeMap<usize, u64>,
}

/// Splits the canonical frames into rows up to as-of and later ones.
///
/// # Errors
/// A frame lacks its date column: a bug of ours.
pub fn split(frames: &CanonicalFrames, as_of: AsOf) -> PolarsResult<Split> {
    let mut split = Split { visible: frames.clone(), ..Split::default() };
    for kind in Kind::ALL {
        let dates: Vec<Column> = main_dates(*kind).iter().filter_map(|name| frame_of(*kind).civil_date(name)).collect();
        let frame = frames.of(*kind);
        let is_visible = up_to(frame, as_of, &dates)?;
        // Usually nothing is hidden, and a filter would copy every column.
        if is_visible.iter().all(|visible| *visible) {
            *split.later.of_mut(*kind) = frame.head(Some(0));
            continue;
        }
        let mask = BooleanChunked::from_iter(is_visible);
        *split.visible.of_mut(*kind) = frame.filter(&mask)?;
        *split.later.of_mut(*kind) = frame.filter(&!&mask)?;
    }
    Ok(split)
}

/// Whether all dates of each row are up to as-of.
fn up_to(frame: &DataFrame, as_of: AsOf, dates: &[Column]) -> PolarsResult<Vec<bool>> {
    let last = day_number(as_of.0);
    let mut is_visible = vec![true; frame.height()];
    for date in dates {
        for (visible, day) in is_visible.iter_mut().zip(read::days(frame, *date)?.iter()) {
            *visible &= day.is_none_or(|day| day <= last);
        }
    }
    Ok(is_visible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::column::Shape;

    /// A date that is not found would hide nothing, silently.
    #[test]
    fn every_main_date_has_its_civil_date() {
        for kind in Kind::ALL {
            for name in main_dates(*kind) {
                let date = frame_of(*kind).civil_date(name).expect(name);
                assert_eq!(date.shape, Shape::Date, "{kind}.{name}");
            }
        }
    }
}
