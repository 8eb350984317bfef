//! `[[words.…]]` and `[[vocabulary.…]]`: labels and codes that a pipeline adds to what its packs know.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::own::Own;
use super::{Loader, PLAIN_TABLE};
use crate::base::{money, text};
use crate::pipeline::OwnWord;
use crate::pipeline::pack::{Family, Vocabulary};
use crate::pipeline::spanned::Spanned;
use crate::pipeline::words::{CLOSED_TABLES, Meaning, NO_COUNTERPART, OPEN_TABLES, WordTable, words_of};
use crate::pipeline::written::{WrittenOwnCodes, WrittenOwnWords, WrittenPipeline};
use crate::pipeline::{Account, Pack};
use crate::vocab::{TrackingCode, Word};

/// A word that says that nobody knows: it is a label of nothing.
const NOT_KNOWN: &[&str] = &["unknown"];

impl Loader {
    /// The labels that a pipeline adds; each must be a word of its table.
    pub(super) fn own_words(&mut self, written: &WrittenPipeline) -> Vec<Own> {
        let mut all = Vec::new();
        for (table, entries) in &written.words {
            let name = table.get_ref().as_str();
            if !CLOSED_TABLES.contains(&name) && !OPEN_TABLES.contains(&name) {
                self.no_such("no such word table", table, CLOSED_TABLES.iter().chain(OPEN_TABLES).copied());
                continue;
            }
            for entry in entries {
                if let Some(known) = words_of(name) {
                    self.check_word(&entry.word, known);
                    entry.replaces.iter().for_each(|replaced| self.check_word(replaced, known));
                } else if entry.word.get_ref().trim().is_empty()
                    || (name == "currency" && money::decimals(entry.word.get_ref()).is_none())
                {
                    let expected = if name == "currency" { "an ISO 4217 code such as CZK" } else { "a name" };
                    self.mistake("CFG058", "not a word", entry.word.span(), entry.word.get_ref(), expected, "");
                }
                let accounts = || written.account.iter().map(|account| account.name.get_ref().as_str());
                if let Some(account) =
                    entry.account.as_ref().filter(|own| !accounts().any(|name| name == *own.get_ref()))
                {
                    self.no_such("no such account", account, accounts());
                }
                all.extend(entry.labels.iter().map(|label| self.own_word(name, label, entry)));
            }
        }
        for (carrier, vocabularies) in &written.vocabulary {
            for (name, entries) in vocabularies {
                let table = format!("{}/{}", carrier.get_ref(), name.get_ref());
                for entry in entries {
                    self.check_word(&entry.word, TrackingCode::TEXTS);
                    all.extend(entry.codes.iter().map(|code| self.own_code(&table, code, entry)));
                }
            }
        }
        all
    }

    fn own_word(&self, table: &str, label: &Spanned<String>, entry: &WrittenOwnWords) -> Own {
        let text = |written: &Option<Spanned<String>>| written.as_ref().map(|text| text.get_ref().clone());
        let word = OwnWord {
            table: table.to_owned(),
            label: label.get_ref().clone(),
            word: entry.word.get_ref().clone(),
            when_present: text(&entry.when_present),
            replaces: text(&entry.replaces),
            account: text(&entry.account),
            place: self.place(label.span().start),
        };
        Own { word, span: label.span(), is_told: false, has_replaced: false }
    }

    fn own_code(&self, table: &str, code: &Spanned<String>, entry: &WrittenOwnCodes) -> Own {
        let word = OwnWord {
            table: table.to_owned(),
            label: code.get_ref().clone(),
            word: entry.word.get_ref().clone(),
            when_present: None,
            replaces: entry.replaces.as_ref().map(|text| text.get_ref().clone()),
            account: None,
            place: self.place(code.span().start),
        };
        Own { word, span: code.span(), is_told: false, has_replaced: false }
    }

    fn check_word(&mut self, word: &Spanned<String>, known: &[&str]) {
        if *word.get_ref() != NO_COUNTERPART && !known.contains(&word.get_ref().as_str()) {
            self.no_such("not a canonical word", word, known.iter().copied());
        }
    }

