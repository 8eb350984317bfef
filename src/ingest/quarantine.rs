//! Refused rows: why, what was expected, and when there are too many of them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::base::map::{Map, Set};
use crate::base::money::PPM;
use crate::base::text;
use crate::diagnose::{CellInRow, CellPlace, Diagnostic, Excerpt, Exit, Place, SHOWN, UNKNOWN_WORD};
use crate::frame::lineage::Part;
use crate::ingest::QuarantinedRow;
use crate::ingest::part::At;
use crate::ingest::word_tables::lines_to_paste;
use crate::pipeline::Source;

/// What stands in place of a personal value.
pub(super) const MASK: &str = "***";

macro_rules! reasons {
    ($($reason:ident = $word:literal, $code:literal, $title:literal, $help:literal;)*) => {
        /// Why a row is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Reason { $($reason),* }

        impl Reason {
            /// Stable word, as `quarantine.csv` shows it.
            pub(super) const fn word(self) -> &'static str {
                match self { $(Reason::$reason => $word),* }
            }
        }

        /// Reason word → (diagnostic code, title, help).
        const REASONS: &[(&str, &str, &str, &str)] = &[$(($word, $code, $title, $help)),*];
    };
}

reasons! {
    NotADate = "not_a_date", "CEL301", "not a date", "correct the cell, or add its form to `dates` of the source";
    YearUnknown = "year_unknown", "CEL302", "a day without a year", "name the report month in the file name and say so in `report_month`";
    NotAnAmount = "not_an_amount", "CEL303", "not an amount", "correct the cell, or the source's `decimal`";
    NoDecimal = "no_decimal_declared", "CEL304", "an amount with a mark, and no decimal mark declared", "declare `decimal` of the source";
    ExcessDecimals = "excess_decimals", "CEL305", "more decimals than the currency has", "correct the cell, or declare `excess_decimals = \"book\"`";
    OutOfRange = "out_of_range", "CEL306", "beyond what one cell may hold", "correct the cell";
    UnknownUnit = "unknown_unit", "CEL307", "an amount with an unknown unit", "add the unit to the word table `currency`";
    OtherCurrency = "other_currency", "CEL308", "an amount in another currency than its row", "bind the row's currency, or split the export by currency";
    NoCurrency = "no_currency", "CEL309", "an amount without a currency", "declare the source's or the account's currency";
    UnknownCurrency = "unknown_currency", "CEL310", "not a currency", "add the label to the pipeline: `trueup check` prints the lines to paste";
    NotANumber = "not_a_number", "CEL311", "not a whole number", "correct the cell";
    NotAPercentage = "not_a_percentage", "CEL312", "not a percentage", "write it as `18` or `18 %`";
    UnknownWord = "unknown_word", "CEL313", "an unknown word", "add the label to the pipeline: `trueup check` prints the lines to paste";
    Empty = "empty", "CEL314", "an empty cell", "fill the cell";
    DamagedId = "damaged_id", "CEL315", "an identifier damaged by a spreadsheet", "export again and do not save the file with a spreadsheet program";
    NoValue = "formula_without_value", "CEL316", "a formula without a stored value", "open the workbook, recalculate and save it";
    SheetError = "spreadsheet_error", "CEL317", "an error value of the spreadsheet", "correct the formula";
    NotText = "not_text", "CEL318", "a cell of another type", "format the column as text";
    ClockChange = "clock_change", "CEL320", "a local time that a clock change leaves out or repeats", "write the offset into the cell, or declare `dst = \"earlier\"` or `\"later\"`";
    Undecodable = "undecodable", "ROW321", "bytes that are no text in the declared encoding", "correct `encoding` of the source, or export again";
    FieldCount = "field_count", "ROW322", "a row with another number of fields than the header", "look for a stray delimiter or quote in the row";
    MalformedQuotes = "malformed_quotes", "ROW329", "text behind a closing quote", "write a quote within a quoted field twice, or say `quote = \"none\"` where quotes are letters";
    Truncated = "truncated", "ROW323", "the file ends in the middle of a row", "fetch the file again";
    Conflict = "conflict", "ROW324", "a key that stands twice, differently", "correct the export, or name the field that tells versions apart in `version`";
    OverCancelled = "more_cancelled_than_ordered", "ROW328", "more pieces cancelled than ordered", "correct the number of pieces";
    Incomplete = "order_incomplete", "ROW325", "another row of the order is in quarantine", "correct the other row";
}

/// Why a cell or a row is refused, and what would have been right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) reason: Reason,
    pub(super) expected: String,
}

