//! Refused rows: why, what was expected, and when there are too many of them.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use crate::base::map::{Map, Set};
use crate::base::money::PPM;
use crate::diagnose::{CellPlace, Diagnostic, Excerpt, Exit, Place, SHOWN, UNKNOWN_WORD};
use crate::frame::lineage::{Part, part_of, row_ref};
use crate::ingest::reason::{Reason, about};
#[cfg(test)]
use crate::ingest::refused::{Grounds, RowAtFault};
use crate::ingest::refused::{HeldRow, MASK};
use crate::ingest::word_tables::lines_to_paste;
use crate::pipeline::Source;

/// The part that refused rows were read from, as outputs show it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartAtFault {
    /// Path as outputs quote it.
    pub file: String,
    /// SHA-256 of the file, hexadecimal.
    pub file_sha256: String,
    /// Sheet of a workbook.
    pub sheet: Option<String>,
    /// The source.
    pub source: String,
    /// The account, or empty.
    pub account: String,
}

impl PartAtFault {
    /// `sha256` is the digest of the file.
    pub(super) fn of(part: &Part, sha256: &str, source: &Source) -> Arc<PartAtFault> {
        Arc::new(PartAtFault {
            file: part.path.clone(),
            file_sha256: sha256.to_owned(),
            sheet: part.sheet.clone(),
            source: source.name.clone(),
            account: source.account.clone().unwrap_or_default(),
        })
    }
}

/// A refused row of a part: what was read of it is held once, here and wherever else it is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuarantinedRow {
    /// Lineage of the row.
    pub row_ref: u64,
    /// Control amount in minor units, with the amounts of the order that count with the row; `None` where it cannot be read, or the kind has none.
    pub amount: Option<i64>,
    /// Its part.
    pub of: Arc<PartAtFault>,
    row: Arc<HeldRow>,
}

impl QuarantinedRow {
    /// `part` is the number of the part.
    pub(crate) fn new(part: usize, of: &Arc<PartAtFault>, row: Arc<HeldRow>, amount: Option<i64>) -> QuarantinedRow {
        QuarantinedRow { row_ref: row_ref(part, row.line), amount, of: Arc::clone(of), row }
    }

    /// A row that no file has.
    #[cfg(test)]
    pub(crate) fn made(part: usize, of: PartAtFault, row: RowAtFault, amount: Option<i64>) -> QuarantinedRow {
        QuarantinedRow::new(part, &Arc::new(of), Grounds::default().hold(row), amount)
    }

    /// Bytes that the rows take beside their records, in the list and where the reader holds them.
    #[cfg(test)]
    pub(crate) fn bytes_beside_records(rows: &[QuarantinedRow]) -> usize {
        let held: Vec<_> = rows.iter().map(|row| row.bytes_beside_record()).collect();
        let shared: BTreeMap<_, _> = held.iter().map(|(_, shared)| *shared).collect();
        let own = held.iter().map(|(own, _)| own).sum::<usize>();
        size_of_val(rows) + own + shared.values().sum::<usize>()
    }

    /// What to do.
    pub fn remedy(&self) -> &'static str {
        about(self.reason()).2
    }
}

impl Deref for QuarantinedRow {
    type Target = HeldRow;

    fn deref(&self) -> &HeldRow {
        &self.row
    }
}

/// Lines that teach the pipeline the word at fault; `None` where none is.
fn paste(row: &HeldRow, source: &Source) -> Option<String> {
    let is_word = [Reason::UnknownWord, Reason::UnknownCurrency].map(Reason::word).contains(&row.reason());
    let cell = row.cell();
    let field = cell.as_ref().map_or(row.column(), |cell| cell.field);
    (is_word && row.value() != MASK).then(|| lines_to_paste(source, field, row.value()))?
}

