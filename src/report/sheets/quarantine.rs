//! Quarantine: every refused row with the cell that refused it.

use crate::ingest::QuarantinedRow;
use crate::report::Desk;
use crate::report::sheet::Sheet;
use crate::report::table::Table;

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
    let table = table(&desk.run.ingested.quarantine, titles);
    Sheet::of(texts.say("sheet.quarantine"), vec![texts.say("quarantine.note").to_owned()], table)
}

/// The table under the given titles; `quarantine.csv` is the same table under stable names.
pub fn table(rows: &[QuarantinedRow], titles: [&str; 15]) -> Table {
    let text = |pick: fn(&QuarantinedRow) -> &str| rows.iter().map(pick);
    Table::new(rows.len())
        .texts(titles[0], text(|row| &row.file))
        .texts(titles[1], text(|row| row.sheet.as_deref().unwrap_or("")))
        .ints(titles[2], rows.iter().map(|row| Some(i64::from(row.row))))
        .texts(titles[3], text(|row| &row.column))
        .texts(titles[4], text(|row| &row.value))
        .texts(titles[5], text(|row| row.reason))
        .texts(titles[6], text(|row| &row.expected))
        .texts(titles[7], text(|row| &row.config))
        .texts(titles[8], text(|row| row.remedy))
        .texts(titles[9], text(|row| &row.source))
        .texts(titles[10], text(|row| &row.account))
        .texts(titles[11], text(|row| &row.order_no))
        .texts(titles[12], text(|row| &row.record))
        .texts(titles[13], text(|row| &row.file_sha256))
        .ints(titles[14], rows.iter().map(|row| row.byte.and_then(|byte| i64::try_from(byte).ok())))
}
