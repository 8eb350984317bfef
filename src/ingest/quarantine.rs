//! Refused rows: why, what was expected, and when there are too many of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::map::{Map, Set};
use crate::base::money::PPM;
use crate::base::text;
use crate::diagnose::{CellPlace, Diagnostic, Excerpt, Exit, Place, SHOWN, UNKNOWN_WORD};
use crate::frame::lineage::Part;
use crate::ingest::QuarantinedRow;
use crate::ingest::reason::{Reason, about};
use crate::ingest::refused::{CommonTexts, MASK, Refused};
use crate::ingest::word_tables::lines_to_paste;
use crate::pipeline::Source;

/// The parts of a key that are there, separated by ` | `.
pub(super) fn key_text(parts: impl Iterator<Item = String>) -> String {
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" | ")
}

/// Lines that teach a pipeline a word, by its field and label: a part may have the same label any number of times.
pub(super) type Pastes = Map<(String, String), Arc<str>>;

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