/// A refused row, before its part has a number.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    /// Row as a person sees it.
    pub(super) line: u32,
    /// First byte of the row in the file, where it can be told.
    pub(super) byte: Option<u64>,
    /// Header as written, or the position, or empty when the whole row is at fault.
    pub(super) column: Arc<str>,
    /// The cell, masked when personal.
    pub(super) value: Arc<str>,
    /// Why.
    pub(super) reason: Reason,
    /// What would have been right.
    pub(super) expected: Arc<str>,
    /// Configuration line.
    pub(super) config: Arc<str>,
    /// Where it can be read, else empty.
    pub(super) order_no: Arc<str>,
    /// Civil day on which the order was created, where it can be read.
    pub(super) created_on: Option<i32>,
    /// The key as an accepted row would have it, part by part; empty where one of them cannot be read, or for an event kind.
    pub(super) key: Arc<[String]>,
    /// The version as text that sorts, where it can be read.
    pub(super) version: Option<Arc<str>>,
    /// The sound row of the same key that a later file of the source has.
    pub(super) replaced_by: Option<At>,
    /// Tracking number as written where it can be read, else empty.
    pub(super) tracking_number: Arc<str>,
    /// Statement of a payout line where it can be read, else empty.
    pub(super) statement_id: Arc<str>,
    /// The row, personal fields masked.
    pub(super) record: Arc<str>,
    /// The cell at fault within `record`.
    pub(super) cell: Option<CellInRow>,
    /// The row's control amount; `None` when it cannot be read or the kind has none.
    pub(super) control: Option<i64>,
    /// Amounts of the order that the row repeats, in a source with several rows per order.
    pub(super) order_amount: Option<i64>,
    /// Currency of the amounts.
    pub(super) currency: Arc<str>,
    /// Day on which an order was paid, where it can be read.
    pub(super) paid_on: Option<i32>,
    /// Postage of an order, where it can be read.
    pub(super) postage: Option<i64>,
}

/// The parts of a key that are there, separated by ` | `.
pub(super) fn key_text(parts: impl Iterator<Item = String>) -> String {
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" | ")
}

/// Lines that teach a pipeline a word, by its field and label: a part may have the same label any number of times.
pub(super) type Pastes = Map<(String, String), Arc<str>>;

/// Texts that many refused rows have in common, each held once.
#[derive(Debug, Default)]
pub(super) struct CommonTexts(HashSet<Arc<str>>);

impl CommonTexts {
    /// So many different texts are kept; further ones stand by themselves.
    const MOST: usize = 4096;

    /// The text, shared with all rows that have the same.
    pub(super) fn of(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        if self.0.len() < Self::MOST {
            self.0.insert(Arc::clone(&new));
        }
        new
    }
}

/// The part that refused rows were read from, as outputs show it.
pub(super) struct Origin<'run> {
    source: &'run Source,
    file: Arc<str>,
    sha256: Arc<str>,
    sheet: Option<Arc<str>>,
    source_name: Arc<str>,
    account: Arc<str>,
    pastes: Pastes,
    texts: CommonTexts,
}

impl<'run> Origin<'run> {
    /// `place` is the part, `sha256` the digest of its file.
    pub(super) fn new((place, sha256): (&Part, &str), source: &'run Source) -> Origin<'run> {
        Origin {
            source,
            file: place.path.as_str().into(),
            sha256: sha256.into(),
            sheet: place.sheet.as_deref().map(Arc::from),
            source_name: source.name.as_str().into(),
            account: source.account.as_deref().unwrap_or_default().into(),
            pastes: Pastes::default(),
            texts: CommonTexts::default(),
        }
    }

    /// A refused row as outputs show it.
    pub(super) fn publish(&mut self, row: &Refused, row_ref: u64) -> QuarantinedRow {
        let reason = row.reason.word();
        let is_word = matches!(row.reason, Reason::UnknownWord | Reason::UnknownCurrency) && &*row.value != MASK;
        let field = row.cell.as_ref().map_or(&*row.column, |cell| cell.field);
        let source = self.source;
        let paste = is_word.then(|| {
            let lines = || lines_to_paste(source, field, &row.value).unwrap_or_default().into();
            self.pastes.entry((field.to_owned(), row.value.to_string())).or_insert_with(lines).clone()
        });
        QuarantinedRow {
            row_ref,
            file: Arc::clone(&self.file),
            file_sha256: Arc::clone(&self.sha256),
            byte: row.byte,
            sheet: self.sheet.clone(),
            row: row.line,
            column: Arc::clone(&row.column),
            value: Arc::clone(&row.value),
            reason,
            expected: Arc::clone(&row.expected),
            config: Arc::clone(&row.config),
            remedy: about(reason).2,
            source: Arc::clone(&self.source_name),
            account: Arc::clone(&self.account),
            order_no: Arc::clone(&row.order_no),
            created_on: row.created_on,
            key: match &*row.key {
                [only] if **only == *row.order_no => Arc::clone(&row.order_no),
                parts => self.texts.of(&key_text(parts.iter().cloned())),
            },
            tracking_number: self.texts.of(&text::tracking_number(&row.tracking_number)),
            statement_id: Arc::clone(&row.statement_id),
            amount: row.control,
            currency: Arc::clone(&row.currency),
            paid_on: row.paid_on,
            postage: row.postage,
            record: Arc::clone(&row.record),
            cell: row.cell.clone(),
            paste: paste.unwrap_or_else(|| self.texts.of("")),
        }
    }
}

/// The pages of all reasons, one section each.
const PAGES: &str = include_str!("../guide/reasons.md");

/// All reason words, in the order of their codes.
pub fn reason_words() -> impl Iterator<Item = &'static str> {
    REASONS.iter().map(|(word, ..)| *word)
}

