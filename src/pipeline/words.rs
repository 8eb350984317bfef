//! Word tables: labels as exports write them → words of a closed list. Text of packs, compared after [`crate::base::text::fold`].

use std::collections::BTreeMap;

use crate::vocab::{
    Actor, BoxSize, CarrierOutcome, DocumentKind, DocumentLineKind, Flag, OrderStatus, Origin, Payment, PayoutKind,
    PendingReason, RemittanceKind, SupplierStatus, Word,
};

/// The word of a label that a pack knows and that has no counterpart among ours (rulebook §15.1).
pub const NO_COUNTERPART: &str = "no_counterpart";

/// One table: folded label → words in the order written.
#[derive(Debug, Clone, Default)]
pub struct WordTable {
    entries: BTreeMap<String, Vec<Meaning>>,
}

/// One meaning of a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The canonical word.
    pub word: String,
    /// Holds only when this field of the row is not empty.
    pub when_present: Option<String>,
}

impl WordTable {
    /// Adds a label at the end of its meanings; the same meaning twice is one.
    pub fn add(&mut self, label: &str, meaning: Meaning) {
        let meanings = self.entries.entry(crate::base::text::fold(label)).or_default();
        if !meanings.contains(&meaning) {
            meanings.push(meaning);
        }
    }

    /// Adds a label before its other meanings.
    pub fn add_first(&mut self, label: &str, meaning: Meaning) {
        let meanings = self.entries.entry(crate::base::text::fold(label)).or_default();
        meanings.retain(|known| *known != meaning);
        meanings.insert(0, meaning);
    }

    /// The meanings of a label.
    pub fn meanings(&self, label: &str) -> &[Meaning] {
        self.entries.get(&crate::base::text::fold(label)).map_or(&[], Vec::as_slice)
    }

    /// Takes a word from the meanings of a label.
    pub fn remove(&mut self, label: &str, word: &str) {
        if let Some(meanings) = self.entries.get_mut(&crate::base::text::fold(label)) {
            meanings.retain(|meaning| meaning.word != word);
        }
    }

    /// Makes each word a label of itself, also with blanks in place of `_`, unless it is a label already.
    pub fn add_words(&mut self, words: &[&str]) {
        for word in words {
            for label in [(*word).to_owned(), word.replace('_', " ")] {
                if self.meanings(&label).is_empty() {
                    self.add(&label, Meaning { word: (*word).to_owned(), when_present: None });
                }
            }
        }
    }

    /// The first meaning of a folded label whose condition holds. `present` says whether a field of the row has a value.
    pub fn look_up(&self, folded: &str, present: impl Fn(&str) -> bool) -> Option<&str> {
        self.entries
            .get(folded)?
            .iter()
            .find(|meaning| meaning.when_present.as_deref().is_none_or(&present))
            .map(|meaning| meaning.word.as_str())
    }

    /// Labels with more than one unconditional meaning: a mistake of the pack.
    pub fn ambiguous(&self) -> Vec<&str> {
        self.entries
            .iter()
            .filter(|(_, meanings)| meanings.iter().filter(|meaning| meaning.when_present.is_none()).count() > 1)
            .map(|(label, _)| label.as_str())
            .collect()
    }

    /// All folded labels, sorted: for messages that name the nearest one.
    pub fn labels(&self) -> Vec<&str> {
        self.entries.keys().map(String::as_str).collect()
    }

    /// The labels that another table does not have.
    pub fn without(&self, other: &WordTable) -> WordTable {
        let own = self.entries.iter().filter(|(label, _)| !other.entries.contains_key(*label));
        WordTable { entries: own.map(|(label, meanings)| (label.clone(), meanings.clone())).collect() }
    }

    /// Whether a label has this meaning.
    pub fn says(&self, word: &str) -> bool {
        self.entries.values().flatten().any(|meaning| meaning.word == word)
    }

    /// Whether the table knows no label.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes all meanings of another table, after its own.
    pub fn extend(&mut self, other: &WordTable) {
        for (label, meanings) in &other.entries {
            let own = self.entries.entry(label.clone()).or_default();
            for meaning in meanings {
                if !own.contains(meaning) {
                    own.push(meaning.clone());
                }
            }
        }
    }
}

/// The tables of closed lists.
pub const CLOSED_TABLES: &[&str] = &[
    "order_status",
    "payout_kind",
    "document_kind",
    "document_line_kind",
    "supplier_status",
    "remittance_kind",
    "parcel_outcome",
    "pending_reason",
    "origin",
    "actor",
    "payment",
    "box_size",
    "flag",
];
/// The tables of names, which are open.
pub const OPEN_TABLES: &[&str] = &["shipping_method", "carrier", "currency"];

/// The words of a table; `None`: it is open, as are those of names (`shipping_method`, `carrier`, `currency`).
pub fn words_of(table: &str) -> Option<&'static [&'static str]> {
    Some(match table {
        "order_status" => OrderStatus::TEXTS,
        "payout_kind" => PayoutKind::TEXTS,
        "document_kind" => DocumentKind::TEXTS,
        "document_line_kind" => DocumentLineKind::TEXTS,
        "supplier_status" => SupplierStatus::TEXTS,
        "remittance_kind" => RemittanceKind::TEXTS,
        "parcel_outcome" => CarrierOutcome::TEXTS,
        "pending_reason" => PendingReason::TEXTS,
        "origin" => Origin::TEXTS,
        "actor" => Actor::TEXTS,
        "payment" => Payment::TEXTS,
        "box_size" => BoxSize::TEXTS,
        "flag" => Flag::TEXTS,
        _ => return None,
    })
}
