//! Labels to words, each label looked up once per column: exports repeat a handful of them.

use std::cell::Cell as Seen;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::base::text::{fold, nearest_label};
use crate::frame::kind::{Cell, LINE_FIELDS, spec_of};
use crate::ingest::columns::Labels;
use crate::ingest::reason::{Flaw, Reason};
use crate::ingest::word_tables::{CURRENCY, FLAG, table_of};
use crate::pipeline::pack::Vocabulary;
use crate::pipeline::words::{NO_COUNTERPART, WordTable};
use crate::vocab::{Flag, Kind, PayoutKind, TrackingCode, Word};

/// Where the labels of a field are looked up.
#[derive(Debug, Clone, Copy)]
pub(super) enum WordList<'p> {
    /// A word table of a pack; a label without an entry is refused, or becomes `unmapped`.
    Table { name: &'static str, table: Option<&'p WordTable>, unmapped: Option<&'static str> },
    /// A word table; a label without an entry is kept as written.
    Names(Option<&'p WordTable>),
    /// ISO codes and the words of currencies.
    Currencies(Option<&'p WordTable>),
    /// Codes of a carrier; an unmapped one is `unknown`.
    Codes(&'p Vocabulary),
}

/// The memory of one field.
#[derive(Debug)]
pub(super) struct WordReader<'p> {
    list: WordList<'p>,
    known: Vec<Known>,
    /// Place of each label among the known ones.
    places: HashMap<String, usize, FixedState>,
    /// Place of the last label: exports often repeat it.
    last: usize,
    /// The last label that is refused whatever stands beside it, and why.
    refused: Option<(String, Flaw)>,
    /// Labels of a yes-or-no field: its column keeps only the answer.
    flags: Labels,
}

/// A label that was read before.
#[derive(Debug)]
struct Known {
    raw: String,
    /// `None` when the answer depends on other fields of the row.
    code: Option<u32>,
}

impl<'p> WordReader<'p> {
    pub(super) fn new(list: WordList<'p>) -> WordReader<'p> {
        WordReader {
            list,
            known: Vec::new(),
            places: HashMap::default(),
            last: 0,
            refused: None,
            flags: Labels::default(),
        }
    }

    /// The code of a label in `labels`. `present` says whether a field of the same row has a value; an answer that depended on
    /// it is not remembered.
    pub(super) fn code(&mut self, raw: &str, labels: &mut Labels, present: impl Fn(&str) -> bool) -> Result<u32, Flaw> {
        let place = match self.known.get(self.last) {
            Some(last) if last.raw == raw => Some(self.last),
            _ => self.places.get(raw).copied(),
        };
        if let Some(place) = place {
            self.last = place;
            if let Some(code) = self.known[place].code {
                return Ok(code);
            }
        }
        let conditional = Seen::new(false);
        if let Some((_, flaw)) = self.refused.as_ref().filter(|(label, _)| label == raw) {
            return Err(flaw.clone());
        }
        let word = self.word(raw, |field: &str| {
            conditional.set(true);
            present(field)
        });
        let word = match word {
            Ok(word) => word,
            Err(flaw) => {
                // The next rows may have the same label: the nearest one is not searched again.
                self.refused = (!conditional.get()).then(|| (raw.to_owned(), flaw.clone()));
                return Err(flaw);
            }
        };
        let code = labels.code(raw, &word);
        if place.is_none() {
            self.places.insert(raw.to_owned(), self.known.len());
            self.last = self.known.len();
            self.known.push(Known { raw: raw.to_owned(), code: (!conditional.get()).then_some(code) });
        }
        Ok(code)
    }

    /// Whether a label means yes.
    pub(super) fn flag(&mut self, raw: &str, present: impl Fn(&str) -> bool) -> Result<bool, Flaw> {
        let mut labels = std::mem::take(&mut self.flags);
        let code = self.code(raw, &mut labels, present);
        let yes = code.as_ref().is_ok_and(|code| labels.label(*code).word == Flag::Yes.text());
        self.flags = labels;
        code.map(|_| yes)
    }

    fn word(&self, raw: &str, present: impl Fn(&str) -> bool) -> Result<String, Flaw> {
        match self.list {
            WordList::Table { name, table, unmapped } => {
                let folded = fold(raw);
                let found = table.and_then(|table| table.look_up(&folded, present));
                match (found, unmapped) {
                    (Some(NO_COUNTERPART), _) => without_counterpart(name).map(str::to_owned).ok_or_else(|| Flaw {
                        reason: Reason::UnknownWord,
                        expected: format!("a label of the word table `{name}` that has a counterpart"),
                    }),
                    (Some(word), _) => Ok(word.to_owned()),
                    (None, Some(unmapped)) => Ok(unmapped.to_owned()),
                    (None, None) => Err(unknown(name, table, &folded)),
                }
            }
            WordList::Names(table) => {
                let found = table.and_then(|table| table.look_up(&fold(raw), present));
                Ok(found.filter(|word| *word != NO_COUNTERPART).unwrap_or(raw).to_owned())
            }
            WordList::Currencies(table) => match super::cells::currency_of(raw, table) {
                Some(code) if crate::base::money::decimals(code).is_some() => Ok(code.to_owned()),
                _ => Err(Flaw {
                    reason: Reason::UnknownCurrency,
                    expected: "an ISO 4217 code, or a label of the word table `currency`".into(),
                }),
            },
            WordList::Codes(vocabulary) => Ok(match vocabulary.look_up(raw) {
                Some(NO_COUNTERPART) => TrackingCode::Ignored.text().to_owned(),
                Some(word) => word.to_owned(),
                None => TrackingCode::Unknown.text().to_owned(),
            }),
        }
    }
}

/// Where the labels of a cell of this kind are looked up.
pub(super) fn list_of<'p>(
    cell: Cell,
    tables: &'p BTreeMap<String, Arc<WordTable>>,
    vocabulary: Option<&'p Vocabulary>,
) -> Option<WordList<'p>> {
    let table = |name: &str| tables.get(name).map(|table| &**table);
    match cell {
        Cell::Word { table: name, unmapped, .. } => Some(WordList::Table { name, table: table(name), unmapped }),
        Cell::Flag => Some(WordList::Table { name: FLAG, table: table(FLAG), unmapped: None }),
        Cell::Name { table: name } => Some(WordList::Names(table(name))),
        Cell::Currency => Some(WordList::Currencies(table(CURRENCY))),
        Cell::CarrierCode => vocabulary.map(WordList::Codes),
        _ => None,
    }
}

/// The word that a label of a table is read as, when the fields `present` of its row have a value; `None` when its row is refused,
/// or when no field is read through such a table.
pub fn read_label(
    table: &str,
    tables: &BTreeMap<String, Arc<WordTable>>,
    label: &str,
    present: &[String],
) -> Option<String> {
    let fields = Kind::ALL.iter().flat_map(|kind| spec_of(*kind).fields).chain(LINE_FIELDS);
    let cell = fields.map(|field| field.cell).find(|cell| table_of(*cell) == Some(table))?;
    WordReader::new(list_of(cell, tables, None)?).word(label, |field| present.iter().any(|name| name == field)).ok()
}

/// The canonical code that a carrier's code is read as.
pub fn read_code(vocabulary: &Vocabulary, code: &str) -> TrackingCode {
    let word = WordReader::new(WordList::Codes(vocabulary)).word(code, |_| false);
    word.ok().and_then(|word| TrackingCode::of(&word)).unwrap_or(TrackingCode::Unknown)
}

/// The word of a label that a pack knows and that has no counterpart among ours: the row is used and decides nothing. Documents
/// have no such word, so their row is refused.
fn without_counterpart(table: &str) -> Option<&'static str> {
    match table {
        "payout_kind" => Some(PayoutKind::Unexplained.text()),
        "document_kind" | "document_line_kind" | "flag" => None,
        _ => Some("unknown"),
    }
}

