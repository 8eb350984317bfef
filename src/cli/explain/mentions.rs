//! Where a number stands that is no order: rows of exports that name it, and findings about it.

use polars::prelude::PolarsResult;

use crate::cli::explain::asked;
use crate::cli::explain::story::{FindingKeys, Told, cell, found_by, remedy_of};
use crate::frame::canonical::frame_of;
use crate::frame::{findings, read};
use crate::publish::archive::Archive;
use crate::report::texts::Texts;
use crate::vocab::{Kind, Word};

/// One line for each account that has the number under another name than the one that was asked for, then for each row of an export, then
/// for each finding, that names the number.
///
/// # Errors
/// A frame of the publication lacks a declared column.
pub(super) fn mentions(
    archive: &Archive,
    wanted: &str,
    texts: &Texts,
    tell: impl Fn(&str) -> PolarsResult<Told>,
) -> PolarsResult<Vec<String>> {
    let accounts = archive.accounts()?;
    let (account, number) = asked::named(&accounts, wanted);
    if number.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = match account {
        None => Vec::new(),
        Some(_) => match tell(number)? {
            Told::One(story) => vec![format!("{} {}", story.what, story.key)],
            Told::Many(keys) => keys,
            Told::None(_) => Vec::new(),
        },
    };
    let parts = archive.parts()?;
    for kind in Kind::ALL {
        let declared = frame_of(*kind);
        let Some((named, row)) = declared.column("order_no").zip(declared.column("row")) else { continue };
        let rows = archive.rows_with(&declared, named, &[number])?;
        let rows = read::references(&rows, row)?;
        lines.extend(rows.iter().flatten().map(|row| format!("{}: {}", kind.text(), parts.text(row))));
    }
    let is_about = |finding: &FindingKeys| finding.text(findings::order_no) == number || finding.names(number);
    let found = found_by(archive, &findings::FRAME, is_about)?;
    lines.extend(
        found.iter().map(|finding| format!("finding {}: {}", cell(finding, "code"), remedy_of(finding, texts))),
    );
    Ok(lines)
}
