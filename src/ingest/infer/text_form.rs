//! The form of a text: encoding and dialect, with the evidence.

use crate::base::code_page::CodePage;
use crate::ingest::infer::dialect::Dialect;
use crate::ingest::infer::encoding::Encoded;

/// How a text is written.
#[derive(Debug)]
pub(super) struct TextForm {
    /// As a pipeline declares it.
    pub(super) encoding: String,
    /// Percent.
    pub(super) confidence: u8,
    pub(super) because: String,
    /// Other encodings in which the bytes are the same text.
    pub(super) alike: Vec<String>,
    /// A byte-order mark wins over any declaration.
    mark: bool,
    ascii: bool,
    pub(super) dialect: Dialect,
}

impl TextForm {
    pub(super) fn new(encoded: &Encoded, dialect: Dialect) -> TextForm {
        TextForm {
            encoding: encoded.name.clone(),
            confidence: encoded.confidence,
            because: encoded.because.clone(),
            alike: encoded.alike.clone(),
            mark: encoded.mark,
            ascii: encoded.text.is_ascii(),
            dialect,
        }
    }

    /// Without a letter beyond ASCII: most encodings read it.
    pub(super) fn is_ascii(&self) -> bool {
        self.ascii && !self.encoding.starts_with("utf-16")
    }

    /// Whether a declared encoding reads the text. Between code pages a layout is better evidence than the frequency of letters.
    pub(super) fn is_read_by(&self, declared: &str) -> bool {
        let Some(declared) = CodePage::named(declared) else { return false };
        let (name, is_guess) = (declared.name(), self.confidence < 90);
        let is_page = CodePage::named(&self.encoding).is_some_and(CodePage::is_single_byte);
        self.mark
            || self.encoding == name
            || self.is_ascii()
            || self.alike.contains(&name)
            || (is_guess && is_page && declared.is_single_byte())
    }
}
