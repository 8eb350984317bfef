//! Report texts in the languages of the product. Codes and column names of lists stay stable; what people read is said here.
//!
//! The declared rule for a text that a language lacks: the English one.

use std::collections::BTreeMap;

use polars::prelude::StringChunked;

use crate::report::ReportError;

const TABLE: &str = include_str!("texts.toml");

/// Languages that a report can be written in.
pub const LANGUAGES: [&str; 5] = ["en", "cs", "sk", "hu", "de"];

/// The texts of one language.
#[derive(Debug, Clone)]
pub struct Texts {
    lang: String,
    texts: BTreeMap<String, String>,
}

type Written = BTreeMap<String, BTreeMap<String, String>>;

fn written() -> Result<Written, ReportError> {
    toml::from_str(TABLE).map_err(|error| ReportError::Texts(error.to_string()))
}

impl Texts {
    /// The texts of a language.
    ///
    /// # Errors
    /// A language that the product does not have; an embedded table that cannot be read.
    pub fn load(lang: &str) -> Result<Texts, ReportError> {
        if !LANGUAGES.contains(&lang) {
            return Err(ReportError::Language { wanted: lang.to_owned(), known: LANGUAGES.join(", ") });
        }
        let texts = written()?
            .into_iter()
            .filter_map(|(id, mut forms)| {
                let text = forms.remove(lang).or_else(|| forms.remove("en"))?;
                Some((id, text))
            })
            .collect();
        Ok(Texts { lang: lang.to_owned(), texts })
    }

    /// The language.
    pub fn lang(&self) -> &str {
        &self.lang
    }

    /// A text. An id that the table does not hold shows itself (a test reads all ids that the code asks for).
    pub fn say<'text>(&'text self, id: &'text str) -> &'text str {
        self.texts.get(id).map_or(id, String::as_str)
    }

    /// A text with its `{names}` filled.
    pub fn fill(&self, id: &str, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.say(id).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// The text of a stable word of a list (`status`, `state`, `severity`, …); the word itself when the table lacks it.
    pub fn word<'text>(&'text self, list: &str, word: &'text str) -> &'text str {
        self.texts.get(&format!("word.{list}.{word}")).map_or(word, String::as_str)
    }

    /// What to do about a finding of this code, where the word of its remedy alone says too little: the text of the code and the word, or
    /// that of the code where the word is the rule's standard one.
    pub fn remedy(&self, code: &str, word: &str, standard: &str) -> Option<&str> {
        let of_code = || self.texts.get(&format!("remedy.{code}")).filter(|_| word == standard);
        self.texts.get(&format!("remedy.{code}.{word}")).or_else(of_code).map(String::as_str)
    }

    #[cfg(test)]
    pub(crate) fn codes_with_remedy(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().filter_map(|id| id.strip_prefix("remedy.")?.split('.').next())
    }

    /// A column of stable words, as people read them.
    pub fn words(&self, list: &str, words: &StringChunked) -> StringChunked {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        (0..words.len())
            .map(|row| words.get(row).map(|word| *known.entry(word).or_insert_with(|| self.word(list, word))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_text_has_english_and_czech_and_known_languages_only() {
        for (id, forms) in written().unwrap() {
            assert!(forms.contains_key("en") && forms.contains_key("cs"), "{id}");
            assert!(forms.keys().all(|lang| LANGUAGES.contains(&lang.as_str())), "{id}");
        }
    }

    #[test]
    fn every_id_that_the_code_asks_for_is_in_the_table() {
        let known = written().unwrap();
        let mut asked = Vec::new();
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        ["report", "cli/explain"].iter().for_each(|folder| collect_ids(&src.join(folder), &mut asked));
        assert!(asked.len() > 60, "{}", asked.len());
        let absent: Vec<_> = asked.iter().filter(|id| !known.contains_key(*id)).collect();
        assert!(absent.is_empty(), "{absent:?}");
    }

    fn collect_ids(folder: &Path, ids: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect_ids(&path, ids);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("texts.rs") {
                let code = std::fs::read_to_string(&path).unwrap();
                for call in ["say(\"", "fill(\""] {
                    let found = code.split(call).skip(1).filter_map(|rest| rest.split('"').next());
                    ids.extend(found.map(str::to_owned));
                }
            }
        }
    }

    #[test]
    fn a_missing_form_is_english_and_an_unknown_language_is_refused() {
        let texts = Texts::load("cs").unwrap();
        assert_eq!(texts.word("status", "delivered"), "doručeno");
        assert_eq!(texts.word("status", "no_such_word"), "no_such_word");
        assert!(Texts::load("fr").is_err());
    }
}