    fn no_such<'k>(&mut self, message: &str, found: &Spanned<String>, known: impl Iterator<Item = &'k str> + Clone) {
        let near = text::nearest(found.get_ref(), known.clone()).map(|near| format!("did you mean `{near}`?"));
        let expected = format!("one of {}", known.collect::<Vec<_>>().join(", "));
        self.mistake("CFG058", message, found.span(), found.get_ref(), &expected, &near.unwrap_or_default());
    }

    /// Lays the pipeline's labels over the tables of a source, and makes every canonical word a label of itself. `plain` are the labels of
    /// [`PLAIN_TABLE`] that are plain words of a language and nobody's own: they give way.
    pub(super) fn lay_over(
        &mut self,
        tables: &mut BTreeMap<String, Arc<WordTable>>,
        account: Option<&Account>,
        plain: &WordTable,
    ) {
        let mut all = std::mem::take(&mut self.own);
        let concerns = |own: &Own| {
            let only = own.word.account.as_deref();
            !own.word.table.contains('/') && only.is_none_or(|only| account.is_some_and(|account| account.name == only))
        };
        let is_plain = |own: &&Own| own.word.table == PLAIN_TABLE && own.word.replaces.is_none();
        for own in all.iter().filter(|own| concerns(own)).filter(is_plain).filter(|own| own.word.when_present.is_none())
        {
            let table = Arc::make_mut(tables.entry(own.word.table.clone()).or_default());
            plain.meanings(&own.word.label).iter().for_each(|known| table.remove(&own.word.label, &known.word));
        }
        // The first of the pipeline's meanings of a label comes first.
        for own in all.iter_mut().rev().filter(|own| concerns(own)) {
            let table = Arc::make_mut(tables.entry(own.word.table.clone()).or_default());
            if let Some(replaced) = &own.word.replaces
                && table.meanings(&own.word.label).iter().any(|meaning| meaning.word == *replaced)
            {
                own.has_replaced = true;
                table.remove(&own.word.label, replaced);
            }
            let meaning = own.meaning();
            let contradicts =
                |known: &&Meaning| known.word != meaning.word && known.when_present == meaning.when_present;
            match table.meanings(&own.word.label).iter().find(contradicts).map(|known| known.word.clone()) {
                Some(other) => self.contradicted(own, &other),
                None => table.add_first(&own.word.label, meaning),
            }
        }
        self.own = all;
        for name in CLOSED_TABLES {
            let words = words_of(name).unwrap_or_default().iter().filter(|word| !NOT_KNOWN.contains(word));
            let table = Arc::make_mut(tables.entry((*name).to_owned()).or_default());
            table.add_words(&words.copied().collect::<Vec<_>>());
        }
    }

    /// The packs, with the pipeline's codes in their vocabularies.
    pub(super) fn with_own_codes(&mut self, mut packs: Vec<Arc<Pack>>) -> Vec<Arc<Pack>> {
        let mut all = std::mem::take(&mut self.own);
        for own in &mut all {
            let Some((carrier, name)) = own.word.table.split_once('/') else { continue };
            let (full, found) = (format!("carriers/{carrier}"), own.word.table.clone());
            let vocabularies = packs.iter_mut().find(|pack| pack.name == full).map(Arc::make_mut);
            let known: Vec<String> = vocabularies
                .iter()
                .flat_map(|pack| pack.vocabularies.keys())
                .map(|known| format!("{carrier}/{known}"))
                .collect();
            match vocabularies.and_then(|pack| pack.vocabularies.get_mut(name)) {
                Some(vocabulary) => {
                    if let Some(other) = lay_code_over(vocabulary, own) {
                        self.contradicted(own, &other);
                    }
                }
                None => {
                    let help = "name the carrier's pack under `packs` or `carrier` of a source";
                    let expected = match known.is_empty() {
                        true => format!("a vocabulary of a pack that the pipeline uses; {full} is none"),
                        false => format!("one of {}", known.join(", ")),
                    };
                    self.mistake("CFG058", "no such vocabulary", own.span.clone(), &found, &expected, help);
                }
            }
        }
        for own in all.iter().filter(|own| own.word.replaces.is_some() && !own.has_replaced && !own.is_told) {
            let (label, replaced) = (&own.word.label, own.word.replaces.as_deref().unwrap_or_default());
            let message = format!("no pack reads `{label}` as `{replaced}`: there is nothing to replace");
            self.mistake("CFG059", &message, own.span.clone(), label, "a label of a pack", "take `replaces` out");
        }
        self.own = all;
        packs
    }

    /// A label that a pack reads otherwise: whoever means it says so.
    fn contradicted(&mut self, own: &mut Own, other: &str) {
        if own.is_told {
            return;
        }
        own.is_told = true;
        let message = format!("`{}` already means `{other}`", own.word.label);
        let help = format!("`replaces = \"{other}\"` beside it, if the pack is wrong here");
        self.mistake("CFG059", &message, own.span.clone(), &own.word.word, &format!("`{other}`"), &help);
    }
}

/// Adds a code, unless the vocabulary gives it another meaning: that one is returned.
fn lay_code_over(vocabulary: &mut Vocabulary, own: &mut Own) -> Option<String> {
    let word = own.word.word.clone();
    let replaces = own.word.replaces.clone();
    let mut is_other = |known: &str| {
        if replaces.as_deref() == Some(known) {
            own.has_replaced = true;
        }
        known != word && replaces.as_deref() != Some(known)
    };
    match Family::of(&own.word.label, &word) {
        Some(family) => {
            let same = |known: &Family| known.begin == family.begin && known.end == family.end;
            if let Some(known) = vocabulary.families.iter().find(|known| same(known))
                && is_other(&known.word)
            {
                return Some(known.word.clone());
            }
            vocabulary.families.retain(|known| !same(known));
            vocabulary.add_family(family);
        }
        None => {
            let folded = text::fold(&own.word.label);
            if let Some(known) = vocabulary.codes.get(&folded)
                && is_other(known)
            {
                return Some(known.clone());
            }
            vocabulary.codes.insert(folded, word);
        }
    }
    None
}