/// The diagnostic of a quarantined row.
fn diagnostic(row: &QuarantinedRow, source: &Source) -> Diagnostic {
    let (code, title, help) = about(row.reason());
    let expected = match (row.expected(), row.config()) {
        ("", _) | (_, "") => row.expected().to_owned(),
        (expected, config) => format!("{expected}  ({config})"),
    };
    Diagnostic {
        code,
        message: title.to_owned(),
        place: Place::Cell(CellPlace {
            file: row.of.file.clone(),
            sheet: row.of.sheet.clone(),
            row: Some(row.line),
            column: Some(row.column().to_owned()).filter(|column| !column.is_empty()),
            excerpt: Some(Excerpt { record: row.record().to_owned(), cell: row.cell() }),
        }),
        found: row.value().to_owned(),
        expected,
        help: match paste(row, source) {
            None => format!("the row is in quarantine; {help}"),
            Some(lines) => format!("the row is in quarantine; paste into the pipeline and fill in the word:\n{lines}"),
        },
        exit: Exit::Quarantine,
    }
}

/// The diagnostics of quarantined rows: of each kind in one file the first, as [`crate::diagnose::first_of_a_kind`] shows them, then one
/// that stands for all others. However many rows are refused, few texts are held. `source_of`: the source of a part by its number.
pub(super) fn diagnostics<'p>(rows: &[QuarantinedRow], source_of: impl Fn(usize) -> &'p Source) -> Vec<Diagnostic> {
    let mut kinds: Map<(&str, &str, &str), (usize, usize)> = Map::default();
    let mut words: Set<(&str, &str, &str)> = Set::default();
    let mut told = Vec::new();
    for row in rows {
        let (shown, more) = kinds.entry((row.reason(), &row.of.file, row.column())).or_default();
        let is_known =
            about(row.reason()).0 == UNKNOWN_WORD && !words.insert((&row.of.file, row.column(), row.value()));
        if *shown < SHOWN && !is_known {
            *shown += 1;
            told.push(diagnostic(row, source_of(part_of(row.row_ref))));
        } else {
            *more += 1;
        }
    }
    for ((reason, file, column), (_, more)) in kinds.into_iter().filter(|(_, (_, more))| *more > 0) {
        let (code, title, _) = about(reason);
        told.push(Diagnostic {
            code,
            message: format!("{title}: {more} more rows"),
            place: Place::Repeats { file: file.to_owned(), column: column.to_owned(), more },
            found: String::new(),
            expected: String::new(),
            help: "the rows are in quarantine".to_owned(),
            exit: Exit::Quarantine,
        });
    }
    told
}

/// The share of a source's rows that may be in quarantine where `quarantine_max` does not say, and the number that may be in any case:
/// more means that the export has changed, and no person reads so many rows.
const SHARE_BY_DEFAULT: i64 = PPM / 5;
const ROWS_BY_DEFAULT: u64 = 100;

/// Why a source is refused for its quarantine: `None` while both limits hold.
pub(super) fn over_limit(source: &Source, quarantined: u64, rows: u64, money: &BTreeMap<&str, i128>) -> Option<String> {
    let is_over = |most: i64| i128::from(quarantined) * i128::from(PPM) > i128::from(most) * i128::from(rows);
    match source.quarantine_max_ppm {
        Some(most) if is_over(most) => {
            let percent = most as f64 * 100.0 / PPM as f64;
            return Some(format!("{quarantined} of {rows} rows are in quarantine, and {percent} % are allowed"));
        }
        None if quarantined > ROWS_BY_DEFAULT && is_over(SHARE_BY_DEFAULT) => {
            return Some(format!(
                "{quarantined} of {rows} rows are in quarantine, and 20 % are allowed where the source does not say; to read it all the same, \
                 write `quarantine_max = {{ percent = 100.0 }}` in the source"
            ));
        }
        _ => {}
    }
    let most = source.quarantine_max_money?;
    let (currency, money) = money.iter().find(|(_, money)| **money > i128::from(most))?;
    Some(format!("{money} minor units of {currency} are in quarantine, and {most} are allowed in each currency"))
}
