//! Quarantine: every refused row with the cell that refused it.

use crate::report::Desk;
use crate::report::sheet::Sheet;

/// The sheet.
pub fn build(desk: &Desk<'_>) -> Sheet {
    let texts = &desk.texts;
    let titles = [
        "column.file",
        "column.sheet",
        "column.row",
        "column.column",
        "column.value",
        "column.reason",
        "column.expected_form",
        "column.config",
        "column.help",
        "column.source",
        "column.account",
        "column.order",
        "column.record",
        "column.file_sha256",
        "column.byte_offset",
    ]
    .map(|id| texts.say(id));
    let table = desk.quarantine.titled(&titles);
    Sheet::of(texts.say("sheet.quarantine"), vec![texts.say("quarantine.note").to_owned()], table)
}