/// The page of a reason, by its word (`not_a_date`) or its code (`CEL301`).
pub fn reason_page(name: &str) -> Option<&'static str> {
    let (word, ..) = REASONS.iter().find(|(word, code, ..)| *word == name || code.eq_ignore_ascii_case(name))?;
    let start = PAGES.find(&format!("## `{word}` "))?;
    let page = &PAGES[start..];
    let end = page[2..].find("\n## ").map_or(page.len(), |end| end + 2);
    Some(page[..end].trim_end())
}

/// Diagnostic code, title and help of a reason word.
fn about(word: &str) -> (&'static str, &'static str, &'static str) {
    REASONS
        .iter()
        .find(|(known, ..)| *known == word)
        .map_or(("CEL300", "refused", ""), |(_, code, title, help)| (*code, *title, *help))
}

/// The diagnostic of a quarantined row.
fn diagnostic(row: &QuarantinedRow) -> Diagnostic {
    let (code, title, help) = about(row.reason);
    let expected = match (row.expected.is_empty(), row.config.is_empty()) {
        (false, false) => format!("{}  ({})", row.expected, row.config),
        _ => row.expected.to_string(),
    };
    Diagnostic {
        code,
        message: title.to_owned(),
        place: Place::Cell(CellPlace {
            file: row.file.to_string(),
            sheet: row.sheet.as_deref().map(str::to_owned),
            row: Some(row.row),
            column: (!row.column.is_empty()).then(|| row.column.to_string()),
            excerpt: Some(Excerpt { record: row.record.to_string(), cell: row.cell.clone() }),
        }),
        found: row.value.to_string(),
        expected,
        help: match &*row.paste {
            "" => format!("the row is in quarantine; {help}"),
            lines => format!("the row is in quarantine; paste into the pipeline and fill in the word:\n{lines}"),
        },
        exit: Exit::Quarantine,
    }
}

/// The diagnostics of quarantined rows: of each kind in one file the first, as [`crate::diagnose::first_of_a_kind`] shows them, then one
/// that stands for all others. However many rows are refused, few texts are held.
pub(super) fn diagnostics(rows: &[QuarantinedRow]) -> Vec<Diagnostic> {
    let mut kinds: Map<(&str, &str, &str), (usize, usize)> = Map::default();
    let mut words: Set<(&str, &str, &str)> = Set::default();
    let mut told = Vec::new();
    for row in rows {
        let (shown, more) = kinds.entry((row.reason, &row.file, &row.column)).or_default();
        let is_known = about(row.reason).0 == UNKNOWN_WORD && !words.insert((&*row.file, &*row.column, &*row.value));
        if *shown < SHOWN && !is_known {
            *shown += 1;
            told.push(diagnostic(row));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_words_and_pages_are_unique() {
        for (place, (word, code, ..)) in REASONS.iter().enumerate() {
            assert!(
                REASONS[..place].iter().all(|(other, other_code, ..)| other != word && other_code != code),
                "{word}"
            );
        }
        assert_eq!(about(Reason::DamagedId.word()).0, "CEL315");
        for (word, code, ..) in REASONS {
            let page = reason_page(word).unwrap_or_else(|| panic!("no page for {word}"));
            assert!(page.starts_with(&format!("## `{word}` ({code})")), "{page}");
        }
    }
}
