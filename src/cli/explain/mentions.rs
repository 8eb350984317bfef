//! Where a number stands that is no order: rows of exports that name it, and findings about it.

use polars::prelude::PolarsResult;

use crate::frame::canonical::frame_of;
use crate::frame::{findings, read};
use crate::publish::archive::Archive;
use crate::vocab::{Kind, Word};

/// One line for each row of an export, then for each finding, that names the number.
///
/// # Errors
/// A frame of the publication lacks a declared column.
pub(super) fn mentions(archive: &Archive, number: &str) -> PolarsResult<Vec<String>> {
    let parts = archive.parts()?;
    let mut lines = Vec::new();
    for kind in Kind::ALL {
        let declared = frame_of(*kind);
        let Some((named, row)) = declared.column("order_no").zip(declared.column("row")) else { continue };
        let frame = archive.frame(declared.name)?;
        let (numbers, rows) = (read::texts(&frame, named)?, read::references(&frame, row)?);
        let naming = (0..frame.height()).filter(|place| numbers.at(*place) == number);
        let naming = naming.filter_map(|place| rows.at(place));
        lines.extend(naming.map(|row| format!("{}: {}", kind.text(), parts.text(row))));
    }
    let found = archive.frame(findings::FRAME.name)?;
    let (numbers, codes) = (read::texts(&found, findings::order_no)?, read::texts(&found, findings::code)?);
    let remedies = read::texts(&found, findings::remedy)?;
    let about = (0..found.height()).filter(|row| numbers.at(*row) == number);
    lines.extend(about.map(|row| format!("finding {}: {}", codes.at(row), remedies.at(row))));
    Ok(lines)
}
