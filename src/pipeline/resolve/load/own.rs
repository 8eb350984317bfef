//! A label or a code of the pipeline while packs are loaded.

use std::ops::Range;

use crate::pipeline::OwnWord;
use crate::pipeline::words::Meaning;

/// A label or a code of the pipeline, and what has become of it.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) word: OwnWord,
    /// Of the label.
    pub(super) span: Range<usize>,
    /// It contradicts a pack, and that was told.
    pub(super) is_told: bool,
    /// The word that it replaces was found.
    pub(super) has_replaced: bool,
}

impl Own {
    pub(super) fn meaning(&self) -> Meaning {
        Meaning { word: self.word.word.clone(), when_present: self.word.when_present.clone() }
    }
}
