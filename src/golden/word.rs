//! `[[golden.word]]`: a label as ingest reads it, the pack's words first, then the common ones.

use std::sync::Arc;

use crate::golden::Facts;
use crate::ingest::words::read_label;
use crate::pipeline::Pack;
use crate::pipeline::written::golden::GivenWord;

pub(super) fn facts(given: &GivenWord, pack: &Pack, common: Option<&Pack>) -> Facts {
    let mut tables = pack.words.clone();
    for (name, words) in common.into_iter().flat_map(|common| &common.words) {
        Arc::make_mut(tables.entry(name.clone()).or_default()).extend(words);
    }
    let word = read_label(&given.table, &tables, &given.label, &given.present);
    Facts::from([("word", word.unwrap_or_else(|| "refused".to_owned()))])
}