fn unknown(name: &str, table: Option<&WordTable>, folded: &str) -> Flaw {
    let labels = table.map(WordTable::labels).unwrap_or_default();
    let expected = match nearest_label(folded, labels) {
        Some(label) => format!("a label of the word table `{name}`; the nearest is `{label}`"),
        None => format!("a label of the word table `{name}`"),
    };
    Flaw { reason: Reason::UnknownWord, expected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::words::Meaning;

    fn table() -> WordTable {
        let mut table = WordTable::default();
        let mut add = |label: &str, word: &str, when: Option<&str>| {
            table.add(label, Meaning { word: word.into(), when_present: when.map(str::to_owned) });
        };
        add("vyřízená", "delivered", Some("delivered_at"));
        add("vyřízená", "shipped", None);
        add("stornováno", "cancelled", None);
        add("Elfogadva", NO_COUNTERPART, None);
        table
    }

    #[test]
    fn a_condition_is_asked_again_for_every_row() {
        let table = table();
        let list = WordList::Table { name: "order_status", table: Some(&table), unmapped: None };
        let mut reader = WordReader::new(list);
        let mut labels = Labels::default();
        let mut read = |raw: &str, dated: bool| {
            let code = reader.code(raw, &mut labels, |field| dated && field == "delivered_at")?;
            Ok::<_, Flaw>(labels.label(code).word.clone())
        };
        assert_eq!(read("vyřízená", true).unwrap(), "delivered");
        assert_eq!(read("vyřízená", false).unwrap(), "shipped");
        assert_eq!(read("Stornováno.", false).unwrap(), "cancelled");
        assert_eq!(read("Stornováno.", false).unwrap(), "cancelled");
        assert_eq!(read("Elfogadva", false).unwrap(), "unknown");
        let flaw = read("nevyřízená", false).unwrap_err();
        assert_eq!(flaw.reason, Reason::UnknownWord);
        assert!(!flaw.expected.contains("nearest"), "the opposite: {}", flaw.expected);
        assert!(read("vyřízna", false).unwrap_err().expected.contains("`vyrizena`"));
    }

    #[test]
    fn an_unmapped_carrier_code_is_unknown() {
        let vocabulary =
            Vocabulary { codes: HashMap::from([("d1".to_owned(), "delivered".to_owned())]), ..Vocabulary::default() };
        let mut reader = WordReader::new(WordList::Codes(&vocabulary));
        let mut labels = Labels::default();
        let known = reader.code("D1", &mut labels, |_| false).unwrap();
        let other = reader.code("D2", &mut labels, |_| false).unwrap();
        assert_eq!(labels.label(known).word, "delivered");
        assert_eq!(labels.label(other).word, "unknown");
    }
}
